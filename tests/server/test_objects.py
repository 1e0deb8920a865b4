import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from yozora.errors import UserError
from yozora.server.store.objects import STAGING, Objects, StorageFull, open_objects


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    return open_objects("memory:///" if request.param == "memory" else str(tmp_path / "a folder" / "objects"))


def test_what_is_put_is_there(store: Objects, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 12_000)
    assert store.put("videos/video_1/1/film.mp4", source) == store.size("videos/video_1/1/film.mp4") == 256 * 12_000
    store.put_bytes("videos/video_1/1/film.mp4", b"replaced")
    assert store.get("videos/video_1/1/film.mp4") == b"replaced"
    store.save("videos/video_1/1/film.mp4", tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == b"replaced"


@pytest.mark.parametrize(("start", "stop"), [(0, 3_072_000), (5, 9), (3_071_990, 4_000_000), (7, 7), (0, 1)])
def test_ranges(store: Objects, tmp_path: Path, start: int, stop: int) -> None:
    data = os.urandom(3_072_000)
    store.put_bytes("a/b", data)
    chunks = list(store.read("a/b", start, stop))
    assert b"".join(chunks) == data[start:stop]
    assert all(len(chunk) < 4 << 20 for chunk in chunks)


def test_an_empty_object(store: Objects, tmp_path: Path) -> None:
    store.put_bytes("empty", b"")
    store.save("empty", tmp_path / "saved")
    assert store.size("empty") == 0
    assert (tmp_path / "saved").read_bytes() == b""


@pytest.mark.parametrize(
    "verb",
    [
        lambda store: store.get("no/thing"),
        lambda store: store.size("no/thing"),
        lambda store: list(store.read("no/thing", 0, 5)),
        lambda store: list(store.read("no/thing", 5, 5)),
    ],
)
def test_what_is_missing_is_a_key_error(store: Objects, verb: Callable[[Objects], object]) -> None:
    with pytest.raises(KeyError, match="no/thing"):
        verb(store)


def test_deleting(store: Objects) -> None:
    for key in ("videos/a/1/x", "videos/a/2/y", "videos/ab/1/x", "files/f"):
        store.put_bytes(key, b".")
    assert set(store.keys("videos/a")) == {"videos/a/1/x", "videos/a/2/y"}
    store.delete_under("videos/a/")
    store.delete("files/f", "files/never")
    store.delete()
    assert list(store.keys()) == ["videos/ab/1/x"]


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/passwd", "", "a//b", "a/./b", "a\\b", "a\x00b", "a/b#1"])
def test_no_key_leaves_the_store(store: Objects, key: str) -> None:
    for verb in (store.get, store.size, store.delete):
        with pytest.raises(ValueError, match="is no key"):
            verb(key)
    with pytest.raises(ValueError, match="is no key"):
        store.put_bytes(key, b"")


def test_an_emptied_folder_goes_and_comes_back(tmp_path: Path) -> None:
    store = open_objects(str(tmp_path / "objects"))
    store.put_bytes("videos/a/1/x", b".")
    store.delete("videos/a/1/x")
    assert not (tmp_path / "objects" / "videos").exists()
    assert (tmp_path / "objects").exists()

    def put_and_delete(name: str) -> None:
        for _ in range(50):
            store.put_bytes(f"videos/a/{name}", b".")
            store.delete(f"videos/a/{name}")

    threads = [threading.Thread(target=put_and_delete, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(store.keys()) == []


def test_what_a_killed_process_left_is_not_served_and_goes(tmp_path: Path) -> None:
    store = open_objects(str(tmp_path))
    (tmp_path / STAGING).mkdir()
    (tmp_path / STAGING / "0011").write_bytes(b"half")
    assert list(store.keys()) == []
    assert store.tidy(3600) == 0
    os.utime(tmp_path / STAGING / "0011", (0, 0))
    assert store.tidy(3600) == 1
    assert open_objects("memory:///").tidy(0) == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_its_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    store = open_objects(str(tmp_path))
    store.put_bytes("a", b"old")
    monkeypatch.setattr("yozora.server.store.objects.os.fsync", full)
    with pytest.raises(StorageFull):
        store.put_bytes("a", b"new")
    assert store.get("a") == b"old"
    assert list((tmp_path / STAGING).iterdir()) == []


def test_another_failure_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("yozora.server.store.objects.os.fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        open_objects(str(tmp_path)).put_bytes("a", b"new")


def test_presigned_addresses(monkeypatch: pytest.MonkeyPatch, store: Objects) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    address = open_objects("s3://bucket/films").url("videos/v/1/film.mp4", 60)
    assert address is not None
    assert "bucket/films/videos/v/1/film.mp4?" in address
    assert "X-Amz-Expires=60" in address
    assert store.url("videos/v/1/film.mp4", 60) is None


@pytest.mark.parametrize("url", ["ftp://somewhere/x", "http://somewhere/x", "s3://", "/proc/never/x"])
def test_what_cannot_be_opened_is_a_persons_error(url: str) -> None:
    with pytest.raises(UserError, match="storage"):
        open_objects(url)
