"""Teach the text encoder to tell what a caption says, in every language, before the transformer has to listen to it."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.model.text import TextConfig, TextEncoder
from yozora.train.data import prompt_with_slots, scene_at
from yozora.weights.files import save
from yozora.world.captions import SLOTS
from yozora.world.distributions import SceneDistribution

NOT_GIVEN = "unsaid"


def slots_of_the_world() -> dict[str, tuple[str, ...]]:
    """The world's slots, each with a first value for what a caption leaves open."""
    return {slot: (NOT_GIVEN, *values) for slot, values in SLOTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecipe:
    """Captions of the whole world: what the transformer has not seen, the encoder may still understand."""

    config: TextConfig
    distributions: tuple[SceneDistribution, ...]
    batch: int = 256
    steadiness: float = 1.0  # weight of saying what it said, while it learns on
    stream: int = 10
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Captions:
    prompts: list[str]
    answers: dict[str, Tensor]  # slot -> int64 [B]
    english: list[str]  # the same captions in English, where the encoder learns on


class TextTask:
    """Classify every slot out of its own query."""

    name = "text"

    def __init__(self, recipe: TextRecipe, before: TextEncoder | None = None) -> None:
        """`before` is an encoder that conditions a transformer already and that is to learn on: what it understood it
        goes on saying alike, and what it did not it learns to say as it did in English.
        """
        self.recipe = recipe
        self.model: nn.Module = (TextEncoder(recipe.config) if before is None else before).to(recipe.device)
        self.before = None if before is None else deepcopy(before).to(recipe.device).eval().requires_grad_(False)
        self.index = {slot: {v: i for i, v in enumerate(values)} for slot, values in recipe.config.slots.items()}

    def batch(self, step: int) -> Captions:
        stream, batch = self.recipe.stream, self.recipe.batch
        pairs, english = [], []
        for k in range(batch):
            scene = scene_at(self.recipe.distributions[k % len(self.recipe.distributions)], stream, step * batch + k)
            seed = [stream, step * batch + k, 1]
            pairs.append(prompt_with_slots(scene, np.random.default_rng(seed)))
            if self.before is not None:
                english.append(prompt_with_slots(scene, np.random.default_rng(seed), language_choice="en")[0])
        answers = {
            slot: torch.tensor([index.get(said.get(slot, NOT_GIVEN), 0) for _, said in pairs])
            for slot, index in self.index.items()
        }
        return Captions([prompt for prompt, _ in pairs], answers, english)

    def loss(self, batch: Captions, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast(torch.device(self.recipe.device).type, torch.bfloat16):
            text_BLD = self.model(batch.prompts)
            logits = {slot: x.float() for slot, x in typed(self.model).slots(text_BLD).items()}
        answers = {slot: answer.to(text_BLD.device) for slot, answer in batch.answers.items()}
        loss = torch.stack([F.cross_entropy(logits[slot], answers[slot]) for slot in logits]).mean()
        if self.before is not None:
            loss = loss + self.recipe.steadiness * self._measure_drift(
                text_BLD.float(), batch.prompts, batch.english, answers
            )
        right = {slot: (logits[slot].argmax(-1) == answers[slot]).float().mean().item() for slot in logits}
        return loss, {slot: right[slot] for slot in ("noun", "color", "place", "direction") if slot in right}

    def _measure_drift(
        self, text_BLD: Tensor, prompts: list[str], english: list[str], answers: dict[str, Tensor]
    ) -> Tensor:
        """How far the vectors are from those that the transformer knows: what the encoder said of them before where it
        understood the slot, else what it said of the English caption where it understood that.
        """
        assert self.before is not None
        with torch.no_grad():
            own_BLD, other_BLD = (self.before(said).float() for said in (prompts, english))
            knew_BL, knew_other_BL = (understood(self.before, said, answers) for said in (own_BLD, other_BLD))
        known_BLD = torch.where(knew_BL[..., None], own_BLD, other_BLD)
        counts_BL = (knew_BL | knew_other_BL).float()
        return ((text_BLD - known_BLD).square().mean(-1) * counts_BL).sum() / counts_BL.sum()

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        batch = self.batch(10_000_000)
        logits = typed(model).slots(model(batch.prompts))
        right = {slot: (logits[slot].argmax(-1).cpu() == batch.answers[slot]).float().mean() for slot in logits}
        lines = [f"{slot}: {share:.3f} right of {len(batch.prompts)}" for slot, share in right.items()]
        (folder / "slots.txt").write_text("\n".join(lines) + "\n")

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save(path, model, self.recipe.config, dtype=torch.float16, stream=self.recipe.stream, **facts)


def typed(model: nn.Module) -> TextEncoder:
    """The model of the task, by its type."""
    assert isinstance(model, TextEncoder)
    return model


def understood(encoder: TextEncoder, text_BLD: Tensor, answers: dict[str, Tensor]) -> Tensor:
    """Which vectors tell the right value of their slot, `[B, L]`; those without a slot count as right."""
    told = [logits.argmax(-1) == answers[slot] for slot, logits in encoder.slots(text_BLD).items()]
    return F.pad(torch.stack(told, dim=1), (0, encoder.config.free), value=True)
