"""Films that go on from clips: extensions, loops, blends."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from yozora.core.modes import Blend, Extend, Loop
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CLIP_SECONDS, CaptionedScene, Evaluator
from yozora.evaluate.figures import Case, Found, Frames, crossing, join_ratio, setback, shots_of
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.suite import Make
from yozora.world.scene import Scene

EXTEND_SECONDS, LOOP_SECONDS, BLEND_SECONDS = 1.25, 1.0, 1.0
SMOOTH = 1.25  # times the median step
BACK = 0.01  # a blend may fall back so far in a step, of the way from A to B
SETBACK = 0.05  # and so far behind what it had reached


def extensions(part: str, bench: Evaluator, count: int, backward: bool = False) -> Iterator[Make]:
    """Clips of one actor that moves left or right go on for `EXTEND_SECONDS`, or begin so much earlier; who is there
    and where it goes is read on what is new alone."""
    seconds = CLIP_SECONDS + EXTEND_SECONDS
    for captioned in islice(bench.draw(held_out.MOVERS, one_actor(bench.nouns), held_out.moves, seconds), count):
        yield partial(extended, part, bench, captioned, backward)


def extended(part: str, bench: Evaluator, captioned: CaptionedScene, backward: bool) -> list[Case]:
    known, added = bench.frames(CLIP_SECONDS), bench.frames(EXTEND_SECONDS) - (0 if backward else 1)
    whole = bench.shoot(captioned.scene, known + added)
    clip = whole[-known:] if backward else whole[:known]
    request = bench.ask(captioned.text, EXTEND_SECONDS, captioned.index)
    made = bench.film(request, Extend(seconds=EXTEND_SECONDS, backward=backward), clip)
    at = len(made) - known if backward else known
    true = whole[added - at :][: len(made)] if backward else whole
    return [bench.case(part, captioned, made, true, partial(joined, part, bench, captioned.scene, at, backward))]


def joined(part: str, bench: Evaluator, scene: Scene, at: int, backward: bool, film: Frames) -> Found:
    """How smooth the join at a frame is, and what is read on its new side."""
    return {**smooth(bench, f"{part}/join", film, at), **bench.actor(part, scene, film[:at] if backward else film[at:])}


def smooth(bench: Evaluator, name: str, film: Frames, at: int) -> dict[str, bool | float]:
    """The step onto a frame against all others, and against those from latent to latent: an autoencoder of groups of
    frames has larger steps there, whichever autoencoder made the latents."""
    ratio, stride = join_ratio(film, at), bench.engine.layout.stride[0]
    return {name: ratio <= SMOOTH, f"{name} ratio": ratio, f"{name} latent ratio": join_ratio(film, at, stride)}


def loops(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Clips play on and on; their seam is from the last frame to the first, the join where the way back begins."""
    for captioned in islice(bench.draw(held_out.ANY, one_actor(bench.nouns), held_out.anything), count):
        yield partial(looped, part, bench, captioned)


def looped(part: str, bench: Evaluator, captioned: CaptionedScene) -> list[Case]:
    known = bench.frames(CLIP_SECONDS)
    clip = bench.shoot(captioned.scene, known)
    made = bench.film(bench.ask(captioned.text, LOOP_SECONDS, captioned.index), Loop(seconds=LOOP_SECONDS), clip)
    found: Found = {**smooth(bench, f"{part}/seam", made, 0), **smooth(bench, f"{part}/join", made, known)}
    apart: Found = smooth(bench, f"{part}/seam", clip, 0)
    return [
        Case(title=f"{part}: {captioned.text}", made=found, apart=apart, group=captioned.index, shots=shots_of(made))
    ]


def blends(part: str, bench: Evaluator, count: int) -> Iterator[Make]:
    """Clips of two places turn into each other; see `crossing`. The true render is a plain cross-fade."""
    pairs = held_out.groups(bench.draw(held_out.PAIRS, one_actor(bench.nouns), held_out.settled), 2, bench.nouns)
    for a, b in islice(pairs, count):
        yield partial(blended, part, bench, a, b)


def blended(part: str, bench: Evaluator, a: CaptionedScene, b: CaptionedScene) -> list[Case]:
    known = bench.frames(CLIP_SECONDS)
    first, second = (bench.shoot(captioned.scene, known) for captioned in (a, b))
    request = bench.ask("", BLEND_SECONDS, a.index)
    made = bench.film(request, Blend(seconds=BLEND_SECONDS), first, second, prompts=(a.text, b.text))
    mixed = bench.frames(BLEND_SECONDS) - 1
    span = np.arange(known - mixed - 1, known + 1)  # the transition, and a frame on each side
    of_a, of_b = first[np.minimum(span, known - 1)], second[np.maximum(span - (known - mixed), 0)]
    weight = np.linspace(0, 1, len(span))[:, None, None, None]
    faded = (of_a * (1 - weight) + of_b * weight + 0.5).astype(np.uint8)
    return [
        Case(
            title=f"{part}: {a.text} / {b.text}",
            made=crossed(part, crossing(made[span], of_a, of_b)),
            true=crossed(part, crossing(faded, of_a, of_b)),
            group=a.index,
            shots=shots_of(made),
        )
    ]


def crossed(part: str, position_T: NDArray[np.float32]) -> Found:
    """The share of a blend's steps that go from A towards B, and whether it never falls back."""
    onward = float((np.diff(position_T) >= -BACK).mean())
    return {f"{part}/steps": onward, f"{part}/monotone": setback(position_T) <= SETBACK}
