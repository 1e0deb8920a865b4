"""What a person's file is: looked at once, and given one decoded picture at a time.

Knows nothing of the size and the frame rate that are wanted.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, pairwise
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.media import photos, tone, webp
from yozora.media.memo import remembered
from yozora.media.opening import (
    HINT,
    MAX_SIDE,
    check_source,
    film_of,
    frames_of,
    has_decodable_sound,
    opened,
    packets_of,
)
from yozora.media.pictures import UPRIGHT, Colors, Orientation, is_clear

MAX_SECONDS = 1800.0
SHORTER = "Shorten it."
MAX_FRAMES = 432_000  # 240 a second for as long as that
DEFAULT_RATE = Fraction(25)  # of a stream that says nothing, as FFmpeg has it
SANE_ASPECT = (Fraction(1, 16), Fraction(16))  # of a pixel; what is outside is a mistake in the file
ANIMATIONS = ("gif", "apng")  # pictures in turn, each for a time of its own; one alone is a still
INDEXED = ("mov", "matroska")  # containers in which a moment is found without reading all that comes before
EARLY = 1.0  # seconds: so much before the moment that is looked for decoding starts, or at a key frame before


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedFrame:
    """One decoded picture: when it starts, in seconds from the first one, how long it stands, and how to get it.

    `picture` gives uint8 `[3, H, W]` in sRGB as the file stores it, not yet turned; it costs work, so it is asked for
    only where it is shown.
    """

    start: float
    length: float
    picture: Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """What of a file's streams films here may not hold: `bits` of a colour, high dynamic `range`, frames that stand for
    `uneven` times, `channels` of the first track of sound, how many `voices` (tracks) there are, `titles` (subtitles).
    """

    bits: int = 8
    range: bool = False
    uneven: bool = False
    channels: int = 0
    voices: int = 0
    titles: bool = False


PLAIN = Streams()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What was found out about a file.

    `width` and `height` are of the stored pictures, `pixel` is a stored pixel's width over its height, `turn` sets them
    upright. `seconds` and `frames` are 0 and 1 for a still, and `seconds` is what there is, whatever the file claims.
    `last` is when the last picture starts. `origin` is the time of the first picture on the file's own clock, in
    seconds. `shots` gives all pictures from a second on, and perhaps some before; `finds`: without decoding all that
    are before. `clear`: white shows through the first picture.
    """

    width: int
    height: int
    pixel: Fraction
    turn: Orientation
    fps: float
    seconds: float
    last: float
    frames: int
    origin: float
    still: bool
    has_sound: bool
    facts: dict[str, object]
    shots: Callable[[float], Iterator[TimedFrame]]
    finds: bool = False
    clear: bool = False
    streams: Streams = PLAIN

    @property
    def native_size(self) -> tuple[int, int]:
        """Width and height in square pixels, upright."""
        width, height = max(1, round(self.width * self.pixel)), self.height
        return (height, width) if self.turn.swap else (width, height)


def read_info(path: Path, cover: tuple[int, int] = (MAX_SIDE, MAX_SIDE)) -> MediaInfo:
    """Find out what a file shows: reads all of its packets, undecoded, and decodes one picture. What was found of a
    film is kept as long as the file stays the same.

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
    return _probe_film(path)


@remembered
def _probe_film(path: Path) -> MediaInfo:
    header = _header(path)
    first = next(frames_of(path), None)
    if first is None:
        raise _undecodable(path)
    _check_size(path, first.width, first.height)
    Colors()(first)  # told now rather than at the first picture
    origin = header.origin if header.origin is not None else (_time(first) or 0.0)
    still, step = header.still, header.step
    return MediaInfo(
        width=first.width,
        height=first.height,
        pixel=header.pixel,
        turn=Orientation.of(first),
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
        clear=is_clear(first),
        streams=replace(
            header.streams,
            bits=8 if first.format.has_palette else max((part.bits for part in first.format.components), default=8),
            range=int(first.color_trc) in (tone.PQ, tone.HLG),
        ),
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What is known without decoding; `step` is the usual time of a frame, the rest as in `MediaInfo`."""

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
    streams: Streams


def _header(path: Path) -> Header:
    with opened(path) as container:
        stream, name = film_of(container, path), container.format.name
        _check_size(path, stream.width, stream.height)
        if stream.duration and stream.time_base:
            _check_seconds(path, float(stream.duration * stream.time_base))
        still, step = name.endswith("_pipe"), float(1 / _rate(stream))
        extent = Extent(frames=1, seconds=step, last=0.0, origin=None) if still else _extent(container, stream, path)
        picture = name in ANIMATIONS or container.metadata.get("major_brand") == "avif"
        return Header(
            pixel=_pixel(stream),
            step=extent.seconds / extent.frames if name in ANIMATIONS else step,
            frames=extent.frames,
            seconds=extent.seconds,
            last=extent.last,
            origin=extent.origin,
            still=still or (picture and extent.frames == 1),
            has_sound=has_decodable_sound(container) and not still,
            finds=any(kind in name.split(",") for kind in INDEXED) and not still,
            facts=facts_in(_comment(container)),
            streams=_streams(container, extent.uneven),
        )


