"""How well the parser reads true renders: every slot over the whole vocabulary, two actors and their relation too.

Nothing that a film is judged for can be found oftener than here. Knows no models but the parser.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from yozora.evaluate.data import truth
from yozora.evaluate.metrics import Score, share_right
from yozora.evaluate.parser import INVERSE, NONE, Parser
from yozora.world.distributions import LIVELY_SCENES, SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.nouns import NOUNS
from yozora.world.render import render
from yozora.world.scene import COLORS, Scene
from yozora.world.styles import STYLES

Frames = NDArray[np.uint8]
STREAM = 2000  # of the scenes: [STREAM, seed, 7, index]
WIDTH, HEIGHT, FRAMES = 224, 128, 33
SLOTS = ("noun", "color", "count", "place", "daytime", "weather", "style", "direction", "action", "camera", "figure")
PAIRED = ("noun", "noun2", "color", "color2", "relation")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReading:
    """A render that was read."""

    scene: Scene
    true: dict[str, str]
    told: dict[str, str]


def wide_distribution(nouns: Sequence[str] = tuple(NOUNS)) -> SceneDistribution:
    """Scenes with one actor, several alike or two that differ; no actor is hidden."""
    return replace(
        LIVELY_SCENES, nouns=tuple(nouns), pairs=0.35, counts=0.2, max_actors=4, company=0.0, occluder=0.0, empty=0.0
    )


def scenes(count: int, seed: int = 0, distribution: SceneDistribution | None = None) -> list[Scene]:
    """Held-out scenes: the same for the same seed."""
    distribution = distribution or wide_distribution()
    return [draw_scene(np.random.default_rng([STREAM, seed, 7, index]), distribution) for index in range(count)]


def shown(scene: Scene) -> Frames:
    """The render of a scene, two seconds long."""
    return render(scene, width=WIDTH, height=HEIGHT, frames=FRAMES).frames_THWC


def read_all(parser: Parser, chosen: Sequence[Scene], film: Callable[[Scene], Frames] = shown) -> list[RenderReading]:
    """What the parser reads from films of the scenes; colours among those that have a name."""
    readings = []
    for scene in chosen:
        told = parser.read([film(scene)], {"color": COLORS, "color2": (*COLORS, NONE)})[0]
        readings.append(RenderReading(scene=scene, true=truth(scene), told=aligned(told, truth(scene))))
    return readings


def aligned(told: Mapping[str, str], true: Mapping[str, str]) -> dict[str, str]:
    """What is told of two actors, turned round where that fits better: "a cat left of a dog" is also "a dog right of
    a cat"."""
    if NONE in (told["noun2"], true["noun2"]):
        return dict(told)
    turned = dict(told)
    for one, other in (("noun", "noun2"), ("color", "color2")):
        turned[one], turned[other] = told[other], told[one]
    turned["relation"] = INVERSE.get(told["relation"], NONE)
    return max((dict(told), turned), key=lambda of: sum(of[slot] == true[slot] for slot in ("noun", "noun2")))


def counted(reading: RenderReading, slot: str) -> bool:
    """Whether a slot can be told: not the colour of what is as drawn or in black and white, and of two actors nothing
    that is about the first alone."""
    paired = reading.true["noun2"] != NONE
    if slot in ("color", "color2"):
        return reading.true[slot] not in ("natural", NONE) and not STYLES[reading.scene.style].grey
    if slot == "relation":
        return reading.true[slot] != NONE
    return not paired or slot in (*PAIRED, "place", "daytime", "weather", "style", "camera", "count", "figure")


def ceilings(readings: Sequence[RenderReading]) -> dict[str, Score]:
    """The share of right answers slot by slot, with chance; those called `two/...` of two actors, `two/both` of their
    nouns together."""
    one = [r for r in readings if r.true["noun2"] == NONE]
    two = [r for r in readings if r.true["noun2"] != NONE]
    found = {
        slot: _share([r for r in (one if slot in PAIRED else readings) if counted(r, slot)], slot) for slot in SLOTS
    }
    found |= {f"two/{slot}": _share([r for r in two if counted(r, slot)], slot) for slot in PAIRED}
    found["two/both"] = _share(two, "noun", "noun2")
    return {name: score for name, score in found.items() if score.n}


def _share(readings: Sequence[RenderReading], *slots: str) -> Score:
    told, true = ([" ".join(of[slot] for slot in slots) for of in side] for side in _sides(readings))
    return share_right(told, true)


def _sides(readings: Sequence[RenderReading]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    return [r.told for r in readings], [r.true for r in readings]


def table(renders: Mapping[str, Score], coded: Mapping[str, Score] | None = None) -> Table:
    """The figures of renders, and of renders through an autoencoder, with chance."""
    made = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False)
    made.add_column("slot", no_wrap=True)
    for column in ("renders", "95 %", "chance", "n", "coded", "n"):
        made.add_column(column, justify="right", no_wrap=True)
    for name, score in renders.items():
        again = (coded or {}).get(name)
        made.add_row(
            name,
            f"{score.score:.3f}",
            f"{score.low:.2f}..{score.high:.2f}",
            "" if score.chance is None else f"{score.chance:.3f}",
            str(score.n),
            f"{again.score:.3f}" if again else "",
            str(again.n) if again else "",
        )
    return made
