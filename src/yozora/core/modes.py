"""What to paint for each thing that can be asked for: a request and its clips become shots, a canvas each.

One pure function a mode, and the dict of them. Clips arrive as an autoencoder sees them: no file and no encoder is
known here. The verbs below the modes are for training too, which draws random canvases with them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor

from yozora.core.canvas import Canvas, Layout, blank, paste, refer, say
from yozora.core.request import STRENGTHS, Request
from yozora.errors import UserError

Box = tuple[float, float, float, float]
"""x, y, width and height of a region, in fractions of the picture."""

HEROES = ("@hero", "@second", "@third")
"""What weights were taught to call whom they are shown; a film has at most so many."""
HERO_AT = -4.0
"""Position of the first of them, in frames: before the film. Others stand as far before each other."""

BLEND_STRENGTH = 0.6  # at the middle of a blend


class Clip(Protocol):
    """Frames that are given, at the model's size and rate, as latents `[c, t, h, w]`; cut to whole ones at the end."""

    @property
    def frames(self) -> int:
        """How many there are, before they are cut."""

    def opening(self, *, whole: bool = False) -> Tensor:
        """As a film begins: the first latent is one frame, each later one is `stride[0]`. `whole`: nothing is cut, the
        last frame stands until its latent is full."""

    def ongoing(self, *, whole: bool = False) -> Tensor:
        """As a film goes on: every latent is `stride[0]` frames. `whole` as in `opening`; what is shorter than a latent
        stands until it is full in any case."""

    def closing(self) -> Tensor:
        """As a film begins, and nothing is cut at its end: the first frame stands for so many frames before it moves
        that the last latent is full, see `lead`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A canvas, and which of the frames that it decodes to are shown: `frames` of them from `first` on, or all.

    `returns`: the canvas ends with so many latents that the film begins with; it shows them as they look there, where
    what was invented leads up to them.
    """

    canvas: Canvas
    first: int = 0
    frames: int | None = None
    returns: int = 0


Shots = tuple[Shot, ...]
Mode = Callable[..., Shots]  # (request, layout, clips, *, what it alone asks); UserError where the clips are not right


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One card of a storyboard: seconds `start` to `stop`, what is to be seen, perhaps a clip (a still is one) to begin
    with. `flows`: goes on from the card before, without a cut."""

    start: float
    stop: float
    text: str
    clip: Clip | None = None
    flows: bool = False


def text_to_video(request: Request, layout: Layout, clips: Sequence[Clip] = ()) -> Shots:
    """Everything is invented."""
    _expect(clips, 0, "Text to video takes no picture and no clip.")
    return (Shot(canvas=say(_empty(request, layout), request.text)),)


def image_to_video(request: Request, layout: Layout, clips: Sequence[Clip]) -> Shots:
    """The film starts with a picture, and ends with the second one if there are two."""
    if not 1 <= len(clips) <= 2:
        raise UserError("Image to video takes a picture to start from, and perhaps one to end with.")
    canvas = begin_with(_empty(request, layout), clips[0].opening()[:, :1])
    if len(clips) == 2:
        if canvas.grid[0] < 3:
            raise UserError("There is no time between the first and the last picture.", "Ask for more seconds.")
        canvas = end_with(canvas, clips[1].ongoing()[:, :1])
    return (Shot(canvas=say(canvas, request.text)),)


def as_it_is(request: Request, layout: Layout, clips: Sequence[Clip]) -> Shots:
    """No shot at all: the clip that is given is the film."""
    _expect(clips, 1, "One clip is taken as it is.")
    return ()


def lead(frames: int, stride: int) -> int:
    """For how many frames a clip's first one stands before it moves, so that its last latent is full."""
    return -(frames - 1) % stride


def extend(request: Request, layout: Layout, clips: Sequence[Clip], *, backward: bool = False) -> Shots:
    """A clip goes on for the request's seconds, or begins so much earlier. All of its frames are known."""
    _expect(clips, 1, "An extension takes one clip.")
    frames, stride = clips[0].frames, layout.stride[0]
    known = clips[0].ongoing(whole=True) if backward else clips[0].closing()
    added = max(1, _latents(request.seconds, request, layout))
    invented = added * stride + backward  # the first latent of a film is one frame, not `stride` of them
    canvas = _of(known.shape[1] + added + backward, known, layout)
    canvas = say(paste(canvas, known, at=added + 1 if backward else 0), request.text)
    return (Shot(canvas=canvas, first=0 if backward else lead(frames, stride), frames=frames + invented),)


