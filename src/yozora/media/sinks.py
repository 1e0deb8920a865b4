"""Frames into one kind of file each: videos, animations, stills, folders of frames. Knows no names and no credentials.

A sink is given frames as they come and writes to a temporary place; its owner publishes what is there.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yozora.films.film import Sound
from yozora.media import comments, sound, stills
from yozora.media.pictures import Picture
from yozora.media.targets import Kind, Target, whole_file

SMALL = 640 * 360  # pixels of a frame: beyond this x264 does half the work, for 0.7 dB less
GOP_SECONDS = 2.0  # a key frame at least this often, so that seeking is quick
CPU_FLAGS = Path("/proc/cpuinfo")
THREADS = 4  # fixed: encoders cut their work up by their number, and other cuts make other bytes
BT709 = 1  # ISO/IEC 23091-2 code point of primaries, transfer and matrix
WEBP_QUALITY = "90"  # of 100
GIF_UNIT = Fraction(1, 100)  # seconds
GIF_SHORTEST = 2  # of these: what is shorter, viewers show for ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How exact encoders are: x264's constant rate factor for frames up to `SMALL` and beyond, VP9's, and what x264 is
    told besides.
    """

    crf: tuple[int, int]
    vp9_crf: int
    x264: tuple[str, ...] = ()


