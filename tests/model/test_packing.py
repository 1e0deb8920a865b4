"""Inference's path through blocks against the one that is trained, and what was packed against the layers."""

import copy
from dataclasses import replace

import pytest
import torch
from tests.model.test_dit import CONFIG, N, distance, draw, model, positions
from torch import Tensor, nn
from torch.nn.utils import parametrize

from yozora.model.attention import halves, rotate, rotate_pairs, rotation
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.packing import packable, stamp_of
from yozora.model.places import Places

needs_packing = pytest.mark.skipif(not packable(torch.zeros(2, 2)), reason="this machine packs no weights")


def velocity(made: SpacetimeTransformer, rows: int = 2) -> Tensor:
    x, time = draw(rows, N, 12), Time.of(torch.tensor([[0.0] * 6 + [0.7] * 12]))
    reads = draw(1, N, 2, seed=2) > -1
    out = made(x, time, positions(), made.read(draw(rows, 2, 5, 10, seed=3)), reads)
    assert out.dtype == torch.float32
    return out


@needs_packing
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("packed", [False, True])
def test_inference_is_what_is_trained(dtype: torch.dtype, packed: bool) -> None:
    made = model().to(dtype)
    if packed:
        made.pack()
    expected = velocity(made)
    with torch.inference_mode():
        distances = [distance(velocity(made), expected)]
    with torch.no_grad():
        distances.append(distance(velocity(made), expected))
    assert max(distances) < (1e-5 if dtype == torch.float32 else 0.02)


@torch.no_grad()
@pytest.mark.parametrize("config", [CONFIG, replace(CONFIG, control_layers=(0,), control_channels=3)])
def test_one_row_that_is_told_several_things_is_as_many_rows(config: object) -> None:
    made = model(config)  # type: ignore[arg-type]
    x, time = draw(1, N, 12), Time.of(torch.full((1, N), 0.6))
    reading, beside = made.read(draw(3, 1, 5, 10, seed=3)), {}
    if made.config.control_layers:
        beside = {"control_BNC": draw(1, N, 12, seed=4)}
    once = made(x, time, positions(), reading, **beside)
    assert once.shape == (3, N, 12)
    assert distance(once, made(x.repeat(3, 1, 1), time, positions(), reading, **beside)) < 1e-5
    assert distance(once[:1], once[1:2]) > 1e-3
    with torch.enable_grad():
        assert distance(once, made(x, time, positions(), reading, **beside)) < 1e-5


@torch.no_grad()
def test_places_are_made_once() -> None:
    made = model(replace(CONFIG, place_dim=4))
    x, time, reading = draw(2, N, 12), Time.of(torch.full((1, N), 0.6)), made.read(draw(1, 1, 5, 10, seed=3))
    places = made.places(positions())
    assert isinstance(places, Places)
    assert made.places(places) is places
    assert torch.equal(made(x, time, places, reading), made(x, time, positions(), reading))


@pytest.mark.parametrize("E", [12, 26, 64])
def test_spinning_pairs_is_rotating_halves(E: int) -> None:
    """Up to the order of features, which a dot product does not mind."""
    x_BNKE, rope = draw(2, N, 3, E), rotation(positions() * 7.3, E)
    pairs = rotate_pairs(x_BNKE, torch.complex(*rope))
    reordered = halves(x_BNKE.flatten(2).movedim(2, 0), 3).movedim(0, 2).unflatten(2, (3, E))
    turned = rotate(reordered, rope)
    torch.testing.assert_close(halves(pairs.flatten(2).movedim(2, 0), 3).movedim(0, 2).unflatten(2, (3, E)), turned)


@needs_packing
@torch.no_grad()
def test_what_was_packed_is_not_used_once_weights_change() -> None:
    made = model()
    made.pack()
    block = made.blocks[0]
    packed = velocity(made)
    block.self_attn.v.weight.mul_(1.5)
    changed = velocity(made)
    assert distance(changed, packed) > 1e-3
    made.pack()
    assert distance(velocity(made), changed) < 1e-5

    class Half(nn.Module):
        def forward(self, weight: Tensor) -> Tensor:
            return weight / 2

    parametrize.register_parametrization(block.ffn[0], "weight", Half())
    assert stamp_of(block) is None
    assert distance(velocity(made), changed) > 1e-3
    parametrize.remove_parametrizations(block.ffn[0], "weight", leave_parametrized=False)
    assert distance(velocity(made), changed) < 1e-5
    half = made.to(torch.bfloat16)
    assert distance(velocity(half), changed) < 0.05


@needs_packing
def test_a_copy_has_weights_of_its_own() -> None:
    made = model()
    made.pack()
    copied = copy.deepcopy(made)
    assert made.blocks[0].packed is not None
    assert copied.blocks[0].packed is None
    assert copied.state_dict().keys() == made.state_dict().keys()


def test_layers_elsewhere_are_not_packed() -> None:
    made = SpacetimeTransformer(CONFIG).to("meta")
    made.pack()
    assert made.blocks[0].packed is None
