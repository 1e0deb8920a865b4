"""Teach the evaluation's parser again what actors do: `python -m yozora.train.recipes.actions --films 8000 --out DIR`.

In films as they are drawn some actions are rare, and a head that sees few of them never calls one. So films are drawn
in which every action is about as frequent as another; the parser as it is looks at each of them once, and only its
head for actions learns from what was seen, again and again. The rest of the parser stays as it is, bit by bit.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from yozora.evaluate.ceiling import wide_distribution
from yozora.evaluate.clip import ACTION, CAMERA, FRAMES, Acting
from yozora.evaluate.data import shoot, truth, wear
from yozora.evaluate.eye import SIZES
from yozora.evaluate.parser import WEIGHTS, Parser, load
from yozora.evaluate.prompts import one_actor
from yozora.train.recipes.parser import varied
from yozora.weights.files import save
from yozora.world.distributions import LONE_SCENES, SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import Scene

STREAM = 901  # of the scenes
FILMS = 8  # rendered together
SHARES = (0.7, 0.15, 0.15)  # of the sizes, in their order
DRAWN = {"walk": 2.5, "run": 2.5, "stand": 2.0, "hop": 1.5, "fly": 1.3}  # how much oftener than other actions
WORN = 0.6  # of the films
STILL = 0.08  # of the examples are one frame again and again
NAMELESS = 0.4  # of the examples do not say what it is: how it goes counts for more than what it mostly does
RESTING = 3.0  # weight of films in which nothing goes on: drawn more rarely than they are met
HELD = 10  # one film in so many is not learnt from


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserObservations:
    """What the parser saw in N films, and what was done in them."""

    way_NT5: Tensor
    gait_NTE: Tensor
    noun_NV: Tensor
    camera_NV: Tensor
    aspect_N: Tensor
    action_N: Tensor

    def __len__(self) -> int:
        return len(self.action_N)

    def __getitem__(self, which: Tensor) -> "ParserObservations":
        return ParserObservations(**{name: getattr(self, name)[which] for name in self.__slots__})


@dataclass(slots=True, kw_only=True)
class Draw:
    """Scenes in which no action is much rarer than another."""

    distributions: tuple[SceneDistribution, ...]
    several: SceneDistribution
    drawn: Counter[str] = field(default_factory=Counter)

    def scene(self, rng: np.random.Generator) -> Scene:
        """One with an actor, the next time one with another action sooner."""
        while True:
            alike = rng.random() < 0.1
            scene = draw_scene(
                rng, self.several if alike else self.distributions[int(rng.integers(len(self.distributions)))]
            )
            if scene.actors and (self._wanted(scene.actors[0].action) or rng.random() < 0.12):
                self.drawn[scene.actors[0].action] += 1
                return scene

    def _wanted(self, action: str) -> bool:
        able = {action for noun in NOUNS.values() for action in noun.actions}
        share = {action: (self.drawn[action] + 20) / DRAWN.get(action, 1.0) for action in able}
        return share[action] <= 1.6 * min(share.values())


def evenly() -> Draw:
    """Out of the evaluation's distributions and others, of which one in two has nouns that can do several things."""
    able = [n for n in NOUNS if {"walk", "run", "hop", "dance"} & set(NOUNS[n].actions) or len(NOUNS[n].actions) > 2]
    moving = varied(tuple(NOUNS))[0].cameras
    distributions = (
        one_actor(CORE),
        replace(one_actor(CORE), cameras=moving),
        replace(one_actor(able), cameras=moving),
        replace(wide_distribution(), cameras=moving),
        wide_distribution(CORE),
        wide_distribution(able),
        replace(LONE_SCENES, cameras=moving),
    )
    alone = [
        replace(distribution, max_actors=1, counts=0.0, pairs=0.0, empty=0.0, occluder=0.0)
        for distribution in distributions
    ]
    return Draw(
        distributions=tuple(alone), several=replace(wide_distribution(able), counts=1.0, pairs=0.0, max_actors=4)
    )


