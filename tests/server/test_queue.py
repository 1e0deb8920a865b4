"""The queue and attempts on both databases, without any worker."""

import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.conftest import OWNER, Installation

from yozora.core.request import Request
from yozora.provenance.settings import Provenance
from yozora.server.bounds import Limits, Times
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, clock, now
from yozora.server.store.objects import StorageFull
from yozora.server.store.watermarks import trace
from yozora.server.work import heartbeats, models, queue
from yozora.server.work.attempts import Attempt, Cancelled, Lost
from yozora.server.work.heartbeats import Able, Reaper
from yozora.server.work.retry_policy import RetryPolicy
from yozora.server.work.worker_configuration import WorkerConfiguration

KEYS = {"file": "f", "thumbnail": "t", "spritesheet": "s"}
RETRY = RetryPolicy(times=Times().scaled(0.01))


def taken(
    installation: Installation, worker: str = "worker_a", presets: tuple[str, ...] | None = None
) -> Attempt | None:
    return Attempt.take_up(installation.database, installation.queue, worker, presets, RETRY)


def order(installation: Installation, count: int) -> list[str]:
    """The films that come next, as they come, each done before the next is taken."""
    found = []
    for _ in range(count):
        attempt = taken(installation)
        assert attempt is not None
        attempt.complete(KEYS, 1, {})
        found.append(attempt.video_id)
    return found


def key(installation: Installation, name: str, **said: object) -> str:
    """A key's row."""
    row = {"id": name, "name": name, "hash": name, "hint": "", "created_at": now(), **said}
    with installation.database.begin() as connection:
        connection.execute(sa.insert(tables.keys).values(**row))
    return name


def steal(installation: Installation, video: str, worker: str) -> None:
    """As a worker of an earlier version did: it took what its ticket named, whoever had it."""
    rows = tables.videos
    with installation.database.begin() as connection:
        said = {"status": "in_progress", "worker": worker, "attempts": rows.c.attempts + 1}
        connection.execute(sa.update(rows).where(rows.c.id == video).values(**said))


def test_a_row_is_its_own_ticket(installation: Installation) -> None:
    with suppress(ZeroDivisionError), installation.database.begin() as connection:
        connection.execute(sa.insert(tables.shares).values(owner="x", finish=1))
        raise ZeroDivisionError
    assert taken(installation) is None
    video = installation.ask()
    attempt = taken(installation)
    assert attempt is not None
    assert attempt.video_id == video
    assert taken(installation) is None


def test_row_2_a_film_that_a_worker_got_without_knowing_is_not_lost(installation: Installation) -> None:
    """The database said yes, and was gone before the worker heard it."""
    video = installation.ask()
    assert taken(installation) is not None
    with installation.database.begin() as connection:
        assert installation.queue.give_back(connection, "worker_a") == 1
    again = taken(installation)
    assert again is not None
    assert again.video_id == video


def test_a_film_ends_once(installation: Installation) -> None:
    video = installation.ask()
    first = taken(installation)
    assert first is not None
    steal(installation, video, "worker_b")
    second = replace(first, worker="worker_b", number=2)
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
    second.complete(KEYS, 123, {})  # as after an answer that was lost: it is done, and nothing happens twice
    with pytest.raises(Lost):
        second.complete({**KEYS, "file": "other"}, 123, {})
    row = installation.row(video)
    assert (row.status, row.progress, row.file, row.bytes) == ("completed", 100, "f", 123)
    assert [found.video_id for found in trace(installation.database, (1 << 48) - 1)] == [video]
    assert (row.timings, row.expires_at) == ({"denoise": 1.5}, row.completed_at + 60)
    assert taken(installation) is None


