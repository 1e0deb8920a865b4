"""Canvases longer than a model sees at once: windows that overlap in what is already known.

A window is a canvas of its own: what earlier windows invented is known in it, at strength 0, so a film of any length
is filled by the same sampler and its latents never pass through pixels. Knows nothing of models and prompts' meaning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from yozora.core.canvas import Canvas
from yozora.core.request import MAX_SEED

SEED_STRIDE = 1_000_003
SHORTEST = 4
"""Token frames of the shortest window: a gap between known frames is closed only by windows that see two of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many token frames a model was trained to see at once, and how many known ones a window starts from.

    `length` counts the film's first frame; a window that starts later has one less, since that frame is of a kind of
    its own (one picture instead of several).
    """

    length: int
    overlap: int
    opening: float | None = None  # where it was taught to be shown how the film began, in frames; None: it was not
    still: bool = False  # whether a film of which nothing is known begins with one frame, invented by itself

    def __post_init__(self) -> None:
        if self.overlap < 1 or self.length < max(SHORTEST, 2 * self.overlap + 1):
            raise ValueError(f"windows of {self.length} frames are too short for an overlap of {self.overlap}")

    def at(self, first: int) -> int:
        """Length of a window that starts at a frame."""
        return self.length if first == 0 else self.length - 1


def plan(canvas: Canvas, reach: Reach) -> list[tuple[int, int]]:
    """Token frames [first, last) of the windows that fill a canvas, in order; none where nothing is free."""
    free = canvas.strength_T.gt(0).tolist()
    found: list[tuple[int, int]] = []
    if reach.still and len(free) > 1 and bool((canvas.strength_N[: canvas.picture_tokens] == 1).all()):
        found, free[0] = [(0, 1)], False
    while True in free:
        start = free.index(True)
        stop = free.index(False, start) if False in free[start:] else len(free)
        for first, last in _plan_windows(start, stop, len(free), reach):
            found.append((first, last))
            free[first:last] = [False] * (last - first)
    return found


def _plan_windows(start: int, stop: int, frames: int, reach: Reach) -> Iterator[tuple[int, int]]:
    """Windows over the free frames [start, stop), from their known neighbour on. A known end is in the last one; what
    room that has left goes to what leads up to it.
    """
    end = min(frames, stop + reach.overlap)
    if start == 0 and stop < frames:  # what is known comes after: backwards
        while end > reach.length:
            first = end - reach.at(end)
            yield first, end
            end = first + reach.overlap
        yield 0, end
        return
    first, between = max(0, start - reach.overlap), start > 0 and stop < frames
    room = reach.at(1)
    while first + reach.at(first) < end:
        if between and stop - start <= room - 2:  # all that is free at once, with less of what is known
            first = max(0, min(start - (room - (stop - start)) // 2, frames - room))
            end = min(frames, first + room)
            break
        last = first + reach.at(first)
        if between:
            last = min(last, stop - room // 2)
        yield first, last
        start, first = last, last - reach.overlap
    yield (first if first == 0 else max(0, min(first, end - room))), end


def cut(canvas: Canvas, first: int, last: int, opening: float | None = None) -> Canvas:
    """The window [first, last) as a canvas: only the prompts that condition it, positions as in a film of its length.

    Informing tokens come along where they stand inside the window's time, or before the film (an identity). At position
    `opening` a later window also sees the film's first frame, where that is known and has the same prompts: what a
    film looked like is not passed from window to window alone, where it would wear off (Xiao et al. 2023, arXiv
    2309.17453, keep the first tokens of a text in sight).
    """
    _, H, W = canvas.grid
    tokens = torch.arange(first * H * W, last * H * W)
    shift = float(canvas.pos_N3[first * H * W, 0]) - 1.0 if first else 0.0
    when_N = canvas.pos_N3[:, 0]
    stop = float(when_N[last * H * W - 1])
    informs_N = (when_N < 0) | ((when_N >= shift) & (when_N <= stop))
    informs_N[: canvas.picture_tokens] = False
    begins = torch.arange(H * W if opening is not None and first and _recalls(canvas, tokens) else 0)
    kept = torch.cat([tokens, begins, informs_N.nonzero().flatten()])
    pos_N3 = canvas.pos_N3[kept].clone()
    pos_N3[:, 0] -= torch.where(pos_N3[:, 0] < 0, 0.0, shift)
    if opening is not None:
        pos_N3[len(tokens) : len(tokens) + len(begins), 0] = opening
    read_P = canvas.reads_NP[tokens].any(0)
    return replace(
        canvas,
        known_NC=canvas.known_NC[kept],
        strength_N=canvas.strength_N[kept],
        pos_N3=pos_N3,
        prompts=tuple(prompt for prompt, counts in zip(canvas.prompts, read_P.tolist(), strict=True) if counts),
        reads_NP=canvas.reads_NP[kept][:, read_P],
        grid=(last - first, H, W),
    )


def _recalls(canvas: Canvas, tokens: Tensor) -> bool:
    """Whether the first frame is known and has the prompts of these tokens."""
    first = torch.arange(canvas.grid[1] * canvas.grid[2])
    same = torch.equal(canvas.reads_NP[first].any(0), canvas.reads_NP[tokens].any(0))
    return same and not bool(canvas.strength_N[first].any())


def settle(canvas: Canvas, first: int, last: int, tokens_NC: Tensor) -> Canvas:
    """The canvas once a window is filled: what it made is known."""
    _, H, W = canvas.grid
    span = slice(first * H * W, last * H * W)
    known_NC, strength_N = canvas.known_NC.clone(), canvas.strength_N.clone()
    known_NC[span] = tokens_NC[: (last - first) * H * W].to(known_NC)
    strength_N[span] = 0.0
    return replace(canvas, known_NC=known_NC, strength_N=strength_N)


def seeds(seed: int, count: int) -> Sequence[int]:
    """A seed for each window, the first one's own."""
    return [(seed + SEED_STRIDE * index) % (MAX_SEED + 1) for index in range(count)]
