"""Figures: every one fits its cut-out, and only what an action moves is moved."""

import pytest

from yozora.world import cutouts
from yozora.world.actions import ACTIONS
from yozora.world.figures import JOINTED, figure
from yozora.world.joints import Disc
from yozora.world.nouns import NOUNS


@pytest.mark.parametrize("name", JOINTED)
def test_a_figure_fits_its_cut_out(name: str) -> None:
    """Pivots are on it, shapes have corners, wheels are round things near its feet, and a cycle is a whole one."""
    noun, _, pose = name.partition("/")
    assert noun in NOUNS
    height, width = cutouts.load(noun, None, pose or None).shape[:2]
    for part in JOINTED[name].parts:
        assert -0.1 <= part.pivot[0] <= 1.1
        assert -0.1 <= part.pivot[1] <= 1.1
        assert part.swing or part.turns or part.squeeze != (1.0, 1.0) or part.rest or part.bend, part
        if isinstance(part.shape, Disc):
            assert 0 < part.shape.radius < 0.5
            assert 0 < part.shape.middle[0] * width < width
            assert part.shape.middle[1] * height + part.shape.radius * height < 1.2 * height
        else:
            assert len(part.shape) >= 3
        assert 0 < part.shade <= 1.2


@pytest.mark.parametrize("action", ACTIONS)
def test_only_some_parts_move_in_an_action(action: str) -> None:
    for name in JOINTED:
        if "/" in name:
            continue
        moving = figure(name, action)
        if moving is None:
            continue
        kinds = {part.kind for part in moving.parts}
        assert kinds
        if action in ("drive", "ride", "roll"):
            assert kinds == {"wheel"}
        if action == "stand":
            assert kinds == {"tail"}
        if action in ("walk", "run"):
            assert not kinds & {"wheel", "rotor"}


def test_what_has_no_joints_is_moved_as_a_whole() -> None:
    assert figure("vase", "stand") is None
    assert figure("car", "stand") is None
    assert figure("dog", "nothing that is known") is None


@pytest.mark.parametrize("name", [name for name, made in JOINTED.items() if made.leg[0]])
def test_legs_carry_somebody_some_way(name: str) -> None:
    length, swing = JOINTED[name].leg
    assert 0.05 < length < 1.0
    assert 0.05 < swing < 1.2
    assert 0 < JOINTED[name].stride <= 4 * length
