"""The characters that a prompt may name with an @: a still of each, kept on this machine until it is removed.

Knows neither models nor prompts' grammar: what a name stands for is a picture.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from shutil import rmtree

import numpy as np
from numpy.typing import NDArray

from yozora import media, paths
from yozora.errors import UserError
from yozora.films.film import UNSAVED, Film, Unsaved
from yozora.films.sheet import write_png
from yozora.language.names import CALLED, composed, meant
from yozora.provenance.settings import load
from yozora.provenance.taken import sign_taken

Frame = NDArray[np.uint8]

NAME = re.compile(r"[^\W\d_][\w-]{0,31}")
_ELSEWHERE = "Choose another place with the environment variable YOZORA_HOME."
MAX_SIDE = 512  # pixels of the longer side of what is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCharacter:
    """A person or thing that films may show. `picture` is a PNG; `added` is a date and time in UTC."""

    name: str
    picture: Path
    source: str  # name of the file that it was taken from
    second: float  # of that file
    added: str


def add(
    name: str, source: str | PathLike[str] | Film, *, second: float = 0.0, consent: bool = False
) -> StoredCharacter:
    """Keep who is seen at a second of a film or in a picture. Where the film says where it comes from, so does what is
    kept. Raises `UserError` without consent, and for a name that is taken.
    """
    name = composed(name)
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name[:40]!r} is not a name for a character.",
            "Use up to 32 letters, digits, - and _.",
            code="character_name_invalid",
        )
    if not consent:
        raise UserError(
            "A character needs the consent of the person in it.",
            "Confirm with --consent, also for animals and things.",
            code="consent_missing",
        )
    folder = paths.characters() / name.casefold()
    if folder.exists():
        raise UserError(
            f"The character {name!r} exists already.",
            f"Remove it first: yozora character remove {name}",
            code="character_exists",
        )
    source = source if isinstance(source, Film) else Path(source)
    made = StoredCharacter(
        name=name,
        picture=folder / "picture.png",
        source=_title(source),
        second=second,
        added=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _keep(made, source, _read_frame_at(source, second))
    return made


def load_all() -> list[StoredCharacter]:
    """All that are kept and can be read, by name."""
    return [character for folder in _folders() if (character := _load_character(folder)) is not None]


def broken() -> list[str]:
    """Names of those that are kept and cannot be read: `remove` removes them."""
    return [folder.name for folder in _folders() if _load_character(folder) is None]


def find(name: str) -> StoredCharacter:
    """The character of that name, upper or lower case. Raises `UserError` that lists the known ones, and for one that
    cannot be read.
    """
    folder = _find_folder(name)
    if folder is None:
        listed = ", ".join(f"@{character.name}" for character in load_all()) or "none yet"
        raise UserError(
            f"The character @{name} is not known.",
            f"Known: {listed}. Add one: yozora character add {name} CLIP",
            code="character_not_found",
        )
    character = _load_character(folder)
    if character is None:
        hint = f"Remove it and add it again: yozora character remove {name}"
        raise UserError(f"The file of the character @{name} cannot be read.", hint, code="character_unreadable")
    return character


def remove(name: str) -> None:
    """Forget a character. Raises `UserError` where there is none of that name."""
    rmtree(_find_folder(name) or find(name).picture.parent)


def named_in(prompts: Sequence[str]) -> list[StoredCharacter]:
    """The characters that prompts name with an @, each once, in order. Raises `UserError` for a name that is not
    known."""
    said = [match for prompt in prompts for match in CALLED.findall(composed(prompt))]
    names = [folder.name for folder in _folders()]
    return [find(name) for name in dict.fromkeys(meant(match, names) or match.casefold() for match in said)]


def _read_frame_at(source: Path | Film, second: float) -> Frame:
    """The frame that is seen then, no larger than what is kept. Raises `UserError`."""
    if isinstance(source, Film):
        (height, width), seconds, fps = source.frames.shape[1:3], source.seconds, source.fps
    else:
        found = media.probe(source)
        width, height, seconds, fps = found.width, found.height, found.seconds, found.fps or 1.0
    if second and not 0 <= second <= seconds:
        raise UserError(
            f"Second {second:g} is outside {_title(source)}.", f"Use 0 to {seconds:.2f}.", code="second_outside_clip"
        )
    scale = min(1.0, MAX_SIDE / max(width, height))
    width, height = (max(2, round(side * scale)) for side in (width, height))
    clip = media.footage(source, width=width, height=height, fps=fps)
    return next(frame for k, frame in enumerate(clip.frames()) if k + 1 > min(second * fps, clip.count - 1))


def _keep(made: StoredCharacter, source: Path | Film, still: Frame) -> None:
    """Write a character's folder, whole or not at all. Raises `UserError`."""
    folder = made.picture.parent
    beside = folder.with_name(f".{folder.name}.part")
    facts = {key: value for key, value in asdict(made).items() if key != "picture"}
    text = json.dumps({**facts, "consent": True}, ensure_ascii=False)
    origin = Unsaved(still=still, origin=source.origin) if isinstance(source, Film) else source
    try:
        rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        picture = beside / made.picture.name
        write_png(picture, still)
        sign_taken(picture, origin, made.source, made.second, load())
        (beside / "character.json").write_text(text, encoding="utf-8")
        beside.rename(folder)
    except OSError as error:
        raise UserError(
            f"Cannot store a character in {str(folder.parent)!r}: {error.strerror}.",
            _ELSEWHERE,
            code="output_unwritable",
        ) from error
    finally:
        rmtree(beside, ignore_errors=True)


def _title(source: Path | Film) -> str:
    """What a source is called, in words that any file can hold."""
    return UNSAVED if isinstance(source, Film) else source.name.encode(errors="replace").decode()


def _folders() -> list[Path]:
    """The folders of all that are kept."""
    return sorted(file.parent for file in paths.characters().glob("[!.]*/character.json"))


def _find_folder(name: str) -> Path | None:
    """Where the character of that name is kept."""
    name = composed(name).casefold()
    return next((folder for folder in _folders() if folder.name == name), None)


def _load_character(folder: Path) -> StoredCharacter | None:
    """What is kept in a folder; None where it cannot be read."""
    try:
        facts = json.loads((folder / "character.json").read_text(encoding="utf-8"))
        return StoredCharacter(
            name=str(facts["name"]),
            picture=folder / "picture.png",
            source=str(facts["source"]),
            second=float(facts["second"]),
            added=str(facts["added"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
