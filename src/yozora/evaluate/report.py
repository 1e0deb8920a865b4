"""Films are read back and compared with what was asked; a table, a JSON file and a contact sheet tell the outcome.

Knows no model: films come from a function of a prompt and a seed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from yozora.errors import UserError
from yozora.evaluate.journal import Journal
from yozora.evaluate.metrics import Score, mean_score, parity, psnr, share_right, two_decimals
from yozora.evaluate.progress import ProgressBar
from yozora.evaluate.prompts import HELD_OUT, EvaluationPrompt, draw_prompts
from yozora.evaluate.reader import Reader
from yozora.evaluate.verdicts import METRICS, ParserVerdict, judge
from yozora.films.letters import write
from yozora.films.sheet import contact_sheet, write_png
from yozora.language.languages import LANGUAGES
from yozora.world.render import render

Frames = NDArray[np.uint8]
FilmOf = Callable[[str, int], Frames]  # prompt and seed to uint8 [T, H, W, 3]
RoundTrip = Callable[[Frames], Frames]  # through the autoencoder and back

CAPTION = (
    "films: what was asked, read back from their pixels; ceiling: the same of held-out renders; "
    "coded: of renders through the autoencoder; chance: of films with each other's captions; "
    "last: of the last frame alone; figure: shapes stay whole; both: two different actors"
)
CODED = 4  # one held-out render in so many is also judged after the autoencoder, which takes longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of the renders that films are compared with: as large and as long as the films."""

    width: int = 224
    height: int = 128
    frames: int = 33
    fps: float = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What films are compared with: the parser on held-out renders, as they are and through the autoencoder."""

    renders: list[ParserVerdict]
    coded: list[ParserVerdict]  # empty without an autoencoder
    psnr: list[float]  # of the coded renders, dB


def standard(
    parser: Reader,
    nouns: Sequence[str],
    count: int,
    size: Size,
    round_trip: RoundTrip | None = None,
    *,
    journal: Journal | None = None,
    bar: ProgressBar | None = None,
) -> Standard:
    """Judge `count` held-out renders about these nouns: scenes that occur neither in training nor among the prompts."""
    prompts = draw_prompts(count, nouns, stream=HELD_OUT, languages=("en",))
    some = prompts[: -(-count // CODED)] if round_trip else []
    journal = journal or Journal(None, {})

    def shown(prompt: EvaluationPrompt) -> Frames:
        return render(prompt.scene, width=size.width, height=size.height, frames=size.frames, fps=size.fps).frames_THWC

    def coded(prompt: EvaluationPrompt) -> Frames:
        assert round_trip is not None
        film = shown(prompt)
        again = round_trip(film)
        journal.put("psnr", prompt.number, psnr(film, again))
        return again

    def judged(
        kind: str, some: Sequence[EvaluationPrompt], show: Callable[[EvaluationPrompt], Frames]
    ) -> list[ParserVerdict]:
        found = judge(some, show, parser, nouns, journal=journal, kind=kind)
        return list(bar.track(found, total=len(some), description=kind) if bar and some else found)

    renders, through = judged("renders", prompts, shown), judged("coded", some, coded)
    return Standard(renders=renders, coded=through, psnr=[journal.get("psnr", prompt.number) for prompt in some])


def scores(verdicts: Sequence[ParserVerdict], against: Standard) -> dict[str, Score]:
    """Every figure by name: `class`, `class/en` (for each language), `parity/class`, `autoencoder/class`, ..."""
    found: dict[str, Score] = {}
    several = len({v.prompt.language for v in verdicts}) > 1
    for metric in METRICS:
        of_renders = _share(against.renders, metric)
        ceiling = of_renders.score if of_renders.n else None
        for label, films in _by_language(verdicts):
            counted = _share(films, metric)
            if counted.n:
                found[f"{metric}/{label}" if label else metric] = replace(counted, ceiling=ceiling)
        if several and metric in found:
            found[f"parity/{metric}"] = _parity(verdicts, metric)
        coded = _share(against.coded, metric)
        if coded.n:
            found[f"autoencoder/{metric}"] = replace(coded, ceiling=ceiling)
    found["motion"] = mean_score([v.motion for v in verdicts], _mean([v.motion for v in against.renders]))
    rest, rest_of_renders = (
        [v.flicker for v in films if v.flicker is not None] for films in (verdicts, against.renders)
    )
    if rest:
        found["flicker"] = mean_score(rest, _mean(rest_of_renders))
    if against.psnr:
        found["psnr"] = mean_score(against.psnr)
    return {name: score for name, score in found.items() if score.n}


def _by_language(verdicts: Sequence[ParserVerdict]) -> Iterator[tuple[str, list[ParserVerdict]]]:
    yield "", list(verdicts)
    for language in LANGUAGES:
        told = [v for v in verdicts if v.prompt.language == language]
        if told:
            yield language, told


def _share(verdicts: Sequence[ParserVerdict], metric: str) -> Score:
    """How often films are right; whether figures are whole has nothing to do with captions, so no chance beside it."""
    answers = [(found, v.prompt.group) for v in verdicts if (found := v.answer(metric)) is not None]
    told, asked = ([getattr(found, side) for found, _ in answers] for side in ("told", "asked"))
    score = share_right(told, asked, [group for _, group in answers])
    return replace(score, chance=None) if metric.endswith("figure") else score


def _parity(verdicts: Sequence[ParserVerdict], metric: str) -> Score:
    right: dict[str, dict[int, bool]] = {}
    for v in verdicts:
        found = v.answer(metric)
        if found is not None:
            right.setdefault(v.prompt.language, {})[v.prompt.group] = found.right
    return parity(right)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


# --- what is shown


def table(found: Mapping[str, Score]) -> Table:
    """The figures as a rich table: one row a metric, the languages beside the whole."""
    made = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, caption=CAPTION, caption_justify="left")
    made.add_column("metric", no_wrap=True)
    told = [language for language in LANGUAGES if any(f"{metric}/{language}" in found for metric in METRICS)]
    for column in ("ceiling", "coded", "chance", "films", "95 %", *told, "n"):
        made.add_column(column, justify="right", no_wrap=True)
    for name in METRICS:
        if name not in found:
            continue
        score = found[name]
        coded = found.get(f"autoencoder/{name}")
        languages = [found.get(f"{name}/{language}") for language in told]
        made.add_row(
            name,
            two_decimals(score.ceiling),
            two_decimals(coded.score if coded else None),
            two_decimals(score.chance),
            f"[bold]{score.score:.2f}[/bold]",
            f"{score.low:.2f}..{score.high:.2f}",
            *(two_decimals(one.score if one else None) for one in languages),
            str(score.n),
        )
    for name, unit in (("motion", "/255"), ("flicker", "/255"), ("psnr", "dB")):
        if name in found:
            score = found[name]
            figures = (
                two_decimals(score.ceiling),
                "",
                "",
                f"{score.score:.2f}",
                f"{score.low:.2f}..{score.high:.2f}",
            )
            made.add_row(f"{name} {unit}", *figures, *("" for _ in told), str(score.n))
    return made


def write_json(path: Path, found: Mapping[str, Score]) -> None:
    """`{metric: {score, low, high, ceiling, chance, n}}`."""
    text = json.dumps({name: score.to_json() for name, score in found.items()}, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write {path}: {error.strerror}.",
            "Check the disk's free space and the permissions.",
            code="output_unwritable",
        ) from error


def write_sheet(path: Path, verdicts: Sequence[ParserVerdict], columns: int = 2) -> None:
    """Contact sheet (PNG) of the verdicts that hold frames; under each film its English words and what was misread.

    The words of prompts in other languages stand in a text file beside it.
    """
    kept = [v for v in verdicts if v.shots is not None]
    if not kept:
        raise UserError("There are no films for a contact sheet.", "Pass at least one prompt.", code="films_missing")
    try:
        write_png(path, contact_sheet([_card(v)[None] for v in kept], shots=1, columns=min(columns, len(kept))))
        lines = [f"{v.prompt.number}\t{v.prompt.language}\t{v.prompt.text}" for v in kept]
        path.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write {path}: {error.strerror}.",
            "Check the disk's free space and the permissions.",
            code="output_unwritable",
        ) from error


def _card(verdict: ParserVerdict) -> Frames:
    assert verdict.shots is not None
    film = np.concatenate(list(verdict.shots), axis=1)
    said = write(
        f"{verdict.prompt.number} {verdict.prompt.language}: {verdict.prompt.english}", film.shape[1], (20, 20, 30)
    )
    wrong = ", ".join(f"{name} {value}" for name, value in verdict.misread.items())
    read = write(
        f"read as {wrong}" if wrong else "read as asked", film.shape[1], (190, 30, 30) if wrong else (20, 120, 50)
    )
    return np.concatenate([film, said, read])
