from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.evaluate.films import film_of, round_trip, vocabulary
from yozora.families.presets import Preset
from yozora.weights import files as weights


@pytest.fixture
def engine(toy: Preset) -> Engine:
    return Engine(toy, "cpu", torch.float32)


def test_films_are_those_of_the_engine(engine: Engine) -> None:
    request = engine.preset.ask("a red car", {"seed": 3})
    film = engine.films(Order.of(request, Generate(seconds=request.seconds)))
    assert (film_of(engine, {})("a red car", 3) == film.frames).all()


def test_settings_count(engine: Engine) -> None:
    assert (film_of(engine, {"steps": 2})("a car", 0) != film_of(engine, {})("a car", 0)).any()


def test_the_vocabulary_comes_from_the_weights(toy: Preset, tmp_path: Path) -> None:
    assert vocabulary(toy.files["transformer"]) == ("car",)
    with pytest.raises(UserError, match="No weights are at"):
        vocabulary(tmp_path / "transformer.safetensors")
    weights.save(tmp_path / "mute.safetensors", torch.nn.Linear(1, 1), {})
    with pytest.raises(UserError, match="does not list the nouns"):
        vocabulary(tmp_path / "mute.safetensors")


def test_round_trip_keeps_size_and_type(engine: Engine) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (5, 64, 64, 3), np.uint8)
    again = round_trip(engine)(frames)
    assert again.shape == frames.shape
    assert again.dtype == np.uint8


def test_a_preset_refuses_what_it_cannot_do(engine: Engine) -> None:
    engine.preset = replace(engine.preset, max_seconds=0.1)
    with pytest.raises(UserError, match="seconds"):
        film_of(engine, {})("a car", 0)
