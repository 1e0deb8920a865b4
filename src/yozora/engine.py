"""Owns the models on a device: a request goes in, progress comes out, and at the end a film.

Knows nothing of files, codecs or who asked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.compatible import check_parts
from yozora.core.canvas import Canvas, Layout, picture
from yozora.core.modes import MODES, Clip, Shot, Shots, lead
from yozora.core.request import MAX_PROMPT, Request
from yozora.core.sampler import SOLVERS, Denoise, Step, fill, guide, is_guided
from yozora.core.windows import Reach, cut, plan, seeds, settle
from yozora.errors import UserError
from yozora.film import Film, Sound
from yozora.language import notes_on, read
from yozora.model.carry import Carriage
from yozora.model.dit import Time
from yozora.parts import load_autoencoder, load_text, load_transformer
from yozora.presets import Known, Preset

Frames = NDArray[np.uint8]
Stage = Literal["reading", "inventing", "decoding", "done"]

READ_WORK = 1.0  # in sampler steps: reading the prompt, drawing the canvas
DECODE_WORK = 0.5  # in sampler steps: one latent frame
ONGOING = 3  # known frames say most of what the words do; a still or two say who is there, not what happens
LEAD = 8  # latent frames that are decoded before those that a shot returns to


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a film is: `done` of `total`, in sampler steps. `frames`, uint8 `[t, H, W, 3]`, are those that have just
    become ready; the last progress of `films`, and only that, holds the film. While the film is invented, `look()`
    shows what the model expects by now, uint8 `[H, W, 3]`; it costs work, about a frame's decoding.
    """

    stage: Stage
    done: float
    total: float
    frames: Frames | None = None
    film: Film | None = None
    look: Callable[[], Frames] | None = None


