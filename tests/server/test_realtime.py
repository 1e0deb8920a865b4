"""Live sessions with a real server and a real worker: the first chunk comes before the film is done, and a new prompt
in the middle is heard.
"""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import av
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.server.conftest import Installation, Served, until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from yozora.server.accounts import keys
from yozora.server.http import live_messages, live_session
from yozora.server.http.live_messages import interaction, message, requested
from yozora.server.http.service import Service
from yozora.server.store import live, tables
from yozora.server.store.database import now
from yozora.server.work.attempts import Attempt, Lost
from yozora.server.work.retry_policy import RetryPolicy

SMALL: Mapping[str, Any] = {"model": "mini", "width": 96, "height": 64, "fps": 16, "num_inference_steps": 2, "seed": 3}
START = {"type": "session.start", "format": "m4s", "prompt": "a red car", "num_frames": 65, **SMALL}
TIMEOUT = 120.0


def address(url: str) -> str:
    return url.replace("http://", "ws://") + "/realtime/video"


@contextmanager
def session(server: Served, **more: Any) -> Iterator[ClientConnection]:
    headers = {"authorization": f"Bearer {server.key}"}
    with connect(address(server.url), additional_headers=headers, max_size=None, **more) as socket:
        yield socket


def said(socket: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(socket.recv(TIMEOUT)))


def send(socket: ClientConnection, **what: Any) -> None:
    socket.send(json.dumps(what))


