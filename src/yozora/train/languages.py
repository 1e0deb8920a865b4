"""Teach a text encoder further languages while everything that it says of the first ones stays the same to the bit.

A second encoder in the same file learns to say of a caption in a further language what the first one says of the same
caption in English. The transformer that reads these vectors notices nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.language.known import written
from yozora.language.languages import LANGUAGES
from yozora.model.text import TextEncoder, hashed, words
from yozora.train.data import prompt_with_slots, scene_at
from yozora.train.text import NOT_GIVEN, typed, understood
from yozora.weights.files import save
from yozora.world.distributions import SceneDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagesRecipe:
    """Captions of random scenes in further languages."""

    languages: tuple[str, ...]
    scenes: tuple[SceneDistribution, ...]
    batch: int = 192
    buckets: int = 8192
    pairs: int = 2048
    telling: float = 0.3  # weight of telling slots out of the vectors, beside being like the vectors of English
    stream: int = 12
    held: int = 400  # captions kept back, a language


@dataclass(frozen=True, slots=True)
class Translations:
    """Captions in further languages, the same in English, and what they say."""

    prompts: list[str]
    english: list[str]
    answers: dict[str, Tensor]  # slot -> int64 [B]


def widened(first: TextEncoder, recipe: LanguagesRecipe, own: set[str], further: set[str]) -> TextEncoder:
    """An encoder with a second one for prompts whose words are `further` and not `own`; its weights begin as those of
    the first one, whose tables are folded into fewer buckets.
    """
    first_words, second_words = hashed(own - further), hashed(further - own)
    sizes = (len(first_words), len(second_words))
    plain = replace(first.config, first_words=0, second_words=0, second_buckets=0, second_pairs=0)
    config = replace(
        plain,
        first_words=sizes[0],
        second_words=sizes[1],
        second_buckets=recipe.buckets,
        second_pairs=recipe.pairs,
    )
    model = TextEncoder(config)
    state = {key: v for key, v in first.state_dict().items() if not key.startswith(("second", "first_words"))}
    model.load_state_dict(state, strict=False)
    model.first_words, model.second_words = first_words, second_words
    second = model.second
    shared = {key: v for key, v in state.items() if not key.startswith(("read.", "pieces.", "pairs."))}
    second.load_state_dict(shared, strict=False)
    with torch.no_grad():
        second.pieces.weight.copy_(_folded(first.pieces.weight, recipe.buckets))
        second.pairs.weight.copy_(_folded(first.pairs.weight, recipe.pairs))
    return model


def _folded(table_VD: Tensor, buckets: int) -> Tensor:
    """The mean of all rows whose words fall into one of fewer buckets."""
    folded_VD: Tensor = table_VD.detach().float().unflatten(0, (-1, buckets)).mean(0)
    return folded_VD


def words_of(languages: Sequence[str]) -> set[str]:
    """All words that captions in these languages hold, as the encoder cuts them."""
    texts: list[str] = []
    for pack in (LANGUAGES[language] for language in languages):
        texts += [text for table in written(pack.key, glue=True) for text in table]
        texts += [form for key in pack.nouns for name in pack.names(key) for form in (*name.forms, name.measure)]
        texts.append(pack.grammar.inflected())
        prefixed = [prefix + word for word in vocabulary(texts) for prefix in pack.prefixes]
        texts += prefixed
    return vocabulary(texts)


def vocabulary(texts: Sequence[str]) -> set[str]:
    """All words of texts, as the encoder cuts them."""
    return {word for text in texts for word in words(text)}


class LanguagesTask:
    """Say of a caption what the first encoder says of it in English."""

    name = "languages"

    def __init__(self, recipe: LanguagesRecipe, model: TextEncoder) -> None:
        self.recipe = recipe
        self.whole = model.eval().requires_grad_(False)
        self.model: nn.Module = model.second.train().requires_grad_(True)
        self.index = {slot: {v: i for i, v in enumerate(values)} for slot, values in model.config.slots.items()}

    def batch(self, step: int) -> Translations:
        recipe = self.recipe
        rng = np.random.default_rng([recipe.stream, step])
        prompts, english, told = [], [], []
        for k in range(recipe.batch):
            at = step * recipe.batch + k
            scene = scene_at(recipe.scenes[k % len(recipe.scenes)], recipe.stream, at)
            language = recipe.languages[int(rng.integers(len(recipe.languages)))]
            prompt, said = prompt_with_slots(
                scene, np.random.default_rng([recipe.stream, at, 1]), language_choice=language
            )
            prompts.append(prompt)
            told.append(said)
            english.append(
                prompt_with_slots(scene, np.random.default_rng([recipe.stream, at, 1]), language_choice="en")[0]
            )
        answers = {
            slot: torch.tensor([index.get(said.get(slot, NOT_GIVEN), 0) for said in told])
            for slot, index in self.index.items()
        }
        return Translations(prompts, english, answers)

    def loss(self, batch: Translations, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast("cpu", torch.bfloat16):
            text_BLD = self.model(batch.prompts).float()
        logits = self.whole.slots(text_BLD)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            aim_BLD = self.whole(batch.english).float()
            knew_BL = understood(self.whole, aim_BLD, batch.answers).float()
        apart = ((text_BLD - aim_BLD).square().mean(-1) * knew_BL).sum() / knew_BL.sum()
        telling = torch.stack([F.cross_entropy(logits[slot], batch.answers[slot]) for slot in logits]).mean()
        right = {slot: (logits[slot].argmax(-1) == batch.answers[slot]).float().mean().item() for slot in logits}
        facts: dict[str, float] = {"apart": apart.item()}
        facts |= {slot: right[slot] for slot in ("noun", "color", "place", "direction", "camera") if slot in right}
        return apart + self.recipe.telling * telling, facts

    @torch.no_grad()
    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        """How many slots are right, by language."""
        lines = [
            f"{language}: {shares(self.whole, typed(model), self.recipe, language)}"
            for language in self.recipe.languages
        ]
        (folder / "slots.txt").write_text("\n".join(lines) + "\n")

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        whole = TextEncoder(self.whole.config)
        state = self.whole.state_dict() | {f"second.{name}": value for name, value in model.state_dict().items()}
        whole.load_state_dict(state)
        save(path, whole, self.whole.config, dtype=torch.float16, stream=self.recipe.stream, **facts)


@torch.no_grad()
def shares(whole: TextEncoder, second: nn.Module, recipe: LanguagesRecipe, language: str) -> dict[str, float]:
    """The share of mentioned slots that are told right of captions kept back."""
    told = []
    for k in range(recipe.held):
        scene = scene_at(recipe.scenes[k % len(recipe.scenes)], 1900, k)
        told.append(prompt_with_slots(scene, np.random.default_rng([1900, k, 1]), language_choice=language))
    logits = whole.slots(second([prompt for prompt, _ in told]))
    right: dict[str, list[bool]] = {}
    for row, (_, said) in enumerate(told):
        for slot, value in said.items():
            found = whole.config.slots[slot][int(logits[slot][row].argmax())]
            right.setdefault(slot, []).append(found == value)
    return {slot: round(sum(found) / len(found), 3) for slot, found in right.items()}
