"""Train the spacetime transformer on random canvases of encoded takes."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.canvas import blank, say, unpatchify
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.dit import SpacetimeTransformer, Time, TransformerConfig
from yozora.model.evidence import Memory
from yozora.model.text import TextEncoder
from yozora.sampler import fill, guide
from yozora.sheet import Frames, contact_sheet, write_png
from yozora.train.canvases import Canvases
from yozora.train.data import LatentCache, Sample, to_frames
from yozora.train.tasks import draw_times
from yozora.train.trust import MINI, Trust, fold, unfold
from yozora.weights import save
from yozora.world.scene import COLORS

LEAST_WIDTH = 0.02  # of a memory, in standard deviations of the latents

SAMPLE_PROMPTS = (
    "a red car driving left on a city street at night in the snow",
    "a blue bird flying to the right over a beach",
    "a yellow dog running left in a park",
    "a purple balloon rising in the mountains at sunset",
    "a green bicycle",
    "a white cat walking to the right in a room",
    "una mujer caminando a la izquierda en la playa al atardecer",
    "一艘红色的帆船在海上向右航行",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerRecipe:
    """What the transformer sees and how its errors count."""

    config: TransformerConfig
    cache: Path
    canvases: Canvases
    nouns: tuple[str, ...]
    truth_layer: int = 0  # after so many blocks noun and colour of a token are told; 0: before the first
    shift: float = 2.0  # of the times: more noise for more tokens
    independent: float = 0.3  # share of clips with a time for each latent frame
    worn: float = 0.3  # share of windows whose known frames are as the model itself would have made them
    actor_weight: float = 4.0  # tokens that an actor covers count so much
    memory_weight: float = 0.2  # of knowing how far off it is what is remembered
    truth_weight: float = 0.1  # of telling noun and colour of a token
    trust: Trust = field(default_factory=lambda: MINI)
    device: str = "cpu"
    sample_grid: tuple[int, int, int] = (1, 4, 7)
    sample_steps: int = 20
    guidance: float = 4.0


class Student(nn.Module):
    """The transformer and the readers of the renderer's truth, which stay behind after training."""

    def __init__(self, config: TransformerConfig, nouns: int) -> None:
        super().__init__()
        self.dit = SpacetimeTransformer(config)
        self.noun = nn.Linear(config.dim, nouns + 1)
        self.color = nn.Linear(config.dim, len(COLORS) + 2)


