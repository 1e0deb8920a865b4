"""Contact sheets: films as one picture, written as PNG without any library. Takes arrays, knows nothing of models."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


def strip(frames_THWC: Frames, shots: int) -> Frames:
    """One film as a row of `shots` frames spread evenly over it: uint8 `[H, shots * W, 3]`."""
    picked = np.linspace(0, len(frames_THWC) - 1, shots).round().astype(int)
    return np.concatenate(list(frames_THWC[picked]), axis=1)


def contact_sheet(films: Sequence[Frames], *, shots: int = 4, columns: int = 1, gap: int = 4) -> Frames:
    """Films below and beside each other, each as a strip; smaller strips are padded. uint8 `[H, W, 3]`."""
    strips = [strip(film, shots) for film in films]
    height, width = max(s.shape[0] for s in strips), max(s.shape[1] for s in strips)
    rows = -(-len(strips) // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, np.uint8)
    for k, picture in enumerate(strips):
        top, left = gap + (k // columns) * (height + gap), gap + (k % columns) * (width + gap)
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return sheet


def write_png(path: Path, picture_HWC: Frames) -> None:
    """Write an 8-bit RGB picture (PNG specification, second edition, filter 0)."""
    height, width, _ = picture_HWC.shape
    raw = np.concatenate([np.zeros((height, 1), np.uint8), picture_HWC.reshape(height, -1)], axis=1).tobytes()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 6)) + chunk(b"IEND", b"")
    )
