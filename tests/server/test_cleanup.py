import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.cleanup import HOUR, INSTALLATION, Swept, sweep
from yozora.server.store.database import Database, open_database
from yozora.server.store.objects import Objects, open_objects
from yozora.server.store.upgrades import migrate

NOW = 2_000_000_000
NOTHING = Swept(videos=0, orphans=0, keys=0)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """On SQLite, and on PostgreSQL."""
    migrate(database_url)
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return open_objects(str(tmp_path / "objects"))


def video(database: Database, name: str, **values: Any) -> None:
    row = {"id": name, "owner": "key_1", "number": 1, "status": "completed", "created_at": 1, "model": "mini"}
    row |= {"size": "64x64", "seconds": "1", "job": {}, "fingerprint": "f", "file": f"videos/{name}/1/film.mp4"}
    with database.begin() as connection:
        connection.execute(tables.videos.insert().values(row | values))


def put(objects: Objects, *keys: str, age: float = 2 * HOUR) -> None:
    for key in keys:
        objects.put_bytes(key, b".")
        path = Path(str(objects.store.prefix)) / key  # type: ignore[union-attr]
        os.utime(path, (NOW - age, NOW - age))


def videos(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(tables.videos.c.id).order_by("id")).scalars())


def left(objects: Objects) -> set[str]:
    return set(objects.keys()) - {INSTALLATION}


def test_an_expired_video_goes_with_all_that_it_has(database: Database, objects: Objects) -> None:
    video(database, "video_a", expires_at=NOW)
    video(database, "video_b", expires_at=NOW + 1)
    video(database, "video_c")
    put(objects, "videos/video_a/1/film.mp4", "videos/video_a/sources/0", "videos/video_b/1/film.mp4", age=0)
    with database.begin() as connection:
        connection.execute(tables.previews.insert().values(video="video_a", step=1, picture=b"."))
    assert sweep(database, objects, NOW) == Swept(videos=1, orphans=0, keys=0)
    assert videos(database) == ["video_b", "video_c"]
    assert left(objects) == {"videos/video_b/1/film.mp4"}
    with database.read() as connection:
        assert connection.execute(sa.select(tables.previews)).all() == []
    assert sweep(database, objects, NOW) == NOTHING


def test_orphans_go_when_they_are_old_enough(database: Database, objects: Objects) -> None:
    video(database, "video_done", thumbnail="videos/video_done/1/thumbnail.webp")
    video(database, "video_failed", status="failed", file=None)
    video(database, "video_waits", status="queued", file=None)
    with database.begin() as connection:
        both = {"id": "x", "owner": "key_1", "created_at": 1}
        file = {"number": 1, "filename": "f", "purpose": "vision", "bytes": 1, "key": "files/x/0", "kind": "picture"}
        connection.execute(tables.files.insert().values({**both, **file}))
        connection.execute(tables.characters.insert().values({**both, "name": "Mossy", "key": "characters/x/0.png"}))
    kept = ["videos/video_done/1/film.mp4", "videos/video_done/1/thumbnail.webp", "videos/video_waits/sources/0"]
    kept += ["videos/video_waits/1/film.mp4", "files/x/0", "characters/x/0.png", "something/else"]
    gone = ["videos/video_done/2/film.mp4", "videos/video_done/sources/0", "videos/video_failed/1/film.mp4"]
    gone += ["videos/video_gone/1/film.mp4", "files/y/0", "characters/y/0.png"]
    put(objects, *kept, *gone)
    put(objects, "videos/video_young/1/film.mp4", age=HOUR - 5)
    assert sweep(database, objects, NOW) == Swept(videos=0, orphans=len(gone), keys=0)
    assert left(objects) == {*kept, "videos/video_young/1/film.mp4"}


def test_the_storage_is_looked_through_once_an_hour_by_one(database: Database, objects: Objects) -> None:
    assert sweep(database, objects, NOW) == NOTHING
    put(objects, "files/y/0")
    assert sweep(database, objects, NOW + HOUR - 1) == NOTHING
    assert sweep(database, objects, NOW + HOUR).orphans == 1
    assert left(objects) == set()


def test_unfinished_writing_of_killed_processes_goes(database: Database, objects: Objects, tmp_path: Path) -> None:
    staged = tmp_path / "objects" / ".staging" / "0123"
    staged.parent.mkdir()
    staged.write_bytes(b"half a film")
    assert sweep(database, objects, NOW) == NOTHING
    os.utime(staged, (time.time() - 2 * HOUR,) * 2)
    assert sweep(database, objects, NOW + HOUR).orphans == 1


def test_the_storage_of_another_database_is_left_alone(database: Database, objects: Objects, tmp_path: Path) -> None:
    """Or a database file that is lost, or a URL that is mistyped, would take every film with it."""
    sweep(database, objects, NOW)
    put(objects, "videos/video_precious/1/film.mp4")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    fresh = open_database(url)
    assert sweep(fresh, objects, NOW) == NOTHING
    fresh.close()
    assert left(objects) == {"videos/video_precious/1/film.mp4"}


def test_answers_are_remembered_for_a_day(database: Database, objects: Objects) -> None:
    with database.begin() as connection:
        for age in (0, 24 * HOUR - 1, 24 * HOUR):
            row = {"owner": "key_1", "key": str(age), "fingerprint": "f", "video": "v", "created_at": NOW - age}
            connection.execute(tables.idempotency.insert().values(row))
    assert sweep(database, objects, NOW) == Swept(videos=0, orphans=0, keys=1)


def test_more_than_one_batch(database: Database, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.server.store.cleanup.BATCH", 2)
    for index in range(5):
        video(database, f"video_{index}", expires_at=1)
    put(objects, *(f"files/{index}/0" for index in range(5)))
    assert sweep(database, objects, NOW) == Swept(videos=5, orphans=5, keys=0)
    assert left(objects) == set()
