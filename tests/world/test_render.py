"""The renderer: the same scene for the same seed, at any size; what moves, moves as the scene says; and it is fast."""

import time
from dataclasses import replace

import numpy as np
import pytest

from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.nouns import NOUNS
from yozora.world.puppets import GRAVITY, bouncing, move
from yozora.world.render import Take, render
from yozora.world.scene import DAYTIMES, PLACES, Actor, Direction, Place, Scene
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.view import camera
from yozora.world.weathers import WEATHERS

WALKER = Actor(noun="dog", action="walk", direction="right", x=0.28, y=0.87, height=0.42, speed=0.22)
BALL = Actor(noun="sports ball", action="bounce", x=0.5, y=GROUND["park"] - 0.40, height=0.30)


def film(scene: Scene, frames: int = 9, fps: float = 4.0, size: tuple[int, int] = (112, 64)) -> Take:
    return render(scene, width=size[0], height=size[1], frames=frames, fps=fps)


def middles(take: Take, actor: int = 0) -> np.ndarray:
    boxes = take.tracks_AT4[actor]
    return np.stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]), axis=1)


def test_a_take_has_the_promised_shapes() -> None:
    take = film(Scene(seed=1, place="park", actors=(WALKER, BALL)), frames=5)
    assert take.frames_THWC.shape == (5, 64, 112, 3)
    assert take.frames_THWC.dtype == np.uint8
    assert take.masks_ATHW.shape == (2, 5, 64, 112)
    assert take.masks_ATHW.dtype == np.bool_
    assert take.tracks_AT4.shape == (2, 5, 4)
    assert sorted(take.depth_A.tolist()) == [0, 1]


def test_an_empty_stage_has_no_tracks() -> None:
    take = film(Scene(seed=1, place="sea"), frames=1)
    assert take.masks_ATHW.shape == (0, 1, 64, 112)
    assert take.tracks_AT4.shape == (0, 1, 4)


def test_the_same_scene_gives_the_same_bytes_and_another_seed_other_ones() -> None:
    scene = Scene(seed=3, place="city", weather="snow", actors=(WALKER,))
    first, again = film(scene), film(scene)
    assert np.array_equal(first.frames_THWC, again.frames_THWC)
    assert np.array_equal(first.tracks_AT4, again.tracks_AT4)
    assert not np.array_equal(first.frames_THWC, film(replace(scene, seed=4)).frames_THWC)


@pytest.mark.parametrize("place", PLACES)
def test_a_small_picture_is_a_large_one_seen_from_afar(place: Place) -> None:
    scene = Scene(seed=5, place=place, daytime="sunset", actors=(replace(WALKER, y=GROUND[place] + 0.03),))
    small, large = film(scene, frames=2), film(scene, frames=2, size=(336, 192))
    shrunk = large.frames_THWC.reshape(2, 64, 3, 112, 3, 3).mean(axis=(2, 4))
    assert np.abs(shrunk - small.frames_THWC).mean() < 4.0
    assert np.allclose(large.tracks_AT4 / 3, small.tracks_AT4, atol=1.5)


def test_the_frame_rate_only_chooses_the_moments() -> None:
    scene = Scene(seed=5, place="beach", weather="leaves", camera="pan left", actors=(WALKER,))
    slow, fast = film(scene, frames=3, fps=4.0), film(scene, frames=5, fps=8.0)
    assert np.array_equal(slow.frames_THWC, fast.frames_THWC[::2])


@pytest.mark.parametrize("place", PLACES)
def test_every_hour_and_weather_looks_different(place: Place) -> None:
    looks = {
        (daytime, weather): film(Scene(seed=2, place=place, daytime=daytime, weather=weather), frames=1, size=(64, 40))
        .frames_THWC[0]
        .astype(np.float32)
        for daytime in DAYTIMES
        for weather in WEATHERS
    }
    keys = list(looks)
    for k, one in enumerate(keys):
        for other in keys[k + 1 :]:
            assert np.abs(looks[one] - looks[other]).mean() > 0.3, (one, other)
    night, day = looks["night", "clear"].mean(), looks["day", "clear"].mean()
    assert night < day - 20


def test_places_look_different() -> None:
    looks = [film(Scene(seed=2, place=place), frames=1).frames_THWC[0].astype(np.float32) for place in PLACES]
    for k, one in enumerate(looks):
        assert all(np.abs(one - other).mean() > 8 for other in looks[k + 1 :])


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [(112, 64), (64, 112), (80, 80)])
def test_every_style_fills_every_shape_of_picture(style: str, size: tuple[int, int]) -> None:
    take = film(Scene(seed=8, place="mountains", style=style, actors=(replace(WALKER, x=0.4),)), frames=2, size=size)
    assert take.frames_THWC.std() > 15
    assert take.masks_ATHW.any(axis=(2, 3)).all()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("direction", ["left", "right"])
