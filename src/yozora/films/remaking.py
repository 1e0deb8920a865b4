"""What a film says of how it was made, and the order to make it again.

An order travels in its film as JSON, with no path of the machine that made it: sources are known by their file names
and hashes, and are looked for beside the film, in the current folder, and where the user says. Makes nothing itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from yozora import media
from yozora.core import modes
from yozora.core.options import ArgumentError
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.ordering import named, ordered
from yozora.core.request import Lora
from yozora.errors import UserError
from yozora.films.film import UNSAVED
from yozora.films.orders import LocalOrder, ask, hashed, path_of

MEMORY = "memory:"  # what references to things without a file begin with
WEIGHTS = ("vae", "text_encoder", "loras")  # what of the weights is a file
MISSING = object()
SHORT = 12  # digits of a hash that a person is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A film's file, what it says of itself (prompt, seed, model, and whatever else), and its order; None where the
    film is older than orders in films.
    """

    path: Path
    facts: Mapping[str, object]
    order: Order | None


def facts_of(order: Order, model: str) -> dict[str, object]:
    """What is written into a film's file: prompt, seed, model, and the order. `model` is the preset's name."""
    request = order.request
    return {"prompt": request.prompt, "seed": request.seed, "model": model, "order": stated(order, model)}


def stated(order: Order, model: str) -> dict[str, Any]:
    """The order as JSON, with the names of files and models instead of their paths."""
    sources = tuple(replace(source, at=_file_name(source.at)) for source in order.sources)
    people = tuple(replace(each, at=_file_name(each.at)) for each in order.characters)
    said = order.request
    loras = tuple(replace(lora, at=_file_name(lora.at)) for lora in said.loras)
    request = replace(
        said,
        model=model,
        memory=0,
        ram=0,
        vae=_file_name(said.vae),
        text_encoder=_file_name(said.text_encoder),
        loras=loras,
    )
    return replace(order, request=request, sources=sources, characters=people).to_json()


def read_record(path: str | PathLike[str]) -> Remade:
    """How a film says that it was made: a file, or a folder or pattern of frames. Raises `UserError` for one that says
    nothing of it.
    """
    path = Path(path_of("film", path))
    facts = media.probe(media.first_frame(path)).facts
    if not {"prompt", "seed", "model"} <= facts.keys():
        raise UserError(
            f"{path.name} does not say how it was made.",
            "Use a film that Yozora made. To check its origin, run: yozora verify",
            code="order_missing",
        )
    said = facts.get("order")
    if said is None:
        return Remade(path=path, facts=facts, order=None)
    try:
        if not isinstance(said, dict):
            raise ValueError("it is not an object")
        return Remade(path=path, facts=facts, order=Order.from_json(said))
    except (ValueError, UserError) as error:
        hint = "Use the version of Yozora that made it."
        raise UserError(
            f"The order in {path.name} is invalid: {str(error).rstrip('.')}.", hint, code="order_unreadable"
        ) from error


def again(
    path: str | PathLike[str],
    *,
    prompt: str | None = None,
    sources: Iterable[str | PathLike[str]] = (),
    requested: Mapping[str, Any],
) -> LocalOrder:
    """The order of a film, with what is requested changed. `sources` are files that are not found by their names, and
    folders in which they are.

    Raises `UserError` where the film does not say its order, or sources are missing: all of them are named.
    """
    film = read_record(path)
    order = film.order
    if order is None:
        raise UserError(
            f"{film.path.name} was made by an old version, which did not store the full order.",
            "Read its prompt and seed with yozora show, then generate the film again.",
            code="order_incomplete",
        )
    plain = [each for each in order.characters if each.plain]
    found, found_notes = located([*order.sources, *plain], film.path, [Path(source) for source in sources])
    given = {source.slot: file for source, file in zip(order.sources, found, strict=False)}
    cast = {each.name: file for each, file in zip(plain, found[len(order.sources) :], strict=True)}
    said = changed(order, {**options_of(order), "cast": cast or None}, requested)
    said |= {name: weights_near(name, said[name], film.path) for name in WEIGHTS if said.get(name) == by(order, name)}
    asked = ask(order.mode, order.request.prompt if prompt is None else prompt, given, said)
    return replace(asked, order_notes=(*found_notes, *asked.order_notes))


def options_of(order: Order) -> dict[str, Any]:
    """All that an order says, as it would be asked for."""
    request = order.request
    own = {option.name: getattr(order.options, option.name) for option in modes.find(order.mode).own}
    same = ("fit", "fps", "seed", "steps", "quality", "negative_prompt", "style", "model", "untrained")
    parts = {name: said for name in (*WEIGHTS, "weights") if (said := getattr(request, name))}
    low = () if request.low_guidance is None else (request.low_guidance,)
    size, guidance = (request.width, request.height), (request.guidance, *low)
    return own | {"size": size, "guidance": guidance} | {name: getattr(request, name) for name in same} | parts


def by(order: Order, name: str) -> Any:
    """What a film says of its weights, where it says it."""
    return getattr(order.request, name) or MISSING


