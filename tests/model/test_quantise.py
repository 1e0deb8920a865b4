"""Linear layers in eight bits: how far off they are, that they fit where plain ones were, and what stays exact."""

import copy

import pytest
import torch
from torch import Tensor, nn

from yozora.families.wan_shapes import T2V_1B
from yozora.model.configurations import TransformerConfig
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.quantise import (
    KINDS,
    Kind,
    QuantisedLinear,
    in_blocks,
    in_eight_bits,
    quantise,
    quantised,
    stored_state,
)
from yozora.weights import files as weights

SMALL = TransformerConfig(
    dim=48,
    heads=4,
    layers=2,
    ffn=96,
    in_channels=4,
    out_channels=4,
    text_dim=10,
    control_layers=(0,),
    control_channels=8,
)
MOST: dict[Kind, float] = {"int8": 0.012, "fp8": 0.032}
"""Relative error (root mean square) of a layer of random weights, at most."""


def error(found: Tensor, wanted: Tensor) -> float:
    return float((found.float() - wanted.float()).norm() / wanted.float().norm())


def random_transformer(config: TransformerConfig) -> SpacetimeTransformer:
    torch.manual_seed(3)
    model = SpacetimeTransformer(config)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.1)
    return model.eval()


def forward(model: SpacetimeTransformer) -> Tensor:
    torch.manual_seed(4)
    config = model.config
    text, x = torch.randn(2, 1, 5, config.text_dim), torch.randn(1, 12, config.in_channels * config.volume)
    pos = torch.stack(torch.meshgrid(torch.arange(3), torch.arange(2), torch.arange(2), indexing="ij"), -1)
    time = Time(values_U=torch.tensor([0.7]), index_BN=torch.zeros(1, 1, dtype=torch.int64))
    control = torch.randn(1, 12, config.control_channels * config.volume) if config.control_layers else None
    with torch.inference_mode():
        found: Tensor = model(x, time, pos.reshape(1, -1, 3).float(), model.read(text), control_BNC=control)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_layer_is_off_by_the_rounding_of_its_weights_alone(kind: Kind, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(512, 256).to(dtype).requires_grad_(False)
    x = torch.randn(3, 7, 512, dtype=dtype)
    layer = quantise(nn.Sequential(copy.deepcopy(plain)), kind, lambda _: True)[0]
    assert isinstance(layer, QuantisedLinear)
    assert layer.stored.element_size() == 1
    assert layer(x).dtype == dtype
    assert error(layer(x), plain(x)) < MOST[kind] + (0.004 if dtype == torch.bfloat16 else 0)
    assert error(layer.weight, plain.weight) < MOST[kind]
    assert layer.weight.dtype == dtype


def test_rows_have_scales_of_their_own() -> None:
    """An output that is a thousand times as large does not spoil its neighbours."""
    torch.manual_seed(0)
    weight = torch.randn(4, 64) * torch.tensor([[1000.0], [1.0], [1e-3], [0.0]])
    for kind in KINDS:
        stored, scale = quantised(weight, kind)
        again = stored.float() * scale[:, None]
        assert max(error(a, b) for a, b in zip(again[:3], weight[:3], strict=True)) < MOST[kind]
        assert bool((again[3] == 0).all())
        assert bool(torch.isfinite(again).all())


def test_what_was_stored_in_fp8_stays_what_it_was() -> None:
    torch.manual_seed(0)
    weight = torch.randn(64, 64).to(torch.float8_e4m3fn)
    stored, scale = quantised(weight.to(torch.bfloat16), "fp8")
    assert torch.equal(stored.float() * scale[:, None], weight.float())


@pytest.mark.parametrize("kind", KINDS)
def test_a_transformer_quantised_as_it_is_loaded_is_one_that_was_quantised_later(kind: Kind) -> None:
    model = random_transformer(SMALL)
    whole = forward(model)
    state = {}
    for key, tensor in model.state_dict().items():
        state |= stored_state(key, tensor, kind, in_blocks)
    loaded = weights.assemble(lambda: in_eight_bits(SpacetimeTransformer(SMALL), kind, in_blocks), state)
    later = quantise(model, kind)
    assert torch.equal(forward(loaded.eval()), forward(later))
    assert 0 < error(forward(later), whole) < 4 * MOST[kind]
    assert type(later.text_embedding[0]) is nn.Linear
    assert type(later.blocks[0].ffn[0]) is QuantisedLinear
    assert type(later.vace_blocks[0].after_proj) is QuantisedLinear


def test_a_step_of_two_layers_of_wan_is_near_enough() -> None:
    """Of random weights of the shape of two blocks of 1.3B, narrowed: the error does not grow with the depth."""
    config = TransformerConfig(
        dim=256, heads=2, layers=4, ffn=256 * T2V_1B.ffn // T2V_1B.dim, in_channels=16, out_channels=16, text_dim=64
    )
    whole = forward(random_transformer(config))
    for kind in KINDS:
        assert error(forward(quantise(random_transformer(config), kind)), whole) < 4 * MOST[kind]


def test_packing_leaves_quantised_layers_alone() -> None:
    model = quantise(random_transformer(SMALL), "int8")
    before = forward(model)
    model.pack()
    assert all(block.packed is None for block in model.blocks)
    assert torch.equal(forward(model), before)
