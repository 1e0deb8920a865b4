"""Sprites: cut-outs at a size, lit and edged."""

import numpy as np
import pytest

from yozora.world.light import light_of
from yozora.world.sprites import fitting, soles, sprite
from yozora.world.styles import STYLES

ASKED = ("car", "vase", "dog", "woman", "balloon")


def test_prepared_sizes_are_large_enough_and_few() -> None:
    sizes = [fitting(pixels) for pixels in range(4, 900)]
    assert all(size >= 0.97 * pixels for size, pixels in zip(sizes, range(4, 900), strict=True))
    assert all(size <= 1.3 * pixels + 8 for size, pixels in zip(sizes, range(4, 900), strict=True))
    assert len(set(sizes)) < 50


@pytest.mark.parametrize("noun", ASKED)
@pytest.mark.parametrize("style", STYLES)
def test_a_sprite_stands_on_its_foot_at_its_size(noun: str, style: str) -> None:
    made = sprite(noun, None, "stand", 0, 60, (STYLES[style].edge, 180), light_of("day", "clear"))
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
    light, edge = light_of("day", "clear"), STYLES["paper"].edge
    small = sprite(noun, "red", "stand", 0, 40, (edge, 120), light)
    large = sprite(noun, "red", "stand", 0, 80, (edge, 240), light)
    assert small.wide == large.wide
    for end in (np.min, np.max):
        assert end(small.hull_P2, axis=0) == pytest.approx(end(large.hull_P2, axis=0), abs=0.06)
    share = small.image_4HW[3].sum() * 4 / large.image_4HW[3].sum()
    assert share == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("noun", ASKED)
def test_light_tints_a_sprite_and_does_not_change_its_shape(noun: str) -> None:
    edge = STYLES["cartoon"].edge
    day, night = (sprite(noun, None, "stand", 0, 50, (edge, 150), light_of(hour, "clear")) for hour in ("day", "night"))
    assert np.allclose(day.image_4HW[3], night.image_4HW[3], atol=1e-5)
    assert night.image_4HW[:3].sum() < day.image_4HW[:3].sum()


def test_soles_are_near_the_feet() -> None:
    for noun in ("dog", "woman", "horse"):
        below_S = soles(noun, "walk")
        assert len(below_S) == 8
        assert np.abs(below_S).max() < 0.2
