"""An installation of an earlier version with 20 queued films is upgraded, and every film ends once.

The archive is made by `fixtures/queued.py`, which says what is in it.
"""

import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.conftest import Installation, opened, until

from yozora.provenance.settings import OFF
from yozora.server.store import migrations, tables
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import migrate
from yozora.server.work.job import Job

ARCHIVE = Path(__file__).parent / "fixtures" / "queued-job-1.tar.xz"
MODES = {"text": 4, "image": 4, "extend": 2, "loop": 1, "blend": 1, "remix": 3, "edit": 2, "recut": 1, "storyboard": 2}
OPTIONS = {"backward", "strength", "region", "start", "stop", "keep", "board"}
SETTINGS = {"negative_prompt", "style", "seed", "steps", "guidance", "fps", "fit"}


@pytest.fixture
def upgraded(toy_folder: Path, tmp_path: Path) -> Iterator[Installation]:
    """The installation of the archive, brought to the newest form."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    with opened(f"sqlite:///{tmp_path / 'yozora.db'}", toy_folder, tmp_path) as made:
        yield made


def waiting(installation: Installation) -> dict[str, Job]:
    """The jobs of the films that are queued, by the films' ids."""
    with installation.database.read() as connection:
        queued = sa.select(tables.videos).where(tables.videos.c.status == "queued").order_by(tables.videos.c.number)
        return {row.id: Job.from_json(row.job) for row in connection.execute(queued)}


def test_every_film_is_still_queued_and_its_job_can_be_read(upgraded: Installation) -> None:
    jobs = waiting(upgraded)
    said = [job.earlier for job in jobs.values() if job.earlier is not None]
    assert Counter(job["mode"] for job in said) == MODES
    assert {name for job in said for name in job["options"]} == OPTIONS
    assert {name for job in said for name in job["settings"]} == SETTINGS
    assert {star["name"] for job in said for star in job["starring"]} == {"Rex"}
    assert [job.to_json() for job in jobs.values()] == said
    assert {len(job.sources) for job in jobs.values()} == {0, 1, 2}
    for video, job in jobs.items():
        assert set(upgraded.objects.keys(f"videos/{video}/")) == {*job.sources, *job.characters}


def test_every_film_ends_once(upgraded: Installation) -> None:
    upgraded.settings = replace(upgraded.settings, provenance=OFF)
    videos = list(waiting(upgraded))
    assert len(videos) == 20
    upgraded.worker()
    for video in videos:
        row = upgraded.ended(video)
        assert (row.status, row.error_message, row.attempts) == ("completed", None, 1), row.job
    for video in videos:
        row = upgraded.row(video)
        kept = {row.file, row.thumbnail, row.spritesheet}
        until(lambda: set(upgraded.objects.keys(f"videos/{video}/")) == kept, "the sources to go")  # noqa: B023
    assert waiting(upgraded) == {}


def test_films_of_the_release_before_get_their_modes_and_their_lineage(database_url: str) -> None:
    """As their jobs say them, in both forms; a name that two characters of a key have says nothing."""
    database = open_database(database_url)
    migrations.upgrade(database, "0005")
    people = [("char_1", "me", "Rex"), ("char_2", "me", "Mia"), ("char_3", "me", "Mia"), ("char_4", "other", "Rex")]
    first = {"mode": "text", "preset": "mini", "sources": [], "starring": [{"name": "Rex", "key": "k"}]}
    sources = [{"at": "k", "title": "video_1"}, {"at": "k", "title": "source 2"}]
    second = {"mode": "blend", "request": {}, "sources": sources, "characters": [{"name": "Mia", "at": "k"}]}
    with database.begin() as connection:
        for video, job, source in (("video_1", first, None), ("video_2", second, "video_0"), ("video_3", {}, None)):
            connection.execute(
                sa.text(
                    "INSERT INTO videos (id, owner, number, status, created_at, model, size, seconds, job, fingerprint,"
                    " remixed_from) VALUES (:id, 'me', 1, 'completed', 1, 'm', '1x1', '1', :job, '', :source)"
                ),
                {"id": video, "job": json.dumps(job), "source": source},
            )
        for name in people:
            said = dict(zip(("id", "owner", "name"), name, strict=True))
            connection.execute(
                sa.text(
                    "INSERT INTO characters (id, owner, name, created_at, key) VALUES (:id, :owner, :name, 1, 'k')"
                ),
                said,
            )
    migrate(database_url)
    with database.read() as connection:
        modes = dict(connection.execute(sa.select(tables.videos.c.id, tables.videos.c.mode)).all())
        edges = set(connection.execute(sa.select(*list(tables.parents.c)[:3])).all())
        consents = set(connection.execute(sa.select(tables.characters.c.consent)).scalars())
    database.close()
    assert modes == {"video_1": "generate", "video_2": "blend", "video_3": None}
    assert edges == {
        ("video_1", "character", "char_1"),
        ("video_2", "video", "video_0"),
        ("video_2", "video", "video_1"),
    }
    assert consents == {"owner"}


def test_films_of_the_release_before_get_exports_and_reasons(database_url: str) -> None:
    """What is there stays; a process of the release before, which knows no such columns, goes on beside newer ones."""
    database = open_database(database_url)
    migrations.upgrade(database, "0006")
    written = sa.text(
        "INSERT INTO videos (id, owner, number, status, created_at, model, size, seconds, job, fingerprint, error_code)"
        " VALUES (:id, 'me', 1, 'failed', 1, 'm', '1x1', '1', '{}', '', 'invalid_request')"
    )
    with database.begin() as connection:
        connection.execute(written, {"id": "video_1"})
    migrate(database_url)
    export = {"id": "export_1", "owner": "me", "number": 1, "video": "video_2", "format": "gif", "finish": {}}
    with database.begin() as connection:
        connection.execute(written, {"id": "video_2"})
        connection.execute(sa.insert(tables.exports).values(**export, library=False, status="queued", created_at=1))
    with database.begin() as connection:
        reasons = connection.execute(sa.select(tables.videos.c.id, tables.videos.c.error_reason)).all()
        assert {tuple(row) for row in reasons} == {("video_1", None), ("video_2", None)}
        connection.execute(sa.delete(tables.videos).where(tables.videos.c.id == "video_2"))
        assert connection.execute(sa.select(tables.exports)).all() == []
    database.close()
