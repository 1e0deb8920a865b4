"""How actors go, with what the camera adds taken out: of true ways of the world."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from yozora.evaluate.data import shoot, slots_of
from yozora.evaluate.pace import PACES, pace, paces, steady
from yozora.world.cameras import CAMERAS
from yozora.world.scene import Actor, Scene

RUNNER = Actor(noun="dog", action="run", direction="right", x=0.3, y=0.88, height=0.3, speed=0.25)
SIZES = ((224, 128), (160, 160), (128, 224))


def way_of(camera: str, size: tuple[int, int], actor: Actor = RUNNER, seconds: float = 1.5) -> Tensor:
    """The true way of an actor, `[1, 8, 5]`."""
    scene = Scene(seed=0, place="park", camera=camera, actors=(actor,))
    rendered = shoot([scene], slots_of(("dog",)), size, 8, [seconds])
    return torch.cat([rendered.box_BTA4[:, :, 0], rendered.seconds_BT[..., None]], -1)


def sure_of(camera: str) -> Tensor:
    return torch.eye(len(CAMERAS))[list(CAMERAS).index(camera)][None]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("camera", CAMERAS)
def test_the_move_of_the_camera_is_taken_out_of_the_pace(camera: str, size: tuple[int, int]) -> None:
    way, aspect = way_of(camera, size), torch.tensor([size[0] / size[1]])
    level = steady(way, sure_of(camera), CAMERAS, aspect)
    assert float(pace(level)) == pytest.approx(0.25, abs=0.03)
    assert float(level[..., 1].amax() - level[..., 1].amin()) < 0.06
    if camera.startswith("pan"):
        assert abs(float(pace(way)) - 0.25) > 0.06


def test_who_rests_has_no_pace_though_the_camera_moves() -> None:
    rests = replace(RUNNER, action="stand", direction="none", speed=0.0, x=0.5)
    for camera in CAMERAS:
        level = steady(way_of(camera, SIZES[0], rests), sure_of(camera), CAMERAS, torch.tensor([1.75]))
        assert abs(float(pace(level))) < 0.02


def test_one_bad_frame_does_not_change_the_pace() -> None:
    way = way_of("static", SIZES[0])
    bad = way.clone()
    bad[0, 3, 0] = 0.9
    assert float(pace(bad)) == pytest.approx(float(pace(way)), abs=0.02)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_the_pace_is_one_a_second_however_long_the_film(seconds: float) -> None:
    slow = replace(RUNNER, speed=0.15)
    assert float(pace(way_of("static", SIZES[0], slow, seconds))) == pytest.approx(0.15, abs=0.02)


def test_a_still_has_features_too() -> None:
    way = way_of("static", SIZES[0])[:, :1].expand(-1, 8, -1).clone()
    way[..., 4] = 0.0
    told = paces(way, torch.tensor([1.75]))
    assert told.shape == (1, PACES)
    assert torch.isfinite(told).all()
    assert float(pace(way)) == 0
