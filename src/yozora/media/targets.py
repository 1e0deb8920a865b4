"""Where a film may be written, and the one rule for what is there already. Touches no codec.

A name that was typed is replaced, whole, and only when the new film is done. A name that was not typed is the first
that is free. A source is never replaced by what is made of it, and a folder only loses frames that were written here.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, count
from os import PathLike
from pathlib import Path
from typing import Literal

from yozora.errors import UserError

Kind = Literal["mp4", "mov", "webm", "gif", "webp", "png", "frames"]

ENDINGS: dict[str, Kind] = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".webm": "webm",
    ".gif": "gif",
    ".webp": "webp",
    ".png": "png",
}
KINDS = "End the name in .mp4, .mov, .webm, .gif, .webp or .png, or in / for a folder of frames."
NUMBERED = re.compile(r"[^%]*%0?(\d*)d[^%]*\.png", re.IGNORECASE)
PLAIN_PATTERN = "%04d.png"
CREDENTIALS = ".c2pa"  # what the name ends in of credentials beside a file
PNG = b"\x89PNG\r\n\x1a\n"
OURS = b"tEXtSoftware\0Yozora"  # a chunk that every frame has which is written here
CHUNKS = 100  # of a PNG that are looked at
ROOM = 16 << 20  # bytes that must be free before work is spent on a film


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place for a film: the real `path` of its file or, for frames, of their folder, and the `pattern` of their
    names, such as "%04d.png".
    """

    path: Path
    kind: Kind
    pattern: str = ""

    @property
    def credentials(self) -> Path:
        """Where credentials are that the file itself cannot hold."""
        return self.path.with_suffix(CREDENTIALS)

    def frame(self, number: int) -> str:
        """The name of a frame; the first one has number 1."""
        return self.pattern % number

    def frames(self) -> list[Path]:
        """All that is in the folder under such names."""
        head, tail = re.split(r"%0?\d*d", self.pattern)
        named = re.compile(re.escape(head) + r"\d+" + re.escape(tail))
        return sorted(file for file in self.path.iterdir() if named.fullmatch(file.name)) if self.path.is_dir() else []


def check_target(path: str | PathLike[str]) -> Target:
    """The place that a name stands for; `UserError` where no film can be written there. Touches nothing."""
    said, typed = os.fspath(path), Path(path)
    if not said.strip():
        raise UserError(
            f"Cannot write {said!r}: the name is empty.", "Use a name such as film.mp4.", code="output_name_empty"
        )
    try:
        target = _target(said, typed.expanduser())
        folder = target.path if target.kind == "frames" and target.path.exists() else target.path.parent
        if not folder.is_dir():
            raise UserError(
                f"Cannot write {said!r}: the folder {str(folder)!r} does not exist.",
                "Create it.",
                code="output_folder_missing",
            )
        existing = target.kind != "frames" and target.path.exists()
        if not os.access(folder, os.W_OK | os.X_OK) or (existing and not os.access(target.path, os.W_OK)):
            raise UserError(
                f"Cannot write {said!r}: permission denied.", "Choose another file with -o.", code="output_unwritable"
            )
        if target.kind == "frames":
            _check_frames(target, said)
        if target.kind == "webm" and not existing and target.credentials.exists():
            raise UserError(
                f"Cannot write {said!r}: it would replace {target.credentials.name!r}.",
                "Choose another name.",
                code="output_name_conflict",
            )
        free = shutil.disk_usage(folder).free
    except (OSError, RuntimeError, ValueError) as error:
        raise unwritable(typed, error) from error
    if free < ROOM:
        raise UserError(
            f"Cannot write {said!r}: the disk has {free / 1e6:.1f} MB left.",
            "Free some space, or choose another disk.",
            code="disk_full",
        )
    return target


def check_apart(target: Target, sources: Iterable[Path]) -> None:
    """Raises `UserError` where writing there would replace one of the files that the film is made of, by whatever name
    or link.
    """
    for source in sources:
        with suppress(OSError):  # a source that is gone cannot be replaced
            old = target.frames() if target.kind == "frames" else [target.path]
            if any(file.exists() and os.path.samefile(file, source) for file in old):
                raise UserError(
                    f"Cannot write {str(target.path)!r}: it is a source of the film.",
                    "Choose another name.",
                    code="output_is_source",
                )


