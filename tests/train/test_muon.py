"""Muon: singular values near 1, matrices of one shape together as alone, and a step of AdamW's size."""

import pytest
import torch
from torch import nn

from yozora.train.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(8, 8), (8, 24), (24, 8), (3, 8, 24)])
def test_singular_values_come_near_one(shape: tuple[int, ...]) -> None:
    found = orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(0)))
    assert found.shape == shape
    values = torch.linalg.svdvals(found)
    assert values.max() < 1.3
    assert values.median() > 0.6


def test_matrices_together_move_as_each_alone() -> None:
    def moved(alone: bool) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(0)
        shapes = ((8, 4, 3, 3), (8, 36), (8, 36))  # a convolution is a matrix
        parameters = [nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]
        muons = [Muon(part, lr=0.1) for part in ([[p] for p in parameters] if alone else [parameters])]
        for _ in range(3):
            for p in parameters:
                p.grad = torch.randn(p.shape, generator=generator)
            for muon in muons:
                muon.step()
        return [p.detach() for p in parameters]

    for together, alone in zip(moved(False), moved(True), strict=True):
        torch.testing.assert_close(together, alone, atol=2e-3, rtol=0)


def test_a_step_has_the_size_of_the_rate_and_no_gradient_means_no_step() -> None:
    still, moving = nn.Parameter(torch.zeros(32, 64)), nn.Parameter(torch.zeros(32, 64))
    moving.grad = torch.randn(32, 64, generator=torch.Generator().manual_seed(0))
    Muon([still, moving], lr=0.1, weight_decay=0.1).step()
    assert (still == 0).all()
    assert 0.1 < moving.detach().square().mean().sqrt() / (0.1 * 0.2 * (64 / 64) ** 0.5) < 1.5
