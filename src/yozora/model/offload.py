"""Blocks that live in main memory and are copied to the device one ahead of the one that computes.

On CUDA main memory is pinned and copies run on a stream of their own, so that the next block arrives while the one
before it computes; on any other device they are plain copies. What blocks compute is the same to the bit. Knows nothing
of what blocks are: only that they are modules, asked one after the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)
SLOTS = 2
"""Blocks that the device holds at once: one that computes, one that arrives."""
ALIGNED = 256
"""Bytes that a tensor begins at a multiple of, as kernels like it."""


class Everywhere:
    """Blocks stay where they are."""

    def visit(self, blocks: Sequence[M]) -> Iterator[M]:
        """Them, in turn."""
        return iter(blocks)


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor of a block: the module that it belongs to, its name there, and where it begins in the block's bytes."""

    owner: nn.Module
    name: str
    begin: int
    like: Tensor

    def put(self, data: Tensor) -> None:
        """The tensor is what is there in the block's bytes."""
        size = self.like.numel() * self.like.element_size()
        tensor = data[self.begin : self.begin + size].view(self.like.dtype).view(self.like.shape)
        held = self.owner._parameters if self.name in self.owner._parameters else self.owner._buffers
        cast(dict[str, Any], held)[self.name] = (
            nn.Parameter(tensor, requires_grad=False) if held is self.owner._parameters else tensor
        )


@dataclass(slots=True, eq=False)
class BlockSlot:
    """Bytes on the device, whose block they hold now, and the event of its arrival."""

    data: Tensor
    holds: int | None = None
    arrived: Any = None


@dataclass(slots=True, eq=False)
class KeptBlock:
    """A block in main memory: its bytes, and where its tensors are in them."""

    module: nn.Module
    data: Tensor
    places: list[Place] = field(default_factory=list)


class Offloaded:
    """Keeps blocks in main memory, and lends them to the device in the order in which they are visited.

    `copies` counts the blocks that were copied, `most` how many the device held at once.
    """

    def __init__(self, blocks: Sequence[nn.Module], device: torch.device) -> None:
        self.device, self.on_cuda = device, device.type == "cuda"
        self.copies = self.most = 0
        with torch.inference_mode(False), torch.no_grad():
            self.kept = {id(block): kept(block, pinned=self.on_cuda) for block in blocks}
            size = max((len(each.data) for each in self.kept.values()), default=0)
            self.slots = [BlockSlot(torch.empty(size, dtype=torch.uint8, device=device)) for _ in range(SLOTS)]
        self.stream = torch.cuda.Stream(device) if self.on_cuda else None

    def visit(self, blocks: Sequence[M]) -> Iterator[M]:
        """The blocks, in turn, each on the device until the next one is asked for."""
        for number, block in enumerate(blocks):
            slot = self._fetch_block(block)
            if number + 1 < len(blocks):
                self._fetch_block(blocks[number + 1], beside=slot)
            self._use(block, slot)
            try:
                yield block
            finally:
                self._restore_weights(block)

    def _fetch_block(self, block: nn.Module, beside: BlockSlot | None = None) -> BlockSlot:
        """A slot that holds the block, or will. The other slot than `beside` is taken where none holds it."""
        found = next((slot for slot in self.slots if slot.holds == id(block)), None)
        if found is not None:
            return found
        slot = next(slot for slot in self.slots if slot is not beside)
        slot.holds = id(block)
        data = self.kept[id(block)].data
        if self.stream is None:
            slot.data[: len(data)].copy_(data)
        else:
            self.stream.wait_stream(torch.cuda.current_stream(self.device))  # of whatever used the slot before
            with torch.cuda.stream(self.stream):
                slot.data[: len(data)].copy_(data, non_blocking=True)
                slot.arrived = self.stream.record_event()
        self.copies += 1
        self.most = max(self.most, sum(each.holds is not None for each in self.slots))
        return slot

    def _use(self, block: nn.Module, slot: BlockSlot) -> None:
        if slot.arrived is not None:
            torch.cuda.current_stream(self.device).wait_event(slot.arrived)
        for place in self.kept[id(block)].places:
            place.put(slot.data)

    def _restore_weights(self, block: nn.Module) -> None:
        each = self.kept[id(block)]
        for place in each.places:
            place.put(each.data)


def kept(block: nn.Module, *, pinned: bool) -> KeptBlock:
    """A block whose tensors are one after the other in main memory, from now on."""
    places, size = [], 0
    for owner in block.modules():
        for name, tensor in (*owner._parameters.items(), *owner._buffers.items()):
            if tensor is not None:
                places.append(Place(owner, name, size, tensor.detach().to("meta")))
                size += -(-tensor.numel() * tensor.element_size() // ALIGNED) * ALIGNED
    data = torch.empty(size, dtype=torch.uint8, pin_memory=pinned)
    for place in places:
        tensor = getattr(place.owner, place.name).detach().contiguous()
        flat = tensor.reshape(-1).view(torch.uint8)
        data[place.begin : place.begin + len(flat)].copy_(flat)
        place.put(data)
    return KeptBlock(module=block, data=data, places=places)
