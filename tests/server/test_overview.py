"""The state of an installation at one glance."""

from pathlib import Path

import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, made, make

from yozora.server.accounts import keys
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import clock, now
from yozora.server.work import overview


def boss_of(client: TestClient, service: Service) -> TestClient:
    _, secret = keys.create(service.database, "boss", keys.Grant(scopes=("admin",)))
    return TestClient(client.app, headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


def test_only_an_administrator_sees_it(client: TestClient) -> None:
    error(client.get("/v1/admin/overview"), 403, None, "insufficient_scope")


def test_an_empty_server(client: TestClient, service: Service) -> None:
    said = boss_of(client, service).get("/v1/admin/overview").json()
    assert said["queue"] == dict.fromkeys(("queued", "in_progress", "completed", "failed", "oldest_seconds"), 0) | {
        "waiting": []
    }
    assert (said["stages"], said["workers"]["total"], said["reports"]["open"]) == ([], 0, 0)
    assert said["deliveries"] == {"pending": 0, "delivered": 0, "failed": 0, "oldest_seconds": 0}
    assert said["disk"]["free_bytes"] > 0
    assert said["disk"]["database_bytes"] > 0
    assert said["problems"] == []


def test_queue_stages_and_disk(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "other")
    done = [made(client, service) for _ in range(3)]
    with service.database.begin() as connection:
        for k, video in enumerate(done):
            timings = {"queue": 0.5, "denoise": float(k + 1)}
            mine = tables.videos.c.id == video
            connection.execute(sa.update(tables.videos).where(mine).values(timings=timings))
        worker = {"id": "w", "host": "h", "pid": 1, "started_at": now(), "seen": clock(connection)}
        connection.execute(sa.insert(tables.workers).values(**worker))
    waiting = [make(client)["id"], make(client)["id"], make(other)["id"]]
    client.post(f"/v1/videos/{make(client)['id']}/cancel")
    overview._sum_sizes.cache_clear()
    said = boss_of(client, service).get("/v1/admin/overview").json()
    assert [said["queue"][name] for name in ("queued", "completed", "failed")] == [3, 3, 1]
    listed = said["queue"]["waiting"]
    assert [one["position"] for one in listed] == [1, 2, 3]
    assert {one["id"] for one in listed} == set(waiting)
    with service.database.read() as connection:
        videos = tables.videos.c
        order = sa.select(videos.id).where(videos.status == "queued").order_by(videos.priority, videos.number)
        assert [one["id"] for one in listed] == list(connection.execute(order).scalars())
    assert [one["name"] for one in said["stages"]] == ["queue", "denoise"]
    assert said["stages"][1] == {
        "name": "denoise",
        "count": 3,
        "mean_seconds": 2.0,
        "median_seconds": 2.0,
        "p95_seconds": 3.0,
    }
    assert said["workers"] == {"total": 1, "alive": 1, "busy": 0, "draining": 0}
    assert said["disk"]["videos_bytes"] == 3_000


def test_a_bucket_has_no_disk(tmp_path: Path) -> None:
    empty = {"total_bytes": None, "used_bytes": None, "free_bytes": None}
    assert overview.disk(None) == empty
    assert overview.disk(tmp_path / "gone") == empty
