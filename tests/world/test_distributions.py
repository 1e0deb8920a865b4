"""Scene distributions: what may happen on the stage, and how often."""

from dataclasses import replace

import pytest

from yozora.world.cameras import CAMERAS
from yozora.world.distributions import (
    CORE_SCENES,
    LIVELY_NOUNS,
    LIVELY_SCENES,
    LONE_SCENES,
    ROVING_SCENES,
    SceneDistribution,
    shares,
    with_moving_camera,
)
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import PLACES
from yozora.world.styles import STYLES

DISTRIBUTIONS = {
    "whole": SceneDistribution(),
    "core": CORE_SCENES,
    "roving": ROVING_SCENES,
    "lone": LONE_SCENES,
    "lively": LIVELY_SCENES,
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_draws_what_there_is(name: str) -> None:
    distribution = DISTRIBUTIONS[name]
    assert set(distribution.nouns) <= set(NOUNS)
    for weights, known in (
        (distribution.cameras, CAMERAS),
        (distribution.styles, STYLES),
        (distribution.places, PLACES),
    ):
        assert {key for key, _ in weights} <= set(known)
        assert all(weight > 0 for _, weight in weights)
        assert len({key for key, _ in weights}) == len(weights)
    chances = (
        distribution.natural,
        distribution.counts,
        distribution.pairs,
        distribution.company,
        distribution.related,
        distribution.occluder,
        distribution.empty,
        distribution.depth,
    )
    assert all(0 <= chance <= 1 for chance in chances)
    assert 0 < distribution.heights[0] < distribution.heights[1] < 1


def test_the_lively_nouns_are_the_core_and_more() -> None:
    assert set(CORE) < set(LIVELY_NOUNS) < set(NOUNS)
    assert len(set(LIVELY_NOUNS)) == len(LIVELY_NOUNS)
    assert LIVELY_SCENES.nouns == LIVELY_NOUNS
    assert LONE_SCENES.nouns == CORE


@pytest.mark.parametrize("share", [0.0, 0.25, 0.8])
def test_shares_are_shares(share: float) -> None:
    dealt = shares("a", share, ("b", "c", "d"))
    assert sum(weight for _, weight in dealt) == pytest.approx(1.0)
    assert dict(dealt)["a"] == share
    assert len({weight for key, weight in dealt if key != "a"}) == 1


def test_a_distribution_may_be_filmed_by_another_camera() -> None:
    moving = with_moving_camera(CORE_SCENES, 0.5)
    assert dict(moving.cameras)["static"] == 0.5
    assert sum(weight for key, weight in moving.cameras if key != "static") == pytest.approx(0.5)
    assert moving.nouns == CORE_SCENES.nouns
    still = replace(CORE_SCENES, cameras=(("static", 1.0),))
    assert with_moving_camera(still, 0.5).cameras == moving.cameras
