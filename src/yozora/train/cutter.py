"""Teach the cutter (`model.carry`) to tell figures from their stage, by the renderer's masks."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.carry import Carrier, Cutter, CutterConfig
from yozora.sheet import write_png
from yozora.train.data import Shape, filmed, scene_at, shape_at, to_frames
from yozora.weights import save
from yozora.world.draw import Cast


@dataclass(frozen=True, slots=True, kw_only=True)
class CutterRecipe:
    """What the cutter sees: single frames of takes, as the autoencoder's linear path shows them. Some of the latents
    have noise of up to `noise`, as of a film that a transformer made.
    """

    cast: Cast
    shapes: tuple[Shape, ...]
    config: CutterConfig = field(default_factory=CutterConfig)
    shots: int = 2  # frames of a take
    noise: float = 0.3
    noisy: float = 0.4  # share of takes with noise
    overlap: float = 0.3  # weight of the overlap's error (Dice) beside that of the pixels
    stream: int = 26
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Shots:
    picture_U3HW: Tensor  # in -1..1
    mask_U1HW: Tensor  # 0 or 1


class CutterTask:
    """Say of each pixel whether it shows a figure."""

    name = "cutter"

    def __init__(self, recipe: CutterRecipe, autoencoder: VideoAutoencoder, before: Cutter | None = None) -> None:
        self.recipe = recipe
        self.autoencoder = autoencoder.to(recipe.device).eval().requires_grad_(False)
        self.model: nn.Module = (Cutter(recipe.config) if before is None else before).to(recipe.device)

    def batch(self, step: int) -> Shots:
        shape = shape_at(self.recipe.shapes, self.recipe.stream, step)
        return self._shots(step * 64, shape, np.random.default_rng([self.recipe.stream, step, 2]))

    def loss(self, batch: Shots, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        mask_U1HW = batch.mask_U1HW
        with torch.autocast(mask_U1HW.device.type, torch.bfloat16):
            logits_U1HW = self.model(batch.picture_U3HW).float()
        told_U1HW = logits_U1HW.sigmoid()
        both_U = 2 * (told_U1HW * mask_U1HW).sum((1, 2, 3)) + 1
        apart = 1 - both_U / ((told_U1HW + mask_U1HW).sum((1, 2, 3)) + 1)
        pixels = F.binary_cross_entropy_with_logits(logits_U1HW, mask_U1HW)
        return pixels + self.recipe.overlap * apart.mean(), {"iou": iou(logits_U1HW, mask_U1HW)}

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """Pictures, and beside them what is cut out."""
        shots = self._shots(0, self.recipe.shapes[0], np.random.default_rng(0))
        told_U3HW = model(shots.picture_U3HW).float().sigmoid().expand(-1, 3, -1, -1) * 2 - 1
        both = torch.cat([shots.picture_U3HW, told_U3HW], dim=3)
        write_png(folder / "figures.png", np.concatenate(to_frames(both.transpose(0, 1))))

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save(path, model, asdict(self.recipe.config), dtype=torch.float16, stream=self.recipe.stream, **facts)

    @torch.no_grad()
    def _shots(self, first: int, shape: Shape, rng: np.random.Generator) -> Shots:
        """Frames of the takes from number `first` on."""
        scenes = [scene_at(self.recipe.cast, self.recipe.stream, first + k, shape.frames) for k in range(shape.batch)]
        video_BCTHW, masks = filmed(scenes, shape, torch.device(self.recipe.device))
        latents = self.autoencoder.encode(video_BCTHW).float()
        noise = self.recipe.noise * rng.random(shape.batch) * (rng.random(shape.batch) < self.recipe.noisy)
        latents += torch.from_numpy(noise).to(latents)[:, None, None, None, None] * torch.randn_like(latents)
        assert self.autoencoder.linear is not None
        shown_BCTHW = self.autoencoder.linear.decode(self.autoencoder.denormalise(latents))[:, :, -shape.frames :]
        at = [rng.choice(shape.frames, min(self.recipe.shots, shape.frames), replace=False) for _ in scenes]
        return Shots(
            torch.cat([shown_CTHW[:, t].transpose(0, 1) for shown_CTHW, t in zip(shown_BCTHW, at, strict=True)]),
            torch.cat([mask_ATHW[:, t].any(0)[:, None].float() for mask_ATHW, t in zip(masks, at, strict=True)]),
        )


def iou(logits_U1HW: Tensor, mask_U1HW: Tensor) -> float:
    """Pixels that are rightly called figures, of those that are or are called so."""
    told, true = logits_U1HW > 0, mask_U1HW > 0.5
    return float((told & true).sum() / (told | true).sum().clamp_min(1))


@torch.no_grad()
def equip(carrier: Carrier, autoencoder: VideoAutoencoder, cutter: Cutter) -> None:
    """Give a carrier the linear path of the autoencoder, for normalised latents, and a cutter."""
    if autoencoder.linear is None:
        raise ValueError("only an autoencoder with a linear path lends it to a carrier")
    mean_Z, std_Z = (torch.tensor(of) for of in (autoencoder.config.mean, autoencoder.config.std))
    up, down = autoencoder.linear.up, autoencoder.linear.down
    carrier.up.weight.copy_(up.weight * std_Z)
    carrier.up.bias.copy_(up.bias + up.weight @ mean_Z)
    carrier.down.weight.copy_(down.weight / std_Z[:, None])
    carrier.down.bias.copy_((down.bias - mean_Z) / std_Z)
    carrier.cutter.load_state_dict(cutter.state_dict())
