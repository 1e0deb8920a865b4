"""How well each creation mode does what it says, on films that the engine makes out of held-out renders.

`MEASURES` is all that is measured: a part that measures a mode has its name from the mode's own declaration.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rich.console import Console

from yozora.core.modes import Blend, Edit, Extend, Loop, Remix, Storyboard, having
from yozora.engine.engine import Engine
from yozora.evaluate.bench import Evaluator
from yozora.evaluate.metrics import Score
from yozora.evaluate.parts.continuing import SMOOTH, blends, extensions, loops
from yozora.evaluate.parts.enduring import resting, walking
from yozora.evaluate.parts.given import GIVEN_DB, boards, both_ends, characters, first_frames
from yozora.evaluate.parts.repainting import edits, remixes
from yozora.evaluate.reader import shipped
from yozora.evaluate.run import Options
from yozora.evaluate.suite import Make, Measurement, Suite, measure
from yozora.families.presets import FilmSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that is measured, and how it is judged.

    `of` is the type of the options of the mode that it measures, or else its own name. `films(name, bench, count)`
    gives what makes its films; their figures begin with the name. `goals` are what must hold, by the rest of a figure's
    name. `share` and `long` are those of `Measurement`.
    """

    of: type[Any] | str
    films: Callable[[str, Evaluator, int], Iterator[Make]]
    share: float = 1.0
    long: float = 0.0
    goals: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its figures begin with."""
        return self.of if isinstance(self.of, str) else having(self.of).name

    @property
    def part(self) -> Measurement:
        """It, as a suite has it."""
        return Measurement(films=partial(self.films, self.name), share=self.share, long=self.long)


STAYS = ("colour drift", "contrast drift", "sharpness drift")
MEASURES: tuple[Measure, ...] = (
    Measure(
        of=Extend,
        films=extensions,
        goals={"join ratio": ("<=", SMOOTH), "survives": (">=", 0.9), "direction": (">=", 0.8)},
    ),
    Measure(of="backward", films=partial(extensions, backward=True), share=0.6, goals={"join ratio": ("<=", SMOOTH)}),
    Measure(of=Loop, films=loops, share=0.6, goals={"seam ratio": ("<=", SMOOTH)}),
    Measure(of=Blend, films=blends, share=0.6, goals={"monotone": (">=", 0.9)}),
    Measure(
        of="image",
        films=first_frames,
        goals={"psnr": (">=", GIVEN_DB), "survives": (">=", 0.9), "direction": (">=", 0.7)},
    ),
    Measure(
        of="ends",
        films=both_ends,
        share=0.6,
        goals={"first psnr": (">=", GIVEN_DB), "last psnr": (">=", GIVEN_DB), "survives": (">=", 0.9)},
    ),
    Measure(of="character", films=characters, share=0.6, goals={"same": (">=", 0.8)}),
    Measure(of=Storyboard, films=boards, share=0.6, goals={"card": (">=", 0.8)}),
    Measure(of=Remix, films=remixes, share=0.6, goals={"layout": (">=", 0.7), "color": (">=", 0.7)}),
    Measure(of=Edit, films=edits, share=0.6, goals={"color": (">=", 0.7), "outside psnr": (">=", GIVEN_DB)}),
    Measure(
        of="long",
        films=resting,
        share=0.03,
        long=1.0,
        goals={"stays": (">=", 0.9), "memory": ("<=", 1.3), **dict.fromkeys(STAYS, ("<=", 0.1))},
    ),
    Measure(of="walkers", films=walking, share=0.01, long=0.3),
)
"""Everything that is measured, in the order in which it is."""

PARTS: dict[str, Measurement] = {each.name: each.part for each in MEASURES}
GOALS = {f"{each.name}/{figure}": goal for each in MEASURES for figure, goal in each.goals.items()}
"""What must hold."""

CAPTION = (
    "films: what the engine made; ceiling: the same of true renders; coded: of these through the autoencoder; "
    "chance: with another film's answers (remix/layout: another clip; remix and edit/color: the clip as it was; loop: "
    "the clip played on and on as it is); ratio: a step over the median of the other steps, latent ratio: over those "
    "from latent to latent; long, walkers: shares of seconds"
)
SUITE = Suite(name="modes", parts=PARTS, goals=GOALS, caption=CAPTION)


def evaluate_modes(
    bench: Evaluator, options: Options, parts: Sequence[str] = (), console: Console | None = None
) -> dict[str, Score]:
    """`measure` of this suite."""
    return measure(SUITE, bench, options, parts, console)


def bench_of(engine: Engine, nouns: Sequence[str], settings: FilmSettings, seed: int = 0) -> Evaluator:
    """The bench of an engine, with the shipped parser."""
    return Evaluator(engine=engine, parser=shipped(), nouns=tuple(nouns), settings=settings, seed=seed)