def weights_near(name: str, value: Any, film: Path) -> Any:
    """Files of weights as they are beside the film or in the current folder; LoRAs are known by their hashes. Raises
    `ArgumentError` for those that are missing.
    """
    if name == "loras":
        return tuple(replace(lora, at=weights_near("lora", lora, film)) for lora in value)
    called, sha256 = (value.at, value.sha256) if isinstance(value, Lora) else (value, "")
    for place in (film.parent / _file_name(called), Path(_file_name(called))):
        if place.exists() and (not sha256 or (place.is_file() and hashed(place) == sha256)):
            return str(place)
    flag = "--lora FILE:STRENGTH" if name == "lora" else f"--{name.replace('_', '-')} FILE"
    raise ArgumentError(
        "loras" if name == "lora" else name,
        f"{called}, which {film.name} was made with, is not found.",
        f"Pass the file: {flag}.",
        code="remake_weights_not_found",
    )


def changed(order: Order, options: Mapping[str, Any], requested: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, but for what is requested; another side, or the model's own size, goes before the size. What was
    by the first model's defaults is by those of another one.
    """
    names = named(modes.find(order.mode))
    new = {names[name].name if name in names else name: value for name, value in requested.items() if value is not None}
    gone = {"size"} if new.keys() & {"width", "height"} else {"size", "fps"} if new.get("native") else set()
    if new.get("model") is not None and fspath(new["model"]) != order.request.model:
        gone |= by_default(order)
    return {name: value for name, value in options.items() if name not in gone} | new


def by_default(order: Order) -> set[str]:
    """Names of options that are as they would be if they had not been said: by the model's defaults, or by the sources.
    None are known of a model that is not known here.
    """
    mode, said = modes.find(order.mode), options_of(order)
    fixed = {"model": said["model"], "seed": said["seed"]}
    own = {option.name: said[option.name] for option in mode.own}
    found = set[str]()
    for requested in (own, {option.name: said[option.name] for option in mode.own if option.needed}):
        with suppress(UserError):
            prompt = order.request.prompt or None
            plain = options_of(ordered(order.mode, prompt, fixed | requested, order.sources, order.characters))
            found |= {name for name, value in plain.items() if name not in requested and value == said[name]}
    return found - fixed.keys()


def located(
    wanted: Sequence[Source | CharacterSource], film: Path, named_files: Sequence[Path]
) -> tuple[list[Path], tuple[str, ...]]:
    """The files of sources, in their order, and a line on each that is not the one that it was.

    Files that were named are taken by their hash, the rest of them in turn for what is not found beside the film, in
    the current folder or in folders that were named. Raises `UserError` for all that is missing, and for files that
    nothing needs.
    """
    known = {file: hashed(file) for file in named_files if not file.is_dir()}
    left = dict(known)
    folders = [film.parent, Path(), *(file for file in named_files if file.is_dir())]
    found: dict[int, Path] = {}
    for index, source in enumerate(wanted):
        given = next((file for file, sha256 in known.items() if source.sha256 and sha256 == source.sha256), None)
        place = given or next(
            (file for file in _find_candidates(source, folders) if hashed(file) == source.sha256), None
        )
        if place is not None:
            found[index] = place
            left.pop(place, None)
    notes: list[str] = []
    missing = [source for index, source in enumerate(wanted) if index not in found]
    if len(missing) > len(left):
        raise _missing(missing[len(left) :], film, folders)
    for index, source in enumerate(wanted):
        if index not in found:
            found[index] = next(iter(left))
            left.pop(found[index])
            if source.sha256:
                notes.append(f"{found[index].name} is not the {_called(source)} that the film was made of")
    if left:
        raise UserError(
            f"{next(iter(left)).name} is not a source of {film.name}.",
            "List the sources with yozora show.",
            code="remake_source_unknown",
        )
    return [found[index] for index in range(len(wanted))], tuple(notes)


def _find_candidates(source: Source | CharacterSource, folders: Sequence[Path]) -> Iterator[Path]:
    """Files of the source's name in these folders."""
    if _file_name(source.at):
        places = (folder / _file_name(source.at) for folder in folders)
        yield from (place for place in places if place.is_file())


def _missing(sources: Sequence[Source | CharacterSource], film: Path, folders: Sequence[Path]) -> UserError:
    """What is said of sources that are not found, all at once."""
    there = {source: next(_find_candidates(source, folders), None) for source in sources}
    gone = list(dict.fromkeys(_known_as(each) for each in sources if each.sha256 and there[each] is None))
    said = []
    if gone:
        said.append(f"{_in_turn(gone)}, which {film.name} was made of, {_are(gone)} not found.")
    for source, place in there.items():
        if not source.sha256:
            said.append(_unsaved(source, film))
        elif place is not None:
            said.append(f"{place} is not the {_known_as(source)} that {film.name} was made of.")
    them, they = ("it", "it is") if len(sources) == 1 else ("each", "they are")
    return UserError(
        " ".join(said), f"Name {them} with --source FILE, or the folder that {they} in.", code="remake_sources_missing"
    )


def _unsaved(source: Source | CharacterSource, film: Path) -> str:
    """What is said of a source whose content is not known."""
    if source.title in ("", UNSAVED):
        slot = source.slot if isinstance(source, Source) else source.name
        return f"The {slot} that {film.name} was made of had no file."
    return f"{film.name} was made of {source.title}, but does not name its file."


def _known_as(source: Source | CharacterSource) -> str:
    return f"{_called(source)} (SHA-256 {source.sha256[:SHORT]})"


def _in_turn(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _called(source: Source | CharacterSource) -> str:
    return _file_name(source.at) or source.title


def _file_name(at: str) -> str:
    """The name of a file at the end of a reference; nothing for what has no file."""
    return "" if at.startswith(MEMORY) or not at else Path(at).name
