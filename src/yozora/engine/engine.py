"""Runs an order on a device: its sources are encoded, its canvases filled and decoded, as a generator of progress.

Knows nothing of files, codecs or who asked, and no mode.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora import families
from yozora.core import schedules
from yozora.core.canvas import Canvas, Layout, picture
from yozora.core.order import Order
from yozora.core.painters import EncodedClip, Given, Shot, painted
from yozora.core.quality import saving_of
from yozora.core.request import MAX_PROMPT, Request
from yozora.core.sampler import SOLVERS, Denoise, Step, draw, fill
from yozora.core.timeline import Box, Piece
from yozora.core.windows import Reach, plan, seeds
from yozora.device import best_device, best_dtype, usable
from yozora.engine.conditioning import NONE, Conditioner, Conditions, Pixels
from yozora.engine.denoising import DenoiseInputs, denoiser
from yozora.engine.encoding import Encoded, ModelSource, as_bytes, encode
from yozora.engine.filling import Filling
from yozora.engine.parts import Parts
from yozora.families.presets import Known, Preset, check_known
from yozora.films.film import Film
from yozora.language import read
from yozora.language.names import renamer
from yozora.model.dit import SpacetimeTransformer

Frames = NDArray[np.uint8]
Stage = Literal["encode", "denoise", "decode", "done"]

READ_WORK = 1.0  # in sampler steps: reading the prompt, drawing the canvas
DECODE_WORK = 0.5  # in sampler steps: one latent frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a film is: `done` of `total`, in sampler steps. `frames`, uint8 `[t, H, W, 3]`, are those that have just
    become ready; `kept` says that they are a source's own, as they were, `region` that they are so outside of it. Once
    all is done, `pieces` say what each shot shows. While the film is denoised, `preview()` shows what the model expects
    by now, uint8 `[H, W, 3]`; it costs work, about a frame's decoding.
    """

    stage: Stage
    done: float
    total: float
    frames: Frames | None = None
    kept: bool = False
    region: Box | None = None
    pieces: tuple[tuple[Piece, ...], ...] = ()
    preview: Callable[[], Frames] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownFrames:
    """Frames of a film, uint8 `[t, H, W, 3]`, and whether they are a source's own: all, or outside of a region."""

    frames_THWC: Frames
    kept: bool = False
    region: Box | None = None


