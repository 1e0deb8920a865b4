"""Weights of a block laid out once for a CPU's matrix library (oneDNN), not again in every product.

Queries, keys and values are one product, and GELU is done where its product is. It costs the memory of the blocks'
weights once more. What was packed is used for as long as the weights are those that it was made of: a LoRA that is
attached, another dtype or an optimizer's step, and the layers themselves are asked again. Knows nothing of tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from yozora.model.blocks import Block

WeightStamp = tuple[tuple[int, int, torch.dtype], ...]
"""Of each weight: where it is, how often it was changed, and its dtype."""


class Packed:
    """A linear layer: ``x W^T + b``, through GELU where it was asked for."""

    def __init__(self, weight_OI: Tensor, bias_O: Tensor) -> None:
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight_OI.detach().contiguous(), None)
        self.bias_O, self.dtype = bias_O.detach(), weight_OI.dtype

    def __call__(self, x: Tensor, gelu: bool = False) -> Tensor:
        after: tuple[str, list[float], str] = ("gelu", [], "tanh") if gelu else ("none", [], "")
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias_O, *after)
        return y


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedBlock:
    """The linear layers of a block, and what says that they are still its own."""

    stamp: WeightStamp
    qkv: Packed
    o: Packed
    cross_q: Packed
    cross_o: Packed
    up: Packed
    down: Packed

    @classmethod
    def of(cls, block: "Block") -> "PackedBlock | None":
        """None of a block that cannot be packed: elsewhere than on a CPU, or of other than plain linear layers."""
        stamp = stamp_of(block)
        if stamp is None or not all(packable(layer.weight) for layer in linears(block)):
            return None
        own, cross = block.self_attn, block.cross_attn
        three = (own.q, own.k, own.v)
        up, down = cast(nn.Linear, block.ffn[0]), cast(nn.Linear, block.ffn[2])
        return cls(
            stamp=stamp,
            qkv=Packed(torch.cat([each.weight for each in three]), torch.cat([each.bias for each in three])),
            o=Packed(own.o.weight, own.o.bias),
            cross_q=Packed(cross.q.weight, cross.q.bias),
            cross_o=Packed(cross.o.weight, cross.o.bias),
            up=Packed(up.weight, up.bias),
            down=Packed(down.weight, down.bias),
        )

    def __deepcopy__(self, memo: object) -> None:
        """A copy of a block has weights of its own, which are not packed."""


def packable(weight: Tensor) -> bool:
    """Whether this machine packs such weights."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    if weight.dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return weight.dtype == torch.float32


def stamp_of(block: "Block") -> WeightStamp | None:
    """None where a layer is no plain linear one: parametrised, quantised, or changed by other code."""
    stamp = []
    for layer in linears(block):
        if type(layer) is not nn.Linear:
            return None
        for tensor in (layer.weight, layer.bias):
            version = 0 if tensor.is_inference() else tensor._version
            stamp.append((tensor.data_ptr(), version, tensor.dtype))
    return tuple(stamp)


def linears(block: "Block") -> Iterator[Any]:
    for attention in (block.self_attn, block.cross_attn):
        yield from (attention.q, attention.o)
    yield from (block.self_attn.k, block.self_attn.v, block.ffn[0], block.ffn[2])
