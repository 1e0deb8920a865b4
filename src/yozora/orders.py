"""What people name becomes an order: files, films, pictures and arrays are looked at, and kept beside their references.

Knows how a source is looked at; what can be asked for of it is `core.ordering`'s business. Paints and makes nothing.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from yozora import characters, media, presets
from yozora.board import Board
from yozora.core.modes import Card, Storyboard, find, having
from yozora.core.options import ArgumentError
from yozora.core.order import Character, Order, Source
from yozora.core.ordering import ordered
from yozora.core.request import MAX_PROMPT, is_prompt
from yozora.errors import UserError
from yozora.film import UNSAVED, Film, Relation
from yozora.language import notes_on

if TYPE_CHECKING:
    from PIL.Image import Image

    Given = Film | str | PathLike[str] | NDArray[np.uint8] | Image
else:
    Given = Any

Fit = Literal["crop", "pad", "stretch"]
COMPONENT: Relation = "componentOf"
CHUNK = 1 << 20  # bytes of a file that are hashed at once
GLANCE = (16, 9)  # pixels
OTHER_SCENE = (
    27.0  # mean distance, of 255: two pictures of one stage of the world differ by up to 25, of two by 24 to 47
)


class Choices(TypedDict, total=False):
    """What every mode takes; what is left out, or None, is the model's default, or that of the sources.

    `size` is (width, height) or "WxH" in pixels; of `width` or `height` alone the other one follows. `fit` is how
    sources of another shape fill the picture. `native`: the model's own size and rate. `cast` are pictures of
    characters by name; a prompt may say the names with an @ or without. Where it is not given, @names are those of this
    machine's characters. `model` is a name, or a folder of weights.
    """

    size: tuple[int, int] | str | None
    width: int | None
    height: int | None
    fit: Fit | None
    fps: float | None
    native: bool | None
    seed: int | None
    steps: int | None
    guidance: float | None
    negative_prompt: str | None
    style: str | None
    model: str | PathLike[str] | None
    cast: Mapping[str, Given] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """An order, and what its sources and its characters are on this machine: a file or a film each. `remarks` are lines
    on what was seen of them.
    """

    order: Order
    sources: tuple[Path | Film, ...] = ()
    cast: tuple[Path | Film, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def parents(self) -> tuple[tuple[Path | Film, str, Relation], ...]:
        """What the film is made of, what it is called, and how it is related to the film."""
        slots = {slot.name: slot for slot in find(self.order.mode).slots}
        parents = [source.slot in slots and slots[source.slot].parent for source in self.order.sources]
        kin: list[Relation] = ["parentOf" if parent else "componentOf" for parent in parents]
        given = zip(self.sources, (source.title for source in self.order.sources), kin, strict=True)
        people = ((each, who.title, COMPONENT) for each, who in zip(self.cast, self.order.characters, strict=True))
        return (*given, *people)

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks, and a line on each thing in its prompts that the weights do not understand. `UserError` for
        weights that are missing or cannot be read.
        """
        preset = presets.find(self.order.request.model)
        return (*self.remarks, *notes_on(self.order.prompts, preset.nouns, preset.name))


def ask(mode: str, prompt: str | None, sources: Mapping[str, Given | None], wishes: Mapping[str, Any]) -> Asked:
    """The order of what is wished for. `sources` are by the mode's slots; those that are None were not given. Raises
    `ArgumentError`, which names the argument.
    """
    wishes = dict(wishes)
    cast = wishes.pop("cast", None)
    if wishes.get("model") is not None and not isinstance(wishes["model"], str):
        wishes["model"] = _path_of("model", wishes["model"])
    found = {slot: opened(slot, value) for slot, value in sources.items() if value is not None}
    facts = [described(slot, value, index) for index, (slot, value) in enumerate(found.items())]
    told = [prompt] if isinstance(prompt, str) else []
    people = _people(cast, told)
    order = ordered(mode, prompt, wishes, facts, [character for character, _ in people])
    remarks = remarks_on(order, list(found.values()))
    return Asked(order=order, sources=tuple(found.values()), cast=tuple(each for _, each in people), remarks=remarks)


def ask_board(board: Board, wishes: Mapping[str, Any]) -> Asked:
    """The order of a storyboard. What is wished for goes before what the board says of the whole film; a style is for
    cards that have none.
    """
    wishes = dict(wishes)
    cast, style = wishes.pop("cast", None), wishes.get("style") or ""
    said: dict[str, Any] = {"negative_prompt": board.negative_prompt or None, "fps": board.fps, "seed": board.seed}
    if not any(wishes.get(name) for name in ("size", "width", "height", "native")):
        said["size"] = board.size
    wishes |= {name: value for name, value in said.items() if wishes.get(name) in (None, "")}
    cards, found = _cards(board, style)
    facts = [described(f"card {k + 1}", path, k) for k, path in enumerate(found)]
    people = _people(cast, [card.prompt for card in board.cards])
    prompt = " ".join(card.prompt for card in board.cards)[:MAX_PROMPT]
    wishes["cards"] = cards
    order = ordered(having(Storyboard).name, prompt, wishes, facts, [character for character, _ in people])
    return Asked(order=order, sources=tuple(found), cast=tuple(picture for _, picture in people))


