"""Convolutions of 3x3 pixels in fp32 on a CPU with a quarter of the products: tiles of 4x4 pixels, F(4x4, 3x3).

A convolution of a tile becomes a product, number by number, of the transformed tile (6x6 numbers) and the transformed
kernel; over all channels that is 36 matrix products, where the plain way has 144 for the same pixels. Only the order
of roundings differs: 2e-6 of the result. Kernels are transformed in every call and never kept, since that takes four
times their memory; pictures too small to be worth it are left to torch. Knows nothing of autoencoders.

Names of shapes: B films, T frames, H W rows and columns, h w those of a tile, n m tiles, P tiles of all frames, C D
channels that come in and out, K frames that a kernel sees, A = 36.

Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308.
"""

from collections.abc import Sequence
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

TILE, REACH = 4, 6  # pixels of a tile that come out, and those that it sees, along each side
BLOCK = 8 << 20  # bytes of transformed tiles at once
WORTH = 64  # tiles of all frames, below which transforming the kernel costs more than is won
CHANNELS = 64  # that come in, below which a tile's transform does

_TILES = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_KERNELS = ((6, 0, 0), (-4, -4, -4), (-4, 4, -4), (1, 2, 4), (1, -2, 4), (0, 0, 24))  # of 24
_BACK = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


def pays(x: Tensor, weight: Tensor) -> bool:
    """Whether `convolved` is the faster way: for inputs ``[..., T, H, W]`` and kernels ``[D, C, ..., 3, 3]``."""
    if torch.is_grad_enabled() or x.dtype != torch.float32 or x.device.type != "cpu":
        return False
    D, C = weight.shape[:2]
    if weight.dtype != x.dtype or weight.shape[-2:] != (3, 3) or not CHANNELS <= C <= 2 * D:
        return False
    T, H, W = x.shape[-3:]
    return T * -(-H // TILE) * -(-W // TILE) >= WORTH


def convolved(x_BCTHW: Tensor, weight_DCK33: Tensor, bias_D: Tensor | None) -> Tensor:
    """``[B, C, T + K - 1, H, W]`` -> ``[B, D, T, H, W]``, as conv3d does with a border of zeros around each picture.

    Channels are last in memory. Both are fp32 on a CPU.
    """
    B, _, frames, H, W = x_BCTHW.shape
    D, _, K = weight_DCK33.shape[:3]
    kernels = transformed(weight_DCK33)
    y_BTHWD = x_BCTHW.new_empty(B, frames - K + 1, -(-H // TILE) * TILE, -(-W // TILE) * TILE, D)
    for x_CTHW, y_THWD in zip(x_BCTHW, y_BTHWD, strict=True):
        _convolve_film(x_CTHW.permute(1, 2, 3, 0), kernels, y_THWD)
    if bias_D is not None:
        y_BTHWD += bias_D
    return y_BTHWD[:, :, :H, :W].permute(0, 4, 1, 2, 3)


def transformed(weight_DCK33: Tensor) -> list[Tensor]:
    """Kernels as tiles are multiplied with them: for each frame that they see, ``[36, C, D]``."""
    D, C = weight_DCK33.shape[:2]
    both = torch.kron(_to_tensor(_KERNELS), _to_tensor(_KERNELS)) / 24**2
    flat = (weight_DCK33[:, :, k].permute(2, 3, 0, 1).reshape(9, -1) for k in range(weight_DCK33.shape[2]))
    return [(both @ kernel).view(-1, D, C).transpose(1, 2) for kernel in flat]


def _convolve_film(x_THWC: Tensor, kernels_K: Sequence[Tensor], y_THWD: Tensor) -> None:
    """Writes one film's sums."""
    frames, C = x_THWC.shape[0], x_THWC.shape[3]
    down, across = y_THWD.shape[1] // TILE, y_THWD.shape[2] // TILE
    most = max(1, BLOCK // (frames * REACH**2 * C * x_THWC.element_size()))  # tiles of a frame at once
    columns = min(across, most)
    rows = min(down, max(1, most // columns))
    for top in range(0, down, rows):
        for left in range(0, across, columns):
            bottom, right = min(top + rows, down), min(left + columns, across)
            seen_THWC = _pad_tiles(x_THWC, (top, bottom), (left, right))
            inside = (slice(None), slice(top * TILE, bottom * TILE), slice(left * TILE, right * TILE))
            _block(seen_THWC, kernels_K, y_THWD[inside])


def _pad_tiles(x_THWC: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """What those tiles see: their pixels and one more on each side, zeros outside of the picture."""
    H, W = x_THWC.shape[1:3]
    top, bottom = rows[0] * TILE - 1, rows[1] * TILE + 1
    left, right = columns[0] * TILE - 1, columns[1] * TILE + 1
    inside = x_THWC[:, max(top, 0) : min(bottom, H), max(left, 0) : min(right, W)]
    border = (0, 0, max(-left, 0), max(right - W, 0), max(-top, 0), max(bottom - H, 0))
    return F.pad(inside, border)


def _block(x_THWC: Tensor, kernels_K: Sequence[Tensor], y_THWD: Tensor) -> None:
    """Writes the tiles ``[T, 4 n, 4 m, D]`` of what was seen, ``[T + K - 1, 4 n + 2, 4 m + 2, C]``."""
    tiles_TnmChw = x_THWC.unfold(1, REACH, TILE).unfold(2, REACH, TILE)
    frames, n, m, C = tiles_TnmChw.shape[:4]
    count = len(y_THWD) * n * m
    seen_AFC = x_THWC.new_empty(REACH**2, frames * n * m, C)
    _along_both(_to_tensor(_TILES), tiles_TnmChw.permute(4, 5, 0, 1, 2, 3), seen_AFC)
    sums_APD = torch.bmm(seen_AFC[:, :count], kernels_K[0])
    for k, kernel_ACD in enumerate(kernels_K[1:], 1):
        sums_APD.baddbmm_(seen_AFC[:, k * n * m : k * n * m + count], kernel_ACD)
    out = y_THWD.new_empty(TILE * TILE, count, y_THWD.shape[-1])
    _along_both(_to_tensor(_BACK), sums_APD.view(REACH, REACH, count, -1), out)
    tiles = out.view(TILE, TILE, len(y_THWD), n, m, -1).permute(2, 3, 0, 4, 1, 5)
    y_THWD.view(len(y_THWD), n, TILE, m, TILE, -1).copy_(tiles)


def _along_both(matrix_ij: Tensor, pixels_jjnmC: Tensor, out_APC: Tensor) -> None:
    """Multiplies rows of pixels and then columns with the matrix, ``[i, j]``; writes ``[i * i, n * m, C]``."""
    i, j = matrix_ij.shape
    rows = matrix_ij @ pixels_jjnmC.reshape(j, -1)
    torch.bmm(matrix_ij.expand(i, i, j), rows.view(i, j, -1), out=out_APC.flatten(1).view(i, i, -1))


@cache
def _to_tensor(matrix: tuple[tuple[int, ...], ...]) -> Tensor:
    return torch.tensor(matrix, dtype=torch.float32)
