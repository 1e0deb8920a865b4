"""Frames as fragments of an MP4, for viewers of a film while it is made.

Each fragment begins with a key frame and can be played as soon as it is there; all of them in turn are one file. Knows
nothing of how frames are made.
"""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import Final

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

Frames = NDArray[np.uint8]

OPENING: Final = ("ftyp", "moov")  # boxes of the first fragment alone (ISO/IEC 14496-12)
MEDIA: Final = ("moof", "mdat")
BT709: Final = 1  # ISO/IEC 23091-2 code point of primaries, transfer and matrix
CRF: Final = "18"
OPTIONS: Final = {
    "movflags": "frag_custom+empty_moov+default_base_moof+frag_discont",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",  # a fragment begins when it does, not at 0
}


class Fragments:
    """A film of `width` times `height` pixels that grows: frames go in, and now and then a fragment comes out."""

    def __init__(self, width: int, height: int, fps: float) -> None:
        self.width, self.height = width, height
        self.rate = Fraction(fps).limit_denominator(1001)
        self.count, self.frames = 0, 0  # of fragments and of their frames that are out
        self._waiting: list[Frames] = []

    def add(self, frames_THWC: Frames) -> None:
        """The next frames, uint8 `[T, H, W, 3]` in sRGB."""
        self._waiting.append(frames_THWC)

    def take(self) -> tuple[bytes, int]:
        """What has been added since the last time as a fragment, and how many frames it has; empty where nothing has
        been.
        """
        frames, self._waiting = [frame for some in self._waiting for frame in some], []
        if not frames:
            return b"", 0
        kept = MEDIA if self.count else (*OPENING, *MEDIA)
        data = b"".join(box for name, box in boxes(self._encoded(frames)) if name in kept)
        self.count, self.frames = self.count + 1, self.frames + len(frames)
        return data, len(frames)

    def _encoded(self, frames: list[Frames]) -> bytes:
        """A file of these frames alone, which begins where the fragments before have ended. No frame waits for a later
        one.
        """
        out = BytesIO()
        with av.open(out, "w", format="mp4", options={**OPTIONS, "fragment_index": str(self.count + 1)}) as container:
            stream = container.add_stream("libx264", rate=self.rate, options={"crf": CRF, "preset": "veryfast"})
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
            codec = stream.codec_context
            codec.max_b_frames = 0
            codec.color_primaries = codec.color_trc = codec.colorspace = BT709
            codec.color_range = ColorRange.MPEG
            for number, frame_HWC in enumerate(frames, self.frames):
                picture = VideoFrame.from_ndarray(np.ascontiguousarray(frame_HWC), format="rgb24").reformat(
                    format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
                )
                picture.pts, picture.time_base = number, 1 / self.rate
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        return out.getvalue()


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The outermost boxes of an MP4, each with its name."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8].decode("latin-1"), data[at : at + size]
        at += size
