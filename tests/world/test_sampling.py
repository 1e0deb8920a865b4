"""Pictures that are moved, turned and resized: against what one reads off pixel by pixel."""

from math import floor

import numpy as np
import pytest

from yozora.world.light import light_of
from yozora.world.sampling import sampled, shifted
from yozora.world.scene import STYLES, Style
from yozora.world.sprites import fitting, soles, sprite
from yozora.world.styles import EDGES

PLANES = np.random.default_rng(0).uniform(0, 1, (4, 12, 16)).astype(np.float32)
ASKED = ("car", "vase", "dog", "woman", "balloon")


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


# --- sprites


def test_prepared_sizes_are_large_enough_and_few() -> None:
    sizes = [fitting(pixels) for pixels in range(4, 900)]
    assert all(size >= 0.97 * pixels for size, pixels in zip(sizes, range(4, 900), strict=True))
    assert all(size <= 1.3 * pixels + 8 for size, pixels in zip(sizes, range(4, 900), strict=True))
    assert len(set(sizes)) < 50


@pytest.mark.parametrize("noun", ASKED)
@pytest.mark.parametrize("style", STYLES)
def test_a_sprite_stands_on_its_foot_at_its_size(noun: str, style: Style) -> None:
    made = sprite(noun, None, "stand", 0, 60, (EDGES[style], 180), light_of("day", "clear"))
    image = made.image_4HW
    assert image.min() >= 0
    assert (image[:3] <= image[3] + 1e-4).all()
    opaque = image[3] > 0.97
    rows, cols = np.nonzero(opaque)
    assert rows.max() + 1 == pytest.approx(made.foot[1], abs=4)
    assert rows.max() - rows.min() == pytest.approx(60, abs=8)
    assert (cols.min() + cols.max()) / 2 == pytest.approx(made.foot[0], abs=4)
    assert (made.hull_P2[:, 1].min(), made.hull_P2[:, 1].max()) == pytest.approx((-1.0, 0.0), abs=0.1)
    assert not image[:, (0, -1)].any()


@pytest.mark.parametrize("noun", ASKED)
def test_a_larger_sprite_is_the_same_picture(noun: str) -> None:
    light, edge = light_of("day", "clear"), EDGES["paper"]
    small = sprite(noun, "red", "stand", 0, 40, (edge, 120), light)
    large = sprite(noun, "red", "stand", 0, 80, (edge, 240), light)
    assert small.wide == large.wide
    for end in (np.min, np.max):
        assert end(small.hull_P2, axis=0) == pytest.approx(end(large.hull_P2, axis=0), abs=0.06)
    share = small.image_4HW[3].sum() * 4 / large.image_4HW[3].sum()
    assert share == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("noun", ASKED)
def test_light_tints_a_sprite_and_does_not_change_its_shape(noun: str) -> None:
    edge = EDGES["cartoon"]
    day, night = (sprite(noun, None, "stand", 0, 50, (edge, 150), light_of(hour, "clear")) for hour in ("day", "night"))
    assert np.allclose(day.image_4HW[3], night.image_4HW[3], atol=1e-5)
    assert night.image_4HW[:3].sum() < day.image_4HW[:3].sum()


def test_soles_are_near_the_feet() -> None:
    for noun in ("dog", "woman", "horse"):
        below_S = soles(noun, "walk")
        assert len(below_S) == 8
        assert np.abs(below_S).max() < 0.2
