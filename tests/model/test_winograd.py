"""Convolutions by tiles are the convolutions that torch computes."""

import pytest
import torch
import torch.nn.functional as F

from yozora.model import winograd
from yozora.model.autoencoder_layers import CausalConv3d, Conv2d, Past

SIZES = [(32, 32), (30, 41), (4, 260), (64, 17)]  # rows and columns, whole tiles and not


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("frames", [1, 3])
def test_equals_torchs_convolution(size: tuple[int, int], frames: int) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 64, frames + 2, *size, generator=generator)
    weight, bias = torch.randn(72, 64, 3, 3, 3, generator=generator) / 40, torch.randn(72, generator=generator)
    exact = F.conv3d(x.double(), weight.double(), bias.double(), padding=(0, 1, 1))
    found = winograd.convolved(x, weight, bias)
    assert found.shape == exact.shape
    assert float((found - exact).norm() / exact.norm()) < 5e-6


def test_equals_it_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = torch.randn(1, 64, 3, 40, 52), torch.randn(64, 64, 3, 3, 3) / 40
    whole = winograd.convolved(x, weight, None)
    for block in (1, 3 * 36 * 64 * 4 * 5, 3 * 36 * 64 * 4 * 30):  # one tile at once, five, two rows
        monkeypatch.setattr(winograd, "BLOCK", block)
        assert torch.allclose(winograd.convolved(x, weight, None), whole, atol=1e-4)


def test_layers_use_it_where_it_pays_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    real = winograd.convolved
    monkeypatch.setattr(winograd, "convolved", lambda *given: used.append(given[0].shape) or real(*given))
    film, picture = CausalConv3d(64, 64, (3, 3, 3)), Conv2d(64, 64)
    large, small = torch.randn(1, 64, 2, 32, 32), torch.randn(1, 64, 2, 8, 8)
    with torch.inference_mode():
        film(large, Past()), film(torch.randn(1, 64, 1, 32, 64), Past()), picture(torch.randn(2, 64, 32, 32))
        assert len(used) == 3
        film(small, Past())
        film.bfloat16()(large.bfloat16(), Past())
    film.float()(large, Past())  # gradients are wanted
    assert len(used) == 3


@pytest.mark.parametrize("frames", [1, 2])
def test_a_causal_layer_gives_the_same_either_way(frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, x = CausalConv3d(64, 64, (3, 3, 3)), torch.randn(1, 64, frames, 40, 40)
    with torch.inference_mode():
        fast = layer(x, Past())
        monkeypatch.setattr(winograd, "pays", lambda x, weight: False)
        assert torch.allclose(fast, layer(x, Past()), atol=1e-4)
