"""Train the video autoencoder on takes of the world: from the PCA projection to a network round it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from yozora.model.autoencoder import AutoencoderConfig, Linear, VideoAutoencoder
from yozora.model.components import fit_linear
from yozora.sheet import contact_sheet, write_png
from yozora.train.data import Shape, shape_at, to_frames, video_batch
from yozora.weights import save
from yozora.world.draw import Cast


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderRecipe:
    """What the autoencoder sees.

    While the decoder learns, half of the takes come with flawed latents, as a transformer makes them: noise of up to
    `noise` (relative to their spread), other for each token.
    """

    config: AutoencoderConfig
    cast: Cast
    shapes: tuple[Shape, ...]
    noise: float = 0.3
    steadiness: float = 0.5  # weight of the error in the change from frame to frame
    stream: int = 1
    fit: Shape = field(default_factory=lambda: Shape(frames=9, batch=384))  # takes that the linear path is fitted on
    device: str = "cpu"


class AutoencoderTask:
    """Reconstruct pixels: squared error for the figure, absolute error for the edges."""

    name = "autoencoder"

    def __init__(self, recipe: AutoencoderRecipe, before: VideoAutoencoder | None = None) -> None:
        """`before` is one whose decoder is to learn on: its latents, and so what a transformer knows, stay."""
        self.recipe, self.measured = recipe, before is not None
        model = VideoAutoencoder(recipe.config) if before is None else before
        if model.linear is None:
            raise ValueError("this recipe is for an autoencoder with a linear path")
        if before is None:
            fit_linear(model, video_batch(recipe.cast, recipe.stream + 1, 0, recipe.fit))
            temper(model.linear)
        model.linear.requires_grad_(False)
        self.model: nn.Module = model.to(recipe.device)

    def batch(self, step: int) -> Tensor:
        shape = shape_at(self.recipe.shapes, self.recipe.stream, step)
        return video_batch(self.recipe.cast, self.recipe.stream, step * 64, shape, self.recipe.device)

    def loss(self, batch: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        batch = batch.to(self.recipe.device)
        with torch.autocast(batch.device.type, torch.bfloat16):
            model = typed(self.model)
            latents = model.encode(batch)
            made = model.picture(model.denormalise(flawed(latents, self.recipe, generator)))
        error = made.float() - batch
        squared = error.square().mean()
        steady = error.diff(dim=2).abs().mean() if batch.shape[2] > 1 else squared.new_zeros(())
        return 30.0 * squared + 0.3 * error.abs().mean() + self.recipe.steadiness * steady, {
            "psnr": psnr(squared.item())
        }

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
        config = typed(model).config if self.measured else self.measure(typed(model))
        save(path, model, config, dtype=torch.float16, stream=self.recipe.stream, **facts)

    def measure(self, model: VideoAutoencoder) -> AutoencoderConfig:
        """The config with the mean of each raw channel and the spread of all."""
        latents = []
        for step in range(16):
            shape = replace(self.recipe.shapes[0], batch=8)
            batch = video_batch(self.recipe.cast, self.recipe.stream + 2, step * 64, shape).to(self.recipe.device)
            latents.append(model.encode(batch).float())
        together = torch.cat(latents)
        mean = together.mean((0, 2, 3, 4))
        spread = float((together - mean[:, None, None, None]).square().mean().sqrt())
        return replace(self.recipe.config, mean=tuple(mean.tolist()), std=(spread,) * len(mean))


def typed(model: nn.Module) -> VideoAutoencoder:
    """The model of the task, by its type."""
    assert isinstance(model, VideoAutoencoder)
    return model


@torch.no_grad()
def flawed(latents_BCTHW: Tensor, recipe: AutoencoderRecipe, generator: torch.Generator) -> Tensor:
    """Half of the latents as a transformer would have made them."""
    B, _, T, H, W = latents_BCTHW.shape

    def lots(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=latents_BCTHW.device)

    chosen = (lots(B, 1, 1, 1, 1) < 0.5).float()
    each = lots(B, 1, T, H // 2, W // 2).repeat_interleave(2, 3).repeat_interleave(2, 4)  # a token is 2 x 2 latents
    noise = torch.randn(latents_BCTHW.shape, generator=generator, device=latents_BCTHW.device)
    return latents_BCTHW + noise * (chosen * recipe.noise * lots(B, 1, 1, 1, 1) * each * latents_BCTHW.std())


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