@torch.inference_mode()
def observe(parser: Parser, films: int, stream: int = STREAM) -> Iterator[ParserObservations]:
    """What a parser sees in so many films, a few at a time."""
    draw, slots = evenly(), parser.config.slots
    for step in range(films // FILMS):
        rng = np.random.default_rng([stream, step])
        generator = torch.Generator().manual_seed(stream * 100_000 + step)
        size = SIZES[int(rng.choice(len(SIZES), p=SHARES))]
        scenes = [draw.scene(rng) for _ in range(FILMS)]
        seconds = np.where(rng.random(FILMS) < 0.7, 2.0, rng.uniform(0.8, 4.0, FILMS))
        rendered = shoot(scenes, slots, size, FRAMES, seconds.tolist())
        video = wear(rendered.video_BTCHW, generator) if rng.random() < WORN else rendered.video_BTCHW
        aim = [slots[ACTION].index(truth(scene)[ACTION]) for scene in scenes]
        yield together([_one(parser, *film) for film in zip(video, rendered.seconds_BT, aim, strict=True)])


def _one(parser: Parser, frames_TCHW: Tensor, seconds_T: Tensor, action: int) -> ParserObservations:
    looks = parser.looks(frames_TCHW)
    aspect = frames_TCHW.shape[-1] / frames_TCHW.shape[-2]
    told = parser.actors(looks.found, aspect, {})
    seen = parser.watched(frames_TCHW, looks, told, seconds_T)
    way_BT5, gait_BTE, noun_BV = seen.way_T5[None], seen.gait_TE[None], seen.noun_V[None]
    logits = parser.clip(frames_TCHW[None], seen.whole_TD[None], way_BT5, gait_BTE, noun_BV)
    return ParserObservations(
        way_NT5=way_BT5,
        gait_NTE=gait_BTE,
        noun_NV=noun_BV,
        camera_NV=logits[CAMERA].softmax(1),
        aspect_N=torch.tensor([aspect]),
        action_N=torch.tensor([action]),
    )


def together(parts: list[ParserObservations]) -> ParserObservations:
    """All of them, in order."""
    return ParserObservations(
        **{name: torch.cat([getattr(part, name) for part in parts]) for name in ParserObservations.__slots__}
    )


def teach(head: Acting, seen: ParserObservations, steps: int, seed: int = 0) -> None:
    """A head as it is when it was made learns from films; it is left in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(head.parameters(), weight_decay=0.05)
    weight = torch.ones(len(head.actions))
    weight[head.actions.index("stand")] = RESTING
    head.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 1.5e-3 * min(1.0, step / 50) * (1 - step / steps)
        some = _stilled(seen[torch.randint(len(seen), (256,), generator=generator)], generator)
        logits = head(some.way_NT5, some.gait_NTE, some.noun_NV, some.camera_NV, some.aspect_N)
        loss = F.cross_entropy(logits, some.action_N, weight, label_smoothing=0.02)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    head.eval()


def _stilled(seen: ParserObservations, generator: torch.Generator) -> ParserObservations:
    """Some of the films as if one of their frames were all of it; time goes a little faster or slower in all."""
    off = torch.exp(0.05 * torch.randn(len(seen), 1, generator=generator))
    way = torch.cat([seen.way_NT5[..., :4], seen.way_NT5[..., 4:] * off[..., None]], -1)
    at = torch.randint(FRAMES, (len(seen),), generator=generator)
    row, still = torch.arange(len(seen)), torch.rand(len(seen), generator=generator) < STILL
    one = way[row, at][:, None].expand_as(way).clone()
    one[..., 4] = 0.0
    named = torch.rand(len(seen), 1, generator=generator) >= NAMELESS
    gait = seen.gait_NTE[row, at][:, None].expand_as(seen.gait_NTE)
    return replace(
        seen,
        way_NT5=torch.where(still[:, None, None], one, way),
        gait_NTE=torch.where(still[:, None, None], gait, seen.gait_NTE),
        noun_NV=seen.noun_NV * named,
    )


@torch.inference_mode()
def right(head: Acting, seen: ParserObservations) -> float:
    """The share of the films whose action is read."""
    logits = head(seen.way_NT5, seen.gait_NTE, seen.noun_NV, seen.camera_NV, seen.aspect_N)
    return float((logits.argmax(1) == seen.action_N).float().mean())


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description="Teach the parser of the evaluation again what actors do.")
    options.add_argument("--films", type=int, default=8000)
    options.add_argument("--steps", type=int, default=2500)
    options.add_argument("--weights", type=Path, default=WEIGHTS, help="the parser whose other parts are kept")
    options.add_argument("--out", type=Path, default=Path("runs/actions"))
    options.add_argument("--threads", type=int)
    arguments = options.parse_args(argv)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    parser, parts = load(arguments.weights), []
    for part in observe(parser, arguments.films):
        parts.append(part)
        if len(parts) % 50 == 0:
            print(f"{len(parts) * FILMS} films of {arguments.films}", flush=True)
    seen = together(parts)
    held = torch.arange(len(seen)) % HELD == HELD - 1
    torch.manual_seed(0)
    parser.clip.acting = Acting(parser.config.slots, parser.config.manner, len(parser.config.slots["noun"]))
    teach(parser.clip.acting, seen[~held], arguments.steps)
    print(f"actions: {right(parser.clip.acting, seen[held]):.3f} of {int(held.sum())} films kept back")
    path = arguments.out / WEIGHTS.name
    save(path, parser, parser.config, dtype=torch.float16, recipe="parser, actions", films=len(seen))


if __name__ == "__main__":
    main()
