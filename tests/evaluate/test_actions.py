"""The batches in which no action is rare, and what is learnt in them."""

from pathlib import Path

import numpy as np
import torch

from yozora.evaluate.clip import FRAMES, Acting
from yozora.evaluate.data import slots_of
from yozora.evaluate.parser import WEIGHTS, load
from yozora.train.recipes.actions import ParserObservations, evenly, main, right, teach
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS

SLOTS = slots_of(("dog", "cat"))
GAIT = 4


def test_no_action_is_rare() -> None:
    draw, rng = evenly(), np.random.default_rng(0)
    for _ in range(500):
        draw.scene(rng)
    assert set(draw.drawn) == set(ACTIONS)
    assert min(draw.drawn.values()) >= 6
    assert draw.drawn["run"] > 50


def test_pace_alone_is_enough_to_tell_running_from_walking() -> None:
    """Films that differ in nothing else, half of them with a camera that goes along."""
    generator, films = torch.Generator().manual_seed(0), 300
    runs = torch.arange(films) % 2 == 0
    speed = torch.where(runs, 0.24, 0.17) + 0.05 * torch.rand(films, generator=generator)
    time = torch.linspace(0, 2, FRAMES).expand(films, -1)
    pan = torch.arange(films) % 4 < 2
    x = 0.2 + (speed - 0.09 * pan)[:, None] * time
    same = torch.full_like(x, 0.4)
    camera = torch.zeros(films, len(CAMERAS))
    camera[torch.arange(films), torch.where(pan, list(CAMERAS).index("pan right"), 0)] = 1.0
    seen = ParserObservations(
        way_NT5=torch.stack([x, same, same, same, time], -1),
        gait_NTE=torch.rand(films, FRAMES, GAIT, generator=generator),
        noun_NV=torch.full((films, 2), 0.5),
        camera_NV=camera,
        aspect_N=torch.full((films,), 16 / 9),
        action_N=torch.where(runs, list(ACTIONS).index("run"), list(ACTIONS).index("walk")),
    )
    torch.manual_seed(0)
    head = Acting(SLOTS, GAIT, 2)
    learnt, kept = seen[torch.arange(200)], seen[torch.arange(200, 300)]
    assert right(head.eval(), kept) < 0.7
    teach(head, learnt, 150)
    assert right(head, kept) > 0.95


def test_only_what_is_said_of_actions_changes(tmp_path: Path) -> None:
    main(["--films", "24", "--steps", "3", "--out", str(tmp_path)])
    before, after = load().state_dict(), load(tmp_path / WEIGHTS.name).state_dict()
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("clip.acting.") for name in changed)
