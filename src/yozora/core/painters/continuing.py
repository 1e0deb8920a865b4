"""Films that go on from clips: longer, round, or from one into another."""

import torch

from yozora.core.canvas import Canvas, paste, say
from yozora.core.mode_options import Blend, Extend, Loop
from yozora.core.order import Order
from yozora.core.painters.given import Given, Shot, Shots
from yozora.core.painters.sizes import canvas_like, last_frame, lasting, most_shown
from yozora.core.painters.verbs import end_with, lead
from yozora.core.timeline import Changed, Invented, Kept, Piece

__all__ = ["blend", "extend", "loop"]


def extend(order: Order, given: Given) -> Shots:
    """A clip goes on for some seconds, or begins so much earlier. All of its frames are known."""
    options, (clip,), (source,) = order.options_as(Extend), given.clips, order.sources
    kept = Kept(source=0, seconds=source.seconds)
    if not options.seconds:
        return (Shot(canvas=None, pieces=(kept,)),)
    added = given.covering(options.seconds)
    if options.backward:
        known = clip.ongoing(whole=True, head=given.preset.window)
        first = 1 + added * given.stride  # the first latent of a film is one frame, not `stride` of them
        canvas = paste(canvas_like(added + 1 + known.shape[1], known, given), known, at=added + 1)
        invented = Invented(seconds=options.seconds, anchors=((options.seconds, first),))
        pieces: tuple[Piece, ...] = (invented, kept)
        frames = min(clip.frames, given.preset.window * given.stride) + first
        return (Shot(canvas=say(canvas, order.request.text), pieces=pieces, frames=frames),)
    known = clip.closing(tail=given.preset.window)
    canvas = paste(canvas_like(known.shape[1] + added, known, given), known)
    pieces = (kept, Invented(seconds=options.seconds, anchors=(last_frame(source.seconds, known, order, given),)))
    first = lead(min(clip.frames, most_shown(given)), given.stride)
    frames = min(clip.frames, most_shown(given)) + added * given.stride
    return (Shot(canvas=say(canvas, order.request.text), pieces=pieces, first=first, frames=frames),)


def loop(order: Order, given: Given) -> Shots:
    """A transition from the end of a clip to its start, so that it loops."""
    options, (clip,), (source,) = order.options_as(Loop), given.clips, order.sources
    window, stride = given.preset.window, given.stride
    known, head = clip.closing(tail=window), clip.ongoing(head=given.preset.overlap)
    gap = given.latents(options.seconds)
    canvas = paste(canvas_like(known.shape[1] + gap + head.shape[1], known, given), known)
    canvas = say(end_with(canvas, head), order.request.text)
    back = (source.seconds + options.seconds, 1.0 + (known.shape[1] - 1 + gap) * stride)
    invented = Invented(seconds=options.seconds, anchors=(last_frame(source.seconds, known, order, given), back))
    frames = min(clip.frames, most_shown(given))
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
    has two prompts, each half is conditioned by its own.
    """
    seconds, stride, window = order.options_as(Blend).seconds, given.stride, given.preset.window
    mixed = given.latents(seconds)
    a = given.clips[0].closing(tail=mixed + window)
    b = given.clips[1].ongoing(whole=True, head=mixed + window)
    alone = a.shape[1] - mixed
    canvas = paste(canvas_like(alone + b.shape[1], a, given), a[:, :alone])
    if mixed < b.shape[1]:
        canvas = paste(canvas, b[:, mixed:], at=a.shape[1])
    weight_T = (torch.arange(mixed) + 1.0) / (mixed + 1.0)
    between = torch.lerp(a[:, alone:], b[:, :mixed], weight_T[:, None, None])
    bump_T = (4.0 * weight_T * (1.0 - weight_T) * given.preset.blend_strength)[:, None, None]
    canvas = _set_prompts(paste(canvas, between, at=alone, strength=bump_T), order, alone + (mixed + 1) // 2)
    first = lead(min(given.clips[0].frames, most_shown(given, mixed)), stride)
    counts = (
        min(given.clips[0].frames, most_shown(given, mixed)),
        min(given.clips[1].frames, (mixed + window) * stride),
    )
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
    that both have, A's conditions the first half.
    """
    (a, b), fps = order.sources, order.request.fps
    frames = max(1, min(round(seconds * fps), int(b.seconds * fps + 1e-6), int(a.seconds * fps + 1e-6) - 1))
    seconds, half = frames / fps, frames // 2 / fps  # whole frames of the film: none of B's is left out after it
    before, after = a.seconds - seconds, b.seconds - seconds
    first = (alone - 1) * given.stride  # the model's last frame of A alone
    late = seconds * given.fps - given.latents(seconds) * given.stride  # frames that latents cannot share exactly
    anchors = ((before - 1 / fps, first - late), (a.seconds, first + 1 + seconds * given.fps))
    return lasting(
        Kept(source=0, seconds=before),
        Changed(source=0, seconds=half, start=before, anchors=anchors),
        Changed(source=1, seconds=seconds - half, start=half, anchors=anchors),
        Kept(source=1, seconds=after, start=seconds),
    )


def _set_prompts(canvas: Canvas, order: Order, middle: int) -> Canvas:
    """The canvas with its prompt, or with one for each half."""
    prompts = order.prompts
    if len(prompts) == 1:
        return say(canvas, prompts[0])
    middle = min(middle, canvas.grid[0] - 1)
    return say(say(canvas, prompts[0], (0, middle)), prompts[1], (middle, canvas.grid[0]))
