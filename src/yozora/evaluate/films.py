"""Films from a folder of weights, on machines without codecs and command line: torch, numpy, safetensors suffice."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora import weights
from yozora.canvas import Layout, picture
from yozora.errors import UserError
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.modes import MODES
from yozora.presets import Preset, Settings
from yozora.sampler import SOLVERS, fill, guide

Frames = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Troupe:
    """The three models of a preset on one device, and the nouns that they were trained on."""

    text: TextEncoder
    transformer: SpacetimeTransformer
    autoencoder: VideoAutoencoder
    nouns: tuple[str, ...]
    device: torch.device

    @property
    def layout(self) -> Layout:
        config = self.autoencoder.config
        return Layout(channels=config.z, stride=config.stride, patch=self.transformer.config.patch)


def load(folder: Path, device: str, dtype: torch.dtype) -> Troupe:
    """The models of a folder. Raises `UserError` for weights that are missing, damaged or do not say their nouns."""
    paths = {part: folder / f"{part}.safetensors" for part in ("text", "transformer", "autoencoder")}
    said, state = weights.load(paths["text"], dtype=torch.float32, device=device)
    text = weights.assemble(lambda: TextEncoder(TextConfig(**said)), state).eval()
    said, state = weights.load(paths["transformer"], dtype=dtype, device=device)
    transformer = weights.assemble(lambda: SpacetimeTransformer(TransformerConfig(**said)), state).eval()
    said, state = weights.load(paths["autoencoder"], dtype=dtype, device=device)
    autoencoder = weights.assemble(lambda: VideoAutoencoder(AutoencoderConfig(**said)), state).eval()
    return Troupe(
        text=text,
        transformer=transformer,
        autoencoder=autoencoder,
        nouns=vocabulary(paths["transformer"]),
        device=torch.device(device),
    )


def vocabulary(path: Path) -> tuple[str, ...]:
    """The nouns that a transformer was trained on, from its file. Raises `UserError` where it does not say."""
    nouns = weights.facts(path).get("nouns")
    nouns = json.loads(nouns) if isinstance(nouns, str) else nouns
    if not nouns:
        raise UserError(f"{path} does not say which nouns it was trained on.", "Train it again with a current recipe.")
    return tuple(nouns)


def film_of(troupe: Troupe, preset: Preset, settings: Settings) -> Callable[[str, int], Frames]:
    """Prompt and seed to uint8 `[T, H, W, 3]`, sampled as the preset wants it, or the settings where they say so."""

    @torch.inference_mode()
    def film(prompt: str, seed: int) -> Frames:
        request = preset.ask(prompt, {**settings, "seed": seed})
        canvas = MODES["text"](request, troupe.layout).to(troupe.device)
        text_BLD, mask_BL = troupe.text.encode([prompt, ""])
        both = troupe.transformer.read(text_BLD[:, None], mask_BL[:, None])
        alone = troupe.transformer.read(text_BLD[:1, None], mask_BL[:1, None])

        def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
            heard = alone if len(x_BNC) == 1 else both
            velocity_BNC: Tensor = troupe.transformer(x_BNC, Time.of(t_BN), canvas.pos_N3[None], heard)
            return velocity_BNC

        guided = guide(denoise, request.guidance, preset.guided)
        solver = SOLVERS[preset.solver]
        *_, last = fill(canvas, guided, steps=request.steps, seed=seed, shift=preset.shift, solver=solver)
        return to_frames(_decode(troupe.autoencoder, picture(canvas, last.tokens_NC, troupe.layout.patch)))

    return film


def round_trip(troupe: Troupe) -> Callable[[Frames], Frames]:
    """Frames uint8 `[4n + 1, H, W, 3]` through the autoencoder and back."""

    @torch.inference_mode()
    def again(frames_THWC: Frames) -> Frames:
        video_CTHW = torch.from_numpy(np.ascontiguousarray(frames_THWC)).permute(3, 0, 1, 2).float().div(127.5).sub(1.0)
        weight = next(troupe.autoencoder.parameters())
        latents_BCTHW = troupe.autoencoder.encode(video_CTHW[None].to(troupe.device, weight.dtype))
        return to_frames(_decode(troupe.autoencoder, latents_BCTHW[0]))

    return again


def to_frames(video_CTHW: Tensor) -> Frames:
    """-1..1 to uint8 `[T, H, W, 3]`."""
    pixels = video_CTHW.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()
    return np.ascontiguousarray(pixels.permute(1, 2, 3, 0).cpu().numpy())


def _decode(autoencoder: VideoAutoencoder, latents_CTHW: Tensor) -> Tensor:
    video_BCTHW: Tensor = autoencoder.decode(latents_CTHW[None].to(next(autoencoder.parameters()).dtype))
    return video_BCTHW[0]
