"""Attention over spacetime tokens, and the rotary positions that tell it where they are.

Knows nothing of grids, prompts or layers: it sees queries, keys, values and real-valued positions.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from yozora.model.kernels import CHOSEN

THETA = 10000.0
MASKED = -1e4
"""Bias of a key that is not there. Finite, so that a query that may read nothing gives zeros instead of NaN."""
SHORT = 300
"""Up to so many queries and keys, training on a CPU multiplies plain matrices: twice as fast as the flash kernel."""

BLOCKED = range(512, 8193)
"""So many keys attention in bf16 on a CPU sees in blocks of plain products; fewer or more, by the flash kernel."""
BLOCK = 1 << 20
"""Scores of a block: what a core's cache holds."""
SAMPLE = 8
"""Of so many keys one is looked at to guess a query's highest score."""

Rotation = tuple[Tensor, Tensor]
"""Cosines and sines ``[B, N, 1, E/2]`` in fp32, one angle for each of the J = E/2 pairs of a head's features."""


def rotation(pos_BN3: Tensor, head_dim: int) -> Rotation:
    """Angles of rotary position embedding (arXiv 2104.09864, equation 34) over frame, row and column.

    Args:
        pos_BN3: real-valued (frame, row, column) of each token, in patches; B may be 1.
        head_dim: features of a head, even. Rows and columns get ``2 * (head_dim // 6)`` each, frames the rest.

    Positions may be negative or fractional. Angles are computed in fp64, since a late frame at a high frequency loses
    digits in fp32.
    """
    side = 2 * (head_dim // 6)
    angles = []
    for axis, width in enumerate((head_dim - 2 * side, side, side)):
        frequency_J = THETA ** -(torch.arange(0, width, 2, dtype=torch.float64, device=pos_BN3.device) / width)
        angles.append(pos_BN3[..., axis, None].double() * frequency_J)
    angle_BN1J = torch.cat(angles, dim=-1).unsqueeze(2)
    return angle_BN1J.cos().float(), angle_BN1J.sin().float()


def halves(parameter: Tensor, heads: int) -> Tensor:
    """Reorder a projection's rows so that each head holds the first of all its pairs, then the second of all.

    Wan rotates neighbouring features (0, 1), (2, 3), ...; strided access to them is slow. A dot product does not mind
    the order of features, so queries and keys are made in this order at once, and the copy is of a weight's size.

    Args:
        parameter: ``[heads * head_dim, ...]``, a weight, a bias or the scale of a norm.
    """
    pairs: Tensor = parameter.unflatten(0, (heads, -1, 2))
    return pairs.transpose(1, 2).flatten(0, 2)


def rotate(x_BNKE: Tensor, rope: Rotation) -> Tensor:
    """Turn the pairs (feature i, feature i + E/2) of queries or keys that `halves` made; same shape and dtype."""
    cos_BN1J, sin_BN1J = rope
    a_BNKJ, b_BNKJ = x_BNKE.chunk(2, dim=-1)
    rotated = torch.cat((a_BNKJ * cos_BN1J - b_BNKJ * sin_BN1J, b_BNKJ * cos_BN1J + a_BNKJ * sin_BN1J), dim=-1)
    return rotated.to(x_BNKE.dtype)


def rotate_pairs(x_BNKE: Tensor, rope_BN1J: Tensor) -> Tensor:
    """Turn the pairs of neighbouring features (2i, 2i + 1) of fp32 queries or keys, in their own order.

    Args:
        rope_BN1J: the angles as complex numbers, ``torch.complex(cosines, sines)``; B may be 1.
    """
    pairs_BNKJ = torch.view_as_complex(x_BNKE.unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs_BNKJ * rope_BN1J).flatten(-2)


def attend(q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, bias_B1NS: Tensor | None = None) -> Tensor:
    """Softmax attention; returns ``[B, N, K * E]`` in the dtype of the queries.

    Args:
        q_BNKE: queries.
        k_BSKE, v_BSKE: S keys and values; their B may be 1.
        bias_B1NS: fp32, added to the scaled scores; B and N may be 1. `MASKED` hides a key.
    """
    B, N = q_BNKE.shape[:2]
    k_BSKE, v_BSKE = (x.to(q_BNKE.dtype).expand(B, -1, -1, -1) for x in (k_BSKE, v_BSKE))
    on_cpu = q_BNKE.device.type == "cpu"
    if on_cpu and torch.is_grad_enabled() and max(N, k_BSKE.shape[1]) <= SHORT:
        return attend_reference(q_BNKE, k_BSKE, v_BSKE, bias_B1NS)
    if on_cpu and bias_B1NS is None and _blocks_pay(q_BNKE, k_BSKE):
        return attend_in_blocks(q_BNKE, k_BSKE, v_BSKE)
    if bias_B1NS is None and q_BNKE.is_cuda and not torch.is_grad_enabled():
        return CHOSEN.attend(q_BNKE, k_BSKE, v_BSKE).flatten(2)
    if bias_B1NS is not None and not on_cpu:
        bias_B1NS = bias_B1NS.to(q_BNKE.dtype)  # kernels of accelerators take no other
    q, k, v = (x.transpose(1, 2) for x in (q_BNKE, k_BSKE, v_BSKE))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias_B1NS).transpose(1, 2).flatten(2)