def test_actors_go_where_their_direction_says(action: str, direction: Direction) -> None:
    heading = 1 if direction == "right" else -1
    actor = replace(BALL, action=action, direction=direction, x=0.5 - 0.2 * heading, y=0.7, height=0.3, speed=0.2)
    path = middles(film(Scene(seed=1, place="park", actors=(actor,))))
    moved = (path[-1, 0] - path[0, 0]) / 112
    assert moved * heading == pytest.approx(0.4, abs=0.09)


def test_actors_without_direction_stay() -> None:
    for action in ("stand", "hop", "dance"):
        path = middles(film(Scene(seed=1, place="park", actors=(replace(WALKER, action=action, direction="none"),))))
        assert np.abs(path[:, 0] - path[0, 0]).max() < 0.12 * 112


def test_walking_bobs_and_running_bobs_more() -> None:
    def bounce(action: str) -> float:
        take = film(Scene(seed=1, place="park", actors=(replace(WALKER, action=action, direction="none"),)), 33, 16.0)
        return float(np.ptp(middles(take)[:, 1]))

    assert bounce("stand") < 0.6 < bounce("walk") < bounce("run")


def test_towards_grows_and_away_shrinks() -> None:
    for direction, grows in (("towards", True), ("away", False)):
        actor = replace(WALKER, direction=direction, x=0.5, speed=0.45)
        boxes = film(Scene(seed=1, place="park", actors=(actor,))).tracks_AT4[0]
        height = boxes[:, 3] - boxes[:, 1]
        assert (height[-1] > 1.5 * height[0]) == grows
        assert (boxes[-1, 3] > boxes[0, 3]) == grows


def test_cut_outs_look_where_they_go() -> None:
    dog = replace(WALKER, noun="car", action="drive", x=0.5, speed=0.0)
    left, right = (
        film(Scene(seed=1, place="park", actors=(replace(dog, direction=way, speed=1e-6),)), frames=1)
        for way in ("left", "right")
    )
    a, b = (take.masks_ATHW[0, 0].astype(int) for take in (left, right))
    assert np.abs(a[:, ::-1] - b).sum() < 0.1 * a.sum()


def test_masks_lie_in_their_tracks() -> None:
    scene = Scene(seed=1, place="desert", camera="zoom in", actors=(replace(WALKER, direction="none", x=0.5),))
    take = film(scene)
    for frame in range(9):
        rows, cols = np.nonzero(take.masks_ATHW[0, frame])
        x0, y0, x1, y1 = take.tracks_AT4[0, frame]
        assert (cols.min(), rows.min(), cols.max() + 1, rows.max() + 1) == pytest.approx((x0, y0, x1, y1), abs=1.6)


def test_nearer_actors_hide_farther_ones() -> None:
    near, far = replace(WALKER, x=0.5, y=0.90, direction="none"), replace(WALKER, x=0.5, y=0.86, direction="none")
    take = film(Scene(seed=1, place="park", actors=(near, far)), frames=1)
    assert take.depth_A.tolist() == [1, 0]
    assert take.masks_ATHW[0].sum() > 5 * take.masks_ATHW[1].sum()
    assert not (take.masks_ATHW[0] & take.masks_ATHW[1]).any()


def test_what_stands_on_something_is_drawn_after_it() -> None:
    top, base = replace(WALKER, y=0.55, height=0.3, direction="none"), replace(WALKER, y=0.88, direction="none")
    take = film(Scene(seed=1, place="park", actors=(top, base), relation="on top of"), frames=1)
    assert take.depth_A.tolist() == [1, 0]


def test_bouncing_follows_gravity() -> None:
    take = film(Scene(seed=1, place="park", actors=(BALL,)), frames=33, fps=16.0, size=(224, 128))
    seconds = np.arange(33) / 16
    feet = (take.tracks_AT4[0, :, 1] - take.tracks_AT4[0, 0, 1]) / 128
    falling = seconds < np.sqrt(2 * 0.40 / GRAVITY) - 0.12
    expected = 0.5 * GRAVITY * (224 / 128 * 9 / 16) ** 0.5 * seconds**2
    assert np.allclose(feet[falling], expected[falling], atol=0.012)


def test_each_bounce_keeps_the_same_share_of_the_speed() -> None:
    seconds = np.linspace(0, 3, 3001).astype(np.float32)
    restitution = 0.78
    height, _ = bouncing(seconds, 0.45, restitution)
    tops = [k for k in range(1, 3000) if height[k - 1] < height[k] >= height[k + 1]]
    assert height[0] == pytest.approx(0.45)
    assert height[tops[0]] == pytest.approx(0.45 * restitution**2, rel=0.01)
    assert height[tops[1]] == pytest.approx(0.45 * restitution**4, rel=0.02)