def test_what_a_film_used_is_written_down_as_it_ends(installation: Installation) -> None:
    done, failed = installation.ask(size="128x64", seconds=1.0, steps=5), installation.ask()
    installation.queue = replace(installation.queue, watts=100)
    first = taken(installation)
    assert first is not None
    first.complete(KEYS, 1, {"queue": 50.0, "denoise": 1.5, "decode": 0.5})
    second = taken(installation)
    assert second is not None
    second.fail("internal_error", "no", {"denoise": 3.0})
    with installation.database.read() as connection:
        rows = {row.video: row for row in connection.execute(sa.select(tables.usage))}
    row = rows[done]
    assert (row.owner, row.status, row.width, row.height, row.steps) == (OWNER, "completed", 128, 64, 5)
    assert (row.seconds, row.compute_seconds, row.energy_joules) == (1.0, 2.0, 200.0)
    assert (rows[failed].status, rows[failed].error_code) == ("failed", "internal_error")
    assert (rows[failed].seconds, rows[failed].compute_seconds, rows[failed].steps) == (0.0, 0.0, 0)


def test_a_cancelled_film_is_never_completed(installation: Installation) -> None:
    video = installation.ask()
    heartbeats.enter(installation.database, "worker_a")
    attempt = taken(installation)
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


def test_row_1_a_film_whose_worker_is_silent_is_cancelled_at_once(installation: Installation) -> None:
    video = installation.ask()
    heartbeats.enter(installation.database, "worker_a")
    attempt = taken(installation)
    assert attempt is not None
    silence(installation, installation.queue.times.silence + 1)
    with installation.database.begin() as connection:
        installation.queue.cancel(connection, video)
    assert installation.row(video).error_code == "cancelled"
    with pytest.raises(Lost):
        attempt.check()


def test_a_deleted_film_is_lost(installation: Installation) -> None:
    installation.ask()
    attempt = taken(installation)
    assert attempt is not None
    with installation.database.begin() as connection:
        connection.execute(sa.delete(tables.videos))
    with pytest.raises(Lost):
        attempt.check()
    attempt.fail("internal_error", "no", {})
    assert taken(installation) is None


def test_attempts_are_counted_and_graceful_stops_are_not(installation: Installation) -> None:
    video = installation.ask()
    for number in (1, 2, 3):
        attempt = taken(installation)
        assert attempt is not None
        assert attempt.number == number
        if number < 3:
            assert heartbeats.reap(installation.database, installation.queue, silence=6.0) == 1
    attempt.release()
    assert (installation.row(video).status, installation.row(video).attempts) == ("queued", 2)
    assert taken(installation) is not None
    assert heartbeats.reap(installation.database, installation.queue, silence=6.0) == 1
    assert installation.row(video).error_code == queue.CRASHED[0]
    assert taken(installation) is None


def silence(installation: Installation, seconds: float) -> None:
    """Nobody has given a sign of life for so long."""
    workers = tables.workers
    with installation.database.begin() as connection:
        connection.execute(sa.update(workers).values(seen=workers.c.seen - seconds))


def test_the_work_of_the_dead_waits_again(installation: Installation) -> None:
    database, line = installation.database, installation.queue
    video = installation.ask()
    heartbeats.enter(database, "worker_a")
    assert taken(installation) is not None
    assert heartbeats.reap(database, line, myself="worker_a", silence=15) == 0
    silence(installation, 15)
    heartbeats.enter(database, "worker_b")
    assert heartbeats.reap(database, line, myself="worker_b", silence=15) == 1
    assert (installation.row(video).status, installation.row(video).worker) == ("queued", None)
    heartbeats.beat(database, "worker_a", {"jobs": {}})  # it was only asleep
    assert set(installation.workers()) == {"worker_a", "worker_b"}
    assert taken(installation, "worker_b") is not None
    assert heartbeats.leave(database, line, "worker_b") == 1
    assert taken(installation, "worker_unheard_of") is not None
    assert heartbeats.reap(database, line, myself="worker_a", silence=15) == 1


def test_row_1_after_an_outage_nobody_is_judged_by_their_silence(installation: Installation) -> None:
    installation.ask()
    heartbeats.enter(installation.database, "worker_a")
    assert taken(installation) is not None
    line = replace(installation.queue, times=Times(silence=0.4, reap=0.1))
    reaper = Reaper(installation.database, line, "worker_b")
    silence(installation, 60)
    reaper.check_workers()
    assert set(installation.workers()) == {"worker_a"}
    time.sleep(0.45)
    reaper.check_workers()
    assert not installation.workers()