class Reel(Protocol):
    """A source as it is shown to the model."""

    @property
    def count(self) -> int:
        """How many frames there are."""

    def frames(self) -> Iterator[Frames]:
        """uint8 `[H, W, 3]` each, at the order's size and the preset's frame rate; from the beginning every time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """A film to make: what was asked for, how its shots are painted, and what it is made of.

    The last fields are not read here: they say what the film came from to whoever tells it on.
    """

    request: Request
    preset: Preset  # which the request was made for
    mode: Callable[[Request, Layout, Sequence[Clip]], Shots]
    sources: tuple[Reel, ...] = ()
    sound: Sound | None = None  # of the sources, where their picture is kept
    name: str = "text"  # of the mode, as in `MODES`
    made_of: tuple[Path | Film, ...] = ()  # the clips and pictures among the sources, as they were given
    cast: Mapping[str, Path] = field(default_factory=dict)  # pictures of the characters, by name
    told: tuple[str, ...] = ()  # the prompts of its parts, where it has parts

    @property
    def notes(self) -> tuple[str, ...]:
        """A line on each thing in its prompts that the weights do not understand. `UserError` for weights that are
        missing or cannot be read.
        """
        return notes_on(self.told or (self.request.text,), self.preset.nouns, self.preset.name)


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
        check_parts(files, self.text.config, self.transformer.config, self.autoencoder.config, preset.step)
        self.layout = Layout(
            channels=self.autoencoder.config.z,
            stride=self.autoencoder.config.stride,
            patch=self.transformer.config.patch,
        )
        self.reach = Reach(length=preset.window, overlap=preset.overlap, opening=preset.opening, still=preset.still)

    def generate(self, request: Request) -> Iterator[Progress]:
        """`films` of a prompt alone."""
        return self.films(Order(request=request, preset=self.preset, mode=MODES["text"]))

    def films(self, order: Order) -> Iterator[Progress]:
        """`run`, and at its end the film."""
        frames: list[Frames] = []
        for progress in self.run(order):
            if progress.frames is not None:
                frames.append(progress.frames)
            if progress.stage == "done":
                request = order.request
                film = Film(
                    frames=np.concatenate(frames),
                    fps=request.fps,
                    prompt=request.prompt,
                    seed=request.seed,
                    model=self.preset.name,
                    sound=order.sound,
                    notes=order.notes,
                )
                progress = replace(progress, film=film)
            yield progress

    def run(self, order: Order) -> Iterator[Progress]:
        """Make the film. The same order on the same machine gives the same frames, and memory does not grow with them.

        It is made at the preset's own frame rate; at another rate it shows the same frames, in the same time.
        """
        self.preset.check(order.request)
        request = replace(order.request, fps=self.preset.fps)
        yield Progress(stage="reading", done=0.0, total=READ_WORK + request.steps)
        clips = [Encoded(self, source) for source in order.sources]
        shots = order.mode(request, self.layout, clips)
        plans = [plan(shot.canvas, self.reach) for shot in shots]
        for shot in shots:
            self.preset.check_known(needs(shot.canvas))
        latents: float = sum(shot.canvas.grid[0] * self.layout.patch[0] for shot in shots)
        if not shots:
            latents = order.sources[0].count / self.layout.stride[0]
        total = READ_WORK + sum(map(len, plans)) * request.steps + DECODE_WORK * latents
        done, seed = READ_WORK, iter(seeds(request.seed, sum(map(len, plans))))
        retime = Retime(order.request.fps / self.preset.fps)
        yield Progress(stage="reading", done=done, total=total)
        for shot, spans in zip(shots, plans, strict=True):
            canvas = shot.canvas
            for first, last in spans:
                window, tokens_NC = cut(canvas, first, last, self.reach.opening), canvas.known_NC
                for step in self.fill(window, request, next(seed)):
                    tokens_NC = step.tokens_NC
                    done += 1
                    look = partial(self.glimpse, window, step.clean_NC)
                    yield Progress(stage="inventing", done=done, total=total, look=look)
                canvas = settle(canvas, first, last, tokens_NC)
            for frames in self.shown(replace(shot, canvas=canvas)):
                done += DECODE_WORK
                yield Progress(stage="decoding", done=min(done, total), total=total, frames=retime(frames))
        if not shots:
            for picture_HWC in order.sources[0].frames():
                done = min(total, done + DECODE_WORK / self.layout.stride[0])
                yield Progress(stage="decoding", done=done, total=total, frames=retime(picture_HWC[None]))
        yield Progress(stage="done", done=total, total=total, frames=retime.rest())

    def fill(self, canvas: Canvas, request: Request, seed: int) -> Iterator[Step]:
        """The sampler on this device, with the preset's solver and shift. The model is told what prompts say in words
        that it knows.
        """
        told = tuple(read(prompt, self.nouns).told for prompt in canvas.prompts)
        canvas = replace(canvas.to(self.device), prompts=told)
        unwanted = read(request.negative_prompt, self.nouns, negations=False).told
        request = replace(request, negative_prompt=unwanted[:MAX_PROMPT])
        guidance, shift = self.preset.sampling(request.guidance, canvas.grid[0])
        scale = 1 + (guidance - 1) * (self.preset.led if is_led(canvas) else 1)
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

    def shown(self, shot: Shot) -> Iterator[Frames]:
        """The frames of a filled shot, uint8 `[t, H, W, 3]`, one latent frame's at a time; a piece may be empty."""
        latents_CTHW = picture(shot.canvas, shot.canvas.known_NC, self.layout.patch)
        first, stop = shot.first, None if shot.frames is None else shot.first + shot.frames
        if shot.returns:
            arrived = shot.returns * self.layout.stride[0]
            yield np.concatenate([*self.decode(latents_CTHW[:, -shot.returns - LEAD :])])[-arrived:]
            first += arrived
        yield from between(self.decode(latents_CTHW), first, stop)

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


