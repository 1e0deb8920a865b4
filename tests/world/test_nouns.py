"""The things that there are: the table and those who draw from it agree, and every figure fits its cut-out."""

import pytest

from yozora.world import cutouts
from yozora.world.captions import SLOTS
from yozora.world.casts import LIVELY_CAST, LONE_CAST, STARS, filmed_by, shares
from yozora.world.draw import CORE_CAST, ROVING_CAST, Cast
from yozora.world.figures import JOINTED, figure
from yozora.world.joints import Disc, Figure
from yozora.world.limbs import BOTTOM, box, cycle, far, leg, outline, tail, wheels
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import ACTIONS, CAMERAS, PLACES, STYLES, Action

CASTS = {"whole": Cast(), "core": CORE_CAST, "roving": ROVING_CAST, "lone": LONE_CAST, "lively": LIVELY_CAST}
MOVERS: dict[Action, tuple[str, ...]] = {  # kinds of things that have no business doing it
    "swim": ("vehicle", "plant", "aircraft"),
    "drive": ("animal", "person", "bird", "fish", "plant", "ball"),
    "sail": ("animal", "bird", "fish", "plant", "vehicle"),
    "fly": ("plant", "vehicle", "boat", "fish"),
}


# --- nouns


def test_the_table_is_by_key_and_every_glyph_is_one_thing() -> None:
    assert all(noun.key == key for key, noun in NOUNS.items())
    assert all(noun.glyph for noun in NOUNS.values())
    assert len({noun.key for noun in NOUNS.values()}) == len(NOUNS) > 250


@pytest.mark.parametrize("key", NOUNS)
def test_a_thing_has_something_to_do_and_somewhere_to_be(key: str) -> None:
    noun = NOUNS[key]
    assert noun.actions
    assert len(set(noun.actions)) == len(noun.actions)
    assert set(noun.actions) <= set(ACTIONS)
    assert noun.places
    assert set(noun.places) <= set(PLACES)
    assert 0.2 <= noun.height <= 0.7
    for action, kinds in MOVERS.items():
        assert action not in noun.actions or noun.kind not in kinds, action


@pytest.mark.parametrize("action", ACTIONS)
def test_many_things_can_do_it(action: Action) -> None:
    assert sum(action in noun.actions for noun in NOUNS.values()) >= 3


@pytest.mark.parametrize("place", PLACES)
def test_many_things_are_there(place: str) -> None:
    assert sum(place in noun.places for noun in NOUNS.values()) >= 15


def test_slots_know_every_noun_once() -> None:
    for slot in ("noun", "noun2"):
        assert SLOTS[slot] == (*NOUNS, "none")
    for values in SLOTS.values():
        assert len(set(values)) == len(values)


# --- casts


@pytest.mark.parametrize("name", CASTS)
def test_a_cast_draws_what_there_is(name: str) -> None:
    cast = CASTS[name]
    assert set(cast.nouns) <= set(NOUNS)
    for weights, known in ((cast.cameras, CAMERAS), (cast.styles, STYLES), (cast.places, PLACES)):
        assert {key for key, _ in weights} <= set(known)
        assert all(weight > 0 for _, weight in weights)
        assert len({key for key, _ in weights}) == len(weights)
    chances = (cast.natural, cast.counts, cast.pairs, cast.company, cast.related, cast.occluder, cast.empty, cast.depth)
    assert all(0 <= chance <= 1 for chance in chances)
    assert 0 < cast.heights[0] < cast.heights[1] < 1


def test_the_stars_are_the_core_and_more() -> None:
    assert set(CORE) < set(STARS) < set(NOUNS)
    assert len(set(STARS)) == len(STARS)
    assert LIVELY_CAST.nouns == STARS
    assert LONE_CAST.nouns == CORE


@pytest.mark.parametrize("share", [0.0, 0.25, 0.8])
def test_shares_are_shares(share: float) -> None:
    dealt = shares("a", share, ("b", "c", "d"))
    assert sum(weight for _, weight in dealt) == pytest.approx(1.0)
    assert dict(dealt)["a"] == share
    assert len({weight for key, weight in dealt if key != "a"}) == 1


def test_a_cast_may_be_filmed_by_another_camera() -> None:
    moving = filmed_by(CORE_CAST, 0.5)
    assert dict(moving.cameras)["static"] == 0.5
    assert sum(weight for key, weight in moving.cameras if key != "static") == pytest.approx(0.5)
    assert moving.nouns == CORE_CAST.nouns


# --- figures


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
def test_only_some_parts_move_in_an_action(action: Action) -> None:
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


def test_an_outline_is_written_in_hundredths() -> None:
    assert outline("0 0, 100 0, 50 75") == ((0.0, 0.0), (1.0, 0.0), (0.5, 0.75))
    assert box(0.1, 0.2, 0.3, 0.4) == ((0.1, 0.2), (0.3, 0.2), (0.3, 0.4), (0.1, 0.4))


def test_a_leg_hangs_from_its_hip_to_the_ground() -> None:
    made = leg(0.2, 0.3, 0.6, 0.25)
    assert made.kind == "leg"
    assert max(y for _, y in made.shape) == BOTTOM  # type: ignore[misc]
    assert made.pivot[1] < 0.6 < made.knee[1] < BOTTOM  # type: ignore[index]
    assert leg(0.2, 0.3, 0.6, 0.0, bend=0.0).knee is None
    other = far(made, (0.05, 0.0), 0.8)
    assert (other.shift, other.shade, other.hole) == ((0.05, 0.0), 0.8, False)


def test_wheels_come_round_after_their_spokes() -> None:
    made: Figure = wheels(0.2, (0.2, 0.8, 0.1), (0.8, 0.8, 0.1), spokes=4)
    assert made.fold == 4
    assert made.radius == 0.2
    assert len(made.parts) == 2
    assert cycle(0.3, (0.2, 0.7), (0.8, 0.7)).fold == 3
    assert tail(box(0.8, 0.2, 1.0, 0.5), (0.8, 0.3)).kind == "tail"
