"""What a person's file is: opened safely, looked at cheaply, and decoded one picture at a time.

Only local regular files are opened, and no other file or address that one of them names. Knows nothing of the size and
the frame rate that somebody wants.
"""

import json
import math
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeVar

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.media import photos, webp
from yozora.media.pictures import UPRIGHT, Colors, Turn

MAX_SIDE = 4096  # pixels
MAX_PIXELS = MAX_SIDE * MAX_SIDE  # 16.8 megapixels
LOOK_PIXELS = 2 * MAX_SIDE * 2 * MAX_SIDE  # up to this size FFmpeg may find out how large a picture is
MAX_SECONDS = 1800.0
MAX_FRAMES = 432_000  # 240 a second for as long as that
DEFAULT_RATE = Fraction(25)  # of a stream that says nothing, as FFmpeg has it
SANE_ASPECT = (Fraction(1, 16), Fraction(16))  # of a pixel; what lies outside is a mistake in the file
BUFFER = 1 << 18  # bytes that are read at once

# FFmpeg's demuxers of films and pictures; among those that are left out are playlists, which open other files.
FORMATS = (
    "mov,matroska,avi,flv,mpegts,mpeg,mpegvideo,m4v,h264,hevc,asf,ogg,ivf,obu,nut,mxf,dv,mjpeg,yuv4mpegpipe,"
    "gif,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,ppm_pipe,qoi_pipe"
)
SEE_THROUGH = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
ANIMATIONS = ("gif", "apng")  # pictures in turn, each for a time of its own; one alone is a still
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<MPD", b"<smil", b"RTSPtext")
HINT = "Give a video or a picture, such as an MP4 or a PNG"


INDEXED = ("mov", "matroska")  # containers in which a moment is found without reading all that comes before
EARLY = 1.0  # seconds: so much before the moment that is looked for decoding starts, or at a key frame before


