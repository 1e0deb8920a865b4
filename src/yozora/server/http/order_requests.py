"""What a video is to be: what a client asked for, with what it points at, becomes an order that the model can make.

The same for every mode: its declaration says what there is. Nothing is stored here, and nothing is made.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from yozora.core.modes import Mode, Slot
from yozora.core.notes import order_notes, transparent
from yozora.core.options import ArgumentError
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.ordering import ordered
from yozora.errors import UserError
from yozora.server.errors import invalid
from yozora.server.http.board_requests import find_cards, read_board
from yozora.server.http.requests import VideoBody
from yozora.server.http.sources import CharacterPicture, Finder, StoredSource
from yozora.server.store.film_length import seconds_text
from yozora.server.work.models import located
from yozora.server.work.offers import is_offered, offered

if TYPE_CHECKING:
    from yozora.families.presets import Preset
    from yozora.story.board import Board


BOARD: Final = "cards"
"""The option of a mode that is a board."""

NAMED = "{video_id}"
"""In a mode's route: the video that the film is made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A video before it has an id. `prompt` None: nothing was said. The order's sources have no keys yet."""

    order: Order
    seconds: float  # as the API says them
    model: str  # as it was asked for
    prompt: str | None
    sources: tuple[StoredSource, ...] = ()
    actors: tuple[CharacterPicture, ...] = ()
    remixed_from: str | None = None
    words: tuple[str, ...] = ()  # what the rules of moderation are to see
    notes: tuple[str, ...] = ()  # a line on each thing that is not as it was said
    batch: str | None = None  # that the video is part of


async def order_request(finder: Finder, mode: Mode, body: VideoBody, video_id: str | None = None) -> OrderRequest:
    """The order request of a call; `video_id` is the source that the address names. Raises `ApiError`."""
    said, do = getattr(body, BOARD, None), finder.service.capacity.do
    if said is None:
        found = await _sources(finder, mode, body, video_id)
        return await do(partial(_order_request, finder, mode, body, found))
    board = await do(partial(read_board, said))
    found = await find_cards(finder, board, getattr(body, "files", ()))
    return await do(partial(_order_request, finder, mode, body, found, board))


def _order_request(
    finder: Finder, mode: Mode, body: VideoBody, found: list[tuple[Slot, StoredSource]], board: "Board | None" = None
) -> OrderRequest:
    """The order request, once its sources are known."""
    films = [source for slot, source in found if slot.takes == "clip" and slot in mode.slots]
    model = body.model or (films[0].model if films else None) or finder.service.settings.usual
    requested = _requested_options(mode, body)
    prompt, words = getattr(body, "prompt", None), [getattr(body, "style", None)]
    if prompt is not None and not prompt.strip():
        raise invalid("prompt", "The prompt is empty.")
    if board is not None:
        prompt, requested = _of_board(board, requested)
        words.append(board.title)
    preset = _available_preset(finder, model)
    requested = {**_defaults(mode, requested, like_sources=board is not None and bool(found)), **requested}
    requested["model"] = preset.name
    _check_loras(finder, requested)
    actors = finder.actors(body.characters, prompt or "")
    sources = [_described(slot, source, k) for k, (slot, source) in enumerate(found, 1)]
    people = [CharacterSource(name=actor.name, at=actor.key, plain=True, title=f"@{actor.name}") for actor in actors]
    with _refusals(mode, of_films=bool(films)):
        order = ordered(mode.name, prompt, requested, sources, people, preset)
    clear = [each.title for each, (_, source) in zip(order.sources, found, strict=True) if source.clear]
    seconds = _said_seconds(mode, order, [source for _, source in found], preset)
    _check_limits(finder, seconds, films, "seconds" if "seconds" in requested else _source_param(mode))
    return OrderRequest(
        order=order,
        seconds=seconds,
        model=model,
        prompt=prompt,
        sources=tuple(source for _, source in found),
        actors=actors,
        remixed_from=films[0].video if len(films) == 1 else None,
        words=tuple(text for text in (order.request.prompt, *order.prompts, *words) if text),
        notes=(*order_notes(order, requested), *map(transparent, clear)),
    )


@contextmanager
def _refusals(mode: Mode, *, of_films: bool) -> Iterator[None]:
    """What cannot be ordered is a field that cannot be."""
    try:
        yield
    except ArgumentError as error:
        raise invalid(_param(mode, error.argument), str(error), reason=error.code) from error
    except UserError as error:
        raise invalid(_source_param(mode) if of_films else None, str(error), reason=error.code) from error


async def _sources(
    finder: Finder, mode: Mode, body: VideoBody, video_id: str | None
) -> list[tuple[Slot, StoredSource]]:
    """What the request points at, by the mode's slots; those that have one name in the API are a list there."""
    if video_id is not None:
        return [(mode.slots[0], await to_thread.run_sync(finder.video, video_id, None))]
    found: list[tuple[Slot, StoredSource]] = []
    for index, slot in enumerate(mode.slots):
        name = slot.wire or slot.name
        said = getattr(body, name, None)
        if isinstance(said, tuple):
            said = said[index]
        if said is not None:
            find: Any = finder.picture if slot.takes == "picture" else finder.film
            found.append((slot, await find(said, name)))
    return found