class TransformerTask:
    """Velocity of random canvases, given text; actors count more than the stage."""

    def __init__(self, name: str, recipe: TransformerRecipe, text: TextEncoder, autoencoder: VideoAutoencoder) -> None:
        self.name, self.recipe = name, recipe
        self.text = text.to(recipe.device).eval().requires_grad_(False)
        self.autoencoder = autoencoder.to(recipe.device).eval().requires_grad_(False)
        self.model: nn.Module = Student(recipe.config, len(recipe.nouns)).to(recipe.device)
        for taught_before in (student(self.model).dit.carrier, student(self.model).dit.mover):
            if taught_before is not None:
                taught_before.requires_grad_(False)
        self.weight_C = channel_weights(self.autoencoder, recipe.config.volume)
        self.cache = LatentCache(recipe.cache)

    def batch(self, step: int) -> tuple[Sample, Tensor, Tensor]:
        """Sample, time and strength of its tokens."""
        if step % 50 == 0:
            self.cache.refresh()
        recipe = self.recipe
        rng = np.random.default_rng([recipe.canvases.stream, step, 1])
        sample, strength_BN = recipe.canvases.draw(self.cache, step, rng)
        return sample, draw_times(strength_BN, sample.grid, rng, recipe.shift, recipe.independent), strength_BN

    def loss(self, batch: tuple[Sample, Tensor, Tensor], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        sample, time_BN, strength_BN = batch
        device = self.recipe.device
        clean_BNC, time_BN, strength_BN = (x.to(device) for x in (sample.tokens_BNC, time_BN, strength_BN))
        noise_BNC = torch.randn(clean_BNC.shape, generator=generator, device=device)
        x_BNC = torch.lerp(clean_BNC, noise_BNC, time_BN[..., None])
        model = student(self.model)
        with torch.no_grad():
            text_BLD = self.text(sample.prompts)
            if sample.start:
                made_BNC = self._made(sample, clean_BNC, text_BLD, generator)
                x_BNC = torch.where(strength_BN[..., None] == 0, made_BNC, x_BNC)
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            reading = model.dit.read(text_BLD[:, None])
            trace = model.dit.trace(*told(sample, x_BNC, time_BN), reading, truth_layer=self.recipe.truth_layer)
            velocity_BNC, middle_BND = (y[:, : x_BNC.shape[1]] for y in (trace.velocity_BNC, trace.middle_BND))
            noun_BNV, color_BNV = model.noun(middle_BND), model.color(middle_BND)
        weight_BN = (strength_BN > 0).float() * (1.0 + (self.recipe.actor_weight - 1.0) * sample.cover_BN.to(device))
        error_BN = ((velocity_BNC.float() - (noise_BNC - clean_BNC)).square() * self.weight_C).mean(-1)
        velocity = (error_BN * weight_BN).sum() / weight_BN.sum()
        truth = F.cross_entropy(noun_BNV.float().flatten(0, 1), sample.noun_BN.flatten().to(device))
        truth = truth + F.cross_entropy(color_BNV.float().flatten(0, 1), sample.color_BN.flatten().to(device))
        total = velocity + self.recipe.truth_weight * truth
        for memory in trace.memories:
            total = total + self.recipe.memory_weight * misjudged(memory, clean_BNC, strength_BN)
        return total, {"velocity": velocity.item(), "truth": truth.item()}

    def _made(self, sample: Sample, clean_BNC: Tensor, text_BLD: Tensor, generator: torch.Generator) -> Tensor:
        """Frames as an earlier window might have left them: a share of the takes, moved towards what the model itself
        expects of them under noise, or as far the other way, with a little noise. So a film that has gone wrong a
        little is led back (Huang et al. 2025, arXiv 2506.08009, train on what the model made, step by step).
        """

        def lots(low: float, high: float) -> Tensor:
            drawn_B = torch.rand(len(clean_BNC), generator=generator, device=clean_BNC.device)
            return (low + (high - low) * drawn_B)[:, None, None]

        if float(lots(0, 1)[0]) > self.recipe.worn:
            return clean_BNC
        noise_BNC = torch.randn(clean_BNC.shape, generator=generator, device=clean_BNC.device)
        time_B11 = lots(0.2, 0.8)
        x_BNC = torch.lerp(clean_BNC, noise_BNC, time_B11)
        dit = student(self.model).dit
        with torch.autocast(clean_BNC.device.type, torch.bfloat16):
            reading = dit.read(text_BLD[:, None])
            velocity_BNC = dit(*told(sample, x_BNC, time_B11[..., 0].expand(x_BNC.shape[:2])), reading)
        guess_BNC = x_BNC - time_B11 * velocity_BNC[:, : x_BNC.shape[1]].float()
        noise_BNC = torch.randn(clean_BNC.shape, generator=generator, device=clean_BNC.device)
        return torch.lerp(clean_BNC, guess_BNC, lots(-0.4, 1.0)) + lots(0.0, 0.05) * noise_BNC

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """Contact sheet of fixed prompts, seeds 0, 1, 2, ..."""
        films = [self.film(student(model), prompt, seed) for seed, prompt in enumerate(SAMPLE_PROMPTS)]
        shots = 1 if self.recipe.sample_grid[0] == 1 else 4
        write_png(folder / f"sample_{step:06d}.png", contact_sheet(films, shots=shots, columns=4 if shots == 1 else 1))

    @torch.no_grad()
    def film(self, model: Student, prompt: str, seed: int) -> Frames:
        """One film with the settings of the recipe, uint8 `[T, H, W, 3]`."""
        device, config = self.recipe.device, self.recipe.config
        canvas = say(blank(self.recipe.sample_grid, config.in_channels * config.volume), prompt)
        reading = model.dit.read(self.text([prompt, ""])[:, None])
        pos_BN3 = canvas.pos_N3.to(device).expand(2, -1, -1)

        def denoise(x_BNC: Tensor, time_BN: Tensor) -> Tensor:
            velocity_BNC: Tensor = model.dit(x_BNC.to(device), Time.of(time_BN.to(device)), pos_BN3, reading)
            return velocity_BNC.float().cpu()

        with torch.autocast(torch.device(device).type, torch.bfloat16):
            *_, last = fill(canvas, guide(denoise, self.recipe.guidance), steps=self.recipe.sample_steps, seed=seed)
            latents = unpatchify(last.tokens_NC, self.recipe.sample_grid)
            return to_frames(self.autoencoder.decode(latents[None].to(device))[0])

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        """The transformer alone, in half precision, with the recipe's trust folded in."""
        recipe, dit = self.recipe, student(model).dit
        said = {**facts, "nouns": list(recipe.nouns), "stream": recipe.canvases.stream, "trust": dict(recipe.trust)}
        fold(dit.head, recipe.trust)
        save(path, dit, recipe.config, dtype=torch.float16, **said)
        unfold(dit.head, recipe.trust)


def told(sample: Sample, x_BNC: Tensor, time_BN: Tensor) -> tuple[Tensor, Time, Tensor]:
    """Tokens, times (of latent frames, or of fewer tokens where those of one differ) and positions as the model takes
    them, what is beside the picture after it.
    """
    pos_N3 = blank(sample.grid, 1, start=sample.start).pos_N3
    for at, beside_BMC in sample.beside:
        x_BNC = torch.cat([x_BNC, beside_BMC.to(x_BNC)], dim=1)
        time_BN = torch.cat([time_BN, time_BN.new_zeros(beside_BMC.shape[:2])], dim=1)
        pos_N3 = torch.cat([pos_N3, blank((1, *sample.grid[1:]), 1, start=at).pos_N3])
    time = Time.of(time_BN, most=sample.grid[1] * sample.grid[2])
    return x_BNC, time, pos_N3.to(x_BNC.device)[None]


@torch.no_grad()
def channel_weights(autoencoder: VideoAutoencoder, volume: int) -> Tensor:
    """How much an error in each number of a token counts, `[C]`, 1 on average: as much as it moves the pixels.

    Its square would be the squared error of the picture itself, which hardly sees the fine components; even weights
    leave steps in brightness between tokens.
    """
    if autoencoder.linear is None:
        raise ValueError("only an autoencoder with a linear path says how much its latents move the pixels")
    gain_Z = autoencoder.linear.up.weight.norm(dim=0)
    weight_C: Tensor = (gain_Z / gain_Z.mean()).repeat_interleave(volume)
    return weight_C


def misjudged(memory: Memory, clean_BNC: Tensor, strength_BN: Tensor) -> Tensor:
    """How badly the widths of what is remembered tell how far off it is, over the free tokens that have a memory: the
    negative logarithm of a normal likelihood, weighed by the width so that few bold errors do not rule all (Seitzer et
    al. 2022, arXiv 2203.09168, beta 0.5). The velocity alone hardly tells: most of its error is in the actors.
    """
    N = clean_BNC.shape[1]
    width_BNC = memory.change_BNC[:, :N].clamp_min(LEAST_WIDTH)
    apart_BNC = (memory.content_BNC[:, :N] - clean_BNC) / width_BNC
    surprise_BNC = width_BNC.detach() * (width_BNC.log() + apart_BNC.square() / 2)
    counts_BN1 = memory.there_BN1[:, :N] & (strength_BN > 0)[..., None]
    return (surprise_BNC * counts_BN1).sum() / (counts_BN1.sum() * clean_BNC.shape[2]).clamp_min(1)


def student(model: nn.Module) -> Student:
    """The model of the task, by its type."""
    assert isinstance(model, Student)
    return model
