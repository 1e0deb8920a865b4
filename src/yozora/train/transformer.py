"""Train the spacetime transformer on random canvases of the world's takes: its velocity, and half-way through it the
renderer's truth of each token."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.core.canvas import Canvas, blank, paste, picture, say
from yozora.core.sampler import SOLVERS, Denoise, fill, guide
from yozora.families.presets import Preset
from yozora.films.sheet import Frames, contact_sheet, write_png
from yozora.model.codec import KeyframeCodec
from yozora.model.dit import BlockParts, SpacetimeTransformer, Time, TransformerConfig
from yozora.model.text import TextEncoder
from yozora.train import parallel
from yozora.train.canvases import Canvases
from yozora.train.data import to_frames
from yozora.train.pool import Pool, Sample
from yozora.train.takes import NOUN_NAMES, PLACE
from yozora.train.tasks import draw_times
from yozora.weights.files import save
from yozora.world.scene import COLORS

SAMPLE_PROMPTS = (
    "a red car driving left on a city street at night in the snow",
    "a blue bird flying to the right over a beach",
    "a yellow dog running left in a park",
    "a purple balloon rising in the mountains at sunset",
    "a green bicycle",
    "a white cat walking to the right in a room",
    "una mujer caminando a la izquierda en la playa al atardecer",
    "一艘红色的帆船在海上向右航行",
    "two red boats sailing on the sea",
    "a green suitcase in the snow",
    "a bird and a cat",
    "a black horse running left in the desert at night",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerRecipe:
    """What the transformer sees and how its errors count.

    shift: of the times, more noise for more tokens (stills, films). independent: share of films with a time for each
    latent frame. actor_weight: tokens that an actor covers count so much more. The truth's weights are those of noun
    and colour, and of the place in the cut-out.
    """

    config: TransformerConfig
    canvases: Canvases
    preset: Preset  # of the weights that come out; its sizes, steps and guidance make the samples
    nouns: tuple[str, ...]
    still_shift: float = 1.5
    film_shift: float = 3.0
    independent: float = 0.25
    actor_weight: float = 3.0
    truth_weight: float = 0.4
    place_weight: float = 2.0
    least: int = 32  # takes of each kind before the first batch
    stream: int = 20
    runs: int = 0  # earlier runs that these weights had: each draws other scenes and batches
    samples: int = 8
    device: str = "cpu"

    @property
    def truth_layer(self) -> int:
        """Blocks before the truth is read: half of them."""
        return self.config.layers // 2


class Student(nn.Module):
    """The transformer and the readers of the renderer's truth, which stay behind after training."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.dim
        self.dit = SpacetimeTransformer(config)
        self.noun = nn.Linear(D, len(NOUN_NAMES) + 1)
        self.color = nn.Linear(D, len(COLORS) + 2)
        self.place = nn.Sequential(nn.Linear(D, D), nn.SiLU(), nn.Linear(D, PLACE))


