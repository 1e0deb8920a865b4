"""Contact sheets: which frames, where they stand, and a PNG that others read."""

from pathlib import Path

import av
import numpy as np
import pytest

from yozora.films.sheet import contact_sheet, strip, write_png


def numbered(count: int, height: int = 4, width: int = 6) -> np.ndarray:
    """Frames whose every pixel is their number."""
    return np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, height, width, 3)).copy()


@pytest.mark.parametrize(("count", "shots", "picked"), [(9, 3, [0, 4, 8]), (9, 1, [0]), (2, 4, [0, 0, 1, 1])])
def test_a_strip_is_spread_evenly_from_first_to_last(count: int, shots: int, picked: list[int]) -> None:
    row = strip(numbered(count), shots)
    assert row.shape == (4, 6 * shots, 3)
    assert row[0, ::6, 0].tolist() == picked


def test_films_stand_in_columns_with_gaps_and_smaller_ones_are_padded() -> None:
    films = [numbered(2) + 10, numbered(2, 2, 3) + 20, numbered(2) + 30]
    sheet = contact_sheet(films, shots=2, columns=2, gap=3)
    assert sheet.shape == (2 * (4 + 3) + 3, 2 * (12 + 3) + 3, 3)
    assert sheet[3, 3, 0] == 10
    assert sheet[3, 18, 0] == 20
    assert sheet[10, 3, 0] == 30
    assert (sheet[:3] == 255).all()
    assert (sheet[5:7, 18:24] == 255).all()  # below the film that is half as high
    assert (sheet[10:14, 18:] == 255).all()  # no fourth film


def test_other_programs_read_the_picture(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    write_png(tmp_path / "sheet.png", picture)
    with av.open(str(tmp_path / "sheet.png")) as file:
        (frame,) = file.decode(video=0)
    assert np.array_equal(frame.to_ndarray(format="rgb24"), picture)
