"""The weights that come next, in `weights/`: they make films as they are, and know their text encoder."""

from pathlib import Path

import numpy as np

import yozora
from yozora.engine.parts import load_text
from yozora.families import presets
from yozora.weights.files import digest, facts

FOLDER = Path(__file__).parents[1] / "weights" / "mini-next"


def test_they_say_their_own_sizes_and_make_films_of_them() -> None:
    preset = presets.find(FOLDER)
    assert preset.sizes == ((256, 144), (144, 256), (192, 192))
    red, blue = (
        yozora.generate(prompt, seed=1, steps=4, seconds=0.5, model=FOLDER).frames.astype(float)
        for prompt in ("a red car driving left on a beach", "a blue boat in the snow at night")
    )
    assert red.shape == (9, 144, 256, 3)
    assert np.abs(red - blue).mean() > 10


def test_the_text_encoder_is_the_one_that_the_transformer_learnt_with() -> None:
    state = load_text(FOLDER / "text.safetensors").state_dict()
    first = {name: value.half() for name, value in state.items() if not name.startswith(("second", "first_words"))}
    assert digest(first) == facts(FOLDER / "transformer.safetensors")["text"]
