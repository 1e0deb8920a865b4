"""What to paint for each mode: an order and its sources become shots, a canvas each and what of it is shown.

One pure function a mode, named as the mode is. Sources arrive as an autoencoder sees them: no file and no encoder is
known here. The verbs below are for training too, which draws random canvases with them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor

from yozora.core.canvas import Canvas, Layout, blank, paste, refer, say
from yozora.core.modes import Blend, Card, Edit, Extend, Generate, Loop, Recut, Remix, Storyboard, find
from yozora.core.order import Order
from yozora.core.timeline import Anchor, Box, Changed, Invented, Kept, Piece
from yozora.presets import Preset


class Clip(Protocol):
    """Frames that are given, at the model's size and rate, as latents `[c, t, h, w]`; cut to whole ones at the end.

    `tail` and `head` are how many latents are wanted at most: a clip of minutes is not encoded for the sake of its end.
    """

    @property
    def frames(self) -> int:
        """How many there are, before they are cut."""

    def first(self) -> "Clip":
        """Its first frame alone."""

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        """As a film begins: the first latent is one frame, each later one is `stride[0]`. `whole`: nothing is cut, the
        last frame stands until its latent is full."""

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        """As a film goes on: every latent is `stride[0]` frames. `whole` as in `opening`; what is shorter than a latent
        stands until it is full in any case."""

    def closing(self, *, tail: int | None = None) -> Tensor:
        """As a film begins, and nothing is cut at its end, which is that of the source: the first frame stands for so
        many frames before it moves that the last latent is full, see `lead`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What an order is painted with: its sources as clips, a still of each character, what the model was taught.

    `rename` turns a prompt's names of characters into those that the model was taught.
    """

    layout: Layout
    preset: Preset
    clips: Sequence[Clip] = ()
    stills: Sequence[Tensor] = ()
    rename: Callable[[str], str] = str

    @property
    def stride(self) -> int:
        """Frames of a latent, but for the first."""
        return self.layout.stride[0]

    @property
    def fps(self) -> float:
        """Frames a second that the model makes."""
        return self.preset.fps

    def latents(self, seconds: float) -> int:
        """Latents in so many seconds, at least one."""
        return max(1, round(seconds * self.fps / self.stride))

    def covering(self, seconds: float) -> int:
        """As many latents as are needed for so many seconds, at least one."""
        return max(1, math.ceil(seconds * self.fps / self.stride - 1e-6))

    def nearest(self, seconds: float) -> int:
        """The latent that begins nearest to a second."""
        return max(0, math.floor((seconds * self.fps - 1) / self.stride + 0.5)) + 1 if seconds > 0 else 0

    def second(self, latent: int) -> float:
        """When latent number `latent` begins: the first one is one frame, each later one `stride`."""
        return (self.stride * (latent - 1) + 1) / self.fps if latent > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A canvas, and what is shown: `pieces`, in turn, of it and of the sources. Without a canvas, of these alone.

    What the model itself has of the shot are `frames` of those that the canvas decodes to, from `first` on, or all.
    `returns` (latents, frames): the film begins with so many frames as they look at the end of so many latents, where
    what was invented leads up to them.
    """

    canvas: Canvas | None
    pieces: tuple[Piece, ...]
    first: int = 0
    frames: int | None = None
    returns: tuple[int, int] | None = None


Shots = tuple[Shot, ...]
Painter = Callable[[Order, Given], Shots]


def painted(order: Order, given: Given) -> Shots:
    """The shots of an order, informed by its characters."""
    shots: Shots = find(order.mode).paint(order, given)
    if not given.stills:
        return shots
    return tuple(shot if shot.canvas is None else replace(shot, canvas=meet(shot.canvas, given)) for shot in shots)


