"""VBench's own prompts (Huang et al. 2023, arXiv 2311.17982), those whose classes the weights know.

The prompts are VBench's, the judge is not: VBench detects objects with GRiT, here this project's parser reads the
films, which knows the cut-outs of its world and nothing else. So the figures compare weights of this project with each
other, and with no other model.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from yozora.core.modes import Generate
from yozora.evaluate.bench import CLIP_SECONDS, STREAM, TRIES, CaptionedScene, Evaluator
from yozora.evaluate.detection import Detection
from yozora.evaluate.figures import Case, Comparison, Found, Frames
from yozora.evaluate.prompts import one_actor, two_actors
from yozora.evaluate.reader import named
from yozora.evaluate.suite import Make, Measurement, Suite
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.scene import Color, Place, Relation, Scene

PROMPTS = Path(__file__).with_name("vbench.json")
WATCHED = 16  # frames of a film, spread evenly
WHICH = 100  # of the scenes that the ceiling is measured on: [STREAM, seed, WHICH, index, try]


@dataclass(frozen=True, slots=True, kw_only=True)
class VBenchPrompt:
    """A prompt, and what it asks for in the world's words; empty where it asks for none."""

    prompt: str
    nouns: tuple[str, ...]
    color: Color | Literal[""] = ""
    relation: Relation | Literal["under", ""] = ""
    place: Place | Literal[""] = ""
    style: str = ""


@lru_cache(maxsize=1)
def lists() -> dict[str, tuple[VBenchPrompt, ...]]:
    """The prompts of each dimension."""
    read = json.loads(PROMPTS.read_text(encoding="utf-8"))
    return {
        dimension: tuple(VBenchPrompt(**{**entry, "nouns": tuple(entry["nouns"])}) for entry in entries)
        for dimension, entries in read.items()
    }


def entries(dimension: str, nouns: Sequence[str]) -> list[VBenchPrompt]:
    """Those about nothing but these nouns."""
    return [entry for entry in lists()[dimension] if set(entry.nouns) <= set(nouns)]


def films(bench: Evaluator, count: int, dimension: str) -> Iterator[Make]:
    """A film of each prompt, in the order of the list."""
    known = entries(dimension, bench.nouns)
    for index, entry in enumerate(islice(known, count)):
        other = known[(index + 1) % len(known)]
        yield partial(film, bench, dimension, index, entry, other)


def film(bench: Evaluator, dimension: str, index: int, entry: VBenchPrompt, other: VBenchPrompt) -> list[Case]:
    """The chance is that of the same film judged by another prompt's question."""
    made = bench.film(bench.ask(entry.prompt, CLIP_SECONDS, bench.seed + index), Generate(seconds=CLIP_SECONDS))
    measure = partial(measured, bench, dimension, entry)
    scene = scene_of(dimension, entry, bench.seed, index)
    told = CaptionedScene(index=index, scene=scene or Scene(seed=0, place="park"), text=entry.prompt)
    true = bench.shoot(told.scene, len(made))
    apart = {} if entry.style else measured(bench, dimension, other, made)
    case = bench.case(dimension, told, made, true, measure, apart=apart)
    return [case if scene else replace(case, true={}, coded={})]


def measured(bench: Evaluator, dimension: str, entry: VBenchPrompt, film: Frames) -> Found:
    """The share of the frames that show what was asked for; of styles, what is read of the whole film."""
    name = f"vbench/{dimension}"
    if entry.style:
        return {name: Comparison(told=bench.read(film)["style"], asked=entry.style)}
    picked = film[np.linspace(0, len(film) - 1, WATCHED).round().astype(int)]
    aspect = film.shape[2] / film.shape[1]
    return {name: bench.watch(picked).share(partial(shows, entry, aspect))}


def shows(entry: VBenchPrompt, aspect: float, seen: Sequence[Detection]) -> bool:
    """Whether a frame shows all that an entry names, in its colour and as they are to stand to each other."""
    found = [named(seen, noun) for noun in entry.nouns]
    if not all(found):
        return False
    if entry.color:
        return any(one.color == entry.color for one in found[0])
    return not entry.relation or any(stands(entry.relation, aspect, a, b) for a in found[0] for b in found[1])


def stands(relation: str, aspect: float, a: Detection, b: Detection) -> bool:
    """Whether a stands so to b: along the axis, in pixels, that their centres are farther apart on."""
    across, down = (a.x - b.x) * aspect, a.y - b.y
    off = {"left of": -across, "right of": across, "on top of": -down, "under": down}[relation]
    return off > 0 and off >= min(abs(across), abs(down)) and off == max(abs(across), abs(down))


def scene_of(dimension: str, entry: VBenchPrompt, seed: int, index: int) -> Scene | None:
    """A scene that shows what an entry asks for; None where the world's layouts have none."""
    distribution, order = distribution_of(entry)
    for k in range(TRIES):
        scene = draw_scene(np.random.default_rng([STREAM, seed, WHICH, index, k]), distribution)
        if tuple(actor.noun for actor in scene.actors) == order and (scene.relation or "") == relation_of(entry):
            return scene
    return None


def relation_of(entry: VBenchPrompt) -> Relation | Literal[""]:
    """The world's relation: who is under something has it on top."""
    return "on top of" if entry.relation == "under" else entry.relation


def distribution_of(entry: VBenchPrompt) -> tuple[SceneDistribution, tuple[str, ...]]:
    """Who draws such scenes, and which nouns they show, in their order."""
    order = entry.nouns[::-1] if entry.relation == "under" else entry.nouns
    if len(order) == 2:
        relation = relation_of(entry)
        return replace(two_actors(order), relations=(relation,) if relation else (), related=1.0), order
    distribution = one_actor(order or ("car",))
    if entry.color:
        distribution = replace(distribution, natural=0.0, colors=(entry.color,))
    if entry.style and entry.place:
        distribution = replace(
            distribution, styles=((entry.style, 1.0),), places=((entry.place, 1.0),), max_actors=len(order)
        )
    return distribution, order


def how_many(bench: Evaluator, dimension: str) -> int:
    """Prompts of a dimension that these weights know the words of."""
    return len(entries(dimension, bench.nouns))


SUITE = Suite(
    name="vbench",
    parts=MappingProxyType(
        {
            dimension: Measurement(
                films=partial(films, dimension=dimension), most=partial(how_many, dimension=dimension)
            )
            for dimension in lists()
        }
    ),
    goals={},
    caption=(
        "VBench's prompts, read by this project's parser and not by VBench's detector: not to be compared with other "
        "models' figures. Shares of frames, of styles of films; ceiling: of renders of the same words; chance: by "
        "another prompt's question"
    ),
)
