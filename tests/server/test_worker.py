"""Real workers on real databases: what they make, how they say how far it is, and how they stop."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.conftest import OWNER, Installation, until

from yozora import media
from yozora.provenance.settings import OFF
from yozora.server.store import tables
from yozora.server.store.database import now
from yozora.server.work import scratch

STAGES = {"queue", "encode", "denoise", "decode", "finish", "upload"}
LONG = {"steps": 80}
UNSIGNED = pytest.mark.usefixtures("unsigned")
SLOW = 0.05  # seconds a step: a long film takes four seconds then


def begun(installation: Installation, video: str, progress: int = 1) -> None:
    """Wait until a film is in the making."""
    until(lambda: installation.row(video).progress >= progress, f"progress of {video}")


def stored(installation: Installation, video: str) -> set[str]:
    return set(installation.objects.keys(f"videos/{video}"))


def test_a_film_is_made_as_it_was_asked_for(installation: Installation) -> None:
    video = installation.ask(size="150x100", seconds=1.0)
    installation.worker()
    row = installation.ended(video)
    assert (row.status, row.progress, row.attempts, row.error_code) == ("completed", 100, 1, None)
    assert row.created_at <= row.started_at <= row.completed_at
    assert set(row.timings) == STAGES
    assert all(seconds >= 0 for seconds in row.timings.values())
    film = installation.folder / "film.mp4"
    installation.objects.save(row.file, film)
    assert row.bytes == film.stat().st_size
    found = media.probe(film)
    assert (found.width, found.height, found.frames) == (150, 100, 17)
    assert found.facts["prompt"] == "a red car"
    assert installation.objects.get(row.thumbnail)[8:12] == b"WEBP"
    assert installation.objects.get(row.spritesheet)[:3] == b"\xff\xd8\xff"
    until(lambda: stored(installation, video) == {row.file, row.thumbnail, row.spritesheet}, "the sources to go")


@UNSIGNED
def test_progress_is_truthful_and_the_making_can_be_watched(embedded: Installation) -> None:
    video = embedded.ask(**LONG)
    worker = embedded.worker(slow=3 * SLOW)  # previews are seldom on a busy machine
    seen, pictures = [], {}
    while (row := embedded.row(video)).status != "completed":
        seen.append(row.progress)
        with embedded.database.read() as connection:
            found = connection.execute(sa.select(tables.previews).where(tables.previews.c.video == video)).one_or_none()
        if found is not None:
            pictures[found.step] = found.picture
        time.sleep(0.02)
        assert worker.code is None
    assert seen == sorted(seen)
    assert len(set(seen)) > 8
    assert max(seen) < 100
    assert len(pictures) > 1
    assert all(picture[8:12] == b"WEBP" for picture in pictures.values())
    with embedded.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.previews)).scalar() == 0


@UNSIGNED
def test_cancel_and_delete_stop_the_making(installation: Installation) -> None:
    cancelled, deleted = (installation.ask(**LONG) for _ in range(2))
    installation.worker(slow=SLOW)
    begun(installation, cancelled)
    with installation.database.begin() as connection:
        installation.queue.cancel(connection, cancelled)
    row = installation.ended(cancelled, 2.0)
    assert (row.status, row.error_code) == ("failed", "cancelled")
    assert row.progress < 97
    begun(installation, deleted)
    with installation.database.begin() as connection:
        connection.execute(sa.delete(tables.videos).where(tables.videos.c.id == deleted))
    other = installation.ask()
    assert installation.ended(other).status == "completed"
    assert not stored(installation, cancelled) | stored(installation, deleted)


@UNSIGNED
def test_a_film_that_waits_is_cancelled_at_once(installation: Installation) -> None:
    cancelled, other = installation.ask(), installation.ask()
    with installation.database.begin() as connection:
        installation.queue.cancel(connection, cancelled)
    row = installation.row(cancelled)
    assert (row.status, row.error_code, row.attempts) == ("failed", "cancelled", 0)
    installation.worker()
    assert installation.ended(other).status == "completed"
    assert installation.row(cancelled).attempts == 0


@UNSIGNED
def test_a_worker_that_is_stopped_gives_its_film_back(installation: Installation) -> None:
    first, second = installation.ask(**LONG), installation.ask()
    worker = installation.worker(slow=SLOW)
    begun(installation, first)
    start = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - start < 30
    row = installation.row(first)
    assert (row.status, row.progress, row.attempts, row.worker) == ("queued", 0, 0, None)
    assert installation.row(second).status == "queued"
    assert not installation.workers()
    assert not stored(installation, first)
    installation.worker()
    assert (installation.ended(first).status, installation.ended(second).status) == ("completed", "completed")
    assert installation.row(first).attempts == 1


def test_the_same_seed_makes_the_same_film_whoever_makes_it(embedded: Installation) -> None:
    """To the byte, where nothing of its own is put into each."""
    embedded.settings = replace(embedded.settings, provenance=OFF)
    films = [embedded.ask(seed=5) for _ in range(2)]
    worker = embedded.worker()
    embedded.ended(films[0])
    worker.stop()
    embedded.worker()
    first, second = (embedded.objects.get(embedded.ended(video).file) for video in films)
    assert first == second


@UNSIGNED
def test_what_cannot_be_made_says_why_and_the_next_one_is_made(embedded: Installation, tmp_path: Path) -> None:
    embedded.objects.put_bytes("videos/x/sources/0", b"no film at all" * 99)
    broken = embedded.ask("extend", sources=("videos/x/sources/0",))
    gone = embedded.ask("remix", sources=("videos/x/sources/1",))
    strange = embedded.ask("edit", sources=("videos/x/sources/0",), region=(0, 0, 0.5, 0.5))
    faceless = embedded.ask(prompt="Mossy walks", cast=("Mossy",))
    good = embedded.ask()
    embedded.worker()
    for video in (broken, gone, strange, faceless):
        row = embedded.ended(video)
        assert (row.status, row.error_code) == ("failed", "invalid_request"), row.error_message
        assert row.error_reason
        assert "/" not in row.error_message
    for video in (gone, faceless):
        assert "was deleted" in embedded.row(video).error_message
    assert embedded.ended(good).status == "completed"


def test_a_bug_is_on_the_log_and_not_on_the_wire(embedded: Installation) -> None:
    video = embedded.ask()
    with embedded.database.begin() as connection:
        said = {**embedded.row(video).job, "options": {"many": 1}}
        connection.execute(sa.update(tables.videos).values(job=said))
    worker = embedded.worker()
    row = embedded.ended(video)
    assert (row.error_code, "Traceback" in row.error_message) == ("internal_error", False)
    assert "ValueError: this is no order: a Generate has no many" in worker.log.read_text()


def test_frames_are_looked_at_before_anybody_sees_them(embedded: Installation, tmp_path: Path) -> None:
    rules = tmp_path / "policy.yaml"
    rules.write_text("frames: tests.server.toys:nothing_is_allowed\n")
    embedded.settings = replace(embedded.settings, policy=rules)
    video = embedded.ask()
    embedded.worker()
    row = embedded.ended(video)
    assert (row.status, row.error_code) == ("failed", "moderation_blocked")
    assert row.error_message == "6 frames of 96x64 are too many"
    assert not stored(embedded, video)


@UNSIGNED
def test_a_finished_film_expires_when_the_operator_says_so(embedded: Installation) -> None:
    embedded.settings = replace(embedded.settings, expires=3600.0)
    video = embedded.ask()
    embedded.worker()
    row = embedded.ended(video)
    assert row.expires_at == row.completed_at + 3600


@UNSIGNED
def test_nothing_is_left_among_the_temporary_files(embedded: Installation) -> None:
    def left() -> list[Path]:
        return list(embedded.folder.glob(f"{scratch.PREFIX}*"))

    video = embedded.ask()
    embedded.worker(die="upload").wait()
    assert len(left()) == 1
    heir = embedded.worker()
    embedded.ended(video)
    assert len(left()) == 1  # its own
    until(lambda: [path.name for path in left()[0].iterdir()] == [scratch.LOCK], "only the lock is left")
    heir.stop()
    assert left() == []


def test_a_worker_beats_and_counts(installation: Installation) -> None:
    worker = installation.worker()
    installation.ended(installation.ask())

    def counted() -> sa.Row | None:
        with installation.database.read() as connection:
            row = connection.execute(sa.select(tables.workers)).one()
        return row if (row.metrics or {}).get("jobs") else None

    row = until(counted, "the worker's figures")
    assert row.id == worker.name
    assert abs(row.seen - now()) < 10
    assert row.metrics["jobs"] == {"completed": 1}
    assert set(row.metrics["stages"]) == STAGES


@UNSIGNED
def test_the_dead_are_taken_over_from_and_those_who_wake_up_change_nothing(installation: Installation) -> None:
    """A worker that stands still for long, as a laptop's does when it is closed."""
    video = installation.ask(**LONG)
    sleeper = installation.worker(slow=SLOW)
    begun(installation, video)
    with installation.database.begin() as connection:  # rather than waiting for its silence to last
        connection.execute(sa.update(tables.workers).values(seen=tables.workers.c.seen - 60))
        sleeper.pause()  # while nobody else writes: one that slept while it wrote would lock SQLite
    heir = installation.worker()
    row = installation.ended(video)
    assert (row.status, row.attempts, row.worker) == ("completed", 2, heir.name)
    made = stored(installation, video)
    sleeper.wake()
    assert sleeper.stop() == 0
    assert installation.row(video) == row
    assert stored(installation, video) == made


@UNSIGNED
@pytest.mark.parametrize("count", [12])
def test_two_workers_never_make_a_film_twice(installation: Installation, count: int) -> None:
    films = [installation.ask() for _ in range(count)]
    workers = [installation.worker(slow=0.02) for _ in range(2)]
    rows = [installation.ended(video) for video in films]
    assert {row.status for row in rows} == {"completed"}
    assert {row.attempts for row in rows} == {1}
    assert {row.owner for row in rows} == {OWNER}
    said = [worker.log.read_text() for worker in workers]
    for video in films:
        assert sum(text.count(f"taken up  video={video}") for text in said) == 1
    assert {row.worker for row in rows} == {worker.name for worker in workers}
