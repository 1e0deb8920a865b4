"""Runs an order on a device: its sources are encoded, its canvases filled and decoded, as a generator of progress.

Knows nothing of files, codecs or who asked, and no mode.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.compatible import check_parts
from yozora.core.canvas import Canvas, Layout, picture
from yozora.core.order import Order
from yozora.core.painters import Given, Shot, painted
from yozora.core.request import MAX_PROMPT, Request
from yozora.core.sampler import SOLVERS, Denoise, Step, fill, guide, is_guided
from yozora.core.timeline import Box, Piece
from yozora.core.windows import Reach, cut, plan, seeds, settle
from yozora.device import best_device, best_dtype, usable
from yozora.encoding import Encoded, Reel
from yozora.film import Film
from yozora.language import read
from yozora.language.names import renamer
from yozora.model.carry import Carriage
from yozora.model.dit import Time
from yozora.parts import load_autoencoder, load_text, load_transformer
from yozora.presets import Known, Preset

Frames = NDArray[np.uint8]
Stage = Literal["encode", "denoise", "decode", "done"]

READ_WORK = 1.0  # in sampler steps: reading the prompt, drawing the canvas
DECODE_WORK = 0.5  # in sampler steps: one latent frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a film is: `done` of `total`, in sampler steps. `frames`, uint8 `[t, H, W, 3]`, are those that have just
    become ready; `kept` says that they are a source's own, as they were, `region` that they are so outside of it. Once
    all is done, `pieces` say what each shot shows. While the film is denoised, `look()` shows what the model expects by
    now, uint8 `[H, W, 3]`; it costs work, about a frame's decoding.
    """

    stage: Stage
    done: float
    total: float
    frames: Frames | None = None
    kept: bool = False
    region: Box | None = None
    pieces: tuple[tuple[Piece, ...], ...] = ()
    look: Callable[[], Frames] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Frames of a film, uint8 `[t, H, W, 3]`, and whether they are a source's own: all, or outside of a region."""

    frames_THWC: Frames
    kept: bool = False
    region: Box | None = None


