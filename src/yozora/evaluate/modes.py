"""How well each creation mode does what it says, on films that the engine makes out of held-out renders.

A part is a generator of cases, one after the other; their figures are collected in one table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

from yozora import modes
from yozora.engine import Engine
from yozora.errors import UserError
from yozora.evaluate import bench as held_out
from yozora.evaluate.bench import CLIP_SECONDS, Bench
from yozora.evaluate.data import truth
from yozora.evaluate.endurance import endure
from yozora.evaluate.figures import (
    Answer,
    Case,
    Found,
    Frames,
    card,
    crossing,
    drift,
    join_ratio,
    likeness,
    qualities,
    scores,
    setback,
    shots_of,
    table,
)
from yozora.evaluate.metrics import Score, psnr
from yozora.evaluate.parser import load as load_parser
from yozora.evaluate.prompts import one_actor
from yozora.evaluate.report import write_json
from yozora.evaluate.run import Options, check
from yozora.presets import Settings
from yozora.request import STRENGTHS
from yozora.sheet import contact_sheet, write_png
from yozora.world.scene import Scene

EXTEND_SECONDS, LOOP_SECONDS, BLEND_SECONDS = 1.25, 1.0, 1.0
SMOOTH = 1.25  # times the median step
BACK = 0.01  # a blend may fall back so far in a step, of the way from A to B
SETBACK = 0.05  # and so far behind what it had reached
GIVEN_DB = 28.0  # a first frame as good as given
ON_SHEET = 6  # films of a part

GOALS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "extend/join ratio": ("<=", SMOOTH),
        "extend/survives": (">=", 0.9),
        "extend/direction": (">=", 0.8),
        "backward/join ratio": ("<=", SMOOTH),
        "loop/seam ratio": ("<=", SMOOTH),
        "blend/monotone": (">=", 0.9),
        "image/psnr": (">=", GIVEN_DB),
        "image/survives": (">=", 0.9),
        "image/direction": (">=", 0.7),
        "storyboard/card": (">=", 0.8),
        "remix/layout": (">=", 0.7),
        "remix/color": (">=", 0.7),
        "long/memory": ("<=", 1.3),
        "long/colour drift": ("<=", 0.1),
        "long/contrast drift": ("<=", 0.1),
        "long/sharpness drift": ("<=", 0.1),
    }
)
"""What must hold."""


# --- parts


def extend(bench: Bench, count: int, backward: bool = False) -> Iterator[Case]:
    """Clips of one actor that moves left or right go on for `EXTEND_SECONDS`, or begin so much earlier; who is there
    and where it goes is read on what is new alone."""
    part, stride = "backward" if backward else "extend", bench.engine.layout.stride[0]
    known, added = bench.frames(CLIP_SECONDS), bench.frames(EXTEND_SECONDS) - (0 if backward else 1)
    seconds = CLIP_SECONDS + EXTEND_SECONDS
    for told in islice(bench.draw(held_out.MOVERS, one_actor(bench.nouns), held_out.moves, seconds), count):
        whole = bench.shoot(told.scene, known + added)
        clip = whole[-known:] if backward else whole[:known]
        request = bench.ask(told.text, EXTEND_SECONDS, told.index)
        made = bench.film(request, partial(modes.extend, backward=backward), clip)
        at = len(made) - known // stride * stride if backward else known
        true = whole[added - at :][: len(made)] if backward else whole
        yield bench.case(part, told, made, true, partial(joined, bench, part, told.scene, at, backward))


def joined(bench: Bench, part: str, scene: Scene, at: int, backward: bool, film: Frames) -> Found:
    """How smooth the join at a frame is, and what is read on its new side."""
    return {**smooth(bench, f"{part}/join", film, at), **bench.actor(part, scene, film[:at] if backward else film[at:])}


def smooth(bench: Bench, name: str, film: Frames, at: int) -> dict[str, bool | float]:
    """The step onto a frame against all others, and against those from latent to latent: an autoencoder of groups of
    frames has larger steps there, whoever made the latents."""
    ratio, stride = join_ratio(film, at), bench.engine.layout.stride[0]
    return {name: ratio <= SMOOTH, f"{name} ratio": ratio, f"{name} latent ratio": join_ratio(film, at, stride)}


def loop(bench: Bench, count: int) -> Iterator[Case]:
    """Clips play on and on; their seam is from the last frame to the first, the join where the way back begins."""
    known, stride = bench.frames(CLIP_SECONDS), bench.engine.layout.stride[0]
    mode = partial(modes.loop, overlap=bench.engine.preset.overlap)
    for told in islice(bench.draw(held_out.ANY, one_actor(bench.nouns), held_out.anything), count):
        clip = bench.shoot(told.scene, known)
        made = bench.film(bench.ask(told.text, LOOP_SECONDS, told.index), mode, clip)
        found: Found = {
            **smooth(bench, "loop/seam", made, 0),
            **smooth(bench, "loop/join", made, known // stride * stride),
        }
        apart: Found = smooth(bench, "loop/seam", clip, 0)
        title = f"loop: {told.text}"
        yield Case(title=title, made=found, apart=apart, group=told.index, shots=shots_of(made))


def blend(bench: Bench, count: int) -> Iterator[Case]:
    """Clips of two places turn into each other; see `crossing`. The true render is a plain cross-fade."""
    known = bench.frames(CLIP_SECONDS)
    pairs = held_out.groups(bench.draw(held_out.PAIRS, one_actor(bench.nouns), held_out.settled), 2, bench.nouns)
    for a, b in islice(pairs, count):
        first, second = (bench.shoot(told.scene, known) for told in (a, b))
        request = bench.ask("", BLEND_SECONDS, a.index)
        made = bench.film(request, partial(modes.blend, prompts=(a.text, b.text)), first, second)
        mixed = bench.frames(BLEND_SECONDS) - 1
        span = np.arange(known - mixed - 1, known + 1)  # the transition, and a frame on each side
        of_a, of_b = first[np.minimum(span, known - 1)], second[np.maximum(span - (known - mixed), 0)]
        weight = np.linspace(0, 1, len(span))[:, None, None, None]
        faded = (of_a * (1 - weight) + of_b * weight + 0.5).astype(np.uint8)
        yield Case(
            title=f"blend: {a.text} / {b.text}",
            made=crossed(crossing(made[span], of_a, of_b)),
            true=crossed(crossing(faded, of_a, of_b)),
            group=a.index,
            shots=shots_of(made),
        )


def crossed(position_T: NDArray[np.float32]) -> Found:
    """The share of a blend's steps that go from A towards B, and whether it never falls back."""
    onward = float((np.diff(position_T) >= -BACK).mean())
    return {"blend/steps": onward, "blend/monotone": setback(position_T) <= SETBACK}


