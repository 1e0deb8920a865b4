"""What the evaluation's parser is taught with: scenes of all sorts, and an even share of actions."""

import numpy as np
import pytest

from yozora.train.recipes.actions import SHARES
from yozora.train.recipes.parser import SHARES as PARSER_SHARES
from yozora.train.recipes.parser import varied
from yozora.world.cameras import CAMERAS
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE
from yozora.world.styles import STYLES

FILMS = 400


@pytest.mark.parametrize("shares", [SHARES, PARSER_SHARES])
def test_sizes_are_drawn_in_shares(shares: tuple[float, ...]) -> None:
    assert sum(shares) == pytest.approx(1.0)


def test_scenes_are_of_all_sorts_and_nobody_is_missing() -> None:
    for distribution in varied(CORE):
        drawn = [draw_scene(np.random.default_rng([3, k]), distribution) for k in range(FILMS)]
        assert all(scene.actors for scene in drawn)
        assert {actor.noun for scene in drawn for actor in scene.actors} <= set(CORE)
        assert {scene.camera for scene in drawn} == set(CAMERAS)
        assert {scene.style for scene in drawn} == set(STYLES)
