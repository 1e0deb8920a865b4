"""Pictures seen through an affine map, or moved along an axis.

Planes are [C, H, W] float32.
"""

from math import floor

import numpy as np
import torch
from torch.nn import functional

from yozora.world.paint import Floats

PixelBox = tuple[int, int, int, int]
"""x0, x1, y0, y1"""
ALIGNED = 4e-3  # texels: closer than that to a texel's middle, its value is taken


def sampled(planes_CHW: Floats, map_6: Floats, box: PixelBox) -> Floats:
    """What of planes a box of the picture shows, by a map (col, row, 1) -> texel; their border goes on beyond them."""
    x0, x1, y0, y1 = box
    _, rows, cols = planes_CHW.shape
    a, b, c, d, e, f = map_6.tolist()
    col_W, row_H = np.arange(x0, x1), np.arange(y0, y1)
    at_2HW = np.empty((2, y1 - y0, x1 - x0), np.float32)  # -1..1 from the first texel's outer edge to the last one's
    for at_HW, right, down, start, size in ((at_2HW[0], a, b, c, cols), (at_2HW[1], d, e, f, rows)):
        across_W = col_W * (right * 2.0 / size) + ((start + 0.5) * 2.0 / size - 1.0)
        along_H = row_H * (down * 2.0 / size)
        np.add(along_H.astype(np.float32)[:, None], across_W.astype(np.float32), out=at_HW)
    grid_1HW2 = torch.from_numpy(at_2HW).permute(1, 2, 0)[None]
    planes_1CHW = torch.from_numpy(planes_CHW)[None]
    seen_1CHW = functional.grid_sample(planes_1CHW, grid_1HW2, padding_mode="border", align_corners=False)
    out_CHW: Floats = seen_1CHW[0].numpy()
    return out_CHW


def shifted(planes_CHW: Floats, axis: int, start: float, count: int, into: Floats | None = None) -> Floats | None:
    """`count` rows or columns from texel `start` on, which need not be whole; None if they are not all there.

    `into`: where they are written, and returned.
    """
    low = floor(start + 1e-3)
    part, last = start - low, low + count
    mixed = part >= ALIGNED
    if low < 0 or last + mixed > planes_CHW.shape[axis]:
        return None
    here = planes_CHW[:, low:last] if axis == 1 else planes_CHW[:, :, low:last]
    if mixed:
        there = planes_CHW[:, low + 1 : last + 1] if axis == 1 else planes_CHW[:, :, low + 1 : last + 1]
        out = np.empty(here.shape, np.float32) if into is None else into
        torch.lerp(torch.from_numpy(here), torch.from_numpy(there), part, out=torch.from_numpy(out))
        return out
    if into is None:
        return here
    into[...] = here
    return into
