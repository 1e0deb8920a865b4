"""How far the shipped transformer trusts its witnesses (`model.evidence`), against what it learnt of their widths.

Learnt by likelihood, widths are those of single guesses at random times. A sampler asks a witness at every step and
hears the same again: films are calmer and keep what they know where the sure ones count more. A width becomes
factor * width ** power, folded into the head that tells its logarithm; LOG.md has the figures for each.
"""

import math
from collections.abc import Mapping

import torch
from torch import nn

Trust = Mapping[str, tuple[float, float]]
"""Witness -> power and factor of its width."""

MINI: Trust = {"doubt": (1.0, 0.4), "recall": (2.0, 0.6), "point": (1.5, 0.4), "carry": (1.0, 0.2)}


@torch.no_grad()
def fold(head: nn.Module, trust: Trust) -> None:
    """Fold trust into a transformer's head, for the witnesses that it has."""
    for name, (power, factor) in trust.items():
        width = getattr(head, name, None)
        if width is not None:
            width.weight *= power
            width.bias *= power
            width.bias += math.log(factor)


@torch.no_grad()
def unfold(head: nn.Module, trust: Trust) -> None:
    """Undo `fold`."""
    for name, (power, factor) in trust.items():
        width = getattr(head, name, None)
        if width is not None:
            width.bias -= math.log(factor)
            width.bias /= power
            width.weight /= power
