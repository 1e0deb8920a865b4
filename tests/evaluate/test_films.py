from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yozora.engine import Engine
from yozora.errors import UserError
from yozora.evaluate.films import film_of, load, round_trip, vocabulary
from yozora.presets import Preset


def test_films_are_those_of_the_engine(toy: Preset) -> None:
    engine = Engine(toy, "cpu", torch.float32)
    *_, last = engine.generate(toy.ask("a red car", {"seed": 3}))
    film = film_of(load(toy.folder, "cpu", torch.float32), toy, {})("a red car", 3)
    assert last.film is not None
    assert film.shape == last.film.frames.shape
    # whole decoding against chunked: equal up to rounding
    assert np.abs(film.astype(int) - last.film.frames.astype(int)).max() <= 1


def test_settings_count(toy: Preset) -> None:
    troupe = load(toy.folder, "cpu", torch.float32)
    assert (film_of(troupe, toy, {"steps": 2})("a car", 0) != film_of(troupe, toy, {})("a car", 0)).any()


def test_the_vocabulary_comes_from_the_weights(toy: Preset, tmp_path: Path) -> None:
    assert vocabulary(toy.files["transformer"]) == ("car",)
    with pytest.raises(UserError, match="no weights at"):
        load(tmp_path, "cpu", torch.float32)


def test_round_trip_keeps_size_and_type(toy: Preset) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (5, 64, 64, 3), np.uint8)
    again = round_trip(load(toy.folder, "cpu", torch.float32))(frames)
    assert again.shape == frames.shape
    assert again.dtype == np.uint8


def test_a_preset_refuses_what_it_cannot_do(toy: Preset) -> None:
    with pytest.raises(UserError, match="seconds"):
        film_of(load(toy.folder, "cpu", torch.float32), replace(toy, max_seconds=0.1), {})("a car", 0)
