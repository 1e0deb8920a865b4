"""Files to frames and frames to files. Nothing else touches codecs; this knows nothing of how frames are made."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.film import Film

CRF = 18  # x264's constant rate factor: visually close to lossless
GOP_SECONDS = 2.0  # a key frame at least this often, so that seeking is quick
BT709 = 1  # ISO/IEC 23091-2 code point of primaries, transfer and matrix
ROOM = 16 << 20  # bytes that must be free before work is spent on a film


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What a video file holds: uint8 `[T, H, W, 3]` frames in sRGB, frames a second, and the facts in its metadata."""

    frames: NDArray[np.uint8]
    fps: float
    facts: dict[str, object]


def check_target(path: Path) -> Path:
    """The real path of a film that may be written there; `UserError` where it cannot. Touches nothing."""
    if path.suffix.lower() != ".mp4":
        raise UserError(f"cannot write {str(path)!r}: films are MP4 files.", "End the name in .mp4")
    try:
        target = path.expanduser().resolve()
        folder = target.parent
        if target.is_dir():
            raise UserError(f"cannot write {str(path)!r}: it is a folder.", "Name a file in it, such as film.mp4")
        if target.exists() and not target.is_file():
            raise UserError(f"cannot write {str(path)!r}: it is not a regular file.", "Choose another name")
        if not folder.is_dir():
            raise UserError(f"cannot write {str(path)!r}: there is no folder {str(folder)!r}.", "Make it first")
        if not os.access(folder, os.W_OK | os.X_OK) or (target.exists() and not os.access(target, os.W_OK)):
            raise UserError(f"cannot write {str(path)!r}: permission denied.", "Choose another place with -o")
        free = shutil.disk_usage(folder).free
    except (OSError, RuntimeError, ValueError) as error:
        raise _unwritable(path, error) from error
    if free < ROOM:
        raise UserError(
            f"cannot write {str(path)!r}: only {free / 1e6:.1f} MB are free on its disk.",
            f"Free at least {ROOM / 1e6:.0f} MB, or choose another place with -o",
        )
    return target


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` that takes its place when the block ends well, and is removed when it does not."""
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, film: Film) -> Path:
    """Write H.264 in an MP4 that starts to play before it has loaded whole; returns its path.

    8-bit 4:2:0, BT.709 and tagged so; prompt, seed and model are JSON in the comment. Raises `UserError` for
    an impossible place or size, and leaves no partial file whatever happens.
    """
    height, width = film.frames.shape[1:3]
    if width % 2 or height % 2:
        raise UserError(
            f"cannot write a film of {width}x{height}: H.264 needs even sizes.", "Crop or pad it by a pixel"
        )
    target = check_target(path)
    try:
        with whole_file(target) as part:
            _encode(part, film)
    except OSError as error:
        raise _unwritable(path, error) from error
    return target


def read(path: Path) -> Clip:
    """All frames of a video file, of any codec that FFmpeg knows. Raises `UserError` for what is not a video."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UserError(f"{str(path)!r} holds no video.", "Give a video file, such as an MP4")
            stream = container.streams.video[0]
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            comment = container.metadata.get("comment", "")
    except (av.FFmpegError, OSError) as error:
        raise UserError(f"cannot read {str(path)!r}: {_reason(error)}.", "Give a video file, such as an MP4") from error
    if not frames:
        raise UserError(f"{str(path)!r} holds no frames.", "Give a video file, such as an MP4")
    return Clip(frames=np.stack(frames), fps=fps, facts=_facts(comment))


def codecs() -> dict[str, bool]:
    """The encoders that films want, and whether this machine's FFmpeg has them."""
    return {name: name in av.codecs_available for name in ("libx264", "h264_nvenc", "libsvtav1", "aac", "libopus")}


def _encode(path: Path, film: Film) -> None:
    height, width = film.frames.shape[1:3]
    rate = Fraction(film.fps).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = film.prompt[:200]
        container.metadata["comment"] = json.dumps(film.facts, ensure_ascii=False)
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(CRF), "preset": "medium"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        codec = stream.codec_context
        codec.gop_size = max(1, int(GOP_SECONDS * film.fps))
        codec.color_primaries = codec.color_trc = codec.colorspace = BT709
        codec.color_range = ColorRange.MPEG
        for picture_HWC in film.frames:
            rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24")
            frame = rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
            frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _facts(comment: str) -> dict[str, object]:
    try:
        facts = json.loads(comment)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")


def _unwritable(path: Path, error: BaseException) -> UserError:
    return UserError(f"cannot write {str(path)!r}: {_reason(error)}.", "Choose another place with -o")