S = TypeVar("S", VideoStream, AudioStream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One decoded picture: when it starts, in seconds from the first one, how long it stands, and how to get it.

    `picture` gives uint8 `[3, H, W]` in sRGB as the file stores it, not yet turned; it costs work, so it is asked for
    only where it is shown.
    """

    start: float
    length: float
    picture: Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was found out about a file.

    `width` and `height` are of the stored pictures, `pixel` is a stored pixel's width over its height, `turn` sets them
    upright. `seconds` and `frames` are 0 and 1 for a still, and `seconds` is what there is, whatever the file claims.
    `last` is when the last picture starts. `origin` is the time of the first picture on the file's own clock, in
    seconds. `shots` gives all pictures from a second on, and perhaps some before; `finds`: without decoding all that
    lie before.
    """

    width: int
    height: int
    pixel: Fraction
    turn: Turn
    fps: float
    seconds: float
    last: float
    frames: int
    origin: float
    still: bool
    has_sound: bool
    facts: dict[str, object]
    shots: Callable[[float], Iterator[Shot]]
    finds: bool = False

    @property
    def native_size(self) -> tuple[int, int]:
        """Width and height in square pixels, upright."""
        width, height = max(1, round(self.width * self.pixel)), self.height
        return (height, width) if self.turn.swap else (width, height)


def look(path: Path, cover: tuple[int, int] = (MAX_SIDE, MAX_SIDE)) -> Source:
    """Find out what a file shows: reads all of its packets once, undecoded, and decodes one picture.

    A still that is much larger than `cover` (width, height) is decoded smaller, and still covers it. Raises `UserError`
    for what is no film and no picture, or too large, too long, damaged from the start, or empty.
    """
    head = check_source(path)
    if webp.is_animated(head):
        return _animation(path)
    photo = photos.load(path, cover)
    if photo is not None:
        return _photo(photo)
    if photos.is_heic(head):
        raise _no_heic(path)
    header = _header(path)
    first = next(frames_of(path), None)
    if first is None:
        raise _undecodable(path)
    _check_size(path, first.width, first.height)
    Colors()(first)  # told now rather than at the first picture
    origin = header.origin if header.origin is not None else (_time(first) or 0.0)
    still, step = header.still, header.step
    return Source(
        width=first.width,
        height=first.height,
        pixel=header.pixel,
        turn=Turn.of(first),
        fps=0.0 if still else 1 / step,
        seconds=0.0 if still else header.seconds,
        last=0.0 if still else header.last,
        frames=header.frames,
        origin=origin,
        still=still,
        has_sound=header.has_sound,
        facts=header.facts,
        shots=lambda start: _shots(path, origin, header, start),
        finds=header.finds,
    )


def check_source(path: Path) -> bytes:
    """The first bytes of a file that may be opened; `UserError` where it is none."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UserError(f"cannot read {str(path)!r}: it is a folder.", "Name a file in it")
        if not stat.S_ISREG(mode):
            raise UserError(f"cannot read {str(path)!r}: it is not a regular file.", HINT)
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as error:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)):
            raise UserError(f"{str(path)!r} is an address: only files are read.", "Download it first") from error
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"cannot read {str(path)!r}: {reason}.", HINT) from error
    if not head:
        raise UserError(f"cannot read {str(path)!r}: it is empty.", HINT)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(PLAYLISTS):
        raise UserError(f"{str(path)!r} is a playlist: it only names other files.", "Give one of those")
    return head


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The file, open for demuxing. Raises `UserError` where nothing in it makes sense."""
    try:
        # FFmpeg gets the bytes and not the name: a name can be a pattern, an address or a protocol, bytes cannot.
        with (
            path.open("rb") as file,
            av.open(
                Nameless(file),
                "r",
                options={"max_pixels": str(LOOK_PIXELS)},
                container_options={"format_whitelist": FORMATS, "protocol_whitelist": "none"},
                metadata_errors="replace",
                buffer_size=BUFFER,
            ) as container,
        ):
            yield container
    except av.FFmpegError as error:
        raise UserError(f"cannot read {str(path)!r}: {_told(path)}.", HINT) from error
    except OSError as error:
        raise UserError(f"cannot read {str(path)!r}: {error.strerror or error}.", HINT) from error


class Nameless:
    """An open file without its name."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def film_of(container: InputContainer, path: Path) -> VideoStream:
    """The video stream that is shown: the first that is no cover picture and can be decoded."""
    films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    for stream in films:
        if stream.codec_context is not None:
            return stream
    if films:
        raise UserError(f"cannot read {str(path)!r}: no decoder knows its codec.", "Convert it to H.264 first")
    raise UserError(f"{str(path)!r} holds no video.", HINT)


def facts_in(comment: str) -> dict[str, object]:
    """What a film's comment says of how it was made; nothing where it is someone else's."""
    try:
        said = json.loads(comment)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _comment(container: InputContainer) -> str:
    """Matroska has its tags in capitals."""
    return container.metadata.get("comment") or container.metadata.get("COMMENT", "")


def can_be_heard(container: InputContainer) -> bool:
    """Whether there is an audio stream that can be decoded; only the first one counts."""
    return any(stream.codec_context is not None for stream in container.streams.audio[:1])


def frames_of(path: Path, after: float | None = None) -> Iterator[VideoFrame]:
    """The decoded frames in the order in which they are shown, up to where the file breaks off. Holds one at a time.

    They begin with a key frame at or before the second `after` on the file's clock, where one is told and the
    container can find it; else with the first.
    """
    with opened(path) as container:
        stream = film_of(container, path)
        if after is not None and stream.time_base:
            container.seek(int(after / stream.time_base), stream=stream)
        decoder = _decoder(stream)
        decoder.options = {"max_pixels": str(MAX_PIXELS)}
        for packet in packets_of(container, stream):
            try:
                yield from decoder.decode(packet)
            except av.FFmpegError:  # a damaged packet; the next key frame heals it
                continue


def _decoder(stream: VideoStream) -> VideoCodecContext:
    """What decodes a stream: of a WebM with transparency libvpx, since FFmpeg's own decoders pass that over."""
    name = SEE_THROUGH.get(stream.codec_context.name)
    if name is None or stream.metadata.get("alpha_mode") != "1" or name not in av.codecs_available:
        return stream.codec_context
    decoder = VideoCodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)
    return decoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is known without decoding; `step` is the usual time of a frame, the rest as in `Source`."""

    pixel: Fraction
    step: float
    frames: int
    seconds: float
    last: float
    origin: float | None
    still: bool
    has_sound: bool
    finds: bool
    facts: dict[str, object]


def _header(path: Path) -> Header:
    with opened(path) as container:
        stream, name = film_of(container, path), container.format.name
        _check_size(path, stream.width, stream.height)
        if stream.duration and stream.time_base:
            _check_seconds(path, float(stream.duration * stream.time_base))
        still, step = name.endswith("_pipe"), float(1 / _rate(stream))
        frames, seconds, last, origin = (1, step, 0.0, None) if still else _extent(container, stream, path)
        picture = name in ANIMATIONS or container.metadata.get("major_brand") == "avif"
        return Header(
            pixel=_pixel(stream),
            step=seconds / frames if name in ANIMATIONS else step,
            frames=frames,
            seconds=seconds,
            last=last,
            origin=origin,
            still=still or (picture and frames == 1),
            has_sound=can_be_heard(container) and not still,
            finds=any(kind in name.split(",") for kind in INDEXED) and not still,
            facts=facts_in(_comment(container)),
        )


def _extent(container: InputContainer, stream: VideoStream, path: Path) -> tuple[int, float, float, float]:
    """How many frames there are, for how many seconds, when the last one starts, and when the first one starts on the
    file's clock.

    By all of the packets, undecoded: what a header claims may be missing, or more than is there.
    """
    step = float(1 / _rate(stream))
    count, first, newest, last = 0, math.inf, -math.inf, -math.inf
    for packet in packets_of(container, stream):
        if not packet.size or packet.is_discard:
            continue
        start = _time(packet) if _is_timed(container) else None
        start = count * step if start is None else start
        length = float((packet.duration or 0) * packet.time_base) or step
        count, first, newest, last = count + 1, min(first, start), max(newest, start), max(last, start + length)
        _check_seconds(path, last - first)
        if count > MAX_FRAMES:
            raise UserError(f"{str(path)!r} has more than {MAX_FRAMES:,} frames.", "Cut it first")
    if not count:
        raise UserError(f"{str(path)!r} holds no frames.", HINT)
    return count, last - first, newest - first, first


def _shots(path: Path, origin: float, header: Header, since: float) -> Iterator[Shot]:
    colors, step = Colors(), header.step
    with opened(path) as container:
        timed = _is_timed(container)
    after = since - EARLY if header.finds and since > EARLY else None
    frames = frames_of(path, None if after is None else after + origin)
    before = -step
    if after is not None:
        first = next(frames, None)
        start = None if first is None else _time(first)
        if first is None or start is None or start - origin > since:  # nothing is found there that can be told in time
            frames = frames_of(path)
        else:
            before, frames = start - origin - step, chain([first], frames)
    for frame in frames:
        start = _time(frame) if timed else None
        start = before + step if start is None else start - origin
        start = start if start > before else before + step  # a clock that stands or goes back
        if start > MAX_SECONDS:
            return
        before = start
        length = float((frame.duration or 0) * (frame.time_base or 0)) or step
        yield Shot(start=start, length=length, picture=partial(colors, frame))
        if header.still:
            return


def packets_of(container: InputContainer, stream: S) -> Iterator["Packet[S]"]:
    """All packets, the empty one that flushes the decoder at the end too, up to where the file breaks off."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        yield packet


