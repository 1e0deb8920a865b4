"""Single pictures as files: WebP and JPEG for the web, PNG for all else. Knows nothing of films."""

from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from yozora.media.pictures import Picture, scaled

WEBP_QUALITY = 80  # of 100
JPEG_SCALE = 3  # FFmpeg's quantiser, 1 (finest) to 31


def webp(picture_HWC: Picture, quality: int = WEBP_QUALITY) -> bytes:
    """A picture, uint8 `[H, W, 3]` in sRGB, as a lossy WebP."""
    return _encoded("libwebp", "yuv420p", picture_HWC, {"quality": str(quality)})


def jpeg(picture_HWC: Picture) -> bytes:
    """A picture, uint8 `[H, W, 3]` in sRGB, as a JPEG."""
    scale = str(JPEG_SCALE)
    return _encoded("mjpeg", "yuvj420p", picture_HWC, {"qmin": scale, "qmax": scale})


def png(picture_HWC: Picture, tags: Mapping[str, str]) -> bytes:
    """A picture, uint8 `[H, W, 3]` in sRGB, as a PNG that says it was made here; `tags` as `title` and `comment`."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    said, out = PngInfo(), BytesIO()
    said.add_text("Software", "Yozora")
    for name, text in tags.items():
        if text:
            said.add_itxt(name.capitalize(), text)
    Image.fromarray(picture_HWC).save(out, "PNG", pnginfo=said)
    return out.getvalue()


def within(picture_HWC: Picture, side: int) -> Picture:
    """The picture, made smaller where its longer side has more than `side` pixels."""
    height, width = picture_HWC.shape[:2]
    if max(height, width) <= side:
        return picture_HWC
    size = (max(1, round(width * side / max(height, width))), max(1, round(height * side / max(height, width))))
    return np.ascontiguousarray(scaled(picture_HWC.transpose(2, 0, 1), size).transpose(1, 2, 0))


def covering(picture_HWC: Picture, width: int, height: int) -> Picture:
    """The picture in exactly that size: scaled until it covers it, and what juts out cut off evenly."""
    rows, columns = picture_HWC.shape[:2]
    scale = max(width / columns, height / rows)
    size = (max(width, round(columns * scale)), max(height, round(rows * scale)))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    drawn_3HW = scaled(picture_HWC.transpose(2, 0, 1), size)[:, top : top + height, left : left + width]
    return np.ascontiguousarray(drawn_3HW.transpose(1, 2, 0))


def _encoded(codec: str, pixels: str, picture_HWC: NDArray[np.uint8], options: dict[str, str]) -> bytes:
    height, width = picture_HWC.shape[:2]
    context = VideoCodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base, context.options, context.thread_count = Fraction(1), options, 1
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture_HWC), format="rgb24").reformat(format=pixels)
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
