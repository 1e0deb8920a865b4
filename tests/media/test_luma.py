"""Brightness on a grid, and a change of it brought back."""

import numpy as np
import pytest

from yozora.media.luma import Luma


def halves(left: int, right: int, height: int = 48, width: int = 64) -> np.ndarray:
    frame = np.full((height, width, 3), left, np.uint8)
    frame[:, width // 2 :] = right
    return frame


def test_cells_hold_the_mean_brightness() -> None:
    grid = Luma(4, 2).of(halves(40, 200))
    assert grid.shape == (2, 4)
    assert grid[:, 0] == pytest.approx(40, abs=1)
    assert grid[:, 3] == pytest.approx(200, abs=1)


def test_green_is_brighter_than_blue() -> None:
    luma, flat = Luma(2, 2), np.zeros((16, 16, 3), np.uint8)
    shown = []
    for channel in range(3):
        one = flat.copy()
        one[..., channel] = 200
        shown.append(float(luma.of(one).mean()))
    assert shown == pytest.approx([200 * 0.299, 200 * 0.587, 200 * 0.114], abs=2)


def test_a_change_is_added_to_all_colours_and_cut_at_the_ends() -> None:
    luma, frame = Luma(4, 2), halves(100, 250)
    out = np.empty_like(frame)
    luma.add(frame, np.full((2, 4), 10.0, np.float32), out)
    assert (out[:, 0] == 110).all()
    assert (out[:, -1] == 255).all()
    luma.add(frame, np.zeros((2, 4), np.float32), out)
    assert np.array_equal(out, frame)


def test_what_is_added_is_found_again() -> None:
    luma, frame = Luma(8, 6), halves(90, 120)
    change = np.random.default_rng(0).uniform(-6, 6, (6, 8)).astype(np.float32)
    out = np.empty_like(frame)
    luma.add(frame, change, out)
    found = luma.of(out) - luma.of(frame)
    assert np.corrcoef(found.ravel(), change.ravel())[0, 1] > 0.9
