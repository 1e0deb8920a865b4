"""Batches: the official client's whole way, what a file may say, and what happens on the way."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, count, error, finish, settings_in

from yozora.server.accounts import keys
from yozora.server.bounds import Limits, Times
from yozora.server.http import batches
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.store import cleanup, tables
from yozora.server.store.database import now


@pytest.fixture
def official(client: TestClient) -> Iterator[openai.OpenAI]:
    key = str(client.headers["authorization"]).removeprefix("Bearer ")
    with openai.OpenAI(base_url="http://testserver/v1", api_key=key, http_client=TestClient(client.app)) as opened:
        yield opened


@pytest.fixture
def alone(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test itself carries batches on."""
    monkeypatch.setattr(batches, "going", lambda service: [])


def line(name: str, **body: Any) -> dict[str, Any]:
    return {"custom_id": name, "method": "POST", "url": "/v1/videos", "body": {"prompt": "a cat", **body}}


def upload(client: TestClient, *lines: Any) -> str:
    data = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines)
    answer = client.post("/v1/files", data={"purpose": "batch"}, files={"file": ("in.jsonl", data)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def create(client: TestClient, *lines: Any) -> dict[str, Any]:
    said = {"input_file_id": upload(client, *lines), "endpoint": "/v1/videos", "completion_window": "24h"}
    answer = client.post("/v1/batches", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def look(client: TestClient, batch: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"/v1/batches/{batch['id']}").json())


def advance(client: TestClient, service: Service, batch: dict[str, Any]) -> None:
    """One step of a batch, in the app's event loop."""
    assert client.portal
    client.portal.call(batches.advance, service, batch["id"])


def videos_of(service: Service, batch: dict[str, Any]) -> list[str]:
    with service.database.read() as connection:
        mine = sa.select(tables.videos.c.id).where(tables.videos.c.batch == batch["id"])
        return list(connection.execute(mine.order_by(tables.videos.c.number)).scalars())


def results(client: TestClient, file_id: str) -> dict[str, Any]:
    text = client.get(f"/v1/files/{file_id}/content").text
    return {one["custom_id"]: one for one in map(json.loads, text.splitlines())}


def lines_of(service: Service, batch: dict[str, Any]) -> list[dict[str, Any]]:
    with service.database.read() as connection:
        mine = sa.select(tables.batches.c.lines).where(tables.batches.c.id == batch["id"])
        return list(connection.execute(mine).scalar_one())


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_the_official_client_makes_a_batch(official: openai.OpenAI, service: Service) -> None:
    data = "\n".join(json.dumps(one) for one in (line("one"), line("two", seconds="8"), line("bad", size="1x1")))
    file = official.files.create(file=("in.jsonl", data.encode()), purpose="batch")
    batch = official.batches.create(
        input_file_id=file.id, endpoint="/v1/videos", completion_window="24h", metadata={"night": "1"}
    )
    assert (batch.status, batch.endpoint, batch.metadata) == ("in_progress", "/v1/videos", {"night": "1"})
    until = time.monotonic() + 30
    while len(videos_of(service, {"id": batch.id})) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    for video in videos_of(service, {"id": batch.id}):
        finish(service, video)
    while (batch := official.batches.retrieve(batch.id)).status == "in_progress" and time.monotonic() < until:
        time.sleep(0.05)
    counts = batch.request_counts
    assert counts
    assert (batch.status, counts.total, counts.completed, counts.failed) == ("completed", 3, 2, 1)
    assert batch.output_file_id
    assert batch.error_file_id
    said = [json.loads(one) for one in official.files.content(batch.output_file_id).text.splitlines()]
    assert [one["custom_id"] for one in said] == ["one", "two"]
    assert {one["response"]["status_code"] for one in said} == {200}
    assert said[1]["response"]["body"]["seconds"] == "8"
    assert official.videos.download_content(said[0]["response"]["body"]["id"]).read() == b"0123456789" * 100
    (wrong,) = [json.loads(one) for one in official.files.content(batch.error_file_id).text.splitlines()]
    assert (wrong["custom_id"], wrong["response"]["status_code"]) == ("bad", 400)
    assert wrong["response"]["body"]["error"]["param"] == "size"
    assert [one.id for one in official.batches.list()] == [batch.id]
    assert official.files.retrieve(batch.output_file_id).purpose == "batch_output"


def test_a_batch_is_cancelled(client: TestClient, service: Service, alone: None) -> None:
    batch = create(client, *(line(str(n)) for n in range(3)))
    advance(client, service, batch)
    finish(service, videos_of(service, batch)[0])
    assert client.post(f"/v1/batches/{batch['id']}/cancel").json()["status"] == "cancelling"
    advance(client, service, batch)
    done = look(client, batch)
    assert (done["status"], done["request_counts"]) == ("cancelled", {"total": 3, "completed": 1, "failed": 2})
    assert done["cancelled_at"]
    errors = results(client, done["error_file_id"])
    assert {one["error"]["code"] for one in errors.values()} == {"batch_cancelled"}
    assert client.post(f"/v1/batches/{batch['id']}/cancel").json() == done
    assert {one["status"] for one in client.get("/v1/videos").json()["data"]} == {"completed", "failed"}


def test_what_is_not_done_in_time_expires(client: TestClient, service: Service, alone: None) -> None:
    batch = create(client, line("a"))
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.batches).values(created_at=now() - 24 * 3600))
    advance(client, service, batch)
    done = look(client, batch)
    assert (done["status"], done["output_file_id"], count(service)) == ("expired", None, 0)
    assert results(client, done["error_file_id"])["a"]["error"]["code"] == "batch_expired"


