"""Teach the shipped text encoder further languages: `python -m yozora.train.recipes.languages --minutes 45 --out DIR`.

What it says of English, Spanish, Chinese and Arabic stays the same to the bit; see `train.languages`. One thread.
"""

import argparse
from pathlib import Path

import torch

from yozora.engine.parts import load_text
from yozora.families.presets import PRESETS
from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.model.text import TextEncoder
from yozora.train.languages import LanguagesRecipe, LanguagesTask, widened, words_of
from yozora.train.loop import TrainingPlan, train
from yozora.train.watching import watch
from yozora.world.distributions import CORE_SCENES, SceneDistribution


def recipe(batch: int = 128, buckets: int = 8192, pairs: int = 2048) -> LanguagesRecipe:
    """All languages that the transformer was not trained with; half of the scenes hold the nouns that it knows."""
    further = tuple(language for language in LANGUAGES if language not in TRANSFORMER_LANGUAGES)
    everything = SceneDistribution()
    scenes = (CORE_SCENES, CORE_SCENES, everything, everything)
    return LanguagesRecipe(languages=further, scenes=scenes, batch=batch, buckets=buckets, pairs=pairs)


def begun(weights: Path, settings: LanguagesRecipe, first_alone: bool = False) -> TextEncoder:
    """The encoder that is taught on: that of a file with a second encoder as it is, unless the first one is wanted
    alone; others with a new one.
    """
    encoder = load_text(weights)
    if encoder.config.second_words and not first_alone:
        return encoder
    torch.manual_seed(0)
    return widened(encoder, settings, words_of(TRANSFORMER_LANGUAGES), words_of(settings.languages))


def main(argv: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description="Teach the text encoder further languages.")
    options.add_argument("--minutes", type=float, help="stop by the clock")
    options.add_argument("--steps", type=int, help="stop after so many (default: 2000, without --minutes)")
    options.add_argument("--batch", type=int, default=128, help="captions a step")
    options.add_argument("--buckets", type=int, default=8192, help="of the second encoder's words")
    options.add_argument("--pairs", type=int, default=2048, help="of the second encoder's pairs of words")
    options.add_argument("--weights", type=Path, default=PRESETS["mini"].files["text"], help="to begin with")
    options.add_argument("--first-alone", action="store_true", help="begin a new second encoder")
    options.add_argument("--out", type=Path, default=Path("runs/languages"))
    options.add_argument("--resume", type=Path, help="folder of an earlier run to go on from")
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    settings = recipe(arguments.batch, arguments.buckets, arguments.pairs)
    task = LanguagesTask(settings, begun(arguments.weights, settings, arguments.first_alone))
    steps = arguments.steps or (None if arguments.minutes else 2000)
    minutes = None if steps else arguments.minutes
    plan = TrainingPlan(minutes=minutes, steps=steps, lr=1.5e-3, warmup=0.05, cooldown=0.5, ema=0.995)
    watch(train(task, plan, arguments.out, arguments.resume), task.name)


if __name__ == "__main__":
    main()
