"""What clients of `WS /v1/realtime/video` send, replayed: `fixtures/live/` holds a file for each, with its version.

A worker is played by the test: what it would make is there at once.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.server.app import job_of
from tests.server.conftest import Served
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from yozora.server.http.service import Service
from yozora.server.store import live, tables
from yozora.server.store.database import now

FIXTURES = [
    json.loads(path.read_text("utf-8")) for path in Path(__file__).parent.joinpath("fixtures", "live").glob("*.json")
]
SESSIONS = {said["what"]: said["messages"] for fixture in FIXTURES for said in fixture["sessions"]}
SECONDS = {"its defaults": 428 / 16, "seconds": 4.0}


def make(service: Service, video: str) -> None:
    """One fragment, and the end."""
    with service.database.begin() as connection:
        part = live.Fragment(number=0, facts=live.Facts(window=0, frames=65, seconds=1.0), data=b"moof")
        live.add_part(connection, video, part)
        mine = sa.update(tables.videos).where(tables.videos.c.id == video)
        connection.execute(mine.values(status="completed", completed_at=now()))


def answers(said: dict[str, Any]) -> list[str]:
    """Types of what a message is answered with."""
    if said["type"] == "session.ping":
        return ["session.pong"]
    if said["type"] == "session.stop":
        return ["session.done"]
    camera = "prompt" not in said["interaction"]["event"]
    return ["session.interaction.queued", "error"] if camera else ["session.interaction.queued"]


@pytest.mark.parametrize("what", SESSIONS)
def test_what_live_clients_send_is_understood(client: TestClient, service: Service, png: bytes, what: str) -> None:
    sent = json.dumps(SESSIONS[what]).replace("@still64@", base64.b64encode(png).decode())
    start, *rest = json.loads(sent)
    start["model"] = "mini"
    with client.websocket_connect("/v1/realtime/video") as socket:
        socket.send_json(start)
        begun = socket.receive_json()
        assert (begun["type"], begun["format"]) == ("video.start", "m4s"), begun
        video = begun["request_id"]
        job = job_of(service, video)
        size = (640, 384) if what == "its defaults" else (96, 64)  # `size` goes before both sides
        assert (job.request.width, job.request.height, job.request.fps) == (*size, 16)
        assert job.request.seconds == pytest.approx(SECONDS.get(what, 4.0))
        assert (job.request.guidance, job.request.seed) == (start["guidance_scale"], start["seed"])
        assert [source.slot for source in job.order.sources] == ["image"] * ("image_reference" in start)
        for message in rest:
            socket.send_json(message)
            assert [socket.receive_json()["type"] for _ in answers(message)] == answers(message)
        if rest and rest[-1]["type"] == "session.stop":
            with pytest.raises(WebSocketDisconnect):
                socket.receive_json()
            return
        make(service, video)
        event, data, done = socket.receive_json(), socket.receive_bytes(), socket.receive_json()
        assert (event["type"], event["kind"], event["byte_length"]) == ("video.chunk_metadata", "media", len(data))
        assert (done["type"], done["chunks"], done["stopped"]) == ("session.done", 1, False)
    with service.database.read() as connection:
        prompts = [one.prompt for one in live.prompts(connection, video, -1)]
    assert prompts == [one["interaction"]["event"]["prompt"] for one in rest]


def test_a_model_that_is_not_here_is_said(client: TestClient) -> None:
    """As the script of vLLM-Omni asks for it where `--model` is not given."""
    (start,) = SESSIONS["its defaults"]
    with client.websocket_connect("/v1/realtime/video") as socket:
        socket.send_json(start)
        assert socket.receive_json()["code"] == "model_not_found"


@pytest.mark.parametrize("user", ["", "somebody"])
def test_the_key_may_be_the_password_of_the_address(client: TestClient, user: str) -> None:
    """Scripts that know an address alone: `ws://:KEY@HOST/v1/realtime/video`."""
    key = str(client.headers.pop("authorization")).removeprefix("Bearer ")
    (start,) = SESSIONS["seconds"]
    said = base64.b64encode(f"{user}:{key}".encode()).decode()
    with client.websocket_connect("/v1/realtime/video", headers={"authorization": f"Basic {said}"}) as socket:
        socket.send_json(start)
        assert socket.receive_json()["type"] == "video.start"
    proxy = {"authorization": f"Basic {base64.b64encode(b'somebody:else').decode()}"}
    protocols = ["realtime", f"openai-insecure-api-key.{key}"]
    with client.websocket_connect("/v1/realtime/video", subprotocols=protocols, headers=proxy) as socket:
        assert socket.accepted_subprotocol == "realtime"
    for wrong in ("Basic", "Basic !", f"Basic {base64.b64encode(key.encode()).decode()}", "Basic /w=="):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/v1/realtime/video", headers={"authorization": wrong}),
        ):
            pass


@pytest.mark.timeout(300)
def test_a_session_that_is_refused_is_no_error_in_the_log(server: Served) -> None:
    address = server.url.replace("http://", "ws://:wrong@") + "/realtime/video"
    with pytest.raises(InvalidStatus) as caught:
        connect(address).close()
    assert caught.value.response.status_code == 401
    with connect(address.replace("wrong", server.key)) as socket:
        socket.send("{}")
        assert json.loads(socket.recv(60))["code"] == "invalid_message"
    assert " error " not in server.process.log.read_text()


def test_every_fixture_says_its_version() -> None:
    assert all(fixture["version"] and fixture["note"] and fixture["client"] for fixture in FIXTURES)
