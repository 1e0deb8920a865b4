"""The database, the storage or the disk goes away in the middle of a film, or its worker stands still: it ends once."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.server import conftest
from tests.server.conftest import Installation, until
from tests.server.postgres import Postgres
from tests.server.test_faults import events, listen

from yozora.server.store import tables

pytestmark = pytest.mark.usefixtures("unsigned")

LONG = {"steps": 60}
SLOW = 0.03  # seconds a step
AWAY_SECONDS = 2.0  # longer than any single try of a worker


def begun(installation: Installation, video: str) -> None:
    until(lambda: installation.row(video).progress > 0, "the film to begin")


def ends_once(installation: Installation, video: str) -> None:
    row = installation.ended(video)
    assert (row.status, row.error_code) == ("completed", None)
    assert len(events(installation, video)) == 1
    with installation.database.read() as connection:
        assert len(connection.execute(sa.select(tables.usage)).all()) == 1


def path_of(installation: Installation) -> Path:
    return Path(installation.settings.database.removeprefix("sqlite:///"))


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_row_1_and_3_postgres_stops_in_the_middle(installation: Installation, postgres_server: Postgres) -> None:
    listen(installation, "http://127.0.0.1:9/")
    video = installation.ask(**LONG)
    worker = installation.worker(slow=SLOW)
    begun(installation, video)
    postgres_server.stop()
    time.sleep(AWAY_SECONDS)
    postgres_server.start()
    until(postgres_server.ready, "PostgreSQL")
    ends_once(installation, video)
    assert worker.code is None
    other = installation.ask()
    ends_after(installation, other)


def ends_after(installation: Installation, video: str) -> None:
    """Whoever made the film before makes the next one, too."""
    assert installation.ended(video).status == "completed"


@pytest.fixture
def apart(toy_folder: Path, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose database has a folder of its own, and that waits for a locked one for a moment only."""
    with conftest.opened(f"sqlite:///{tmp_path / 'database' / 'yozora.db'}", toy_folder, tmp_path) as made:
        made.settings = replace(made.settings, times=replace(made.settings.times, locked=0.5))
        yield made


@pytest.mark.parametrize("when", ["denoise", "end", "idle"])
def test_row_1_and_3_sqlite_is_locked_or_moved_away(apart: Installation, when: str) -> None:
    listen(apart, "http://127.0.0.1:9/")
    if when == "idle":
        apart.worker(slow=SLOW)
        until(apart.workers, "the worker")
        video = apart.ask(**LONG)
    else:
        video = apart.ask(**LONG)
        apart.worker(slow=SLOW)
        begun(apart, video)
    path = path_of(apart)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(AWAY_SECONDS * (2 if when == "end" else 1))
    folder, hidden = path.parent, path.parent.with_name("hidden")
    folder.rename(hidden)
    time.sleep(AWAY_SECONDS)
    hidden.rename(folder)
    ends_once(apart, video)


def test_row_1_the_storage_is_moved_away_and_comes_back(embedded: Installation) -> None:
    video = embedded.ask(**LONG)
    listen(embedded, "http://127.0.0.1:9/")
    embedded.worker(slow=SLOW)
    begun(embedded, video)
    store = Path(embedded.settings.storage)
    hidden = store.with_name("hidden")
    store.rename(hidden)
    until(lambda: embedded.row(video).progress >= 85, "most of the film to be made")
    time.sleep(AWAY_SECONDS / 2)
    assert embedded.row(video).status == "in_progress"
    hidden.rename(store)
    ends_once(embedded, video)


def test_a_store_that_stays_away_is_said(embedded: Installation) -> None:
    embedded.settings = replace(embedded.settings, times=replace(embedded.settings.times, away=1.0))
    video = embedded.ask()
    worker = embedded.worker()
    until(embedded.workers, "the worker")
    assert embedded.ended(video).status == "completed"
    Path(embedded.settings.storage).rename(embedded.folder / "hidden")
    lost = embedded.ask()
    assert embedded.ended(lost).error_code == "storage_unavailable"
    assert worker.code is None


def test_row_7_a_worker_that_stands_still_is_replaced(embedded: Installation) -> None:
    conftest.with_limits(embedded, attempts=9)  # on a busy machine more than one may seem dead
    video = embedded.ask(**LONG)
    server = embedded.server(slow=SLOW)
    begun(embedded, video)
    (before,) = embedded.workers().values()
    os.kill(before, signal.SIGSTOP)
    row = embedded.ended(video)
    assert row.status == "completed"
    assert row.attempts >= 2
    assert before not in embedded.workers().values()
    assert "does not respond" in server.log.read_text()


def test_a_film_that_hangs_ends_its_worker_and_is_made_by_the_next(embedded: Installation) -> None:
    """As with a device that does not answer: the process lives, and the film does not go on."""
    conftest.with_limits(embedded, attempts=9)  # on a busy machine a step may take as long as to hang
    embedded.settings = replace(embedded.settings, times=replace(embedded.settings.times, stuck=3.0))
    video = embedded.ask()
    server = embedded.server(hang="denoise")
    row = embedded.ended(video)
    assert row.status == "completed"
    assert row.attempts >= 2
    assert "a film makes no progress" in server.log.read_text()


def test_a_film_may_take_as_long_as_its_work(embedded: Installation) -> None:
    times = replace(embedded.settings.times, film=0.3, film_unit=1.0)
    embedded.settings = replace(embedded.settings, times=times)
    slow, quick = embedded.ask(**LONG), embedded.ask(steps=1)
    embedded.worker(slow=0.2)
    assert embedded.ended(slow).error_code == "timed_out"
    assert embedded.row(slow).status == "failed"
    assert embedded.ended(quick).attempts == 1


def test_workers_that_cannot_be_replaced_are_said(embedded: Installation) -> None:
    server = embedded.server(die="start", deaths=99)
    url = embedded.url(server).removesuffix("/v1")

    def trouble() -> list[str]:
        found: list[str] = httpx.get(f"{url}/readyz").json().get("trouble", [])
        return found

    (said,) = until(trouble, "the trouble")
    assert "dies as it starts" in said


def test_row_2_a_worker_finds_the_film_that_it_does_not_know_of(installation: Installation) -> None:
    """The commit that gave it to the worker was done, and the answer lost."""
    video = installation.ask()
    installation.worker(lose="taken")
    assert installation.ended(video).status == "completed"
