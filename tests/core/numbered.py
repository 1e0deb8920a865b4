"""Clips whose latents say which frames are in them, so that a canvas can be read like a film."""

from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from yozora.core.canvas import Canvas, Layout, picture
from yozora.core.options import ArgumentError
from yozora.core.order import Order, Source
from yozora.core.ordering import ordered
from yozora.core.painters import Given, Shot, lead, painted
from yozora.core.timeline import Kept
from yozora.families.presets import PRESETS

MINI = PRESETS["mini"]
STRIDE = 4
LAYOUT = Layout(channels=STRIDE + 1)  # the numbers of its frames, and the clip's own, from 1 on
FPS = MINI.fps
SIZE = {"width": 128, "height": 64}
GRID = (64 // 16, 128 // 16)  # latents of such a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A clip of so many frames. Its latents are as `yozora.core.painters.Clip` says, made of numbers."""

    frames: int
    name: int = 1

    def first(self) -> "Numbered":
        return replace(self, frames=1)

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        shown = list(range(self.frames if head is None else min(self.frames, (head - 1) * STRIDE + 1)))
        shown += [shown[-1]] * (lead(len(shown), STRIDE) if whole else 0)
        return self._latents([[0] * STRIDE, *_fours(shown[1:])])

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        shown = list(range(self.frames if head is None else min(self.frames, head * STRIDE)))
        if whole or len(shown) < STRIDE:
            shown += [shown[-1]] * (-len(shown) % STRIDE)
        return self._latents(_fours(shown))

    def closing(self, *, tail: int | None = None) -> Tensor:
        count = self.frames if tail is None else min(self.frames, (tail - 1) * STRIDE + 1)
        shown = list(range(self.frames - count, self.frames))
        shown = [shown[0]] * lead(count, STRIDE) + shown
        return self._latents([[shown[0]] * STRIDE, *_fours(shown[1:])])

    def _latents(self, numbers: list[list[int]]) -> Tensor:
        latents_CT = torch.tensor([[*frames, self.name] for frames in numbers], dtype=torch.float32).T
        return latents_CT[:, :, None, None].expand(-1, -1, *GRID).clone()


def _fours(numbers: list[int]) -> list[list[int]]:
    return [numbers[k : k + STRIDE] for k in range(0, len(numbers) - STRIDE + 1, STRIDE)]


def source(slot: str, frames: int, fps: float = FPS, **more: object) -> Source:
    """What is known of such a clip."""
    seconds = frames / fps if fps else 0.0
    asked = {"at": f"memory:{slot}", "width": 128, "height": 64, "fps": fps, "seconds": seconds, "frames": frames}
    return Source(slot=slot, **{**asked, **more})  # type: ignore[arg-type]


def asked(mode: str, frames: tuple[int, ...] = (), slots: tuple[str, ...] = (), **requested: object) -> Order:
    """An order of clips of so many frames, at the model's rate where nothing else is said."""
    from yozora.core.modes import MODES

    slots = slots or tuple(slot.name for slot in MODES[mode].slots) or tuple(f"card {k}" for k in range(len(frames)))
    sources = [source(slot, count) for slot, count in zip(slots, frames, strict=False)]
    prompt = requested.pop("prompt", "a red car")
    return ordered(mode, prompt, {**SIZE, "seed": 1, **requested}, sources)  # type: ignore[arg-type]


def paint(order: Order) -> tuple[Shot, ...]:
    """The shots of an order of numbered clips."""
    counts = [max(1, int(each.seconds * FPS + 0.5)) for each in order.sources]
    clips = [Numbered(frames=count, name=k + 1) for k, count in enumerate(counts)]
    return painted(order, Given(layout=LAYOUT, preset=MINI, clips=clips))


def possible(mode: str, *args: object, **requested: object) -> Order | None:
    """The order, or None where it cannot be."""
    try:
        return asked(mode, *args, **requested)  # type: ignore[arg-type]
    except ArgumentError:
        return None


def decoded(canvas: Canvas) -> list[tuple[int, int] | None]:
    """Which frame of which clip each frame of the model is: (name of the clip, number); None where it is not known."""
    latents_CT = picture(canvas, canvas.known_NC, LAYOUT.patch)[:, :, 0, 0]
    found: list[tuple[int, int] | None] = []
    for t, strength in enumerate(canvas.strength_T.tolist()):
        *numbers, name = (int(value) for value in latents_CT[:, t])
        found += [(name, number) if strength == 0 else None for number in (numbers[:1] if t == 0 else numbers)]
    return found


def boundaries(shot: Shot) -> list[tuple[float, float, tuple[int, int]]]:
    """Where what is kept meets what is invented: (second of the shot, frame of the model then, the frame of a clip that
    is shown), for the last kept frame before and for the first one after what is invented."""
    found, now = [], 0.0
    spans = []
    for piece in shot.pieces:
        spans.append((now, piece))
        now += piece.seconds
    for (_, left), (at, right) in pairwise(spans):
        if isinstance(left, Kept) and not isinstance(right, Kept):
            last = round((left.start + left.seconds) * FPS) - 1
            found.append((at - 1 / FPS, clock(right.anchors, at - 1 / FPS), (left.source + 1, last)))
        if isinstance(right, Kept) and not isinstance(left, Kept):
            found.append((at, clock(left.anchors, at), (right.source + 1, round(right.start * FPS))))
    return found


def clock(anchors: tuple[tuple[float, float], ...], second: float) -> float:
    """The model's frame that is shown then."""
    (t0, p0), *more = anchors
    rate = (more[0][1] - p0) / (more[0][0] - t0) if more else FPS
    return p0 + (second - t0) * rate
