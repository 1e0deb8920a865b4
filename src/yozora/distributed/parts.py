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
from yozora.distributed.calls import Given
from yozora.distributed.ranks import Ranks, check
from yozora.families.preset import Preset
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_layers import Past
from yozora.model.carry import Carriage
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.places import Places
from yozora.model.reading import Reading
from yozora.parts import Experts, Parts

_RUNNING: list[Ranks] = []
"""The processes of this one, while there are any: torch has one group of them."""


def build(preset: Preset, device: torch.device, dtype: torch.dtype, count: int) -> Parts:
    """A model on so many devices, from this one on. Raises `UserError` where there are fewer, and as families do."""
    check(device, count)
    ranks = running(device, count)
    number = ranks.number()
    ranks.load(number, preset, dtype)
    try:
        parts = families.FAMILIES[preset.family].build(preset, device, dtype)
        ranks.loaded()
    except BaseException:
        ranks.close()
        raise
    ranks.state.add(number, parts)
    if isinstance(parts.autoencoder, VideoAutoencoder):
        parts.autoencoder.draw = Drawing(ranks, number, parts.autoencoder)
    return replace(parts, forward=Forward(ranks, number, parts.transformers))


def running(device: torch.device, count: int) -> Ranks:
    """The processes that run; others where they are of another number, or have ended."""
    for ranks in _RUNNING:
        if ranks.trouble is None and (ranks.device, ranks.count) == (device, count):
            return ranks
        ranks.close()
    _RUNNING[:] = [Ranks(device, count)]
    return _RUNNING[0]


class Forward:
    """Runs a model's transformers on all devices; when nobody has it any more, they let the model go."""

    def __init__(self, ranks: Ranks, number: int, experts: Experts) -> None:
        self.ranks, self.number, self.experts = ranks, number, experts
        weakref.finalize(self, let_go, ranks, number).atexit = False

    def __call__(
        self,
        transformer: SpacetimeTransformer,
        x_BNC: Tensor,
        time: Time,
        places: Places,
        reading: Reading,
        reads_BNP: Tensor | None = None,
        carriage: Carriage | None = None,
        control_BNC: Tensor | None = None,
    ) -> Tensor:
        """As `SpacetimeTransformer.forward`. `transformer` is the one of the experts that is in memory."""
        for value in (places, reading, reads_BNP, carriage):  # the same at every step
            self.ranks.hold(value)
        given = Given(
            x_BNC=x_BNC,
            time=time,
            places=places,
            reading=reading,
            reads_BNP=reads_BNP,
            carriage=carriage,
            control_BNC=control_BNC,
        )
        velocity_BNC: Tensor = self.ranks.call("velocity", self.number, self.experts.last, given)
        return velocity_BNC


class Drawing:
    """Draws a film's pictures on all devices; stills for a look at it, and pictures that are too small, on one."""

    def __init__(self, ranks: Ranks, number: int, autoencoder: VideoAutoencoder) -> None:
        self.ranks, self.number = ranks, number
        self.alone = weakref.WeakMethod(autoencoder.picture)
        self.films: weakref.WeakKeyDictionary[Past, int] = weakref.WeakKeyDictionary()

    def __call__(self, raw_BCTHW: Tensor, past: Past) -> Tensor:
        """Frames of raw latents, not clamped."""
        if not past.keep or raw_BCTHW.shape[-1] < self.ranks.count:
            alone = self.alone()
            assert alone is not None
            frames_BCTHW: Tensor = alone(raw_BCTHW, past)
            return frames_BCTHW
        if past not in self.films:
            self.films[past] = self.ranks.number()
            weakref.finalize(past, self.ranks.unwanted.append, ("drawn", self.films[past])).atexit = False
        film, pasts = self.films[past], self.ranks.state.pasts
        pasts[film] = past
        try:
            drawn_BCTHW: Tensor = self.ranks.call("draw", self.number, film, raw_BCTHW.to(self.ranks.state.device))
        finally:
            pasts.pop(film, None)
        return drawn_BCTHW


def let_go(ranks: Ranks, number: int) -> None:
    """A model is not needed any more; without models, nobody is."""
    ranks.state.models.pop(number, None)
    if not ranks.state.models:
        ranks.close()
    elif ranks.trouble is None:
        ranks.unwanted.append(("drop", number))
