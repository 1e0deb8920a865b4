"""What the version before wrote and what others built on it: still read, still made, still there.

An installation of 0.1 (`compatibility/installation.py` says what is in it) goes on with this version, by its command
line and its HTTP API alone; its shapes (`compatibility/shapes.py`) are compared with today's.
"""

import hashlib
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.compatibility import shapes
from tests.compatibility.running import Server, served, until, yozora

import yozora as library

FOLDER = Path(__file__).with_name("compatibility")
SHAPES = FOLDER / "shapes-0.1"
MOST_DIFFERENCE = (
    3.0  # mean over the values of a picture, of 255: the film of a file is marked, the one made again is not
)


@dataclass(frozen=True, kw_only=True)
class Installation:
    """An installation of 0.1, and the server of this version on it."""

    folder: Path
    facts: dict[str, Any]
    server: Server
    arrived: list[dict[str, Any]]  # events at its webhook


def unpack(folder: Path) -> dict[str, Any]:
    """The facts of the installation, which lies in a folder then."""
    with tarfile.open(FOLDER / "installation-0.1.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return dict(json.loads((folder / "facts.json").read_text(encoding="utf-8")))


@contextmanager
def receiver(arrived: list[dict[str, Any]]) -> Iterator[str]:
    """Whoever is told of events, at a URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            arrived.append({**json.loads(body), "signature": self.headers.get("webhook-signature", "")})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
        server.shutdown()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """It is upgraded as it starts, and its worker begins with what waits."""
    folder = tmp_path_factory.mktemp("installation")
    facts, arrived = unpack(folder), []
    with receiver(arrived) as url:
        with closing(sqlite3.connect(folder / "server.db", isolation_level=None)) as database:
            database.execute("UPDATE webhooks SET url = ?", (url,))
            database.execute("UPDATE deliveries SET next_at = 0")
        with served(folder, facts["key"]) as server:
            yield Installation(folder=folder, facts=facts, server=server, arrived=arrived)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command line of 0.1 left in a folder."""
    folder = tmp_path_factory.mktemp("folder")
    unpack(folder)
    return folder


@pytest.fixture
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process works there, with what was kept in the home of that version."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("YOZORA_HOME", str(folder / "home"))
    return folder


# --- the server


def test_what_waited_is_made(installation: Installation) -> None:
    """Of a prompt, a picture, a film backwards, a film anew, and a board with a character; four steps each."""
    for video in installation.facts["queued"]:
        ended = installation.server.ended(video)
        then = installation.facts["answers"][f"/videos/{video}"]
        assert (ended["status"], ended["error"]) == ("completed", None), ended
        settled = then.keys() - {"status", "progress", "completed_at"}
        assert {name: ended[name] for name in settled} == {name: then[name] for name in settled}
        content = installation.server.client.get(f"/videos/{video}/content")
        assert content.status_code == 200
        assert content.content[4:8] == b"ftyp"


def test_what_was_finished_is_listed_and_retrieved(installation: Installation) -> None:
    server, facts = installation.server, installation.facts
    known = [*facts["finished"], *facts["queued"], facts["cancelled"]]
    assert [one["id"] for one in server.get("/videos?limit=100&order=asc")["data"]] == known
    for video in (*facts["finished"], facts["cancelled"]):
        path = f"/videos/{video}"
        assert list(shapes.missing(facts["answers"][path], server.get(path))) == []
    for video in facts["finished"]:
        (film,) = (installation.folder / "objects" / "videos" / video).rglob("film.mp4")
        answer = server.client.get(f"/videos/{video}/content")
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(film.read_bytes()).digest()
        for variant in ("thumbnail", "spritesheet"):
            assert server.client.get(f"/videos/{video}/content", params={"variant": variant}).status_code == 200


def test_characters_files_and_webhooks_are_used(installation: Installation) -> None:
    server, facts = installation.server, installation.facts
    for path, then in facts["answers"].items():
        if not path.startswith("/videos/video_"):
            changed = {"url"} if path.startswith("/webhooks/") else set()
            now = {**server.get(path), **{name: then[name] for name in changed}}
            assert list(shapes.missing(then, now)) == []
    small = {"size": "64x64", "seconds": 0.25, "steps": 1}
    still = {"input_reference": {"file_id": facts["file"]}}
    asked = [
        server.post("/videos", json={"prompt": "Rex runs", "characters": [{"id": facts["character"]}], **small}),
        server.post("/videos", json={"prompt": "a dog", **still, **small}),
        server.post("/videos/extensions", json={"video": {"id": facts["finished"][2]}, "seconds": 0.25, "steps": 1}),
    ]
    try:
        for video in asked:
            ended = server.ended(video["id"])
            assert (ended["status"], ended["error"]) == ("completed", None)
    finally:
        for video in asked:
            server.client.delete(f"/videos/{video['id']}")


def test_a_call_that_is_repeated_gets_the_same_video(installation: Installation) -> None:
    """The day that it is remembered for is over, so that is set back."""
    server, facts = installation.server, installation.facts
    with closing(sqlite3.connect(installation.folder / "server.db", timeout=60, isolation_level=None)) as database:
        database.execute("UPDATE idempotency SET created_at = strftime('%s', 'now')")
    again = server.post("/videos", json=facts["once"], headers={"idempotency-key": "once"})
    assert again["id"] == facts["finished"][0]


def test_events_that_were_not_taken_are_delivered(installation: Installation) -> None:
    """Signed with the webhook's own secret, which was kept encrypted."""
    finished = set(installation.facts["finished"])
    until(lambda: finished <= {one["data"]["id"] for one in installation.arrived}, "the events of finished films")
    assert all(one["type"] == "video.completed" for one in installation.arrived if one["data"]["id"] in finished)
    assert all(one["signature"].startswith("v1,") for one in installation.arrived)


def test_keys_open_what_they_opened(installation: Installation) -> None:
    facts = installation.facts
    refused = installation.server.client.get("/videos", headers={"authorization": f"Bearer {facts['revoked']}"})
    assert refused.status_code == 401
    listed = json.loads(yozora(installation.folder, "keys", "list", "--json"))
    changed = {"last_used_at"}
    then = [{name: value for name, value in key.items() if name not in changed} for key in facts["keys"]]
    assert list(shapes.missing({key["id"]: key for key in then}, {key["id"]: key for key in listed})) == []


# --- the command line's files


def test_a_film_says_how_it_was_made_and_is_made_again(inside: Path) -> None:
    """With the character that was kept; a film made of it finds its source beside it."""
    for name in ("film.mp4", "longer.mp4"):
        said = library.show(inside / name)
        assert {"prompt", "seed", "model", "order"} <= said.keys()
        film = library.again(inside / name)
        assert film.frames.shape == {"film.mp4": (9, 64, 64, 3), "longer.mp4": (17, 64, 64, 3)}[name]
        assert film.seed == said["seed"]


def test_a_board_is_filmed_and_its_film_is_made_again(inside: Path) -> None:
    film = library.storyboard(str(inside / "board.yaml"), steps=4)
    again = library.again(inside / "board.mp4")
    assert film.frames.shape == again.frames.shape == (24, 64, 64, 3)
    assert np.array_equal(film.frames, again.frames)


def test_a_film_was_signed_by_this_installation(inside: Path) -> None:
    found = json.loads(yozora(inside, "verify", "film.mp4", "--json"))
    assert found["credentials"]["signer"]["ours"]
    assert {"mode": "generate", "model": "mini", "seed": 5}.items() <= found["credentials"]["film"].items()


def test_weights_of_then_make_the_film_of_then(inside: Path) -> None:
    film = library.again(inside / "toy.png", model=str(inside / "weights"))
    then_HWC = np.asarray(Image.open(inside / "toy.png").convert("RGB"), np.float32)
    assert np.abs(film.frames[0].astype(np.float32) - then_HWC).mean() < MOST_DIFFERENCE


# --- shapes


def then(name: str) -> Any:
    return json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))


