"""A picture while it is painted: actors, shadows and what falls are laid over a backdrop, and only what changes from
frame to frame is painted, turned into bytes and cleared again.

Knows no scenes. Images are planes [3, H, W] float32 in 0..1; a box is x0, x1, y0, y1 in pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.world.paint import RGB, Floats
from yozora.world.sampling import PixelBox
from yozora.world.staging import FLAT

Bytes = NDArray[np.uint8]
WHOLE = 0.6  # share of the picture from which on all of it is turned into bytes


@dataclass(slots=True, kw_only=True)
class Picture:
    """One frame, and what of it is not as in the backdrop at rest (None: all of it changes)."""

    image_3HW: Floats
    rest_3HW: Floats | None
    rest_HW3: Bytes | None  # the same as bytes; None: finishing it needs the whole picture
    boxes: list[PixelBox] = field(default_factory=list)
    spots: list[NDArray[np.intp]] = field(default_factory=list)  # single pixels
    everything: bool = False

    def clear(self) -> None:
        """Back to the backdrop at rest."""
        if self.rest_3HW is None:
            return
        if self.everything or self.spots:
            np.copyto(self.image_3HW, self.rest_3HW)
        else:
            for x0, x1, y0, y1 in self.boxes:
                self.image_3HW[:, y0:y1, x0:x1] = self.rest_3HW[:, y0:y1, x0:x1]
        self.boxes.clear()
        self.spots.clear()
        self.everything = False

    def change(self, box: PixelBox) -> None:
        """Say that a box is not as at rest; boxes that meet become one where that is no larger."""
        x0, x1, y0, y1 = box
        for k, (a0, a1, b0, b1) in enumerate(self.boxes):
            joined = (min(x0, a0), max(x1, a1), min(y0, b0), max(y1, b1))
            if _area(joined) <= _area(box) + _area((a0, a1, b0, b1)):
                self.boxes[k] = joined
                return
        self.boxes.append(box)

    # ---------------------------------------------------------------- strokes

    def lay(self, patch_4HW: Floats, box: PixelBox) -> None:
        """Lay a premultiplied picture over a box."""
        x0, x1, y0, y1 = box
        under_3HW = torch.from_numpy(self.image_3HW[:, y0:y1, x0:x1])
        under_3HW.mul_(torch.from_numpy(1.0 - patch_4HW[3])).add_(torch.from_numpy(patch_4HW[:3]))  # faster than `over`
        self.change(box)

    def shade(self, shadow_4: Floats, box: PixelBox) -> None:
        """Darken by a contact shadow, see `staging.shadow`."""
        x0, x1, y0, y1 = box
        if x0 >= x1 or y0 >= y1:
            return
        x, y, rx, strength = shadow_4.tolist()
        across = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(rx)
        along = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(rx * FLAT)
        dark = (np.exp(-along * along) * np.float32(-strength))[:, None] * np.exp(-across * across)
        dark += np.float32(1.0)
        torch.from_numpy(self.image_3HW[:, y0:y1, x0:x1]).mul_(torch.from_numpy(dark))
        self.change(box)

    def veil(self, cover_HW: Floats, color: RGB) -> None:
        """A colour over all of the picture."""
        torch.from_numpy(self.image_3HW).lerp_(torch.tensor(color)[:, None, None], torch.from_numpy(cover_HW))
        self.everything = True

    def dot(self, pixels_K: NDArray[np.intp], cover_K: Floats, color_3K: Floats) -> None:
        """Colours (or one for all, [3, 1]) over single pixels, each of which is named once."""
        image_3N = self.image_3HW.reshape(3, -1)
        old_3K = image_3N.take(pixels_K, axis=1)
        change_3K = color_3K - old_3K
        change_3K *= cover_K
        change_3K += old_3K
        for plane_N, new_K in zip(image_3N, change_3K, strict=True):
            plane_N[pixels_K] = new_K
        self.spots.append(pixels_K)

    # ---------------------------------------------------------------- bytes

    def develop(self, out_HW3: Bytes, finish: Callable[[Floats], Floats] | None) -> None:
        """Write it as bytes, after `finish`, which needs the whole picture and may change it."""
        if self.rest_HW3 is None or finish is not None or self._much():
            self.everything = True
            to_bytes(self.image_3HW if finish is None else finish(self.image_3HW.copy()), out_HW3)
            return
        out_HW3[...] = self.rest_HW3
        for x0, x1, y0, y1 in self.boxes:
            to_bytes(self.image_3HW[:, y0:y1, x0:x1], out_HW3[y0:y1, x0:x1])
        if self.spots:
            pixels_K = np.concatenate(self.spots)
            bytes_3K = _scaled(self.image_3HW.reshape(3, -1).take(pixels_K, axis=1)).astype(np.uint8)
            for channel in range(3):
                out_HW3.reshape(-1, 3)[:, channel][pixels_K] = bytes_3K[channel]

    def _much(self) -> bool:
        if self.everything:
            return True
        pixels = sum(_area(box) for box in self.boxes) + 4 * sum(len(pixels_K) for pixels_K in self.spots)
        return bool(pixels > WHOLE * self.image_3HW[0].size)


def _area(box: PixelBox) -> int:
    return (box[1] - box[0]) * (box[3] - box[2])


def _scaled(image: Floats) -> Floats:
    out: Floats = image * np.float32(255.0)
    out += np.float32(0.5)
    return np.clip(out, 0, 255, out=out)


def to_bytes(image_3HW: Floats, out_HW3: Bytes) -> None:
    """Numbers in 0..1 as bytes."""
    bytes_3HW = _scaled(image_3HW).astype(np.uint8)
    for channel in range(3):
        out_HW3[..., channel] = bytes_3HW[channel]


def apart(boxes: Sequence[PixelBox]) -> bool:
    """Whether no two boxes meet."""
    table = np.array(boxes)
    x0, x1, y0, y1 = table.T
    meet = (x0 < x1[:, None]) & (x0[:, None] < x1) & (y0 < y1[:, None]) & (y0[:, None] < y1)
    np.fill_diagonal(meet, False)
    return not meet.any()
