"""Tickets and attempts on both databases, without any worker."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.conftest import OWNER, Installation

from yozora.provenance.settings import Provenance
from yozora.server.settings import Limits, Settings
from yozora.server.store import tables
from yozora.server.store.watermarks import trace
from yozora.server.work import attempts, heartbeats, queue
from yozora.server.work.attempts import Attempt, Cancelled, Lost
from yozora.server.work.worker_configuration import WorkerConfiguration

KEYS = {"file": "f", "thumbnail": "t", "spritesheet": "s"}


def taken(installation: Installation, video: str, worker: str = "worker_a", limit: int = 3) -> Attempt | None:
    return Attempt.take_up(installation.database, installation.queue, worker, video, limit)


def claim(installation: Installation, worker: str) -> None:
    """As DBOS does when it hands tickets out."""
    schema = "" if installation.database.engine.dialect.name == "sqlite" else "dbos."
    with installation.database.begin() as connection:
        said = sa.text(f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :worker")
        connection.execute(said, {"worker": worker})


def test_a_row_and_its_ticket_are_one(installation: Installation) -> None:
    video = installation.ask()
    assert installation.tickets() == {video: "ENQUEUED"}
    with suppress(ZeroDivisionError), installation.database.begin() as connection:
        installation.queue.add(connection, "video_never")
        raise ZeroDivisionError
    assert installation.tickets() == {video: "ENQUEUED"}


def test_an_event_is_delivered_once_and_again_ever_later(installation: Installation) -> None:
    event = {"id": "evt_1", "type": "video.completed"}
    with installation.database.begin() as connection:
        for attempt in (1, 1, 2, 9, 10):
            installation.queue.deliver(connection, "we_1", event, attempt)
    assert installation.tickets() == {
        "evt_1.we_1.1": "ENQUEUED",
        "evt_1.we_1.2": "DELAYED",
        "evt_1.we_1.9": "DELAYED",
    }
    assert sum(queue.BACK_OFF) > 24 * 3600


def test_a_film_ends_once(installation: Installation) -> None:
    video = installation.ask()
    first = taken(installation, video)
    second = taken(installation, video, "worker_b")
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(Lost):
        first.check()
    with pytest.raises(Lost):
        first.preview(1, b"x")
    with pytest.raises(Lost):
        first.complete(KEYS, 1, {})
    first.report(50)
    first.fail("internal_error", "no", {})
    first.release()
    second.report(40)
    row = installation.row(video)
    assert (row.status, row.progress, row.worker, row.attempts) == ("in_progress", 40, "worker_b", 2)
    second.complete(KEYS, 123, {"denoise": 1.5}, watermark=(1 << 48) - 1, keep_seconds=60)
    with pytest.raises(Lost):
        second.complete(KEYS, 123, {})
    row = installation.row(video)
    assert (row.status, row.progress, row.file, row.bytes) == ("completed", 100, "f", 123)
    assert [found.video_id for found in trace(installation.database, (1 << 48) - 1)] == [video]
    assert (row.timings, row.expires_at) == ({"denoise": 1.5}, row.completed_at + 60)
    assert taken(installation, video) is None


def test_a_cancelled_film_is_never_completed(installation: Installation) -> None:
    video = installation.ask()
    attempt = taken(installation, video)
    assert attempt is not None
    attempt.preview(1, b"one")
    attempt.preview(2, b"two")
    with installation.database.begin() as connection:
        installation.queue.cancel(connection, video)
    assert installation.row(video).status == "in_progress"
    with pytest.raises(Cancelled):
        attempt.check()
    with pytest.raises(Cancelled):
        attempt.complete(KEYS, 1, {})
    attempt.fail(*queue.CANCELLED, {})
    assert installation.row(video).error_code == "cancelled"
    with installation.database.read() as connection:
        assert connection.execute(sa.select(tables.previews)).all() == []
    with installation.database.begin() as connection:
        installation.queue.cancel(connection, video)  # once more changes nothing
    assert installation.row(video).completed_at is not None


def test_a_deleted_film_is_lost(installation: Installation) -> None:
    video = installation.ask()
    attempt = taken(installation, video)
    assert attempt is not None
    with installation.database.begin() as connection:
        connection.execute(sa.delete(tables.videos))
    with pytest.raises(Lost):
        attempt.check()
    attempt.fail("internal_error", "no", {})
    assert taken(installation, video) is None


def test_attempts_are_counted_and_graceful_stops_are_not(installation: Installation) -> None:
    video = installation.ask()
    for number in (1, 2, 3):
        attempt = taken(installation, video)
        assert attempt is not None
        assert attempt.number == number
    attempt.release()
    assert (installation.row(video).status, installation.row(video).attempts) == ("queued", 2)
    assert taken(installation, video) is not None
    assert taken(installation, video) is None
    assert installation.row(video).error_code == attempts.CRASHED[0]


def test_the_work_of_the_dead_waits_again(installation: Installation) -> None:
    database, queue = installation.database, installation.queue
    video = installation.ask()
    heartbeats.enter(database, "worker_a")
    claim(installation, "worker_a")
    assert heartbeats.reap(database, queue, "worker_a") == 0
    with database.begin() as connection:
        connection.execute(sa.update(tables.workers).values(seen=tables.workers.c.seen - heartbeats.SILENCE))
    heartbeats.enter(database, "worker_b")
    assert heartbeats.reap(database, queue, "worker_b") == 1
    assert installation.tickets() == {video: "ENQUEUED"}
    heartbeats.beat(database, "worker_a", {"jobs": {}})  # it was only asleep
    assert set(installation.workers()) == {"worker_a", "worker_b"}
    claim(installation, "worker_b")
    assert heartbeats.leave(database, queue, "worker_b") == 1
    claim(installation, "worker_unheard_of")
    assert heartbeats.reap(database, queue, "worker_a") == 1


def test_a_process_that_is_gone_is_dead_at_once(installation: Installation) -> None:
    heartbeats.enter(installation.database, "worker_a")
    with installation.database.begin() as connection:
        connection.execute(sa.update(tables.workers).values(pid=2**22 + 1))  # above the largest there is
    heartbeats.reap(installation.database, installation.queue, "worker_b")
    assert installation.workers() == {}
    heartbeats.enter(installation.database, "worker_c")
    with installation.database.begin() as connection:
        connection.execute(sa.update(tables.workers).values(pid=2**22 + 1, host="elsewhere"))
    heartbeats.reap(installation.database, installation.queue, "worker_b")
    assert set(installation.workers()) == {"worker_c"}


def test_used_tickets_are_thrown_away(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    used, waits = installation.ask(), installation.ask()
    with installation.database.begin() as connection:
        installation.queue.drop(connection, used)
        installation.queue.tidy(connection)
    assert len(installation.tickets()) == 2
    monkeypatch.setattr(queue, "KEPT_SECONDS", -60)
    with installation.database.begin() as connection:
        installation.queue.tidy(connection)
    assert installation.tickets() == {waits: "ENQUEUED"}
    schema = "" if installation.database.engine.dialect.name == "sqlite" else "dbos."
    with installation.database.read() as connection:
        assert connection.execute(sa.text(f"SELECT count(*) FROM {schema}workflow_input")).scalar() == 1


def test_a_film_is_fit_to_be_read_by_its_attempt(installation: Installation) -> None:
    video = installation.ask(size="300x200", seed=4)
    attempt = taken(installation, video)
    assert attempt is not None
    order = attempt.job.order
    assert order is not None
    assert (attempt.owner, order.request.width, order.request.seed) == (OWNER, 300, 4)
    assert 0 <= attempt.waited < 60
    assert attempt.prefix == f"videos/{video}/1"


def test_a_configuration_survives_its_way_to_a_worker(tmp_path: Path) -> None:
    provenance = Provenance(certificate=tmp_path / "a.pem", signer=("sign", "--fast"), visible="made here")
    places = {"database": "sqlite:///x", "storage": "y"}
    settings = Settings(**places, policy=tmp_path, limits=replace(Limits(), attempts=7), provenance=provenance)
    configuration = WorkerConfiguration(settings=settings, name="worker_a", json_logs=True, nice=3)
    there = WorkerConfiguration.from_line(configuration.to_line())
    assert there == replace(configuration, settings=replace(settings, aliases=dict(settings.aliases)))
