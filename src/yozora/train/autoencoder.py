"""Train the video autoencoder on takes of the world: from the PCA projection to a network round it."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from yozora.model.autoencoder import AutoencoderConfig, Linear, VideoAutoencoder, fit_linear
from yozora.sheet import contact_sheet, write_png
from yozora.train.data import Shape, shape_at, to_frames, video_batch
from yozora.weights import save
from yozora.world.draw import Cast


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderRecipe:
    """What the autoencoder sees. `noise` is added to its latents (relative to their spread) while the decoder
    learns.
    """

    config: AutoencoderConfig
    cast: Cast
    shapes: tuple[Shape, ...]
    noise: float = 0.05
    stream: int = 1
    fit_takes: int = 96
    device: str = "cpu"


class AutoencoderTask:
    """Reconstruct pixels: squared error for the figure, absolute error for the edges."""

    name = "autoencoder"

    def __init__(self, recipe: AutoencoderRecipe, fit: bool = True) -> None:
        self.recipe = recipe
        model = VideoAutoencoder(recipe.config)
        if model.linear is None:
            raise ValueError("this recipe is for an autoencoder with a linear path")
        if fit:
            shape = replace(recipe.shapes[0], batch=recipe.fit_takes)
            fit_linear(model, video_batch(recipe.cast, recipe.stream + 1, 0, shape))
            temper(model.linear)
        model.linear.requires_grad_(False)  # latents stay what they are, whatever the decoder learns
        self.model: nn.Module = model.to(recipe.device)

    def batch(self, step: int) -> Tensor:
        shape = shape_at(self.recipe.shapes, self.recipe.stream, step)
        return video_batch(self.recipe.cast, self.recipe.stream, step * 64, shape, self.recipe.device)

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        batch = batch.to(self.recipe.device)
        with torch.autocast(batch.device.type, torch.bfloat16):
            model = typed(self.model)
            latents = model.encode(batch)
            spread = latents.detach().float().std()
            noise = torch.randn(latents.shape, generator=generator, device=batch.device)
            made = model.picture(latents + self.recipe.noise * spread * noise)
        error = made.float() - batch
        squared = error.square().mean()
        return 10.0 * squared + error.abs().mean(), {"psnr": psnr(squared.item())}

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        shape = replace(self.recipe.shapes[0], batch=6)
        batch = video_batch(self.recipe.cast, 999, 0, shape).to(self.recipe.device)
        with torch.autocast(batch.device.type, torch.bfloat16):
            made = typed(model).decode(typed(model).encode(batch))
        films = [to_frames(video) for pair in zip(batch, made, strict=True) for video in pair]
        write_png(folder / "reconstructions.png", contact_sheet(films, columns=2))

    @torch.no_grad()
    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        """Latents leave the exported autoencoder centred and, over all channels, with unit variance; the channels
        keep their proportions, so that what matters in the picture also matters in the transformer's loss."""
        latents = []
        for step in range(16):
            shape = replace(self.recipe.shapes[0], batch=8)
            batch = video_batch(self.recipe.cast, self.recipe.stream + 2, step * 64, shape).to(self.recipe.device)
            latents.append(typed(model).encode(batch).float())
        together = torch.cat(latents)
        mean = together.mean((0, 2, 3, 4))
        spread = float((together - mean[:, None, None, None]).square().mean().sqrt())
        config = replace(self.recipe.config, mean=tuple(mean.tolist()), std=(spread,) * len(mean))
        save(path, model, config, dtype=torch.float16, stream=self.recipe.stream, **facts)


def typed(model: nn.Module) -> VideoAutoencoder:
    """The model of the task, by its type."""
    assert isinstance(model, VideoAutoencoder)
    return model


@torch.no_grad()
def temper(linear: Linear) -> None:
    """Whitened principal components to ones whose spread is the square root of what they had in the pixels."""
    gain_Z = linear.up.weight.norm(dim=0).sqrt()
    linear.down.weight.mul_(gain_Z[:, None])
    linear.down.bias.mul_(gain_Z)
    linear.up.weight.div_(gain_Z)


def psnr(squared: float) -> float:
    """Peak signal-to-noise ratio in dB of a mean squared error between pictures in -1..1."""
    return float(10.0 * torch.log10(torch.tensor(4.0 / max(squared, 1e-12))))