def image(bench: Bench, count: int) -> Iterator[Case]:
    """Stills of actors come to life; all but the first frame is read."""
    for told in islice(bench.draw(held_out.STILLS, one_actor(bench.nouns), held_out.moves), count):
        true = bench.shoot(told.scene, bench.frames(CLIP_SECONDS))
        made = bench.film(bench.ask(told.text, CLIP_SECONDS, told.index), modes.image_to_video, true[:1])
        case = bench.case("image", told, made, true, partial(enlivened, bench, told.scene, true[:1]))
        yield replace(case, true={name: value for name, value in case.true.items() if isinstance(value, Answer)})


def enlivened(bench: Bench, scene: Scene, still: Frames, film: Frames) -> Found:
    ratio = psnr(still, film[:1])
    return {"image/psnr": ratio, "image/given": ratio >= GIVEN_DB, **bench.actor("image", scene, film[1:])}


def storyboard(bench: Bench, count: int) -> Iterator[Case]:
    """Boards of three cards with different places and, where enough are known, actors; a case for each span. A span
    reads as its card where class and place both do."""
    frames = bench.frames(CLIP_SECONDS)
    draws = bench.draw(held_out.BOARDS, one_actor(bench.nouns), held_out.settled)
    for number, board in enumerate(islice(held_out.groups(draws, 3, bench.nouns), count)):
        cards = [
            modes.Scene(start=k * CLIP_SECONDS, stop=(k + 1) * CLIP_SECONDS, text=told.text)
            for k, told in enumerate(board)
        ]
        request = bench.ask("", CLIP_SECONDS * len(cards), number)
        made = bench.film(request, partial(modes.storyboard, scenes=cards))
        spans = [made[k * (frames - 1) : (k + 1) * (frames - 1)] for k in range(len(cards))]
        found = [shown(bench, told.scene, span) for told, span in zip(board, spans, strict=True)]
        true = [shown(bench, told.scene, bench.shoot(told.scene, frames)[:-1]) for told in board]
        for k, told in enumerate(board):
            last: list[Found] = [{}, {}]
            if k == len(cards) - 1:
                last = [{"storyboard/board": all(one["storyboard/card"].right for one in of)} for of in (found, true)]
            yield Case(
                title=f"card {k + 1}: {told.text}",
                made={**found[k], **last[0]},
                true={**true[k], **last[1]},
                group=number,
                shots=shots_of(spans[k]),
            )


def shown(bench: Bench, scene: Scene, film: Frames) -> dict[str, Answer]:
    told, asked = bench.read(film), truth(scene)
    names = {"class": "noun", "place": "place"}
    found = {f"storyboard/{name}": Answer(told=told[slot], asked=asked[slot]) for name, slot in names.items()}
    read, right = (f"{of['noun']} in {of['place']}" for of in (told, asked))
    return found | {"storyboard/card": Answer(told=read, asked=right)}