def test_a_full_queue_is_waited_for(client: TestClient, service: Service, alone: None) -> None:
    """More lines than the key's queue holds (50): they are made as there is room, and no line is refused for it."""
    batch = create(client, *(line(str(n)) for n in range(60)))
    advance(client, service, batch)
    assert len(videos_of(service, batch)) == 50
    for video in videos_of(service, batch):
        finish(service, video)
    advance(client, service, batch)
    for video in videos_of(service, batch):
        finish(service, video)
    advance(client, service, batch)
    assert look(client, batch)["request_counts"] == {"total": 60, "completed": 60, "failed": 0}


def test_a_process_that_is_killed_makes_nothing_twice(client: TestClient, service: Service, alone: None) -> None:
    """Its note of what it made is lost; whoever goes on finds the videos again, and nobody does while it is claimed."""
    batch = create(client, line("a"), line("b"))
    advance(client, service, batch)
    blank = [{"custom_id": name, "video": None, "error": None} for name in ("a", "b")]
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.batches).values(lines=blank, claimed=now() + 30.0))
    advance(client, service, batch)
    assert lines_of(service, batch) == blank
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.batches).values(claimed=now() - 1.0))
    advance(client, service, batch)
    assert [one["video"] for one in lines_of(service, batch)] == videos_of(service, batch)
    assert count(service) == 2


def test_two_processes_do_not_get_in_each_other_s_way(client: TestClient, service: Service, alone: None) -> None:
    batch = create(client, *(line(str(n)) for n in range(10)))
    threads = [threading.Thread(target=advance, args=(client, service, batch)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(service) == 10


def test_ends_of_other_kinds(client: TestClient, service: Service, alone: None) -> None:
    """A video that has failed, one that was blocked, and one that its owner has deleted."""
    batch = create(client, line("failed"), line("blocked", prompt="a porn film"), line("deleted"))
    advance(client, service, batch)
    failed, _, deleted = videos_of(service, batch)
    client.post(f"/v1/videos/{failed}/cancel")
    client.delete(f"/v1/videos/{deleted}")
    advance(client, service, batch)
    done = look(client, batch)
    assert (done["status"], done["output_file_id"]) == ("completed", None)
    codes = {name: one["error"]["code"] for name, one in results(client, done["error_file_id"]).items()}
    assert codes == {"failed": "cancelled", "blocked": "moderation_blocked", "deleted": "video_deleted"}
    assert results(client, done["error_file_id"])["failed"]["response"]["body"]["status"] == "failed"


@pytest.mark.parametrize("ended", [{"revoked_at": 1}, {"expires_at": 1}])
def test_a_key_that_is_over_makes_no_more(
    client: TestClient, service: Service, alone: None, ended: dict[str, int]
) -> None:
    batch = create(client, line("a"))
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.keys).values(**ended))
    advance(client, service, batch)
    with service.database.read() as connection:
        assert connection.execute(sa.select(tables.batches.c.status)).scalar_one() == "cancelled"
    assert count(service) == 0


def test_an_input_that_cannot_be_read_fails_at_once(client: TestClient, service: Service) -> None:
    lines = [line("a"), b"{", line("a"), {**line("b"), "url": "/v1/x"}, {**line("c"), "method": "GET"}]
    lines += [{**line("d"), "body": 1}, {"method": "POST"}, b"[1]", b'{"custom_id": NaN}', line("e\0")]
    batch = create(client, *lines)
    assert (batch["status"], batch["failed_at"] is not None) == ("failed", True)
    found = {one["line"]: one["code"] for one in batch["errors"]["data"]}
    assert found == {
        2: "invalid_json_line",
        3: "duplicate_custom_id",
        4: "mismatched_endpoint",
        5: "invalid_method",
        6: "missing_required_parameter",
        7: "missing_required_parameter",
        8: "invalid_json_line",
        9: "invalid_json_line",
        10: "invalid_json_line",
    }
    assert create(client, b"")["errors"]["data"][0]["code"] == "empty_file"
    assert count(service) == 0


