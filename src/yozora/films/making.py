"""An order becomes a film at its own size and rate: what is kept comes from the sources as it is, what is invented from
the engine.

Brings engine, media and assembly together. Knows no file that is written, and not who asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from yozora import media
from yozora.core.order import Order
from yozora.core.painters import Shot
from yozora.core.timeline import Box, Changed, Invented, Kept, Piece
from yozora.engine.engine import Engine, ModelSources, Progress, ShownFrames
from yozora.families.presets import Preset
from yozora.films.film import WHOLE, Film, Sound
from yozora.films.orders import LocalOrder, with_style_phrase
from yozora.films.remaking import stated
from yozora.media import Footage
from yozora.media.composed import Composed, FrameRun

Frames = NDArray[np.uint8]
ROOM = 2 << 30  # bytes of frames that a film in memory may have
ALIKE = 1.04  # shapes that differ by no more are stretched into each other, and nothing is cut off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResizedSource:
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

        return (scaled(frame_HWC, *self.size) for frame_HWC in frames)


def make(local_order: LocalOrder, engine: Engine) -> Iterator[Progress]:
    """Make the film; its frames come as `Progress.frames`, at the order's size and rate."""
    order = with_style_phrase(local_order.order)
    request, preset = order.request, engine.preset
    size = preset.native(request.width, request.height)
    clips = [clip_of(source, order, preset, size) for source in local_order.sources]
    stills = [
        ResizedSource(footage=footage(source, size, preset.fps, "crop"), size=size) for source in local_order.characters
    ]
    whole = [
        footage(source, (request.width, request.height), request.fps, request.fit) for source in local_order.sources
    ]
    show = partial(shown, order, preset, whole)
    return engine.work(order, ModelSources(clips=clips, characters=stills), show)


def shown(
    order: Order,
    preset: Preset,
    sources: Sequence[Footage],
    shot: Shot,
    decode: Callable[[Tensor], Iterator[Frames]],
    latents_CTHW: Tensor,
) -> Iterator[ShownFrames]:
    """The finished frames of a shot."""
    from yozora.films.assembly import assemble
    from yozora.films.retiming import Format

    request = order.request
    decoded = iter(()) if shot.canvas is None else decode(latents_CTHW)
    alone = all(isinstance(piece, Invented) for piece in shot.pieces)  # nothing has to stay where it is in a source
    shape, native = request.width / request.height, preset.native(request.width, request.height)
    fit: Literal["crop", "stretch"] = "crop" if alone and unlike(shape, native[0] / native[1]) else "stretch"
    target = Format(width=request.width, height=request.height, fps=request.fps, fit=fit)
    for finished in assemble(shot.pieces, decoded, preset.fps, sources, target):
        yield ShownFrames(frames_THWC=finished.frames_THWC, kept=not finished.changed, region=finished.region)


def clip_of(source: Path | Film, order: Order, preset: Preset, size: tuple[int, int]) -> ResizedSource:
    """A source as the model is shown it. Where the film has the source's shape, all of it is; else as the film shows
    it.
    """
    request = order.request
    seen = footage(source, size, preset.fps, "stretch")
    if not unlike(seen.aspect, request.width / request.height):
        return ResizedSource(footage=seen, size=size)
    return ResizedSource(footage=footage(source, (request.width, request.height), preset.fps, request.fit), size=size)


def unlike(a: float, b: float) -> bool:
    """Whether two shapes, widths over heights, differ by more than `ALIKE`."""
    return max(a / b, b / a) > ALIKE


def footage(source: Path | Film, size: tuple[int, int], fps: float, fit: str) -> Footage:
    """A file or a film in a size and at a rate."""
    return media.footage(source, width=size[0], height=size[1], fps=fps, fit=fit)


