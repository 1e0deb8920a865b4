"""What people name becomes an order: files, films, pictures and arrays are looked at, and kept beside their references.

Knows how a source is looked at; what can be asked for of it is `core.ordering`'s business. Paints and makes nothing.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from yozora import media
from yozora.core.modes import Storyboard, StoryboardCard, find, having
from yozora.core.notes import order_notes, transparent
from yozora.core.options import ArgumentError, about, shown
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.ordering import ordered, sources_of
from yozora.core.quality import Quality
from yozora.core.request import Lora, is_prompt
from yozora.errors import UserError
from yozora.families import FAMILIES, presets
from yozora.families.preset import NEEDS
from yozora.films.film import UNSAVED, Film, Relation
from yozora.language import notes_on, sentences
from yozora.language.languages import LANGUAGES
from yozora.story import characters
from yozora.story.board import Board, board_request
from yozora.story.looks import find_style

if TYPE_CHECKING:
    from PIL.Image import Image

    Given = Film | str | PathLike[str] | NDArray[np.uint8] | Image
else:
    Given = Any

Fit = Literal["crop", "pad", "stretch"]
Loras = str | Sequence[str | PathLike[str] | tuple[str | PathLike[str], float] | Lora]
PATHS = ("model", "vae", "text_encoder")  # what of the weights is said as a path
COMPONENT: Relation = "componentOf"
CHUNK = 1 << 20  # bytes of a file that are hashed at once
MAX_NAME = 100  # characters of a character's name
CAST_HINT = "Pass a dict such as {'rex': 'rex.png'}."
MAX_RATE = 1000.0  # frames a second of a film in memory
GLANCE = (16, 9)  # pixels
OTHER_SCENE = 27.0
"""Mean distance, of 255: two pictures of one stage of the world differ by up to 25, of two stages by 24 to 47."""


class Choices(TypedDict, total=False):
    """What every mode takes; what is left out, or None, is the model's default, or that of the sources.

    `size` is (width, height) or "WxH" in pixels; of `width` or `height` alone the other one follows. `fit` is how
    sources of another shape fill the picture. `native`: the model's own size and rate. `cast` are pictures of
    characters by name; a prompt may say the names with an @ or without. Where it is not given, @names are those of this
    machine's characters. `model` is a name, or a folder or file of weights. `vae` and `text_encoder` are files or
    folders in place of its own; `loras` are files, or pairs of a file and a strength. `guidance` is a number, of a
    model with two experts perhaps two. `quality` below exact estimates steps instead of computing them. `weights` is
    their precision; `memory` (of the device) and `ram` are bytes that the film may take, or text such as "8GB".
    `untrained`: weights may be given what they were not trained to be given.
    """

    size: tuple[int, int] | str | None
    width: int | None
    height: int | None
    fit: Fit | None
    fps: float | None
    native: bool | None
    seed: int | None
    steps: int | None
    guidance: float | str | Sequence[float] | None
    quality: Quality | None
    negative_prompt: str | None
    style: str | None
    model: str | PathLike[str] | None
    vae: str | PathLike[str] | None
    text_encoder: str | PathLike[str] | None
    loras: Loras | None
    weights: Literal["full", "fp8", "int8"] | None
    memory: int | str | None
    ram: int | str | None
    untrained: bool | None
    cast: Mapping[str, Given] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalOrder:
    """An order, with a file or a film for each source and character, and `order_notes` on what it cannot keep."""

    order: Order
    sources: tuple[Path | Film, ...] = ()
    characters: tuple[Path | Film, ...] = ()
    order_notes: tuple[str, ...] = ()

    @property
    def parents(self) -> tuple[tuple[Path | Film, str, Relation], ...]:
        """What the film is made of, what it is called, and how it is related to the film."""
        slots = {slot.name: slot for slot in find(self.order.mode).slots}
        parents = [source.slot in slots and slots[source.slot].parent for source in self.order.sources]
        relations: list[Relation] = ["parentOf" if parent else "componentOf" for parent in parents]
        given = zip(self.sources, (source.title for source in self.order.sources), relations, strict=True)
        people = (
            (each, who.title, COMPONENT) for each, who in zip(self.characters, self.order.characters, strict=True)
        )
        return (*given, *people)

    @property
    def notes(self) -> tuple[str, ...]:
        """`order_notes`, and a line on each thing in its prompts that the weights do not understand. `UserError` for
        weights that are missing or cannot be read.
        """
        preset = presets.of(self.order.request)
        return (
            *self.order_notes,
            *_untrained(self.order),
            *notes_on(
                with_style_phrase(self.order).prompts, preset.nouns, preset.name, preset.taught, preset.word_hashes
            ),
        )


def ask(mode: str, prompt: str | None, sources: Mapping[str, Given | None], requested: Mapping[str, Any]) -> LocalOrder:
    """The order of what is requested. `sources` are by the mode's slots; those that are None were not given. Raises
    `ArgumentError`, which names the argument.
    """
    given, requested = sources_of(find(mode), sources, _paths_to_text(requested))
    cast = requested.pop("cast", None)
    found = {slot: opened(slot, value) for slot, value in given.items()}
    facts = [described(slot, each, k, still=is_picture(given[slot])) for k, (slot, each) in enumerate(found.items())]
    pictures = {slot.name for slot in find(mode).slots if slot.takes == "picture"}  # a film's first frame is silent
    facts = [replace(each, sounds=False) if each.slot in pictures else each for each in facts]
    facts = _stills(facts, requested.get("cards"))
    people = _people(cast, [prompt] if isinstance(prompt, str) else [])
    order = with_weights(ordered(mode, prompt, requested, facts, [character for character, _ in people]))
    seen = [title for slot, title in zip(found, (each.title for each in facts), strict=True) if is_clear(given[slot])]
    lines = (*order_notes(order, requested), *map(transparent, seen), *notes_on_sources(order, list(found.values())))
    stills = tuple(picture for _, picture in people)
    return LocalOrder(order=order, sources=tuple(found.values()), characters=stills, order_notes=lines)


def ask_board(board: Board, requested: Mapping[str, Any]) -> LocalOrder:
    """The order of a storyboard, see `board.board_request`."""
    requested = _paths_to_text(requested)
    cast = requested.pop("cast", None)
    prompt, requested, asked = board_request(board, requested)
    with about("board"):
        found = [opened("board", source.at) for source in asked]
        facts = [described(f"card {source.card}", found[k], k) for k, source in enumerate(asked)]
    facts = _stills(facts, requested["cards"])
    people = _people(cast, [card.prompt for card in board.cards])
    order = ordered(having(Storyboard).name, prompt, requested, facts, [character for character, _ in people])
    order = with_weights(order)
    seen = [fact.title for source, fact in zip(asked, facts, strict=True) if is_clear(source.at)]
    lines = (*order_notes(order, requested), *map(transparent, seen), *notes_on_sources(order, found))
    stills = tuple(picture for _, picture in people)
    return LocalOrder(order=order, sources=tuple(found), characters=stills, order_notes=lines)


def _stills(facts: list[Source], cards: Any) -> list[Source]:
    """The sources of a board, those of which cards show the first frame alone as pictures."""
    if not isinstance(cards, tuple | list):
        return facts
    stills = {card.source for card in cards if isinstance(card, StoryboardCard) and card.still}
    return [
        replace(each, sounds=False, fps=0.0, seconds=0.0, frames=1) if k in stills else each
        for k, each in enumerate(facts)
    ]


def _paths_to_text(requested: Mapping[str, Any]) -> dict[str, Any]:
    """The requested options, with the paths of weights as text."""
    paths = {name: requested[name] for name in PATHS if isinstance(requested.get(name), PathLike)}
    return {**requested, **{name: path_of(name, path) for name, path in paths.items()}}


def with_weights(order: Order) -> Order:
    """The order with the files of its weights as they are here: their whole paths, and the hashes of LoRAs; and with
    their precision where a bound decides it. Raises `ArgumentError` for one that is not there.
    """
    request = order.request
    found: dict[str, Any] = {}
    for name in ("vae", "text_encoder"):
        if said := getattr(request, name):
            found[name] = _absolute_path(name, said)
            if not os.path.exists(found[name]):
                hint = "Name a file or a folder of weights."
                raise ArgumentError(name, f"{name}: no file is at {said!r}.", hint, code="file_not_found")
    loras = [replace(lora, at=_absolute_path("loras", lora.at)) for lora in request.loras]
    for said, lora in zip(request.loras, loras, strict=True):
        if not os.path.isfile(lora.at):
            hint = "Pass a file, such as style.safetensors:0.8."
            raise ArgumentError("loras", f"No LoRA file is at {said.at!r}.", hint, code="lora_not_found")
    found["loras"] = tuple(replace(lora, sha256=hashed(Path(lora.at))) for lora in loras)
    request = replace(request, **found)
    if (request.memory or request.ram) and not request.weights:
        preset = presets.of(request)
        request = replace(request, weights=FAMILIES[preset.family].precision(preset))
    return replace(order, request=request)


def _absolute_path(argument: str, path: str) -> str:
    return os.path.abspath(os.path.expanduser(path_of(argument, path)))


def _untrained(order: Order) -> Iterator[str]:
    """A line where the weights are given what they were not trained to be given."""
    request, mode = order.request, find(order.mode)
    preset, needed = presets.find(request.model), mode.known(order.options, order.sources)
    if request.untrained and not preset.can(needed):
        yield f"{preset.name} was not trained to {NEEDS[needed]}: the result may look broken"


def with_style_phrase(order: Order) -> Order:
    """The order with its style as captions in the prompt's language say it."""
    request = order.request
    style = find_style(request.style)
    words = LANGUAGES[sentences.language(request.prompt)].phrases.styles.get(style, style).split("|")[0]
    return replace(order, request=replace(request, style=words))


