"""What all processes do at once, each for its share. Every process makes the same calls in the same sequence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, distributed

from yozora.engine.distributed.strips import Strips
from yozora.engine.distributed.ulysses import Ulysses
from yozora.engine.parts import Experts
from yozora.model.autoencoder_layers import Past
from yozora.model.carry import Carriage
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.places import Places
from yozora.model.reading import TextKV
from yozora.model.sharing import whole


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """What a process has: its number of so many, its half of them where they are even, models and films in the making.

    The first half is told what is wanted, the other what is not, where films are guided.
    """

    rank: int
    ranks: int
    device: torch.device
    half: "distributed.ProcessGroup | None" = None
    models: dict[int, tuple[Experts, Strips | None]] = field(default_factory=dict)
    pasts: dict[int, Past] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallArguments:
    """What a forward is given, as `SpacetimeTransformer.forward` names it."""

    x_BNC: Tensor
    time: Time
    places: Places
    reading: TextKV
    reads_BNP: Tensor | None
    carriage: Carriage | None
    control_BNC: Tensor | None

    def run(self, model: SpacetimeTransformer) -> Tensor:
        """The velocity of every token."""
        given = (self.x_BNC, self.time, self.places, self.reading, self.reads_BNP, self.carriage, self.control_BNC)
        velocity_BNC: Tensor = model(*given)
        return velocity_BNC

    def row(self, index: int) -> "CallArguments":
        """What one of the rows is told."""
        return CallArguments(
            x_BNC=self.x_BNC,
            time=self.time,
            places=self.places,
            reading=self.reading.row(index),
            reads_BNP=self.reads_BNP,
            carriage=None if self.carriage is None else self.carriage.row(index),
            control_BNC=self.control_BNC,
        )


def velocity(state: State, number: int, expert: int, given: CallArguments) -> Tensor:
    """The velocity of every token, in the first process; parts of it in the others."""
    model = state.models[number][0].at(expert)
    halves = given.reading.rows == 2 and state.ranks % 2 == 0
    group = state.half if halves else distributed.group.WORLD
    if group is not None and distributed.get_world_size(group) > 1:
        model.share = Ulysses(group)
    try:
        with torch.inference_mode():
            return guided(state, model, given) if halves else given.run(model)
    finally:
        model.share = whole


def guided(state: State, model: SpacetimeTransformer, given: CallArguments) -> Tensor:
    """Both rows in the first process; each half of the processes makes one."""
    size = state.ranks // 2
    own_BNC = given.row(state.rank // size).run(model)
    if state.rank == size:
        distributed.send(own_BNC.contiguous(), 0)
    if state.rank:
        return own_BNC
    other_BNC = torch.empty_like(own_BNC, memory_format=torch.contiguous_format)
    distributed.recv(other_BNC, size)
    return torch.cat((own_BNC, other_BNC))


def draw(state: State, number: int, film: int, raw_BCTHW: Tensor) -> Tensor | None:
    """The next pictures of a film, from raw latents, in the first process."""
    strips = state.models[number][1]
    assert strips is not None
    with torch.inference_mode():
        return strips.draw(raw_BCTHW, state.pasts.setdefault(film, Past(keep=True)))


def drawn(state: State, film: int) -> None:
    """A film is decoded, or the rest of it is not wanted."""
    state.pasts.pop(film, None)


def drop(state: State, number: int) -> None:
    """A model is not needed any more."""
    state.models.pop(number, None)


CALLS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"velocity": velocity, "draw": draw, "drawn": drawn, "drop": drop}
)
