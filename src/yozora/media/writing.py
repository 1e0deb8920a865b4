"""Frames and sound into MP4 files that are whole or not there. Knows nothing of how frames are made."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from heapq import merge
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.film import Film, Sound
from yozora.media import sound

CRF = 18  # x264's constant rate factor: visually close to lossless
SMALL = 640 * 360  # pixels of a frame: beyond this x264 does half the work, for 0.7 dB less
GOP_SECONDS = 2.0  # a key frame at least this often, so that seeking is quick
CPU_FLAGS = Path("/proc/cpuinfo")
THREADS = 4  # fixed: x264 cuts its work up by their number, and other cuts make other bytes
BT709 = 1  # ISO/IEC 23091-2 code point of primaries, transfer and matrix
ROOM = 16 << 20  # bytes that must be free before work is spent on a film


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
    part = path.with_name(f".yozora-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Seal(Protocol):
    """What is done to a film's frames before they are encoded, and to its file when all is in it."""

    def mark(self, frames_THWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The next frames, as many and of the same size."""

    def seal(self, part: Path) -> None:
        """Finish the file in place, which has a temporary name and is not published yet."""


class Writer:
    """An MP4 in the making, as a context manager: it is published whole when the block ends well, else nothing is left.

    H.264, 8-bit 4:2:0, BT.709 and tagged so, that starts to play before it has loaded whole; `facts` are JSON in its
    comment. The same input gives the same bytes, but for what a `seal` adds. Raises `UserError` for an impossible place
    or size.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: float,
        facts: Mapping[str, object],
        title: str = "",
        seal: Seal | None = None,
    ) -> None:
        if width % 2 or height % 2:
            raise UserError(
                f"cannot write a film of {width}x{height}: H.264 needs even sizes.", "Crop or pad it by a pixel"
            )
        self.path = check_target(path)
        self.size = width, height
        self.fps = fps
        self.tags = {"title": title[:200], "comment": json.dumps(dict(facts), ensure_ascii=False)}
        self.count = 0
        self._seal = seal
        self._heard: Sound | None = None
        self._open = ExitStack()
        self._reformatter = VideoReformatter()

    def __enter__(self) -> Self:
        with _told(self.path), ExitStack() as opening:
            self._part = opening.enter_context(whole_file(self.path))
            self._container = _mp4(self._part)
            opening.callback(self._abandon)
            self._container.metadata.update(self.tags)
            self._stream = _pictures(self._container, self.size, self.fps)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._open.__exit__(kind, error, trace)
            return
        with _told(self.path), self._open:
            self._finish()

    def add(self, frames_THWC: NDArray[np.uint8]) -> None:
        """Append frames, uint8 `[T, H, W, 3]` in sRGB."""
        width, height = self.size
        if frames_THWC.dtype != np.uint8 or frames_THWC.shape[1:] != (height, width, 3):
            raise ValueError(f"frames are uint8 [T, {height}, {width}, 3], not {list(frames_THWC.shape)}")
        if self._seal is not None and len(frames_THWC):
            frames_THWC = self._seal.mark(frames_THWC)
        with _told(self.path):
            for picture_HWC in frames_THWC:
                rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24")
                self._container.mux(self._stream.encode(self._yuv(rgb)))
                self.count += 1

    def sound(self, sound: Sound | None) -> None:
        """What is heard, from the first frame on; what is longer than the pictures is left out."""
        self._heard = sound

    def _yuv(self, rgb: VideoFrame) -> VideoFrame:
        frame = self._reformatter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            threads=1,
        )
        frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        return frame

    def _finish(self) -> None:
        if not self.count:
            raise ValueError("a film has at least one frame")
        self._container.mux(self._stream.encode())
        self._container.close()
        heard = self._heard.cut(0, self.count / self.fps) if self._heard else None
        if heard is not None and len(heard.samples):
            with whole_file(self._part) as voiced:
                _add_sound(self._part, heard, voiced, self.tags)
        if self._seal is not None:
            self._seal.seal(self._part)

    def _abandon(self) -> None:
        with suppress(OSError, av.FFmpegError):  # a second failure on the way out would hide the first
            self._container.close()


def write(path: Path, film: Film, seal: Seal | None = None) -> Path:
    """Write a film as `Writer` does, with prompt, seed and model in its comment; returns the path of the file."""
    height, width = film.frames.shape[1:3]
    with Writer(path, width, height, film.fps, film.facts, film.prompt, seal) as writer:
        writer.add(film.frames)
        writer.sound(film.sound)
    return writer.path


def codecs() -> dict[str, bool]:
    """The encoders that films want, and whether this machine's FFmpeg has them."""
    return {name: name in av.codecs_available for name in ("libx264", "h264_nvenc", "libsvtav1", "aac", "libopus")}


def _mp4(path: Path) -> OutputContainer:
    return av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})


def _pictures(container: OutputContainer, size: tuple[int, int], fps: float) -> VideoStream:
    rate = Fraction(fps).limit_denominator(1001)
    preset = "medium" if size[0] * size[1] <= SMALL else "veryfast"
    stream = container.add_stream("libx264", rate=rate, options={"crf": str(CRF), "preset": preset, **_steady()})
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    codec = stream.codec_context
    codec.thread_count = THREADS
    codec.gop_size = max(1, int(GOP_SECONDS * fps))
    codec.color_primaries = codec.color_trc = codec.colorspace = BT709
    codec.color_range = ColorRange.MPEG
    return stream


def _steady() -> dict[str, str]:
    """What makes x264 give the same bytes every time: its macroblock tree does not, where it uses AVX-512."""
    try:
        flags = CPU_FLAGS.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux; the films are as good
        return {}
    return {"x264-params": "asm=AVX2"} if "avx512" in flags else {}


def _add_sound(silent: Path, heard: Sound, voiced: Path, tags: Mapping[str, str]) -> None:
    """The same pictures, packet by packet, and a sound beside them."""
    with av.open(str(silent), "r") as source, _mp4(voiced) as target:
        target.metadata.update(tags)
        (given,) = source.streams.video
        pictures = target.add_stream_from_template(given)
        voice = sound.add_stream(target, heard)
        copied = (_moved(packet, pictures) for packet in source.demux(given) if packet.size)
        coded: Iterator[Packet[Any]] = sound.encoded(voice, heard)
        for packet in merge(copied, coded, key=_order):
            target.mux(packet)


def _moved(packet: "Packet[VideoStream]", stream: VideoStream) -> "Packet[Any]":
    packet.stream = stream
    return packet


def _order(packet: "Packet[Any]") -> Fraction:
    """When a packet is to be decoded, in seconds: files are written in this order, so that none must wait."""
    return (packet.dts or 0) * packet.time_base


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from error


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")


def _unwritable(path: Path, error: BaseException) -> UserError:
    return UserError(f"cannot write {str(path)!r}: {_reason(error)}.", "Choose another place with -o")