def sound(local_order: LocalOrder, progress: Progress) -> Sound | None:
    """The sound, once all is done: placed by what each shot kept."""
    from yozora.films.assembly import sound_of

    request = local_order.order.request
    if not any(source.sounds for source in local_order.order.sources):
        return None
    sounds = [
        footage(source, (16, 16), request.fps, "stretch").sound() if facts.sounds else None
        for source, facts in zip(local_order.sources, local_order.order.sources, strict=True)
    ]
    return sound_of([piece for pieces in progress.pieces for piece in pieces], sounds, request.fps)


def film(local_order: LocalOrder, engine: Engine, room: int = ROOM) -> Film:
    """The film of an order, in memory. Of one of more than `room` bytes only what was invented is: the frames of its
    sources stay in their files, and are read from there whenever they are looked at.
    """
    request, frames, last = local_order.order.request, [], None
    held = request.seconds * request.fps * request.width * request.height * 3 <= room
    for last in make(local_order, engine):
        if last.frames is not None and (held or not last.kept):
            frames.append(last.frames)
    assert last is not None
    spans = list(runs(ours_in(local_order, last)))
    return Film(
        frames=np.concatenate(frames) if held else composed(local_order, last, frames),
        fps=request.fps,
        prompt=request.prompt,
        seed=request.seed,
        model=engine.preset.name,
        sound=sound(local_order, last),
        notes=local_order.notes,
        kept=tuple((first, stop) for first, stop, part in spans if part is None),
        regions=tuple((first, stop, part) for first, stop, part in spans if part not in (None, WHOLE)),
        order=stated(local_order.order, engine.preset.name),
    )


def ours_in(local_order: LocalOrder, last: Progress) -> Iterator[Box | None]:
    """Of each of the film's frames, the part that is ours to mark, see `Film.ours`: nothing of a file's frames, which
    have their marks if they are ours, nor of frames of films in memory that were not made here.
    """
    from yozora.films.assembly import spans_of

    for pieces in last.pieces:
        for span in spans_of(pieces, local_order.order.request.fps):
            yield from (_ours(local_order, span.piece, span.begin + k) for k in range(span.stop - span.first))


def _ours(local_order: LocalOrder, piece: Piece, number: int) -> Box | None:
    """What of a piece's frame is ours that shows frame `number` of its source."""
    if isinstance(piece, Invented) or (isinstance(piece, Changed) and piece.region is None):
        return WHOLE
    source = local_order.sources[piece.source]
    before = source.ours(number) if isinstance(source, Film) and source.origin is not None else None
    after = piece.region if isinstance(piece, Changed) else None
    return around(before, after) if before and after else before or after


def around(a: Box, b: Box) -> Box:
    """The smallest region that holds both."""
    left, top = min(a[0], b[0]), min(a[1], b[1])
    right, bottom = max(a[0] + a[2], b[0] + b[2]), max(a[1] + a[3], b[1] + b[3])
    return left, top, right - left, bottom - top


def runs(parts: Iterator[Box | None]) -> Iterator[tuple[int, int, Box | None]]:
    """Frames in turn that have the same part, as spans [first, stop)."""
    first = 0
    for part, same in groupby(parts):
        stop = first + sum(1 for _ in same)
        yield first, stop, part
        first = stop


def composed(local_order: LocalOrder, last: Progress, invented: Sequence[Frames]) -> Frames:
    """The film of frames that were invented, in turn, and of those that its pieces kept."""
    from yozora.films.assembly import spans_of

    request, parts = local_order.order.request, list[FrameRun | Frames]()
    size, made = (request.width, request.height), [frame for frames in invented for frame in frames]
    sources = [footage(source, size, request.fps, request.fit) for source in local_order.sources]
    for span in (span for pieces in last.pieces for span in spans_of(pieces, request.fps)):
        count = span.stop - span.first
        if isinstance(span.piece, Kept):
            parts.append(FrameRun(footage=sources[span.piece.source], first=span.begin, count=count))
        elif count:
            parts.append(np.stack(made[:count]))
            del made[:count]
    return cast(Frames, Composed(parts, size))  # reads like an array
