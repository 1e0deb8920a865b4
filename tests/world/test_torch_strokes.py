"""Strokes: a key of a cut-out stands for one picture, with room for its edge."""

from dataclasses import replace

import pytest

from yozora.world import sprites
from yozora.world.light import light_of
from yozora.world.styles import STYLES
from yozora.world.torch_strokes import ACTORS, AIR, BACK, FRONT, KEEP, MIRROR, OUTSIDE, SHADOWS, UNOWNED, SpriteKey

KEY = SpriteKey(
    noun="dog",
    color=None,
    pose="stand",
    variant=0,
    size=40,
    picture=180.0,
    edge=STYLES["paper"].edge,
    light=light_of("day", "clear"),
)


def test_equal_keys_are_one_texture() -> None:
    same = replace(KEY, light=light_of("day", "clear"))
    assert same == KEY
    assert (
        len({KEY, same, replace(KEY, size=41), replace(KEY, step=2), replace(KEY, light=light_of("night", "clear"))})
        == 4
    )


def test_a_margin_holds_the_edge() -> None:
    assert KEY.margin >= KEY.edge.width * KEY.picture
    assert replace(KEY, picture=1800.0).margin > KEY.margin
    assert replace(KEY, edge=replace(KEY.edge, alpha=0.0)).margin == 3


@pytest.mark.parametrize("noun", ["dog", "bus", "balloon"])
def test_room_around_a_cut_out_is_that_of_its_sprite(noun: str) -> None:
    key = replace(KEY, noun=noun)
    made = sprites.sprite(noun, None, "stand", 0, 40, (key.edge, 180), key.light)
    across, along = (made.image_4HW.shape[2], made.image_4HW.shape[1])
    above, beside = key.around(40, key.columns(across / along) or 1)
    assert above >= key.margin
    assert beside >= key.margin
    assert key.columns(0.001) == 2


def test_strokes_are_drawn_from_far_to_near() -> None:
    assert BACK < AIR < OUTSIDE < MIRROR < SHADOWS < ACTORS < FRONT
    assert KEEP < UNOWNED < 0