def remix(bench: Bench, count: int) -> Iterator[Case]:
    """Clips of coloured actors are remixed at `mild` with a caption that names another colour."""
    mode, before = partial(modes.remix, strength=STRENGTHS["mild"]), None
    cast = replace(one_actor(bench.nouns), natural=0.0)
    for told in islice(bench.draw(held_out.COLORED, cast, held_out.painted), count):
        other = held_out.recolored(told, bench.seed)
        source, true = (bench.shoot(of.scene, bench.frames(CLIP_SECONDS)) for of in (told, other))
        made = bench.film(bench.ask(other.text, CLIP_SECONDS, told.index), mode, source)
        apart: Found = {} if before is None else {"remix/layout": likeness(made, before)}
        yield bench.case("remix", other, made, true, partial(repainted, bench, other.scene, source), apart=apart)
        before = source


def repainted(bench: Bench, scene: Scene, source: Frames, film: Frames) -> Found:
    told, asked = bench.read(film), truth(scene)
    names = {"color": "color", "class": "noun"}
    found = {f"remix/{name}": Answer(told=told[slot], asked=asked[slot]) for name, slot in names.items()}
    return {**found, "remix/layout": likeness(film, source)}


def long_film(bench: Bench, count: int) -> Iterator[Case]:
    """Films of `bench.long` seconds, of actors who stay where they are: what drifts, and how much more memory they
    take than one of `bench.short` seconds. Each is made in a process of its own."""
    for told in islice(bench.draw(held_out.CALM, one_actor(bench.nouns), held_out.rests), count):
        short, long = (
            endure(bench.engine, bench.ask(told.text, seconds, told.index)) for seconds in (bench.short, bench.long)
        )
        true = bench.shoot(told.scene, bench.frames(bench.long))
        drifts = drifted(np.array([qualities(frame) for frame in true]))
        made: Found = {**drifted(long.quality_T3), "long/memory": long.memory / short.memory}
        if long.on_device:
            made = {**made, "long/memory on the device": long.on_device / max(1, short.on_device)}
        yield Case(title=f"long: {told.text}", made=made, true=drifts, group=told.index, shots=shots_of(long.shots))


def drifted(quality_T3: NDArray[np.float64]) -> Found:
    names = ("colour", "contrast", "sharpness")
    return {f"long/{name} drift": drift(quality_T3[:, k]) for k, name in enumerate(names)}


Part = Callable[[Bench, int], Iterator[Case]]

PARTS: dict[str, tuple[Part, float, int]] = {
    "extend": (extend, 1.0, 1),
    "backward": (partial(extend, backward=True), 0.6, 1),
    "loop": (loop, 0.6, 1),
    "blend": (blend, 0.6, 1),
    "image": (image, 1.0, 1),
    "storyboard": (storyboard, 0.6, 3),
    "remix": (remix, 0.6, 1),
    "long": (long_film, 0.03, 1),
}
"""Part, how many films of it are made for each clip that is asked for, and cases of a film."""


# --- the whole


def evaluate_modes(
    bench: Bench, options: Options, parts: Sequence[str] = (), console: Console | None = None
) -> dict[str, Score]:
    """Measure all parts, or those named, on `options.prompts` clips; print the table and write the files.

    Raises `UserError` for parts that there are not and for nouns that the parser cannot tell.
    """
    console = console or Console()
    chosen = known_parts(parts)
    check(bench.parser, bench.nouns)
    found: dict[str, Score] = {}
    cards: list[Frames] = []
    columns = (*Progress.get_default_columns()[:-1], TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        for name in chosen:
            part, share, each = PARTS[name]
            count = max(1, round(share * options.prompts))
            cases = list(bar.track(part(bench, count), total=count * each, description=name))
            found |= scores(cases)
            cards += [made for case in cases[: ON_SHEET if options.sheet else 0] if (made := card(case)) is not None]
    console.print(table(found, GOALS))
    if options.json:
        write_json(options.json, found)
    if options.sheet:
        write_sheet_of(cards, options)
    return found


def known_parts(names: Sequence[str]) -> list[str]:
    """The parts of these names in their order, all without any. Raises `UserError` that lists the known ones."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise UserError(f"There is nothing to measure of {', '.join(unknown)}.", f"Known: {', '.join(PARTS)}.")
    return [name for name in PARTS if name in names or not names]


def write_sheet_of(cards: Sequence[Frames], options: Options) -> None:
    assert options.sheet is not None
    try:
        write_png(options.sheet, contact_sheet([made[None] for made in cards], shots=1, columns=2))
    except OSError as error:
        message = f"Cannot write {options.sheet}: {error.strerror}."
        raise UserError(message, "Is there room, and may you write there?") from error


def bench_of(engine: Engine, nouns: Sequence[str], settings: Settings, seed: int = 0) -> Bench:
    """The bench of an engine, with the shipped parser."""
    return Bench(engine=engine, parser=load_parser(), nouns=tuple(nouns), settings=settings, seed=seed)
