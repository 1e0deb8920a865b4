"""The transformers of a preset as a sampler wants them: tokens at their times in, velocities out, guided.

Which expert is asked, what it is told of the prompts, how known tokens and conditions are shown to it: all of that is
here. Knows no modes, no windows, no frames and no files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from yozora.core.canvas import Canvas
from yozora.core.quality import Saving
from yozora.core.sampler import Denoise, guide, is_guided
from yozora.core.schedules import Schedule
from yozora.device import memory
from yozora.engine.conditioning import NONE, Conditions
from yozora.engine.parts import Parts
from yozora.engine.parts import alone as by_itself
from yozora.engine.skipping import Skipping, guide_sparingly
from yozora.families.preset import Preset
from yozora.model.carry import Carriage
from yozora.model.dit import SpacetimeTransformer, Time
from yozora.model.places import Places
from yozora.model.reading import TextKV

PASS = 75
"""Bytes that a pass takes at most for each token and each number of its width, in fp32 or bf16; measured on a CPU."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenoiseInputs:
    """What a transformer is told of a canvas: its places and prompts (all on its device), the negative prompt, and
    `scales`, the guidance scale of each expert. `held_N`, `noise_NC`: tokens that are known in a way that the weights
    were not trained for; they are shown them at the time of all others, with this noise. `saving`: which steps may be
    estimated; None: none."""

    canvas: Canvas
    negative: str
    scales: Sequence[float]
    schedule: Schedule
    conditions: Conditions = NONE
    held_N: Tensor | None = None
    noise_NC: Tensor | None = None
    saving: Saving | None = None


def denoiser(parts: Parts, preset: Preset, inputs: DenoiseInputs) -> Denoise:
    """The velocity of every token, by the expert of its time. Tensors arrive on the transformer's device."""
    experts = parts.transformers
    ready: dict[int, Denoise] = {}
    skipping = None if inputs.saving is None else Skipping(inputs.saving, inputs.schedule.steps)

    def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        if inputs.held_N is not None and inputs.noise_NC is not None:
            x_BNC, t_BN = _held(x_BNC, t_BN, inputs.held_N, inputs.noise_NC)
        t_BN = inputs.schedule.model_times(t_BN)
        index = experts.index(t_BN)
        if index not in ready:
            ready.clear()  # the other one, and what it has read, leave memory
            ready[index] = guided(experts.at(index), parts, preset, inputs, inputs.scales[index])
            if skipping is not None:
                skipping.forget()
        return ready[index](x_BNC, t_BN) if skipping is None else skipping.velocity(ready[index], x_BNC, t_BN)

    return denoise


def guided(
    transformer: SpacetimeTransformer, parts: Parts, preset: Preset, inputs: DenoiseInputs, scale: float
) -> Denoise:
    """One transformer with guidance: in one pass where the scale is an input of the weights, else in two. What an input
    cannot say takes two with all weights: a negative prompt, and a scale that they have not learnt.
    """
    most, negative = transformer.config.guidance_embeds, inputs.negative.strip()
    if all(prompt.strip() == negative for prompt in inputs.canvas.prompts):
        scale = 1.0  # both passes would be told the same
    plain = conditioned_denoiser(transformer, parts, inputs)
    if most is None or negative or not 1 <= scale <= most:
        if inputs.saving is None or inputs.saving.guided_each == 1:
            return guide(plain(1.0, None), scale, preset.guided)
        return guide_sparingly(plain(1.0, None), scale, preset.guided, inputs.saving.guided_each)
    return plain(scale, preset.guided)


