"""Clips in which something changes: all of them, a region, or what is between spans that stay."""

import math
from dataclasses import replace
from itertools import pairwise

import torch
from torch import Tensor

from yozora.core.canvas import Canvas, paste, say
from yozora.core.mode_options import Edit, Recut, Remix
from yozora.core.order import Order
from yozora.core.painters.given import Given, Shot, Shots
from yozora.core.painters.sizes import canvas_like, lasting
from yozora.core.timeline import Box, Changed, Invented, Kept, Piece

__all__ = ["edit", "recut", "remix"]


def remix(order: Order, given: Given) -> Shots:
    """The whole clip is repainted, as far as the strength lets it: 0 leaves it, 1 keeps nothing. Its sound goes too."""
    changed = Changed(source=0, seconds=order.sources[0].seconds, sounds=False)
    return _repainted(order, given, float(order.options_as(Remix).strength), changed)


def edit(order: Order, given: Given) -> Shots:
    """A region of the picture, or all of it, is invented again for some seconds; all around it, and the sound,
    stays."""
    options = order.options_as(Edit)
    assert options.strength is not None
    stop = order.sources[0].seconds if options.stop is None else options.stop
    changed = Changed(source=0, seconds=stop - options.start, start=options.start, region=options.region)
    return _repainted(order, given, float(options.strength), changed)


def _repainted(order: Order, given: Given, strength: float, changed: Changed) -> Shots:
    """A clip of which a part of picture and time is painted over."""
    (clip,), (source,), region = given.clips, order.sources, changed.region
    if not strength:
        return (Shot(canvas=None, pieces=(Kept(source=0, seconds=source.seconds),)),)
    latents = clip.opening(whole=True)
    canvas = paste(canvas_like(latents.shape[1], latents, given), latents)
    first, last = _touched(changed.start, changed.start + changed.seconds, canvas.grid[0], given)
    free = torch.zeros(canvas.grid, dtype=torch.bool)
    free[first:last] = True if region is None else _covered(region, canvas.grid)
    canvas = say(paste(canvas, latents, strength=strength, region=free), order.request.text)
    pieces = _within(changed, source.seconds)
    return (Shot(canvas=canvas, pieces=pieces, frames=clip.frames),)


def _within(piece: Changed, seconds: float) -> tuple[Piece, ...]:
    """A changed piece with what is kept before and after it."""
    start, stop = piece.start, piece.start + piece.seconds
    return lasting(Kept(source=0, seconds=start), piece, Kept(source=0, seconds=seconds - stop, start=stop))


def recut(order: Order, given: Given) -> Shots:
    """Spans of a clip stay where they are; what was between them is invented again."""
    keep, (clip,), (source,) = order.options_as(Recut).keep, given.clips, order.sources
    latents = clip.opening(whole=True)
    canvas = paste(canvas_like(latents.shape[1], latents, given), latents)
    pieces: list[Piece] = []
    for (_, start), (stop, end) in pairwise([(0.0, 0.0), *keep, (source.seconds, source.seconds)]):
        if stop > start:
            canvas = _freed(canvas, _wholly_in((start, stop), source.seconds, canvas.grid[0], given))
            pieces.append(Invented(seconds=stop - start))
        if end > stop:
            pieces.append(Kept(source=0, seconds=end - stop, start=stop))
    changes = any(isinstance(each, Invented) for each in lasting(*pieces))
    canvas = say(canvas, order.request.text)
    return (Shot(canvas=canvas if changes else None, pieces=lasting(*pieces), frames=clip.frames),)


def _freed(canvas: Canvas, span: tuple[int, int]) -> Canvas:
    """The canvas with nothing known in token frames [first, last)."""
    _, H, W = canvas.grid
    known_NC, strength_N = canvas.known_NC.clone(), canvas.strength_N.clone()
    tokens = slice(span[0] * H * W, span[1] * H * W)
    known_NC[tokens], strength_N[tokens] = 0.0, 1.0
    return replace(canvas, known_NC=known_NC, strength_N=strength_N)


def _touched(start: float, stop: float, latents: int, given: Given) -> tuple[int, int]:
    """Latents [first, last) that have any frame within seconds of a clip; at least one."""
    first, last = (math.ceil(frame / given.stride) for frame in _frames_in(start, stop, given))
    return min(first, latents - 1), max(min(first, latents - 1) + 1, min(last + 1, latents))


def _wholly_in(span: tuple[float, float], seconds: float, latents: int, given: Given) -> tuple[int, int]:
    """Latents [first, last) that have no frame outside of seconds of a clip, or the one in their middle. The last one
    may reach beyond the clip's end."""
    first, last = _frames_in(*span, given)
    ends = math.ceil(last / given.stride) == latents - 1 and span[1] >= seconds - 1e-6
    low = math.ceil((first + given.stride - 1) / given.stride) if first else 0
    high = latents if ends else last // given.stride + 1
    if high <= low:
        low = min(latents - 1, math.ceil((first + last) / 2 / given.stride))
        high = low + 1
    return low, high


def _frames_in(start: float, stop: float, given: Given) -> tuple[int, int]:
    """The first and the last of the model's frames within seconds of a clip."""
    first = max(0, math.ceil(start * given.fps - 1e-6))
    return first, max(first, math.ceil(stop * given.fps - 1e-6) - 1)


def _covered(region: Box, grid: tuple[int, int, int]) -> Tensor:
    """Tokens `[H, W]` that a region touches."""
    x, y, width, height = region
    rows, columns = torch.arange(grid[1]) / grid[1], torch.arange(grid[2]) / grid[2]
    touched_H = (rows + 1 / grid[1] > y + 1e-6) & (rows < y + height - 1e-6)
    touched_W = (columns + 1 / grid[2] > x + 1e-6) & (columns < x + width - 1e-6)
    return touched_H[:, None] & touched_W[None]
