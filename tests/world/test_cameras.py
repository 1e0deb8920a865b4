"""Camera moves: one entry each; a new one is filmed by both renderers."""

import numpy as np
import pytest

from yozora.world.cameras import CAMERAS, Camera
from yozora.world.render import render
from yozora.world.scene import Actor, Scene
from yozora.world.torch_render import render_batch
from yozora.world.view import camera

TOY = Camera(tilt=-0.07, zoom=-0.16)
SECONDS = np.arange(0, 2.01, 0.5, dtype=np.float32)


def test_every_move_but_one_moves() -> None:
    assert [name for name, move in CAMERAS.items() if not (move.pan or move.tilt or move.zoom)] == ["static"]


def test_ways_are_opposite_in_pairs() -> None:
    for one, other in (("pan left", "pan right"), ("tilt up", "tilt down"), ("zoom in", "zoom out")):
        a, b = CAMERAS[one], CAMERAS[other]
        assert (a.pan, a.tilt, a.zoom) == (-b.pan, -b.tilt, -b.zoom)


def test_the_more_it_moves_the_less_room_there_is() -> None:
    assert CAMERAS["static"].room == CAMERAS["tilt up"].room == 0.5
    assert Camera(pan=0.1).room < 0.5
    assert Camera(pan=0.1, zoom=0.1).room == Camera(zoom=-0.1).room < Camera(pan=0.1).room


def test_a_new_move_is_what_its_numbers_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAMERAS, "toy move", TOY)
    shift_T2, zoom_T = camera("toy move", SECONDS)
    assert np.allclose(shift_T2, camera("tilt up", SECONDS)[0])
    assert np.allclose(zoom_T, camera("zoom out", SECONDS)[1])
    assert zoom_T[-1] == pytest.approx(1.0)


def test_a_new_move_is_filmed_alike_by_both_renderers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CAMERAS, "toy move", TOY)
    dog = Actor(noun="dog", x=0.5, y=0.88, height=0.4)
    scene = Scene(seed=4, place="park", camera="toy move", actors=(dog,))
    film = render(scene, width=96, height=54, frames=3, fps=1.0).frames_THWC.astype(int)
    assert np.abs(np.diff(film, axis=0)).mean() > 2
    both = render_batch([scene], width=96, height=54, frames=3, fps=1.0).frames_BTHWC[0].numpy().astype(int)
    assert np.abs(film - both).mean() < 0.2
