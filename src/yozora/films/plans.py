"""What will be made, before any of it is: size, rate, frames, and in a line each what sources cannot keep."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from yozora.core import modes
from yozora.core.order import Order, Source
from yozora.families.presets import Preset

SOFT = 3.0  # how many times as many lines the film has as the model from which on the difference is plain to see


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmPlan:
    """A film to come. `frames` are those of the finished film; `native` is the size that the model makes."""

    order: Order
    preset: Preset
    frames: int
    native: tuple[int, int]

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self.frames / self.order.request.fps

    @property
    def summary(self) -> str:
        """Size, rate, length and seed, in words, and the quality where it is not exact."""
        request = self.order.request
        length = f"{self.frames} frames at {request.fps:.4g} fps ({self.seconds:.2f} s)"
        quality = "" if request.quality == "exact" else f", quality {request.quality}"
        return f"{request.width}x{request.height}, {length}, seed {request.seed}{quality}"

    @property
    def notes(self) -> tuple[str, ...]:
        """A line on each thing that is scaled, or that cannot be kept as it is."""
        return (*_brought(self), *(line for source in self.order.sources for line in _not_kept(source, self.order)))

    @property
    def work(self) -> float:
        """How much there is to do, in sampler steps times pixels; that of two films of a mode can be compared."""
        preset, steps = self.preset, self.order.request.steps
        latents = math.ceil(self.order.request.seconds * preset.fps / preset.frames_a_latent) + 1
        windows = max(1, math.ceil((latents - preset.overlap) / (preset.window - preset.overlap)))
        return (1 + windows * steps + latents / 2) * self.native[0] * self.native[1]


def plan_of(order: Order, preset: Preset) -> FilmPlan:
    """What will be made of an order."""
    request = order.request
    native = preset.native(request.width, request.height)
    return FilmPlan(order=order, preset=preset, frames=frames_of(order), native=native)


def frames_of(order: Order) -> int:
    """How many frames the film will have, at its rate."""
    request = order.request
    if modes.of(order.options).closed(order.options):
        return int(request.seconds * request.fps + 0.5) + 1
    return max(1, round(request.seconds * request.fps))


def _brought(plan: FilmPlan) -> Iterator[str]:
    """What the model makes, where the film has another size or rate."""
    request, preset = plan.order.request, plan.preset
    size, (width, height) = (request.width, request.height), plan.native
    nothing = not modes.of(plan.order.options).invented(plan.order.options, plan.order.sources, preset)
    if nothing or (size == plan.native and request.fps == preset.fps):
        return
    rates = request.fps != preset.fps
    made = f"{width}x{height}" + (f" and {preset.fps:.4g} fps" if rates else "")
    film = f"{size[0]}x{size[1]}" + (f" and {request.fps:.4g} fps" if rates else "")
    if size == plan.native:
        made, film = f"{preset.fps:.4g} fps", f"{request.fps:.4g} fps"
    soft = "; it will look soft" if size[1] / height >= SOFT else ""
    what = "new frames are made" if plan.order.sources else "made"
    yield f"{what} at {made}, then converted to {film}{soft}"


def _not_kept(source: Source, order: Order) -> Iterator[str]:
    """Where frames of a clip cannot stay as they are."""
    request = order.request
    if not source.seconds:
        return
    film, clip = (request.width, request.height), (source.width, source.height)
    if film not in (clip, (source.width // 2 * 2, source.height // 2 * 2)):  # an odd side is told by `media.not_kept`
        yield f"{source.title} is scaled from {clip[0]}x{clip[1]} to {film[0]}x{film[1]}"
    if abs(source.fps - request.fps) > 1e-3:
        yield f"{source.title} is converted from {source.fps:.4g} to {request.fps:.4g} frames a second"
