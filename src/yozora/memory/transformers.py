"""What a pass of the transformer holds at once, and how much it multiplies, counted from its configuration.

Counts the tensors of `yozora.model.blocks.Block._inferred` that are alive together, where the residual stream is fp32
and products have the dtype of the weights.
"""

from dataclasses import dataclass

from yozora.model.configurations import TransformerConfig

STREAM = 4  # bytes of a number of the residual stream
WIDE = 1 << 28
"""Bytes of the hidden layer of a feed-forward, above which it is done on some tokens after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Numbers of weights: in all blocks' linear layers, in the largest of these, and in all else. `blocks` are as many
    as move one by one, those of a control branch included; `outputs` are the rows of all their layers."""

    linear: int
    largest: int
    rest: int
    blocks: int
    outputs: int

    @property
    def all(self) -> int:
        return self.linear + self.rest


def weights(shape: TransformerConfig) -> Weights:
    """Of a transformer."""
    D, F, image = shape.dim, shape.ffn, shape.image_dim
    block, rows = 8 * D * D + 2 * D * F, 8 * D + D + F
    small = 8 * D + F + D + 4 * D + 2 * D + 6 * D  # biases, norms of queries and keys, norm3, modulation
    patch = shape.volume
    rest = D * shape.in_channels * patch + D
    rest += (shape.text_dim + shape.freq_dim) * D + 2 * D + 2 * (D * D + D) + 6 * (D * D + D)
    rest += D * shape.out_channels * patch + shape.out_channels * patch + 2 * D + 3 * shape.place_dim * D
    if image is not None:
        block, rows, small = block + 2 * D * D, rows + 2 * D, small + 3 * D
        rest += 2 * image + image * image + image + image * D + D + 2 * D + image * (shape.image_tokens or 0)
    count, branch = shape.layers, len(shape.control_layers)
    linear = (count + branch) * block + branch * D * D
    if branch:
        linear += D * D
        rest += D * shape.control_channels * patch + D + (branch + 1) * D
    return Weights(
        linear=linear,
        largest=max(D * F, D * D),
        rest=rest + (count + branch) * small,
        blocks=count + branch,
        outputs=(count + branch) * rows,
    )


def working(
    shape: TransformerConfig, tokens: int, rows: int, itemsize: int, *, packed: bool = False, fused: bool = False
) -> float:
    """The most bytes that a pass over so many tokens holds at once, beside the weights.

    Args:
        rows: copies of the film that are told different things: 2 where guidance is done in one pass.
        itemsize: bytes of a number in products.
        packed: whether the weights are packed for a CPU, where GELU is done within its product.
        fused: whether the device has a kernel for norms; a CPU makes three tensors on the way.
    """
    n, D, d = tokens * rows, shape.dim, itemsize
    first = STREAM / rows  # what the first block was given
    turning = STREAM + 4 * d + (2 if fused else 4) * STREAM + first  # queries, keys, values; one of them normalised
    hidden = (1 if packed else 2) * d * shape.ffn / D
    wide = min(hidden, 2 * WIDE / (n * D))
    feeding = 2 * STREAM + 5 * d + first + wide
    branch = 2 * STREAM if shape.control_layers else 0
    read = rows * 2 * (shape.layers + len(shape.control_layers)) * shape.dim * _prompt_tokens(shape) * d
    places = tokens * 3 * 8 * shape.head_dim
    canvas = 12 * STREAM * tokens * max(shape.in_channels, shape.out_channels) * shape.volume
    return n * D * (max(turning, feeding) + branch) + read + places + canvas


def operations(shape: TransformerConfig, tokens: int) -> tuple[float, float]:
    """Multiplications and additions of one pass over one film: in products with weights, and in attention."""
    N, D = tokens, shape.dim
    blocks = shape.layers + len(shape.control_layers)
    products = 2.0 * N * (6 * D * D + 2 * D * shape.ffn) * blocks
    attention = 4.0 * N * (N + _prompt_tokens(shape)) * D * blocks
    return products, attention


def _prompt_tokens(shape: TransformerConfig) -> int:
    """Keys of a prompt: pads are one."""
    return 64 if shape.collapse_pads else shape.text_len or 64
