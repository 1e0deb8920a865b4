"""Storyboards: who is seen when. Read from YAML, written as YAML, made of a prompt's sentences, and checked once.

Knows neither models nor frames: what a card says is words, files are only looked for, never opened.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

import yaml

from yozora.core import modes
from yozora.core.options import ArgumentError
from yozora.core.request import MAX_PROMPT, Request, check_seconds, is_prompt, parse_size
from yozora.errors import UserError
from yozora.language.languages import LANGUAGES, STYLE_NAMES, first_phrase
from yozora.language.sentences import PromptPart, language, takes, weight
from yozora.story.fields import FieldError, Fields, inside, reading, short
from yozora.story.looks import find_camera, find_style

Transition = Literal["cut", "flow"]
TRANSITIONS: Final[tuple[Transition, ...]] = get_args(Transition)
MAX_CARDS: Final = 64
MAX_TITLE: Final = 200  # characters
MAX_BYTES: Final = 256 << 10  # of a file

BOARD_KEYS: Final = ("title", "style", "negative_prompt", "size", "fps", "seed", "cards")
CARD_KEYS: Final = ("from", "to", "prompt", "image", "clip", "camera", "style", "transition")
OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("start", "begin", "starts"), "from"),
        **dict.fromkeys(("stop", "end", "until", "till"), "to"),
        **dict.fromkeys(("text", "description", "caption", "say"), "prompt"),
        **dict.fromkeys(("picture", "still", "photo"), "image"),
        **dict.fromkeys(("video", "film"), "clip"),
        **dict.fromkeys(("shots", "scenes", "board", "storyboard"), "cards"),
        **dict.fromkeys(("resolution",), "size"),
        "negative": "negative_prompt",
        "name": "title",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is seen from `start` to `stop` (seconds of the film, kept to the millisecond).

    `camera` is one of the world's camera moves or empty; `style` is one of the world's styles, other words, or empty.
    `transition` says how the card follows the one before: a cut, or a flow from one into the other. Raises FieldError.
    """

    start: float
    stop: float
    prompt: str
    image: Path | str | None = None  # a still that the card begins with; text is a reference that the caller knows
    clip: Path | str | None = None  # a film that the card begins with
    camera: str = ""
    style: str = ""
    transition: Transition = "cut"

    def __post_init__(self) -> None:
        for field, value in (("from", self.start), ("to", self.stop)):
            if not math.isfinite(value) or value < 0:
                raise FieldError(field, f"{value:g} is not a time.", "Use 0 or more.", code="card_time_invalid")
        _set_fields(self, start=round(float(self.start), 3), stop=round(float(self.stop), 3))
        if self.start >= self.stop:
            problem = "is before" if self.stop < self.start else "equals"
            raise FieldError(
                "to", f"{self.stop:g} {problem} from ({self.start:g}).", "Use a later time.", code="card_end_too_early"
            )
        _set_fields(self, prompt=self.prompt.strip(), camera=find_camera(self.camera), style=find_style(self.style))
        if not self.prompt:
            raise FieldError("prompt", "this card has no prompt.", "Describe what the card shows.", code="prompt_empty")
        _ask("prompt", prompt=self.prompt)
        _ask("style", style=self.style)
        if self.image is not None and self.clip is not None:
            raise FieldError("clip", "this card also has an image.", "Keep one of them.", code="card_image_and_clip")
        if self.transition not in TRANSITIONS:
            raise FieldError(
                "transition", f"{short(self.transition)} is not known.", "Use cut or flow.", code="unknown_transition"
            )

    @property
    def text(self) -> str:
        """What the model is told: the prompt, then camera and style in its language."""
        language_key = language(self.prompt)
        camera = first_phrase("cameras", self.camera, language_key) if self.camera else ""
        style = first_phrase("styles", self.style, language_key) if self.style in STYLE_NAMES else self.style
        words = [word for word in (camera, style) if word]
        return (
            LANGUAGES[language_key].grammar.comma.join([self.prompt.rstrip(" .。,，،;；؛۔"), *words])
            if words
            else self.prompt
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Cards that follow each other from 0 to the end of the film without gap or overlap. Raises FieldError.

    What is None is left to the model's preset. A card without a style takes the board's.
    """

    cards: tuple[Card, ...]
    title: str = ""
    style: str = ""
    negative_prompt: str = ""
    size: tuple[int, int] | None = None  # width, height in pixels
    fps: float | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.cards:
            raise FieldError("cards", "has no cards.", "Write one, with from, to and prompt.", code="cards_missing")
        if len(self.cards) > MAX_CARDS:
            raise FieldError(
                "cards", f"{len(self.cards)} cards are too many.", f"Use at most {MAX_CARDS}.", code="too_many_cards"
            )
        if len(self.title) > MAX_TITLE or not self.title.isprintable():
            raise FieldError(
                "title", "is too long or has several lines.", f"Use up to {MAX_TITLE} letters.", code="title_invalid"
            )
        _ask("negative_prompt", negative_prompt=self.negative_prompt)
        _set_fields(self, style=find_style(self.style), negative_prompt=self.negative_prompt.strip())
        _ask("style", style=self.style)
        if self.size is not None:
            _ask("size", width=self.size[0], height=self.size[1])
        if self.fps is not None:
            _ask("fps", fps=self.fps)
        if self.seed is not None:
            _ask("seed", seed=self.seed)
        _set_fields(self, cards=tuple(replace(card, style=card.style or self.style) for card in self.cards))
        _check_order(self.cards)
        with inside(f"cards[{len(self.cards) - 1}].to"):
            check_seconds(self.seconds)

    @property
    def seconds(self) -> float:
        """How long the film runs."""
        return self.cards[-1].stop


def load(path: str | os.PathLike[str]) -> Board:
    """The board in a YAML file. `UserError` in one line, with line and field, for any file that is not one."""
    path = Path(path)
    name = short(str(path))
    if not os.path.isfile(path):  # unlike the methods of a path, false for any text
        problem = (
            "is a folder" if os.path.isdir(path) else "is not a file" if os.path.exists(path) else "does not exist"
        )
        raise UserError(
            f"The board {name} {problem}.", "Pass a YAML file; see docs/storyboard.md.", code="board_not_found"
        )
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"The board {name} cannot be read: {error.strerror}.", code="board_unreadable") from error
    if len(data) > MAX_BYTES:
        raise UserError(
            f"The board {name} is larger than {MAX_BYTES >> 10} KiB.", "Shorten it.", code="board_too_large"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path.name}, line {line}: not UTF-8.", "Save the board as UTF-8.", code="text_not_utf8"
        ) from error
    return parse(text, path.parent, name=path.name)


def parse(text: str, folder: Path | None, *, name: str = "board", references: bool = False) -> Board:
    """The board in a YAML (or JSON) text. Files that it names are relative to `folder`; None: it may name none, or with
    `references` keeps what it names as text, and nothing is looked for.

    `name` is what errors call the text. Raises `UserError`, such as
    `board.yaml, line 7, cards[1].to: 3 is before from (4). A card ends after it starts.`
    """
    with reading(text, name) as fields:
        fields.expect(BOARD_KEYS, ("cards",), OTHER_NAMES)
        cards = fields.items("cards")[: MAX_CARDS + 1]
        size = fields.text("size")
        with inside("size"):
            pixels = parse_size(size) if size else None
        return Board(
            cards=tuple(_read_card(card, folder, references) for card in cards),
            title=fields.text("title"),
            style=fields.text("style"),
            negative_prompt=fields.text("negative_prompt"),
            size=pixels,
            fps=fields.number("fps"),
            seed=fields.whole("seed"),
        )


def dump(board: Board) -> str:
    """The board as YAML, which `parse` reads back to an equal one. Files are written with their whole paths."""
    top: dict[str, object] = {"title": board.title, "style": board.style, "negative_prompt": board.negative_prompt}
    top["size"] = f"{board.size[0]}x{board.size[1]}" if board.size else ""
    top |= {"fps": None if board.fps is None else _drop_zero_fraction(board.fps), "seed": board.seed}
    written = {key: value for key, value in top.items() if value not in (None, "")}
    written["cards"] = [_card_fields(card, board.style) for card in board.cards]
    return yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100)


def split(prompt: str, seconds: float) -> Board:
    """A board of `seconds` with a card for each take of a prompt, see `sentences.takes`.

    Cards have quarter seconds in proportion to their words, at least one second each. Raises `UserError` where the
    prompt is empty or has more takes than seconds.
    """
    check_prompt(prompt, seconds)
    found = takes(prompt) or [PromptPart(prompt.strip())]
    if len(found) > max(1, math.floor(seconds)):
        hint = f"Ask for at least {len(found)} seconds, or shorten the prompt."
        raise UserError(f"{len(found)} sentences need more than {seconds:g} seconds.", hint, code="too_many_sentences")
    stops = _stops([weight(take.text) for take in found], seconds)
    starts = [0.0, *stops]
    cards = [
        Card(start=start, stop=stop, prompt=take.text, transition=take.joint or "cut" if start else "cut")
        for start, stop, take in zip(starts, stops, found, strict=False)
    ]
    return Board(cards=tuple(cards))


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSource:
    """What a card begins with. Several cards may share one; `card` is the number of the first of them, from 1."""

    at: Path | str
    still: bool
    card: int


def board_request(board: Board, requested: Mapping[str, Any]) -> tuple[str, dict[str, Any], list[CardSource]]:
    """A board as requested options: the prompt, the options with its cards among them, and what these begin with. What
    is in `requested` goes before what the board says of the whole film; a style is for cards that have none. Raises
    `ArgumentError` where cards are requested too.
    """
    requested = {name: value for name, value in requested.items() if value is not None and not _is_empty(value)}
    if "cards" in requested:
        raise ArgumentError("cards", "The board has cards already.", "Leave cards out.", code="cards_with_board")
    said: dict[str, Any] = {"negative_prompt": board.negative_prompt or None, "seed": board.seed}
    said["fps"] = None if requested.keys() & {"native", "frames_per_second", "frame_rate"} else board.fps
    said["size"] = None if requested.keys() & {"native", "width", "height", "resolution"} else board.size
    style = requested.get("style", "")
    style = style if isinstance(style, str) else ""  # what is none is refused with all else that is requested
    sources = card_sources(board)
    index_of: dict[tuple[Path | str | None, bool], int]
    index_of = {(source.at, source.still): k for k, source in enumerate(sources)}
    cards = []
    for each in board.cards:
        index = index_of.get((each.clip if each.image is None else each.image, each.image is not None))
        text = replace(each, style=each.style or style).text if is_prompt(style) else each.text
        flows, still = each.transition == "flow", each.image is not None
        cards.append(
            modes.StoryboardCard(start=each.start, stop=each.stop, text=text, flows=flows, source=index, still=still)
        )
    prompt = " ".join(card.prompt for card in board.cards)[:MAX_PROMPT]
    return prompt, {**said, **requested, "cards": tuple(cards)}, sources


def card_sources(board: Board) -> list[CardSource]:
    """What the cards begin with, each still and each clip once."""
    found: dict[tuple[Path | str, bool], CardSource] = {}
    for number, card in enumerate(board.cards, 1):
        at, still = (card.clip if card.image is None else card.image), card.image is not None
        if at is not None:
            found.setdefault((at, still), CardSource(at=at, still=still, card=number))
    return list(found.values())


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value


def check_prompt(prompt: str, seconds: float) -> None:
    """Raises `UserError` where no board can be made of a prompt or of so many seconds."""
    if not prompt.strip():
        raise UserError("The prompt is empty.", "Describe the film in a few sentences.", code="prompt_empty")
    check_seconds(seconds)
    Request(prompt=prompt, seconds=seconds)


def _set_fields(data: Card | Board, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(data, name, value)


def _ask(field: str, **asked: Any) -> None:
    """What no request may hold, no field may."""
    with inside(field):
        Request(**{"prompt": "-", **asked})


def _check_order(cards: tuple[Card, ...]) -> None:
    """Cards follow each other from 0 without gap or overlap."""
    end = 0.0
    for i, card in enumerate(cards):
        field, before = f"cards[{i}].from", f"cards[{i - 1}]"
        if card.start > end:
            hint = "Start the first card at 0." if i == 0 else f"End {before} later, or start this card earlier."
            raise FieldError(field, f"no card covers seconds {end:g} to {card.start:g}.", hint, code="card_gap")
        if card.start < end and card.start < cards[i - 1].start:
            raise FieldError(field, f"{card.start:g} is before {before}.", "Sort the cards by time.", code="card_order")
        if card.start < end:
            raise FieldError(
                field, f"{card.start:g} is before {before} ends.", f"Use {end:g} or more.", code="card_overlap"
            )
        end = card.stop
    if cards[0].transition != "cut":
        raise FieldError("cards[0].transition", "must be cut here.", "Remove it.", code="first_card_transition")


def _read_card(fields: Fields, folder: Path | None, references: bool) -> Card:
    fields.expect(CARD_KEYS, ("from", "to", "prompt"), OTHER_NAMES)
    start, stop = fields.number("from"), fields.number("to")
    assert start is not None
    assert stop is not None
    card: dict[str, Any] = {key: fields.text(key) for key in ("prompt", "camera", "style")}
    for key in ("image", "clip"):
        card[key] = fields.text(key) or None if references else _read_file_path(fields, key, folder)
    card["transition"] = fields.text("transition") or "cut"
    with inside(fields.path):
        return Card(start=start, stop=stop, **card)


def _read_file_path(fields: Fields, key: str, folder: Path | None) -> Path | None:
    if key not in fields.nodes:
        return None
    written = fields.text(key)
    if folder is None:
        raise FieldError(fields.at(key), "this board cannot use files.", "Remove it.", code="board_files_refused")
    path = os.path.abspath(folder / written)
    if not os.path.isfile(path):
        raise FieldError(
            fields.at(key), f"no file is at {short(written)}.", "Start at the board's folder.", code="file_not_found"
        )
    return Path(path)


def _card_fields(card: Card, style: str) -> dict[str, object]:
    """A card as YAML has it: what it shares with the board and what is a default left out."""
    written: dict[str, object] = {
        "from": _drop_zero_fraction(card.start),
        "to": _drop_zero_fraction(card.stop),
        "prompt": card.prompt,
    }
    files = {key: str(path) for key, path in (("image", card.image), ("clip", card.clip)) if path is not None}
    own = "" if card.style == style else card.style
    rest = {"camera": card.camera, "style": own, "transition": "" if card.transition == "cut" else card.transition}
    return written | files | {key: value for key, value in rest.items() if value}


def _drop_zero_fraction(number: float) -> float | int:
    return int(number) if float(number).is_integer() else float(number)


def _stops(weights: list[float], seconds: float) -> list[float]:
    """When each of several cards stops: quarter seconds in proportion to the weights, at least four of them each."""
    quarters = math.floor(seconds * 4)
    shares: dict[int, float] = {}
    free = set(range(len(weights)))
    while free:
        scale = (quarters - 4 * (len(weights) - len(free))) / sum(weights[i] for i in free)
        small = {i for i in free if weights[i] * scale < 4}
        shares |= {i: weights[i] * scale for i in free} | dict.fromkeys(small, 4.0)
        free -= small
        if not small:
            break
    counts = [math.floor(shares[i]) for i in range(len(weights))]
    by_rest = sorted(shares, key=lambda i: (counts[i] - shares[i], i))
    for i in by_rest[: quarters - sum(counts)]:
        counts[i] += 1
    ends = [sum(counts[: i + 1]) / 4 for i in range(len(counts))]
    return [*ends[:-1], seconds]
