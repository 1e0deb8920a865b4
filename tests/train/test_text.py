"""A text encoder learns on without a transformer noticing."""

import numpy as np
import torch

from yozora.language.languages import LANGUAGES
from yozora.model.text import TextEncoder
from yozora.train.data import prompt_with_slots, scene_at
from yozora.train.recipes.mini import smoke
from yozora.train.text import TextTask
from yozora.world.distributions import CORE_SCENES


def test_captions_of_one_seed_say_the_same_in_every_language() -> None:
    for index in range(20):
        scene = scene_at(CORE_SCENES, 7, index)
        told = [
            prompt_with_slots(scene, np.random.default_rng(index), language_choice=language_choice)
            for language_choice in LANGUAGES
        ]
        assert len({prompt for prompt, _ in told}) > 1
        assert all(slots == told[0][1] for _, slots in told)
        assert prompt_with_slots(scene, np.random.default_rng(index))[1] == told[0][1]


def test_what_was_understood_is_to_be_said_as_before_and_the_rest_as_in_english() -> None:
    recipe = smoke().text
    torch.manual_seed(0)
    before = TextEncoder(recipe.config)
    task = TextTask(recipe, before)
    batch = task.batch(0)
    with torch.no_grad():
        own, english = before(batch.prompts), before(batch.english)
        heard = {slot: logits.argmax(-1) for slot, logits in before.slots(own).items()}
        assert task._measure_drift(own, batch.prompts, batch.english, heard) == 0
        torch.testing.assert_close(
            task._measure_drift(own + 1.0, batch.prompts, batch.english, heard), torch.tensor(1.0), atol=1e-4, rtol=0
        )
        misheard = {slot: logits.argmax(-1) for slot, logits in before.slots(english).items()}
        off = task._measure_drift(own, batch.prompts, batch.english, misheard)
        assert 0 < float(off) < float((own - english).square().mean(-1).max())
