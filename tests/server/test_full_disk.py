"""Row 6: a disk that is full. What is asked for is refused as what it is; deleting and cancelling go on."""

import contextlib
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import error, finish, make, settings_in
from tests.server.conftest import disk

from yozora.server.accounts import keys
from yozora.server.bounds import Limits, Times
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.store.database import is_full
from yozora.server.store.reserve import LEAST, Reserve

SIZE = 4 << 20  # bytes of the disk


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disk(tmp_path / "small", SIZE) as folder:
        yield folder


@pytest.fixture
def client(small: Path, template: Path) -> Iterator[TestClient]:
    """A server whose database and storage lie on a small disk."""
    shutil.copy(template, small)
    app = make_app(settings_in(small, limits=Limits(reserve_bytes=SIZE // 8)), migrate=False)
    with TestClient(app, raise_server_exceptions=False) as opened:
        opened.headers["authorization"] = f"Bearer {keys.create(app.state.service.database, 'me')[1]}"
        yield opened


def fill(folder: Path) -> Path:
    """Write until nothing more can be."""
    path = folder / "fill"
    with path.open("ab", buffering=0) as file:
        for size in (1 << 16, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    with pytest.raises(OSError, match="No space") as caught:
        (folder / "more").write_bytes(b"more")
    assert caught.value.errno == errno.ENOSPC
    (folder / "more").unlink()
    return path


def test_row_6_a_full_disk_is_said_and_videos_can_be_deleted_and_cancelled(client: TestClient, small: Path) -> None:
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    done, waiting, other = (str(make(client)["id"]) for _ in range(3))
    finish(service, done, bytes(100_000))
    filled = fill(small)
    for _ in range(40):  # until what SQLite's log has left is full, too
        answer = client.post("/v1/videos", json={"prompt": "a cat" * 1000})
        if answer.status_code != 200:
            break
    error(answer, 503, None, "storage_full")
    assert answer.headers["x-should-retry"] == "false"
    assert client.get(f"/v1/videos/{waiting}").json()["status"] == "queued"
    for _ in range(3):  # as often as one likes
        answer = client.post(f"/v1/videos/{waiting}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "failed"), answer.text
    assert client.delete(f"/v1/videos/{other}").status_code == 200
    fill(small)
    assert client.delete(f"/v1/videos/{done}").status_code == 200
    assert client.get(f"/v1/videos/{done}").status_code == 404
    assert list(service.objects.keys(f"videos/{done}")) == []
    filled.unlink()
    assert make(client)["status"] == "queued"


def test_a_locked_database_is_said_soon(tmp_path: Path, template: Path) -> None:
    shutil.copy(template, tmp_path)
    with TestClient(make_app(settings_in(tmp_path, times=Times(locked=0.2)), migrate=False)) as opened:
        database = opened.app.state.service.database  # type: ignore[attr-defined]
        opened.headers["authorization"] = f"Bearer {keys.create(database, 'me')[1]}"
        with closing(sqlite3.connect(tmp_path / "yozora.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = opened.post("/v1/videos", json={"prompt": "a cat"})
            error(refused, 503, None, "database_unavailable")
            assert refused.headers["retry-after"] == "2"
            assert opened.get("/v1/videos").status_code == 200, "to look at videos nothing is written"
            with database._my_turn():  # another thread of the process writes
                error(opened.post("/v1/videos", json={"prompt": "a cat"}), 503, None, "database_unavailable")
        assert opened.post("/v1/videos", json={"prompt": "a cat"}).status_code == 200


def test_without_a_reserve_it_would_be_refused(client: TestClient, small: Path) -> None:
    """So that the test above tests something."""
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    waiting = [str(make(client)["id"]) for _ in range(30)]
    service.database.reserve = None
    fill(small)
    answers = [client.post(f"/v1/videos/{one}/cancel") for one in waiting]
    assert 503 in {answer.status_code for answer in answers}


def test_the_reserve_takes_what_is_there(small: Path) -> None:
    reserve = Reserve(small / "reserve", SIZE * 3 // 4)
    (small / "half").write_bytes(bytes(SIZE // 2))
    reserve.keep()
    assert LEAST <= reserve.path.stat().st_size <= SIZE // 2
    with reserve.given_up():
        assert not reserve.path.exists()
        (small / "half").unlink()
    assert reserve.path.stat().st_size == SIZE * 3 // 4
    assert list(small.iterdir()) == [reserve.path]
    reserve.path.unlink()
    fill(small)
    reserve.keep()
    assert not reserve.path.exists()


def test_what_databases_say_of_a_full_disk() -> None:
    class PostgresError(Exception):
        sqlstate = "53100"

    assert is_full(sa.exc.OperationalError("", {}, PostgresError()))
    assert not is_full(sa.exc.OperationalError("", {}, Exception("locked")))
    assert not is_full(TimeoutError())
