"""Who carries which tokens through the blocks: here one device all; `yozora.engine.distributed` shares them out.

Names of shapes as in `dit`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from yozora.model.attention import attend
from yozora.model.control import Control
from yozora.model.places import Places

if TYPE_CHECKING:
    from yozora.model.dit import Time

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Queries, keys and values ``[B, N, K, E]`` of self-attention to ``[B, N, K * E]``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tokens:
    """All that a forward is told of its tokens, in their sequence."""

    x_BNC: Tensor
    time: "Time"
    places: Places
    reads_BNP: Tensor | None
    control: Control | None


def as_it_is(out_BND: Tensor) -> Tensor:
    """Of one device: it has all tokens already."""
    return out_BND


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Share:
    """The tokens of one device, how they attend to those of all, and how all come together after the last block."""

    tokens: Tokens
    attend: Attend = attend
    joined: Callable[[Tensor], Tensor] = as_it_is


def whole(tokens: Tokens) -> Share:
    """All tokens are on one device."""
    return Share(tokens=tokens)
