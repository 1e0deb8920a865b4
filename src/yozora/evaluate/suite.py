"""A suite: parts that make films with a bench and measure them, one table of figures for all. Knows no part itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from yozora.errors import UserError
from yozora.evaluate.bench import Evaluator
from yozora.evaluate.figures import Case, Frames, card, case_of, scores, table
from yozora.evaluate.journal import Journal
from yozora.evaluate.metrics import Score
from yozora.evaluate.progress import progress
from yozora.evaluate.report import write_json
from yozora.evaluate.run import Options, check
from yozora.films.sheet import contact_sheet, write_png

ON_SHEET = 6  # films of a part

Goals = Mapping[str, tuple[str, float]]
Make = Callable[[], Sequence[Case]]
"""Makes a film and measures it: a case, or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One thing that is measured. `films` gives, one after the other, what makes its films: nothing is made before."""

    films: Callable[[Evaluator, int], Iterator[Make]]
    share: float = 1.0  # how many films are made for each clip that is asked for
    most: Callable[[Evaluator], int] | None = None  # how many films there can be; None: as many as are asked for
    long: float = 0.0  # where films are long: how many are made for each long film, if the options say how many

    def count(self, bench: Evaluator, options: Options) -> int:
        """How many films are made."""
        share, films = self.share, options.prompts
        if self.long and options.long is not None:
            share, films = self.long, options.long
        asked = max(1, round(share * films))
        return asked if self.most is None else min(asked, self.most(bench))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Parts by name, what must hold of their figures, and the words under their table."""

    name: str
    parts: Mapping[str, Measurement]
    goals: Goals
    caption: str

    def known(self, names: Sequence[str]) -> list[str]:
        """The parts of these names in their order, all without any. Raises `UserError` that lists the known ones."""
        unknown = [name for name in names if name not in self.parts]
        if unknown:
            hint = f"Use one of: {', '.join(self.parts)}."
            raise UserError(f"These measures are not known: {', '.join(unknown)}.", hint, code="unknown_measure")
        return [name for name in self.parts if name in names or not names]


def measure(
    suite: Suite, bench: Evaluator, options: Options, names: Sequence[str] = (), console: Console | None = None
) -> dict[str, Score]:
    """Measure all parts, or those named, on `options.prompts` clips; print the table and write the files.

    Films that the journal beside the JSON file knows are not made again. A part that these weights cannot do is left
    out with a line that says why, unless it was named. Raises `UserError` for parts that there are not and for nouns
    that the parser cannot tell.
    """
    console = console or Console()
    chosen = suite.known(names)
    check(bench.parser, bench.nouns)
    journal, done = options.journal(" ".join((suite.name, *names))), False
    found: dict[str, Score] = {}
    cards: list[Frames] = []
    try:
        with progress(console) as bar:
            for name in chosen:
                part = suite.parts[name]
                cases: list[Case] = []
                try:
                    count = part.count(bench, options)
                    films = _cases(name, part.films(bench, count), journal, shown=ON_SHEET if options.sheet else 0)
                    for found_in in bar.track(films, total=count, description=name):
                        cases += found_in
                except UserError as error:
                    if names:
                        raise
                    console.print(f"{name} is left out: {error}", style="yellow")
                found |= scores(cases)
                cards += [made for case in cases[:ON_SHEET] if options.sheet and (made := card(case)) is not None]
        console.print(table(found, suite.goals, suite.caption))
        if options.json:
            write_json(options.json, found)
        if options.sheet:
            write_sheet_of(cards, options)
        done = True
    finally:
        journal.close(done=done)
    return found


def _cases(name: str, films: Iterator[Make], journal: Journal, shown: int) -> Iterator[Sequence[Case]]:
    """The cases of each film, from the journal where it knows them, and of the first `shown` with their strips."""
    for number, make in enumerate(films):
        kept = journal.get(name, number)
        if kept is None or (number < shown and any(case["shots"] is None for case in kept)):
            cases = make()
            journal.put(name, number, [case.to_json(shown=number < shown) for case in cases])
            yield cases
        else:
            yield [case_of(case) for case in kept]


def write_sheet_of(cards: Sequence[Frames], options: Options) -> None:
    """The cards as a contact sheet. Raises `UserError` where it cannot be written."""
    assert options.sheet is not None
    if not cards:
        raise UserError(
            "There are no films for a contact sheet.", "Choose a measure that makes films.", code="films_missing"
        )
    try:
        write_png(options.sheet, contact_sheet([made[None] for made in cards], shots=1, columns=2))
    except OSError as error:
        message = f"Cannot write {options.sheet}: {error.strerror}."
        raise UserError(
            message, "Check the disk's free space and the permissions.", code="output_unwritable"
        ) from error