def test_what_falls_lands_and_what_rises_rises() -> None:
    falling = middles(film(Scene(seed=1, place="park", actors=(replace(BALL, action="fall"),))))
    rising = middles(film(Scene(seed=1, place="park", actors=(replace(BALL, action="rise", y=0.82),))))
    assert falling[-1, 1] == pytest.approx(GROUND["park"] * 64, abs=3)
    assert (np.diff(rising[:, 1]) < 0).all()


def test_rolling_turns_as_far_as_it_goes() -> None:
    seconds = np.array([0.0, 1.0], np.float32)
    ball = replace(BALL, action="roll", direction="right", x=0.3, y=0.86, speed=0.2)
    matrix = move(ball, NOUNS["sports ball"], "park", seconds, 16 / 9).matrix_T23[1]
    turned = np.arctan2(matrix[1, 0], matrix[0, 0])
    way = 0.2 * 16 / 9 / 0.15
    assert np.cos(turned) == pytest.approx(np.cos(way), abs=1e-3)
    assert np.sin(turned) == pytest.approx(np.sin(way), abs=1e-3)


def test_an_occluder_hides_its_actor_and_shows_it_again() -> None:
    walker = replace(WALKER, x=0.23, height=0.3, speed=0.27)
    take = film(Scene(seed=1, place="park", actors=(walker,), occluder=True), frames=33, fps=16.0)
    seen = take.masks_ATHW[0].sum(axis=(1, 2))
    assert seen[0] > 100
    assert seen[16] < 0.02 * seen[0]
    assert seen[32] > 0.7 * seen[0]
    assert (np.diff(middles(take)[:, 0]) > 0).all()


@pytest.mark.parametrize("kind", CAMERAS)
def test_cameras_move_the_picture_the_other_way(kind: str) -> None:
    still = replace(WALKER, action="stand", direction="none", x=0.5)
    boxes = film(Scene(seed=1, place="city", camera=kind, actors=(still,))).tracks_AT4[0]
    first, last = boxes[0], boxes[-1]
    shift = (last[:2] + last[2:] - first[:2] - first[2:]) / 2
    growth = (last[3] - last[1]) / (first[3] - first[1])
    expected = {"pan left": (1, 0), "pan right": (-1, 0), "tilt up": (0, 1), "tilt down": (0, -1)}.get(kind, (0, 0))
    if kind.startswith("zoom"):
        assert (growth > 1.25) if kind == "zoom in" else (growth < 0.8)
    else:
        assert growth == pytest.approx(1.0, abs=0.05)
        assert np.sign(np.round(shift / 3)).tolist() == list(expected)


def test_a_camera_at_rest_keeps_the_world_in_place() -> None:
    shift, zoom = camera("static", np.arange(5) / 4)
    assert not shift.any()
    assert (zoom == 1).all()
    frames = film(Scene(seed=1, place="park"), frames=3).frames_THWC
    assert np.array_equal(frames[0], frames[2])


def test_waves_and_snow_move() -> None:
    for scene in (
        Scene(seed=1, place="sea"),
        Scene(seed=1, place="beach"),
        Scene(seed=1, place="park", weather="snow"),
    ):
        frames = film(scene, frames=2, fps=2.0).frames_THWC.astype(np.float32)
        assert np.abs(frames[1] - frames[0]).mean() > 0.5


def test_weather_indoors_stays_outside_the_window() -> None:
    frames = film(Scene(seed=1, place="room", weather="snow"), frames=4).frames_THWC.astype(np.int64)
    moving = (np.abs(frames - frames[:1]).sum(axis=-1) > 0).any(axis=0)
    assert 10 < moving.sum() < 0.25 * moving.size
    assert not moving[int(0.72 * 64) :].any()


@pytest.mark.parametrize(
    ("size", "frames", "limit"), [((128, 80), 33, 0.060), ((224, 128), 33, 0.110), ((128, 80), 1, 0.006)]
)
def test_rendering_is_fast(size: tuple[int, int], frames: int, limit: float) -> None:
    weathers = list(WEATHERS)
    scenes = [Scene(seed=k, place=place, weather=weathers[k % 5], actors=(WALKER,)) for k, place in enumerate(PLACES)]
    for scene in scenes:
        film(scene, 1, 16.0, size)
    begin = time.process_time()
    for scene in scenes:
        film(replace(scene, seed=scene.seed + 1), frames, 16.0, size)
    assert (time.process_time() - begin) / len(scenes) < 2.5 * limit