class Encoded:
    """A source in latents; see `yozora.core.modes.Clip`."""

    def __init__(self, engine: Engine, source: Reel) -> None:
        self.engine, self.source = engine, source

    @property
    def frames(self) -> int:
        return self.source.count

    def opening(self, *, whole: bool = False) -> Tensor:
        frames, stride = self.source.frames(), self.engine.layout.stride[0]
        return self._encode(standing(frames, self.frames + -(self.frames - 1) % stride) if whole else frames)

    def ongoing(self, *, whole: bool = False) -> Tensor:
        frames, stride = self.source.frames(), self.engine.layout.stride[0]
        if whole or self.frames < stride:
            frames = standing(frames, self.frames + -self.frames % stride)
        first = next(frames)
        return self._encode(chain([first, first], frames))[:, 1:]

    def closing(self) -> Tensor:
        frames = self.source.frames()
        first = next(frames)
        stands = repeat(first, lead(self.frames, self.engine.layout.stride[0]))
        return self._encode(chain(stands, [first], frames))

    def _encode(self, frames: Iterator[Frames]) -> Tensor:
        """Latents `[c, n + 1, h, w]` in float32 on the CPU, of the first 4n + 1 frames."""
        with torch.inference_mode():
            pieces = [z[0].float().cpu() for z in self.engine.autoencoder.encode_stream(self._pieces(frames))]
        return torch.cat(pieces, dim=1).clone()

    def _pieces(self, frames: Iterator[Frames]) -> Iterator[Tensor]:
        """The first frame, then as many as a latent holds at a time; what is left over at the end is left out."""
        stride, size = self.engine.layout.stride[0], 1
        while len(piece := list(islice(frames, size))) == size:
            video_TCHW = torch.from_numpy(np.stack(piece)).permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
            yield video_TCHW.transpose(0, 1)[None].to(self.engine.device, self.engine.dtype)
            size = stride


def standing(frames: Iterator[Frames], count: int) -> Iterator[Frames]:
    """So many frames: where there are fewer, the last one stands."""
    last = next(frames)
    yield last
    for _ in range(1, count):
        last = next(frames, last)
        yield last


class Retime:
    """The same film at `rate` times its frames a second: at each moment the frame that is nearest, none invented.

    Called with frames as they come, it gives those that are certain by then, and `rest` the last: a film of n frames
    becomes int((n - 1) * rate + 0.5) + 1.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.seen = self.given = 0
        self.before: Frames | None = None

    def __call__(self, frames_THWC: Frames) -> Frames:
        if not len(frames_THWC):
            return frames_THWC
        held = frames_THWC if self.before is None else np.concatenate([self.before, frames_THWC])
        self.seen += len(frames_THWC)
        self.before = frames_THWC[-1:]
        picked = []
        while self.given < self.count and (nearest := round(self.given / self.rate)) < self.seen:
            picked.append(nearest - self.seen)  # counted from the end
            self.given += 1
        chosen: Frames = held[picked]
        return chosen

    @property
    def count(self) -> int:
        """How many frames there are if no more come."""
        return int((self.seen - 1) * self.rate + 0.5) + 1

    def rest(self) -> Frames | None:
        """What is lacking at the end: the last frame, once more."""
        lacking = self.count - self.given
        return None if self.before is None or lacking < 1 else self.before.repeat(lacking, axis=0)


def between(pieces: Iterator[Frames], first: int, stop: int | None) -> Iterator[Frames]:
    """The frames [first, stop) of a film that comes in pieces; a piece may be empty."""
    start = 0
    for piece_THWC in pieces:
        yield piece_THWC[max(0, first - start) : None if stop is None else max(0, stop - start)]
        start += len(piece_THWC)


def is_led(canvas: Canvas) -> bool:
    """Whether `ONGOING` frames of the picture are known as wholes, or more: a film that goes on."""
    return int((canvas.strength_T == 0).sum()) >= ONGOING


def needs(canvas: Canvas) -> Known:
    """What weights must have been trained to be given, to fill this canvas."""
    _, H, W = canvas.grid
    if bool((canvas.strength_N[H * W :] < 1).any()):
        return "anything"
    return "first frame" if bool((canvas.strength_N < 1).any()) else "nothing"


def _bytes(values: Tensor) -> Tensor:
    """-1..1 as 0..255."""
    return values.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()


def best_device() -> str:
    """Where a film is made when nobody says."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def usable(device: str) -> torch.device:
    """The device of that name. Raises `UserError` where this machine has none such."""
    try:
        found = torch.device(device)
    except RuntimeError:
        found = torch.device("meta")
    count = torch.cuda.device_count() if found.type == "cuda" else found.type == "cpu"
    if (found.index or 0) >= count:
        raise UserError(f"This machine has no device {device!r}.", "Use cpu, or cuda where there is an NVIDIA GPU.")
    return found


def best_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies in it, else fp32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32
