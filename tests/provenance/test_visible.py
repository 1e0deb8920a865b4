"""The visible mark: there, moving, see-through, and the same however the film is cut up."""

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.provenance.visible import Visible, lettered

GRAY = np.full((12, 90, 160, 3), 100, np.uint8)


def test_it_is_seen_and_seen_through() -> None:
    shown = Visible(160, 90, "Made by AI", 4.0)(GRAY)
    changed = (shown != GRAY).any(-1)
    assert 0.005 < changed.mean() < 0.1
    assert shown.max() < 200
    assert (GRAY == 100).all()


def test_it_moves_and_stays_in_the_picture() -> None:
    mark = Visible(160, 90, "AI", 1.0)
    places = {mark.place(float(second)) for second in range(12)}
    assert len(places) == 12
    rows, columns = lettered("AI").shape
    assert all(0 <= left <= 160 - columns and 0 <= top <= 90 - rows for left, top in places)


def test_pieces_make_the_same_film() -> None:
    whole, cut = Visible(160, 90, "AI", 16.0), Visible(160, 90, "AI", 16.0)
    np.testing.assert_array_equal(whole(GRAY), np.concatenate([cut(GRAY[:5]), cut(GRAY[5:])]))


def test_a_small_picture_takes_what_fits() -> None:
    assert Visible(16, 8, "a long text", 16.0)(np.zeros((1, 8, 16, 3), np.uint8)).shape == (1, 8, 16, 3)


@pytest.mark.parametrize("text", ["", " ", "夜空", "x" * 61])
def test_what_cannot_be_written_is_said(text: str) -> None:
    with pytest.raises(UserError, match="visible mark"):
        Visible(160, 90, text, 16.0)