QUALITIES: Mapping[str, Quality] = {
    "good": Quality(crf=(18, 18), vp9_crf=20),  # visually close to lossless
    # Frames that are kept: at least 45 dB of luma, also where a camera's noise is all over them. x264 may not look for
    # what eyes pass over: such places are coded as exactly as all others.
    "kept": Quality(crf=(9, 8), vp9_crf=5, x264=("aq-mode=0", "psy=0")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFormat:
    """What all frames have in common, and what the file says of the film. `quality` is one of `QUALITIES`."""

    width: int
    height: int
    fps: float
    tags: Mapping[str, str]
    quality: str = "good"

    @property
    def is_small(self) -> bool:
        """Whether encoders take their time."""
        return self.width * self.height <= SMALL

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.fps).limit_denominator(1001)


class Sink(Protocol):
    """A film on its way into a file or a folder."""

    def add(self, picture_HWC: Picture) -> None:
        """The next frame."""

    def finish(self, audio: Sound | None) -> list[Path]:
        """Close what is written, with the sound if the kind has sound; the files that may be signed."""

    def abandon(self) -> None:
        """Let go of what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a kind of file can do: `signed`: hold content credentials; `even`: only even sizes; `ascii`: what it says of
    itself has no other letters.
    """

    title: str
    sound: str = ""  # codec
    signed: bool = True
    even: bool = False
    ascii: bool = False


CONTAINERS: Mapping[Kind, Container] = {
    "mp4": Container(title="an MP4", sound="aac", even=True),
    "mov": Container(title="a MOV", sound="aac", even=True),
    "webm": Container(title="a WebM", sound="libopus", signed=False, even=True),
    "gif": Container(title="a GIF", ascii=True),
    "webp": Container(title="a WebP", ascii=True),
    "png": Container(title="a PNG"),
    "frames": Container(title="a folder of frames"),
}


def sink_of(target: Target, part: Path, shape: VideoFormat) -> Sink:
    """What writes a film of that kind to a temporary place."""
    if target.kind == "gif":
        return Gif(part, shape)
    if target.kind == "webp":
        return Webp(part, shape)
    if target.kind == "png":
        return Still(part, shape)
    if target.kind == "frames":
        return Frames(part, shape, target)
    return VideoSink(part, shape, target.kind)


_Encoder = tuple[OutputContainer, VideoStream]


class VideoSink:
    """H.264 and AAC in MP4 and MOV, VP9 and Opus in WebM: 8-bit 4:2:0, BT.709 and tagged so."""

    def __init__(self, part: Path, shape: VideoFormat, kind: Kind) -> None:
        self.part, self.shape, self.kind = part, shape, kind
        self.count = 0
        self._reformatter = VideoReformatter()
        container = _opened(part, kind)
        container.metadata.update(shape.tags)
        self._encoder: _Encoder | None = (
            container,
            _vp9(container, shape) if kind == "webm" else _h264(container, shape),
        )

    def add(self, picture_HWC: Picture) -> None:
        rgb = VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24")
        frame = self._reformatter.reformat(
            rgb,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            threads=1,
        )
        frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        assert self._encoder is not None
        container, stream = self._encoder
        container.mux(stream.encode(frame))
        self.count += 1

    def finish(self, audio: Sound | None) -> list[Path]:
        assert self._encoder is not None
        container, stream = self._encoder
        container.mux(stream.encode())
        container.close()
        del container, stream
        self._encoder = None  # it holds the last second of pictures: half a gigabyte of 4K, while the file is signed
        audio = audio.cut(0, self.count / self.shape.fps) if audio else None
        if audio is not None and len(audio.samples):
            with whole_file(self.part) as voiced:
                _add_sound(self.part, audio, voiced, self.shape.tags, self.kind)
        return [self.part]

    def abandon(self) -> None:
        if self._encoder is not None:
            with suppress(OSError, av.FFmpegError):  # a second failure on the way out would hide the first
                self._encoder[0].close()


class _Animation:
    """A container of pictures alone: how it ends."""

    part: Path
    shape: VideoFormat
    _container: OutputContainer
    _stream: VideoStream

    def finish(self, audio: Sound | None) -> list[Path]:
        self._container.mux(self._stream.encode())
        self._container.close()
        self._write_comment(self.shape.tags.get("comment", ""))
        return [self.part]

    def _write_comment(self, comment: str) -> None:
        """Write into the file how it was made; FFmpeg writes no such thing."""
        raise NotImplementedError

    def abandon(self) -> None:
        with suppress(OSError, av.FFmpegError):
            self._container.close()


class Gif(_Animation):
    """An animation of up to 256 colours a frame, each with a palette of its own, that plays on and on."""

    def __init__(self, part: Path, shape: VideoFormat) -> None:
        self.part, self.shape = part, shape
        self.index, self.before = 0, -GIF_SHORTEST
        self._container = av.open(str(part), "w", format="gif", options={"loop": "0"})
        stream = self._container.add_stream("gif", rate=int(1 / GIF_UNIT))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "pal8"
        stream.codec_context.time_base = GIF_UNIT
        self._stream = stream

    def add(self, picture_HWC: Picture) -> None:
        moment = round(self.index / self.shape.fps / GIF_UNIT)
        self.index += 1
        if moment - self.before < GIF_SHORTEST:  # more than 50 a second: some are left out
            return
        self.before = moment
        frame = VideoFrame.from_ndarray(_few_colors(picture_HWC), format="pal8")  # type: ignore[arg-type] # a picture and its colours
        frame.pts, frame.time_base = moment, GIF_UNIT
        for packet in self._stream.encode(frame):
            packet.duration = max(GIF_SHORTEST, round(self.index / self.shape.fps / GIF_UNIT) - moment)
            self._container.mux(packet)

    def _write_comment(self, comment: str) -> None:
        comments.add_to_gif(self.part, comment)


class Webp(_Animation):
    """An animation in as many colours as there are, that plays on and on."""

    def __init__(self, part: Path, shape: VideoFormat) -> None:
        self.part, self.shape, self.index = part, shape, 0
        self._container = av.open(str(part), "w", format="webp", options={"loop": "0"})
        settings = {"quality": WEBP_QUALITY}
        stream = self._container.add_stream("libwebp_anim", rate=1000, options=settings)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "bgra"
        stream.codec_context.time_base = Fraction(1, 1000)
        self._stream = stream

    def add(self, picture_HWC: Picture) -> None:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24").reformat(format="bgra")
        frame.pts, frame.time_base = round(1000 * self.index / self.shape.fps), Fraction(1, 1000)
        self.index += 1
        self._container.mux(self._stream.encode(frame))

    def _write_comment(self, comment: str) -> None:
        comments.add_to_webp(self.part, (self.shape.width, self.shape.height), comment)


class Still:
    """The first frame as a PNG."""

    def __init__(self, part: Path, shape: VideoFormat) -> None:
        self.part, self.shape, self.count = part, shape, 0

    def add(self, picture_HWC: Picture) -> None:
        if not self.count:
            self.part.write_bytes(stills.png(picture_HWC, self.shape.tags))
        self.count += 1

    def finish(self, audio: Sound | None) -> list[Path]:
        return [self.part]

    def abandon(self) -> None:
        """Nothing is open."""


class Frames:
    """Every frame as a PNG in a folder."""

    def __init__(self, part: Path, shape: VideoFormat, target: Target) -> None:
        self.part, self.shape, self.target = part, shape, target
        self.files: list[Path] = []

    def add(self, picture_HWC: Picture) -> None:
        file = self.part / self.target.frame(len(self.files) + 1)
        file.write_bytes(stills.png(picture_HWC, self.shape.tags))
        self.files.append(file)

    def finish(self, audio: Sound | None) -> list[Path]:
        return self.files

    def abandon(self) -> None:
        """Nothing is open."""


def codecs() -> dict[str, bool]:
    """The encoders that films want, and whether this machine's FFmpeg has them."""
    names = ("libx264", "libvpx-vp9", "gif", "libwebp_anim", "h264_nvenc", "libsvtav1", "aac", "libopus")
    return {name: name in av.codecs_available for name in names}


def _opened(path: Path, kind: Kind) -> OutputContainer:
    # Exact: a WebM would else get a number that is drawn.
    options = {"fflags": "+bitexact"} if kind == "webm" else {"movflags": "+faststart"}
    return av.open(str(path), "w", format=kind, options=options)


def _h264(container: OutputContainer, shape: VideoFormat) -> VideoStream:
    quality, preset = QUALITIES[shape.quality], "medium" if shape.is_small else "veryfast"
    more = ":".join([*quality.x264, *_steady()])
    options = {"crf": str(quality.crf[not shape.is_small]), "preset": preset}
    return _add_stream(container, "libx264", shape, {**options, "x264-params": more} if more else options)


def _vp9(container: OutputContainer, shape: VideoFormat) -> VideoStream:
    quick, crf = "3" if shape.is_small else "5", QUALITIES[shape.quality].vp9_crf
    options = {"crf": str(crf), "b": "0", "deadline": "good", "cpu-used": quick, "row-mt": "1"}
    return _add_stream(container, "libvpx-vp9", shape, options)


def _add_stream(container: OutputContainer, name: str, shape: VideoFormat, options: dict[str, str]) -> VideoStream:
    stream = container.add_stream(name, rate=shape.rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = shape.width, shape.height
    stream.pix_fmt = "yuv420p"
    codec = stream.codec_context
    codec.thread_count = THREADS
    codec.gop_size = max(1, int(GOP_SECONDS * shape.fps))
    codec.color_primaries = codec.color_trc = codec.colorspace = BT709
    codec.color_range = ColorRange.MPEG
    return stream


def _steady() -> list[str]:
    """What makes x264 give the same bytes every time: its macroblock tree does not, where it uses AVX-512."""
    try:
        flags = CPU_FLAGS.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux; the films are as good
        return []
    return ["asm=AVX2"] if "avx512" in flags else []


def _few_colors(picture_HWC: Picture) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture in the 256 colours that cover it best: their numbers `[H, W]`, and the colours `[256, 4]`, alpha
    first. Without dithering, whose noise moves from frame to frame and makes files several times larger.
    """
    from PIL import Image

    few = Image.fromarray(picture_HWC).quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    said = np.frombuffer(bytes(few.getpalette("RGB") or ()), np.uint8).reshape(-1, 3)
    colors = np.full((256, 4), 255, np.uint8)
    colors[: len(said), 1:] = said
    return np.asarray(few), colors


def _add_sound(silent: Path, audio: Sound, voiced: Path, tags: Mapping[str, str], kind: Kind) -> None:
    """The same pictures, packet by packet, and a sound beside them."""
    with av.open(str(silent), "r") as source, _opened(voiced, kind) as target:
        target.metadata.update(tags)
        (given,) = source.streams.video
        pictures = target.add_stream_from_template(given)
        voice = sound.add_stream(target, audio, CONTAINERS[kind].sound)
        copied = (_assign_stream(packet, pictures) for packet in source.demux(given) if packet.size)
        coded: Iterator[Packet[Any]] = sound.encoded(voice, audio)
        for packet in merge(copied, coded, key=_order):
            target.mux(packet)


def _assign_stream(packet: "Packet[VideoStream]", stream: VideoStream) -> "Packet[Any]":
    packet.stream = stream
    return packet


def _order(packet: "Packet[Any]") -> Fraction:
    """When a packet is to be decoded, in seconds: files are written in this order, so that none must wait."""
    return (packet.dts or 0) * packet.time_base