def loop(request: Request, layout: Layout, clips: Sequence[Clip], *, overlap: int = 4) -> Shots:
    """A way of the request's seconds from a clip's end back to its beginning, so that it plays on and on."""
    _expect(clips, 1, "A loop takes one clip.")
    frames, stride = clips[0].frames, layout.stride[0]
    known, head = clips[0].closing(), clips[0].ongoing()[:, :overlap]
    gap = max(1, _latents(request.seconds, request, layout))
    canvas = paste(_of(known.shape[1] + gap + head.shape[1], known, layout), known, at=0)
    canvas = say(end_with(canvas, head), request.text)
    returns = head.shape[1] if frames >= stride else 0  # a latent that partly stands is arrived at, and not shown
    return (Shot(canvas=canvas, first=lead(frames, stride), frames=frames + gap * stride, returns=returns),)


def blend(request: Request, layout: Layout, clips: Sequence[Clip], *, prompts: tuple[str, str] | None = None) -> Shots:
    """One clip turns into another: for the request's seconds they are mixed and repainted, most in the middle.

    `prompts` are what is seen before and after; each half listens to its own. Without them all listen to the request.
    """
    _expect(clips, 2, "A blend takes two clips.")
    a, b = clips[0].closing(), clips[1].ongoing(whole=True)
    mixed, stride = max(1, _latents(request.seconds, request, layout)), layout.stride[0]
    first, frames = lead(clips[0].frames, stride), sum(clip.frames for clip in clips) - mixed * stride
    most = min(a.shape[1] - 1, b.shape[1]) * stride / request.fps
    if mixed >= a.shape[1] or mixed > b.shape[1]:
        hint = f"Ask for {most:g} or fewer." if most else "The first one has a single frame: nothing can lead over."
        raise UserError(f"The clips are too short to blend for {request.seconds:g} seconds.", hint)
    alone = a.shape[1] - mixed
    canvas = paste(_of(alone + b.shape[1], a, layout), a[:, :alone], at=0)
    if mixed < b.shape[1]:
        canvas = paste(canvas, b[:, mixed:], at=a.shape[1])
    weight_T = (torch.arange(mixed) + 1.0) / (mixed + 1.0)
    between = torch.lerp(a[:, alone:], b[:, :mixed], weight_T[:, None, None])
    bump_T = (4.0 * weight_T * (1.0 - weight_T) * BLEND_STRENGTH)[:, None, None]
    canvas = paste(canvas, between, at=alone, strength=bump_T)
    if prompts is None:
        return (Shot(canvas=say(canvas, request.text), first=first, frames=frames),)
    middle = min(alone + (mixed + 1) // 2, canvas.grid[0] - 1)
    canvas = say(say(canvas, prompts[0], (0, middle)), prompts[1], (middle, canvas.grid[0]))
    return (Shot(canvas=canvas, first=first, frames=frames),)


def remix(request: Request, layout: Layout, clips: Sequence[Clip], *, strength: float = STRENGTHS["mild"]) -> Shots:
    """The whole clip is repainted, as far as `strength` lets it: 0 leaves it, 1 keeps nothing."""
    _expect(clips, 1, "A remix takes one clip.")
    clip = clips[0].opening(whole=True)
    canvas = paste(_of(clip.shape[1], clip, layout), clip, strength=strength)
    return (Shot(canvas=say(canvas, request.text), frames=clips[0].frames),)


def edit(
    request: Request,
    layout: Layout,
    clips: Sequence[Clip],
    *,
    region: Box,
    start: float = 0.0,
    stop: float | None = None,
    strength: float = 1.0,
) -> Shots:
    """A region of the picture is invented anew, from second `start` to `stop`; all around it stays."""
    _expect(clips, 1, "An edit takes one clip.")
    clip = clips[0].opening(whole=True)
    canvas = paste(_of(clip.shape[1], clip, layout), clip)
    first, last = _span(start, stop, clips[0].frames, request, layout)
    free = torch.zeros(canvas.grid, dtype=torch.bool)
    free[first:last] = _covered(region, canvas.grid)
    canvas = say(paste(canvas, clip, strength=strength, region=free), request.text)
    return (Shot(canvas=canvas, frames=clips[0].frames),)


def recut(
    request: Request, layout: Layout, clips: Sequence[Clip], *, keep: Sequence[tuple[float, float]] = ()
) -> Shots:
    """Spans of a clip, in seconds, stay where they are; what was between them is invented anew."""
    _expect(clips, 1, "A re-cut takes one clip.")
    if not keep:
        raise UserError("Nothing of the clip is kept.", "Say which seconds, such as --keep 0-1.5.")
    clip = clips[0].opening(whole=True)
    canvas = _of(clip.shape[1], clip, layout)
    for start, stop in keep:
        first, last = _span(start, stop, clips[0].frames, request, layout)
        canvas = paste(canvas, clip[:, first:last], at=first)
    return (Shot(canvas=say(canvas, request.text), frames=clips[0].frames),)


def storyboard(request: Request, layout: Layout, clips: Sequence[Clip] = (), *, scenes: Sequence[Scene]) -> Shots:
    """Cards one after the other; those that flow share a canvas, each span of it hearing its own prompt."""
    _expect(clips, 0, "A storyboard's clips are on its cards.")
    return tuple(_take(take, request, layout) for take in takes_of(scenes, request, layout.stride[0]))


def starring(mode: Mode, heroes: int, rename: Callable[[str], str]) -> Mode:
    """The mode with its last `heroes` clips as characters: the first frame of each is appended to every shot, where it
    informs the picture and is no part of it. `rename` turns a prompt's names into `HEROES`.
    """

    def paint(request: Request, layout: Layout, clips: Sequence[Clip]) -> Shots:
        given = len(clips) - heroes
        stills = [clip.opening()[:, :1] for clip in clips[given:]]
        return tuple(
            replace(shot, canvas=meet(shot.canvas, stills, rename)) for shot in mode(request, layout, clips[:given])
        )

    return paint


MODES: dict[str, Mode] = {
    "text": text_to_video,
    "image": image_to_video,
    "extend": extend,
    "loop": loop,
    "blend": blend,
    "remix": remix,
    "edit": edit,
    "recut": recut,
    "storyboard": storyboard,
}


def begin_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's first frames are known: a first still, or a clip that is to go on."""
    return paste(canvas, latents_CTHW, at=0)


def end_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's last frames are known: a clip that is to be led up to, in latents as a film goes on."""
    return paste(canvas, latents_CTHW, at=canvas.grid[0] - latents_CTHW.shape[1])


def meet(canvas: Canvas, stills: Sequence[Tensor], rename: Callable[[str], str]) -> Canvas:
    """The canvas, informed by a still of each hero whom its prompts name."""
    canvas = replace(canvas, prompts=tuple(rename(prompt) for prompt in canvas.prompts))
    for index, latents_CTHW in enumerate(stills):
        canvas = refer(canvas, latents_CTHW, at=HERO_AT * (index + 1))
    return canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Cards without a cut between them: how many latent frames there are, of which each card has [first, last), and
    which `frames` of the film they show; None: all that there are.
    """

    scenes: Sequence[Scene]
    latents: int
    spans: tuple[tuple[int, int], ...]
    begin: int
    frames: int | None


def takes_of(scenes: Sequence[Scene], request: Request, stride: int) -> tuple[Take, ...]:
    """A storyboard's takes. A film of one has the frame at its very end too, as any film has."""
    cuts = [k for k, scene in enumerate(scenes) if k == 0 or not scene.flows]
    return tuple(
        _measured(scenes[a:b], request, stride, whole=len(cuts) == 1) for a, b in pairwise([*cuts, len(scenes)])
    )


def _measured(scenes: Sequence[Scene], request: Request, stride: int, *, whole: bool) -> Take:
    start, stop = scenes[0].start, scenes[-1].stop
    begin, end = round(start * request.fps), round(stop * request.fps)
    frames = max(1, end - begin)
    T = max(1, round((stop - start) * request.fps / stride) if whole else math.ceil((frames - 1) / stride)) + 1
    spans: list[tuple[int, int]] = []
    for scene in scenes:
        first = min(T - 1, round((scene.start - start) / (stop - start) * (T - 1)))
        last = T if scene is scenes[-1] else max(first + 1, round((scene.stop - start) / (stop - start) * (T - 1)))
        spans.append((first, last))
    return Take(scenes=scenes, latents=T, spans=tuple(spans), begin=begin, frames=None if whole else frames)


def _take(take: Take, request: Request, layout: Layout) -> Shot:
    """The canvas of cards without a cut between them."""
    canvas = blank((take.latents, *layout.grid(1, request.height, request.width)[1:]), layout.token_channels)
    for scene, (first, last) in zip(take.scenes, take.spans, strict=True):
        if scene.clip is not None:
            canvas = _show(canvas, scene.clip, first, last)
        canvas = say(canvas, scene.text, (first, last))
    return Shot(canvas=canvas, frames=take.frames)


def _show(canvas: Canvas, clip: Clip, first: int, last: int) -> Canvas:
    """A card's clip where the card begins, as much of it as the card has time for."""
    if first == 0:
        return paste(canvas, clip.opening()[:, :last])
    return paste(canvas, clip.ongoing()[:, : last - first], at=first)


def _empty(request: Request, layout: Layout) -> Canvas:
    return blank(layout.grid(request.frames, request.height, request.width), layout.token_channels)


def _of(frames: int, like_CTHW: Tensor, layout: Layout) -> Canvas:
    """An empty canvas of so many latent frames, of a clip's size."""
    t, y, x = layout.patch
    return blank((frames // t, like_CTHW.shape[2] // y, like_CTHW.shape[3] // x), layout.token_channels)


def _latents(seconds: float, request: Request, layout: Layout) -> int:
    """Latent frames in so many seconds."""
    return round(seconds * request.fps / layout.stride[0])


def _span(start: float, stop: float | None, frames: int, request: Request, layout: Layout) -> tuple[int, int]:
    """Seconds as latent frames [first, last) of a clip of so many frames, at least one."""
    start, stop = check_span(start, stop, frames / request.fps)
    T, each = math.ceil((frames - 1) / layout.stride[0]) + 1, layout.stride[0] / request.fps
    first = min(T - 1, round(start / each))
    return first, max(first + 1, min(T, round(stop / each) + 1))


def check_span(start: float, stop: float | None, seconds: float) -> tuple[float, float]:
    """Seconds of a clip that lasts so long, its end where `stop` says none. Raises UserError where it has none such."""
    stop = seconds if stop is None else stop
    if not 0 <= start < stop or start >= seconds:
        raise UserError(f"The clip has no seconds {start:g} to {stop:g}.", f"It lasts {seconds:.2f}.")
    return start, min(stop, seconds)


def check_region(region: Box) -> None:
    """Raises UserError where a region does not lie inside the picture."""
    x, y, width, height = region
    if not (0 <= x < 1 and 0 <= y < 1 and width > 0 and height > 0 and x + width <= 1.001 and y + height <= 1.001):
        said = ",".join(f"{value:g}" for value in region)
        raise UserError(f"The region {said} is not inside the picture.", "Give x,y,w,h in fractions of it, 0 to 1.")


def _covered(region: Box, grid: tuple[int, int, int]) -> Tensor:
    """Tokens `[H, W]` that a region touches. Raises UserError where it does not lie inside the picture."""
    check_region(region)
    x, y, width, height = region
    rows, columns = torch.arange(grid[1]) / grid[1], torch.arange(grid[2]) / grid[2]
    touched_H = (rows + 1 / grid[1] > y + 1e-6) & (rows < y + height - 1e-6)
    touched_W = (columns + 1 / grid[2] > x + 1e-6) & (columns < x + width - 1e-6)
    return touched_H[:, None] & touched_W[None]


def _expect(clips: Sequence[Clip], count: int, message: str) -> None:
    if len(clips) != count:
        raise UserError(message, f"There are {len(clips)}.")