def opened(slot: str, value: Any) -> Path | Film:
    """A source as a file or a film; arrays are uint8 `[H, W, 3]` or `[T, H, W, 3]`. Raises `ArgumentError`."""
    if isinstance(value, Film):
        if value.fps > MAX_RATE:
            raise ArgumentError(slot, f"{value.fps:g} fps is too high.", "Use at most 1000.", code="frame_rate_high")
        return value
    if isinstance(value, str | PathLike):
        return Path(path_of(slot, value))
    if _is_pil(value):
        value = _pixels(slot, value)
    if isinstance(value, np.ndarray):
        frames = value[None] if value.ndim == 3 else value
        try:
            return Film(frames=frames, fps=presets.PRESETS[presets.DEFAULT].fps)
        except ValueError:
            shape = f"An array of {value.dtype} {list(value.shape)}"
            hint = "Pass an array of uint8, [height, width, 3] or [frames, height, width, 3]."
            raise ArgumentError(slot, f"{shape} is not a picture.", hint, code="array_not_picture") from None
    hint = "Pass a path, a film, a PIL image or an array of uint8."
    raise ArgumentError(slot, f"{slot} is {type(value).__name__}, which is not a source.", hint, code="wrong_type")


def is_picture(value: Any) -> bool:
    """Whether what was given can be no clip: an image of PIL, or an array that is one frame."""
    return _is_pil(value) or (isinstance(value, np.ndarray) and value.ndim == 3)


