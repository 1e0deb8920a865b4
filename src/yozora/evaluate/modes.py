"""How well each creation mode does what it says, on films that the engine makes out of held-out renders."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

from rich.console import Console

from yozora.engine import Engine
from yozora.evaluate.bench import Bench
from yozora.evaluate.metrics import Score
from yozora.evaluate.parts.continuing import SMOOTH, blend, extend, loop
from yozora.evaluate.parts.enduring import resting, walking
from yozora.evaluate.parts.given import GIVEN_DB, character, ends, image, storyboard
from yozora.evaluate.parts.repainting import edit, remix
from yozora.evaluate.reader import shipped
from yozora.evaluate.run import Options
from yozora.evaluate.suite import Goals, Part, Suite, measure
from yozora.presets import Settings

GOALS: Goals = MappingProxyType(
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
        "ends/first psnr": (">=", GIVEN_DB),
        "ends/last psnr": (">=", GIVEN_DB),
        "ends/survives": (">=", 0.9),
        "character/same": (">=", 0.8),
        "storyboard/card": (">=", 0.8),
        "remix/layout": (">=", 0.7),
        "remix/color": (">=", 0.7),
        "edit/color": (">=", 0.7),
        "edit/outside psnr": (">=", GIVEN_DB),
        "long/stays": (">=", 0.9),
        "long/memory": ("<=", 1.3),
        "long/colour drift": ("<=", 0.1),
        "long/contrast drift": ("<=", 0.1),
        "long/sharpness drift": ("<=", 0.1),
    }
)
"""What must hold."""

PARTS: dict[str, Part] = {
    "extend": Part(films=extend),
    "backward": Part(films=partial(extend, backward=True), share=0.6),
    "loop": Part(films=loop, share=0.6),
    "blend": Part(films=blend, share=0.6),
    "image": Part(films=image),
    "ends": Part(films=ends, share=0.6),
    "character": Part(films=character, share=0.6),
    "storyboard": Part(films=storyboard, share=0.6),
    "remix": Part(films=remix, share=0.6),
    "edit": Part(films=edit, share=0.6),
    "long": Part(films=resting, share=0.03, long=1.0),
    "walkers": Part(films=walking, share=0.01, long=0.3),
}
CAPTION = (
    "films: what the engine made; ceiling: the same of true renders; coded: of these through the autoencoder; "
    "chance: with another film's answers (remix/layout: another clip; remix and edit/color: the clip as it was; loop: "
    "the clip played on and on as it is); ratio: a step over the median of the other steps, latent ratio: over those "
    "from latent to latent; long, walkers: shares of seconds"
)
SUITE = Suite(name="modes", parts=PARTS, goals=GOALS, caption=CAPTION)


def evaluate_modes(
    bench: Bench, options: Options, parts: Sequence[str] = (), console: Console | None = None
) -> dict[str, Score]:
    """`measure` of this suite."""
    return measure(SUITE, bench, options, parts, console)


def bench_of(engine: Engine, nouns: Sequence[str], settings: Settings, seed: int = 0) -> Bench:
    """The bench of an engine, with the shipped parser."""
    return Bench(engine=engine, parser=shipped(), nouns=tuple(nouns), settings=settings, seed=seed)
