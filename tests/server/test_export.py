"""One export: what is in its folder when it is made, and what its rows say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import made

from yozora import media
from yozora.films.film import Film
from yozora.server.http.export_events import ExportWatch
from yozora.server.http.service import Service
from yozora.server.store import exports, tables
from yozora.server.store.database import clock
from yozora.server.work import export_files, export_results
from yozora.server.work.attempts import Lost
from yozora.server.work.export_files import SOURCE, ExportJob
from yozora.server.work.finish import SPRITESHEET, THUMBNAIL
from yozora.server.work.retry_policy import RetryPolicy

Job = Callable[..., ExportJob]


@pytest.fixture
def job(client: TestClient, service: Service, tmp_path: Path, make_film: Callable[..., Film]) -> Job:
    """An export that a worker has taken, with its source in a folder."""
    video = made(client, service)

    def taken(**said: Any) -> ExportJob:
        folder = tmp_path / f"job-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        make_film(frames=9).save(folder / SOURCE)
        wanted = {"format": "mp4", "library": False, "finish": {}} | said
        with service.database.begin() as connection:
            of = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == video)).one()
            exports.add(connection, of, wanted, "req_1")
            row = exports.take(connection, "worker_1")
        assert row is not None
        return ExportJob(row=row, video=of, folder=folder, provenance=service.settings.provenance, identifier=None)

    return taken


def test_a_film_as_it_is_is_not_encoded_again(job: Job) -> None:
    plain = job()
    before = plain.source.read_bytes()
    assert list(plain.steps()) == []
    assert plain.file.read_bytes() == before
    assert plain.credentials is None


def test_steps_say_how_far_it_is_and_nothing_is_left_of_one_that_stops(job: Job) -> None:
    whole = job(format="gif")
    fractions = list(whole.steps())
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert media.probe(whole.file).frames == 9
    stopped = job(format="webm")
    steps = stopped.steps()
    next(steps)
    steps.close()
    assert [path.name for path in stopped.folder.iterdir()] == [SOURCE]


def test_frames_are_packed_and_not_kept_twice(job: Job) -> None:
    packed = job(format="frames")
    list(packed.steps())
    assert packed.file.name == export_files.NAMES["frames"]
    assert list((packed.folder / export_files.FRAMES).iterdir()) == []


def test_a_video_of_the_library_has_its_pictures(job: Job) -> None:
    video = job(library=True, finish={"size": [128, 72]})
    list(video.steps())
    assert (video.folder / THUMBNAIL).exists()
    assert (video.folder / SPRITESHEET).exists()
    assert video.size == "128x72"


def test_a_row_says_once_what_an_export_became(job: Job, service: Service) -> None:
    plain, retry = job(), RetryPolicy(times=service.settings.times)
    list(plain.steps())
    result = export_results.stored(plain, service.objects, retry)
    for _ in range(2):  # the answer of the database was lost, and it is asked again
        export_results.complete(service.database, service.queue, plain, result, 1.5)
    with service.database.read() as connection:
        row = connection.execute(sa.select(tables.exports)).one()
        (used,) = connection.execute(sa.select(tables.usage).where(tables.usage.c.mode == "export")).all()
    assert (row.status, row.file, row.bytes) == ("completed", result.keys["file"], result.size)
    assert row.file.startswith(export_results.prefix_of(plain.row))
    assert (used.video, used.seconds, used.compute_seconds) == (row.id, 0, 1.5)


def test_a_new_video_says_its_own_rate_and_frames(job: Job, service: Service) -> None:
    video = job(library=True, finish={"fps": 24})
    list(video.steps())
    result = export_results.stored(video, service.objects, RetryPolicy(times=service.settings.times))
    export_results.complete(service.database, service.queue, video, result, 1.0)
    with service.database.read() as connection:
        row = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == result.video[0])).one()
    assert row.fps == 24
    assert row.frames == len(media.read(video.file).frames) > 9


def test_what_was_deleted_meanwhile_is_lost(job: Job, service: Service) -> None:
    video, retry = job(library=True), RetryPolicy(times=service.settings.times)
    list(video.steps())
    result = export_results.stored(video, service.objects, retry)
    with service.database.begin() as connection:
        connection.execute(sa.delete(tables.exports))
    with pytest.raises(Lost):
        export_results.complete(service.database, service.queue, video, result, 1.0)
    with service.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.videos)).scalar() == 1


def test_a_stream_tells_once_of_each_export_that_ends(client: TestClient, service: Service) -> None:
    video = made(client, service)
    first, second = (client.post(f"/v1/videos/{video}/exports", json={"fps": fps}).json()["id"] for fps in (8, 12))
    with service.database.read() as connection:
        owner, moment = connection.execute(sa.select(tables.videos.c.owner)).scalar_one(), clock(connection)
        watch = ExportWatch(owner=owner)
        watch.start(connection, moment, resumes=False)

    def told(watch: ExportWatch) -> list[str]:
        with service.database.read() as connection:
            return [row.id for row in watch.look(connection)]

    def end(export_id: str, status: str) -> None:
        with service.database.begin() as connection:
            mine = tables.exports.c.id == export_id
            connection.execute(sa.update(tables.exports).where(mine).values(status=status))

    assert told(watch) == []  # they wait
    end(first, "completed")
    assert told(watch) == [first]
    end(second, "failed")
    assert told(watch) == [second]
    assert told(watch) == []
    resumed, fresh, other = (ExportWatch(owner=name) for name in (owner, owner, "key_other"))
    with service.database.read() as connection:
        for each, resumes in ((resumed, True), (fresh, False), (other, True)):
            each.start(connection, moment, resumes=resumes)
    assert (told(resumed), told(fresh), told(other)) == ([first, second], [], [])