def _time(what: "Packet[VideoStream] | VideoFrame") -> float | None:
    """When it is shown, on the file's clock, in seconds."""
    return None if what.pts is None or not what.time_base else float(what.pts * what.time_base)


def _is_timed(container: InputContainer) -> bool:
    """AVI stores no times: those of frames that refer to later ones come out of order."""
    return container.format.name != "avi"


def _rate(stream: VideoStream) -> Fraction:
    bare = stream.duration is None and stream.start_time is None  # no container that would know the average
    rate = (stream.guessed_rate if bare else stream.average_rate) or stream.guessed_rate or DEFAULT_RATE
    return rate if Fraction(1, 1000) < rate <= 1000 else DEFAULT_RATE


def _pixel(stream: VideoStream) -> Fraction:
    pixel = stream.sample_aspect_ratio or Fraction(1)
    return pixel if SANE_ASPECT[0] <= pixel <= SANE_ASPECT[1] else Fraction(1)


def _check_size(path: Path, width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise UserError(f"{str(path)!r} is {width}x{height}, larger than {MAX_SIDE}x{MAX_SIDE}.", "Scale it down first")


def _check_seconds(path: Path, seconds: float) -> None:
    if seconds > MAX_SECONDS + 1:
        raise UserError(f"{str(path)!r} runs for more than {MAX_SECONDS / 60:g} minutes.", "Cut it first")


def _undecodable(path: Path) -> UserError:
    what = f"{str(path)!r} holds no picture that can be decoded: it is damaged, or larger than {MAX_SIDE}x{MAX_SIDE}."
    return UserError(what, "Save it again, scaled down")


def _told(path: Path) -> str:
    """Why a file cannot be opened, as far as its first bytes say."""
    if check_source(path)[4:8] == b"ftyp":
        return "the MP4 is damaged or was cut short, and its index is missing"
    return "it is not a video or a picture"


def _no_heic(path: Path) -> UserError:
    """Why a HEIC photo is not read."""
    if photos.knows_heic():
        return UserError(f"{str(path)!r} is a damaged HEIC photo.", "Save it again, as a JPEG")
    return UserError(f"{str(path)!r} is a HEIC photo.", "Install pi-heif to read it: pip install pi-heif")


def _photo(photo: photos.Photo) -> Source:
    shot = Shot(start=0.0, length=float(1 / DEFAULT_RATE), picture=lambda: photo.planes)
    return Source(
        width=photo.size[0],
        height=photo.size[1],
        pixel=Fraction(1),
        turn=UPRIGHT,
        fps=0.0,
        seconds=0.0,
        last=0.0,
        frames=1,
        origin=0.0,
        still=True,
        has_sound=False,
        facts=facts_in(photo.comment),
        shots=lambda start: iter([shot]),
    )


def _animation(path: Path) -> Source:
    (width, height), parts, comment = webp.parts(path)
    _check_size(path, width, height)
    seconds = sum(part.milliseconds for part in parts) / 1000
    _check_seconds(path, seconds)
    source = Source(
        width=width,
        height=height,
        pixel=Fraction(1),
        turn=UPRIGHT,
        fps=len(parts) / seconds if seconds else 0.0,
        seconds=seconds,
        last=seconds - parts[-1].milliseconds / 1000 if parts else 0.0,
        frames=len(parts),
        origin=0.0,
        still=False,
        has_sound=False,
        facts=facts_in(comment),
        shots=lambda start: _animation_shots(path, parts),
    )
    if next(source.shots(0.0), None) is None:
        raise _undecodable(path)
    return source


def _animation_shots(path: Path, parts: Sequence[webp.Part]) -> Iterator[Shot]:
    start = 0
    try:
        for part, picture in zip(parts, webp.pictures(path), strict=False):
            yield Shot(start=start / 1000, length=part.milliseconds / 1000, picture=partial(np.asarray, picture))
            start += part.milliseconds
    except av.FFmpegError:  # used up to where it is damaged
        return
