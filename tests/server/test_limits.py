"""Rates and queues: what is too much is told, with when to come again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from yozora.server.accounts.limits import Rates, check_queue
from yozora.server.errors import ApiError
from yozora.server.settings import Limits
from yozora.server.store import tables
from yozora.server.store.database import Database, open_database


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
