"""Casts: what may happen on the stage, and how often."""

import pytest

from yozora.world.casts import LIVELY_CAST, LONE_CAST, STARS, filmed_by, shares
from yozora.world.draw import CORE_CAST, ROVING_CAST
from yozora.world.lots import Cast
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import CAMERAS, PLACES, STYLES

CASTS = {"whole": Cast(), "core": CORE_CAST, "roving": ROVING_CAST, "lone": LONE_CAST, "lively": LIVELY_CAST}


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