def compare(name: str, now: Any) -> None:
    assert list(shapes.missing(then(name), now)) == []
    assert list(shapes.newly_needed(then(name), now)) == []


def test_paths_parameters_and_fields_are_there(installation: Installation) -> None:
    compare("api", shapes.api(installation.server.client.get("../openapi.json").json()))


def test_commands_and_options_are_there() -> None:
    compare("commands", shapes.commands())


def test_tools_are_there() -> None:
    compare("tools", shapes.tools())


def test_functions_are_there() -> None:
    compare("python", shapes.python())


def test_the_names_of_tensors_are_those_in_the_files() -> None:
    """Files of weights elsewhere have them, too. Weights with other names are another file."""
    compare("weights", shapes.weights())


def test_what_is_gone_is_found() -> None:
    old = {"a": {"fields": {"x": ["number", "string"]}, "needs": []}, "b": {}}
    new = {"a": {"fields": {"x": ["string"], "y": []}, "needs": ["y"]}, "c": {}}
    assert list(shapes.missing(old, new)) == ["/a/fields/x: number is gone", "/b is gone"]
    assert list(shapes.newly_needed(old, new)) == ["/a needs y"]
    assert list(shapes.missing({"x": 1}, {"x": 2})) == ["/x was 1 and is 2"]