@pytest.mark.parametrize("ended", [{"expires_at": 1}, {"revoked_at": 1}])
def test_what_keys_that_are_over_have_in_line_is_cancelled(installation: Installation, ended: dict[str, int]) -> None:
    """Also where whoever revoked it did no more than that."""
    guest, lasting = key(installation, "key_guest", expires_at=1 << 35), key(installation, "key_lasting")
    making, waiting = (installation.ask(owner=guest) for _ in range(2))
    other, nobodys = installation.ask(owner=lasting), installation.ask()
    heartbeats.enter(installation.database, "worker_a")
    attempt = taken(installation)
    assert attempt is not None
    assert attempt.video_id == making
    heartbeats.reap(installation.database, installation.queue, silence=15)
    assert installation.row(waiting).status == "queued"
    with installation.database.begin() as connection:
        connection.execute(sa.update(tables.keys).where(tables.keys.c.id == guest).values(**ended))
    heartbeats.reap(installation.database, installation.queue, silence=15)
    assert (installation.row(waiting).status, installation.row(waiting).error_code) == ("failed", "cancelled")
    with pytest.raises(Cancelled):
        attempt.check()
    assert [installation.row(video).status for video in (other, nobodys)] == ["queued"] * 2


def test_a_process_that_is_gone_is_dead_at_once(installation: Installation) -> None:
    heartbeats.enter(installation.database, "worker_a")
    with installation.database.begin() as connection:
        connection.execute(sa.update(tables.workers).values(pid=2**22 + 1))  # above the largest there is
    heartbeats.reap(installation.database, installation.queue, silence=15)
    assert installation.workers() == {}
    heartbeats.enter(installation.database, "worker_c")
    with installation.database.begin() as connection:
        connection.execute(sa.update(tables.workers).values(pid=2**22 + 1, host="elsewhere"))
    heartbeats.reap(installation.database, installation.queue, silence=15)
    assert set(installation.workers()) == {"worker_c"}


def test_films_are_taken_as_they_came(installation: Installation) -> None:
    videos = [installation.ask() for _ in range(5)]
    assert order(installation, 5) == videos


def test_row_10_a_key_does_not_wait_behind_the_films_of_another(installation: Installation) -> None:
    for _ in range(20):
        installation.ask(owner="key_many")
    order(installation, 3)
    one = installation.ask(owner="key_one")
    assert order(installation, 1) == [one]


def test_row_10_three_keys_share_as_they_weigh(installation: Installation) -> None:
    owners = {key(installation, f"key_{weight}", weight=weight): weight for weight in (1.0, 2.0, 3.0)}
    films = {installation.ask(owner=owner): owner for owner in owners for _ in range(60)}
    made = [films[video] for video in order(installation, 60)]
    for owner, weight in owners.items():
        assert abs(made.count(owner) / 60 - weight / 6) <= 0.1 * weight / 6 + 1 / 60


def test_a_key_that_was_away_has_saved_nothing_up(installation: Installation) -> None:
    for _ in range(10):
        installation.ask(owner="key_a")
    order(installation, 10)
    late = [installation.ask(owner="key_b") for _ in range(4)]
    more = [installation.ask(owner="key_a") for _ in range(4)]
    first = order(installation, 4)
    assert 1 <= len(set(first) & set(late)) <= 3
    assert set(order(installation, 4)) | set(first) == {*late, *more}


def test_a_large_film_counts_for_more(installation: Installation) -> None:
    large = [installation.ask(owner="key_a", seconds=1.2) for _ in range(3)]
    small = [installation.ask(owner="key_b", seconds=0.3) for _ in range(8)]
    first = order(installation, 6)
    assert len(set(first) & set(small)) == 4
    assert len(set(first) & set(large)) == 2
    assert queue.cost(Request(prompt="", seconds=2.0, width=1000, height=500, steps=10)) == pytest.approx(10.0)


def test_a_key_may_have_so_many_in_the_making(installation: Installation) -> None:
    key(installation, "key_a", limits={"concurrent": 1})
    mine, other = [installation.ask(owner="key_a") for _ in range(2)], installation.ask(owner="key_b")
    first, second = taken(installation), taken(installation, "worker_b")
    assert first is not None
    assert second is not None
    assert [first.video_id, second.video_id] == [mine[0], other]
    assert taken(installation, "worker_c") is None
    first.complete(KEYS, 1, {})
    third = taken(installation, "worker_c")
    assert third is not None
    assert third.video_id == mine[1]