def generate(order: Order, given: Given) -> Shots:
    """Everything is invented, but for the first and the last picture where they are given."""
    request, options = order.request, order.asked(Generate)
    assert options.seconds is not None
    first, last = order.index("image"), order.index("last")
    canvas = _empty(given.preset.frames(options.seconds), order, given)
    if first is not None:
        canvas = begin_with(canvas, given.clips[first].first().opening())
    if last is not None:
        canvas = end_with(canvas, given.clips[last].first().ongoing())
    still = 1 / request.fps
    stills = [Kept(source=each, seconds=still) for each in (first, last) if each is not None]
    invented = Invented(seconds=_whole(options.seconds, order) - still * len(stills))
    pieces = _some(*stills[: first is not None], invented, *stills[first is not None :])
    return (Shot(canvas=say(canvas, request.text), pieces=pieces, frames=given.preset.shown(options.seconds) + 1),)


def extend(order: Order, given: Given) -> Shots:
    """A clip goes on for some seconds, or begins so much earlier. All of its frames are known."""
    options, (clip,), (source,) = order.asked(Extend), given.clips, order.sources
    kept = Kept(source=0, seconds=source.seconds)
    if not options.seconds:
        return (Shot(canvas=None, pieces=(kept,)),)
    added = given.covering(options.seconds)
    if options.backward:
        known = clip.ongoing(whole=True, head=given.preset.window)
        first = 1 + added * given.stride  # the first latent of a film is one frame, not `stride` of them
        canvas = paste(_of(added + 1 + known.shape[1], known, given), known, at=added + 1)
        invented = Invented(seconds=options.seconds, anchors=((options.seconds, first),))
        pieces: tuple[Piece, ...] = (invented, kept)
        frames = min(clip.frames, given.preset.window * given.stride) + first
        return (Shot(canvas=say(canvas, order.request.text), pieces=pieces, frames=frames),)
    known = clip.closing(tail=given.preset.window)
    canvas = paste(_of(known.shape[1] + added, known, given), known)
    pieces = (kept, Invented(seconds=options.seconds, anchors=(_last(source.seconds, known, order, given),)))
    first = lead(min(clip.frames, _most(given)), given.stride)
    frames = min(clip.frames, _most(given)) + added * given.stride
    return (Shot(canvas=say(canvas, order.request.text), pieces=pieces, first=first, frames=frames),)


def loop(order: Order, given: Given) -> Shots:
    """A way from a clip's end back to its beginning, so that it plays on and on."""
    options, (clip,), (source,) = order.asked(Loop), given.clips, order.sources
    window, stride = given.preset.window, given.stride
    known, head = clip.closing(tail=window), clip.ongoing(head=given.preset.overlap)
    gap = given.latents(options.seconds)
    canvas = paste(_of(known.shape[1] + gap + head.shape[1], known, given), known)
    canvas = say(end_with(canvas, head), order.request.text)
    back = (source.seconds + options.seconds, 1.0 + (known.shape[1] - 1 + gap) * stride)
    invented = Invented(seconds=options.seconds, anchors=(_last(source.seconds, known, order, given), back))
    frames = min(clip.frames, _most(given))
    return (
        Shot(
            canvas=canvas,
            pieces=(Kept(source=0, seconds=source.seconds), invented, Kept(source=0, seconds=0.0)),  # back at the start
            first=lead(frames, stride),
            frames=frames + gap * stride,
            returns=_returning(head.shape[1], given) if clip.frames >= stride else None,
        ),
    )


def _returning(latents: int, given: Given) -> tuple[int, int]:
    """So many latents at a canvas's end, with those that are decoded before them, and how many frames they are."""
    return latents + given.preset.lead, latents * given.stride


