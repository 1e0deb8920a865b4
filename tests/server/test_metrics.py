import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from yozora.server import metrics
from yozora.server.metrics import WorkerCounts, render, requested
from yozora.server.store import tables
from yozora.server.store.database import Database, now, open_database
from yozora.server.store.upgrades import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """On SQLite, and on PostgreSQL."""
    migrate(database_url)
    opened = open_database(database_url)
    yield opened
    opened.close()


def figures(database: Database) -> dict[str, float]:
    """As Prometheus reads them: `name{label=value,...}` -> value."""
    families = text_string_to_metric_families(render(database, 15.0).decode())
    samples = (sample for family in families for sample in family.samples)
    return {
        one.name
        + (f"{{{','.join(f'{k}={v}' for k, v in sorted(one.labels.items()))}}}" if one.labels else ""): one.value
        for one in samples
    }


def worker(database: Database, name: str, seen: float, tally: WorkerCounts | None) -> None:
    row = {"id": name, "host": "h", "pid": 1, "started_at": 1, "seen": seen}
    told = json.loads(json.dumps(tally.to_json())) if tally else None
    with database.begin() as connection:
        connection.execute(tables.workers.insert().values(row | {"metrics": told}))


def test_an_empty_installation(database: Database) -> None:
    found = figures(database)
    assert found["yozora_videos{status=completed}"] == found["yozora_queue_length"] == found["yozora_workers"] == 0
    assert found["yozora_queue_oldest_seconds"] == found["yozora_stored_bytes"] == 0
    assert found["process_resident_memory_bytes"] > 1_000_000


def test_requests_are_counted_by_route_and_status(database: Database) -> None:
    metrics._meters.cache_clear()
    for status, seconds in ((200, 0.004), (200, 0.3), (404, 0.02)):
        requested("/v1/videos/{video_id}", "GET", status, seconds)
    found = figures(database)
    route = "method=GET,route=/v1/videos/{video_id}"
    assert found[f"yozora_requests_total{{{route},status=200}}"] == 2
    assert found[f"yozora_requests_total{{{route},status=404}}"] == 1
    assert found[f"yozora_request_seconds_count{{{route}}}"] == 3
    assert found[f"yozora_request_seconds_bucket{{le=0.025,{route}}}"] == 2
    assert not [name for name in found if "_created" in name]


def test_videos_are_counted_by_status(database: Database) -> None:
    row = {"owner": "key_1", "number": 1, "model": "m", "size": "1x1", "seconds": "1", "job": {}, "fingerprint": "f"}
    with database.begin() as connection:
        for index, status in enumerate(("queued", "queued", "completed")):
            values = {"id": str(index), "status": status, "created_at": now() - 100 + index, "bytes": 50 * (index // 2)}
            connection.execute(tables.videos.insert().values(row | values))
    found = figures(database)
    assert found["yozora_videos{status=queued}"] == found["yozora_queue_length"] == 2
    assert found["yozora_videos{status=failed}"] == 0
    assert 100 <= found["yozora_queue_oldest_seconds"] <= 105
    assert found["yozora_stored_bytes"] == 50


def test_what_the_workers_have_counted(database: Database) -> None:
    tally = WorkerCounts()
    tally.ended("completed", {"denoise": 0.2, "decode": 7.0})
    tally.ended("completed", {"denoise": 0.1})
    tally.ended("storage_full", {"denoise": 100_000.0})
    worker(database, "worker_a", time.time(), tally)
    worker(database, "worker_b", time.time() - 60, None)
    found = figures(database)
    assert found["yozora_workers"] == 1
    assert found["yozora_jobs_total{ended=completed,worker=worker_a}"] == 2
    assert found["yozora_jobs_total{ended=storage_full,worker=worker_a}"] == 1
    denoise = "stage=denoise,worker=worker_a"
    assert found[f"yozora_stage_seconds_bucket{{le=0.1,{denoise}}}"] == 1
    assert found[f"yozora_stage_seconds_bucket{{le=0.25,{denoise}}}"] == 2
    assert found[f"yozora_stage_seconds_bucket{{le=3600.0,{denoise}}}"] == 2
    assert found[f"yozora_stage_seconds_bucket{{le=+Inf,{denoise}}}"] == 3
    assert found[f"yozora_stage_seconds_count{{{denoise}}}"] == 3
    assert found[f"yozora_stage_seconds_sum{{{denoise}}}"] == pytest.approx(100_000.3)


def test_a_tally_of_an_unknown_make_does_no_harm(database: Database) -> None:
    """A worker of another release, while an installation is being upgraded."""
    with database.begin() as connection:
        row = {"id": "worker_a", "host": "h", "pid": 1, "started_at": 1, "seen": time.time()}
        connection.execute(tables.workers.insert().values(row | {"metrics": {"stages": {"denoise": [5.0, 1, 1]}}}))
    assert figures(database)["yozora_workers"] == 1


def test_importing_it_is_cheap() -> None:
    code = "import sys, yozora.server.metrics, yozora.server.logs\nprint('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    assert metrics.CONTENT_TYPE.startswith("text/plain")