Show = Callable[[Shot, Callable[[Tensor], Iterator[Frames]], Tensor], Iterator[ShownFrames]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSources:
    """An order's sources as the model is shown them, in the order's sequence, and a still of each of its characters."""

    clips: Sequence[ModelSource] = ()
    characters: Sequence[ModelSource] = ()


NOTHING = ModelSources()


class Engine:
    """A preset's models, loaded strictly and once; films are made one at a time.

    `device` is "cpu" or "cuda". Matrix products run in `dtype`, by default the fastest that the device has.
    Raises `UserError` for weights that are missing, damaged or of another shape, and for a device that is not there.
    """

    def __init__(
        self,
        preset: Preset,
        device: str | None = None,
        dtype: torch.dtype | None = None,
        *,
        parts: Parts | None = None,
    ) -> None:
        self.preset = preset
        self.device = usable(device or best_device())
        self.dtype = dtype or best_dtype(self.device)
        self.nouns = preset.nouns
        self.parts = parts or families.FAMILIES[preset.family].build(preset, self.device, self.dtype)
        self.text, self.autoencoder = self.parts.text, self.parts.autoencoder
        self.layout = Layout(
            channels=self.autoencoder.config.z,
            stride=self.autoencoder.config.stride,
            patch=self.transformer.config.patch,
        )
        self.conditioner: Conditioner | None = None
        if preset.conditioning != "tokens":
            self.conditioner = Conditioner(
                kind=preset.conditioning, layout=self.layout, encode=self._encode, images=self.parts.images
            )
        self.reach = Reach(
            length=preset.window,
            overlap=preset.overlap,
            opening=preset.opening_at if preset.opening else None,
            still=preset.still,
        )

    @property
    def transformer(self) -> SpacetimeTransformer:
        """The transformer of the noisiest times; of most models the only one."""
        return self.parts.transformers.at(0)

    def run(self, order: Order, material: ModelSources = NOTHING) -> Iterator[Progress]:
        """Make the film as the model itself has it: at its size and rate, what was known as it comes out of the
        autoencoder. The same order on the same machine gives the same frames, and memory does not grow with them.
        """
        return self.work(order, material, native)

    def work(self, order: Order, material: ModelSources, show: "Show") -> Iterator[Progress]:
        """Make the film, each filled shot shown by `show`, which is told the shot, how to decode and its latents.

        Raises `UserError` for what these weights cannot do.
        """
        request = order.request
        yield Progress(stage="encode", done=0.0, total=READ_WORK + request.steps)
        shots = painted(order, self.painter_inputs(order, material))
        plans = [[] if shot.canvas is None else plan(shot.canvas, self.reach) for shot in shots]
        for shot in shots:
            if shot.canvas is not None:
                self.check(shot.canvas)
        tally = StepCounter(shots, sum(map(len, plans)) * request.steps, request.fps)
        seed = iter(seeds(request.seed, sum(map(len, plans))))
        yield tally.progress("encode", READ_WORK)
        for shot, spans in zip(shots, plans, strict=True):
            latents_CTHW, canvas = torch.empty(0), shot.canvas
            if canvas is not None:
                filling = Filling.of(self, canvas)
                for first, last in spans:
                    for _, preview in filling.window(first, last, request, next(seed)):
                        yield replace(tally.progress("denoise", 1), preview=preview)
                canvas = filling.canvas
                latents_CTHW = picture(canvas, canvas.known_NC, self.layout.patch)
            for shown in show(replace(shot, canvas=canvas), self.decode, latents_CTHW):
                ready = tally.decoded(shown)
                yield replace(ready, frames=shown.frames_THWC, kept=shown.kept, region=shown.region)
        yield replace(tally.progress("done", 0), done=tally.total, pieces=tuple(shot.pieces for shot in shots))

    def films(self, order: Order, material: ModelSources = NOTHING) -> Film:
        """`run`, to its end: the film as the model itself has it."""
        frames = [progress.frames for progress in self.run(order, material) if progress.frames is not None]
        request = order.request
        return Film(
            frames=np.concatenate(frames),
            fps=self.preset.fps,
            prompt=request.prompt,
            seed=request.seed,
            model=self.preset.name,
        )

    def check(self, canvas: Canvas) -> None:
        """Raises `UserError` where the weights were not trained to be given what is known of a canvas."""
        check_known(self.preset, needs(canvas))

    def painter_inputs(self, order: Order, material: ModelSources) -> Given:
        """What the order is painted with."""
        names = dict(zip(order.characters, self.preset.character_names, strict=False))
        return Given(
            layout=self.layout if self.conditioner is None else self.conditioner.pixels,
            preset=self.preset,
            clips=[self.encoded(clip) for clip in material.clips],
            stills=[self.encoded(clip).first().opening() for clip in material.characters],
            rename=renamer({(each.name, each.plain): name for each, name in names.items()}),
        )

    def encoded(self, clip: ModelSource) -> EncodedClip:
        """A source in latents, or in pixels for weights that are conditioned by them."""
        if self.conditioner is not None:
            return Pixels(self.layout, clip)
        return Encoded(self.autoencoder, self.device, self.dtype, clip)

    def fill(self, canvas: Canvas, request: Request, seed: int, conditions: Conditions = NONE) -> Iterator[Step]:
        """The sampler on this device, with the preset's solver and shift. The model is told what prompts say in words
        that it knows.
        """
        prompts = tuple(read(prompt, self.nouns).told for prompt in canvas.prompts)
        canvas = replace(canvas.to(self.device), prompts=prompts)
        unwanted = read(request.negative_prompt, self.nouns, negations=False).told
        request = replace(request, negative_prompt=unwanted[:MAX_PROMPT])
        schedule = self.schedule(request, canvas)
        with torch.inference_mode():
            denoise = self.denoiser(canvas, request, self.scales(request, canvas), conditions, seed)
        solver = SOLVERS[self.preset.solver]
        return fill(canvas, denoise, steps=schedule.steps, seed=seed, solver=solver, schedule=schedule)

    def schedule(self, request: Request, canvas: Canvas) -> schedules.Schedule:
        """The times of the steps asked for. Weights made for a few steps have their own where as many are asked for."""
        _, shift = self.preset.sampling(request.guidance, canvas.grid[0])
        if self.preset.times and request.steps == len(self.preset.times):
            return schedules.distilled(self.preset.times, shift)
        return schedules.GRIDS[self.preset.grid](request.steps, shift)

    def scales(self, request: Request, canvas: Canvas) -> tuple[float, ...]:
        """The guidance scale of each expert. It leads less where a film goes on from known frames, unless it also has
        to lead away from a negative prompt."""
        guidance, _ = self.preset.sampling(request.guidance, canvas.grid[0])
        low = request.low_guidance if request.low_guidance is not None else self.preset.low_guidance
        goes_on = is_continuation(canvas, self.preset.ongoing) and not request.negative_prompt
        share = self.preset.continuation_guidance if goes_on else 1
        return tuple(1 + (scale - 1) * share for scale in (guidance, guidance if low is None else low))

    def denoiser(
        self,
        canvas: Canvas,
        request: Request,
        scales: tuple[float, ...] = (1.0, 1.0),
        conditions: Conditions = NONE,
        seed: int = 0,
    ) -> Denoise:
        """The preset's transformers as the sampler wants them, for a canvas on this device; by default not guided."""
        held_N = self.held(canvas)
        inputs = DenoiseInputs(
            canvas=canvas,
            negative=request.negative_prompt,
            scales=scales,
            schedule=self.schedule(request, canvas),
            conditions=conditions,
            held_N=held_N,
            noise_NC=None if held_N is None else draw(canvas, seed),
            saving=saving_of(request.quality, request.steps, self.preset.solver),
        )
        return denoiser(self.parts, self.preset, inputs)

    def held(self, canvas: Canvas) -> Tensor | None:
        """Which tokens are known in a way that the weights were not trained for, in the overlap of windows: all, or all
        but the film's first frame; None where there are none."""
        known_N = canvas.strength_N == 0
        if self.preset.can("frames"):
            return None
        if self.preset.can("first frame"):
            known_N = known_N & (canvas.pos_N3[:, 0] != 0)
        return known_N if bool(known_N.any()) else None

    def decode(self, latents_CTHW: Tensor) -> Iterator[Frames]:
        """Frames uint8 `[t, H, W, 3]`, one latent frame's at a time."""
        pieces = self.autoencoder.decode_stream(latents_CTHW[None].to(self.dtype))
        while True:
            with torch.inference_mode():
                piece_BCTHW = next(pieces, None)
                if piece_BCTHW is None:
                    return
                frames: Frames = as_bytes(piece_BCTHW[0]).permute(1, 2, 3, 0).contiguous().cpu().numpy()
            yield frames

    def _encode(self, frames_CFHW: Tensor) -> Tensor:
        """Frames `[3, 4n + 1, H, W]` in -1..1 to latents `[c, n + 1, h, w]`, float32 on the CPU."""
        pieces = [frames_CFHW[:, :1], *frames_CFHW[:, 1:].split(self.layout.stride[0], dim=1)]
        stream = (piece[None].to(self.device, self.dtype) for piece in pieces if piece.shape[1])
        return encode(self.autoencoder, stream)

    def preview(self, canvas: Canvas, tokens_NC: Tensor) -> Frames:
        """One frame, uint8 `[H, W, 3]`, from the middle: its latent alone, as if a film began with it."""
        middle = canvas.grid[0] // 2 * self.layout.patch[0]
        latents_CTHW = picture(canvas, tokens_NC, self.layout.patch)[:, middle : middle + 1]
        with torch.inference_mode():
            frame_CHW = self.autoencoder.decode(latents_CTHW[None].to(self.dtype))[0, :, 0]
            shown: Frames = as_bytes(frame_CHW).permute(1, 2, 0).contiguous().cpu().numpy()
        return shown


class StepCounter:
    """Counts how far a film is, in sampler steps."""

    def __init__(self, shots: Sequence[Shot], steps: int, fps: float) -> None:
        latents = sum(shot.canvas.grid[0] for shot in shots if shot.canvas is not None)
        self.frames = max(1.0, sum(piece.seconds for shot in shots for piece in shot.pieces) * fps)
        self.decoding = DECODE_WORK * max(1, latents)
        self.done, self.total = 0.0, READ_WORK + steps + self.decoding

    def progress(self, stage: Stage, work: float) -> Progress:
        """So much further."""
        self.done = min(self.total, self.done + work)
        return Progress(stage=stage, done=self.done, total=self.total)

    def decoded(self, shown: ShownFrames) -> Progress:
        """Further by what frames are shown."""
        return self.progress("decode", len(shown.frames_THWC) / self.frames * self.decoding)


def native(shot: Shot, decode: Callable[[Tensor], Iterator[Frames]], latents_CTHW: Tensor) -> Iterator[ShownFrames]:
    """The frames that the model itself has of a shot; none of one without a canvas."""
    if shot.canvas is None:
        return
    first, stop = shot.first, None if shot.frames is None else shot.first + shot.frames
    if shot.returns:
        latents, count = shot.returns
        yield ShownFrames(frames_THWC=np.concatenate([*decode(latents_CTHW[:, -latents:])])[-count:])
        first += count
    yield from (ShownFrames(frames_THWC=piece) for piece in between(decode(latents_CTHW), first, stop))


def between(pieces: Iterator[Frames], first: int, stop: int | None) -> Iterator[Frames]:
    """The frames [first, stop) of a film that comes in pieces; a piece may be empty."""
    start = 0
    for piece_THWC in pieces:
        yield piece_THWC[max(0, first - start) : None if stop is None else max(0, stop - start)]
        start += len(piece_THWC)


def is_continuation(canvas: Canvas, ongoing: int) -> bool:
    """Whether so many frames of the picture are known as wholes, or more: a film that goes on."""
    return int((canvas.strength_T == 0).sum()) >= ongoing


def needs(canvas: Canvas) -> Known:
    """What weights must have been trained to be given, to fill this canvas. Identities before the film do not count."""
    if bool((canvas.pos_N3[canvas.picture_tokens :, 0] >= 0).any()):
        return "anything"
    strength_N = canvas.strength_N[: canvas.picture_tokens]
    values = strength_N.unique()
    if len(values) == 1 and float(values) > 0:
        return "nothing" if float(values) == 1 else "whole clip"
    if bool(((values > 0) & (values < 1)).any()):
        return "anything"
    highest_T, lowest_T = canvas.strength_T, strength_N.reshape(canvas.grid[0], -1).amin(1)
    first, last, rest = highest_T[0] == 0, highest_T[-1] == 0, bool((lowest_T[1:-1] == 1).all())
    if len(highest_T) > 1 and bool(first) and rest and float(lowest_T[-1]) == 1:
        return "first frame"
    return "first and last frame" if len(highest_T) > 2 and rest and bool(first & last) else "frames"
