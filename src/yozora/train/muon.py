"""Muon for weights of any shape: momentum, made orthogonal (Jordan et al. 2024; scaling of Liu et al. 2025, arXiv
2502.16982).

`torch.optim.Muon` takes matrices only; the convolutions of the autoencoder are matrices once their inputs are
flattened. Matrices of one shape are orthogonalised together: on two cores in half the time of one after the other.
Of several processes each orthogonalises its part of them.
"""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor, nn

from yozora.train import parallel

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic that pushes singular values towards 1


def orthogonal(matrices_RC: Tensor, steps: int = 4) -> Tensor:
    """Matrices `[..., R, C]` with the same singular vectors and all singular values near 1, by Newton and Schulz's
    iteration.
    """
    a, b, c = COEFFICIENTS
    wide = matrices_RC.shape[-2] <= matrices_RC.shape[-1]
    x = (matrices_RC if wide else matrices_RC.mT).bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    found: Tensor = x if wide else x.mT
    return found.to(matrices_RC)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose update is orthogonalised; its size matches AdamW's, so that one rate fits both."""

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        *,
        lr: float,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        steps: int = 4,
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "steps": steps})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override] # no closure is asked for
        """Move every parameter that has a gradient."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[nn.Parameter]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    alike.setdefault(p.flatten(1).shape, []).append(p)
            for shape, parameters in alike.items():
                looked_ahead = torch.stack([self._update(p, group) for p in parameters])
                updates = parallel.divide(looked_ahead, partial(orthogonal, steps=group["steps"]))
                size = 0.2 * max(shape) ** 0.5
                for p, update in zip(parameters, updates, strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.view_as(p), alpha=-group["lr"] * size)

    def _update(self, p: nn.Parameter, group: dict[str, float]) -> Tensor:
        """The momentum of a parameter, looked ahead, as a matrix."""
        assert p.grad is not None
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(p.grad)
        state["momentum"].lerp_(p.grad, 1 - group["momentum"])
        return p.grad.lerp(state["momentum"], group["momentum"]).flatten(1)
