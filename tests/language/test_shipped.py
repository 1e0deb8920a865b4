"""The shipped text encoder reads captions in every language, and the first four as the transformer was trained to."""

import numpy as np
import pytest
import torch

from yozora.engine.parts import load_text
from yozora.families.presets import PRESETS
from yozora.language.languages import LANGUAGES, NOUNS, TRANSFORMER_LANGUAGES
from yozora.language.pack import Language
from yozora.model.text import TextEncoder
from yozora.train.data import prompt_with_slots, scene_at
from yozora.weights.files import digest, load
from yozora.world.captions import LENGTHS, caption
from yozora.world.distributions import CORE_SCENES, SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.scene import Actor, Scene

PATH = PRESETS["mini"].files["text"]
FIRST_ENCODER = "acb6d4f425f21d36ab13299034f199beb39ec550926f17ad8b344346342ac0c9"
FURTHER = [key for key in LANGUAGES if key not in TRANSFORMER_LANGUAGES]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return load_text(PATH)


def captions(language: Language) -> list[str]:
    scenes = [draw_scene(np.random.default_rng([51, k]), SceneDistribution()) for k in range(300)]
    return [caption(scene, np.random.default_rng(k), language, LENGTHS[k % 3]) for k, scene in enumerate(scenes)]


def test_the_first_encoder_is_the_one_that_the_transformer_was_trained_with() -> None:
    """To the bit: its tensors are those of the weights before the further languages."""
    _, state = load(PATH)
    own = {name: value for name, value in state.items() if not name.startswith(("second", "first_words"))}
    assert digest(own) == FIRST_ENCODER


@pytest.mark.parametrize("language", TRANSFORMER_LANGUAGES)
def test_captions_in_the_first_languages_are_read_by_it(language: Language, encoder: TextEncoder) -> None:
    assert not any(encoder.is_for_second(text) for text in captions(language))


@pytest.mark.parametrize("language", FURTHER)
def test_captions_in_further_languages_are_told_right(language: Language, encoder: TextEncoder) -> None:
    texts = captions(language)
    assert sum(encoder.is_for_second(text) for text in texts) >= 0.97 * len(texts)
    told = [
        prompt_with_slots(scene_at(CORE_SCENES, 1901, k), np.random.default_rng([1901, k]), language_choice=language)
        for k in range(120)
    ]
    with torch.no_grad():
        logits = encoder.slots(encoder([prompt for prompt, _ in told]))
    for slot in ("noun", "color", "action", "direction", "place", "count"):
        values = encoder.config.slots[slot]
        right = [
            values[int(logits[slot][row].argmax())] == said[slot] for row, (_, said) in enumerate(told) if slot in said
        ]
        assert sum(right) / len(right) >= 0.95, slot


@pytest.mark.parametrize("language", FURTHER)
def test_every_noun_is_understood(language: Language, encoder: TextEncoder) -> None:
    """Each alone in a park, in two captions."""
    told, nouns = [], []
    for noun in NOUNS:
        scene = Scene(seed=0, place="park", actors=(Actor(noun=noun, x=0.5, y=0.8, height=0.4),))
        told += [caption(scene, np.random.default_rng([61, k]), language, "short") for k in range(2)]
        nouns += [noun] * 2
    with torch.no_grad():
        found = encoder.slots(encoder(told))["noun"].argmax(1)
    values = encoder.config.slots["noun"]
    right = [values[int(at)] == noun for at, noun in zip(found, nouns, strict=True)]
    assert sum(right) / len(right) >= 0.9, [n for n, ok in zip(nouns, right, strict=True) if not ok]
