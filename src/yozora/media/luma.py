"""The brightness of frames on a small grid, and a change of brightness brought back to them. Knows no marks."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from yozora.media.pictures import Picture

Floats = NDArray[np.float32]

STEPS = 1024  # of a change, to one level of brightness: 16 bits then reach from -32 to 32 levels
ZERO = 32 * STEPS
STRIP = 40  # rows


class Luma:
    """Frames of any size to and from a grid of `columns` x `rows`; keeps no frame."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._down, self._up = VideoReformatter(), VideoReformatter()

    def of(self, frame_HWC: Picture) -> Floats:
        """The brightness (BT.601 luma, 0..255) of uint8 `[H, W, 3]`, averaged over each cell: `[rows, columns]`."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(frame_HWC), format="rgb24")
        small = self._down.reformat(
            frame,
            width=self.columns,
            height=self.rows,
            format="gray16le",
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA | Interpolation.ACCURATE_RND,
            threads=1,
        )
        return _plane(small).astype(np.float32) / np.float32(257)

    def add(self, frame_HWC: Picture, change: Floats, out_HWC: Picture) -> None:
        """The frame with a change, `[rows, columns]` in levels from -31 to 31, enlarged and added to each colour."""
        height, width = frame_HWC.shape[:2]
        drawn = VideoFrame(self.columns, self.rows, "gray16le")
        _plane(drawn)[:] = np.clip(change * STEPS + (ZERO + 0.5), STEPS, 2 * ZERO - STEPS)
        drawn.color_range = ColorRange.JPEG
        large = self._up.reformat(
            drawn,
            width=width,
            height=height,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            threads=1,
        )
        levels = _plane(large)
        for top in range(0, height, STRIP):  # little enough to stay in the processor's cache
            some = slice(top, top + STRIP)
            added = ((levels[some] + np.uint16(STEPS // 2)) // np.uint16(STEPS)).astype(np.int16) - np.int16(32)
            changed = frame_HWC[some].astype(np.int16)
            for channel in range(3):
                changed[..., channel] += added
            out_HWC[some] = np.clip(changed, 0, 255, out=changed)


def _plane(frame: VideoFrame) -> NDArray[np.uint16]:
    plane = frame.planes[0]
    data: NDArray[np.uint16] = np.frombuffer(plane, np.uint16)  # type: ignore[call-overload] # a buffer
    return data.reshape(-1, plane.line_size // 2)[: frame.height, : frame.width]