def is_clear(value: Any) -> bool:
    """Whether white shows through what was given; of a film, through its first picture."""
    if _is_pil(value):
        return bool((np.asarray(value.convert("RGBA"))[..., 3] < 255).any())
    return isinstance(value, str | PathLike) and media.probe(Path(value)).clear


def _is_pil(value: Any) -> bool:
    """Whether that is a PIL image; PIL need not be imported for this."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("convert", "getbands", "tobytes"))


def _pixels(slot: str, image: Any) -> NDArray[np.uint8]:
    """A PIL image as uint8 `[H, W, 3]`; a transparent place is white. Raises `ArgumentError`."""
    try:
        rgba_HWC = np.asarray(image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError) as error:  # what PIL raises for files that are damaged
        hint = "Use another picture."
        raise ArgumentError(slot, "This picture cannot be decoded.", hint, code="picture_damaged") from error
    rgb_HWC, alpha_HW1 = rgba_HWC[..., :3].astype(np.uint16), rgba_HWC[..., 3:].astype(np.uint16)
    blended: NDArray[np.uint8] = ((rgb_HWC * alpha_HW1 + 255 * (255 - alpha_HW1) + 127) // 255).astype(np.uint8)
    return blended


def described(slot: str, found: Path | Film, index: int, *, still: bool = False) -> Source:
    """What is known of a source; `still`: it is a picture. Raises `ArgumentError` for a file that cannot be used."""
    if isinstance(found, Film):
        count, height, width = found.frames.shape[:3]
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
    with about("board" if slot.startswith("card ") else slot):
        seen, sha256 = media.probe(found), hashed(found)
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
        sha256=sha256,
    )


def notes_on_sources(order: Order, found: Sequence[Path | Film]) -> tuple[str, ...]:
    """Lines on what of its clips' files the film cannot keep, and one where it is to lead from one picture to another
    scene.
    """
    mode, lost = find(order.mode), list[str]()
    for file, source in zip(found, order.sources, strict=True):
        if mode.silences(order.options):
            lost += [f"{source.title}: its sound is not kept"] if source.sounds else []
        elif mode.keeps and source.seconds and isinstance(file, Path):
            lost += media.not_kept(file)
    return (*lost, *_other_scene(order, found))


def _other_scene(order: Order, found: Sequence[Path | Film]) -> tuple[str, ...]:
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
    seen = media.footage(picture, width=width, height=height, fps=1, fit="stretch")
    return next(seen.frames()).astype(np.float32)


@media.remembered
def hashed(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal, computed once as long as the file stays the same.

    Raises `UserError` for one that cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        what = f"{str(path)!r} cannot be read: {error.strerror}."
        raise UserError(what, "Use another file.", code="file_unreadable") from error
    return digest.hexdigest()


def _said_again(prompt: object) -> str:
    """What a film was made from, where it says so in a way that can be said again; characters in it may be gone, so
    their names are only words.
    """
    return prompt.replace("@", "") if isinstance(prompt, str) and is_prompt(prompt) else ""


def _people(cast: Mapping[str, Given] | None, prompts: Sequence[str]) -> list[tuple[CharacterSource, Path | Film]]:
    """The characters that the prompts name, with their pictures: of `cast`, or of this machine's characters."""
    if cast is None:
        with about("prompt"):
            known = [(each.name, each.picture, hashed(each.picture)) for each in characters.named_in(prompts)]
        return [
            (CharacterSource(name=name, at=str(picture), title=f"@{name}", sha256=sha256), picture)
            for name, picture, sha256 in known
        ]
    if not isinstance(cast, Mapping):
        raise ArgumentError("cast", f"cast is {type(cast).__name__}, not a dict.", CAST_HINT, code="wrong_type")
    found = []
    for name, value in cast.items():
        if not isinstance(name, str) or not re.search(r"\w", name) or len(name) > MAX_NAME or not is_prompt(name):
            raise ArgumentError(
                "cast", f"{shown(name)} is not a name for a character.", CAST_HINT, code="character_name_invalid"
            )
        picture = opened("cast", value)
        seen = described("cast", picture, 0)
        at = f"memory:{name}" if isinstance(picture, Film) else seen.at
        title = f"@{name.removeprefix('@')}"
        found.append((CharacterSource(name=name, at=at, plain=True, title=title, sha256=seen.sha256), picture))
    return found


def path_of(argument: str, value: Any) -> str:
    """A path as text. Raises `ArgumentError` for what is none."""
    text = getattr(value, "__fspath__", lambda: value)()
    if isinstance(text, str) and text and "\0" not in text:
        return text
    raise ArgumentError(argument, f"{argument} {shown(value)} is not a path.", "Name a file.", code="not_path")


__all__ = ["Choices", "Given", "LocalOrder", "ask", "ask_board", "described", "hashed", "opened", "with_style_phrase"]
