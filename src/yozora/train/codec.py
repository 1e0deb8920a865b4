"""Train the codec of keyframes and motion (`model.codec`): its stills, its estimator of motion, and what draws between.

The encoders of stills and of motion are trained first and then fixed, since all later weights hang on them; what
decodes may be trained on at any time.
"""

from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.films.sheet import contact_sheet, write_png
from yozora.model.codec import (
    BETWEEN,
    CELL,
    FINE,
    FLOW,
    OFFSETS,
    STEP,
    KeyframeCodec,
    curved,
    enlarged,
    straight,
    warp,
)
from yozora.train.codec_films import BACKGROUND, FRAMES, CodecRecipe, Filmed
from yozora.train.data import psnr, to_frames, to_video
from yozora.train.leaves import dead_leaves
from yozora.weights.files import save

Stage = Literal["keys", "motion", "between"]
FITTED = 48  # films that linear maps and statistics are measured on


@dataclass(frozen=True, slots=True)
class Crops:
    """P crops of five frames with keyframes at the ends, and what is true of them."""

    frames_P5CHW: Tensor  # in -1..1
    keys_P2CHW: Tensor  # the two keyframes, as the decoder of stills shows them where frames between are learnt
    owner_P5yx: Tensor
    flow_P8hw: Tensor
    cell_Phw: Tensor

    def to(self, device: str) -> "Crops":
        return Crops(*(getattr(self, field.name).to(device) for field in fields(self)))

    def mirrored(self) -> "Crops":
        """Left and right exchanged."""
        turned = Crops(*(getattr(self, field.name).flip(-1) for field in fields(self)))
        back = torch.tensor([-1.0, 1.0] * len(OFFSETS))[:, None, None]
        return replace(turned, flow_P8hw=turned.flow_P8hw * back)

    def actors(self, frame: int) -> Tensor:
        """The pixels of a frame that actors own, float `[P, 1, H, W]`."""
        on = (self.owner_P5yx[:, frame] > BACKGROUND).float()[:, None]
        return on.repeat_interleave(FINE, 2).repeat_interleave(FINE, 3)


