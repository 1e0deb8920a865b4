"""Long films: whether the actor stays who it is through the whole of them, what drifts, and what memory they take."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CaptionedScene, Evaluator
from yozora.evaluate.endurance import measure_film
from yozora.evaluate.figures import Case, Found, Frames, drift, qualities, shots_of
from yozora.evaluate.parts.repainting import MOST
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.reader import is_whole
from yozora.evaluate.suite import Make
from yozora.world.scene import Scene


def resting(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Films of `bench.long` seconds, of actors who stay where they are. Each is made in a process of its own; the
    memory that the first one takes is compared with that of a film of `bench.short` seconds."""
    draws = bench.draw(held_out.CALM, one_actor(bench.nouns), held_out.rests)
    for number, captioned in enumerate(islice(draws, count)):
        yield partial(long_film, part, bench, captioned, number == 0)


def walking(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """The same of actors who move left or right: sooner or later they leave the picture, in renders too."""
    draws = bench.draw(held_out.WALKERS, one_actor(bench.nouns), held_out.moves)
    for captioned in islice(draws, count):
        yield partial(long_film, part, bench, captioned, False)


def long_film(part: str, bench: Evaluator, captioned: CaptionedScene, weighed: bool) -> list[Case]:
    """`weighed`: the memory is measured."""
    long = measure_film(bench.engine, bench.ask(captioned.text, bench.long, captioned.index))
    made: Found = {**kept(part, bench, captioned.scene, long.seconds), **drifted(part, long.quality_T3)}
    if weighed:
        short = measure_film(bench.engine, bench.ask(captioned.text, bench.short, captioned.index))
        made = {**made, f"{part}/memory": long.memory / short.memory}
        if long.on_device:
            made = {**made, f"{part}/memory on the device": long.on_device / max(1, short.on_device)}
    film = bench.shoot(captioned.scene, bench.frames(bench.long))
    true: Found = {
        **kept(part, bench, captioned.scene, film[:: round(bench.engine.preset.fps)]),
        **drifted(part, np.array([qualities(frame) for frame in film])),
    }
    return [
        Case(title=f"{part}: {captioned.text}", made=made, true=true, group=captioned.index, shots=shots_of(long.shots))
    ]


def kept(part: str, bench: Evaluator, scene: Scene, seconds_THWC: Frames) -> Found:
    """Of a frame a second: in what share anything is there; of these, in what share it has a whole shape, the asked
    class, and the asked colour; whether all of that is so in `MOST` of the film."""
    seen, actor = bench.watch(seconds_THWC), scene.actors[0]
    present = seen.share(bool)
    found: dict[str, bool | float] = {f"{part}/present": present}
    if present:
        found[f"{part}/figure"] = seen.share(is_whole) / present
    slots = {"class": ("noun", actor.noun)} | ({"looks": ("color", actor.color)} if held_out.colored(scene) else {})
    for name, (slot, asked) in slots.items():
        captioned = [value for value in seen.first(slot) if value != "none"]
        if captioned:
            found[f"{part}/{name}"] = float(np.mean([value == asked for value in captioned]))
    shares = [float(found.get(f"{part}/{name}", 0.0)) for name in ("present", "figure", *slots)]
    return {**found, f"{part}/stays": min(shares) >= MOST}


def drifted(part: str, quality_T3: NDArray[np.float64]) -> Found:
    names = ("colour", "contrast", "sharpness")
    return {f"{part}/{name} drift": drift(quality_T3[:, k]) for k, name in enumerate(names)}