def _requested_options(mode: Mode, body: VideoBody) -> dict[str, Any]:
    """The options that were said."""
    names = [option.name for option in mode.takes if option.name != "model"]
    return {name: value for name in names if (value := getattr(body, name, None)) not in (None, "")}


def _of_board(board: "Board", requested: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The prompt, and the requested options with the board's among them."""
    from yozora.story.board import board_request  # knows every style and camera move in every language: slow to load

    others = {name: value for name, value in requested.items() if name != BOARD}
    prompt, asked, _ = board_request(board, others)
    return prompt, {name: value for name, value in asked.items() if value is not None}


def _defaults(mode: Mode, requested: Mapping[str, Any], *, like_sources: bool) -> dict[str, Any]:
    """What the contract has where nothing is said; a size is said in other words too. `like_sources`: the film has
    their size.
    """
    sized = like_sources or any(requested.get(name) for name in ("width", "height", "native"))
    return {name: value for name, value in mode.wire_defaults.items() if name != "size" or not sized}


def _source_param(mode: Mode) -> str | None:
    """The field of the clip that a film is made from; None where the address names it."""
    clips = [slot.wire or slot.name for slot in mode.slots if slot.takes == "clip"]
    return clips[0] if clips and NAMED not in mode.route else None


def _available_preset(finder: Finder, model: str) -> "Preset":
    """The preset that a model stands for on this server. Raises `ApiError` for one that is not known, or that no worker
    here can make films with.
    """
    service = finder.service
    try:
        found = service.settings.preset(model)
    except UserError as error:
        raise invalid("model", str(error), "model_not_found", reason=error.code) from error
    if not is_offered(service.settings, service.database, found):
        known = f"Use one of: {', '.join(offered(service.settings, service.database))}."
        raise invalid("model", f"The model {model!r} is not on this server. {known}", "model_not_found")
    return found


def _check_loras(finder: Finder, requested: Mapping[str, Any]) -> None:
    """Raises `ApiError` for LoRAs that the operator's folder does not have."""
    for lora in requested.get("loras", ()):
        try:
            located(finder.service.settings.loras, lora)
        except UserError as error:
            raise invalid("loras", str(error), reason=error.code) from error


def _described(slot: Slot, source: StoredSource, number: int) -> Source:
    return Source(
        at="",
        slot=slot.name,
        width=source.width,
        height=source.height,
        fps=source.fps,
        seconds=source.seconds,
        frames=source.frames,
        sounds=source.sounds and slot.takes == "clip",
        prompt=source.prompt,
        title=source.video or f"source {number}",
    )


def _param(mode: Mode, argument: str) -> str | None:
    """What the API calls an argument."""
    wired = {option.name: option.wired for option in mode.takes}
    wired |= {slot.name: slot.wire or slot.name for slot in mode.slots}
    wired |= {"cast": "characters"}
    return wired.get(argument, argument) or None


def _said_seconds(mode: Mode, order: Order, found: Sequence[StoredSource], preset: "Preset") -> float:
    """How long the film is, reckoned with the seconds that the API says of its sources."""
    said = [replace(source, seconds=stored.said) for source, stored in zip(order.sources, found, strict=True)]
    return mode.length(order.options, said, preset)


def _check_limits(finder: Finder, seconds: float, films: Sequence[StoredSource], param: str | None) -> None:
    """Raises `ApiError` for films that are longer than this server makes, or by more than it adds to `films`."""
    limits = finder.service.settings.limits
    if seconds > limits.seconds:
        message = f"The film would last {seconds_text(seconds)} seconds, and {limits.seconds:g} is the limit."
        raise invalid(param, message)
    given = sum(film.said for film in films)
    if given and seconds - given > limits.added_seconds:
        raise invalid(param, f"One call can add at most {limits.added_seconds:g} seconds to a film.")


def keyed(order: Order, keys: tuple[str, ...], people: tuple[str, ...]) -> Order:
    """The order with the keys of the storage at which its sources and its characters are."""
    sources = tuple(replace(source, at=key) for source, key in zip(order.sources, keys, strict=True))
    characters = tuple(replace(who, at=key) for who, key in zip(order.characters, people, strict=True))
    return replace(order, sources=sources, characters=characters)
