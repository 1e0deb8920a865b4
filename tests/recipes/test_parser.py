"""What the evaluation's parser is taught with: scenes of all sorts, and an even share of actions."""

import numpy as np
import pytest
import torch

from yozora.recipes.actions import SHARES, ParserObservations
from yozora.recipes.parser import SHARES as PARSER_SHARES
from yozora.recipes.parser import varied
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import ACTIONS, CAMERAS, STYLES

FILMS = 400


def some(count: int, first: int = 0) -> ParserObservations:
    generator = torch.Generator().manual_seed(first)
    return ParserObservations(
        way_NT5=torch.randn(count, 8, 5, generator=generator),
        manner_NTE=torch.randn(count, 8, 4, generator=generator),
        noun_NV=torch.rand(count, 6, generator=generator),
        camera_NV=torch.rand(count, 7, generator=generator),
        aspect_N=torch.ones(count),
        action_N=torch.arange(first, first + count) % len(ACTIONS),
    )


@pytest.mark.parametrize("shares", [SHARES, PARSER_SHARES])
def test_sizes_are_drawn_in_shares(shares: tuple[float, ...]) -> None:
    assert sum(shares) == pytest.approx(1.0)


def test_scenes_are_of_all_sorts_and_nobody_is_missing() -> None:
    for cast in varied(CORE):
        drawn = [draw_scene(np.random.default_rng([3, k]), cast) for k in range(FILMS)]
        assert all(scene.actors for scene in drawn)
        assert {actor.noun for scene in drawn for actor in scene.actors} <= set(CORE)
        assert {scene.camera for scene in drawn} == set(CAMERAS)
        assert {scene.style for scene in drawn} == set(STYLES)


def _usual(count: int) -> list[object]:
    cast = varied(tuple(NOUNS))[0]
    return [draw_scene(np.random.default_rng([4, k]), cast) for k in range(count)]
