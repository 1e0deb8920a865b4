"""The Hugging Face cache: where weights are that were fetched, and whether they are whole. Looks at files, and needs
neither the network nor the library that fills it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from yozora.errors import UserError
from yozora.weights import checkpoints
from yozora.weights.checkpoints.layout import DIFFUSERS, WEIGHTS, Files

MARKER = "yozora.json"
"""In a repository's folder: what `yozora pull` fetched and verified, as commit, and the size of each file."""

FOLDERS = (*DIFFUSERS.values(), "image_processor", "scheduler")
NEEDED = ("model_index.json", *(f"{folder}/*" for folder in FOLDERS))
"""Files of a repository in diffusers' layout that a model is made of."""
REST = tuple(pattern for pattern in NEEDED if not pattern.startswith("transformer"))
"""The same without transformers."""


def cache() -> Path:
    """The folder of all that was fetched, as huggingface_hub chooses it."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub")).expanduser()


def folder_of(repository: str) -> Path:
    """Where all revisions of a repository are."""
    return cache() / f"models--{repository.replace('/', '--')}"


def snapshot(repository: str, needed: tuple[str, ...] = NEEDED) -> Path | None:
    """The folder of a revision of which all that is `needed` is here: the one that was pulled last, else the newest;
    None where none is.

    A download that was cut leaves a folder of which files are missing: that is never handed out.
    """
    folder = folder_of(repository)
    return next((place for place in _revisions(folder) if is_whole(folder, place, needed)), None)


def file(repository: str, name: str) -> Path | None:
    """A file of a repository, of which nothing else is needed; None where it is not here."""
    place = snapshot(repository, (name,))
    return None if place is None else place / name


def is_whole(folder: Path, place: Path, needed: tuple[str, ...] = NEEDED) -> bool:
    """Whether all that is needed of a revision is here: by what `yozora pull` wrote down, and by what the files
    themselves say, where another program fetched them.
    """
    marked = marker(folder)
    if marked.get("commit") == place.name:
        whole = _are_here(place, marked["files"])
    else:
        whole = not any(folder.glob("blobs/*.incomplete")) and _has_texts(folder, place, needed)
    return whole and _has_parts(place, needed)


def marker(folder: Path) -> dict[str, Any]:
    """What was written down when a revision had been verified; nothing where none was."""
    said = _read_json(folder / MARKER)
    whole = isinstance(said.get("commit"), str) and isinstance(said.get("files"), dict)
    return said if whole else {}


def is_needed(name: str, patterns: tuple[str, ...] = NEEDED) -> bool:
    """Whether a file of a repository belongs to the model."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def _revisions(folder: Path) -> Iterator[Path]:
    """Folders of revisions that are here, wholly or not, those first that are wanted first."""
    places, main = folder / "snapshots", folder / "refs" / "main"
    names = [marker(folder).get("commit", ""), main.read_text(encoding="utf-8").strip() if main.is_file() else ""]
    others = sorted(places.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True) if places.is_dir() else []
    found = [place for place in (*(places / name for name in names if name), *others) if place.is_dir()]
    yield from dict.fromkeys(found)


def _are_here(place: Path, files: Mapping[str, Any]) -> bool:
    """Whether files are there in the size that they should have."""
    try:
        return bool(files) and all((place / name).stat().st_size == size for name, size in files.items())
    except OSError:
        return False


def _has_texts(folder: Path, place: Path, patterns: tuple[str, ...]) -> bool:
    """Whether, of the files that huggingface_hub has listed, all are there but weights in other formats."""
    listed = _read_json(folder / "trees" / f"{place.name}.json").get("files", {})
    if not isinstance(listed, dict):
        return True
    needed = (name for name in listed if is_needed(name, patterns) and not name.endswith(WEIGHTS))
    return all((place / name).is_file() for name in needed)


def _has_parts(place: Path, patterns: tuple[str, ...]) -> bool:
    """Whether each part that the model's index names is there with all its files; of files that are named, these."""
    if NEEDED[0] not in patterns:
        return all((place / name).is_file() for name in patterns)
    index = _read_json(place / "model_index.json")
    folders = {part: name for part, name in DIFFUSERS.items() if f"{name}/*" in patterns}
    parts = [part for part, name in folders.items() if isinstance(said := index.get(name), list) and said[:1] != [None]]
    if not parts:
        return False
    try:
        layout = checkpoints.find(place)
        return all(_has_all(layout.files(part)) for part in parts)
    except UserError:
        return False


def _has_all(files: Files) -> bool:
    named = _read_json(files.index).get("weight_map", {}) if files.index is not None else {}
    shards = [files.index.parent / str(name) for name in set(named.values())] if files.index is not None else []
    return bool(files.paths) and all(path.exists() for path in (*files.paths, *shards))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
