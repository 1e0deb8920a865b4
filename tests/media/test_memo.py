"""A file is looked at once, and again when it has changed."""

import builtins
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yozora import media
from yozora.errors import UserError
from yozora.films import orders
from yozora.films.film import Film
from yozora.media import memo, opening

LONG_AGO = 1_000_000_000  # seconds: a time that nobody takes for now


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def size_of(asked: list[str]) -> Callable[[Path], int]:
    @media.remembered
    def find(path: Path) -> int:
        asked.append(str(path))
        return len(path.read_bytes())

    return find


def written(path: Path, text: bytes, when: float = LONG_AGO) -> Path:
    path.write_bytes(text)
    os.utime(path, (when, when))
    return path


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time at which a file's times were set is no moment ago."""
    monkeypatch.setattr(memo, "FRESH", -1.0)


def test_a_file_that_stays_the_same_is_read_once(
    tmp_path: Path, size_of: Callable[[Path], int], asked: list[str]
) -> None:
    path = written(tmp_path / "a", b"one")
    assert [size_of(path), size_of(path)] == [3, 3]
    assert len(asked) == 1


@pytest.mark.parametrize("text", [b"two!", b"two"])
def test_a_file_that_was_changed_or_replaced_is_read_again(
    tmp_path: Path, size_of: Callable[[Path], int], asked: list[str], text: bytes
) -> None:
    path = written(tmp_path / "a", b"one")
    assert size_of(path) == 3
    assert size_of(written(path, text, LONG_AGO + 1)) == len(text)
    written(tmp_path / "b", b"three", LONG_AGO + 1).replace(path)
    assert size_of(path) == 5
    assert len(asked) == 3


def test_a_file_that_was_changed_just_now_is_not_relied_on(
    tmp_path: Path, size_of: Callable[[Path], int], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo, "FRESH", 3600.0)
    path = written(tmp_path / "a", b"one", time.time())
    assert [size_of(path), size_of(path)] == [3, 3]
    assert len(asked) == 2


def test_a_relative_name_is_that_of_the_folder_of_the_moment(
    tmp_path: Path, size_of: Callable[[Path], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("x", "longer"):
        (tmp_path / name).mkdir()
        written(tmp_path / name / "a", name.encode())
        monkeypatch.chdir(tmp_path / name)
        assert size_of(Path("a")) == len(name)


def test_what_goes_wrong_is_not_kept(tmp_path: Path, size_of: Callable[[Path], int]) -> None:
    with pytest.raises(FileNotFoundError):
        size_of(tmp_path / "a")
    with pytest.raises(ValueError, match="null"):
        size_of(Path("\0"))
    assert size_of(written(tmp_path / "a", b"one")) == 3
    with pytest.raises(UserError, match=r"Cannot read 'none\.mp4'"):
        media.probe(Path("none.mp4"))


def test_an_order_reads_its_source_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once to hash it and once to look at it, whatever is asked for and how often."""
    noise = np.random.default_rng(1).integers(0, 256, (33, 128, 128, 3)).astype(np.uint8)
    path = Film(frames=noise, fps=16.0).save(tmp_path / "a.mp4")
    count = 0

    class Counted:
        """An open file of which it is counted what is read."""

        def __init__(self, file: Any) -> None:
            self.file, self.seek, self.tell = file, file.seek, file.tell

        def read(self, size: int = -1) -> bytes:
            nonlocal count
            data: bytes = self.file.read(size)
            count += len(data)
            return data

        def __enter__(self) -> "Counted":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

    def watched(self: Path, *arguments: Any, **more: Any) -> Any:
        file = builtins.open(self, *arguments, **more)  # noqa: SIM115
        return Counted(file) if self == path else file

    monkeypatch.setattr(Path, "open", watched)
    monkeypatch.setattr(opening, "BUFFER", 1 << 12)
    for _ in range(3):
        for mode, requested in (("extend", {}), ("edit", {"stop": 1.0}), ("loop", {"size": "96x64"})):
            orders.ask(mode, "a car", {"source": path}, {"seed": 1, **requested})
        media.open(path, width=32, height=32, fps=16)
    assert count < 3 * path.stat().st_size
