"""The functions of the package: words, pictures and films go in, a film comes out.

Sources are paths, films, PIL images or arrays of uint8, `[H, W, 3]` or `[T, H, W, 3]`. Each function raises
`UserError`, in a line that says what to do, for what cannot be made; an `ArgumentError` names the argument. What is
None is the model's default, and without a seed every call makes another film. A mode without a function here has one
that is made from its declaration.
"""

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from os import PathLike
from typing import Any, Unpack, cast, get_type_hints

from yozora.core.modes import MODES, Mode
from yozora.core.options import ArgumentError, about
from yozora.core.timeline import Box
from yozora.engine.engine import Engine
from yozora.engine.engines import engine_of
from yozora.engine.gpus import gpus_of
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films import making, orders, remaking, xmeml
from yozora.films.film import Film
from yozora.films.orders import Choices, Given, LocalOrder
from yozora.provenance import origin
from yozora.story import board as boards

log = logging.getLogger("yozora")


class Said(Choices, total=False):
    """What every function takes. Beside what is chosen of the film, `gpus`: how many make it together."""

    gpus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a film is made on: a device, None for the best one, or as many GPUs from there on."""

    device: str | None = None
    gpus: int = 1


ONE = Means()


def generate(
    prompt: str,
    *,
    image: Given | None = None,
    last: Given | None = None,
    seconds: float | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """A film of `seconds` from a prompt, optionally with a first and a last picture."""
    means, requested = apart(choices, device), {**choices, "seconds": seconds}
    return made(orders.ask("generate", prompt, {"image": image, "last": last}, requested), means)


def extend(
    source: Given,
    prompt: str | None = None,
    *,
    seconds: float | None = None,
    backward: bool | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """A clip goes on for `seconds`, or begins so much earlier; for 0 it is what it was."""
    means, requested = apart(choices, device), {**choices, "seconds": seconds, "backward": backward}
    return made(orders.ask("extend", prompt, {"source": source}, requested), means)


def loop(
    source: Given,
    prompt: str | None = None,
    *,
    seconds: float | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """A clip that loops: `seconds` of transition from its end to its start."""
    means, requested = apart(choices, device), {**choices, "seconds": seconds}
    return made(orders.ask("loop", prompt, {"source": source}, requested), means)


def blend(
    a: Given,
    b: Given,
    prompt: str | None = None,
    *,
    seconds: float | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """One clip turns into another; for `seconds` both are seen."""
    means, requested = apart(choices, device), {**choices, "seconds": seconds}
    return made(orders.ask("blend", prompt, {"a": a, "b": b}, requested), means)


def remix(
    source: Given,
    prompt: str,
    *,
    strength: float | str | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """The clip again, as the prompt says; `strength` is 0 (as it is) to 1 (all new), or subtle, mild, strong."""
    means, requested = apart(choices, device), {**choices, "strength": strength}
    return made(orders.ask("remix", prompt, {"source": source}, requested), means)


def edit(
    source: Given,
    prompt: str,
    *,
    region: Box | str | None = None,
    start: float | None = None,
    stop: float | None = None,
    strength: float | str | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """The `region` of the picture, `(x, y, width, height)` in fractions of it, or all of it, becomes what the prompt
    says from second `start` to `stop`; `strength` as for `remix`."""
    means, requested = (
        apart(choices, device),
        {**choices, "region": region, "start": start, "stop": stop, "strength": strength},
    )
    return made(orders.ask("edit", prompt, {"source": source}, requested), means)


def recut(
    source: Given,
    keep: Sequence[tuple[float, float]] | str,
    prompt: str | None = None,
    *,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """Spans of a clip, in seconds, stay where they are; what is between them is generated again."""
    means, requested = apart(choices, device), {**choices, "keep": keep}
    return made(orders.ask("recut", prompt, {"source": source}, requested), means)


def storyboard(
    board: boards.Board | str | PathLike[str], *, device: str | None = None, **choices: Unpack[Said]
) -> Film:
    """A film of several cards, from a `Board` or a YAML file (docs/storyboard.md)."""
    if isinstance(board, str | PathLike):
        with about("board"):
            board = boards.load(orders.path_of("board", board))
    if not isinstance(board, boards.Board):
        raise ArgumentError(
            "board", f"board is {type(board).__name__}, not a board.", "Pass a Board or a YAML file.", code="wrong_type"
        )
    means = apart(choices, device)
    return made(orders.ask_board(board, choices), means)


def __getattr__(name: str) -> Callable[..., Film]:
    """The function of a mode that is not written out above (PEP 562)."""
    if name not in MODES:
        raise AttributeError(f"module 'yozora.api' has no attribute {name!r}")
    return function_of(MODES[name])


def function_of(mode: Mode) -> Callable[..., Film]:
    """A function like those above: arguments, types and docstring are those of the declaration."""
    signature = signature_of(mode)

    def function(*arguments: Any, **named: Any) -> Film:
        said = signature.bind(*arguments, **named).arguments
        prompt, choices = said.pop("prompt", None), said.pop("choices", {})
        means = apart(choices, said.pop("device", None))
        sources = {slot.name: said.pop(slot.name, None) for slot in mode.slots}
        return made(orders.ask(mode.name, prompt, sources, {**choices, **said}), means)

    described = [f"`{slot.name}`: {slot.help}" for slot in mode.slots]
    described += [f"`{option.name}`: {option.help}" for option in mode.own]
    function.__name__ = function.__qualname__ = mode.name
    function.__doc__ = "\n\n".join([mode.summary, "\n".join(described)])
    function.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()} | {"return": Film}
    vars(function)["__signature__"] = signature
    return function


def signature_of(mode: Mode) -> inspect.Signature:
    """Of the function of a mode: what is needed comes first, then the prompt; the rest goes by name."""
    return inspect.Signature(list(_parameters(mode)), return_annotation=Film)


def _parameters(mode: Mode) -> Iterator[inspect.Parameter]:
    def one(name: str, kind: Any, *, needed: bool, by_name: bool) -> inspect.Parameter:
        place = inspect.Parameter.KEYWORD_ONLY if by_name else inspect.Parameter.POSITIONAL_OR_KEYWORD
        default = inspect.Parameter.empty if needed else None
        return inspect.Parameter(name, place, default=default, annotation=kind if needed else kind | None)

    types = get_type_hints(mode.options)
    each = [(slot.name, Given, slot.needed) for slot in mode.slots]
    each += [(option.name, types[option.name], option.needed) for option in mode.own]
    yield from (one(name, kind, needed=True, by_name=False) for name, kind, needed in each if needed)
    yield one("prompt", str, needed=mode.prompt == "needed", by_name=False)
    yield from (one(name, kind, needed=False, by_name=True) for name, kind, needed in each if not needed)
    yield one("device", str, needed=False, by_name=True)
    yield inspect.Parameter("choices", inspect.Parameter.VAR_KEYWORD, annotation=Unpack[Said])


def again(
    film: str | PathLike[str],
    prompt: str | None = None,
    *,
    sources: Sequence[str | PathLike[str]] = (),
    options: Mapping[str, object] | None = None,
    device: str | None = None,
    **choices: Unpack[Said],
) -> Film:
    """A film's file again: the same film, but for what is said here. `options` are those of its mode, such as
    `{"seconds": 3}`. What it was made of is looked for beside it, in the current folder and in `sources`, which are
    files or folders.
    """
    if options is not None and not (isinstance(options, Mapping) and all(isinstance(name, str) for name in options)):
        raise ArgumentError(
            "options",
            f"options is {type(options).__name__}, not a dict.",
            'Pass a dict such as {"seconds": 3}.',
            code="wrong_type",
        )
    if isinstance(sources, str | bytes | PathLike) or not isinstance(sources, Sequence):
        raise ArgumentError(
            "sources",
            f"sources is {type(sources).__name__}, not a list.",
            'Pass a list such as ["dog.mp4"].',
            code="wrong_type",
        )
    named = [orders.path_of("sources", source) for source in sources]
    means, requested = apart(choices, device), {**(options or {}), **choices}
    path = orders.path_of("film", film)
    return made(remaking.again(path, prompt=prompt, sources=named, requested=requested), means)


def show(film: str | PathLike[str]) -> dict[str, object]:
    """What a film's file says of how it was made: prompt, seed, model, and the order as JSON."""
    return dict(remaking.read_record(orders.path_of("film", film)).facts)


