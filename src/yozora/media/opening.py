"""A person's file, opened safely: demuxed and decoded one picture at a time.

Only local regular files are opened, and no other file or address that one of them names. Knows nothing of what
is in them.
"""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from yozora.errors import UserError

MAX_SIDE = 4096  # pixels
MAX_PIXELS = MAX_SIDE * MAX_SIDE  # 16.8 megapixels
LOOK_PIXELS = 2 * MAX_SIDE * 2 * MAX_SIDE  # up to this size FFmpeg may find out how large a picture is
BUFFER = 1 << 18  # bytes that are read at once

# FFmpeg's demuxers of films and pictures; among those that are left out are playlists, which open other files.
FORMATS = (
    "mov,matroska,avi,flv,mpegts,mpeg,mpegvideo,m4v,h264,hevc,asf,ogg,ivf,obu,nut,mxf,dv,mjpeg,yuv4mpegpipe,"
    "gif,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,ppm_pipe,qoi_pipe"
)
SEE_THROUGH = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<MPD", b"<smil", b"RTSPtext")
HINT = "Use a video or a picture, such as an MP4 or a PNG."

S = TypeVar("S", VideoStream, AudioStream)


def check_source(path: Path) -> bytes:
    """The first bytes of a file that may be opened; `UserError` where it is none."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UserError(f"Cannot read {str(path)!r}: it is a folder.", "Name a file in it.", code="path_is_folder")
        if not stat.S_ISREG(mode):
            raise UserError(f"Cannot read {str(path)!r}: it is not a regular file.", HINT, code="path_not_regular_file")
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as error:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)):
            raise UserError(
                f"{str(path)!r} is a URL, and only files are read.", "Download the file first.", code="path_is_url"
            ) from error
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"Cannot read {str(path)!r}: {reason}.", HINT, code="file_unreadable") from error
    if not head:
        raise UserError(f"Cannot read {str(path)!r}: it is empty.", HINT, code="file_empty")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(PLAYLISTS):
        raise UserError(
            f"{str(path)!r} is a playlist, which only lists other files.",
            "Use one of those files.",
            code="file_is_playlist",
        )
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
        raise UserError(
            f"Cannot read {str(path)!r}: {_explain_failure(path)}.", HINT, code="file_undecodable"
        ) from error
    except OSError as error:
        raise UserError(
            f"Cannot read {str(path)!r}: {error.strerror or error}.", HINT, code="file_unreadable"
        ) from error


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
        raise UserError(
            f"Cannot read {str(path)!r}: its codec is not supported.",
            "Convert the file to H.264.",
            code="codec_unknown",
        )
    raise UserError(f"{str(path)!r} has no video.", HINT, code="video_missing")


def has_decodable_sound(container: InputContainer) -> bool:
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


def _explain_failure(path: Path) -> str:
    """Why a file cannot be opened, as far as its first bytes say."""
    if check_source(path)[4:8] == b"ftyp":
        return "the MP4 is damaged or incomplete: its index is missing"
    return "it is not a video or a picture"