def conditioned_denoiser(
    transformer: SpacetimeTransformer, parts: Parts, inputs: DenoiseInputs
) -> Callable[[float, tuple[float, float] | None], Denoise]:
    """A transformer that has read the prompts. A guided batch's second half is told the negative prompt, but sees
    figures carried to where the prompt leads them: guided away from another place, they would leave a ghost.

    What is returned takes a guidance scale, and within which times it counts, of weights that take it as an input; 1 is
    right for all weights.
    """
    canvas = inputs.canvas
    alone, pair = read_prompts(transformer, parts, inputs)
    passes = _Passes(
        transformer=transformer,
        parts=parts,
        alone=alone,
        pair=pair,
        places=transformer.places(canvas.pos_N3[None]),
        reads_BNP=None if bool(canvas.reads_NP.all()) else canvas.reads_NP[None],
        beside=_Beside(inputs.conditions, canvas),
    )

    def at(scale: float, interval: tuple[float, float] | None) -> Denoise:
        def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
            time = Time.of(t_BN[:1])
            if interval is not None:
                inside_U = is_guided(time.values_U, interval)
                time = replace(time, scales_U=torch.where(inside_U, scale, 1.0))
            return passes.velocity(x_BNC, time)

        return denoise

    return at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Passes:
    """A transformer with a canvas's prompts read: `alone` without guidance, `pair` with it, as one pass or two."""

    transformer: SpacetimeTransformer
    parts: Parts
    alone: TextKV
    pair: list[TextKV]
    places: Places
    reads_BNP: Tensor | None
    beside: "_Beside"
    carried: dict[int, Carriage | None] = field(default_factory=dict)  # by the length of the batch

    def velocity(self, x_BNC: Tensor, time: Time) -> Tensor:
        """Of each row; what is guided is the same tokens twice, which differ in their prompts alone."""
        asked = [self.alone] if len(x_BNC) == 1 else self.pair
        rows, x_BNC = len(x_BNC) // len(asked), x_BNC[:1]
        with torch.inference_mode():
            given = (self.beside.tokens(x_BNC), time, self.places)
            rest = (self.reads_BNP, self._carried(rows, x_BNC, time), self.beside.control_BNC)
            passes: list[Tensor] = [self.parts.forward(self.transformer, *given, each, *rest) for each in asked]
            return passes[0] if len(passes) == 1 else torch.cat(passes)

    def _carried(self, rows: int, x_BNC: Tensor, time: Time) -> Carriage | None:
        if rows not in self.carried:
            one = self.transformer.carriage(x_BNC, time, self.places.pos_BN3, self.alone, self.reads_BNP)
            self.carried[rows] = None if one is None else one.repeated(rows)
        return self.carried[rows]


def read_prompts(transformer: SpacetimeTransformer, parts: Parts, inputs: DenoiseInputs) -> tuple[TextKV, list[TextKV]]:
    """The prompts as a transformer reads them, and what guidance reads: them and the negative prompt in one pass of two
    rows, or in two passes."""
    canvas, image_BSD = inputs.canvas, inputs.conditions.image_BSD
    prompts = list(canvas.prompts)
    text_BLD, mask_BL = parts.text.encode([*prompts, *[inputs.negative] * len(prompts)])
    image = () if image_BSD is None else (image_BSD.to(canvas.known_NC.device),)
    text_RPLD, mask_RPL = text_BLD.unflatten(0, (2, -1)), mask_BL.unflatten(0, (2, -1))
    alone = transformer.read(text_RPLD[:1], mask_RPL[:1], *image)
    one_device = parts.forward is by_itself  # several share the two rows out
    roomy = not parts.apart and is_roomy(transformer, len(canvas.pos_N3), canvas.known_NC.device)
    if not one_device or roomy:
        return alone, [transformer.read(text_RPLD, mask_RPL, *image)]
    return alone, [alone, transformer.read(text_RPLD[1:], mask_RPL[1:], *image)]


def is_roomy(transformer: SpacetimeTransformer, tokens: int, device: torch.device) -> bool:
    """Whether a canvas of so many tokens fits twice beside what is in memory. Then both passes of guidance are made at
    once, which is a little faster (LOG.md). Else one after the other, in half the memory, and on a CPU to the bit the
    same.
    """
    there = memory(str(device))
    if device.type == "cuda":
        there -= torch.cuda.memory_allocated(device)
    return not there or there > 2 * tokens * transformer.config.dim * PASS


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """Conditions on a canvas's device, as a forward takes them."""

    conditions: Conditions
    canvas: Canvas

    def tokens(self, x_BNC: Tensor) -> Tensor:
        """The tokens with their further channels, which come after their own, cell by cell as these do."""
        channels_NC = self.conditions.channels_NC
        if channels_NC is None:
            return x_BNC
        return torch.cat((x_BNC, channels_NC.to(x_BNC).expand(len(x_BNC), -1, -1)), dim=-1)

    @property
    def control_BNC(self) -> Tensor | None:
        """What the control branch sees, where there is one."""
        control_NC = self.conditions.control_NC
        return None if control_NC is None else control_NC.to(self.canvas.known_NC)[None]


def _held(x_BNC: Tensor, t_BN: Tensor, held_N: Tensor, noise_NC: Tensor) -> tuple[Tensor, Tensor]:
    """Known tokens as they would be at the time of all others: what windows of weights overlap in that were trained for
    one time alone (as in RePaint, arXiv 2201.09865, without its going back).
    """
    highest_B1 = t_BN.amax(dim=1, keepdim=True)
    noised_BNC = (1 - highest_B1[..., None]) * x_BNC + highest_B1[..., None] * noise_NC
    return torch.where(held_N[:, None], noised_BNC, x_BNC), torch.where(held_N, highest_B1, t_BN)