class CodecTask:
    """One part of the codec; the others stay as they are.

    keys: encoder and decoder of stills, or where the encoder is known already its decoder alone. motion: the estimator
    of motion. between: what draws the frames between keyframes.
    """

    name = "autoencoder"

    def __init__(self, stage: Stage, recipe: CodecRecipe, filmed: Filmed, before: KeyframeCodec | None = None) -> None:
        self.stage, self.recipe, self.filmed = stage, recipe, filmed
        self.fresh = before is None
        codec = (KeyframeCodec(recipe.config) if before is None else before).to(recipe.device)
        self.model: nn.Module = codec.requires_grad_(False)
        if self.fresh:
            fit_linear(codec, torch.cat([as_video(film[::STEP]) for film in filmed.frames_FTHWC[:FITTED]], dim=1))
            codec.encoder.requires_grad_(True)
        {"keys": codec.decoder, "motion": codec.motion, "between": codec.between}[stage].requires_grad_(True)
        self.coded_FNHWC = coded_keys(codec, filmed) if stage == "between" else None

    def batch(self, step: int) -> Crops:
        """Crops around pairs of keyframes; to learn stills from, also dead leaves."""
        recipe, filmed = self.recipe, self.filmed
        rng = np.random.default_rng([recipe.stream, step, 1])
        f = torch.from_numpy(rng.integers(len(filmed), size=recipe.batch))
        k = torch.from_numpy(rng.integers((FRAMES - 1) // STEP, size=recipe.batch))
        sides = (recipe.height, recipe.width)
        top, left = (CELL * int(rng.integers((side - recipe.crop) // CELL + 1)) for side in sides)

        def cut(x: Tensor, unit: int = 1) -> Tensor:
            """This crop of something whose last axes are rows and columns of so many pixels each."""
            rows, columns = (slice(at // unit, (at + recipe.crop) // unit) for at in (top, left))
            return x[..., rows, columns]

        times = STEP * k[:, None] + torch.arange(STEP + 1)
        frames = unit_range(cut(filmed.frames_FTHWC[f[:, None], times].movedim(-1, 2)))
        owner = cut(filmed.owner_FTyx[f[:, None], times], FINE)
        leaves = int(rng.binomial(recipe.batch, recipe.leaves)) if self.stage == "keys" else 0
        if leaves:
            owner[:leaves] = BACKGROUND
            frames[:leaves, 0] = torch.from_numpy(dead_leaves(rng, leaves, recipe.crop)).movedim(-1, 1)
        keys = frames[:, ::STEP]
        if self.coded_FNHWC is not None:
            keys = unit_range(cut(self.coded_FNHWC[f[:, None], k[:, None] + torch.arange(2)].movedim(-1, 2)))
        crops = Crops(
            frames_P5CHW=frames,
            keys_P2CHW=keys,
            owner_P5yx=owner,
            flow_P8hw=cut(filmed.flow_FN8hw[f, k], CELL).float(),
            cell_Phw=cut(filmed.cell_FNhw[f, k], CELL),
        )
        crops = crops.mirrored() if rng.random() < 0.5 else crops
        return crops.to(recipe.device)

    def loss(self, batch: Crops, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        if self.stage == "keys":
            return self._keyframe_loss(batch, generator)
        return self._motion(batch) if self.stage == "motion" else self._between_loss(batch, generator)

    def _keyframe_loss(self, batch: Crops, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Stills from latents, some of them with noise or mirrored, so that neighbours of a latent are pictures too."""
        codec, recipe = typed(self.model), self.recipe
        picture, on = batch.frames_P5CHW[:, 0], batch.actors(0)
        with torch.autocast(picture.device.type, torch.bfloat16):
            raw = codec.encoder(picture).float()
        spread = raw.std(dim=(0, 2, 3), keepdim=True)
        uniform = partial(torch.rand, (len(picture), 1, 1, 1), generator=generator, device=picture.device)
        amount = 0.3 * uniform() * (uniform() < 0.6)
        noise = torch.randn(raw.shape, generator=generator, device=picture.device)
        noisy, wanted = raw + noise * amount * spread.detach(), picture
        if float(uniform()[0]) < 0.25:
            noisy, wanted, on = noisy.flip(-1), picture.flip(-1), on.flip(-1)
        with torch.autocast(picture.device.type, torch.bfloat16):
            error = codec.decoder(noisy).float() - wanted
        weight = 1 + recipe.actor_weight * on
        loss = 20 * (error.square() * weight).mean() + (error.abs() * weight).mean() + 0.5 * edges(error)
        if self.fresh:  # noise is relative to the spread, so that is held
            loss = loss + 1e-3 * spread.log().square().mean() + 2e-4 * raw.mean(dim=(0, 2, 3)).square().mean()
        return loss, {"psnr": psnr(error.square().mean().item()), "actors": inside(error, on)}

    def _motion(self, batch: Crops) -> tuple[Tensor, dict[str, float]]:
        """The renderer's flow where actors are, how well warped frames fit, and calm where nothing says otherwise."""
        frames, on = batch.frames_P5CHW, batch.cell_Phw[:, None].float()
        with torch.autocast(frames.device.type, torch.bfloat16):
            found = typed(self.model).motion.steps(frames)
        numbers = (FLOW * on.sum()).clamp_min(1)
        told = frames.new_zeros(())
        for k, flow in enumerate(found):
            miss = F.smooth_l1_loss(flow, batch.flow_P8hw, reduction="none", beta=1.0)
            told = told + (0.3 + 0.7 * k / (len(found) - 1)) * (miss * on).sum() / numbers
        fit = torch.stack([photometric_error(frames, flow) for flow in found[1:]]).mean()
        last = found[-1]
        calm = last.abs().mean() + last.diff(dim=-1).abs().mean() + last.diff(dim=-2).abs().mean()
        off = [((flow - batch.flow_P8hw).abs() * on).sum() / numbers for flow in (found[0], last)]
        facts = {"guess": off[0].item(), "flow": off[1].item(), "fit": fit.item()}
        return 0.2 * told + 2.0 * fit + 0.003 * calm, facts

    def _between_loss(self, batch: Crops, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        draw, frames = typed(self.model).between.frame, batch.frames_P5CHW[:, 1:STEP]
        flow = self._noisy_flow(batch, generator)
        before, after = batch.keys_P2CHW.unbind(1)
        with torch.autocast(frames.device.type, torch.bfloat16):
            drawn = [draw(before, after, flow, k) for k in range(BETWEEN)]
        picture, mixed = (torch.stack([found[k] for found in drawn], dim=1).float() for k in (0, 1))
        on = torch.stack([batch.actors(k) for k in range(1, STEP)], dim=1)
        error, weight = picture - frames, 1 + self.recipe.actor_weight * on
        rough = ((mixed - frames).abs() * weight).mean()
        loss = 20 * (error.square() * weight).mean() + (error.abs() * weight).mean() + 0.5 * edges(error) + 0.5 * rough
        return loss, {"psnr": psnr(error.square().mean().item()), "actors": inside(error, on)}

    @torch.no_grad()
    def _noisy_flow(self, batch: Crops, generator: torch.Generator) -> Tensor:
        """The flow of a batch: for half of it with noise, as a transformer errs, and for some not told at all, as with
        a still that is pasted later."""
        codec, frames = typed(self.model), batch.frames_P5CHW
        uniform = partial(torch.rand, (len(frames), 1, 1, 1), generator=generator, device=frames.device)
        with torch.autocast(frames.device.type, torch.bfloat16):
            raw = curved(codec.motion(frames).float())
        spread = torch.tensor(codec.config.spread[-FLOW:], device=frames.device)[:, None, None]
        noise = torch.randn(raw.shape, generator=generator, device=frames.device) * spread
        raw = raw + noise * self.recipe.noise * (uniform() < 0.5) * uniform()
        return straight(raw * (uniform() > 0.04))

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """Films, and below each the same through the codec, every second frame of a stretch."""
        rows = []
        for film in self.filmed.frames_FTHWC[-6:]:
            with torch.autocast(self.recipe.device, torch.bfloat16):
                made = typed(model).decode(typed(model).encode(as_video(film)[None].to(self.recipe.device)))[0]
            rows += [film.numpy()[8:21:2], to_frames(made)[8:21:2]]
        write_png(folder / "reconstructions.png", contact_sheet(rows, shots=7, columns=1))

    @torch.no_grad()
    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        """The whole codec in half precision, with the stages that it has been through."""
        codec = typed(model)
        config = codec.config
        if self.fresh:
            mean, spread = self._still_statistics(codec)
            config = replace(config, mean=(*mean, *config.mean[-FLOW:]), spread=(*spread, *config.spread[-FLOW:]))
        if self.stage == "motion":
            config = replace(config, spread=(*config.spread[:-FLOW], *self._flow_spread(codec)))
        save(path, codec, config, dtype=torch.float16, stream=self.recipe.stream, **facts)

    def _still_statistics(self, codec: KeyframeCodec) -> tuple[list[float], list[float]]:
        """Mean and spread of each raw channel of stills."""
        found = []
        for film in self.filmed.frames_FTHWC[:FITTED]:
            with torch.autocast(self.recipe.device, torch.bfloat16):
                keys = as_video(film[::STEP]).transpose(0, 1).to(self.recipe.device)
                found.append(codec.encoder(keys).float().cpu())
        together = torch.cat(found)
        return together.mean((0, 2, 3)).tolist(), together.std((0, 2, 3)).clamp_min(1e-3).tolist()

    def _flow_spread(self, codec: KeyframeCodec) -> list[float]:
        """Spread of the flow's coefficients; of the small ones a quarter of the largest."""
        found = []
        for film in self.filmed.frames_FTHWC[:FITTED]:
            fives = as_video(film).unfold(1, STEP + 1, STEP).permute(1, 4, 0, 2, 3).to(self.recipe.device)
            with torch.autocast(self.recipe.device, torch.bfloat16):
                found.append(curved(codec.motion(fives).float()).cpu())
        spread = torch.cat(found).square().mean((0, 2, 3)).sqrt().clamp_min(1e-2)
        told: list[float] = spread.clamp_min(float(spread.max()) / 4).tolist()
        return told


def typed(model: nn.Module) -> KeyframeCodec:
    """The model of the task, by its type."""
    assert isinstance(model, KeyframeCodec)
    return model


@torch.no_grad()
def fit_linear(codec: KeyframeCodec, pictures_3THW: Tensor) -> None:
    """Start the stills at the principal components of their blocks, each with the square root of its spread."""
    blocks_MC = F.pixel_unshuffle(pictures_3THW.transpose(0, 1), CELL).movedim(1, -1).flatten(0, 2)
    mean_C = blocks_MC.mean(0)
    apart_MC = (blocks_MC - mean_C).double()
    values, vectors = torch.linalg.eigh(apart_MC.T @ apart_MC / len(apart_MC))
    z = codec.config.still
    vectors_CZ = vectors[:, -z:].flip(1).float()
    scale_Z = values[-z:].flip(0).clamp_min(1e-8).float().pow(0.25)
    down, up = codec.encoder.linear, codec.decoder.linear
    assert down.bias is not None
    assert up.bias is not None
    down.weight.copy_((vectors_CZ / scale_Z).T[:, :, None, None])
    down.bias.copy_(-(mean_C @ vectors_CZ) / scale_Z)
    up.weight.copy_((vectors_CZ * scale_Z)[:, :, None, None])
    up.bias.copy_(mean_C)


def edges(error: Tensor) -> Tensor:
    """The error in the change from pixel to pixel."""
    return error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()


def inside(error: Tensor, on: Tensor) -> float:
    """dB where actors are."""
    return psnr(((error.square() * on).sum() / (error.shape[-3] * on.sum()).clamp_min(1)).item())


def photometric_error(frames_P5CHW: Tensor, flow_P8hw: Tensor) -> Tensor:
    """How badly the other frames, warped, fit the middle one; large errors (what is hidden there) count no more."""
    others = torch.cat([frames_P5CHW[:, :2], frames_P5CHW[:, 3:]], dim=1)
    full = enlarged(flow_P8hw, CELL).unflatten(1, (-1, 2)).flatten(0, 1)
    warped: Tensor = warp(others.flatten(0, 1), full).unflatten(0, others.shape[:2])
    return (warped - frames_P5CHW[:, 2:3]).abs().clamp_max(0.4).mean()


def as_video(frames_THWC: Tensor) -> Tensor:
    """uint8 frames to float32 `[3, T, H, W]` in -1..1."""
    return to_video(frames_THWC.numpy())


def unit_range(bytes_: Tensor) -> Tensor:
    """0..255 to float32 in -1..1."""
    return bytes_.float().div(127.5).sub(1.0)


@torch.no_grad()
def coded_keys(codec: KeyframeCodec, filmed: Filmed) -> Tensor:
    """The keyframes of all films through the codec of stills, uint8 `[F, N, H, W, 3]`."""
    device, out = codec.decoder.linear.weight.device, []
    for film in filmed.frames_FTHWC:
        keys = as_video(film[::STEP]).transpose(0, 1).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            made = codec.decoder(codec.encoder(keys))
        out.append(torch.from_numpy(to_frames(made.float().transpose(0, 1))))
    return torch.stack(out)
