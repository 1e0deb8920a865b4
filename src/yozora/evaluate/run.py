"""An evaluation from beginning to end: standard, films, figures, files. Knows no model: films come from a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn

from yozora.errors import UserError
from yozora.evaluate.metrics import Score
from yozora.evaluate.parser import Parser
from yozora.evaluate.parser import load as load_parser
from yozora.evaluate.prompts import Prompt, draw_prompts
from yozora.evaluate.report import (
    FilmOf,
    Frames,
    RoundTrip,
    Size,
    judge,
    scores,
    standard,
    table,
    write_json,
    write_sheet,
)

MAX_PROMPTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an evaluation does. Raises `UserError` for what cannot be."""

    prompts: int = 200
    renders: int = 400  # held-out renders that the ceiling is measured on
    seed: int = 0  # of the prompts
    json: Path | None = None
    sheet: Path | None = None
    on_sheet: int = 48  # films on it
    size: Size = field(default_factory=Size)

    def __post_init__(self) -> None:
        if not 1 <= self.prompts <= MAX_PROMPTS or not 1 <= self.renders <= MAX_PROMPTS:
            raise UserError("That many films cannot be judged.", f"Use 1 to {MAX_PROMPTS:,} prompts and renders.")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"The seed {self.seed} is out of range.", "Use a whole number from 0 to 2**32 - 1.")
        for path in (self.json, self.sheet):
            if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
                raise UserError(f"Cannot write {path}.", "Name a file in a folder that exists.")


def evaluate(
    film_of: FilmOf,
    nouns: Sequence[str],
    options: Options,
    round_trip: RoundTrip | None = None,
    console: Console | None = None,
) -> dict[str, Score]:
    """Make a film of every prompt, read it back, print the table and write the files that `options` name.

    `nouns` is the vocabulary that the weights were trained on; `round_trip` takes frames through the autoencoder and
    back. Raises `UserError` for nouns that the parser cannot tell.
    """
    console = console or Console()
    parser = load_parser()
    check(parser, nouns)
    prompts = draw_prompts(options.prompts, nouns, seed=options.seed)
    against = standard(parser, nouns, options.renders, options.size, round_trip)

    def show(prompt: Prompt) -> Frames:
        return film_of(prompt.text, prompt.seed)

    with Progress(*Progress.get_default_columns()[:-1], TimeRemainingColumn(), console=console, transient=True) as bar:
        films = judge(prompts, show, parser, nouns, keep=options.on_sheet if options.sheet else 0)
        verdicts = list(bar.track(films, total=len(prompts), description="films"))
    found = scores(verdicts, against)
    console.print(table(found))
    if options.json:
        write_json(options.json, found)
    if options.sheet:
        write_sheet(options.sheet, verdicts)
    return found


def check(parser: Parser, nouns: Sequence[str]) -> None:
    """Raises `UserError` where the parser cannot tell one of these nouns."""
    unknown = sorted(set(nouns) - set(parser.config.slots["noun"]))
    if unknown:
        raise UserError(
            f"The parser cannot tell: {', '.join(unknown)}.", "Train it on them: python -m yozora.recipes.parser."
        )
