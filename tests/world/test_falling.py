"""What falls, in the picture: where it is drawn, and that nothing else is."""

import numpy as np
import pytest

from yozora.world import falling, particles
from yozora.world.light import light_of
from yozora.world.picture import Picture
from yozora.world.scene import Scene
from yozora.world.view import View, view

SECONDS = np.arange(0, 4, 1 / 8, dtype=np.float32)


def seen(scene: Scene, seconds: np.ndarray = SECONDS) -> View:
    return view(scene, 160, 90, seconds)


@pytest.mark.parametrize("place", ["park", "sea", "desert"])
def test_some_leaves_are_behind_and_more_before_the_actors(place: str) -> None:
    scene = Scene(seed=5, place=place, weather="leaves")  # type: ignore[arg-type]
    light = light_of("day", "leaves")
    parts = falling.leaves_in(scene, [], seen(scene), SECONDS, light)
    count = {front: leaves.bounds_TL4.shape[1] for front, leaves in parts.items()}
    assert count[False] + count[True] == particles.LEAVES
    assert 0 < count[False] < count[True]
    for leaves in parts.values():
        assert leaves.cover_TLN.min() >= 0
        assert leaves.cover_TLN.max() <= 1
        assert (leaves.pixels_TLN < 160 * 90).all()
        assert (leaves.pixels_TLN >= 0).all()


@pytest.mark.parametrize("front", [False, True])
def test_leaves_that_are_drawn_change_only_pixels_in_their_bounds(front: bool) -> None:
    scene = Scene(seed=5, place="park", weather="leaves")
    leaves = falling.leaves_in(scene, [], seen(scene), SECONDS, light_of("day", "leaves"))[front]
    for frame in (0, 7, 20):
        picture = Picture(image_3HW=np.full((3, 90, 160), 0.5, np.float32), rest_3HW=None, rest_HW3=None)
        falling.draw_leaves(picture, leaves, frame, None)
        changed = np.abs(picture.image_3HW - 0.5).max(axis=0) > 1e-6
        allowed = np.zeros_like(changed)
        for x0, x1, y0, y1 in leaves.bounds_TL4[frame]:
            allowed[y0:y1, x0:x1] = True
        assert changed.any()
        assert not (changed & ~allowed).any()


def test_through_a_closed_window_no_drop_is_seen() -> None:
    picture = Picture(image_3HW=np.full((3, 9, 9), 0.5, np.float32), rest_3HW=None, rest_HW3=None)
    pixels, cover, white = np.arange(81), np.ones(81, np.float32), np.ones((3, 1), np.float32)
    falling.draw_drops(picture, pixels, cover, white, np.zeros((9, 9), np.float32))
    assert (picture.image_3HW == 0.5).all()
    half = np.zeros((9, 9), np.float32)
    half[:, :4] = 1.0
    falling.draw_drops(picture, pixels, cover, white, half)
    assert (picture.image_3HW[:, :, :4] == 1.0).all()
    assert (picture.image_3HW[:, :, 4:] == 0.5).all()
