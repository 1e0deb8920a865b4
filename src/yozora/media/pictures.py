"""Decoded pictures to sRGB arrays: colour, transparency, turning upright, and fitting into another size.

Knows nothing of files and of time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.media import tone

Picture = NDArray[np.uint8]  # [H, W, 3] in sRGB
Planes = NDArray[np.uint8]  # [3, H, W] in sRGB

PAPER = 255  # what shows through transparent places: white
EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
SD_WIDTH, SD_HEIGHT = 1024, 576  # up to this size, a stream that does not name its matrix is in BT.601, else BT.709
MATRICES = {  # ISO/IEC 23091-2 code points; what is not here is guessed by size
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
CRASHING = "yaf32"  # swscale 9 aborts the process on it
# Kinds of side data that FFmpeg knows and PyAV has no name for, such as EXIF: PyAV then shows no side data at all.
UNNAMED = sorted(set(range(64)) - {kind.value for kind in SideDataType})


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """How a stored picture is set upright: rows and columns are swapped, then mirrored left-right, then top-bottom."""

    swap: bool = False
    mirror: bool = False
    flip: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> "Orientation":
        """As a frame's display matrix says, to the nearest quarter turn: a phone's rotation flag, EXIF orientation."""
        matrix = _display_matrix(frame)
        if matrix is None:
            return UPRIGHT
        (a, b), (c, d) = matrix[:2, :2].tolist()  # a pixel at (x, y) shows at (ax + cy, bx + dy)
        if abs(b) > abs(a):
            return cls(swap=True, mirror=c < 0, flip=b < 0)
        return cls(mirror=a < 0, flip=d < 0)

    def __call__(self, picture_HWC: Picture) -> Picture:
        """The picture upright."""
        turned = picture_HWC.transpose(1, 0, 2) if self.swap else picture_HWC
        turned = turned[:, ::-1] if self.mirror else turned
        return turned[::-1] if self.flip else turned


UPRIGHT = Orientation()


class Colors:
    """Decoded frames of any pixel format to sRGB, by the matrix and the range that they are tagged with.

    Transparent places are shown over white, and high dynamic range and wide colours are brought to sRGB's.
    """

    def __init__(self) -> None:
        self._reformatter, self._narrower, self._tone = VideoReformatter(), VideoReformatter(), tone.Tone()

    def __call__(self, frame: VideoFrame) -> Planes:
        """In the size in which the frame is stored. Raises `UserError` for a pixel format that cannot be converted."""
        name = frame.format.name
        if name.startswith(CRASHING):
            raise _unknown_format_error(name)
        if not frame.format.is_rgb and tone.is_needed(frame):
            return self._toned(frame)
        clear = frame.format.has_palette or any(part.is_alpha for part in frame.format.components)
        try:
            shown = self._reformatter.reformat(
                frame,
                format="gbrap" if clear else "gbrp",
                src_colorspace=None if frame.format.is_rgb else _color_matrix(frame),
                dst_color_range=ColorRange.JPEG,
                interpolation=Interpolation.BICUBIC | EXACT,
                threads=1,
            )
        except (av.FFmpegError, OSError) as error:
            raise _unknown_format_error(name) from error
        green, blue, red, *alpha = _planes(shown)
        picture = np.stack([red, green, blue])
        return over_paper(picture, alpha[0]) if clear else picture

    def _toned(self, frame: VideoFrame) -> Planes:
        curve, primaries = int(frame.color_trc), int(frame.color_primaries)
        try:
            wide = self._reformatter.reformat(
                frame,
                format=tone.FORMAT,
                src_colorspace=_color_matrix(frame),
                dst_color_range=ColorRange.JPEG,
                interpolation=Interpolation.BICUBIC | EXACT,
                threads=1,
            )
            shown = self._narrower.reformat(self._tone(wide, curve, primaries), format="gbrp", threads=1)
        except (av.FFmpegError, OSError) as error:
            raise _unknown_format_error(frame.format.name) from error
        green, blue, red = _planes(shown)
        return np.stack([red, green, blue])


def is_clear(frame: VideoFrame) -> bool:
    """Whether anything shows through a frame that `Colors` can convert."""
    if not frame.format.has_palette and not any(part.is_alpha for part in frame.format.components):
        return False
    return bool((frame.to_ndarray(format="rgba")[..., 3] < 255).any())


def over_paper(picture_3HW: Planes, alpha_HW: NDArray[np.uint8], paper: int | Planes = PAPER) -> Planes:
    """A picture with alpha laid over a colour, or over another picture."""
    alpha, below = alpha_HW.astype(np.uint16), np.asarray(paper, np.uint16)
    mixed: Planes = ((picture_3HW * alpha + below * (255 - alpha) + 127) // 255).astype(np.uint8)
    return mixed


Box = tuple[int, int, int, int]  # left, top, width, height


@dataclass(frozen=True, slots=True)
class Placing:
    """Which part of a picture is shown (`cut`), and where in the new one it lands (`onto`)."""

    cut: Box
    onto: Box


def crop(source: tuple[int, int], aspect: float, target: tuple[int, int]) -> Placing:
    """Fill the target; what juts out of it on two sides is cut off evenly. `aspect` is the picture's, as it is seen."""
    width, height = source
    wanted = target[0] / target[1]
    if aspect > wanted:
        width = max(1, round(width * wanted / aspect))
    else:
        height = max(1, round(height * aspect / wanted))
    return Placing(((source[0] - width) // 2, (source[1] - height) // 2, width, height), (0, 0, *target))


def pad(source: tuple[int, int], aspect: float, target: tuple[int, int]) -> Placing:
    """Show everything, centred, between black bars."""
    width, height = target
    if aspect > width / height:
        height = max(1, round(width / aspect))
    else:
        width = max(1, round(height * aspect))
    return Placing((0, 0, *source), ((target[0] - width) // 2, (target[1] - height) // 2, width, height))


def stretch(source: tuple[int, int], aspect: float, target: tuple[int, int]) -> Placing:
    """Show everything and fill the target; circles become ellipses."""
    return Placing((0, 0, *source), (0, 0, *target))


FITS: dict[str, Callable[[tuple[int, int], float, tuple[int, int]], Placing]] = {
    "crop": crop,
    "pad": pad,
    "stretch": stretch,
}


def check_fit(name: str) -> str:
    """The name of a fit; `UserError` where there is none such."""
    if name not in FITS:
        raise UserError(f"The fit {name!r} is not known.", f"Use one of: {', '.join(FITS)}.", code="unknown_fit")
    return name


def fitted(
    picture_3HW: Planes, size: tuple[int, int], *, fit: str, turn: Orientation = UPRIGHT, pixel: float = 1
) -> Picture:
    """A stored picture upright and in exactly the given size (width, height).

    `pixel` is the width of a stored pixel over its height. Where nothing is to be done, no value changes.
    """
    stored_H, stored_W = picture_3HW.shape[1:]
    target = size[::-1] if turn.swap else size
    placing = FITS[fit]((stored_W, stored_H), stored_W * pixel / stored_H, target)
    left, top, width, height = placing.cut
    part_3HW = scaled(picture_3HW[:, top : top + height, left : left + width], placing.onto[2:])
    left, top, width, height = placing.onto
    drawn = np.zeros((target[1], target[0], 3), np.uint8)
    drawn[top : top + height, left : left + width] = part_3HW.transpose(1, 2, 0)
    return np.ascontiguousarray(turn(drawn))


def scaled(picture_3HW: Planes, size: tuple[int, int]) -> Planes:
    """In another size (width, height): area averages where it shrinks, Lanczos where it only grows."""
    height, width = picture_3HW.shape[1:]
    if (width, height) == size:
        return picture_3HW
    grows = size[0] >= width and size[1] >= height
    how = (Interpolation.LANCZOS if grows else Interpolation.AREA) | Interpolation.ACCURATE_RND
    frame = VideoFrame(width, height, "gbrp")  # planar RGB is what swscale scales without a detour through YUV
    for plane, channel in zip(_planes(frame), (1, 2, 0), strict=True):
        plane[:] = picture_3HW[channel]
    green, blue, red = _planes(frame.reformat(width=size[0], height=size[1], interpolation=how, threads=1))
    return np.stack([red, green, blue])


def _planes(frame: VideoFrame) -> list[NDArray[np.uint8]]:
    """The planes of an 8-bit planar frame, `[H, W]` each, as views of its memory."""
    rows = [np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size) for plane in frame.planes]  # type: ignore[call-overload] # a buffer
    return [plane[: frame.height, : frame.width] for plane in rows]


def _unknown_format_error(name: str) -> UserError:
    return UserError(
        f"The pixel format {name} is not supported.",
        "Convert the file to H.264 or PNG.",
        code="pixel_format_unsupported",
    )


def _color_matrix(frame: VideoFrame) -> Colorspace:
    small = frame.width <= SD_WIDTH and frame.height <= SD_HEIGHT
    return MATRICES.get(int(frame.colorspace), Colorspace.ITU601 if small else Colorspace.ITU709)


def _display_matrix(frame: VideoFrame) -> NDArray[np.int32] | None:
    try:
        data = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # side data of a kind without a name, which is taken off
        data = _named_only(frame).side_data.get("DISPLAYMATRIX")
    return None if data is None else np.frombuffer(data, np.int32).reshape(3, 3)  # type: ignore[call-overload] # a buffer


def _named_only(frame: VideoFrame) -> VideoFrame:
    graph = Graph()
    buffer = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    strippers = [graph.add("sidedata", f"mode=delete:type={kind}") for kind in UNNAMED]
    graph.link_nodes(buffer, *strippers, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()
