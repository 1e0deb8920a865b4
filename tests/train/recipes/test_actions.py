"""What the parser learns of actions from: films in which none is much rarer than another."""

import numpy as np
import pytest
import torch

from yozora.evaluate.clip import Acting
from yozora.train.recipes.actions import DRAWN, Draw, ParserObservations, evenly, right, together
from yozora.train.recipes.parser import varied
from yozora.world.actions import ACTIONS
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE, NOUNS

FILMS = 400


def some(count: int, first: int = 0) -> ParserObservations:
    generator = torch.Generator().manual_seed(first)
    return ParserObservations(
        way_NT5=torch.randn(count, 8, 5, generator=generator),
        gait_NTE=torch.randn(count, 8, 4, generator=generator),
        noun_NV=torch.rand(count, 6, generator=generator),
        camera_NV=torch.rand(count, 7, generator=generator),
        aspect_N=torch.ones(count),
        action_N=torch.arange(first, first + count) % len(ACTIONS),
    )


def _usual(count: int) -> list[object]:
    distribution = varied(tuple(NOUNS))[0]
    return [draw_scene(np.random.default_rng([4, k]), distribution) for k in range(count)]


def test_no_action_is_much_rarer_than_another() -> None:
    """As films are drawn else, whoever can do several things mostly does the first."""
    draw = evenly()
    for k in range(FILMS):
        scene = draw.scene(np.random.default_rng([4, k]))
        assert scene.actors
    able = {action for noun in NOUNS.values() for action in noun.actions}
    assert set(draw.drawn) == able
    assert draw.drawn.total() == FILMS
    even = {action: count / DRAWN.get(action, 1.0) for action, count in draw.drawn.items()}
    plain = [scene.actors[0].action for scene in _usual(FILMS) if scene.actors]
    usual = {action: plain.count(action) / DRAWN.get(action, 1.0) for action in able}
    assert max(even.values()) / min(even.values()) < max(usual.values()) / max(min(usual.values()), 0.5)


def test_a_draw_counts_what_it_has_drawn() -> None:
    draw = Draw(distributions=(varied(CORE)[0],), several=varied(CORE)[1])
    for k in range(30):
        draw.scene(np.random.default_rng(k))
    assert draw.drawn.total() == 30


def test_what_was_seen_is_put_together_and_taken_apart() -> None:
    one, other = some(3), some(2, first=3)
    both = together([one, other])
    assert len(both) == 5
    assert torch.equal(both[torch.tensor([3, 4])].way_NT5, other.way_NT5)
    assert torch.equal(both[torch.arange(3)].action_N, one.action_N)


def test_a_head_that_says_one_thing_is_right_as_often_as_it_is_so() -> None:
    class Says(torch.nn.Module):
        def forward(self, way_NT5: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot(torch.zeros(len(way_NT5), dtype=torch.long), len(ACTIONS)).float()

    seen = some(2 * len(ACTIONS))
    head: Acting = Says()  # type: ignore[assignment] # as the heads are called
    assert right(head, seen) == pytest.approx(1 / len(ACTIONS))
