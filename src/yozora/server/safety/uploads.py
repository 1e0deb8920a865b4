"""What clients upload is looked at by another process, which has little memory, little time, and nothing to gain.

`inspect` says what a file is, `still` shows its first picture, `verified` says where it comes from, and `signed_still`
keeps that with the picture. They read the content and never a name. Decoding happens in `inspect_upload` and
`provenance.examine`, which `provenance.confined` starts and kills. How many there are at once is for the caller to
bound: each may take `Limits.decode_bytes` of memory.
"""

from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from yozora.errors import UserError
from yozora.provenance import authority, confined, trust
from yozora.provenance.settings import Provenance
from yozora.provenance.verify import Verification, tells, verify
from yozora.server.bounds import Limits
from yozora.server.errors import ApiError

STILL_SIDE: Final = 512  # pixels of the longer side


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a file shows, upright and in square pixels. For a picture, `fps` and `seconds` are 0 and `frames` is 1."""

    kind: Literal["picture", "film"]
    width: int
    height: int
    seconds: float
    fps: float
    frames: int
    has_sound: bool
    prompt: str = ""  # that it was made from, where it says so
    clear: bool = False  # white shows through it


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFilm:
    """A film that is kept as it is, and its pictures: a WebP and a JPEG."""

    seen: Looked
    thumbnail: bytes
    spritesheet: bytes


def inspect(path: Path, limits: Limits) -> Looked:
    """What an uploaded file is. Raises `ApiError`: 400 `invalid_file` for what is no whole picture or film, or too much
    of one, 413 for too many bytes.
    """
    return _checked_length(Looked(**_inspect_file("inspect", path, limits)), limits)


def imported_film(path: Path, limits: Limits) -> ImportedFilm:
    """What an uploaded file is, which is to be kept and played as it is. Raises as `inspect` does, also for what
    browsers do not play.
    """
    said = _ask("yozora.server.safety.film_pictures", (), path, limits)
    thumbnail, spritesheet = (b64decode(said.pop(name)) for name in ("thumbnail", "spritesheet"))
    return ImportedFilm(seen=_checked_length(Looked(**said), limits), thumbnail=thumbnail, spritesheet=spritesheet)


def _checked_length(found: Looked, limits: Limits) -> Looked:
    """Raise `ApiError` 400 for a film that is too long."""
    if found.seconds > limits.upload_seconds:
        raise _invalid(
            f"The film has {found.seconds:.1f} seconds, and {limits.upload_seconds:g} is the limit. Shorten it."
        )
    return found


def still(path: Path, limits: Limits) -> bytes:
    """The first picture of an uploaded file, a PNG of at most 512 pixels a side. Raises as `inspect` does."""
    return b64decode(_inspect_file("still", path, limits)["png"])


def signed_still(path: Path, limits: Limits, settings: Provenance, title: str) -> bytes:
    """What `still` gives, and where the file says where it comes from, signed as a picture that was taken out of it;
    `title` is what the file is called there. Its credentials are read by another process first. Raises as `inspect`
    does.
    """
    picture = still(path, limits)
    if not settings.credentials:
        return picture
    from yozora.provenance.taken import sign_taken  # knows films, and numpy with them: slow to load

    try:
        trust.roots(settings)
        if not _tells(path, limits, settings):
            return picture
        with TemporaryDirectory(dir=path.parent) as folder:
            target = Path(folder) / "still.png"
            target.write_bytes(picture)
            sign_taken(target, path, title, 0.0, settings)
            return target.read_bytes()
    except UserError as error:  # the operator's to put right, not the client's
        raise RuntimeError(str(error)) from error


def verified(path: Path, limits: Limits, settings: Provenance) -> Verification:
    """Where an uploaded file comes from. Raises as `inspect` does; a file that bears neither credentials nor a mark is
    no mistake.
    """
    try:
        trust.roots(settings)
        authority.known_key(settings.folder)
    except UserError as error:  # the operator's to put right, not the client's
        raise RuntimeError(str(error)) from error
    try:
        return verify(path, settings, _resource_bounds(path, limits))
    except UserError as error:
        raise _invalid(error.message.removeprefix(f"{path.name}: "), error.code) from error


def _inspect_file(action: Literal["inspect", "still"], path: Path, limits: Limits) -> dict[str, Any]:
    return _ask("yozora.server.safety.inspection", (action,), path, limits, str(STILL_SIDE))


def _ask(module: str, before: tuple[str, ...], path: Path, limits: Limits, *after: str) -> dict[str, Any]:
    """The answer of a process that looks at a file. Raises `ApiError`."""
    code, said = confined.ask(module, (*before, str(path.absolute()), *after), _resource_bounds(path, limits))
    if confined.out_of_time(code):
        raise _invalid(
            f"Decoding the file takes more than {limits.decode_seconds:g} seconds. Shorten it or scale it down."
        )
    if "error" in said:
        raise _invalid(str(said["error"]), str(said.get("reason", "")))
    if code != 0 or not said:
        raise _invalid("The file cannot be decoded. It is damaged, or it needs too much memory.")
    return said


def _tells(path: Path, limits: Limits, settings: Provenance) -> bool:
    try:
        return tells(path, settings, _resource_bounds(path, limits))
    except UserError:  # credentials that cannot be read within bounds are not reported
        return False


def _resource_bounds(path: Path, limits: Limits) -> confined.ResourceLimits:
    """What may be used to look at a file."""
    if path.stat().st_size > limits.upload_bytes:
        message = f"The file has more than {limits.upload_bytes:,} bytes."
        raise ApiError(413, message, code="file_too_large")
    return confined.ResourceLimits(memory=limits.decode_bytes, seconds=limits.decode_seconds)


def _invalid(message: str, reason: str = "") -> ApiError:
    return ApiError(400, message, code="invalid_file", reason=reason)
