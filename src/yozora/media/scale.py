"""Frames in another size. Knows nothing of what they show.

Nothing moves: the middle of the picture stays the middle, and each edge an edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from yozora.media.pictures import Picture


def scaled(picture_HWC: Picture, width: int, height: int) -> Picture:
    """A picture, uint8 `[H, W, 3]`, in exactly that size: Lanczos where it grows, area averages where it shrinks. The
    picture itself where it has that size.
    """
    rows, columns = picture_HWC.shape[:2]
    if (columns, rows) == (width, height):
        return picture_HWC
    less = min(columns, width), min(rows, height)
    if less != (columns, rows):
        picture_HWC = np.asarray(cv2.resize(picture_HWC, less, interpolation=cv2.INTER_AREA), np.uint8)
    if less != (width, height):
        picture_HWC = np.asarray(cv2.resize(picture_HWC, (width, height), interpolation=cv2.INTER_LANCZOS4), np.uint8)
    return picture_HWC


def covering(picture_HWC: Picture, width: int, height: int) -> Picture:
    """The picture in exactly that size, without stretching: what juts out on two sides is cut off evenly."""
    rows, columns = picture_HWC.shape[:2]
    if (columns, rows) == (width, height):
        return picture_HWC
    scale = max(width / columns, height / rows)
    wide, high = max(width, round(columns * scale)), max(height, round(rows * scale))
    left, top = (wide - width) // 2, (high - height) // 2
    return np.ascontiguousarray(scaled(picture_HWC, wide, high)[top : top + height, left : left + width])


def planes(picture: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Numbers of any kind, float32 `[H, W]` or `[H, W, n]`, in another size, by straight lines between them: none
    becomes larger or smaller than those around it.
    """
    if picture.shape[1::-1] == (width, height):
        return picture
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
