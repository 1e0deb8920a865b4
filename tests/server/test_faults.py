"""Processes that are killed, disks that are full, files that are damaged: nothing is lost, nothing is done twice."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.server import conftest
from tests.server.conftest import OWNER, Installation, free_port, serving, until
from tests.server.toys import MOMENTS

from yozora.server.store import tables
from yozora.server.store.database import new_id, now

pytestmark = pytest.mark.usefixtures("unsigned")


def listen(installation: Installation, url: str) -> str:
    """A webhook of the owner's, which wants everything."""
    row = {
        "id": new_id("we"),
        "owner": OWNER,
        "url": url,
        "events": ["video.completed", "video.failed"],
        "secret": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
        "created_at": now(),
    }
    known = {column.name for column in tables.webhooks.columns}
    with installation.database.begin() as connection:
        named = row | ({"name": "tests"} if "name" in known else {})
        connection.execute(sa.insert(tables.webhooks).values(**named))
    return str(row["id"])


def events(installation: Installation, video: str) -> list[str]:
    """What a webhook is told of a video."""
    return [row.type for row in installation.deliveries(video)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_dies_and_its_film_is_made_once(installation: Installation, moment: str) -> None:
    listen(installation, f"http://127.0.0.1:{free_port()}/")
    video = installation.ask()
    assert installation.worker(die=moment).wait() == -signal.SIGKILL
    installation.worker()
    row = installation.ended(video)
    assert (row.status, row.attempts) == ("completed", 1 if moment == "completed" else 2)
    assert installation.row(video) == row
    kept = {row.file, row.thumbnail, row.spritesheet}
    until(lambda: set(installation.objects.keys("videos")) == kept, "what is not needed to go")
    assert len(events(installation, video)) == 1


def test_a_film_that_kills_three_workers_has_failed(embedded: Installation) -> None:
    listen(embedded, f"http://127.0.0.1:{free_port()}/")
    video = embedded.ask()
    for _ in range(3):
        assert embedded.worker(die="denoise", deaths=3).wait() == -signal.SIGKILL
    assert embedded.row(video).status == "in_progress"
    other = embedded.ask()  # only now: a worker that has not yet seen the death before it would take this one first
    embedded.worker(die="denoise", deaths=3)
    row = embedded.ended(video)
    assert (row.status, row.error_code, row.attempts) == ("failed", "worker_crashed", 3)
    assert len(events(embedded, video)) == 1
    assert embedded.ended(other).status == "completed"


def test_the_server_replaces_a_worker_that_dies(embedded: Installation) -> None:
    video = embedded.ask()
    server = embedded.server(die="denoise")
    embedded.url(server)
    row = embedded.ended(video)
    assert (row.status, row.attempts) == ("completed", 2)
    assert server.stop() == 0
    assert not embedded.workers()


def test_the_server_is_killed_and_its_worker_follows(embedded: Installation) -> None:
    videos = [embedded.ask(steps=80), embedded.ask()]
    server = embedded.server(slow=0.05)
    until(lambda: embedded.row(videos[0]).progress > 0, "a film to begin")
    (orphan,) = embedded.workers().values()
    server.kill()
    until(lambda: not embedded.workers(), "the worker to leave")
    until(lambda: not Path(f"/proc/{orphan}").exists(), "the worker's process to end")
    assert [embedded.row(video).status for video in videos] == ["queued", "queued"]
    embedded.server()
    rows = [embedded.ended(video) for video in videos]
    assert [(row.status, row.attempts) for row in rows] == [("completed", 1)] * 2


def test_everything_is_killed_with_twenty_films_queued(installation: Installation) -> None:
    listen(installation, f"http://127.0.0.1:{free_port()}/")
    videos = [installation.ask() for _ in range(20)]
    server = installation.server(slow=0.02)
    installation.ended(videos[2])
    for pid in installation.workers().values():
        os.kill(pid, signal.SIGKILL)
    server.kill()
    before = {video: installation.row(video) for video in videos}
    done = {video for video, row in before.items() if row.status == "completed"}
    assert 3 <= len(done) < 20
    installation.server()
    rows = {video: installation.ended(video) for video in videos}
    assert {row.status for row in rows.values()} == {"completed"}
    assert all(rows[video] == before[video] for video in done)
    assert sum(row.attempts for row in rows.values()) <= 21
    for row in rows.values():
        assert installation.objects.size(row.file) == row.bytes
    for video in videos:
        assert len(events(installation, video)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KiB."""
    with conftest.disk(tmp_path / "small", 128 << 10) as folder:
        yield folder


def test_a_full_disk_fails_the_film_and_not_the_worker(embedded: Installation, small_disk: Path) -> None:
    embedded.settings = replace(embedded.settings, storage=str(small_disk / "objects"))
    large, small = embedded.ask(size="1280x720", seconds=2.0), embedded.ask(size="64x64")
    embedded.worker()
    row = embedded.ended(large)
    assert (row.status, row.error_code, row.file) == ("failed", "storage_full", None)
    assert embedded.ended(small).status == "completed"
    published = [path for path in (small_disk / "objects").rglob("*") if path.is_file()]
    assert {path.name for path in published} <= {"film.mp4", "thumbnail.webp", "spritesheet.jpg"}
    assert all(small in str(path) for path in published)


def test_a_full_scratch_disk_fails_the_film_too(embedded: Installation, small_disk: Path) -> None:
    video = embedded.ask()
    running = embedded.worker(scratch=str(small_disk))
    assert embedded.ended(video).error_code == "storage_full"
    assert running.code is None


def test_a_damaged_database_is_told_and_left_alone(embedded: Installation) -> None:
    embedded.close()
    path = Path(embedded.settings.database.removeprefix("sqlite:///"))
    for leftover in path.parent.glob(f"{path.name}-*"):
        leftover.unlink()
    damaged = b"\0" * 100 + path.read_bytes()[100:]
    path.write_bytes(damaged)
    server = embedded.server()
    assert server.wait() == 2
    (line,) = [line for line in server.log.read_text().splitlines() if line.startswith("error:")]
    assert "is not a SQLite database" in line
    assert path.read_bytes() == damaged


def test_a_port_that_is_taken_is_told(embedded: Installation) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        server = embedded.server(port=other.server_port, workers=0)
        assert server.wait() == 2
    assert f"Cannot listen on 127.0.0.1:{other.server_port}: Address already in use." in server.log.read_text()


def test_a_worker_that_cannot_begin_ends_the_server(embedded: Installation) -> None:
    embedded.toy["folder"] = str(embedded.folder / "nowhere")
    server = embedded.server()
    assert server.wait() == 2
    assert "No weights are at" in server.log.read_text()


class Receiver(BaseHTTPRequestHandler):
    """Somebody's server, which refuses until it does not."""

    refuses = 1
    heard: list[tuple[str, dict[str, object]]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).heard.append((self.headers["webhook-id"], body))
        self.send_response(503 if len(self.heard) <= self.refuses else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_receiver_that_is_down_hears_of_it_later(installation: Installation) -> None:
    port = free_port()
    listen(installation, f"http://127.0.0.1:{port}/hook")
    Receiver.heard = []
    video = installation.ask()
    worker = installation.worker()
    assert installation.ended(video).status == "completed"
    time.sleep(1.0)
    worker.kill()  # what is still to be sent outlives whoever was to send it
    with HTTPServer(("127.0.0.1", port), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        installation.worker()
        until(lambda: Receiver.heard, "the event")
        receiver.shutdown()
        thread.join()
    name, body = Receiver.heard[0]
    assert body["id"] == name
    assert (body["type"], body["data"]) == ("video.completed", {"id": video})


def test_a_client_is_served_through_it_all(embedded: Installation) -> None:
    server = serving(embedded)
    head = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=head, timeout=60) as client:
        made = client.post("/videos", json={"prompt": "a red car", "seconds": "1", "size": "128x96"})
        assert made.status_code == 200, made.text
        video = made.json()["id"]
        (pid,) = until(server.installation.workers, "the worker").values()
        os.kill(pid, signal.SIGKILL)

        def over() -> dict[str, object] | None:
            now = client.get(f"/videos/{video}").json()
            return now if now["status"] in ("completed", "failed") else None

        assert until(over, "the film")["status"] == "completed"
        film = client.get(f"/videos/{video}/content")
        assert film.status_code == 200
        assert film.content[4:8] == b"ftyp"
