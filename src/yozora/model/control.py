"""The control branch: blocks beside the layers that see what is known of a film, and add hints to what layers give.

VACE (arXiv 2503.07598), section 3.3, with native names. Knows nothing of masks and references: the caller that prepares
the branch's tokens does. Names of shapes as in `dit`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yozora.model.blocks import Block
from yozora.model.configurations import TransformerConfig

Strength = float | tuple[float, ...]
"""Of all hints, or of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What the branch sees at each token's place, and how strong each of its hints is."""

    tokens_BNC: Tensor
    strengths: tuple[float, ...]


class ControlBlock(Block):
    """A block of the branch: its stream goes on to the next, and `hint` is what it adds to its layer."""

    def __init__(self, config: TransformerConfig, first: bool) -> None:
        super().__init__(config)
        if first:
            self.before_proj = nn.Linear(config.dim, config.dim)
        self.after_proj = nn.Linear(config.dim, config.dim)

    def begun(self, control_FGD: Tensor, x_FGD: Tensor) -> Tensor:
        """The fp32 stream of the branch before its first block, from the embeddings of control and of noisy tokens."""
        stream_FGD: Tensor = self.before_proj(control_FGD) + x_FGD
        return stream_FGD

    def hint(self, stream_FGD: Tensor, dtype: torch.dtype) -> Tensor:
        """What is added to the layer's stream, from that of the branch after this block."""
        hint_FGD: Tensor = self.after_proj(stream_FGD.to(dtype))
        return hint_FGD


def strengths(strength: Strength, config: TransformerConfig) -> tuple[float, ...]:
    """The strength of each hint. Raises ValueError: the model has another number of them, or none."""
    count = len(config.control_layers)
    if not count:
        raise ValueError("a model without control_layers takes no control")
    each = strength if isinstance(strength, tuple) else (strength,) * count
    if len(each) != count:
        raise ValueError(f"{len(each)} strengths of control, and the model has {count} control layers")
    return each