def free_name(path: Path) -> Path:
    """The path, or the first with a number, such as film-2.mp4, that is not taken."""
    names = chain([path], (path.with_stem(f"{path.stem}-{k}") for k in count(2)))
    return next(name for name in names if not os.path.lexists(name))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place when the block ends well, and is removed when it does not."""
    part = _part(path.parent)
    try:
        yield part
        _synced(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_frames(target: Target) -> Iterator[Path]:
    """A temporary folder whose files take the place of the target's frames when the block ends well."""
    new = not target.path.exists()
    part = _part(target.path.parent if new else target.path)
    part.mkdir()
    try:
        yield part
        written = sorted(part.iterdir())
        for file in written:
            _synced(file)
        if new:
            part.rename(target.path)
            return
        names = {file.name for file in written}
        for file in written:
            file.replace(target.path / file.name)
        for file in target.frames():
            if file.name not in names:
                file.unlink()
    finally:
        shutil.rmtree(part, ignore_errors=True)


def reason(error: BaseException) -> str:
    """Why something could not be written."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")


def unwritable(path: Path, error: BaseException) -> UserError:
    """What a person is told of it."""
    return UserError(
        f"Cannot write {str(path)!r}: {reason(error)}.", "Choose another file with -o.", code="output_unwritable"
    )


def _target(name: str, path: Path) -> Target:
    """The place, of which only what is there already is looked at."""
    if NUMBERED.fullmatch(path.name):
        return Target(path=path.parent.resolve(), kind="frames", pattern=path.name)
    target, kind = path.resolve(), ENDINGS.get(path.suffix.lower())
    if name.endswith(("/", os.sep)) or (kind is None and target.is_dir()):
        if target.exists() and not target.is_dir():
            raise UserError(
                f"Cannot write {name!r}: it is not a folder.", "Remove the / at its end.", code="output_not_folder"
            )
        return Target(path=target, kind="frames", pattern=PLAIN_PATTERN)
    if kind is None:
        raise UserError(
            f"Cannot write {name!r}: films are MP4, MOV, WebM, GIF, WebP or PNG files.",
            KINDS,
            code="output_type_unknown",
        )
    if target.is_dir():
        raise UserError(
            f"Cannot write {name!r}: it is a folder.",
            "Name a file in it, or add / for frames.",
            code="output_is_folder",
        )
    if target.exists() and not target.is_file():
        raise UserError(
            f"Cannot write {name!r}: it is not a regular file.", "Choose another name.", code="output_not_regular_file"
        )
    return Target(path=target, kind=kind)


def _check_frames(target: Target, name: str) -> None:
    """A folder that was named as a whole holds nothing but frames of ours, and a pattern meets no other files."""
    if not target.path.exists():
        return
    named = target.pattern != PLAIN_PATTERN or name.endswith(PLAIN_PATTERN)
    there = target.frames() if named else target.path.iterdir()
    foreign = next((file for file in there if not is_our_frame(file)), None)
    if foreign is not None:
        raise UserError(
            f"Cannot write {name!r}: {foreign.name!r} in it is not a frame of an earlier film.",
            "Name a new folder, such as frames/.",
            code="frames_folder_occupied",
        )


def first_frame(path: Path) -> Path:
    """The first frame in a folder or under a pattern such as frames/%04d.png; any other file is itself. Raises
    `UserError` where there is no frame that was written here.
    """
    if NUMBERED.fullmatch(path.name):
        files = Target(path=path.parent, kind="frames", pattern=path.name).frames()
    elif path.is_dir():
        files = sorted(path.glob("*.png"))
    else:
        return path
    found = next((file for file in files if is_our_frame(file)), None)
    if found is None:
        raise UserError(f"{str(path)!r} has no frames from Yozora.", "Name a film.", code="frames_folder_without_film")
    return found


def is_our_frame(path: Path) -> bool:
    """Whether a file is a frame that was written here."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(8) != PNG:
            return False
        for _ in range(CHUNKS):
            head = file.read(4 + len(OURS))  # the chunk's length, its kind, and how it begins
            if head[4:] == OURS:
                return True
            if len(head) < 8 or head[4:8] == b"IDAT":
                return False
            file.seek(int.from_bytes(head[:4], "big") + 12 - len(head), os.SEEK_CUR)
        return False


def _part(folder: Path) -> Path:
    return folder / f".yozora-{os.getpid()}-{secrets.token_hex(4)}.part"


def _synced(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())
