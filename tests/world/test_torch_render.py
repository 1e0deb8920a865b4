"""The renderer in torch: what it films is what render.render films, whatever else is in the batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from yozora.errors import UserError
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.render import Take, render
from yozora.world.scene import DAYTIMES, PLACES, Actor, Place, Scene
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.torch_render import RenderedBatch, render_batch
from yozora.world.weathers import WEATHERS

SIZE = {"width": 64, "height": 40, "frames": 2, "fps": 2.0}
WALKER = Actor(noun="dog", action="walk", direction="right", x=0.28, y=0.87, height=0.42, speed=0.22)
BALL = Actor(noun="sports ball", color="red", action="bounce", x=0.6, y=0.5, height=0.30)
FRIEND = Actor(noun="woman", color="green", action="dance", x=0.7, y=0.92, height=0.5)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def on_stage(place: Place, **changes: object) -> Scene:
    actors = tuple(replace(actor, y=GROUND[place] + 0.03 + 0.02 * k) for k, actor in enumerate((WALKER, FRIEND)))
    return replace(Scene(seed=7, place=place, actors=actors), **changes)


def apart(batch: RenderedBatch, index: int, take: Take) -> tuple[float, float]:
    """Mean absolute difference of the frames in 1/255, and intersection over union of the masks."""
    actors = len(take.masks_ATHW)
    frames, masks = batch.frames_BTHWC[index].numpy(), batch.masks_BATHW[index].numpy()
    assert not masks[actors:].any()
    assert batch.depth_BA[index, :actors].tolist() == take.depth_A.tolist()
    union = (masks[:actors] | take.masks_ATHW).sum()
    same = (masks[:actors] & take.masks_ATHW).sum() / union if union else 1.0
    return float(np.abs(frames.astype(int) - take.frames_THWC).mean()), float(same)


def check(scenes: list[Scene], batch: RenderedBatch, difference: float, overlap: float) -> None:
    for index, scene in enumerate(scenes):
        mean, same = apart(batch, index, render(scene, **SIZE))
        assert mean <= difference, scene
        assert same >= overlap, scene


def test_every_place_at_every_hour_is_what_the_renderer_films() -> None:
    scenes = [on_stage(place, daytime=daytime) for place in PLACES for daytime in DAYTIMES]
    check(scenes, render_batch(scenes, **SIZE), 0.1, 0.99)


def test_so_is_every_weather_and_every_camera() -> None:
    scenes = [on_stage(place, weather=weather) for weather in WEATHERS for place in ("park", "room")]
    scenes += [on_stage("sea", camera=camera, weather="rain") for camera in CAMERAS]
    check(scenes, render_batch(scenes, **SIZE), 0.1, 0.99)


def test_so_are_all_actions_ways_and_relations() -> None:
    rng = np.random.default_rng(3)
    cast = SceneDistribution(styles=(("paper", 1.0),), occluder=0.3, depth=0.5, max_actors=4)
    scenes = [draw_scene(rng, cast) for _ in range(14)]
    assert len({actor.action for scene in scenes for actor in scene.actors}) > 5
    check(scenes, render_batch(scenes, **SIZE), 0.1, 0.99)


@pytest.mark.parametrize("style", STYLES)
def test_so_is_every_style(style: str) -> None:
    scenes = [on_stage(place, style=style, daytime="sunset") for place in ("park", "sea")]
    check(scenes, render_batch(scenes, **SIZE), 0.5, 0.98)


def test_the_pixel_style_is_drawn_small_and_enlarged() -> None:
    scene, size = on_stage("beach", style="pixel"), {"width": 112, "height": 64, "frames": 2}
    mean, same = apart(render_batch([scene], **size), 0, render(scene, **size))
    assert mean <= 0.5
    assert same >= 0.98


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_comes_close(dtype: torch.dtype) -> None:
    scenes = [on_stage(place) for place in ("park", "room")]
    check(scenes, render_batch(scenes, dtype=dtype, **SIZE), 0.3 if dtype == torch.float16 else 1.5, 0.97)


def test_boxes_are_those_of_the_renderer() -> None:
    scenes = [on_stage("park", camera="zoom in"), on_stage("city", actors=(BALL,)), on_stage("sea", actors=())]
    batch = render_batch(scenes, **SIZE)
    assert batch.tracks_BAT4.shape == (3, 2, 2, 4)
    for index, scene in enumerate(scenes):
        actors = len(scene.actors)
        expected = render(scene, **SIZE).tracks_AT4
        assert np.allclose(batch.tracks_BAT4[index, :actors].numpy(), expected, atol=0.05)
        assert not batch.tracks_BAT4[index, actors:].any()
        assert batch.depth_BA[index, actors:].tolist() == [-1] * (2 - actors)


def test_a_batch_is_its_scenes_one_by_one_and_the_same_each_time() -> None:
    scenes = [
        on_stage("park", weather="snow"),
        on_stage("room", weather="leaves", actors=(BALL,)),
        on_stage("sea", style="vintage", camera="pan left"),
        on_stage("city", weather="rain", occluder=True),
        on_stage("desert", actors=()),
    ]
    batch, again = render_batch(scenes, **SIZE), render_batch(scenes, **SIZE)
    assert torch.equal(batch.frames_BTHWC, again.frames_BTHWC)
    assert torch.equal(batch.masks_BATHW, again.masks_BATHW)
    for index, scene in enumerate(scenes):
        alone = render_batch([scene], **SIZE)
        away = (batch.frames_BTHWC[index].int() - alone.frames_BTHWC[0].int()).abs()
        assert away.max() <= 1  # matrix products of other sizes may round differently
        assert away.float().mean() < 1e-3
        assert torch.equal(batch.masks_BATHW[index, : len(scene.actors)], alone.masks_BATHW[0])


def test_little_memory_gives_the_same_film(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [on_stage("park", weather="rain", camera="tilt up"), on_stage("beach", weather="leaves")]
    whole = render_batch(scenes, **SIZE)
    monkeypatch.setattr("yozora.world.torch_render.PIXELS", 2 * 64 * 40)
    pieces = render_batch(scenes, **SIZE)
    assert (whole.frames_BTHWC.int() - pieces.frames_BTHWC.int()).abs().max() <= 1
    assert torch.equal(whole.masks_BATHW, pieces.masks_BATHW)


def test_variety_limits_how_many_stages_there_are() -> None:
    one, other = (on_stage("park", seed=seed, actors=()) for seed in (1, 5))
    alike, unlike = render_batch([one, other], variety=4, **SIZE), render_batch([one, other], **SIZE)
    assert torch.equal(alike.frames_BTHWC[0], alike.frames_BTHWC[1])
    assert torch.equal(alike.frames_BTHWC[0], unlike.frames_BTHWC[0])
    assert not torch.equal(unlike.frames_BTHWC[0], unlike.frames_BTHWC[1])


def test_it_says_what_it_cannot_do() -> None:
    with pytest.raises(UserError, match="no scene"):
        render_batch([], **SIZE)
    with pytest.raises(UserError, match="float64"):
        render_batch([on_stage("park")], dtype=torch.float64, **SIZE)
