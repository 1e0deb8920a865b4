"""An order becomes a film at its own size and rate: what is kept comes from the sources as it is, what is invented from
the engine.

Brings engine, media and assembly together. Knows no file that is written, and not who asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from yozora import media
from yozora.core.order import Order
from yozora.core.painters import Shot
from yozora.core.timeline import Invented
from yozora.engine import Engine, Material, Progress, Shown
from yozora.film import Film, Sound
from yozora.media import Footage
from yozora.orders import Asked, worded
from yozora.presets import Preset

Frames = NDArray[np.uint8]
ALIKE = 1.04  # shapes that differ by no more are stretched into each other, and nothing is cut off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reel:
    """A source as the model is shown it: as the film shows it, at the model's size and rate."""

    footage: Footage
    size: tuple[int, int]

    @property
    def count(self) -> int:
        return self.footage.count

    def frames(self) -> Iterator[Frames]:
        return self._sized(self.footage.frames())

    def closing(self, count: int) -> Iterator[Frames]:
        return self._sized(self.footage.closing(count))

    def _sized(self, frames: Iterator[Frames]) -> Iterator[Frames]:
        if (self.footage.width, self.footage.height) == self.size:
            return frames
        from yozora.media.scale import scaled

        return (scaled(frame_HWC[None], *self.size)[0] for frame_HWC in frames)


def make(asked: Asked, engine: Engine) -> Iterator[Progress]:
    """Make the film; its frames come as `Progress.frames`, at the order's size and rate."""
    order = worded(asked.order)
    request, preset = order.request, engine.preset
    size = preset.native(request.width, request.height)
    reels = [reel_of(source, order, preset, size) for source in asked.sources]
    stills = [Reel(footage=footage(source, size, preset.fps, "crop"), size=size) for source in asked.cast]
    whole = [footage(source, (request.width, request.height), request.fps, request.fit) for source in asked.sources]
    show = partial(shown, order, preset, whole)
    return engine.work(order, Material(reels=reels, characters=stills), show)


def shown(
    order: Order,
    preset: Preset,
    sources: Sequence[Footage],
    shot: Shot,
    decode: Callable[[Tensor], Iterator[Frames]],
    latents_CTHW: Tensor,
) -> Iterator[Shown]:
    """The finished frames of a shot."""
    from yozora.assembly import Format, assemble

    request = order.request
    decoded = iter(()) if shot.canvas is None else decode(latents_CTHW)
    if all(isinstance(piece, Invented) for piece in shot.pieces):
        decoded = (cropped(frames, request.width / request.height) for frames in decoded)
    target = Format(width=request.width, height=request.height, fps=request.fps)
    for finished in assemble(shot.pieces, decoded, preset.fps, sources, target):
        yield Shown(frames_THWC=finished.frames_THWC, kept=not finished.changed)


def cropped(frames_THWC: Frames, aspect: float) -> Frames:
    """The middle of frames, in a shape that differs from theirs by more than `ALIKE`."""
    height, width = frames_THWC.shape[1:3]
    if max(width / height / aspect, aspect * height / width) <= ALIKE:
        return frames_THWC
    rows, columns = min(height, round(width / aspect)), min(width, round(height * aspect))
    top, left = (height - rows) // 2, (width - columns) // 2
    return frames_THWC[:, top : top + rows, left : left + columns]


def reel_of(source: Path | Film, order: Order, preset: Preset, size: tuple[int, int]) -> Reel:
    """A source as the model is shown it. Where the film has the source's shape, all of it is; else as the film shows
    it.
    """
    request = order.request
    seen = footage(source, size, preset.fps, "stretch")
    aspect = request.width / request.height
    if max(seen.aspect / aspect, aspect / seen.aspect) <= ALIKE:
        return Reel(footage=seen, size=size)
    return Reel(footage=footage(source, (request.width, request.height), preset.fps, request.fit), size=size)


def footage(source: Path | Film, size: tuple[int, int], fps: float, fit: str) -> Footage:
    """A file or a film in a size and at a rate."""
    width, height = size
    if isinstance(source, Film):
        return media.shown(source, width=width, height=height, fps=fps, fit=fit)
    return media.open(source, width=width, height=height, fps=fps, fit=fit)


def sound(asked: Asked, progress: Progress) -> Sound | None:
    """What is heard, once all is done: laid by what each shot kept."""
    from yozora.assembly import sound_of

    request = asked.order.request
    if not any(source.sounds for source in asked.order.sources):
        return None
    heard = [footage(source, (16, 16), request.fps, "stretch").sound() for source in asked.sources]
    return sound_of([piece for pieces in progress.pieces for piece in pieces], heard, request.fps)


def film(asked: Asked, engine: Engine) -> Film:
    """The film of an order, in memory."""
    frames, last = [], None
    for last in make(asked, engine):
        if last.frames is not None:
            frames.append(last.frames)
    assert last is not None
    request = asked.order.request
    return Film(
        frames=np.concatenate(frames),
        fps=request.fps,
        prompt=request.prompt,
        seed=request.seed,
        model=engine.preset.name,
        sound=sound(asked, last),
        notes=asked.notes,
    )
