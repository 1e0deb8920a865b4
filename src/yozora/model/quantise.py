"""Linear layers whose weights are stored in eight bits and multiplied in the dtype of what they are given.

Of each weight's row (an output channel) the largest magnitude sets the scale. INT8 is symmetric, 127 steps to each
side. FP8 is e4m3 (arXiv 2209.05433), with scales that are powers of two: those only move the exponent, so weights that
were stored in plain FP8 come back to the bit. Both are exact in bfloat16, and the scale is applied in fp32 to what the
product gives: only the rounding of the weights is lost. Half the memory of bfloat16; products take as long, or a little
longer.

Knows nothing of files and of what layers are for. Names of shapes: O outputs, I inputs of a layer.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)
Kind = Literal["int8", "fp8"]
KINDS: tuple[Kind, ...] = ("int8", "fp8")
STORED: Mapping[Kind, torch.dtype] = MappingProxyType({"int8": torch.int8, "fp8": torch.float8_e4m3fn})
LARGEST: Mapping[Kind, float] = MappingProxyType({"int8": 127.0, "fp8": 448.0})
TINY = 2.0**-60
"""Magnitude below which a row counts as zeros."""


def quantised(weight_OI: Tensor, kind: Kind) -> tuple[Tensor, Tensor]:
    """A weight in eight bits, and the fp32 scale of each row: ``weight = stored * scale[:, None]``, about."""
    weight_OI = weight_OI.float()
    scale_O = weight_OI.abs().amax(dim=1).clamp(min=TINY) / LARGEST[kind]
    if kind == "fp8":
        scale_O = torch.exp2(scale_O.log2().ceil())
        return (weight_OI / scale_O[:, None]).to(STORED[kind]), scale_O
    return (weight_OI / scale_O[:, None]).round_().to(STORED[kind]), scale_O


class QuantisedLinear(nn.Module):
    """``x W^T + b`` in the dtype of x, with W in eight bits. Has no gradients."""

    def __init__(self, inputs: int, outputs: int, kind: Kind, bias: bool = True) -> None:
        super().__init__()
        self.in_features, self.out_features, self.kind = inputs, outputs, kind
        self.register_buffer("stored", torch.empty(outputs, inputs, dtype=STORED[kind]))
        self.register_buffer("scale", torch.empty(outputs, dtype=torch.float32))
        self.register_buffer("bias", torch.empty(outputs) if bias else None)
        self.stored: Tensor
        self.scale: Tensor
        self.bias: Tensor | None

    @property
    def weight(self) -> Tensor:
        """The weight as it is multiplied, made again each time; in the bias's dtype, else bfloat16."""
        dtype = torch.bfloat16 if self.bias is None else self.bias.dtype
        return (self.stored.float() * self.scale[:, None]).to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        """``[..., I]`` to ``[..., O]``."""
        y = F.linear(x, self.stored.to(x.dtype)).mul_(self.scale)
        return y if self.bias is None else y.add_(self.bias)


def in_eight_bits(module: M, kind: Kind, chosen: Callable[[str], bool]) -> M:
    """The module, its linear layers whose names are `chosen` replaced by quantised ones without values: what
    `stored_state` gives is for these."""
    for name, layer in list(module.named_modules()):
        if type(layer) is nn.Linear and chosen(name):
            instead = QuantisedLinear(layer.in_features, layer.out_features, kind, layer.bias is not None)
            module.set_submodule(name, instead)
    return module


def stored_state(key: str, tensor: Tensor, kind: Kind, chosen: Callable[[str], bool]) -> dict[str, Tensor]:
    """A tensor of a module's state as the quantised module has it: a chosen layer's weight in two, any other as it
    is."""
    layer, _, what = key.rpartition(".")
    if what != "weight" or tensor.ndim != 2 or not chosen(layer):
        return {key: tensor}
    stored, scale = quantised(tensor, kind)
    return {f"{layer}.stored": stored, f"{layer}.scale": scale}


def in_blocks(name: str) -> bool:
    """Layers of a transformer that are quantised: those of its blocks and of its control branch. They are nineteen
    twentieths of it and more; embeddings, time, modulation and the head stay as they are."""
    return name.startswith(("blocks.", "vace_blocks."))


def quantise(module: M, kind: Kind, chosen: Callable[[str], bool] = in_blocks) -> M:
    """The module with its chosen linear layers in eight bits, in place; one at a time."""
    for name, layer in list(module.named_modules()):
        if type(layer) is not nn.Linear or not chosen(name):
            continue
        instead = QuantisedLinear(0, 0, kind, layer.bias is not None)
        instead.in_features, instead.out_features = layer.in_features, layer.out_features
        instead.stored, instead.scale = quantised(layer.weight.detach(), kind)
        instead.bias = None if layer.bias is None else layer.bias.detach()
        module.set_submodule(name, instead.eval())
    return module
