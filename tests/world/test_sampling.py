"""Pictures that are moved, turned and resized: against what one reads off pixel by pixel."""

from math import floor

import numpy as np
import pytest

from yozora.world.sampling import sampled, shifted

PLANES = np.random.default_rng(0).uniform(0, 1, (4, 12, 16)).astype(np.float32)


def read_off(x: float, y: float) -> np.ndarray:
    """Between four texels; beyond the border it goes on as there."""
    i, j = floor(x), floor(y)
    fx, fy = x - i, y - j

    def texel(col: int, row: int) -> np.ndarray:
        return PLANES[:, min(max(row, 0), 11), min(max(col, 0), 15)]

    upper = texel(i, j) * (1 - fx) + texel(i + 1, j) * fx
    return np.asarray(upper * (1 - fy) + (texel(i, j + 1) * (1 - fx) + texel(i + 1, j + 1) * fx) * fy)


def test_the_map_that_changes_nothing_changes_nothing() -> None:
    out = sampled(PLANES, np.array((1.0, 0.0, 0.0, 0.0, 1.0, 0.0)), (0, 16, 0, 12))
    assert np.allclose(out, PLANES, atol=1e-5)


@pytest.mark.parametrize(
    "numbers",
    [
        (1.0, 0.0, 3.0, 0.0, 1.0, 2.0),
        (0.5, 0.0, 1.25, 0.0, 0.5, 0.75),
        (0.8, -0.3, 4.0, 0.3, 0.8, 1.0),
        (-1.0, 0.0, 15.0, 0.0, 1.0, 0.0),
        (2.0, 0.0, -6.0, 0.0, 2.0, -5.0),
    ],
)
def test_a_picture_is_read_through_its_map(numbers: tuple[float, ...]) -> None:
    a, b, c, d, e, f = numbers
    out = sampled(PLANES, np.array(numbers), (2, 9, 1, 7))
    assert out.shape == (4, 6, 7)
    for row in range(6):
        for col in range(7):
            x, y = a * (col + 2) + b * (row + 1) + c, d * (col + 2) + e * (row + 1) + f
            assert out[:, row, col] == pytest.approx(read_off(x, y), abs=2e-3)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("start", [0.0, 2.0, 3.5, 4.25])
def test_a_shift_is_a_map_of_one_axis(axis: int, start: float) -> None:
    out = shifted(PLANES, axis, start, 6)
    assert out is not None
    for k in range(6):
        for other in range(3):
            place = (start + k, other) if axis == 2 else (other, start + k)
            there = out[:, other, k] if axis == 2 else out[:, k, other]
            assert there == pytest.approx(read_off(*place), abs=1e-3)


@pytest.mark.parametrize(("start", "count"), [(-1.0, 3), (9.0, 4), (8.5, 4), (0.0, 13)])
def test_what_is_not_there_cannot_be_shifted(start: float, count: int) -> None:
    assert shifted(PLANES, 1, start, count) is None


def test_a_shift_may_be_written_where_one_wants_it() -> None:
    for start in (2.0, 2.5):
        into = np.zeros((4, 5, 16), np.float32)
        assert shifted(PLANES, 1, start, 5, into) is into
        assert np.array_equal(into, shifted(PLANES, 1, start, 5))
