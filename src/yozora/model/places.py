"""Where tokens are, and all that depends on that alone: made once for a canvas, used at every step.

Names of shapes as in `dit`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from yozora.model.attention import Rotation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Places of tokens as one transformer sees them; B may be 1."""

    pos_BN3: Tensor  # frame, row and column in patches, real-valued
    rope: Rotation
    rope_BN1J: Tensor  # the same as complex numbers
    embedded_BND: Tensor | None  # fp32, added to the tokens; None where the model has no absolute places


def sinusoids_of(pos_BN3: Tensor, width: int) -> Tensor:
    """Cosines and sines of frame, row and column, periods from 2 to 128 tokens: ``[B, N, 3 * width]``, fp32."""
    i_J = torch.arange(width // 2, dtype=torch.float32, device=pos_BN3.device)
    angle_BN3J = pos_BN3.float()[..., None] * math.pi * 64.0 ** -(i_J / max(width // 2 - 1, 1))
    return torch.cat((angle_BN3J.cos(), angle_BN3J.sin()), dim=-1).flatten(-2)


def sinusoids(t_U: Tensor, width: int) -> Tensor:
    """Cosines, then sines, of a time in 0..1000 at frequencies 10000 ** -(i / (width / 2)): ``[U, width]``, fp32."""
    i_J = torch.arange(width // 2, dtype=torch.float64, device=t_U.device)
    angle_UJ = t_U.double()[:, None] * 10000.0 ** -(i_J / (width // 2))
    return torch.cat((angle_UJ.cos(), angle_UJ.sin()), dim=-1).float()
