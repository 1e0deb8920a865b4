"""Saving: what is written, what is warned of, and what is never written over."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Film, Origin, Parent, Sound
from yozora.films.saving import save


def film(**facts: object) -> Film:
    frames = np.full((3, 32, 48, 3), (200, 60, 20), np.uint8)
    return Film(frames, 4.0, **facts)  # type: ignore[arg-type] # fields of several types


def test_a_film_without_origin_is_written_as_it_is(tmp_path: Path) -> None:
    path = save(film(), tmp_path / "film.mp4")
    read = media.read(path)
    assert read.frames.shape == (3, 32, 48, 3)
    assert read.fps == 4.0
    assert np.abs(np.asarray(read.frames, int) - (200, 60, 20)).mean() < 6
    assert film().save(tmp_path / "again.mp4").read_bytes() == path.read_bytes()


def test_what_a_file_cannot_hold_is_warned_of(tmp_path: Path) -> None:
    sound = Sound(samples=np.zeros((750, 1), np.float32), rate=1000)
    with pytest.warns(UserWarning, match="sound") as caught:
        film(sound=sound).save(tmp_path / "film.gif")
    assert [warning.filename for warning in caught] == [__file__]  # of the caller, not of the package


def test_a_film_never_replaces_what_it_is_made_of(tmp_path: Path) -> None:
    source = save(film(), tmp_path / "source.mp4")
    before = source.read_bytes()
    origin = Origin(
        mode="extend",
        model="mini",
        preset="0" * 64,
        seed=1,
        prompt="",
        identifier=1,
        made=datetime(2026, 1, 2, tzinfo=UTC),
        parents=(Parent(source=source, title="source.mp4", relation="parentOf"),),
    )
    with pytest.raises(UserError, match=r"source\.mp4"):
        save(film(origin=origin), source)
    assert source.read_bytes() == before


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        save(film(), tmp_path / "film.unheardof")
    with pytest.raises(UserError):
        save(film(), tmp_path / "missing" / "film.mp4")
    assert list(tmp_path.iterdir()) == []
