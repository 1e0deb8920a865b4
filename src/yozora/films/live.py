"""A film that is watched while it is made: each window of its canvas is decoded as soon as it is filled, and the prompt
may change between two windows.

What comes out is, frame by frame, what `making.make` makes of the same order, as long as the prompt does not change.
Knows no file that is written, and not who watches.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import floor

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.core.canvas import Canvas, picture, say
from yozora.core.painters import Shot, painted
from yozora.core.request import Request
from yozora.core.windows import cut, plan, seeds, settle
from yozora.engine.engine import READ_WORK, Engine, ModelSources, Progress, StepCounter
from yozora.errors import UserError
from yozora.films.making import clip_of, footage, shown
from yozora.films.orders import LocalOrder, with_style_phrase

Frames = NDArray[np.uint8]

NEAR = 1e-3  # frames: a moment that is closer to one of the model's frames is that frame


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSwitch:
    """A new prompt in the middle of a film: reached with the `windows`-th window from now, at once where it is 0 or 1;
    until then the old one has effect beside it. `name` is its sender's name for it.
    """

    name: str
    prompt: str
    windows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window's frames are all out. Names of the prompts that it is the first to have, those that it has, and those
    that it has alone for the first time.
    """

    index: int
    started: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()


def make(
    local_order: LocalOrder, engine: Engine, turns: Callable[[], Sequence[PromptSwitch]]
) -> Iterator[Progress | Window]:
    """Make the film. `turns` gives those that came since it was last called, and is called before each window.

    Raises `UserError` for a film that cannot be made from its beginning to its end.
    """
    order = with_style_phrase(local_order.order)
    request, preset = order.request, engine.preset
    yield Progress(stage="encode", done=0.0, total=READ_WORK + request.steps)
    size = preset.native(request.width, request.height)
    clips = [clip_of(source, order, preset, size) for source in local_order.sources]
    shots = painted(order, engine.painter_inputs(order, ModelSources(clips=clips)))
    canvas, spans = watchable(shots, local_order, engine)
    tally = StepCounter(shots, len(spans) * request.steps, request.fps)
    yield tally.progress("encode", READ_WORK)
    decoder = StreamingDecoder(engine, canvas)
    sources = [
        footage(source, (request.width, request.height), request.fps, request.fit) for source in local_order.sources
    ]
    finished = shown(order, preset, sources, shots[0], lambda _: decoder.frames(), torch.empty(0))
    prompter, count = Prompter(request), 0
    for index, ((first, last), seed) in enumerate(zip(spans, seeds(request.seed, len(spans)), strict=True)):
        canvas, window = prompter.window_canvas(canvas, first, last, index, turns())
        tokens_NC = canvas.known_NC
        for step in engine.fill(cut(canvas, first, last, engine.reach.opening), request, seed):
            tokens_NC = step.tokens_NC
            yield tally.progress("denoise", 1)
        canvas = settle(canvas, first, last, tokens_NC)
        decoder.fill(canvas, last)
        ready = decoder.count if index + 1 < len(spans) else None
        while ready is None or _needed(count, preset.fps / request.fps) < ready:
            part = next(finished, None)
            if part is None:
                break
            count += len(part.frames_THWC)
            yield replace(tally.decoded(part), frames=part.frames_THWC, kept=part.kept)
        yield window
    yield replace(tally.progress("done", 0), done=tally.total, pieces=tuple(shot.pieces for shot in shots))


def watchable(shots: Sequence[Shot], local_order: LocalOrder, engine: Engine) -> tuple[Canvas, list[tuple[int, int]]]:
    """The canvas and its windows. Raises `UserError` for a film that is not made from its beginning to its end."""
    if len(shots) != 1 or shots[0].canvas is None or local_order.characters:
        raise UserError(
            "This mode cannot be watched live. Use a prompt, or a prompt and a first frame.",
            code="live_mode_unsupported",
        )
    canvas, spans = shots[0].canvas, plan(shots[0].canvas, engine.reach)
    engine.check(canvas)
    if engine.conditioner is not None:
        raise UserError(
            f"{engine.preset.name} denoises whole films and cannot be watched live. Use another model.",
            code="live_model_unsupported",
        )
    if any(last < before for (_, before), (_, last) in pairwise(spans)):
        raise UserError(
            "A film with a given last frame cannot be watched live. Leave out the last frame.",
            code="live_end_unsupported",
        )
    return canvas, spans


def _needed(number: int, slope: float) -> int:
    """The last of the model's frames that frame `number` of the film is made of."""
    moment = number * slope
    return round(moment) if abs(moment - round(moment)) <= NEAR else floor(moment) + 1


class StreamingDecoder:
    """Decodes a canvas's latents as they are filled in: the autoencoder reads one latent frame after another."""

    def __init__(self, engine: Engine, canvas: Canvas) -> None:
        self.engine, self.step = engine, engine.layout.patch[0]
        shape = picture(canvas, canvas.known_NC, engine.layout.patch).shape
        self.latents_CTHW = torch.zeros(shape, dtype=engine.dtype, device=engine.device)
        self.ready: deque[Frames] = deque()
        self.count, self.filled = 0, 0  # frames that are decoded, latent frames that are filled in
        self._pieces = engine.decode(self.latents_CTHW)

    def fill(self, canvas: Canvas, last: int) -> None:
        """The canvas is settled up to token frame `last`: decode what was not yet."""
        stop = last * self.step
        whole_CTHW = picture(canvas, canvas.known_NC, self.engine.layout.patch)
        self.latents_CTHW[:, self.filled : stop] = whole_CTHW[:, self.filled : stop].to(self.latents_CTHW)
        while self.filled < stop:
            frames = next(self._pieces)
            self.ready.append(frames)
            self.count, self.filled = self.count + len(frames), self.filled + 1

    def frames(self) -> Iterator[Frames]:
        """What is decoded by now; asked for more only where all of it is."""
        while self.ready:
            yield self.ready.popleft()


class Prompter:
    """What the frames that are not made yet listen to."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.turn: PromptSwitch | None = None  # the newest, until it is reached
        self.passed = 0  # windows that it has conditioned

    def window_canvas(
        self, canvas: Canvas, first: int, last: int, index: int, turns: Sequence[PromptSwitch]
    ) -> tuple[Canvas, Window]:
        """The canvas for the window [first, last), and its prompts. Of several prompts the last one counts."""
        started: tuple[str, ...] = ()
        if turns:
            self.turn, self.passed, started = turns[-1], 0, (turns[-1].name,)
            begin = _first_free_frame(canvas, first, last)
            canvas = say(canvas, replace(self.request, prompt=self.turn.prompt).text, (begin, canvas.grid[0]))
        if self.turn is None:
            return canvas, Window(index=index)
        name, self.passed = (self.turn.name,), self.passed + 1
        reached = self.passed >= self.turn.windows
        if reached:
            canvas, self.turn = _only_newest(canvas, _first_free_frame(canvas, first, last)), None
        return canvas, Window(index=index, started=started, active=name, completed=name if reached else ())


def _first_free_frame(canvas: Canvas, first: int, last: int) -> int:
    """The first frame of a window that is not known."""
    free = canvas.strength_T[first:last].gt(0).tolist()
    return first + (free.index(True) if True in free else 0)


def _only_newest(canvas: Canvas, first: int) -> Canvas:
    """Frames of the picture from `first` on listen to the newest prompt and to no other."""
    tokens = canvas.grid[1] * canvas.grid[2]
    reads_NP = canvas.reads_NP.clone()
    reads_NP[first * tokens : canvas.picture_tokens, :-1] = False
    return replace(canvas, reads_NP=reads_NP)
