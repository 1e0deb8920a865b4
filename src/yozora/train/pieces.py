"""Large files as parts of limited size, for places that keep small files only, and back.

`NAME` becomes `NAME.part00`, `NAME.part01`, ... and `NAME.parts`, one line with their number and the SHA-256 of the
whole. A new set is written as `*.new`, its `.parts.new` last, and then renamed file by file; a set whose renaming was
cut short is renamed to the end by its reader. So a killed run leaves either the old set or the new one.
"""

import hashlib
import re
from pathlib import Path

from yozora.errors import UserError

PART = re.compile(r"(.+)\.part(\d{2,})(\.new)?")
INDEX = re.compile(r"(\d+) ([0-9a-f]{64})\n")


def split_file(path: Path, mebibytes: int) -> None:
    """Write a file's parts beside it, in place of older ones. The file stays; a file that is no larger than a part has
    no parts.
    """
    size = mebibytes << 20
    _replace_parts(path)
    if path.stat().st_size <= size:
        _remove_parts(path)
        return
    sha, count = hashlib.sha256(), 0
    with path.open("rb") as whole:
        for piece in iter(lambda: whole.read(size), b""):
            path.with_name(f"{path.name}.part{count:02d}.new").write_bytes(piece)
            sha.update(piece)
            count += 1
    _index(path, ".new").write_text(f"{count} {sha.hexdigest()}\n")
    _replace_parts(path)


def join_file(path: Path) -> None:
    """Make a file of its parts and remove them; an older whole file is replaced. Without parts nothing happens.

    Raises:
        UserError: the parts are not those that `NAME.parts` tells of. Parts without that file are joined unverified.
    """
    _replace_parts(path)
    parts = _find_parts(path)
    if 0 not in parts:
        return
    sha, beside = hashlib.sha256(), path.with_name(f"{path.name}.joined")
    with beside.open("wb") as whole:
        for number in sorted(parts):
            piece = parts[number].read_bytes()
            sha.update(piece)
            whole.write(piece)
    told = _read_index(_index(path))
    if (told or list(parts) != list(range(len(parts)))) and told != (len(parts), sha.hexdigest()):
        beside.unlink()
        raise UserError(
            f"The parts of {path} do not belong together.",
            "Copy all parts again, or remove them.",
            code="weight_parts_mismatched",
        )
    beside.replace(path)
    _remove_parts(path)


def split_files(folder: Path, mebibytes: int) -> None:
    """Split every larger file of a folder and remove it."""
    for path in [p for p in folder.rglob("*") if p.is_file() and not PART.fullmatch(p.name)]:
        if path.stat().st_size > mebibytes << 20:
            split_file(path, mebibytes)
            path.unlink()


def join_files(folder: Path) -> None:
    """Undo `split_files`; a set that was being replaced when its run was killed is whole again as well.

    Raises:
        UserError: parts do not belong together.
    """
    found = [(path, PART.fullmatch(path.name)) for path in folder.rglob("*.part*")]
    for path in sorted({path.with_name(match[1]) for path, match in found if match}):
        join_file(path)


def _find_parts(path: Path, suffix: str = "") -> dict[int, Path]:
    """Parts of a file by their number, in its order."""
    found = [(PART.fullmatch(part.name), part) for part in path.parent.iterdir()]
    mine = [(int(m[2]), part) for m, part in found if m and m[1] == path.name and (m[3] or "") == suffix]
    return dict(sorted(mine))


def _index(path: Path, suffix: str = "") -> Path:
    return path.with_name(f"{path.name}.parts{suffix}")


def _read_index(index: Path) -> tuple[int, str] | None:
    """Number of parts and SHA-256 of the whole; None where the file is not there or not whole."""
    match = INDEX.fullmatch(index.read_text()) if index.exists() else None
    return (int(match[1]), match[2]) if match else None


def _replace_parts(path: Path) -> None:
    """Rename a new set to the end where all of it was written, else remove what there is of it."""
    index, fresh = _index(path, ".new"), _find_parts(path, ".new")
    told = _read_index(index)
    if told is None:
        for part in fresh.values():
            part.unlink()
        index.unlink(missing_ok=True)
        return
    for part in fresh.values():
        part.replace(part.with_suffix(""))
    for number, part in _find_parts(path).items():
        if number >= told[0]:
            part.unlink()
    index.replace(_index(path))


def _remove_parts(path: Path) -> None:
    """Remove a file's parts; the first goes first, so that what is left after a kill is no set."""
    for part in _find_parts(path).values():
        part.unlink()
    _index(path).unlink(missing_ok=True)