def attend_reference(q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, bias_B1NS: Tensor | None) -> Tensor:
    """`attend` as two batched matrix products and a softmax: holds all scores, and differentiates fast on a CPU."""
    B, N, K, E = q_BNKE.shape
    q, k, v = (x.transpose(1, 2).reshape(B * K, -1, E) for x in (q_BNKE * E**-0.5, k_BSKE, v_BSKE))
    scores = torch.bmm(q, k.transpose(1, 2))
    if bias_B1NS is not None:
        scores = (scores.unflatten(0, (B, K)) + bias_B1NS.to(scores.dtype)).flatten(0, 1)
    out: Tensor = torch.bmm(torch.softmax(scores, dim=-1).to(v.dtype), v).unflatten(0, (B, K))
    return out.transpose(1, 2).reshape(B, N, K * E)


def attend_in_blocks(q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor) -> Tensor:
    """`attend` in bf16 without gradients, as two plain matrix products of some queries at once: 1.4 to 1.6 times as
    fast as the flash kernel of CPUs, in whose products the short rows of a head are slow.

    Products in bf16 round every score by its size. So each query's scores are taken from a guess of the highest one,
    which changes no softmax, within the product: one feature more, 1 in every key. Scores that count are near zero.
    """
    B, N, K, E = q_BNKE.shape
    q, k, v = (x.transpose(1, 2).reshape(B * K, -1, E) for x in (q_BNKE * E**-0.5, k_BSKE, v_BSKE))
    highest = torch.bmm(q, k[:, ::SAMPLE].transpose(1, 2)).amax(-1, keepdim=True)
    if q.shape == k.shape:
        highest = torch.maximum(highest, (q * k).sum(-1, keepdim=True))  # of a token with itself, often the highest
    q, k = torch.cat((q, -highest), dim=-1), torch.cat((k, torch.ones_like(k[..., :1])), dim=-1).transpose(1, 2)
    heads = max(1, BLOCK // (N * k.shape[2]))
    queries = max(1, BLOCK // k.shape[2])
    out = q_BNKE.new_empty(B * K, N, E)
    for h in range(0, B * K, heads):
        some = slice(h, h + heads)
        for n in range(0, N, queries):
            weights = torch.softmax(torch.bmm(q[some, n : n + queries], k[some]), dim=-1)
            torch.bmm(weights, v[some], out=out[some, n : n + queries])
    seen_BNKE: Tensor = out.unflatten(0, (B, K)).transpose(1, 2)
    return seen_BNKE.reshape(B, N, K * E)


def _blocks_pay(q_BNKE: Tensor, k_BSKE: Tensor) -> bool:
    is_bf16 = q_BNKE.dtype == torch.bfloat16 and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return is_bf16 and not torch.is_grad_enabled() and k_BSKE.shape[1] in BLOCKED and q_BNKE.shape[1] >= BLOCKED.start
