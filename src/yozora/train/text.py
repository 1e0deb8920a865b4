"""Teach the text encoder to tell what a caption says, in every language, before the transformer has to listen to it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.model.text import TextConfig, TextEncoder
from yozora.train.data import prompt_with_slots, scene_at
from yozora.weights import save
from yozora.world.captions import SLOTS
from yozora.world.draw import Cast

UNSAID = "unsaid"


def slots_of_the_world() -> dict[str, tuple[str, ...]]:
    """The world's slots, each with a first value for what a caption leaves open."""
    return {slot: (UNSAID, *values) for slot, values in SLOTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecipe:
    """Captions of the whole world: what the transformer has not seen, the encoder may still understand."""

    config: TextConfig
    casts: tuple[Cast, ...]
    batch: int = 256
    stream: int = 10
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Captions:
    prompts: list[str]
    answers: dict[str, Tensor]  # slot -> int64 [B]


class TextTask:
    """Classify every slot out of its own query."""

    name = "text"

    def __init__(self, recipe: TextRecipe) -> None:
        self.recipe = recipe
        self.model: nn.Module = TextEncoder(recipe.config).to(recipe.device)
        self.index = {slot: {v: i for i, v in enumerate(values)} for slot, values in recipe.config.slots.items()}

    def batch(self, step: int) -> Captions:
        rng = np.random.default_rng([self.recipe.stream, step])
        pairs = []
        for k in range(self.recipe.batch):
            cast = self.recipe.casts[k % len(self.recipe.casts)]
            pairs.append(prompt_with_slots(scene_at(cast, self.recipe.stream, step * self.recipe.batch + k), rng))
        answers = {
            slot: torch.tensor([index.get(said.get(slot, UNSAID), 0) for _, said in pairs])
            for slot, index in self.index.items()
        }
        return Captions([prompt for prompt, _ in pairs], answers)

    def loss(self, batch: Captions, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast(torch.device(self.recipe.device).type, torch.bfloat16):
            text_BLD = self.model(batch.prompts)
            logits = {slot: x.float() for slot, x in typed(self.model).slots(text_BLD).items()}
        answers = {slot: answer.to(text_BLD.device) for slot, answer in batch.answers.items()}
        loss = torch.stack([F.cross_entropy(logits[slot], answers[slot]) for slot in logits]).mean()
        right = {slot: (logits[slot].argmax(-1) == answers[slot]).float().mean().item() for slot in logits}
        return loss, {slot: right[slot] for slot in ("noun", "color", "place", "direction") if slot in right}

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