def test_a_film_goes_to_a_worker_that_can_make_it(installation: Installation) -> None:
    video = installation.ask()
    assert taken(installation, presets=("wan",)) is None
    attempt = taken(installation, presets=("wan", "mini"))
    assert attempt is not None
    assert attempt.video_id == video
    places = {"database": "sqlite:///x", "storage": "y"}
    assert models.able(Settings(**places)) == Able(presets=("mini",))
    assert models.able(Settings(**places, models=("mini", "mini"))).presets == ("mini",)
    with pytest.raises(Exception, match="No model fits into 1 MiB"):
        models.able(Settings(**places, memory_mib=1))


def test_two_workers_never_take_the_same_film(installation: Installation) -> None:
    videos = {installation.ask() for _ in range(12)}
    found: list[str] = []

    def work(name: str) -> None:
        while (attempt := taken(installation, name)) is not None:
            found.append(attempt.video_id)

    threads = [threading.Thread(target=work, args=(f"worker_{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (left := taken(installation)) is not None:  # whoever met a locked row went away
        found.append(left.video_id)
    assert sorted(found) == sorted(videos)


def test_a_film_that_is_put_off_waits_for_its_time(installation: Installation) -> None:
    installation.ask()
    attempt = taken(installation)
    assert attempt is not None
    attempt.put_off(60)
    assert taken(installation) is None
    videos = tables.videos
    with installation.database.begin() as connection:
        begins = connection.execute(sa.select(videos.c.not_before)).scalar_one()
        assert 0 < begins - clock(connection) <= 60
        connection.execute(sa.update(videos).values(not_before=clock(connection)))  # a minute later
    again = taken(installation)
    assert again is not None
    assert again.number == 2


def test_row_3_an_outage_is_waited_for_and_a_film_goes_on_meanwhile(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = installation.ask()
    attempt = taken(installation)
    assert attempt is not None
    away = [6]  # accesses that fail

    def failing(database: Database, real: object = Database.begin) -> object:
        if away[0]:
            away[0] -= 1
            raise sa.exc.OperationalError("UPDATE", {}, Exception("it is away"))
        return real(database)  # type: ignore[operator]

    monkeypatch.setattr(Database, "begin", failing)
    attempt.report(30)
    assert away == [5]
    attempt.preview(1, b"x")  # not even tried for a while
    assert away == [5]
    attempt.complete(KEYS, 1, {})
    assert away == [0]
    assert installation.row(video).status == "completed"


def test_patience_ends() -> None:
    def never() -> None:
        raise StorageFull("no room")

    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        time.sleep(seconds)

    with pytest.raises(StorageFull):
        RetryPolicy(times=Times(full=0.3, retry=0.05), wait=wait)(never)
    assert 0.05 <= sum(waited) <= 0.3  # on a busy machine there are fewer tries


def test_a_film_is_fit_to_be_read_by_its_attempt(installation: Installation) -> None:
    video = installation.ask(size="300x200", seed=4)
    attempt = taken(installation)
    assert attempt is not None
    found = attempt.job.order
    assert found is not None
    assert (attempt.owner, found.request.width, found.request.seed) == (OWNER, 300, 4)
    assert 0 <= attempt.waited < 60
    assert attempt.prefix == f"videos/{video}/1"


def test_a_configuration_survives_its_way_to_a_worker(tmp_path: Path) -> None:
    provenance = Provenance(certificate=tmp_path / "a.pem", signer=("sign", "--fast"), visible="made here")
    places = {"database": "sqlite:///x", "storage": "y"}
    limits, times = replace(Limits(), attempts=7), Times().scaled(0.01)
    settings = Settings(**places, policy=tmp_path, limits=limits, times=times, provenance=provenance)
    configuration = WorkerConfiguration(settings=settings, name="worker_a", json_logs=True, nice=3, alive=5)
    there = WorkerConfiguration.from_line(configuration.to_line())
    assert there == replace(configuration, settings=replace(settings, aliases=dict(settings.aliases)))
