"""Further languages are taught to a second encoder; the first one says what it said."""

import numpy as np
import pytest
import torch

from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.model.text import TextEncoder
from yozora.train.languages import LanguagesRecipe, LanguagesTask, shares, vocabulary, widened, words_of
from yozora.train.recipes.mini import smoke
from yozora.world.captions import LENGTHS, caption
from yozora.world.distributions import CORE_SCENES, SceneDistribution
from yozora.world.draw import draw_scene

RECIPE = LanguagesRecipe(languages=("fr", "ja"), scenes=(CORE_SCENES,), batch=8, buckets=256, pairs=64, held=12)


@pytest.fixture(scope="module")
def first() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(smoke().text.config).eval()


@pytest.fixture(scope="module")
def both(first: TextEncoder) -> TextEncoder:
    return widened(first, RECIPE, words_of(TRANSFORMER_LANGUAGES), words_of(RECIPE.languages)).eval()


def captions(language: str) -> list[str]:
    scenes = [draw_scene(np.random.default_rng([41, k]), SceneDistribution()) for k in range(60)]
    return [caption(scene, np.random.default_rng(k), language, LENGTHS[k % 3]) for k, scene in enumerate(scenes)]


def test_first_languages_are_read_as_before_to_the_bit(first: TextEncoder, both: TextEncoder) -> None:
    with torch.no_grad():
        for language in TRANSFORMER_LANGUAGES:
            for text in captions(language):
                assert not both.is_for_second(text)
                assert torch.equal(both([text]), first([text]))


def test_further_languages_are_read_by_the_second_encoder(both: TextEncoder) -> None:
    for language in RECIPE.languages:
        assert sum(both.is_for_second(text) for text in captions(language)) >= 58


def test_a_batch_of_both_keeps_its_order(both: TextEncoder) -> None:
    prompts = ["a red car", "une voiture rouge", "犬が走っている", "two dogs"]
    assert [both.is_for_second(prompt) for prompt in prompts] == [False, True, True, False]
    with torch.no_grad():
        together = both(prompts)
        for row, prompt in enumerate(prompts):
            torch.testing.assert_close(together[row], both([prompt])[0], atol=1e-5, rtol=1e-5)


def test_only_the_second_encoder_learns(both: TextEncoder) -> None:
    task = LanguagesTask(RECIPE, both)
    loss, facts = task.loss(task.batch(0), torch.Generator())
    loss.backward()
    assert facts["apart"] > 0
    learning = {name for name, value in both.named_parameters() if value.grad is not None and value.grad.any()}
    assert learning
    assert all(name.startswith("second.") for name in learning)


def test_batches_say_the_same_in_english(both: TextEncoder) -> None:
    batch = LanguagesTask(RECIPE, both).batch(3)
    assert len(batch.prompts) == len(batch.english) == 8
    assert not any(both.is_for_second(text) for text in batch.english)
    assert set(batch.answers) == set(both.config.slots)


def test_shares_are_of_mentioned_slots(both: TextEncoder) -> None:
    found = shares(both, both.second, RECIPE, "fr")
    assert 0 <= found["noun"] <= 1


def test_vocabularies_are_of_the_packs() -> None:
    assert {"voiture", "chat"} <= words_of(("fr",))
    assert vocabulary(["Deux chats"]) == {"deux", "chats"}
    assert all(words_of((key,)) for key in LANGUAGES)
