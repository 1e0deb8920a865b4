"""Joints: parts that stay in the picture, cycles that close, wheels that roll, feet that stand, in both painters."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from yozora.world import joints, sprites
from yozora.world.distributions import LIVELY_NOUNS
from yozora.world.figures import JOINTED, figure
from yozora.world.joints import STEPS, Disc, Figure
from yozora.world.nouns import NOUNS
from yozora.world.puppets import Motion, move
from yozora.world.render import render, ways
from yozora.world.scene import Actor, Direction, Scene
from yozora.world.stages import GROUND
from yozora.world.torch_render import render_batch

NAMES = sorted({name.split("/")[0] for name in JOINTED})
MOVED = [(noun, action) for noun in NAMES for action in NOUNS[noun].actions if figure(noun, action)]
SIZE = {"width": 112, "height": 64}
ONCE: tuple[str, ...] = (
    "bounce",
    "fall",
    "roll",
    "rise",
    "sail",
    "stand",
)  # nothing that comes again in them is fast


def parts_of(noun: str, action: str) -> Figure:
    found = figure(noun, action)
    assert found is not None
    return found


def poses(noun: str, action: str) -> list[np.ndarray]:
    return [sprites._cropped(noun, None, action, 0, step) for step in range(STEPS)]


def moves(noun: str, action: str, way: Direction = "left", seconds: float = 6.0, **changes: float) -> Motion:
    actor = Actor(noun=noun, action=action, direction=way, x=0.5, y=GROUND["park"], height=0.5, speed=0.2)
    times = np.arange(int(seconds * 48)) / 48
    return move(replace(actor, **changes), NOUNS[noun], "park", times.astype(np.float32), 16 / 9)


def crests(path: np.ndarray) -> int:
    """How often a path turns from up to down, by more than a thousandth."""
    rough = np.round(path, 3)
    kept = rough[np.concatenate(([True], np.diff(rough) != 0))]
    return int(((kept[1:-1] > kept[:-2]) & (kept[1:-1] >= kept[2:])).sum())


def test_more_than_thirty_nouns_have_joints_and_most_stars_that_could() -> None:
    assert len(NAMES) >= 30
    assert set(NAMES) <= set(NOUNS)
    assert all(name.split("/")[-1] in ("walk", "run", "dance") for name in JOINTED if "/" in name)
    lively = [noun for noun in LIVELY_NOUNS if NOUNS[noun].kind in ("animal", "person", "bird", "fish")]
    assert {noun for noun in lively if noun not in NAMES} <= {"bear", "lion"}  # heads


@pytest.mark.parametrize(("noun", "action"), MOVED)
def test_parts_stay_in_the_picture_and_the_cycle_closes(noun: str, action: str) -> None:
    drawn = poses(noun, action)
    across, along = sprites.pads(noun, action, 0, 0)
    tight = sprites._cropped(noun, None, action, 0)
    assert drawn[0].shape == (4, tight.shape[1] + 2 * along, tight.shape[2] + 2 * across)
    for planes in drawn:
        assert not planes[3, [0, -1]].any()
        assert not planes[3, :, [0, -1]].any()
        assert (planes[:3] <= planes[3] + 0.02).all()
    away = [float(np.abs(one - other).mean()) for one, other in zip(drawn, drawn[1:] + drawn[:1], strict=True)]
    assert max(away) > 1e-4
    assert away[-1] <= 1.8 * max(away[:-1])


@pytest.mark.parametrize(("noun", "action"), MOVED)
def test_with_all_parts_at_rest_it_is_the_cut_out_as_drawn(noun: str, action: str) -> None:
    parts, tight = parts_of(noun, action), sprites._cropped(noun, None, action, 0)
    if parts.gone or parts.fills:  # a leg as drawn is replaced by a copy of the other one
        assert NOUNS[noun].kind == "person" or noun in ("elephant", "dinosaur")
        return
    across, along = joints.padding(parts, *tight.shape[1:])
    rest = joints.posed(joints.cut(tight, parts), -1)
    away = np.abs(rest[:, along : rest.shape[1] - along, across : rest.shape[2] - across] - tight)
    for part in parts.parts:
        if part.spokes and isinstance(part.shape, Disc):
            y, x = np.mgrid[0 : tight.shape[1], 0 : tight.shape[2]] + 0.5
            u, v = x - part.shape.middle[0] * tight.shape[2], y - part.shape.middle[1] * tight.shape[1]
            away[:, np.hypot(u, v) < part.shape.radius * tight.shape[1] + 2] = 0.0
        if part.shift != (0.0, 0.0):  # a copy of a leg that the picture does not show
            away[:, int(part.cut * tight.shape[1]) - 8 :] = 0.0
    assert away.mean() < 0.004
    assert (away.max(axis=0) > 0.3).mean() < 0.004


def test_wheels_turn_as_far_as_they_roll() -> None:
    for noun, action in (("car", "drive"), ("bicycle", "ride"), ("tractor", "drive")):
        parts = parts_of(noun, action)
        for way in ("left", "right"):
            motion = moves(noun, action, way, seconds=1.0)  # type: ignore[arg-type]
            gone = np.abs(motion.ground_T2[:, 0] - motion.ground_T2[0, 0])
            turned = gone / (parts.radius * 0.5)
            wheel = next(part for part in parts.parts if part.kind == "wheel")
            shown = np.array([joints.angle(wheel, int(step)) for step in motion.step_T])
            fold = 2 * np.pi / wheel.spokes
            away = np.abs((turned - shown + fold / 2) % fold - fold / 2)
            assert away.max() <= fold / STEPS / 2 + 1e-3
            assert len(set(motion.step_T.tolist())) == STEPS


def test_spokes_make_turning_visible_and_come_round_after_their_share_of_a_turn() -> None:
    still = sprites._cropped("car", None, "drive", 0)
    first, half = poses("car", "drive")[0], poses("car", "drive")[STEPS // 2]
    assert np.abs(first - half).max() > 0.3
    assert np.abs(first[:, 1:-1, 1:-1] - still).max() > 0.3
    for name, parts in JOINTED.items():
        for part in parts.parts:
            if part.spokes:
                assert part.turns * part.spokes == pytest.approx(1.0), name


def test_legs_step_as_far_as_the_walker_goes() -> None:
    for noun, action, height in (("man", "walk", 0.5), ("giraffe", "walk", 0.6), ("woman", "run", 0.5)):
        parts, motion = parts_of(noun, action), moves(noun, action, height=height, seconds=4.0)
        cycles = (np.diff(motion.step_T) % STEPS).sum() / STEPS
        gone = abs(float(motion.ground_T2[-1, 0] - motion.ground_T2[0, 0]))
        assert cycles == pytest.approx(gone / (parts.stride * height), abs=1 / STEPS)


@pytest.mark.parametrize("noun", ["man", "woman", "child", "girl", "cat", "dog", "cow", "giraffe", "camel", "duck"])
def test_a_foot_is_on_the_ground_at_every_step_of_a_walk(noun: str) -> None:
    motion = moves(noun, "walk", height=0.5)
    _, along = sprites.pads(noun, "walk", 0, 0)
    tall = sprites._cropped(noun, None, "walk", 0).shape[1]
    for frame in range(0, 48, 4):
        planes = sprites._cropped(noun, None, "walk", 0, int(motion.step_T[frame]))
        lowest = np.flatnonzero((planes[3] > 0.5).any(axis=1))[-1] + 1 - along - tall  # pixels below v = 0
        height = motion.matrix_T23[frame, 1, 2] / 0.5 + lowest / tall
        assert abs(height) < 0.03, frame


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if NOUNS[noun].kind != "plant"])
def test_nothing_moves_faster_than_an_eye_likes_to_follow(noun: str) -> None:
    for action in NOUNS[noun].actions:
        motion = moves(noun, action, speed=0.25)
        parts = figure(noun, action)
        if parts is not None and not parts.radius:
            cycles = (np.diff(motion.step_T) % STEPS).sum() / STEPS / 6.0
            assert cycles <= 2.0, action
        legged = parts is not None and parts.leg[0] > 0 and action in ("walk", "run")
        if action not in ONCE and not legged:
            limit = 10 if action == "fly" else int(np.ceil(6.0 / 0.9))
            matrix = motion.matrix_T23
            for path in (-matrix[:, 1, 2], np.arctan2(matrix[:, 1, 0], np.abs(matrix[:, 0, 0]))):
                assert crests(path) <= limit, action


def test_a_hop_takes_a_second_and_is_a_parabola() -> None:
    height = -moves("kangaroo", "hop", "none").matrix_T23[:, 1, 2]
    lands = np.flatnonzero((height[1:] < 1e-4) & (height[:-1] >= 1e-4))
    assert (np.diff(lands) / 48 >= 0.9).all()
    flying = height[48:96][height[48:96] > 0.02]
    bend = np.diff(flying, 2)
    assert (bend < 0).all()
    assert np.ptp(bend) < 0.05 * np.abs(bend).max() + 1e-5


def test_who_waits_between_two_hops_stands_still() -> None:
    motion = moves("kangaroo", "hop", "right", seconds=2.0)
    waits = motion.matrix_T23[:, 1, 2] > -1e-6
    pace = np.diff(motion.matrix_T23[:, 0, 2])
    assert np.abs(pace[waits[1:] & waits[:-1]]).max() < 1e-4
    assert motion.matrix_T23[48, 0, 2] - motion.matrix_T23[0, 0, 2] == pytest.approx(0.2 * 16 / 9, abs=1e-3)


def test_what_has_a_side_rolls_on_its_wheels_and_what_is_round_turns() -> None:
    board, ball = moves("skateboard", "roll"), moves("sports ball", "roll")
    assert np.allclose(board.matrix_T23[:, 1, 0], 0, atol=1e-6)
    assert np.abs(ball.matrix_T23[:, 1, 0]).max() > 0.4


@pytest.mark.parametrize("kind", sorted({noun.kind for noun in NOUNS.values()}))
@pytest.mark.parametrize("way", ["left", "right"])
def test_everybody_goes_where_he_is_told(kind: str, way: Direction) -> None:
    some = {action: noun.key for noun in NOUNS.values() if noun.kind == kind for action in noun.actions}
    heading = 1 if way == "right" else -1
    for action, noun in some.items():
        if action in ("stand", "dance", "rise", "fall"):
            continue
        actor = Actor(noun=noun, action=action, direction=way, x=0.5 - 0.2 * heading, y=0.8, height=0.3, speed=0.2)
        take = render(Scene(seed=1, place="park", actors=(actor,)), width=64, height=40, frames=3, fps=1.0)
        middle = (take.tracks_AT4[0, :, 0] + take.tracks_AT4[0, :, 2]) / 2
        assert (middle[2] - middle[0]) / 64 * heading == pytest.approx(0.4, abs=0.1), (noun, action)


SHOWN: tuple[tuple[str, str], ...] = (
    *(("dog", "walk"), ("man", "run"), ("car", "drive"), ("bird", "fly"), ("butterfly", "fly"), ("horse", "run")),
    *(("elephant", "walk"), ("octopus", "swim"), ("cat", "stand"), ("bicycle", "ride")),
)


def on_stage(noun: str, action: str, **changes: object) -> Scene:
    y = GROUND["desert"] - (0.2 if action == "fly" else -0.04)
    actor = Actor(noun=noun, action=action, direction="right", x=0.35, y=y, height=0.5, speed=0.2, phase=0.3)
    return replace(Scene(seed=4, place="desert", actors=(actor,)), **changes)


@pytest.mark.parametrize(("noun", "action"), SHOWN)
def test_masks_are_where_the_posed_cut_out_is(noun: str, action: str) -> None:
    scene = on_stage(noun, action)
    size = {"width": 256, "height": 144, "frames": 5, "fps": 4.0}
    take, way_T23 = render(scene, **size), ways(scene, **size)[0]
    stage = render(replace(scene, actors=()), **size).frames_THWC.astype(int)
    motion = move(scene.actors[0], NOUNS[noun], scene.place, np.arange(5, dtype=np.float32) / 4, 16 / 9)
    across, along = sprites.pads(noun, action, 0, 0)
    for frame in range(5):
        planes = sprites._cropped(noun, None, action, 0, int(motion.step_T[frame]))
        tall, broad = planes.shape[1] - 2 * along, planes.shape[2] - 2 * across
        rows, cols = np.nonzero(planes[3] > 0.9)
        u, v = (cols + 0.5 - across - broad / 2) / tall, (rows + 0.5 - along) / tall - 1.0
        x, y = way_T23[frame, :, :2] @ np.stack((u, v)) + way_T23[frame, :, 2:]
        mask = take.masks_ATHW[0, frame]
        assert mask[y.astype(int).clip(0, 143), x.astype(int).clip(0, 255)].mean() > 0.995, frame
        hit = np.zeros((146, 258), np.bool_)
        hit[(y + 1).astype(int).clip(0, 145), (x + 1).astype(int).clip(0, 257)] = True
        near = np.logical_or.reduce([np.roll(hit, (a, b), (0, 1)) for a in range(-3, 4) for b in range(-3, 4)])
        assert near[1:-1, 1:-1][mask].mean() > 0.995, frame  # but for the paper edge, nothing else is his
        assert (np.abs(take.frames_THWC[frame] - stage[frame]).max(axis=-1) > 2)[mask].mean() > 0.9


def test_both_painters_pose_alike() -> None:
    torch.set_num_threads(1)
    scenes = [on_stage(noun, action) for noun, action in SHOWN]
    scenes += [on_stage("woman", "walk", place="city", weather="rain"), on_stage("dog", "run", style="pixel")]
    scenes.append(on_stage("cow", "walk", camera="zoom in"))
    for style in ("paper", "pixel"):
        alike = [scene for scene in scenes if scene.style == style]
        batch = render_batch(alike, frames=3, fps=3.0, **SIZE)
        for index, scene in enumerate(alike):
            take = render(scene, frames=3, fps=3.0, **SIZE)
            masks = batch.masks_BATHW[index].numpy()
            away = np.abs(batch.frames_BTHWC[index].numpy().astype(int) - take.frames_THWC).mean()
            assert away < 0.5, scene
            assert (masks & take.masks_ATHW).sum() / (masks | take.masks_ATHW).sum() > 0.985, scene
            assert np.allclose(batch.tracks_BAT4[index].numpy(), take.tracks_AT4, atol=0.05)
