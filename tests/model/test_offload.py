"""Blocks in main memory: the same result to the bit, two at most on the device, the next one copied ahead."""

import pytest
import torch
from tests.model.test_quantise import SMALL, forward, random_transformer
from torch import nn

from yozora.model.configurations import TransformerConfig
from yozora.model.offload import SLOTS, Offloaded
from yozora.model.quantise import quantise

CPU = torch.device("cpu")
DEEP = TransformerConfig(dim=48, heads=4, layers=5, ffn=96, in_channels=4, out_channels=4, text_dim=10)


class Counting(Offloaded):
    """Notes which blocks the device held each time one was used."""

    def __init__(self, blocks: list[nn.Module]) -> None:
        super().__init__(blocks, CPU)
        self.numbers = {id(block): k for k, block in enumerate(blocks)}
        self.held: list[set[int]] = []

    def _use(self, block: nn.Module, slot: object) -> None:
        super()._use(block, slot)  # type: ignore[arg-type]
        self.held.append({self.numbers[each.holds] for each in self.slots if each.holds is not None})


@pytest.mark.parametrize("config", [DEEP, SMALL], ids=["plain", "with a control branch"])
def test_offloaded_blocks_compute_the_same(config: TransformerConfig) -> None:
    model = random_transformer(config)
    before = forward(model)
    model.offload(CPU)
    for _ in range(2):
        assert torch.equal(forward(model), before)
    assert isinstance(model.residence, Offloaded)
    assert model.residence.most <= SLOTS


def test_at_most_two_blocks_are_on_the_device_and_the_next_is_there_before_it_is_needed() -> None:
    model = random_transformer(DEEP)
    residence = model.residence = Counting(list(model.blocks))
    forward(model)
    assert residence.held[DEEP.layers :] == [{0, 1}, {1, 2}, {2, 3}, {3, 4}, {3, 4}]
    assert residence.copies == 2 * DEEP.layers  # once to read the prompt, once to compute


def test_between_uses_blocks_are_in_main_memory() -> None:
    model = random_transformer(DEEP)
    model.offload(CPU)
    residence = model.residence
    assert isinstance(residence, Offloaded)
    forward(model)
    begins = {slot.data.untyped_storage().data_ptr() for slot in residence.slots}
    assert all(p.untyped_storage().data_ptr() not in begins for p in model.parameters())
    state = model.state_dict()
    assert torch.equal(state["blocks.3.ffn.0.weight"], random_transformer(DEEP).state_dict()["blocks.3.ffn.0.weight"])


def test_a_block_that_fails_goes_back_too() -> None:
    model = random_transformer(DEEP)
    model.offload(CPU)
    with pytest.raises(RuntimeError):
        forward_with_broken(model)
    assert torch.equal(forward(model), forward(random_transformer(DEEP)))


def forward_with_broken(model: nn.Module) -> None:
    third = model.blocks[2]  # type: ignore[index]
    handle = third.register_forward_pre_hook(broken)
    try:
        forward(model)  # type: ignore[arg-type]
    finally:
        handle.remove()


def broken(*_: object) -> None:
    raise RuntimeError("out of memory")


def test_quantised_blocks_are_offloaded_too() -> None:
    model = quantise(random_transformer(DEEP), "int8")
    before = forward(model)
    model.offload(CPU)
    assert torch.equal(forward(model), before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_the_result_is_the_same_and_two_blocks_are_there() -> None:
    device = torch.device("cuda")
    model = random_transformer(DEEP).to(device)
    with torch.device(device):
        before = forward(model)
        for block in model.blocks:
            block.to("cpu")
        model.offload(device)
        assert torch.equal(forward(model), before)