Show = Callable[[Shot, Callable[[Tensor], Iterator[Frames]], Tensor], Iterator[Shown]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    """An order's sources as the model is shown them, in the order's sequence, and a still of each of its characters."""

    reels: Sequence[Reel] = ()
    characters: Sequence[Reel] = ()


NOTHING = Material()


class Engine:
    """A preset's models, loaded strictly and once; films are made one at a time.

    `device` is "cpu" or "cuda". Matrix products run in `dtype`, by default the fastest that the device has. Raises
    `UserError` for weights that are missing, damaged or of another shape, and for a device that is not there.
    """

    def __init__(self, preset: Preset, device: str | None = None, dtype: torch.dtype | None = None) -> None:
        self.preset = preset
        self.device = usable(device or best_device())
        self.dtype = dtype or best_dtype(self.device)
        files = preset.files
        self.nouns = preset.nouns
        self.text = load_text(files["text"], torch.float32, str(self.device))
        self.transformer = load_transformer(files["transformer"], self.dtype, str(self.device))
        self.autoencoder = load_autoencoder(files["autoencoder"], self.dtype, str(self.device))
        configs = self.text.config, self.transformer.config, self.autoencoder.config
        check_parts(files, *configs, preset.step, preset.frames_a_latent)
        self.layout = Layout(
            channels=self.autoencoder.config.z,
            stride=self.autoencoder.config.stride,
            patch=self.transformer.config.patch,
        )
        self.reach = Reach(
            length=preset.window,
            overlap=preset.overlap,
            opening=preset.opening_at if preset.opening else None,
            still=preset.still,
        )

    def run(self, order: Order, material: Material = NOTHING) -> Iterator[Progress]:
        """Make the film as the model itself has it: at its size and rate, what was known as it comes out of the
        autoencoder. The same order on the same machine gives the same frames, and memory does not grow with them.
        """
        return self.work(order, material, native)

    def work(self, order: Order, material: Material, show: "Show") -> Iterator[Progress]:
        """Make the film, each filled shot shown by `show`, which is told the shot, how to decode and its latents.

        Raises `UserError` for what these weights cannot do.
        """
        request = order.request
        yield Progress(stage="encode", done=0.0, total=READ_WORK + request.steps)
        shots = painted(order, self.given(order, material))
        plans = [[] if shot.canvas is None else plan(shot.canvas, self.reach) for shot in shots]
        for shot in shots:
            if shot.canvas is not None:
                self.preset.check_known(needs(shot.canvas))
        tally = Tally(shots, sum(map(len, plans)) * request.steps, request.fps)
        seed = iter(seeds(request.seed, sum(map(len, plans))))
        yield tally.progress("encode", READ_WORK)
        for shot, spans in zip(shots, plans, strict=True):
            canvas = shot.canvas
            for first, last in spans:
                assert canvas is not None
                window, tokens_NC = cut(canvas, first, last, self.reach.opening), canvas.known_NC
                for step in self.fill(window, request, next(seed)):
                    tokens_NC = step.tokens_NC
                    yield replace(tally.progress("denoise", 1), look=partial(self.glimpse, window, step.clean_NC))
                canvas = settle(canvas, first, last, tokens_NC)
            latents_CTHW = torch.empty(0)
            if canvas is not None:
                latents_CTHW = picture(canvas, canvas.known_NC, self.layout.patch)
            for shown in show(replace(shot, canvas=canvas), self.decode, latents_CTHW):
                ready = tally.decoded(shown)
                yield replace(ready, frames=shown.frames_THWC, kept=shown.kept, region=shown.region)
        yield replace(tally.progress("done", 0), done=tally.total, pieces=tuple(shot.pieces for shot in shots))

    def films(self, order: Order, material: Material = NOTHING) -> Film:
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

    def given(self, order: Order, material: Material) -> Given:
        """What the order is painted with."""
        names = dict(zip(order.characters, self.preset.hero_names, strict=False))
        return Given(
            layout=self.layout,
            preset=self.preset,
            clips=[self.encoded(reel) for reel in material.reels],
            stills=[self.encoded(reel).first().opening() for reel in material.characters],
            rename=renamer({(each.name, each.plain): name for each, name in names.items()}),
        )

    def encoded(self, reel: Reel) -> Encoded:
        """A source in latents."""
        return Encoded(self.autoencoder, self.device, self.dtype, reel)

    def fill(self, canvas: Canvas, request: Request, seed: int) -> Iterator[Step]:
        """The sampler on this device, with the preset's solver and shift. The model is told what prompts say in words
        that it knows.
        """
        told = tuple(read(prompt, self.nouns).told for prompt in canvas.prompts)
        canvas = replace(canvas.to(self.device), prompts=told)
        unwanted = read(request.negative_prompt, self.nouns, negations=False).told
        request = replace(request, negative_prompt=unwanted[:MAX_PROMPT])
        guidance, shift = self.preset.sampling(request.guidance, canvas.grid[0])
        scale = 1 + (guidance - 1) * (self.preset.led if is_led(canvas, self.preset.ongoing) else 1)
        with torch.inference_mode():
            denoise = self.guided(canvas, request, scale)
        return fill(
            canvas,
            denoise,
            steps=request.steps,
            seed=seed,
            shift=shift,
            solver=SOLVERS[self.preset.solver],
        )

    def guided(self, canvas: Canvas, request: Request, scale: float) -> Denoise:
        """The transformer with guidance: in one pass where the scale is an input of the weights, else in two. What an
        input cannot say takes two with all weights: a negative prompt, and a scale that they have not learnt.
        """
        negative, most = request.negative_prompt.strip(), self.transformer.config.guidance_embeds
        if all(prompt.strip() == negative for prompt in canvas.prompts):
            scale = 1.0  # both passes would hear the same
        if most is None or negative or not 1 <= scale <= most:
            return guide(self.denoiser(canvas, request), scale, self.preset.guided)
        return self.denoiser(canvas, request, scale)

    def denoiser(self, canvas: Canvas, request: Request, scale: float = 1.0) -> Denoise:
        """The transformer as the sampler wants it. A guided batch's second half hears the negative prompt, but sees
        figures carried to where the prompt leads them: guided away from another place, they would leave a ghost.

        `scale` is that of weights that take it as an input; 1 is right for all weights.
        """
        prompts = list(canvas.prompts)
        both = [*prompts, *[request.negative_prompt] * len(prompts)]
        text_BLD, mask_BL = self.text.encode(both)
        reading = self.transformer.read(text_BLD.unflatten(0, (2, -1)), mask_BL.unflatten(0, (2, -1)))
        alone = self.transformer.read(text_BLD[: len(prompts)][None], mask_BL[: len(prompts)][None])
        pos_BN3 = canvas.pos_N3[None]
        reads_BNP = None if bool(canvas.reads_NP.all()) else canvas.reads_NP[None]
        carried: dict[int, Carriage | None] = {}  # by the length of the batch

        def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
            heard, time = alone if len(x_BNC) == 1 else reading, Time.of(t_BN)
            if scale != 1:
                inside_U = is_guided(time.values_U, self.preset.guided)
                time = replace(time, scales_U=torch.where(inside_U, scale, 1.0))
            with torch.inference_mode():
                if len(x_BNC) not in carried:
                    one = self.transformer.carriage(x_BNC[:1], Time.of(t_BN[:1]), pos_BN3, alone, reads_BNP)
                    carried[len(x_BNC)] = None if one is None else one.repeated(len(x_BNC))
                velocity_BNC: Tensor = self.transformer(
                    x_BNC, time, pos_BN3, heard, reads_BNP, carriage=carried[len(x_BNC)]
                )
                return velocity_BNC

        return denoise

    def decode(self, latents_CTHW: Tensor) -> Iterator[Frames]:
        """Frames uint8 `[t, H, W, 3]`, one latent frame's at a time."""
        pieces = self.autoencoder.decode_stream(latents_CTHW[None].to(self.dtype))
        while True:
            with torch.inference_mode():
                piece_BCTHW = next(pieces, None)
                if piece_BCTHW is None:
                    return
                frames: Frames = _bytes(piece_BCTHW[0]).permute(1, 2, 3, 0).contiguous().cpu().numpy()
            yield frames

    def glimpse(self, canvas: Canvas, tokens_NC: Tensor) -> Frames:
        """One frame, uint8 `[H, W, 3]`, from the middle: its latent alone, as if a film began with it."""
        middle = canvas.grid[0] // 2 * self.layout.patch[0]
        latents_CTHW = picture(canvas, tokens_NC, self.layout.patch)[:, middle : middle + 1]
        with torch.inference_mode():
            frame_CHW = self.autoencoder.decode(latents_CTHW[None].to(self.dtype))[0, :, 0]
            shown: Frames = _bytes(frame_CHW).permute(1, 2, 0).contiguous().cpu().numpy()
        return shown


class Tally:
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

    def decoded(self, shown: Shown) -> Progress:
        """Further by what frames are shown."""
        return self.progress("decode", len(shown.frames_THWC) / self.frames * self.decoding)


def native(shot: Shot, decode: Callable[[Tensor], Iterator[Frames]], latents_CTHW: Tensor) -> Iterator[Shown]:
    """The frames that the model itself has of a shot; none of one without a canvas."""
    if shot.canvas is None:
        return
    first, stop = shot.first, None if shot.frames is None else shot.first + shot.frames
    if shot.returns:
        latents, count = shot.returns
        yield Shown(frames_THWC=np.concatenate([*decode(latents_CTHW[:, -latents:])])[-count:])
        first += count
    yield from (Shown(frames_THWC=piece) for piece in between(decode(latents_CTHW), first, stop))


def between(pieces: Iterator[Frames], first: int, stop: int | None) -> Iterator[Frames]:
    """The frames [first, stop) of a film that comes in pieces; a piece may be empty."""
    start = 0
    for piece_THWC in pieces:
        yield piece_THWC[max(0, first - start) : None if stop is None else max(0, stop - start)]
        start += len(piece_THWC)


def is_led(canvas: Canvas, ongoing: int) -> bool:
    """Whether so many frames of the picture are known as wholes, or more: a film that goes on."""
    return int((canvas.strength_T == 0).sum()) >= ongoing


def needs(canvas: Canvas) -> Known:
    """What weights must have been trained to be given, to fill this canvas."""
    _, H, W = canvas.grid
    if bool((canvas.strength_N[H * W :] < 1).any()):
        return "anything"
    return "first frame" if bool((canvas.strength_N < 1).any()) else "nothing"


def _bytes(values: Tensor) -> Tensor:
    """-1..1 as 0..255."""
    return values.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()