def turn(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {"type": "session.interaction", "interaction": {"event_id": name, "event": {"prompt": prompt}, **more}}


class Watched:
    """What came until the session ended."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.chunks: list[tuple[dict[str, Any], bytes]] = []

    def hear(self, socket: ClientConnection) -> dict[str, Any]:
        """The next message, with a chunk's bytes."""
        event = said(socket)
        self.events.append(event)
        if event["type"] == "video.chunk_metadata":
            data = socket.recv(TIMEOUT)
            assert isinstance(data, bytes)
            assert len(data) == event["byte_length"]
            self.chunks.append((event, data))
        return event

    def to_the_end(self, socket: ClientConnection) -> dict[str, Any]:
        while (event := self.hear(socket))["type"] not in ("session.done", "error"):
            pass
        return event


def test_a_film_is_watched_while_it_is_made_and_hears_a_new_prompt(server: Served) -> None:
    """Deliverable 12."""
    watched = Watched()
    with session(server) as socket:
        send(socket, **START)
        begun = watched.hear(socket)
        assert begun["type"] == "video.start"
        video = begun["request_id"]
        config = {"width": 96, "height": 64, "fps": 16.0, "num_frames": 65, "num_inference_steps": 2, "seed": 3}
        assert begun["config"].items() >= config.items()
        send(socket, type="session.ping")
        first = watched.hear(socket)
        while first["type"] != "video.chunk_metadata":
            assert first["type"] == "session.pong"
            first = watched.hear(socket)
        assert server.installation.row(video).status == "in_progress"
        assert (first["transport_chunk_index"], first["generation_chunk_index"], first["kind"]) == (0, 0, "media")
        send(socket, **turn("dog", "a dog", transition_chunks=2))
        assert watched.to_the_end(socket) == {
            "type": "session.done",
            "request_id": video,
            "chunks": len(watched.chunks),
            "stopped": False,
        }
    assert {"type": "session.interaction.queued", "request_id": video, "event_id": "dog"} in watched.events
    facts = [event for event, _ in watched.chunks]
    assert sum(event["num_frames"] for event in facts) == 65
    started = [event["generation_chunk_index"] for event in facts if event["started_event_ids"] == ["dog"]]
    reached = [event["generation_chunk_index"] for event in facts if event["completed_event_ids"] == ["dog"]]
    assert len(started) == len(reached) == 1
    assert 0 < started[0] == reached[0] - 1
    assert all(event["realtime_factor"] > 0 for event in facts)
    with av.open(BytesIO(b"".join(data for _, data in watched.chunks))) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 65
    assert (frames[0].width, frames[0].height) == (96, 64)
    row = server.installation.row(video)
    assert (row.status, row.live, row.seconds) == ("completed", True, "4")
    with av.open(str(server.installation.folder / "objects" / row.file)) as film:
        assert len(list(film.decode(video=0))) == 65


def test_a_film_that_nobody_watches_any_more_is_cancelled(embedded: Installation) -> None:
    embedded.server(slow=0.5)
    server = embedded.running[0]
    owner, secret = keys.create(embedded.database, "tests")
    served = Served(url=embedded.url(server), key=secret, owner=owner, installation=embedded, process=server)
    for leave in ("stop", "close"):
        with session(served) as socket:
            send(socket, **START)
            video = said(socket)["request_id"]
            until(lambda video=video: embedded.row(video).status == "in_progress", "a worker")
            if leave == "stop":
                send(socket, type="session.stop")
                watched = Watched()
                assert watched.to_the_end(socket)["stopped"] is True
                with pytest.raises(ConnectionClosed):
                    socket.recv(TIMEOUT)
        assert embedded.ended(video).error_code == "cancelled"


def test_a_worker_that_dies_ends_what_was_watched(embedded: Installation) -> None:
    """What was seen cannot be made anew: the session is told, and the film is not begun again."""
    embedded.server(slow=0.3)
    served = _served(embedded)
    with session(served) as socket:
        send(socket, **START)
        watched = Watched()
        while not watched.chunks:
            watched.hear(socket)
        (pid,) = embedded.workers().values()
        os.kill(pid, signal.SIGKILL)
        assert watched.to_the_end(socket)["code"] == "worker_crashed"
    assert embedded.ended(watched.events[0]["request_id"]).error_code == "worker_crashed"


def _served(installation: Installation) -> Served:
    process = installation.running[0]
    owner, secret = keys.create(installation.database, "tests")
    return Served(url=installation.url(process), key=secret, owner=owner, installation=installation, process=process)


def test_who_has_no_key_is_not_let_in(server: Served) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(address(server.url), additional_headers={"authorization": "Bearer yz-wrong"}).close()
    assert caught.value.response.status_code == 401
    assert b"invalid_api_key" in caught.value.response.body
    protocols = ["realtime", f"openai-insecure-api-key.{server.key}"]
    with connect(address(server.url), subprotocols=protocols) as socket:  # type: ignore[arg-type]
        assert socket.subprotocol == "realtime"
        send(socket, type="session.begin")
        assert said(socket)["message"] == "Expected session.start, got: session.begin"
        with pytest.raises(ConnectionClosed):
            socket.recv(TIMEOUT)


# --- without a worker


def opened(client: TestClient) -> Any:
    return client.websocket_connect("/v1/realtime/video")


def begin(socket: Any, **more: Any) -> str:
    socket.send_json({**START, **more})
    event = socket.receive_json()
    assert event["type"] == "video.start", event
    return str(event["request_id"])


def part_of(service: Service, video: str, number: int, data: bytes = b"moof") -> None:
    with service.database.begin() as connection:
        facts = live.Facts(window=number, frames=16, seconds=2.0)
        live.add_part(connection, video, live.Fragment(number=number, facts=facts, data=data))
        mine = tables.videos.c.id == video
        connection.execute(sa.update(tables.videos).where(mine).values(status="in_progress", worker="worker_1"))


def ended(service: Service, video: str, **values: Any) -> None:
    with service.database.begin() as connection:
        mine = tables.videos.c.id == video
        connection.execute(sa.update(tables.videos).where(mine).values(completed_at=now(), **values))


def test_a_model_that_is_too_slow_says_so_and_streams_all_the_same(client: TestClient, service: Service) -> None:
    with opened(client) as socket:
        video = begin(socket)
        part_of(service, video, 0)
        event = socket.receive_json()
        assert event["realtime_factor"] == 0.5
        assert socket.receive_bytes() == b"moof"
        with service.database.read() as connection:
            until(lambda: _relayed(service, video), "the fragment to be removed", 10)
            assert live.part(connection, video, 1) is None
        ended(service, video, status="completed")
        assert socket.receive_json() == {
            "type": "session.done",
            "request_id": video,
            "chunks": 1,
            "stopped": False,
        }


def _relayed(service: Service, video: str) -> bool:
    with service.database.read() as connection:
        part = live.part(connection, video, 0)
    return part is not None and part.data == b""


def test_what_cannot_be_is_answered_and_ends_nothing(client: TestClient, service: Service) -> None:
    with opened(client) as socket:
        video = begin(socket)
        wrong = [
            ("{", None, "invalid_message"),
            ({"type": "session.dance"}, None, "invalid_message"),
            ({"type": "session.interaction"}, None, "invalid_message"),
            (turn("a", ""), "a", "invalid_message"),
            (turn("a", "x", transition_chunks=-1), "a", "invalid_message"),
            (turn("a", "x", transition_chunks=0.5), "a", "invalid_message"),
        ]
        for what, event_id, code in wrong:
            socket.send_text(what) if isinstance(what, str) else socket.send_json(what)
            event = socket.receive_json()
            assert (event["type"], event.get("event_id"), event["code"]) == ("error", event_id, code)
        camera = {"multi_modal_data": {"camera": {"mode": "velocity", "data": {}}}}
        queued = {"type": "session.interaction.queued", "request_id": video, "event_id": "cam"}
        for event in (camera, {"prompt": "x", **camera}, {"prompt": "x", "negative_prompt": "y"}):
            socket.send_json({"type": "session.interaction", "interaction": {"event_id": "cam", "event": event}})
            assert socket.receive_json() == queued
            assert socket.receive_json()["code"] == "interaction_failed"
        for _ in range(2):  # a repeat is one
            socket.send_json(turn("cam", "a dog"))  # the id may be used again
            assert socket.receive_json() == queued
        socket.send_json(turn("cam", "a cat"))
        conflict = socket.receive_json()
        assert (conflict["code"], conflict["event_id"]) == ("event_id_conflict", "cam")
        with service.database.read() as connection:
            assert [prompt.prompt for prompt in live.prompts(connection, video, -1)] == ["a dog"]
        socket.send_json({"type": "session.ping"})
        assert socket.receive_json() == {"type": "session.pong"}
        socket.send_json({"type": "session.stop"})
        assert socket.receive_json()["stopped"] is True
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


@pytest.mark.parametrize(
    ("start", "code", "param"),
    [
        ({"format": "webm"}, "invalid_message", None),
        ({"num_frames": "many"}, "invalid_message", None),
        ({"model": "no-such-model"}, "model_not_found", "model"),
        ({"width": 10}, "invalid_value", "width"),
        ({"promt": "x"}, "unknown_parameter", "promt"),
    ],
)
def test_a_film_that_cannot_be_is_refused(client: TestClient, start: dict[str, Any], code: str, param: str) -> None:
    with opened(client) as socket:
        socket.send_json({**START, **start})
        event = socket.receive_json()
        assert (event["type"], event["code"], event.get("param")) == ("error", code, param)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_a_film_that_fails_and_one_that_stands_still_end_the_session(client: TestClient, service: Service) -> None:
    with opened(client) as socket:
        video = begin(socket)
        ended(service, video, status="failed", error_code="internal_error", error_message="No.")
        event = socket.receive_json()
        assert (event["code"], event["message"], event["request_id"]) == ("internal_error", "No.", video)
    object.__setattr__(service.settings.times, "live_stall", 0.3)
    object.__setattr__(service.settings.times, "live_start", 0.3)
    try:
        with opened(client) as socket:
            video = begin(socket)
            assert socket.receive_json()["code"] == "stall_timeout"
        until(lambda: _status(service, video) == "failed", "the film to be cancelled", 10)
        with opened(client) as socket:
            assert socket.receive_json()["message"] == "Timeout waiting for session.start"
    finally:
        object.__setattr__(service.settings.times, "live_stall", 60.0)
        object.__setattr__(service.settings.times, "live_start", 10.0)


def _status(service: Service, video: str) -> str:
    with service.database.read() as connection:
        found = connection.execute(sa.select(tables.videos.c.status).where(tables.videos.c.id == video))
        return str(found.scalar_one())


def test_a_revoked_key_ends_its_session(client: TestClient, service: Service) -> None:
    owner, secret = keys.create(service.database, "short")
    headers = {"authorization": f"Bearer {secret}"}
    with client.websocket_connect("/v1/realtime/video", headers=headers) as socket:
        begin(socket)
        keys.revoke(service.database, owner)
        deadline = time.monotonic() + 30
        event = socket.receive_json()
        assert time.monotonic() < deadline
        assert event["code"] == "invalid_api_key"


def test_a_start_says_how_many_frames_there_are() -> None:
    asked = {"type": "session.start", "prompt": "x", "num_frames": 33, "sampling_params": {"seed": 4, "fps": 8}}
    assert requested(asked, 16.0) == {"prompt": "x", "seed": 4, "fps": 8, "seconds": 4.0}
    assert requested({"type": "session.start", "num_frames": 33}, 16.0) == {"fps": 16.0, "seconds": 2.0}


def test_an_event_without_an_id_gets_one() -> None:
    found = interaction({"interaction": {"event": {"prompt": "x"}, "transition_chunks": 3}})
    assert len(found.event) == 32
    assert found.windows == 3
    with pytest.raises(live_messages.Refused):
        message("[" * 100_000, 1 << 20)


def test_fragments_and_prompts_pass_through_the_database(installation: Installation) -> None:
    """On SQLite and PostgreSQL: written once, in turn, by the worker that has the film, and gone an hour after it."""
    video, database = installation.ask(), installation.database
    with database.begin() as connection:
        connection.execute(sa.update(tables.videos).values(live=True))
        for number, words in enumerate(("a dog", "a cat")):
            said = live.PromptChange(number=number, event=str(number), prompt=words, windows=number)
            live.add_prompt(connection, video, said)
    retry = RetryPolicy(times=installation.settings.times)
    attempt = Attempt.take_up(database, installation.queue, "worker_1", None, retry)
    assert attempt is not None
    assert not attempt.is_broken()
    assert [prompt.prompt for prompt in attempt.prompts()] == ["a dog", "a cat"]
    assert attempt.prompts() == []
    part = live.Fragment(number=0, facts=live.Facts(window=0, frames=1, seconds=0.5, started=("0",)), data=b"moof")
    for _ in range(2):  # the database took it, and was gone before it said so
        attempt.stream(part)
    with database.begin() as connection:
        found = live.part(connection, video, 0)
        assert found is not None
        assert (found.data, found.facts.frames, list(found.facts.started)) == (b"moof", 1, ["0"])
        live.relayed(connection, video, 0)
    with database.begin() as connection:
        again = sa.update(tables.videos).values(status="queued", worker=None)
        connection.execute(again)
    with pytest.raises(Lost):
        attempt.stream(live.Fragment(number=1, facts=part.facts, data=b"x"))
    second = Attempt.take_up(database, installation.queue, "worker_2", None, retry)
    assert second is not None
    assert second.is_broken()
    second.fail("worker_crashed", "It has stopped.", {})
    with database.begin() as connection:
        live.tidy(connection, now() - 3600)
        assert live.has_parts(connection, video)
        live.tidy(connection, now() + 10)
        assert not live.has_parts(connection, video)


def test_a_database_that_is_away_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def make(*_: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(live_session, "make", make)
    with opened(client) as socket:
        socket.send_json(START)
        assert socket.receive_json()["code"] == "database_unavailable"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