def _cards(board: Board, style: str) -> tuple[tuple[Card, ...], list[Path]]:
    """A board's cards as options, and the files that they begin with."""
    found: list[Path] = []
    cards = []
    for each in board.cards:
        path, index = each.image or each.clip, None
        if path is not None:
            index = len(found)
            found.append(path)
        text = replace(each, style=each.style or style).text
        flows, still = each.transition == "flow", each.image is not None
        cards.append(Card(start=each.start, stop=each.stop, text=text, flows=flows, source=index, still=still))
    return tuple(cards), found


def opened(slot: str, value: Any) -> Path | Film:
    """What somebody gave as a source, as a file or a film: arrays are uint8 `[H, W, 3]` or `[T, H, W, 3]`, the latter
    at the default model's rate. Raises `ArgumentError` for what is none.
    """
    if isinstance(value, Film):
        return value
    if isinstance(value, str | PathLike):
        return Path(_path_of(slot, value))
    if hasattr(value, "convert") and hasattr(value, "getbands"):  # a PIL image, which need not be imported for this
        value = np.asarray(value.convert("RGB"))
    if isinstance(value, np.ndarray):
        frames = value[None] if value.ndim == 3 else value
        try:
            return Film(frames=frames, fps=presets.PRESETS[presets.DEFAULT].fps)
        except ValueError:
            shape = f"{value.dtype} {list(value.shape)}"
            hint = "Give uint8 [height, width, 3], or [frames, height, width, 3]."
            raise ArgumentError(slot, f"An array of {shape} is no picture.", hint) from None
    hint = "Give a path, a film, a PIL image or an array of uint8."
    raise ArgumentError(slot, f"{slot} is {type(value).__name__}, which is no source.", hint)


def described(slot: str, found: Path | Film, index: int) -> Source:
    """What is known of a source. Raises `UserError` for a file that cannot be used."""
    if isinstance(found, Film):
        count, height, width = found.frames.shape[:3]
        still = count == 1
        return Source(
            at=f"memory:{index}",
            slot=slot,
            width=width,
            height=height,
            fps=0.0 if still else found.fps,
            seconds=0.0 if still else found.seconds,
            frames=count,
            sounds=found.sound is not None,
            prompt=_said_again(found.prompt),
            title=UNSAVED,
        )
    seen = media.probe(found)
    return Source(
        at=str(found.absolute()),
        slot=slot,
        width=seen.width,
        height=seen.height,
        fps=seen.fps,
        seconds=seen.seconds,
        frames=seen.frames or 1,
        sounds=seen.has_sound,
        prompt=_said_again(seen.facts.get("prompt", "")),
        title=found.name,
        sha256=hashed(found),
    )


def remarks_on(order: Order, found: Sequence[Path | Film]) -> tuple[str, ...]:
    """A line where the film is to lead from one picture to one of another scene."""
    slots = {slot.name for slot in find(order.mode).slots if slot.takes == "picture"}
    pictures = [each for each, source in zip(found, order.sources, strict=True) if source.slot in slots]
    if len(pictures) < 2:
        return ()
    first, last = (_glance(picture) for picture in pictures[:2])
    if float(np.abs(first - last).mean()) < OTHER_SCENE:
        return ()
    names = " and ".join(source.title for source in order.sources[:2])
    return (f"{names} show different scenes: expect a cut between them, not a way from one to the other",)


def _glance(picture: Path | Film) -> NDArray[np.float32]:
    """A picture at a size at which places are seen, and figures hardly: float32 `[H, W, 3]` in 0..255."""
    width, height = GLANCE
    if isinstance(picture, Film):
        seen = media.shown(picture, width=width, height=height, fps=1, fit="stretch")
    else:
        seen = media.open(picture, width=width, height=height, fps=1, fit="stretch")
    return next(seen.frames()).astype(np.float32)


def hashed(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _said_again(prompt: object) -> str:
    """What a film was made from, where it says so in a way that can be said again; characters in it may be gone, so
    their names are only words.
    """
    return prompt.replace("@", "") if isinstance(prompt, str) and is_prompt(prompt) else ""


def _people(cast: Mapping[str, Given] | None, prompts: Sequence[str]) -> list[tuple[Character, Path | Film]]:
    """Whom the prompts call, with their pictures: of `cast`, or of this machine's characters."""
    if cast is None:
        known = characters.called(prompts)
        return [
            (Character(name=hero.name, at=str(hero.picture), title=f"@{hero.name}"), hero.picture) for hero in known
        ]
    if not isinstance(cast, Mapping):
        raise ArgumentError(
            "cast", f"cast is {type(cast).__name__}, not pictures by name.", "Write {'rex': 'rex.png'}."
        )
    found = []
    for name, value in cast.items():
        if not isinstance(name, str) or not re.search(r"\w", name):
            raise ArgumentError("cast", f"{name!r:.40} is no name.", "Write {'rex': 'rex.png'}.")
        picture = opened("cast", value)
        at = f"memory:{name}" if isinstance(picture, Film) else str(picture.absolute())
        sha256 = "" if isinstance(picture, Film) else hashed(picture)
        found.append((Character(name=name, at=at, plain=True, title=f"@{name}", sha256=sha256), picture))
    return found


def _path_of(argument: str, value: Any) -> str:
    """A path as text. Raises `ArgumentError` for what is none."""
    try:
        text = value if isinstance(value, str) else value.__fspath__()
        if not isinstance(text, str) or "\0" in text or not text:
            raise ValueError
        return text
    except (AttributeError, ValueError):
        raise ArgumentError(argument, f"{argument} is no path.", "Name a file.") from None


__all__ = ["Asked", "Choices", "Given", "UserError", "ask", "ask_board", "described", "hashed", "opened"]
