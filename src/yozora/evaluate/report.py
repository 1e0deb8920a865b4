"""Films are read back and compared with what was asked; a table, a JSON file and a contact sheet tell the outcome.

Knows no model: films come from a function of a prompt and a seed.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from yozora.errors import UserError
from yozora.evaluate.metrics import Score, flicker, mean_score, motion, parity, psnr, share_right
from yozora.evaluate.parser import Parser
from yozora.evaluate.prompts import HELD_OUT, Prompt, askable, draw_prompts
from yozora.letters import write
from yozora.sheet import contact_sheet, write_png
from yozora.world.lexicon import LANGUAGES
from yozora.world.render import render

Frames = NDArray[np.uint8]
FilmOf = Callable[[str, int], Frames]  # prompt and seed to uint8 [T, H, W, 3]
RoundTrip = Callable[[Frames], Frames]  # through the autoencoder and back

METRICS = {"class": "noun"} | {
    slot: slot for slot in ("color", "place", "direction", "daytime", "weather", "count", "action", "camera", "style")
}
MOOT = {"direction": "none", "color": "natural"}  # what a film cannot miss by showing something else is not counted
CAPTION = (
    "films: what was asked, read back from their pixels; ceiling: the same of held-out renders; "
    "coded: of renders through the autoencoder; chance: of films with each other's captions"
)
SHOTS = 4  # frames of a film on the sheet
CODED = 4  # one held-out render in so many is also judged after the autoencoder, which takes longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the parser says of one film."""

    prompt: Prompt
    told: dict[str, str]
    motion: float  # mean change from frame to frame, 0..255
    flicker: float | None  # the same in the resting background; None where nothing rests
    shots: Frames | None = None  # some frames, for the sheet

    def asked(self, slot: str) -> bool:
        """Whether the film can be wrong in the slot: the prompt states it, and it can be seen.

        Films of several actors count for nothing but their number, and noir films not for colours.
        """
        scene, asked = self.prompt.scene, self.prompt.asked
        hidden = (scene.count > 1 and slot != "count") or (scene.style == "noir" and slot == "color")
        return slot in asked and asked[slot] != MOOT.get(slot) and not hidden

    @property
    def misread(self) -> dict[str, str]:
        """Slots whose answer differs from what was asked."""
        wrong = {name: self.told[slot] for name, slot in METRICS.items() if self.asked(slot)}
        return {name: value for name, value in wrong.items() if value != self.prompt.asked[METRICS[name]]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of the renders that films are compared with: as large and as long as the films."""

    width: int = 224
    height: int = 128
    frames: int = 33
    fps: float = 16.0


def judge(
    prompts: Sequence[Prompt], show: Callable[[Prompt], Frames], parser: Parser, nouns: Sequence[str], keep: int = 0
) -> Iterator[Verdict]:
    """A verdict on the film of each prompt, in order; the first `keep` of them hold frames for the sheet."""
    for index, prompt in enumerate(prompts):
        film = show(prompt)
        resting = prompt.scene.camera == "static" and prompt.scene.weather in ("clear", "fog")
        picked = np.linspace(0, len(film) - 1, SHOTS).round().astype(int)
        yield Verdict(
            prompt=prompt,
            told=parser.read([film], askable(nouns))[0],
            motion=motion(film),
            flicker=flicker(film) if resting else None,
            shots=film[picked] if index < keep else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What films are compared with: the parser on held-out renders, as they are and through the autoencoder."""

    renders: list[Verdict]
    coded: list[Verdict]  # empty without an autoencoder
    psnr: list[float]  # of the coded renders, dB


def standard(
    parser: Parser, nouns: Sequence[str], count: int, size: Size, round_trip: RoundTrip | None = None
) -> Standard:
    """Judge `count` held-out renders about these nouns: scenes that occur neither in training nor among the prompts."""
    prompts = draw_prompts(count, nouns, stream=HELD_OUT, languages=("en",))
    ratios: list[float] = []

    def shown(prompt: Prompt) -> Frames:
        return render(prompt.scene, width=size.width, height=size.height, frames=size.frames, fps=size.fps).frames_THWC

    def coded(prompt: Prompt) -> Frames:
        assert round_trip is not None
        film = shown(prompt)
        again = round_trip(film)
        ratios.append(psnr(film, again))
        return again

    renders = list(judge(prompts, shown, parser, nouns))
    some = prompts[: -(-count // CODED)]
    through = list(judge(some, coded, parser, nouns)) if round_trip else []
    return Standard(renders=renders, coded=through, psnr=ratios)


def scores(verdicts: Sequence[Verdict], against: Standard) -> dict[str, Score]:
    """Every figure by name: `class`, `class/en` (for each language), `parity/class`, `autoencoder/class`, ..."""
    found: dict[str, Score] = {}
    for name, slot in METRICS.items():
        ceiling = _share(against.renders, slot).score if any(v.asked(slot) for v in against.renders) else None
        for label, films in _by_language(verdicts):
            counted = _share(films, slot)
            if counted.n:
                found[f"{name}/{label}" if label else name] = _with(counted, ceiling)
        if len({v.prompt.language for v in verdicts}) > 1:
            found[f"parity/{name}"] = _parity(verdicts, slot)
        if against.coded and any(v.asked(slot) for v in against.coded):
            found[f"autoencoder/{name}"] = _with(_share(against.coded, slot), ceiling)
    found["motion"] = mean_score([v.motion for v in verdicts], _mean([v.motion for v in against.renders]))
    rest, rest_of_renders = (
        [v.flicker for v in films if v.flicker is not None] for films in (verdicts, against.renders)
    )
    if rest:
        found["flicker"] = mean_score(rest, _mean(rest_of_renders))
    if against.psnr:
        found["psnr"] = mean_score(against.psnr)
    return {name: score for name, score in found.items() if score.n}


def _by_language(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, list[Verdict]]]:
    yield "", list(verdicts)
    for language in LANGUAGES:
        yield language, [v for v in verdicts if v.prompt.language == language]


def _share(verdicts: Sequence[Verdict], slot: str) -> Score:
    counted = [v for v in verdicts if v.asked(slot)]
    groups = [v.prompt.group for v in counted]
    return share_right([v.told[slot] for v in counted], [v.prompt.asked[slot] for v in counted], groups)


def _parity(verdicts: Sequence[Verdict], slot: str) -> Score:
    right: dict[str, dict[int, bool]] = {}
    for v in verdicts:
        if v.asked(slot):
            right.setdefault(v.prompt.language, {})[v.prompt.group] = v.told[slot] == v.prompt.asked[slot]
    return parity(right)


def _with(score: Score, ceiling: float | None) -> Score:
    return Score(score=score.score, low=score.low, high=score.high, n=score.n, ceiling=ceiling, chance=score.chance)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


# --- what is shown


def table(found: Mapping[str, Score]) -> Table:
    """The figures as a rich table: one row a metric, the languages beside the whole."""
    made = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, caption=CAPTION, caption_justify="left")
    made.add_column("metric", no_wrap=True)
    for column in ("ceiling", "coded", "chance", "films", "95 %", *LANGUAGES, "n"):
        made.add_column(column, justify="right", no_wrap=True)
    for name in METRICS:
        if name not in found:
            continue
        score = found[name]
        coded = found.get(f"autoencoder/{name}")
        languages = [found.get(f"{name}/{language}") for language in LANGUAGES]
        made.add_row(
            name,
            _number(score.ceiling),
            _number(coded.score if coded else None),
            _number(score.chance),
            f"[bold]{score.score:.2f}[/bold]",
            f"{score.low:.2f}..{score.high:.2f}",
            *(_number(one.score if one else None) for one in languages),
            str(score.n),
        )
    for name, unit in (("motion", "/255"), ("flicker", "/255"), ("psnr", "dB")):
        if name in found:
            score = found[name]
            figures = (_number(score.ceiling), "", "", f"{score.score:.2f}", f"{score.low:.2f}..{score.high:.2f}")
            made.add_row(f"{name} {unit}", *figures, *("" for _ in LANGUAGES), str(score.n))
    return made


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def write_json(path: Path, found: Mapping[str, Score]) -> None:
    """`{metric: {score, low, high, ceiling, chance, n}}`."""
    text = json.dumps({name: score.to_json() for name, score in found.items()}, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.", "Is there room, and may you write there?") from error


def write_sheet(path: Path, verdicts: Sequence[Verdict], columns: int = 2) -> None:
    """Contact sheet (PNG) of the verdicts that hold frames; under each film its English words and what was misread.

    The words of prompts in other languages stand in a text file beside it.
    """
    kept = [v for v in verdicts if v.shots is not None]
    if not kept:
        raise UserError("There are no films to put on a sheet.", "Ask for at least one prompt.")
    try:
        write_png(path, contact_sheet([_card(v)[None] for v in kept], shots=1, columns=min(columns, len(kept))))
        lines = [f"{v.prompt.number}\t{v.prompt.language}\t{v.prompt.text}" for v in kept]
        path.with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.", "Is there room, and may you write there?") from error


def _card(verdict: Verdict) -> Frames:
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