def _streams(container: InputContainer, uneven: bool) -> Streams:
    voices = container.streams.audio
    first = voices[0].codec_context if voices else None
    return Streams(
        uneven=uneven,
        channels=0 if first is None else first.channels,
        voices=len(voices),
        titles=bool(container.streams.subtitles),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many frames there are, for how many seconds, when the last one starts, and when the first one starts on the
    file's clock; whether they stand for `uneven` times.
    """

    frames: int
    seconds: float
    last: float
    origin: float | None
    uneven: bool = False


def _extent(container: InputContainer, stream: VideoStream, path: Path) -> Extent:
    """By all of the packets, undecoded: what a header claims may be missing, or more than is there."""
    step, starts = float(1 / _rate(stream)), list[float]()
    count, first, newest, last = 0, math.inf, -math.inf, -math.inf
    for packet in packets_of(container, stream):
        if not packet.size or packet.is_discard:
            continue
        said = _time(packet)
        starts += [] if said is None else [said]
        start = count * step if said is None or not _is_timed(container) else said
        length = float((packet.duration or 0) * packet.time_base) or step
        count, first, newest, last = count + 1, min(first, start), max(newest, start), max(last, start + length)
        _check_seconds(path, last - first)
        if count > MAX_FRAMES:
            raise UserError(f"{str(path)!r} has more than {MAX_FRAMES:,} frames.", SHORTER, code="too_many_frames")
    if not count:
        raise UserError(f"{str(path)!r} has no frames.", HINT, code="video_missing")
    return Extent(
        frames=count,
        seconds=last - first,
        last=newest - first,
        origin=first,
        uneven=_is_uneven(sorted(starts), (last - first) / count if container.format.name in ANIMATIONS else step),
    )


def _is_uneven(starts: Sequence[float], step: float) -> bool:
    """Whether frames stand for times that differ by more than rounding to milliseconds does."""
    lengths = (later - before for before, later in pairwise(starts))
    return any(abs(length - step) > max(0.0025, 0.1 * step) for length in lengths)


def _shots(path: Path, origin: float, header: Header, since: float) -> Iterator[TimedFrame]:
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
        yield TimedFrame(start=start, length=length, picture=partial(colors, frame))
        if header.still:
            return


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
        raise UserError(f"{str(path)!r} is larger than {MAX_SIDE}x{MAX_SIDE}.", "Scale it down.", code="size_too_large")


def _check_seconds(path: Path, seconds: float) -> None:
    if seconds > MAX_SECONDS + 1:
        raise UserError(f"{str(path)!r} is longer than {MAX_SECONDS / 60:g} minutes.", SHORTER, code="clip_too_long")


def _undecodable(path: Path) -> UserError:
    what = f"{str(path)!r} has no picture that can be decoded. It is damaged, or larger than {MAX_SIDE}x{MAX_SIDE}."
    return UserError(what, "Save it again, scaled down.", code="picture_damaged")


def _no_heic(path: Path) -> UserError:
    """Why a HEIC photo is not read."""
    if photos.knows_heic():
        return UserError(f"{str(path)!r} is a damaged HEIC photo.", "Save it as JPEG.", code="heic_damaged")
    return UserError(f"{str(path)!r} is a HEIC photo.", "Run: pip install pi-heif", code="heic_reader_missing")


def _photo(photo: photos.Photo) -> MediaInfo:
    shot = TimedFrame(start=0.0, length=float(1 / DEFAULT_RATE), picture=lambda: photo.planes)
    return MediaInfo(
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
        clear=photo.clear,
    )


@remembered
def _animation(path: Path) -> MediaInfo:
    (width, height), parts, comment = webp.parts(path)
    _check_size(path, width, height)
    seconds = sum(part.milliseconds for part in parts) / 1000
    _check_seconds(path, seconds)
    source = MediaInfo(
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
        clear=webp.is_clear(path, (width, height), parts),
    )
    if next(source.shots(0.0), None) is None:
        raise _undecodable(path)
    return source


def _animation_shots(path: Path, parts: Sequence[webp.WebpFrame]) -> Iterator[TimedFrame]:
    start = 0
    try:
        for part, picture in zip(parts, webp.pictures(path), strict=False):
            yield TimedFrame(start=start / 1000, length=part.milliseconds / 1000, picture=partial(np.asarray, picture))
            start += part.milliseconds
    except av.FFmpegError:  # used up to where it is damaged
        return