class TransformerTask:
    """Velocity of random canvases, given text; actors count more than the stage."""

    name = "transformer"

    def __init__(self, recipe: TransformerRecipe, pool: Pool, text: TextEncoder, codec: KeyframeCodec) -> None:
        self.recipe, self.pool = recipe, pool
        self.text, self.codec = text.eval().requires_grad_(False), codec.eval().requires_grad_(False)
        self.model: nn.Module = Student(recipe.config).to(recipe.device)
        with torch.no_grad():
            self.empty_LD = self.text([""])[0].to(recipe.device)

    def ready(self) -> None:
        """Return when there are takes for a first batch: before the clock is started."""
        self.pool.wait(self.recipe.canvases.needs(self.pool, self.recipe.least))

    def batch(self, step: int) -> tuple[Sample, Tensor]:
        """Takes, and the strength of each of their tokens."""
        self.ready()
        self.pool.check()
        return self.recipe.canvases.draw(
            self.pool, np.random.default_rng([self.recipe.stream, self.recipe.runs, step]), self.empty_LD
        )

    def loss(self, batch: tuple[Sample, Tensor], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        sample, strength_RN = batch
        recipe, N = self.recipe, strength_RN.shape[1]
        noisy_RNC, velocity_RNC, t_RN = self.noised(batch, generator)
        student_, dit = student(self.model), student(self.model).dit
        with torch.autocast(noisy_RNC.device.type, torch.bfloat16):
            trace = dit.trace(
                *seen(sample, noisy_RNC, t_RN), dit.read(sample.text_RLD[:, None]), truth_layer=recipe.truth_layer
            )
            middle_RND = trace.middle_BND[:, :N]
            predicted = [reader(middle_RND).float() for reader in (student_.noun, student_.color, student_.place)]
        error_RN = (trace.velocity_BNC[:, :N] - velocity_RNC).square().mean(-1)
        velocity = weighted(error_RN, self.weights(batch))
        truth = F.cross_entropy(predicted[0].flatten(0, 1), sample.noun_RN.flatten())
        truth = truth + F.cross_entropy(predicted[1].flatten(0, 1), sample.color_RN.flatten())
        on_RN = (sample.noun_RN > 0).float()
        miss_RN = F.smooth_l1_loss(predicted[2], sample.place_RN6, reduction="none", beta=0.1).mean(-1)
        place = weighted(miss_RN, on_RN)
        loss = velocity + recipe.truth_weight * truth + recipe.place_weight * place
        kind = kind_of(sample)
        return loss, {kind: velocity.item(), f"{kind} truth": truth.item(), f"{kind} place": place.item()}

    def noised(self, batch: tuple[Sample, Tensor], generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Takes at random times: noisy tokens, their velocity `[R, N, C]` and the times `[R, N]`."""
        (sample, strength_RN), recipe = batch, self.recipe
        frames, clean_RNC = sample.grid[0], sample.tokens_RNC
        shift = recipe.still_shift if frames == 1 else recipe.film_shift
        t_RN = draw_times(strength_RN, frames, generator, shift, recipe.independent)
        noise_RNC = torch.randn(clean_RNC.shape, generator=generator, device=clean_RNC.device)
        return torch.lerp(clean_RNC, noise_RNC, t_RN[..., None]), noise_RNC - clean_RNC, t_RN

    def weights(self, batch: tuple[Sample, Tensor]) -> Tensor:
        """How much the error of each token counts, `[R, N]`: known ones not at all, actors more than the stage."""
        sample, strength_RN = batch
        return (1 + self.recipe.actor_weight * sample.cover_RN) * (strength_RN > 0)

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """Contact sheets of fixed prompts, seeds 0, 1, 2, ...: stills, and where films are learnt films from them."""
        dit = student(model).dit
        compiled, dit.parts = dit.parts, BlockParts()  # samples have other shapes than batches
        try:
            self._sheets(model, folder, step)
        finally:
            dit.parts = compiled

    def _sheets(self, model: nn.Module, folder: Path, step: int) -> None:
        prompts = SAMPLE_PROMPTS[: self.recipe.samples]
        stills = [self.still(student(model), prompt, seed) for seed, prompt in enumerate(prompts)]
        shown = [self.shown(canvas) for canvas in stills]
        write_png(folder / f"stills_{step:06d}.png", contact_sheet(shown, shots=1, columns=4))
        if self.recipe.canvases.stills < 1:
            begun = stills[: (len(stills) + 1) // 2]
            films = [self.shown(self.film(student(model), canvas, seed)) for seed, canvas in enumerate(begun)]
            write_png(folder / f"films_{step:06d}.png", contact_sheet(films, shots=6, columns=1))

    def still(self, model: Student, prompt: str, seed: int) -> Canvas:
        """A first frame of the preset's first size."""
        width, height = self.recipe.preset.sizes[0]
        grid = (1, height // self.recipe.preset.step, width // self.recipe.preset.step)
        channels = self.recipe.config.in_channels * self.recipe.config.volume
        return self._filled(model, say(blank(grid, channels), prompt), seed)

    def film(self, model: Student, still: Canvas, seed: int) -> Canvas:
        """A film that begins with a still."""
        grid = (self.recipe.preset.window, *still.grid[1:])
        canvas = say(blank(grid, still.known_NC.shape[1]), still.prompts[0])
        return self._filled(model, paste(canvas, picture(still, still.known_NC)), seed + 1000)

    def _filled(self, model: Student, canvas: Canvas, seed: int) -> Canvas:
        preset, device = self.recipe.preset, self.recipe.device
        scale, shift = preset.sampling(preset.guidance, canvas.grid[0])
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            denoise = self.denoiser(model.dit, canvas, scale)
            *_, last = fill(
                canvas.to(device), denoise, steps=preset.steps, seed=seed, shift=shift, solver=SOLVERS[preset.solver]
            )
        return paste(canvas, picture(canvas, last.tokens_NC.cpu().float()))

    def denoiser(self, dit: SpacetimeTransformer, canvas: Canvas, scale: float) -> Denoise:
        """The transformer as the sampler wants it, guided away from the empty prompt."""
        reading, alone = (
            dit.read(self.prompt_features(texts)) for texts in ([canvas.prompts[0], ""], [canvas.prompts[0]])
        )
        pos_BN3 = canvas.pos_N3.to(self.recipe.device)[None]

        def denoise(x_BNC: Tensor, time_BN: Tensor) -> Tensor:
            velocity_BNC: Tensor = dit(x_BNC, Time.of(time_BN), pos_BN3, alone if len(x_BNC) == 1 else reading)
            return velocity_BNC

        return guide(denoise, scale, self.recipe.preset.guided)

    def prompt_features(self, texts: list[str]) -> Tensor:
        """Features of a prompt for each of so many films, as the transformer reads them."""
        text_PLD: Tensor = self.text(texts)
        return text_PLD.to(self.recipe.device)[:, None]

    def shown(self, canvas: Canvas) -> Frames:
        """A filled canvas as frames, uint8 `[T, H, W, 3]`."""
        latents_CTHW = picture(canvas, canvas.known_NC)
        device = self.codec.decoder.linear.weight.device
        with torch.autocast(device.type, torch.bfloat16):
            return to_frames(self.codec.decode(latents_CTHW[None].to(device))[0])

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        """The transformer in half precision with its preset, and beside it the readers of the truth, for going on."""
        recipe, trained = self.recipe, student(model)
        said = {**facts, "nouns": list(recipe.nouns), "stream": recipe.stream, "scenes": recipe.runs}
        said["preset"] = recipe.preset.preset_facts()
        save(path, trained.dit, recipe.config, dtype=torch.float16, **said)
        readers = nn.ModuleDict({"noun": trained.noun, "color": trained.color, "place": trained.place})
        save(path.with_name("readers.safetensors"), readers, {"dim": recipe.config.dim}, dtype=torch.float16)


def weighted(error_RN: Tensor, weight_RN: Tensor) -> Tensor:
    """The mean of errors by their weights, over all processes that train."""
    return (error_RN * weight_RN).sum() / parallel.total(weight_RN.sum()).clamp_min(1) * parallel.world()


def kind_of(sample: Sample) -> str:
    """What the takes are, as losses call it."""
    return "still" if sample.grid[0] == 1 else "film"


def seen(sample: Sample, noisy_RNC: Tensor, t_RN: Tensor) -> tuple[Tensor, Time, Tensor]:
    """Tokens, times and positions as the model takes them, a time for each latent frame, what is beside the picture
    after it."""
    _, rows, columns = sample.grid
    pos_N3 = blank(sample.grid, 1, start=sample.start).pos_N3
    t_RT = t_RN[:, :: rows * columns]
    for at, beside_RGC in sample.beside:
        noisy_RNC = torch.cat([noisy_RNC, beside_RGC.to(noisy_RNC)], dim=1)
        t_RT = torch.cat([t_RT, t_RT.new_zeros(len(t_RT), 1)], dim=1)
        pos_N3 = torch.cat([pos_N3, blank((1, rows, columns), 1, start=at).pos_N3])
    index = torch.arange(t_RT.numel(), device=t_RT.device).view_as(t_RT)
    time = Time(values_U=t_RT.flatten(), index_BN=index)
    return noisy_RNC, time, pos_N3.to(noisy_RNC.device)[None]


def student(model: nn.Module) -> Student:
    """The model of the task, by its type."""
    assert isinstance(model, Student)
    return model
