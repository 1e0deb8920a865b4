"""The stage behind the actors: what never changes is painted once, and what is hidden is not painted at all."""

import numpy as np
import pytest

from yozora.world.backdrop import Backdrop, backdrop, panel
from yozora.world.light import light_of
from yozora.world.paint import Floats
from yozora.world.scene import PLACES, Place, Scene
from yozora.world.view import View, stage, view

SECONDS = np.arange(4, dtype=np.float32) / 2


def parts(place: Place, camera: str = "static") -> tuple[Backdrop, View, list[Floats]]:
    """A backdrop, its view, and each frame with every sheet drawn one after the other."""
    scene = Scene(seed=3, place=place, camera=camera)
    seen_by = view(scene, 64, 40, SECONDS)
    layers = stage(scene, seen_by, light_of("day", "clear", indoors=place == "room"))
    behind = [layer for layer in layers if layer.before == -1.0 and not layer.window]
    whole = []
    for frame in range(len(SECONDS)):
        image = np.zeros((3, 40, 64), np.float32)
        for layer in behind:
            panel(layer, seen_by, SECONDS, narrow=False).draw(image, frame, (0, 40))
        whole.append(image)
    return backdrop(behind, [], seen_by, SECONDS), seen_by, whole


@pytest.mark.parametrize("camera", ["static", "pan left", "zoom in"])
@pytest.mark.parametrize("place", PLACES)
def test_it_is_all_sheets_one_after_the_other(place: Place, camera: str) -> None:
    back, _, whole = parts(place, camera)
    for frame, expected in enumerate(whole):
        image = np.full((3, 40, 64), 0.5, np.float32) if back.rest_3HW is None else back.rest_3HW.copy()
        back.draw(image, frame)
        assert np.abs(image - expected).max() < 1e-5, frame


def test_a_stage_at_rest_is_painted_once() -> None:
    back, _, whole = parts("desert")
    assert back.panels == ()
    assert back.rows == (0, 0)
    assert back.rest_3HW is not None
    assert np.abs(back.rest_3HW - whole[3]).max() < 1e-6


def test_on_the_sea_the_waves_alone_change() -> None:
    back, _, whole = parts("sea")
    first, last = back.rows
    assert 0 < first < last <= 40
    assert np.abs(whole[1] - whole[0])[:, :first].max() < 1e-6
    assert np.abs(whole[1] - whole[0])[:, first:last].mean() > 1e-3


def test_with_a_moving_camera_all_rows_change() -> None:
    back, seen_by, _ = parts("park", "pan right")
    assert back.rows == (0, seen_by.height)
    assert back.rest_3HW is None


def test_nothing_is_drawn_where_nearer_sheets_hide_it() -> None:
    back, _, _ = parts("park", "pan right")
    assert (np.diff(back.until_PT[:, 0]) >= 0).all()  # the nearer, the farther down it is seen
    assert back.until_PT[0].max() < 40  # the sky ends at the hills


def test_actors_behind_a_sheet_are_not_seen() -> None:
    scene = Scene(seed=3, place="desert")
    seen_by = view(scene, 64, 40, SECONDS)
    sand = panel(stage(scene, seen_by, light_of("day", "clear"))[-1], seen_by, SECONDS, narrow=False)
    masks, image = np.ones((2, 40, 64), bool), np.zeros((3, 40, 64), np.float32)
    sand.draw(image, 0, (20, 40), masks)
    assert masks[:, :20].all()  # other rows stay
    assert not masks[:, -1].any()
    assert not image[:, :20].any()
