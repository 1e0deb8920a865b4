"""The parts of a model on several GPUs: an engine takes them as it takes those of one.

Transformers share out guidance (the conditional and the unconditional row, where there is an even number of GPUs) and
tokens (Ulysses); the autoencoder's decoder shares out columns of pictures. Encoders, samplers and all that is drawn at
random are the first process's alone.
"""

import weakref
from dataclasses import replace

import torch
from torch import Tensor

from yozora import families
from yozora.engine.distributed.calls import CallArguments
from yozora.engine.distributed.ranks import Ranks
from yozora.engine.distributed.strips import Strips, strips_of
from yozora.engine.parts import Parts
from yozora.families.preset import Preset
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_layers import Past
from yozora.model.carry import Carriage
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.places import Places
from yozora.model.reading import TextKV

_RUNNING: list[Ranks] = []
"""The processes of this one, while there are any: torch has one group of them."""


def build(preset: Preset, device: torch.device, dtype: torch.dtype, count: int) -> Parts:
    """A model on so many devices, from this one on. Raises `UserError` as families do, and where one of the processes
    ends.
    """
    shared = Shared(preset, device, dtype, count)
    ranks, number = shared.request_load()
    try:
        parts = families.FAMILIES[preset.family].build(preset, device, dtype)
        shared.parts, shared.strips = parts, strips_of(parts, 0, count)
        shared.settled(ranks, number)
    except BaseException:
        ranks.close()
        raise
    if isinstance(parts.autoencoder, VideoAutoencoder):
        parts.autoencoder.draw = Drawing(shared, parts.autoencoder)
    return replace(parts, forward=Forward(shared))


def running(device: torch.device, count: int) -> Ranks:
    """The processes that run; others where they are of another number, or have ended."""
    for ranks in _RUNNING:
        if ranks.failure is None and (ranks.device, ranks.count) == (device, count):
            return ranks
        ranks.close()
    _RUNNING[:] = [Ranks(device, count)]
    return _RUNNING[0]


class Shared:
    """A model that all processes have. Where they have ended since, the next film starts others, which load it
    again."""

    parts: Parts
    strips: Strips | None = None

    def __init__(self, preset: Preset, device: torch.device, dtype: torch.dtype, count: int) -> None:
        self.preset, self.device, self.dtype, self.count = preset, device, dtype, count
        self._settled: tuple[Ranks, int] | None = None

    def ready(self) -> tuple[Ranks, int]:
        """Processes that have it, and its number there."""
        if self._settled is not None and self._settled[0] is running(self.device, self.count):
            return self._settled
        ranks, number = self.request_load()
        self.settled(ranks, number)
        return ranks, number

    def request_load(self) -> tuple[Ranks, int]:
        """Have the others load it, meanwhile."""
        ranks = running(self.device, self.count)
        number = ranks.number()
        ranks.wanted.add(number)
        ranks.load(number, self.preset, self.dtype)
        return ranks, number

    def settled(self, ranks: Ranks, number: int) -> None:
        """All have it."""
        ranks.loaded()
        ranks.state.models[number] = self.parts.transformers, self.strips
        self._settled = ranks, number

    def let_go(self) -> None:
        """It is not needed any more; where that is true of all models, the others end."""
        if self._settled is None:
            return
        ranks, number = self._settled
        ranks.state.models.pop(number, None)
        ranks.wanted.discard(number)
        if not ranks.wanted:
            ranks.close()
        elif ranks.failure is None:
            ranks.unwanted.append(("drop", number))


class Forward:
    """Runs a model's transformers on all devices. The model is let go with it."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        weakref.finalize(self, shared.let_go).atexit = False

    def __call__(
        self,
        transformer: SpacetimeTransformer,
        x_BNC: Tensor,
        time: Time,
        places: Places,
        reading: TextKV,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
        control_BNC: Tensor | None = None,
    ) -> Tensor:
        """As `SpacetimeTransformer.forward`. `transformer` is the one of the experts that is in memory."""
        ranks, number = self.shared.ready()
        for value in (places, reading, reads_BNP, carriage):  # the same at every step
            ranks.hold(value)
        given = CallArguments(
            x_BNC=x_BNC,
            time=time,
            places=places,
            reading=reading,
            reads_BNP=reads_BNP,
            carriage=carriage,
            control_BNC=control_BNC,
        )
        velocity_BNC: Tensor = ranks.call("velocity", number, self.shared.parts.transformers.last, given)
        return velocity_BNC


class Drawing:
    """Draws a film's pictures on all devices; stills for a look at it, and pictures that are too small, on one."""

    def __init__(self, shared: Shared, autoencoder: VideoAutoencoder) -> None:
        self.shared, self.alone = shared, weakref.WeakMethod(autoencoder.picture)
        self.films: weakref.WeakKeyDictionary[Past, tuple[Ranks, int, int]] = weakref.WeakKeyDictionary()

    def __call__(self, raw_BCTHW: Tensor, past: Past) -> Tensor:
        """Frames of raw latents, not clamped. Raises `UserError` where processes that began the film have ended."""
        if not past.keep or raw_BCTHW.shape[-1] < self.shared.count:
            alone = self.alone()
            assert alone is not None
            frames_BCTHW: Tensor = alone(raw_BCTHW, past)
            return frames_BCTHW
        if past not in self.films:
            ranks, number = self.shared.ready()
            self.films[past] = ranks, number, ranks.number()
            weakref.finalize(past, ranks.unwanted.append, ("drawn", self.films[past][2])).atexit = False
        ranks, number, film = self.films[past]
        ranks.state.pasts[film] = past
        try:
            drawn_BCTHW: Tensor = ranks.call("draw", number, film, raw_BCTHW.to(self.shared.device))
        finally:
            ranks.state.pasts.pop(film, None)
        return drawn_BCTHW