def blend(order: Order, given: Given) -> Shots:
    """One clip turns into another: for some seconds they are mixed and repainted, most in the middle. Where the order
    has two prompts, each half listens to its own.
    """
    seconds, stride, window = order.asked(Blend).seconds, given.stride, given.preset.window
    mixed = given.latents(seconds)
    a = given.clips[0].closing(tail=mixed + window)
    b = given.clips[1].ongoing(whole=True, head=mixed + window)
    alone = a.shape[1] - mixed
    canvas = paste(_of(alone + b.shape[1], a, given), a[:, :alone])
    if mixed < b.shape[1]:
        canvas = paste(canvas, b[:, mixed:], at=a.shape[1])
    weight_T = (torch.arange(mixed) + 1.0) / (mixed + 1.0)
    between = torch.lerp(a[:, alone:], b[:, :mixed], weight_T[:, None, None])
    bump_T = (4.0 * weight_T * (1.0 - weight_T) * given.preset.blend_strength)[:, None, None]
    canvas = _told(paste(canvas, between, at=alone, strength=bump_T), order, alone + (mixed + 1) // 2)
    first = lead(min(given.clips[0].frames, _most(given, mixed)), stride)
    counts = (min(given.clips[0].frames, _most(given, mixed)), min(given.clips[1].frames, (mixed + window) * stride))
    return (
        Shot(
            canvas=canvas,
            pieces=_blended(order, seconds, alone, given),
            first=first,
            frames=sum(counts) - mixed * stride,
        ),
    )


def _blended(order: Order, seconds: float, alone: int, given: Given) -> tuple[Piece, ...]:
    """What is seen of A alone, of both, of B alone. A's frames and B's are met where they would have been; of the sound
    that both have, A's is heard in the first half.
    """
    (a, b), fps = order.sources, order.request.fps
    frames = max(1, min(round(seconds * fps), int(b.seconds * fps + 1e-6), int(a.seconds * fps + 1e-6) - 1))
    seconds, half = frames / fps, frames // 2 / fps  # whole frames of the film: none of B's is left out after it
    before, after = a.seconds - seconds, b.seconds - seconds
    first = (alone - 1) * given.stride  # the model's last frame of A alone
    late = seconds * given.fps - given.latents(seconds) * given.stride  # frames that latents cannot share exactly
    anchors = ((before - 1 / fps, first - late), (a.seconds, first + 1 + seconds * given.fps))
    return _some(
        Kept(source=0, seconds=before),
        Changed(source=0, seconds=half, start=before, anchors=anchors),
        Changed(source=1, seconds=seconds - half, start=half, anchors=anchors),
        Kept(source=1, seconds=after, start=seconds),
    )


def _told(canvas: Canvas, order: Order, middle: int) -> Canvas:
    """The canvas with its prompt, or with one for each half."""
    prompts = order.prompts
    if len(prompts) == 1:
        return say(canvas, prompts[0])
    middle = min(middle, canvas.grid[0] - 1)
    return say(say(canvas, prompts[0], (0, middle)), prompts[1], (middle, canvas.grid[0]))


def remix(order: Order, given: Given) -> Shots:
    """The whole clip is repainted, as far as the strength lets it: 0 leaves it, 1 keeps nothing. Its sound goes too."""
    changed = Changed(source=0, seconds=order.sources[0].seconds, sounds=False)
    return _repainted(order, given, float(order.asked(Remix).strength), changed)


def edit(order: Order, given: Given) -> Shots:
    """A region of the picture, or all of it, is invented anew for some seconds; all around it, and the sound, stays."""
    options = order.asked(Edit)
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
    canvas = paste(_of(latents.shape[1], latents, given), latents)
    first, last = _touched(changed.start, changed.start + changed.seconds, canvas.grid[0], given)
    free = torch.zeros(canvas.grid, dtype=torch.bool)
    free[first:last] = True if region is None else _covered(region, canvas.grid)
    canvas = say(paste(canvas, latents, strength=strength, region=free), order.request.text)
    pieces = _within(changed, source.seconds)
    return (Shot(canvas=canvas, pieces=pieces, frames=clip.frames),)


def _within(piece: Changed, seconds: float) -> tuple[Piece, ...]:
    """A changed piece with what is kept before and after it."""
    start, stop = piece.start, piece.start + piece.seconds
    return _some(Kept(source=0, seconds=start), piece, Kept(source=0, seconds=seconds - stop, start=stop))


def _some(*pieces: Piece) -> tuple[Piece, ...]:
    """Those that last."""
    return tuple(each for each in pieces if each.seconds > 1e-6)


def recut(order: Order, given: Given) -> Shots:
    """Spans of a clip stay where they are; what was between them is invented anew."""
    keep, (clip,), (source,) = order.asked(Recut).keep, given.clips, order.sources
    latents = clip.opening(whole=True)
    canvas = paste(_of(latents.shape[1], latents, given), latents)
    pieces: list[Piece] = []
    for (_, start), (stop, end) in pairwise([(0.0, 0.0), *keep, (source.seconds, source.seconds)]):
        if stop > start:
            canvas = _freed(canvas, _wholly_in((start, stop), source.seconds, canvas.grid[0], given))
            pieces.append(Invented(seconds=stop - start))
        if end > stop:
            pieces.append(Kept(source=0, seconds=end - stop, start=stop))
    changes = any(isinstance(each, Invented) for each in _some(*pieces))
    canvas = say(canvas, order.request.text)
    return (Shot(canvas=canvas if changes else None, pieces=_some(*pieces), frames=clip.frames),)


def storyboard(order: Order, given: Given) -> Shots:
    """Cards one after the other; those that flow share a canvas, each span of it hearing its own prompt."""
    return tuple(_taken(take, order, given) for take in takes_of(order.asked(Storyboard).cards, given))


# --- verbs, for training too


def begin_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's first frames are known: a first still, or a clip that is to go on."""
    return paste(canvas, latents_CTHW, at=0)


def end_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's last frames are known: a clip that is to be led up to, in latents as a film goes on."""
    return paste(canvas, latents_CTHW, at=canvas.grid[0] - latents_CTHW.shape[1])


def meet(canvas: Canvas, given: Given) -> Canvas:
    """The canvas, informed by a still of each character, whom its prompts call as the model was taught."""
    canvas = replace(canvas, prompts=tuple(given.rename(prompt) for prompt in canvas.prompts))
    for index, latents_CTHW in enumerate(given.stills):
        canvas = refer(canvas, latents_CTHW, at=given.preset.hero_at * (index + 1))
    return canvas


def lead(frames: int, stride: int) -> int:
    """For how many frames a clip's first one stands before it moves, so that its last latent is full."""
    return -(frames - 1) % stride


# --- storyboards


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Cards without a cut between them: how many latent frames there are, of which each card has [first, last).

    `whole`: it is all of the film, and has the frame at its very end too, as any film has.
    """

    cards: Sequence[Card]
    latents: int
    spans: tuple[tuple[int, int], ...]
    whole: bool

    @property
    def start(self) -> float:
        """The second at which it begins."""
        return self.cards[0].start

    @property
    def stop(self) -> float:
        """The second at which it ends."""
        return self.cards[-1].stop

    def frames(self, fps: float) -> int:
        """How many frames of the film it has, where a cut follows."""
        return max(1, round(self.stop * fps) - round(self.start * fps))


def takes_of(cards: Sequence[Card], given: Given) -> tuple[Take, ...]:
    """A storyboard's takes."""
    cuts = [k for k, card in enumerate(cards) if k == 0 or not card.flows]
    return tuple(_measured(cards[a:b], given, whole=len(cuts) == 1) for a, b in pairwise([*cuts, len(cards)]))


def _measured(cards: Sequence[Card], given: Given, *, whole: bool) -> Take:
    start, stop = cards[0].start, cards[-1].stop
    frames = max(1, round(stop * given.fps) - round(start * given.fps))
    T = (given.preset.frames(stop - start) - 1 if whole else frames + given.stride - 2) // given.stride + 1
    spans: list[tuple[int, int]] = []
    for card in cards:
        first, last = (given.nearest(at - start) for at in (card.start, card.stop))
        first = min(T - 1, first)
        last = T if card is cards[-1] else min(T, max(first + 1, last))
        spans.append((first, last))
    return Take(cards=cards, latents=T, spans=tuple(spans), whole=whole)


def _taken(take: Take, order: Order, given: Given) -> Shot:
    """The canvas of cards without a cut between them, and of what each of them shows."""
    canvas, fps = _blank(take.latents, order, given), order.request.fps
    for card, span in zip(take.cards, take.spans, strict=True):
        canvas = say(_begun(canvas, card, span, given), card.text, span)
    whole = _whole(take.stop - take.start, order) if take.whole else take.frames(fps) / fps
    starts = [min(whole, int((card.start - take.start) * fps + 0.5) / fps) for card in take.cards]
    pieces: list[Piece] = []
    for card, start, stop in zip(take.cards, starts, [*starts[1:], whole], strict=True):
        kept = _kept(card, stop - start, order)
        pieces += [*kept, Invented(seconds=stop - start - sum(each.seconds for each in kept))]
    frames = given.preset.shown(take.stop) + 1 if take.whole else take.frames(given.fps)
    return Shot(canvas=canvas, pieces=_joined(_some(*pieces)), frames=frames)


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Pieces of a shot, those that are invented one after the other as one."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Invented):
            before = found.pop().seconds if found and isinstance(found[-1], Invented) else 0.0
            piece = Invented(seconds=before + piece.seconds)
        found.append(piece)
    return tuple(found)


def _kept(card: Card, room: float, order: Order) -> tuple[Kept, ...]:
    """What a card shows of its source as it is: a picture, or as much of a clip as there is room for, in seconds."""
    if card.source is None:
        return ()
    still = 1 / order.request.fps
    seconds = still if card.still else order.sources[card.source].seconds or still
    seconds = min(seconds, room)
    return (Kept(source=card.source, seconds=seconds),) if seconds > 1e-6 else ()


def _begun(canvas: Canvas, card: Card, span: tuple[int, int], given: Given) -> Canvas:
    """The canvas with a card's source where the card begins, as much of it as the card has time for."""
    if card.source is None:
        return canvas
    (first, last), clip = span, given.clips[card.source]
    if card.still:
        clip = clip.first()
    return paste(canvas, clip.ongoing(head=last - first) if first else clip.opening(head=last), at=first)


# --- sizes and times


def _blank(latents: int, order: Order, given: Given) -> Canvas:
    """An empty canvas of so many latent frames, of the size that the model makes of the order."""
    width, height = given.preset.native(order.request.width, order.request.height)
    return blank((latents, *given.layout.grid(1, height, width)[1:]), given.layout.token_channels)


def _empty(frames: int, order: Order, given: Given) -> Canvas:
    return _blank((frames - 1) // given.stride + 1, order, given)


def _of(latents: int, like_CTHW: Tensor, given: Given) -> Canvas:
    """An empty canvas of so many latent frames, of a clip's size."""
    t, y, x = given.layout.patch
    return blank((latents // t, like_CTHW.shape[2] // y, like_CTHW.shape[3] // x), given.layout.token_channels)


def _whole(seconds: float, order: Order) -> float:
    """How long a film of so many seconds is, at the order's rate, with the frame at its very end."""
    return (int(seconds * order.request.fps + 0.5) + 1) / order.request.fps


def _most(given: Given, more: int = 0) -> int:
    """How many frames of a clip's end the model is shown at most: a window of latents, and so many more."""
    return (given.preset.window + more - 1) * given.stride + 1


def _last(seconds: float, known_CTHW: Tensor, order: Order, given: Given) -> Anchor:
    """A clip's last frame: when it is shown, and which of the model's it is."""
    return seconds - 1 / order.request.fps, float((known_CTHW.shape[1] - 1) * given.stride)


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