def test_batches_are_bounded(
    client: TestClient, service: Service, alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Limits(batches=1, batch_lines=2, text_bytes=2_000, files=100)
    monkeypatch.setattr(type(service), "settings", replace(service.settings, limits=small), raising=False)
    assert create(client, *(line(str(n)) for n in range(3)))["errors"]["data"][0]["code"] == "too_many_lines"
    create(client, line("a"))
    said = {"input_file_id": upload(client, line("a")), "endpoint": "/v1/videos"}
    error(client.post("/v1/batches", json=said), 400, code="too_many_batches")
    big = {"file": ("in.jsonl", b"x" * 3_000)}
    error(client.post("/v1/files", data={"purpose": "batch"}, files=big), 413, "file", "file_too_large")


def test_refusals(client: TestClient, service: Service, png: bytes) -> None:
    picture = client.post("/v1/files", data={"purpose": "vision"}, files={"file": ("a.png", png)}).json()["id"]
    said = {"input_file_id": upload(client, line("a")), "endpoint": "/v1/videos", "completion_window": "24h"}
    error(client.post("/v1/batches", json=said | {"input_file_id": picture}), 400, "input_file_id")
    error(client.post("/v1/batches", json=said | {"endpoint": "/v1/chat/completions"}), 400, "endpoint")
    error(client.post("/v1/batches", json=said | {"completion_window": "1h"}), 400, "completion_window")
    error(client.post("/v1/batches", json=said | {"metadata": {"a": 1}}), 400, "metadata")
    error(client_of(service, client, "other").post("/v1/batches", json=said), 404)
    error(client.get("/v1/batches/batch_none"), 404)


def test_what_a_batch_keeps_is_swept_up(client: TestClient, service: Service, alone: None) -> None:
    """The copy of its input is kept until it ends, whatever becomes of the file, and then no longer."""
    batch = create(client, line("a"))
    for file in client.get("/v1/files").json()["data"]:
        client.delete(f"/v1/files/{file['id']}")
    hour = cleanup.HOUR + 1
    cleanup.sweep(service.database, service.objects, now() + hour)
    assert list(service.objects.keys("batches")) == [batches.input_key(batch["id"])]
    advance(client, service, batch)
    for video in videos_of(service, batch):
        finish(service, video)
    advance(client, service, batch)
    assert look(client, batch)["status"] == "completed"
    assert list(service.objects.keys("batches")) == []
    service.objects.put_bytes("batches/batch_lost/input.jsonl", b"x")
    cleanup.sweep(service.database, service.objects, now() + 2 * hour)
    assert list(service.objects.keys("batches")) == []


def test_an_input_that_is_gone_ends_the_batch(client: TestClient, service: Service, alone: None) -> None:
    batch = create(client, line("a"))
    service.objects.delete(batches.input_key(batch["id"]))
    advance(client, service, batch)
    assert results(client, look(client, batch)["error_file_id"])["a"]["error"]["code"] == "input_gone"


def test_batches_and_jobs_on_both_databases(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on SQLite and PostgreSQL: claims, counts, the files at the end; and a list of jobs."""
    monkeypatch.setattr(batches, "going", lambda service: [])
    app = make_app(settings_in(tmp_path, database=database_url))
    with TestClient(app) as client:
        service: Service = app.state.service
        client.headers["authorization"] = f"Bearer {keys.create(service.database, 'me')[1]}"
        batch = create(client, line("a"), line("bad", size="1x1"))
        advance(client, service, batch)
        for video in videos_of(service, batch):
            finish(service, video)
        advance(client, service, batch)
        done = look(client, batch)
        assert (done["status"], done["request_counts"]) == ("completed", {"total": 2, "completed": 1, "failed": 1})
        assert results(client, done["output_file_id"]).keys() == {"a"}
        jobs = [
            client.post("/v1/video/generations/jobs", json={"prompt": "x", "n_variants": 2}).json() for _ in range(2)
        ]
        listed = client.get("/v1/video/generations/jobs?limit=1").json()
        assert (listed["data"], listed["has_more"]) == ([jobs[1]], True)


def test_times_are_settings() -> None:
    assert Times().scaled(0.01).batch_most == 864
