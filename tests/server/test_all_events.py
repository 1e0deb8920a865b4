"""One stream of all that happens to a key's videos; it goes on where another one has stopped."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, make
from tests.server.conftest import until
from tests.server.test_library import changed, folder

from yozora.server.http import all_events as changes
from yozora.server.http.all_events import VideoChange, Watch
from yozora.server.http.routes import all_events
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import clock


@pytest.fixture
def look(client: TestClient, service: Service) -> Callable[[], list[tuple[str, str]]]:
    """What a stream of the key tells next."""
    make(client)
    with service.database.read() as connection:
        owner = connection.execute(sa.select(tables.videos.c.owner)).scalar_one()
        watch = Watch(owner=owner)
        assert watch.start(connection, None)

    def told() -> list[tuple[str, str]]:
        with service.database.read() as connection:
            return kinds(watch.look(connection))

    return told


def kinds(found: list[VideoChange] | None) -> list[tuple[str, str]]:
    assert found is not None
    return [(change.kind, change.video_id) for change in found]


def preview(service: Service, video: str, step: int) -> None:
    with service.database.begin() as connection:
        connection.execute(sa.delete(tables.previews).where(tables.previews.c.video == video))
        connection.execute(tables.previews.insert().values(video=video, step=step, picture=b"webp"))


def write(service: Service, video: str, **values: Any) -> None:
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video).values(**values))


def test_everything_that_happens_is_told_once(
    client: TestClient, service: Service, look: Callable[[], list[tuple[str, str]]]
) -> None:
    assert look() == []  # what was there before is in the lists
    video = make(client)["id"]
    assert look() == [("created", video)]
    write(service, video, status="in_progress", progress=10)
    assert look() == [("progress", video)]
    preview(service, video, 1)  # a row of another table
    assert look() == [("progress", video)]
    assert look() == []
    finish(service, video)
    assert look() == [("completed", video)]
    changed(client, video, title="A title")
    assert look() == [("renamed", video)]
    cars = folder(client)
    assert look() == [("folders", "")]
    changed(client, video, folder_id=cars)
    assert look() == [("moved", video)]
    changed(client, video, title="B", trashed=True)
    assert look() == [("renamed", video), ("moved", video)]
    other = make(client)["id"]
    client.post(f"/v1/videos/{other}/cancel")
    assert look() == [("created", other), ("failed", other)]
    client.delete(f"/v1/videos/{video}")
    assert look() == [("deleted", video)]
    assert look() == []


def test_every_change_of_a_folder_is_told(client: TestClient, look: Callable[[], list[tuple[str, str]]]) -> None:
    cars = folder(client)
    assert look() == [("folders", "")]
    assert look() == []
    client.post(f"/v1/folders/{cars}", json={"name": "Boats"})
    assert look() == [("folders", "")]
    client.delete(f"/v1/folders/{cars}")
    assert look() == [("folders", "")]
    assert look() == []


def test_a_film_that_was_over_before_is_not_completed_again(client: TestClient, service: Service) -> None:
    video = make(client)["id"]
    finish(service, video)
    old = {"created_at": 1, "completed_at": 1, "number": 1}
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.videos).values(changed_at=1.0, **old))
        watch = Watch(owner=connection.execute(sa.select(tables.videos.c.owner)).scalar_one())
        assert watch.start(connection, None)
    changed(client, video, folder_id=folder(client))
    with service.database.read() as connection:
        assert kinds(watch.look(connection)) == [("renamed", video), ("moved", video), ("folders", "")]


def test_nothing_of_another_key_is_told(
    client: TestClient, service: Service, look: Callable[[], list[tuple[str, str]]]
) -> None:
    other = client_of(service, client, "other")
    video = make(other)["id"]
    other.delete(f"/v1/videos/{make(other)['id']}")
    assert look() == []
    error(client.get(f"/v1/videos/{video}/preview"), 404)
    assert other.get(f"/v1/videos/{video}/preview").status_code == 204  # before the first picture


def test_a_stream_goes_on_where_another_has_stopped(client: TestClient, service: Service) -> None:
    before, gone = make(client)["id"], make(client)["id"]
    with service.database.begin() as connection:  # longer ago than what is looked at again
        connection.execute(sa.update(tables.videos).values(changed_at=1.0, created_at=1, number=1))
        owner = connection.execute(sa.select(tables.videos.c.owner).limit(1)).scalar_one()
        stopped = clock(connection)
    changed(client, before, title="meanwhile")
    client.delete(f"/v1/videos/{gone}")
    made = make(client)["id"]
    with service.database.begin() as connection:  # the machine's clock may be set back meanwhile
        for video, moment in ((before, stopped), (made, stopped + 1e-3)):
            connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video).values(changed_at=moment))
    watch = Watch(owner=owner)
    with service.database.read() as connection:
        assert watch.start(connection, stopped)
        told = kinds(watch.look(connection))
        assert watch.look(connection) == []
    assert told == [("progress", before), ("created", made), ("deleted", gone), ("folders", "")]
    with service.database.read() as connection:
        for bad in (0.0, stopped - changes.KNOWN_SECONDS - 1, stopped + 3600):
            assert not Watch(owner=owner).start(connection, bad)


def test_what_is_too_much_is_read_again(
    client: TestClient, service: Service, look: Callable[[], list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_NEWS", 1)
    make(client)
    with pytest.raises(AssertionError):
        look()


def test_what_a_stream_remembers_is_bounded(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_KNOWN", 3)
    waits = [make(client)["id"] for _ in range(2)]
    watch = Watch(owner="x", known={f"old_{k}": changes.GONE for k in range(5)})
    watch.known.update(dict.fromkeys(waits, ("queued", 0, None, (None, None), 0)))
    with service.database.read() as connection:
        watch.look(connection)
    assert list(watch.known) == ["old_4", *waits]


# --- the stream itself


@contextmanager
def followed(client: TestClient, **headers: str) -> Iterator[list[dict[str, Any]]]:
    """Events as they arrive at a client that runs beside the test."""
    arrived: list[dict[str, Any]] = []
    service = client.app.state.service  # type: ignore[attr-defined]

    def read() -> None:
        with client.stream("GET", "/v1/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            arrived.extend(parsed("".join(answer.iter_text())))

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield arrived
    finally:
        service.stopping.set()
        thread.join()


def parsed(text: str) -> Iterator[dict[str, Any]]:
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            yield {**fields, "data": json.loads(fields["data"])}


def test_the_stream(client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_events, "LOOK_SECONDS", 0.02)
    known = {"n": 0}
    real = all_events._look

    def counted(*given: Any) -> Any:
        known["n"] += 1
        return real(*given)

    monkeypatch.setattr(all_events, "_look", counted)

    def looked() -> None:
        before = known["n"]
        until(lambda: known["n"] > before + 1, "the stream to look")

    with followed(client) as arrived:
        looked()
        video = make(client, prompt='<script>"x"</script>')["id"]
        looked()
        write(service, video, status="in_progress", progress=40)
        preview(service, video, 3)
        looked()
        assert client.get(f"/v1/videos/{video}/preview").content == b"webp"
        client.delete(f"/v1/videos/{video}")
        looked()
    told = [one["event"] for one in arrived]
    assert list(dict.fromkeys(told)) == ["ready", "created", "progress", "deleted"]
    progress = arrived[told.index("deleted") - 1]["data"]
    assert (progress["progress"], progress["title"], progress["mode"]) == (40, None, "generate")
    assert progress["preview_url"] == f"/v1/videos/{video}/preview?step=3"
    assert abs(float(arrived[-1]["id"]) - time.time()) < 60


def test_an_id_that_is_none_of_ours_begins_again(client: TestClient, service: Service) -> None:
    service.stopping.set()
    for last, event in (("x", "reset"), ("nan", "reset"), ("-1", "reset"), ("1e999", "reset"), ("", "ready")):
        text = client.get("/v1/events", headers={"last-event-id": last}).text
        assert [one["event"] for one in parsed(text)] == [event], last


def test_streams_are_bounded_and_end_with_the_key(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/v1/videos")
    monkeypatch.setattr(all_events, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr(all_events, "LOOK_SECONDS", 0.02)
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.keys).values(revoked_at=1))
    text = client.get("/v1/events").text  # the key is remembered for a moment, and then it is noticed
    assert [one["event"] for one in parsed(text)] in (["ready"], [])
    error(TestClient(client.app).get("/v1/events"), 401)
