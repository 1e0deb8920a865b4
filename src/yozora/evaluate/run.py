"""An evaluation from beginning to end: standard, films, figures, files. Knows no model: films come from a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from yozora.errors import UserError
from yozora.evaluate.journal import Journal
from yozora.evaluate.metrics import Score
from yozora.evaluate.progress import progress
from yozora.evaluate.prompts import EvaluationPrompt, draw_prompts
from yozora.evaluate.reader import Reader, shipped
from yozora.evaluate.report import (
    FilmOf,
    Frames,
    RoundTrip,
    Size,
    scores,
    standard,
    table,
    write_json,
    write_sheet,
)
from yozora.evaluate.verdicts import judge
from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.language.pack import Language

MAX_PROMPTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an evaluation does. Raises `UserError` for what cannot be."""

    prompts: int = 200
    renders: int = 400  # held-out renders that the ceiling is measured on
    long: int | None = None  # long films; None: as many as the modes take of the clips
    seed: int = 0  # of the prompts
    languages: tuple[Language, ...] = TRANSFORMER_LANGUAGES  # each scene has a prompt in each
    json: Path | None = None
    sheet: Path | None = None
    on_sheet: int = 48  # films on it
    size: Size = field(default_factory=Size)
    made_with: str = ""  # what tells these weights and settings from others: see `Journal`

    def __post_init__(self) -> None:
        if not 1 <= self.prompts <= MAX_PROMPTS or not 1 <= self.renders <= MAX_PROMPTS:
            raise UserError(
                "The number of films is out of range.",
                f"Use 1 to {MAX_PROMPTS:,} prompts and renders.",
                code="value_out_of_range",
            )
        if self.long is not None and not 1 <= self.long <= MAX_PROMPTS:
            raise UserError(
                "The number of long films is out of range.", f"Use 1 to {MAX_PROMPTS:,}.", code="value_out_of_range"
            )
        if not 0 <= self.seed < 2**32:
            raise UserError(
                f"The seed {self.seed} is out of range.",
                "Use a whole number from 0 to 2**32 - 1.",
                code="seed_out_of_range",
            )
        unknown = [language for language in self.languages if language not in LANGUAGES]
        if unknown or not self.languages:
            raise UserError(
                f"The language {', '.join(unknown) or 'to ask in'}.",
                f"Use one of: {', '.join(LANGUAGES)}.",
                code="language_unknown",
            )
        for path in (self.json, self.sheet):
            if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
                raise UserError(f"Cannot write {path}.", "Use a file in an existing folder.", code="output_unwritable")

    def journal(self, suite: str) -> Journal:
        """Beside the JSON file, as its name with `.part`; without one nothing is kept."""
        path = None if self.json is None else self.json.with_name(f"{self.json.name}.part")
        belongs = {"suite": suite, "made_with": self.made_with, "seed": self.seed, "size": str(self.size)}
        if self.languages != TRANSFORMER_LANGUAGES:
            belongs["languages"] = " ".join(self.languages)
        return Journal(path, {**belongs, "prompts": self.prompts, "renders": self.renders, "long": self.long})


def evaluate(
    film_of: FilmOf,
    nouns: Sequence[str],
    options: Options,
    round_trip: RoundTrip | None = None,
    console: Console | None = None,
) -> dict[str, Score]:
    """Make a film of every prompt, read it back, print the table and write the files that `options` name.

    `nouns` is the vocabulary that the weights were trained on; `round_trip` takes frames through the autoencoder and
    back. What was found is kept beside the JSON file until it is written: the same call goes on from there. Raises
    `UserError` for nouns that the parser cannot tell.
    """
    console = console or Console()
    parser = shipped()
    check(parser, nouns)
    prompts = draw_prompts(options.prompts, nouns, seed=options.seed, languages=options.languages)

    def show(prompt: EvaluationPrompt) -> Frames:
        return film_of(prompt.text, prompt.seed)

    journal, done = options.journal("prompts"), False
    try:
        with progress(console) as bar:
            against = standard(parser, nouns, options.renders, options.size, round_trip, journal=journal, bar=bar)
            keep = options.on_sheet if options.sheet else 0
            films = judge(prompts, show, parser, nouns, keep=keep, journal=journal)
            verdicts = list(bar.track(films, total=len(prompts), description="films"))
        found = scores(verdicts, against)
        console.print(table(found))
        if options.json:
            write_json(options.json, found)
        if options.sheet:
            write_sheet(options.sheet, verdicts)
        done = True
    finally:
        journal.close(done=done)
    return found


def check(parser: Reader, nouns: Sequence[str]) -> None:
    """Raises `UserError` where the parser cannot tell one of these nouns."""
    unknown = sorted(set(nouns) - set(parser.config.slots["noun"]))
    if unknown:
        raise UserError(
            f"The parser does not know: {', '.join(unknown)}.",
            "Train it on these words: python -m yozora.train.recipes.parser",
            code="parser_words_unknown",
        )
