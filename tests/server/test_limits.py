"""Rates and queues: what is too much is told, with when to come again."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from yozora.server.accounts.limits import DAY, HOUR, Rates, check_queue, check_storage, of_key
from yozora.server.accounts.shared_rates import SharedRates, rates_of
from yozora.server.bounds import Limits
from yozora.server.errors import ApiError
from yozora.server.store import tables
from yozora.server.store.database import Database, now, open_database
from yozora.server.store.upgrades import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'yozora.db'}")
    tables.metadata.create_all(opened.engine)
    yield opened
    opened.close()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_s_worth_at_once_and_then_evenly() -> None:
    clock = Clock()
    rates = Rates(Limits(requests_a_minute=30, creates_a_minute=6), clock)
    for _ in range(30):
        rates.check("key_a", "request")
    with pytest.raises(ApiError) as caught:
        rates.check("key_a", "request")
    error = caught.value
    assert error.status == 429
    assert error.headers == {"retry-after": "2", "retry-after-ms": "2000"}
    assert error.envelope["error"]["type"] == "rate_limit_error"
    assert error.envelope["error"]["code"] == "rate_limit_exceeded"
    clock.now += 2
    rates.check("key_a", "request")
    with pytest.raises(ApiError):
        rates.check("key_a", "request")


def test_keys_and_kinds_are_counted_apart() -> None:
    rates = Rates(Limits(requests_a_minute=2, creates_a_minute=1), Clock())
    rates.check("key_a", "create")
    with pytest.raises(ApiError) as caught:
        rates.check("key_a", "create")
    assert caught.value.headers["retry-after"] == "60"
    rates.check("key_b", "create")
    rates.check("key_a", "request")
    with pytest.raises(ApiError):
        Rates(Limits(creates_a_minute=0)).check("key_a", "create")


def test_threads_take_no_token_twice() -> None:
    rates = Rates(Limits(requests_a_minute=100), Clock())

    def ask(_: int) -> bool:
        try:
            rates.check("key_a", "request")
        except ApiError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(300))) == 100


def test_silent_keys_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.server.accounts.limits.MAX_BUCKETS", 10)
    clock = Clock()
    rates = Rates(Limits(), clock)
    for k in range(11):
        rates.check(f"key_{k}", "request")
    clock.now += 61
    rates.check("key_new", "request")
    assert len(rates._buckets) == 1


def put(connection: sa.Connection, name: str, owner: str, status: str) -> None:
    row = {"id": name, "owner": owner, "number": 1, "status": status, "created_at": 1, "model": "m", "size": "64x64"}
    connection.execute(tables.videos.insert().values(**row, seconds="4", job={}, fingerprint=""))


def test_only_so_many_videos_wait_for_a_key(database: Database) -> None:
    limits = Limits(queued=2)
    with database.begin() as connection:
        put(connection, "video_1", "key_a", "queued")
        put(connection, "video_2", "key_a", "completed")
        put(connection, "video_3", "key_b", "queued")
        check_queue(connection, "key_a", limits)
        put(connection, "video_4", "key_a", "in_progress")
        with pytest.raises(ApiError) as caught:
            check_queue(connection, "key_a", limits)
        check_queue(connection, "key_b", limits)
    assert (caught.value.status, caught.value.code) == (429, "queue_full")
    assert caught.value.headers["retry-after-ms"] == "5000"


def with_key(connection: sa.Connection, name: str, **limits: float) -> None:
    row = {"id": name, "name": name, "hash": name, "hint": "", "created_at": 1, "limits": limits or None}
    connection.execute(tables.keys.insert().values(row))


def refused(connection: sa.Connection, owner: str, work: float = 0.0) -> ApiError:
    with pytest.raises(ApiError) as caught:
        check_queue(connection, owner, Limits(), work)
    return caught.value


def test_a_key_has_limits_of_its_own(database: Database) -> None:
    with database.begin() as connection:
        with_key(connection, "key_a", queued=1, files=7)
        put(connection, "video_1", "key_a", "queued")
        put(connection, "video_2", "key_b", "queued")
        assert refused(connection, "key_a").code == "queue_full"
        check_queue(connection, "key_b", Limits())
        assert of_key(connection, "key_a", Limits()).files == 7
        assert of_key(connection, "key_b", Limits()) == of_key(connection, "key_none", Limits()) == Limits()
    rates = Rates(Limits(), Clock(), own=lambda owner: {"creates_a_minute": 1} if owner == "key_a" else {})
    rates.check("key_a", "create")
    rates.check("key_a", "request")
    with pytest.raises(ApiError, match="1 creates a minute"):
        rates.check("key_a", "create")
    rates.check("key_b", "create")


def test_what_a_key_keeps_is_bounded(database: Database) -> None:
    with database.begin() as connection:
        with_key(connection, "key_a", stored_bytes=100)
        put(connection, "video_1", "key_a", "completed")
        connection.execute(tables.videos.update().values(bytes=60))
        file = {"id": "file_1", "owner": "key_a", "number": 1, "filename": "f", "purpose": "p", "bytes": 40}
        check_queue(connection, "key_a", Limits())
        check_storage(connection, "key_a", of_key(connection, "key_a", Limits()), 40)
        connection.execute(tables.files.insert().values(**file, created_at=1, key="k", kind="image"))
        error = refused(connection, "key_a")
        assert (error.status, error.code, error.headers) == (429, "storage_limit", {"x-should-retry": "false"})
        check_queue(connection, "key_b", Limits())


def use(connection: sa.Connection, name: str, ended_at: int, seconds: float) -> None:
    row = {"video": name, "owner": "key_a", "model": "m", "mode": "", "status": "completed", "seconds": seconds}
    row |= {"width": 1000, "height": 1000, "steps": 1, "compute_seconds": 1.0, "energy_joules": 0.0}
    connection.execute(tables.usage.insert().values(**row, created_at=ended_at, ended_at=ended_at))


def test_what_a_key_may_make_in_a_day_is_bounded(database_url: str) -> None:
    migrate(database_url)
    with closing(open_database(database_url)) as database, database.begin() as connection:
        with_key(connection, "key_a", megapixel_seconds_a_day=10)
        use(connection, "video_1", now() - DAY - 1, 9.0)  # yesterday's
        use(connection, "video_2", now() - DAY + 5 * HOUR, 3.0)
        use(connection, "video_3", now() - 100, 3.0)
        check_queue(connection, "key_a", Limits(), 4.0)
        put(connection, "video_4", "key_a", "queued")
        connection.execute(tables.videos.update().values(size="1000x1000", seconds="2"))
        error = refused(connection, "key_a", 4.0)
        assert (error.status, error.code) == (429, "daily_limit")
        assert 5 * HOUR - 60 <= int(error.headers["retry-after"]) <= 5 * HOUR + 1  # when video_2 is a day old
        assert refused(connection, "key_a", 10.5).status == 400  # never
        check_queue(connection, "key_b", Limits(), 1e6)


def test_processes_count_rates_together(database_url: str) -> None:
    """Never more than the rate by all, and nearly all of it: what others hold is small."""
    migrate(database_url)
    with closing(open_database(database_url)) as database:
        limits = Limits(requests_a_minute=60, creates_a_minute=3)
        processes = [SharedRates(database, limits) for _ in range(3)]

        def ask(turn: int) -> bool:
            try:
                processes[turn % 3].check("key_a", "request")
            except ApiError:
                return False
            return True

        start = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            taken = sum(pool.map(ask, range(150)))
        assert 60 <= taken <= 60 + 1 + (time.monotonic() - start)
        for turn in range(3):
            processes[turn].check("key_a", "create")
        for process in processes:
            with pytest.raises(ApiError) as caught:
                process.check("key_a", "create")
            assert 1 <= int(caught.value.headers["retry-after"]) <= 20
        processes[0].check("key_b", "create")


def test_lots_are_small_and_ask_the_database_seldom(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = Clock(), 0
    rates = SharedRates(database, Limits(requests_a_minute=600), clock)
    fetch = rates._fetch_tokens

    def counted(*told: Any) -> tuple[int, float]:
        nonlocal asked
        asked += 1
        return fetch(*told)

    monkeypatch.setattr("yozora.server.accounts.shared_rates.clock", lambda _connection: clock.now)
    monkeypatch.setattr(rates, "_fetch_tokens", counted)
    for _ in range(400):
        rates.check("key_a", "request")
    assert asked == 40
    for _ in range(200):
        rates.check("key_a", "request")
    assert asked < 120
    before = asked
    for _ in range(20):  # refused without asking
        with pytest.raises(ApiError):
            rates.check("key_a", "request")
    assert asked == before + 1
    clock.now += 0.11
    rates.check("key_a", "request")
    rates._batches.clear()
    clock.now += 60
    other = SharedRates(database, Limits(requests_a_minute=600), clock)
    for _ in range(600):
        other.check("key_a", "request")


def test_where_the_disk_is_full_each_process_counts_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who only looks is let in all the same, and nobody without bounds."""

    class DiskFull(Exception):  # noqa: N818 - as psycopg has it
        sqlstate = "53100"

    def full(*_: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, DiskFull("no space left on device"))

    rates = SharedRates(database, Limits(polls_a_minute=3), Clock())
    monkeypatch.setattr(rates, "_fetch_tokens", full)
    for _ in range(3):
        rates.check("key_a", "poll")
    with pytest.raises(ApiError):
        rates.check("key_a", "poll")


def test_only_sqlite_counts_in_memory(database_url: str) -> None:
    migrate(database_url)
    with closing(open_database(database_url)) as database:
        assert isinstance(rates_of(Limits(), database), SharedRates) == database_url.startswith("postgresql")
