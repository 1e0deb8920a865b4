"""Owns the models on a device: a request goes in, progress comes out, and at the end a film.

Knows nothing of files, codecs or who asked.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar, Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yozora import presets
from yozora.canvas import Canvas, Layout, picture
from yozora.errors import UserError
from yozora.film import Film
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.modes import MODES
from yozora.presets import Preset, Settings
from yozora.request import Request
from yozora.sampler import SOLVERS, Denoise, fill, guide
from yozora.weights import assemble, load

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)
Stage = Literal["reading", "inventing", "decoding", "done"]

READ_WORK = 1.0  # in sampler steps: reading the prompt, drawing the canvas
DECODE_WORK = 0.5  # in sampler steps: one latent frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a film is: `done` of `total`, in sampler steps. The last one, and only that, holds the film."""

    stage: Stage
    done: float
    total: float
    film: Film | None = None


class Engine:
    """A preset's models, loaded strictly and once; films are made one at a time.

    `device` is "cpu" or "cuda". Matrix products run in `dtype`, by default the fastest that the device has. Raises
    `UserError` for weights that are missing, damaged or of another shape.
    """

    def __init__(self, preset: Preset, device: str | None = None, dtype: torch.dtype | None = None) -> None:
        self.preset = preset
        self.device = torch.device(device or best_device())
        self.dtype = dtype or best_dtype(self.device)
        files = preset.files
        self.text = self._load(files["text"], TextConfig, TextEncoder, torch.float32)
        self.transformer = self._load(files["transformer"], TransformerConfig, SpacetimeTransformer, self.dtype)
        self.autoencoder = self._load(files["autoencoder"], AutoencoderConfig, VideoAutoencoder, self.dtype)
        self.layout = Layout(
            channels=self.autoencoder.config.z,
            stride=self.autoencoder.config.stride,
            patch=self.transformer.config.patch,
        )

    def _load(self, path: Path, configure: Callable[..., C], make: Callable[[C], M], dtype: torch.dtype) -> M:
        said, state = load(path, dtype=dtype, device=str(self.device))
        try:
            config = configure(**said)
        except (TypeError, ValueError) as error:
            raise UserError(f"{path} holds weights of another kind of model.", str(error)) from error
        return assemble(lambda: make(config), state).eval()

    def generate(self, request: Request) -> Iterator[Progress]:
        """Make the film. The same request on the same machine gives the same frames.

        It is made at the preset's own frame rate; at another rate it shows the same frames, in the same time.
        """
        self.preset.check(request)
        canvas = MODES["text"](replace(request, fps=self.preset.fps), self.layout).to(self.device)
        before = READ_WORK + request.steps
        total = before + DECODE_WORK * canvas.grid[0] * self.layout.patch[0]
        yield Progress(stage="reading", done=0.0, total=total)
        with torch.inference_mode():
            denoise = guide(self.denoiser(canvas, request), request.guidance, self.preset.guided)
        yield Progress(stage="inventing", done=READ_WORK, total=total)
        steps = fill(
            canvas,
            denoise,
            steps=request.steps,
            seed=request.seed,
            shift=self.preset.shift,
            solver=SOLVERS[self.preset.solver],
        )
        tokens_NC = canvas.known_NC
        for step in steps:
            tokens_NC = step.tokens_NC
            yield Progress(stage="inventing", done=READ_WORK + step.index, total=total)
        frames: list[NDArray[np.uint8]] = []
        for index, piece in enumerate(self.decode(canvas, tokens_NC), start=1):
            frames.append(piece)
            yield Progress(stage="decoding", done=before + DECODE_WORK * index, total=total)
        film = Film(
            frames=retimed(np.concatenate(frames), request.fps / self.preset.fps),
            fps=request.fps,
            prompt=request.prompt,
            seed=request.seed,
            model=self.preset.name,
        )
        yield Progress(stage="done", done=total, total=total, film=film)

    def denoiser(self, canvas: Canvas, request: Request) -> Denoise:
        """The transformer as the sampler wants it; the second half of a guided batch hears the negative prompt."""
        prompts = list(canvas.prompts)
        both = [*prompts, *[request.negative_prompt] * len(prompts)]
        text_BLD, mask_BL = self.text.encode(both)
        reading = self.transformer.read(text_BLD.unflatten(0, (2, -1)), mask_BL.unflatten(0, (2, -1)))
        alone = self.transformer.read(text_BLD[: len(prompts)][None], mask_BL[: len(prompts)][None])
        pos_BN3 = canvas.pos_N3[None]
        reads_BNP = None if bool(canvas.reads_NP.all()) else canvas.reads_NP[None]

        def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
            heard = alone if len(x_BNC) == 1 else reading
            with torch.inference_mode():
                velocity_BNC: Tensor = self.transformer(x_BNC, Time.of(t_BN), pos_BN3, heard, reads_BNP)
                return velocity_BNC

        return denoise

    def decode(self, canvas: Canvas, tokens_NC: Tensor) -> Iterator[NDArray[np.uint8]]:
        """Frames uint8 `[t, H, W, 3]`, one latent frame's at a time."""
        latents_CTHW = picture(canvas, tokens_NC, self.layout.patch)
        pieces = self.autoencoder.decode_stream(latents_CTHW[None].to(self.dtype))
        while True:
            with torch.inference_mode():
                piece_BCTHW = next(pieces, None)
                if piece_BCTHW is None:
                    return
                bytes_CTHW = piece_BCTHW[0].float().add(1.0).mul(127.5).round().clamp(0, 255).byte()
                frames: NDArray[np.uint8] = bytes_CTHW.permute(1, 2, 3, 0).contiguous().cpu().numpy()
            yield frames


def retimed(frames_THWC: NDArray[np.uint8], rate: float) -> NDArray[np.uint8]:
    """The same film at `rate` times its frames a second: at each moment the frame that is nearest, none invented."""
    last = len(frames_THWC) - 1
    picked: NDArray[np.uint8] = frames_THWC[
        (np.arange(int(last * rate + 0.5) + 1) / rate).round().astype(int).clip(0, last)
    ]
    return picked


def best_device() -> str:
    """Where a film is made when nobody says."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def best_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies in it, else fp32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def generate(
    prompt: str, *, model: str = presets.DEFAULT, device: str | None = None, **settings: Unpack[Settings]
) -> Film:
    """Words to film, with the model's defaults for all that is not said; without a seed, another film each time.

    Raises `UserError`, in a line that says what to do, for what cannot be made.
    """
    settings.setdefault("seed", secrets.randbelow(2**31))
    preset = presets.find(model)
    request = preset.ask(prompt, settings)
    film = None
    for progress in Engine(preset, device).generate(request):
        film = progress.film
    assert film is not None
    return film