def timeline(film: str | PathLike[str]) -> str:
    """A film's file as FCP 7 XML, which Premiere and Resolve import: a clip for each card of a board."""
    return xmeml.to_xml(xmeml.read_timeline(orders.path_of("film", film)))


def apart(choices: Choices, device: str | None) -> Means:
    """What a film is made on, taken out of all that was said. Raises `ArgumentError` for what is not here."""
    if device is not None and not isinstance(device, str):
        raise ArgumentError(
            "device", f"device is {type(device).__name__}, not text.", "Use cpu or cuda.", code="wrong_type"
        )
    return Means(device=device, gpus=gpus_of(cast(dict[str, object], choices).pop("gpus", 1), device))


def made(local_order: LocalOrder, means: Means = ONE) -> Film:
    """The film of an order. The model that was used last stays loaded. What of the prompt was not understood is told by
    the logger `yozora`, which writes to stderr where nothing is set up, and by the film's `notes`.
    """
    preset = presets.of(local_order.order.request)
    engine = _engine(preset, means.device) if means.gpus == 1 else _engine(preset, means.device, means.gpus)
    film = making.film(local_order, engine)
    for note in film.notes:
        log.warning(note)
    return replace(film, origin=origin.of(local_order, preset))


@lru_cache(maxsize=1)
def _engine(preset: Preset, device: str | None, gpus: int = 1) -> Engine:
    return engine_of(preset, device, gpus=gpus)
