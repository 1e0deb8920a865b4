"""Whom a prompt may call by @name: a still of each, kept on this machine until it is removed.

Knows neither models nor prompts' grammar: what a name stands for is a picture.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from shutil import rmtree

from yozora import media, paths
from yozora.errors import UserError
from yozora.sheet import write_png

NAME = re.compile(r"[^\W\d_][\w-]{0,31}")
CALLED = re.compile(r"(?<![\w@])@([^\W\d_][\w-]*)")
MAX_SIDE = 512  # pixels of the longer side of what is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """Somebody or something that films may show. `picture` is a PNG; `added` is a date and time in UTC."""

    name: str
    picture: Path
    source: str  # name of the file that it was taken from
    second: float  # of that file
    added: str


def add(name: str, source: str | PathLike[str], *, second: float = 0.0, consent: bool = False) -> Character:
    """Keep who is seen at a second of a film or in a picture. Raises `UserError` without consent, and for a name that
    is taken.
    """
    if not NAME.fullmatch(name):
        raise UserError(f"{name[:40]!r} is no name for a character.", "Use letters, digits, - and _, up to 32 of them.")
    if not consent:
        raise UserError(
            "A character is kept only with the consent of whoever is seen in it.",
            "Say so with --consent; for what belongs to nobody, too.",
        )
    folder = paths.characters() / name.casefold()
    if folder.exists():
        raise UserError(f"There is a character {name!r} already.", f"Remove it first: yozora character remove {name}")
    path = Path(source)
    found = media.probe(path)
    if second and not 0 <= second <= found.seconds:
        raise UserError(f"{path.name} has no second {second:g}.", f"It lasts {found.seconds:.2f}.")
    scale = min(1.0, MAX_SIDE / max(found.width, found.height))
    width, height = (max(2, round(side * scale)) for side in (found.width, found.height))
    fps = found.fps or 1.0
    reel = media.open(path, width=width, height=height, fps=fps)
    still = next(frame for k, frame in enumerate(reel.frames()) if k + 1 > min(second * fps, reel.count - 1))
    made = Character(
        name=name,
        picture=folder / "picture.png",
        source=path.name,
        second=second,
        added=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    beside = folder.with_name(f".{folder.name}.part")
    rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    write_png(beside / "picture.png", still)
    facts = {key: value for key, value in asdict(made).items() if key != "picture"}
    (beside / "character.json").write_text(json.dumps({**facts, "consent": consent}, ensure_ascii=False))
    beside.rename(folder)
    return made


def known() -> list[Character]:
    """All that are kept, by name."""
    found = []
    for file in sorted(paths.characters().glob("*/character.json")):
        try:
            facts = json.loads(file.read_text())
            found.append(
                Character(
                    name=str(facts["name"]),
                    picture=file.with_name("picture.png"),
                    source=str(facts["source"]),
                    second=float(facts["second"]),
                    added=str(facts["added"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"The character in {str(file.parent)!r} cannot be read.", "Remove that folder.") from error
    return found


def find(name: str) -> Character:
    """The character of that name, upper or lower case. Raises `UserError` that lists the known ones."""
    characters = known()
    for character in characters:
        if character.name.casefold() == name.casefold():
            return character
    listed = ", ".join(f"@{character.name}" for character in characters) or "none yet"
    raise UserError(f"There is no character @{name}.", f"Known: {listed}. Add one: yozora character add {name} CLIP")


def remove(name: str) -> None:
    """Forget a character. Raises `UserError` where there is none of that name."""
    rmtree(find(name).picture.parent)


def called(prompts: Sequence[str]) -> list[Character]:
    """Whom prompts call by @name, each once, in order. Raises `UserError` for a name that nobody has."""
    names = [match.casefold() for prompt in prompts for match in CALLED.findall(prompt)]
    return [find(name) for name in dict.fromkeys(names)]


def renamed(prompt: str, names: dict[str, str]) -> str:
    """The prompt with @names replaced by what the model calls them; keys in lower case and without the @."""
    return CALLED.sub(lambda match: names[match[1].casefold()], prompt)


def introduced(prompt: str, names: Mapping[str, str]) -> str:
    """The prompt with names, said plainly or after an @, replaced by what the model calls them; upper or lower case."""
    if not names:
        return prompt
    longest_first = sorted(names, key=len, reverse=True)
    said = re.compile("|".join(f"({_said(name)})" for name in longest_first), re.IGNORECASE)
    return said.sub(lambda match: names[longest_first[(match.lastindex or 1) - 1]], prompt)


def _said(name: str) -> str:
    """A pattern for a name that is no part of a longer word, where its script puts spaces between words."""
    words = r"\s+".join(re.escape(word) for word in name.removeprefix("@").split())
    spaced = not any(char >= "\u2e80" for char in name)  # Chinese, Japanese and Korean stand from there on
    return rf"(?<!\w)@?{words}(?!\w)" if spaced else f"@?{words}"
