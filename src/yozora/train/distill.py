"""Fold classifier-free guidance into the weights of the transformer: one pass then gives what two passes gave.

The student starts as the teacher, takes the guidance scale as an input beside the time, and learns the guided velocity
of the teacher (Meng et al. 2022, arXiv 2210.03142, stage one). Number of steps and solver stay as they are.
"""

import math
from dataclasses import replace

import torch
from torch import Tensor

from yozora.core.canvas import Canvas
from yozora.core.sampler import Denoise, is_guided
from yozora.model.codec import KeyframeCodec
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.text import TextEncoder
from yozora.train.pool import Pool, Sample
from yozora.train.transformer import TransformerRecipe, TransformerTask, kind_of, seen, student, weighted

UNGUIDED = 0.1
"""Share of canvases at scale 1, which is what a negative prompt and times without guidance ask for."""


class DistillTask(TransformerTask):
    """Guided velocity of a frozen teacher on random canvases, in one pass, at a random guidance scale a canvas.

    Facts of a loss: that of the student, and beside it "unguided", how far the teacher without guidance is off.
    """

    def __init__(
        self,
        recipe: TransformerRecipe,
        pool: Pool,
        text: TextEncoder,
        codec: KeyframeCodec,
        teacher: SpacetimeTransformer,
    ) -> None:
        super().__init__(recipe, pool, text, codec)
        self.teacher = teacher.to(recipe.device).eval().requires_grad_(False)

    def loss(self, batch: tuple[Sample, Tensor], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        sample, strength_RN = batch
        noisy_RNC, _, t_RN = self.noised(batch, generator)
        scale_R = self.scales(sample, generator)
        x_RNC, time, pos_RN3 = seen(sample, noisy_RNC, t_RN)
        dit, free = student(self.model).dit, slice(strength_RN.shape[1])
        with torch.autocast(noisy_RNC.device.type, torch.bfloat16):
            with torch.no_grad():
                text_RNC = self.teacher(x_RNC, time, pos_RN3, self.teacher.read(sample.text_RLD[:, None]))
                empty_RNC = self.teacher(x_RNC, time, pos_RN3, self.teacher.read(self.empty_LD[None, None]))
            time = scaled(time, scale_R)
            velocity_RNC = dit(x_RNC, time, pos_RN3, dit.read(sample.text_RLD[:, None]))
        target_RNC = torch.lerp(empty_RNC, text_RNC, scale_R[:, None, None])
        weight_RN = self.weights(batch)
        loss, unguided = (
            weighted((guess_RNC - target_RNC)[:, free].square().mean(-1), weight_RN)
            for guess_RNC in (velocity_RNC, text_RNC)
        )
        kind = kind_of(sample)
        return loss, {kind: loss.item(), f"{kind} unguided": unguided.item()}

    def scales(self, sample: Sample, generator: torch.Generator) -> Tensor:
        """The guidance scale of each row, `[R]`: even in its logarithm, 1 for a share of the rows and wherever the
        prompt is empty."""
        most, R = self.recipe.config.guidance_embeds, len(sample.text_RLD)
        assert most is not None
        chance_2R = torch.rand((2, R), generator=generator, device=sample.text_RLD.device)
        scale_R = (chance_2R[0] * math.log(most)).exp()
        empty_R = (sample.text_RLD == self.empty_LD).flatten(1).all(dim=1)
        return scale_R.masked_fill(empty_R | (chance_2R[1] < UNGUIDED), 1.0)

    def denoiser(self, dit: SpacetimeTransformer, canvas: Canvas, scale: float) -> Denoise:
        """The transformer as the sampler wants it, the guidance scale an input."""
        reading = dit.read(self.prompt_features([canvas.prompts[0]]))
        pos_BN3 = canvas.pos_N3.to(self.recipe.device)[None]

        def denoise(x_BNC: Tensor, time_BN: Tensor) -> Tensor:
            time = Time.of(time_BN)
            scales_U = torch.where(is_guided(time.values_U, self.recipe.preset.guided), scale, 1.0)
            velocity_BNC: Tensor = dit(x_BNC, replace(time, scales_U=scales_U), pos_BN3, reading)
            return velocity_BNC

        return denoise


def scaled(time: Time, scale_R: Tensor) -> Time:
    """What `seen` made, where no two rows share a time, with the guidance scale of each row."""
    return replace(time, scales_U=scale_R[:, None].expand(time.index_BN.shape).flatten())
