"""The version before, with DBOS's queue: an installation of it is upgraded, and its processes go on beside newer ones.

Every film ends once and every event is delivered once, on SQLite and PostgreSQL. `earlier` writes what processes of
that version would; its archives are made by `fixtures/installation.py`, which says what is in them.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server import earlier
from tests.server.conftest import Installation, opened, order_of, until

from yozora.provenance.settings import OFF
from yozora.server.accounts import legacy_usage
from yozora.server.store import legacy_dbos, tables
from yozora.server.store.database import clock, new_id, now
from yozora.server.work.attempts import Attempt
from yozora.server.work.job import Job
from yozora.server.work.retry_policy import RetryPolicy

Arrived = tuple[str, str, str]
"""The path of a webhook, the id of an event and that of its video."""


@dataclass(kw_only=True)
class Upgraded:
    """An installation of the version before in the newest form, and what was heard of it."""

    installation: Installation
    owner: str
    arrived: list[Arrived]
    waiting: list[str]  # videos
    hooks: dict[str, str]  # ids of webhooks by their paths
    deliveries: Counter[tuple[str, str]]  # that were open: paths of webhooks, and events

    def ask(self) -> str:
        """A film, by the API of the version before."""
        video = new_id("video")
        with self.installation.database.begin() as connection:
            earlier.ask(connection, video, self.owner, Job.of(order_of()).to_json())
        return video

    def take_next(self) -> Attempt:
        """A new worker takes the film whose turn it is."""
        database, queue = self.installation.database, self.installation.queue
        taken = Attempt.take_up(database, queue, "worker_new", None, RetryPolicy(times=queue.times))
        assert taken is not None
        return taken

    def let_live(self, *workers: str) -> None:
        """These workers of the version before live from now on, and no others."""
        with self.installation.database.begin() as connection:
            connection.execute(sa.delete(tables.workers).where(tables.workers.c.version.is_(None)))
            for worker in workers:
                earlier.enter_worker(connection, worker, clock(connection) + 3600)

    def take_up(self, video: str, worker: str) -> bool:
        with self.installation.database.begin() as connection:
            return earlier.take_up(connection, video, worker)

    def complete(self, video: str, worker: str, attempt: int) -> bool:
        """A worker of the version before has made a film, and writes down that it is to be told."""
        event = {"id": new_id("evt"), "object": "event", "created_at": now(), "type": "video.completed"}
        with self.installation.database.begin() as connection:
            done = earlier.complete(connection, video, worker, attempt)
            if done:
                earlier.enqueue_delivery(connection, self.hooks["/both"], {**event, "data": {"id": video}})
        return done

    def told(self, *videos: str) -> None:
        """Wait until all that is to be delivered has been; each of these videos has ended in one event."""

        def settled() -> bool:
            with self.installation.database.begin() as connection:
                legacy_dbos.adopt(connection)
                left = sa.select(sa.func.count()).where(tables.deliveries.c.status == "pending")
                return connection.execute(left).scalar() == 0

        until(settled, "the deliveries")
        ends = Counter(video for path, _, video in self.arrived if path == "/both" and video in videos)
        assert ends == dict.fromkeys(videos, 1)


@contextmanager
def receiver(arrived: list[Arrived]) -> Iterator[str]:
    """Whoever is told, at a URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            arrived.append((self.path, said["id"], said["data"]["id"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def upgraded(database_url: str, toy_folder: Path, tmp_path: Path) -> Iterator[Upgraded]:
    """With all that waited."""
    earlier.unpack(database_url, tmp_path)
    with upgrade(database_url, toy_folder, tmp_path) as made:
        yield made


@pytest.fixture
def beside(database_url: str, toy_folder: Path, tmp_path: Path) -> Iterator[Upgraded]:
    """With nothing that waits: what is to happen is what a test says."""
    earlier.unpack(database_url, tmp_path)
    with earlier.connected(database_url) as connection:
        connection.execute(sa.delete(earlier.queue_table(connection, "workflow_status")))
        connection.execute(sa.text("DELETE FROM videos"))
    with upgrade(database_url, toy_folder, tmp_path) as made:
        yield made


@contextmanager
def upgrade(database_url: str, toy_folder: Path, folder: Path) -> Iterator[Upgraded]:
    arrived: list[Arrived] = []
    with receiver(arrived) as url:
        with earlier.connected(database_url) as connection:
            earlier.hear(connection, url)
            rows = connection.execute(sa.text("SELECT id, url FROM webhooks")).all()
            hooks = {row.id: row.url.removeprefix(url) for row in rows}
            tickets = [name.split(".") for name in earlier.tickets(connection, "deliver_event")]
            owner = connection.execute(sa.text("SELECT id FROM keys")).scalar_one()
            films = sa.text("SELECT id FROM videos WHERE status IN ('queued', 'in_progress')")
            waiting = list(connection.execute(films).scalars())
        with opened(database_url, toy_folder, folder) as made:
            made.settings = replace(made.settings, provenance=OFF)
            yield Upgraded(
                installation=made,
                owner=owner,
                arrived=arrived,
                waiting=waiting,
                hooks={path: webhook for webhook, path in hooks.items()},
                deliveries=Counter((hooks[webhook], event) for event, webhook, _ in tickets),
            )


def test_every_film_ends_once_and_every_event_arrives_once(upgraded: Upgraded) -> None:
    """20 films that wait, one whose worker is dead, one whose ticket is gone (row 2), and five deliveries."""
    installation = upgraded.installation
    assert (len(upgraded.waiting), upgraded.deliveries.total(), len(upgraded.deliveries)) == (22, 5, 5)
    taken = {video: installation.row(video).attempts for video in upgraded.waiting}
    assert Counter(taken.values()) == {0: 21, 1: 1}
    installation.worker()
    for video in upgraded.waiting:
        row = installation.ended(video)
        assert (row.status, row.error_message, row.attempts) == ("completed", None, taken[video] + 1), row.job
    upgraded.told(*upgraded.waiting)
    heard = Counter((path, event) for path, event, video in upgraded.arrived if video not in upgraded.waiting)
    assert heard == upgraded.deliveries
    for video in upgraded.waiting:
        row = installation.row(video)
        kept = {row.file, row.thumbnail, row.spritesheet}
        until(lambda of=video, kept=kept: set(installation.objects.keys(f"videos/{of}/")) == kept, "its sources to go")


def test_what_an_old_api_takes_in_is_made_by_a_new_worker(beside: Upgraded) -> None:
    videos = [beside.ask(), beside.installation.ask(owner=beside.owner), beside.ask()]
    beside.installation.worker()
    for video in videos:
        row = beside.installation.ended(video)
        assert (row.status, row.attempts) == ("completed", 1)
    beside.told(*videos)


def test_films_of_an_old_api_wait_in_line_like_all_others(beside: Upgraded) -> None:
    """An old API writes no place in line, no cost and no preset. Row 10: another key's film is next all the same."""
    old = [beside.ask() for _ in range(4)]
    new = beside.installation.ask(owner="key_another")
    assert [taken.video_id for taken in (beside.take_next() for _ in range(3))] == [old[0], new, old[1]]
    rows = [beside.installation.row(video) for video in old]
    known = beside.installation.row(new)
    assert {row.preset for row in rows} == {known.preset}
    assert [row.cost for row in rows] == pytest.approx([known.cost] * 4, rel=0.01)  # rows have rounded seconds
    assert [row.priority for row in rows] == sorted({row.priority for row in rows})


def test_a_job_that_cannot_be_read_keeps_nobody_from_the_queue(beside: Upgraded) -> None:
    odd, video = beside.ask(), beside.ask()
    with beside.installation.database.begin() as connection:
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == odd).values(job={}))
    beside.installation.worker()
    assert [beside.installation.ended(one).status for one in (odd, video)] == ["failed", "completed"]


def test_the_ticket_of_a_film_is_withdrawn_when_a_new_worker_takes_it(beside: Upgraded) -> None:
    """So that old workers do not take films from new ones, one after the other."""
    video, other = beside.ask(), beside.ask()
    assert beside.take_next().video_id == video
    with beside.installation.database.read() as connection:
        assert earlier.tickets(connection, "make_film") == {video: "CANCELLED", other: "ENQUEUED"}


def test_a_film_that_an_old_worker_takes_from_a_new_one_ends_once(beside: Upgraded) -> None:
    """An old worker that had the ticket in hand takes the film, whoever has it: the new one lets go."""
    installation = beside.installation
    installation.worker(slow=0.2)
    video = beside.ask()
    until(lambda: installation.row(video).status == "in_progress", "a new worker")
    beside.let_live("worker_old")
    assert beside.take_up(video, "worker_old")
    other = beside.ask()
    assert installation.ended(other).status == "completed"
    row = installation.row(video)
    assert (row.status, row.worker, row.attempts) == ("in_progress", "worker_old", 2)
    assert beside.complete(video, "worker_old", 2)
    beside.let_live()
    beside.told(video, other)
    assert installation.row(video).file == f"videos/{video}/2/film.mp4"


def test_what_an_old_worker_makes_is_in_the_usage_once(beside: Upgraded) -> None:
    beside.let_live("worker_old")
    videos = [beside.ask() for _ in range(3)]
    for video in videos[:2]:
        assert beside.take_up(video, "worker_old")
        assert beside.complete(video, "worker_old", 1)
    database = beside.installation.database
    with database.begin() as connection:
        long_ago = {"completed_at": now() - 7 * 24 * 3600}  # before the upgrade
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == videos[1]).values(**long_ago))
    counts = []
    for _ in range(2):
        with database.begin() as connection:
            counts.append(legacy_usage.record(connection, now(), watts=100))
    assert counts == [1, 0]
    with database.read() as connection:
        (row,) = connection.execute(sa.select(tables.usage)).all()
    assert (row.video, row.status, row.owner, row.width) == (videos[0], "completed", beside.owner, 96)


def test_a_film_of_an_old_worker_is_taken_over_when_that_is_silent(beside: Upgraded) -> None:
    installation = beside.installation
    beside.let_live("worker_old")
    video = beside.ask()
    assert beside.take_up(video, "worker_old")
    installation.worker()
    other = beside.ask()
    assert installation.ended(other).status == "completed"
    assert installation.row(video).worker == "worker_old"
    beside.let_live()
    row = installation.ended(video)
    assert (row.status, row.attempts) == ("completed", 2)
    assert not beside.complete(video, "worker_old", 1), "it wakes up too late"
    beside.told(video, other)
