"""Whole films by their properties: whatever is in the tables is seen, moves as it is told, and is the same each time.

A new action, place, weather, style or camera move is looked at here without another line.
"""

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene, lasting
from yozora.world.nouns import NOUNS
from yozora.world.render import Take, render, ways
from yozora.world.scene import DAYTIMES, PLACES, Actor, Place, Scene
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

WIDTH, HEIGHT = 112, 64
DOERS: dict[str, str] = {  # who shows an action best
    "stand": "dog",
    "walk": "dog",
    "run": "horse",
    "hop": "rabbit",
    "dance": "woman",
    "fly": "bird",
    "drive": "car",
    "ride": "bicycle",
    "sail": "boat",
    "swim": "fish",
    "roll": "sports ball",
    "bounce": "sports ball",
    "rise": "balloon",
    "fall": "apple",
}
INDOORS: tuple[Place, ...] = ("room",)


@cache
def film(scene: Scene, frames: int = 5, fps: float = 4.0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Take:
    return render(scene, width=size[0], height=size[1], frames=frames, fps=fps)


def doer(action: str, place: Place = "park", **changes: object) -> Actor:
    """Somebody in the middle of the stage, at a height where the action has room."""
    airborne = action in ("fly", "rise", "fall", "bounce")
    y = GROUND[place] - 0.25 if airborne else GROUND[place] + 0.03
    actor = Actor(noun=DOERS[action], action=action, x=0.5, y=round(y, 3), height=0.36)
    return replace(actor, **changes)  # type: ignore[arg-type]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference of two pictures, of 255."""
    return float(np.abs(one.astype(np.float32) - other.astype(np.float32)).mean())


# --- everything in the tables


def test_there_is_somebody_for_every_action() -> None:
    assert set(DOERS) == set(ACTIONS)
    for action, noun in DOERS.items():
        assert action in NOUNS[noun].actions


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("action", ACTIONS)
def test_who_acts_is_seen_in_every_place(action: str, place: Place) -> None:
    """Inside the picture, as large as told, in every frame; what the mask says is within what the track says."""
    take = film(Scene(seed=4, place=place, actors=(doer(action, place),)), frames=3, fps=2.0)
    boxes_T4 = take.tracks_AT4[0]
    assert (boxes_T4[:, 2] > boxes_T4[:, 0]).all()
    assert (boxes_T4[:, 3] > boxes_T4[:, 1]).all()
    assert (boxes_T4[:, 0] > -1).all()
    assert (boxes_T4[:, 2] < WIDTH + 1).all()
    tall_T = (boxes_T4[:, 3] - boxes_T4[:, 1]) / HEIGHT
    assert tall_T == pytest.approx(0.36, rel=0.4)
    for frame in range(3):
        rows, cols = np.nonzero(take.masks_ATHW[0, frame])
        x0, y0, x1, y1 = boxes_T4[frame]
        assert len(rows) > 0.15 * (x1 - x0) * (min(y1, HEIGHT) - y0)
        assert cols.min() >= x0 - 2
        assert cols.max() <= x1 + 2
        assert rows.min() >= y0 - 2


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("weather", WEATHERS)
def test_the_mask_is_where_the_picture_has_the_actor(place: Place, weather: str) -> None:
    """Without the actor the picture is another one in the mask, and the same far from it."""
    scene = Scene(seed=4, place=place, weather=weather, actors=(doer("stand", place),))
    take, empty = film(scene, frames=2, fps=2.0), film(replace(scene, actors=()), frames=2, fps=2.0)
    for frame in range(2):
        changed_HW = np.abs(take.frames_THWC[frame].astype(int) - empty.frames_THWC[frame]).max(axis=-1) > 6
        mask_HW = take.masks_ATHW[0, frame]
        assert changed_HW[mask_HW].mean() > 0.85
        x0, y0, x1, _ = take.tracks_AT4[0, frame]
        around = np.zeros_like(mask_HW)
        around[max(0, int(y0) - 5) :, max(0, int(x0) - 12) : int(x1) + 13] = True  # with rim, shadow and reflection
        assert not changed_HW[~around].any()


@pytest.mark.parametrize("action", ACTIONS)
def test_a_film_is_the_same_for_its_seed(action: str) -> None:
    scene = Scene(seed=9, place="beach", weather="rain", style="vintage", actors=(doer(action, "beach"),))
    one = film(scene, frames=2)
    again = render(scene, width=WIDTH, height=HEIGHT, frames=2, fps=4.0)
    assert np.array_equal(one.frames_THWC, again.frames_THWC)
    assert np.array_equal(one.masks_ATHW, again.masks_ATHW)
    assert np.array_equal(one.tracks_AT4, again.tracks_AT4)


@pytest.mark.parametrize("place", PLACES)
def test_another_seed_is_another_stage_with_the_same_actors_on_it(place: Place) -> None:
    scene = Scene(seed=9, place=place, actors=(doer("stand", place),))
    one, other = film(scene, frames=1), film(replace(scene, seed=10), frames=1)
    assert not np.array_equal(one.frames_THWC, other.frames_THWC)
    assert np.array_equal(one.tracks_AT4, other.tracks_AT4)
    assert one.frames_THWC.mean() == pytest.approx(other.frames_THWC.mean(), abs=12)


def test_no_two_actions_move_alike() -> None:
    """The same thing told to do each of them takes another way, or another shape, every time."""
    shapes: dict[str, np.ndarray] = {}
    for action in ACTIONS:
        actor = doer(action, noun="sports ball", y=0.62, height=0.3, direction="right", x=0.3, speed=0.2)
        scene = Scene(seed=1, place="park", actors=(actor,))
        shapes[action] = ways(scene, width=160, height=90, frames=25, fps=10)[0]
    for one, other in combinations(ACTIONS, 2):
        if {one, other} == {"drive", "ride"}:  # on wheels both ways
            continue
        assert np.abs(shapes[one] - shapes[other]).max() > 0.1, (one, other)  # pixels


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("fps", [8.0, 16.0])
def test_nobody_jumps_from_frame_to_frame(action: str, fps: float) -> None:
    """Between two frames nothing goes farther than its fastest move allows: half a picture a second."""
    frames = int(2 * fps)
    take = film(Scene(seed=2, place="park", actors=(doer(action),)), frames=frames, fps=fps, size=(80, 45))
    middles_T2 = (take.tracks_AT4[0, :, :2] + take.tracks_AT4[0, :, 2:]) / 2
    step = np.abs(np.diff(middles_T2, axis=0)).max()
    assert step < 45 * 1.4 / fps + 0.8


# --- places, hours, weather


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("camera", CAMERAS)
def test_no_stage_leaves_a_hole(place: Place, camera: str) -> None:
    """Nowhere in the picture is nothing painted, wherever the camera goes: black at noon is a hole."""
    frames = film(Scene(seed=6, place=place, camera=camera), frames=3, fps=1.0).frames_THWC
    assert frames.max(axis=-1).min() > 12


@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("place", PLACES)
def test_weather_that_moves_is_seen_moving(place: Place, weather: str) -> None:
    calm = film(Scene(seed=3, place=place), frames=2, fps=2.0).frames_THWC
    frames = film(Scene(seed=3, place=place, weather=weather), frames=2, fps=2.0).frames_THWC
    moved, moved_calm = apart(frames[0], frames[1]), apart(calm[0], calm[1])
    if weather == "clear":
        assert moved == moved_calm
    elif place in INDOORS:
        assert moved > 0.02
    else:
        assert moved > 0.1
    for hour in DAYTIMES:
        dim = film(Scene(seed=3, place=place, weather=weather, daytime=hour), frames=1).frames_THWC
        assert dim.std() > 8, hour


@pytest.mark.parametrize("place", PLACES)
def test_the_night_is_darker_than_the_sunset_and_that_than_the_day(place: Place) -> None:
    light = {
        hour: film(Scene(seed=3, place=place, daytime=hour), frames=1).frames_THWC.astype(float).mean()
        for hour in DAYTIMES
    }
    assert light["night"] < light["sunset"] < light["day"]


@pytest.mark.parametrize("hour", DAYTIMES)
def test_rain_and_fog_make_a_street_greyer(hour: str) -> None:
    def colour(weather: str) -> float:
        scene = Scene(seed=3, place="park", daytime=hour, weather=weather)  # type: ignore[arg-type]
        frame = film(scene, frames=1).frames_THWC[0].astype(np.float32)
        return float((frame.max(axis=-1) - frame.min(axis=-1)).mean())

    assert colour("fog") < colour("clear")
    assert colour("rain") < colour("clear")


# --- styles


@pytest.mark.parametrize("place", ["park", "city", "room"])
def test_no_two_styles_draw_alike(place: Place) -> None:
    looks = {
        style: film(Scene(seed=5, place=place, style=style, actors=(doer("stand"),)), frames=1).frames_THWC[0]
        for style in STYLES
    }
    for one, other in combinations(STYLES, 2):
        assert apart(looks[one], looks[other]) > 2.0, (one, other)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_changes_how_it_looks_and_not_what_is_where(style: str) -> None:
    scene = Scene(seed=5, place="park", actors=(doer("walk", direction="right", x=0.35, speed=0.15),))
    plain, styled = film(scene), film(replace(scene, style=style))
    most = 1.5 if style != "pixel" else 2.5  # pixels: rims differ
    assert np.abs(plain.tracks_AT4 - styled.tracks_AT4).max() < most
    shared = (plain.masks_ATHW & styled.masks_ATHW).sum() / (plain.masks_ATHW | styled.masks_ATHW).sum()
    assert shared > (0.8 if style != "pixel" else 0.6)


@pytest.mark.parametrize("style", STYLES)
def test_a_calm_scene_stays_calm_in_a_style_that_does_not_flicker(style: str) -> None:
    frames = film(Scene(seed=5, place="park", style=style), frames=4, fps=8.0).frames_THWC
    moved = max(apart(frames[0], frame) for frame in frames[1:])
    assert (0.2 < moved < 6.0) if style == "vintage" else moved == 0.0


def test_noir_has_no_colour_and_pixels_are_large() -> None:
    noir = film(Scene(seed=5, place="park", style="noir"), frames=1).frames_THWC[0].astype(int)
    assert (noir.max(axis=-1) - noir.min(axis=-1)).max() <= 4
    large = film(Scene(seed=5, place="park", style="pixel"), frames=1, size=(224, 192)).frames_THWC[0]
    assert np.array_equal(large[0::4], large[3::4])
    assert len(np.unique(large)) <= 10


# --- camera


@pytest.mark.parametrize("kind", CAMERAS)
def test_a_camera_takes_its_way_evenly(kind: str) -> None:
    """What stands on the stage goes through the picture at one pace, or grows by one share a frame."""
    still = doer("stand", noun="house")
    boxes_T4 = film(Scene(seed=1, place="park", camera=kind, actors=(still,)), frames=9).tracks_AT4[0]
    middles_T2 = (boxes_T4[:, :2] + boxes_T4[:, 2:]) / 2
    steps = np.diff(middles_T2, axis=0)
    growth = np.diff(np.log(boxes_T4[:, 3] - boxes_T4[:, 1]))
    if kind.startswith("zoom"):
        assert (np.sign(growth) == (1 if kind == "zoom in" else -1)).all()
        assert growth == pytest.approx(growth.mean(), abs=0.02)
    else:
        assert np.abs(steps - steps.mean(axis=0)).max() < 0.35
        assert np.abs(growth).max() < 0.03


@pytest.mark.parametrize(("one", "other"), [("pan left", "pan right"), ("tilt up", "tilt down")])
def test_two_ways_of_a_camera_are_opposite(one: str, other: str) -> None:
    """Backwards in time one is the other: at the first frame it shows what the other shows after two seconds."""
    there = film(Scene(seed=1, place="city", camera=one), frames=9).frames_THWC
    back = film(Scene(seed=1, place="city", camera=other), frames=9).frames_THWC
    assert apart(there[0], back[8]) < 1.5
    assert apart(there[4], back[4]) < 1.5
    assert apart(there[0], there[8]) > 4.0


# --- scenes that are drawn


@pytest.mark.parametrize("seed", range(12))
def test_drawn_scenes_are_filmed_at_every_shape(seed: int) -> None:
    scene = draw_scene(np.random.default_rng([77, seed]), SceneDistribution())
    for width, height in ((96, 54), (54, 96), (64, 64)):
        take = film(scene, frames=2, fps=1.0, size=(width, height))
        assert take.frames_THWC.shape == (2, height, width, 3)
        assert take.masks_ATHW.shape == (len(scene.actors), 2, height, width)
        assert (take.masks_ATHW.sum(axis=0) <= 1).all()  # a pixel has one owner
        assert sorted(take.depth_A.tolist()) == list(range(len(scene.actors)))


@pytest.mark.parametrize("seconds", [2.0, 3.0, 5.0, 10.0])
def test_a_longer_film_keeps_its_walkers_in_sight(seconds: float) -> None:
    drawn = (draw_scene(np.random.default_rng([5, k]), SceneDistribution(max_actors=1, empty=0.0)) for k in range(60))
    for scene in (lasting(scene, seconds) for scene in drawn):
        for actor in scene.actors:
            if actor.direction in ("left", "right"):
                heading = 1 if actor.direction == "right" else -1
                ends = (actor.x, actor.x + heading * actor.speed * seconds)
                assert min(ends) > -0.1
                assert max(ends) < 1.1


def test_ways_carry_the_cut_outs_where_the_tracks_are() -> None:
    scene = Scene(
        seed=1, place="park", camera="pan left", actors=(doer("walk", direction="right", speed=0.1), doer("fly"))
    )
    take = film(scene)
    ways_AT23 = ways(scene, width=WIDTH, height=HEIGHT, frames=5, fps=4.0)
    for actor in range(2):
        for frame in range(5):
            x, y = ways_AT23[actor, frame] @ np.array((0.0, -0.5, 1.0))
            x0, y0, x1, y1 = take.tracks_AT4[actor, frame]
            assert x0 < x < x1
            assert y0 < y < y1
