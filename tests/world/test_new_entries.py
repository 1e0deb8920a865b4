"""A camera move and a weather that the shipped weights lack: captioned, noted, and no load of weights minds."""

from pathlib import Path

import numpy as np
import pytest

import yozora
from yozora.evaluate import parser
from yozora.evaluate.data import shoot, truth
from yozora.films import orders
from yozora.language.languages import LANGUAGES
from yozora.model.text import TextConfig, TextEncoder
from yozora.story.board import Card
from yozora.train.text import TextRecipe, TextTask, slots_of_the_world
from yozora.world.cameras import CAMERAS, Camera
from yozora.world.captions import said, slots
from yozora.world.distributions import SceneDistribution
from yozora.world.scene import Actor, Scene
from yozora.world.weathers import WEATHERS, Weather

DOG = Actor(noun="dog", color="red", x=0.5, y=0.88, height=0.4)
SCENE = {"seed": 4, "place": "park", "camera": "toy move", "weather": "toys", "actors": (DOG,)}
KNOWN = slots_of_the_world()  # as they were before the new entries


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the tables of the world, with phrases in English; other packs lack them."""
    phrases = LANGUAGES["en"].phrases
    monkeypatch.setitem(phrases.cameras, "toy move", "the camera makes a toy move")  # type: ignore[call-overload] # a dict
    monkeypatch.setitem(phrases.weathers, "toys", "in a rain of toys")  # type: ignore[call-overload] # the same
    monkeypatch.setitem(CAMERAS, "toy move", Camera(tilt=-0.07, zoom=-0.16))
    monkeypatch.setitem(WEATHERS, "toys", Weather(falling=WEATHERS["snow"].falling, overcast=0.8, dim=True))


def test_captions_say_them_where_the_language_can() -> None:
    scene = Scene(**SCENE)  # type: ignore[arg-type] # fields of several types
    found = [said(scene, np.random.default_rng(k)) for k in range(30)]
    assert slots(scene)["camera"] == "toy move"
    assert sum(told.get("camera") == "toy move" for _, told in found) > 15
    assert sum(told.get("weather") == "toys" for _, told in found) > 15
    for text, told in found:
        assert ("toy move" in text) == ("camera" in told)
        assert ("in a rain of toys" in text.casefold()) == ("weather" in told)
    for language in (key for key in LANGUAGES if key != "en"):
        for k in range(10):
            text, told = said(scene, np.random.default_rng(k), language)
            assert not {"camera", "weather"} & set(told)
            assert "place" in told or "noun" in told
            assert "toy move" not in text


def test_a_board_says_it_in_english_where_the_language_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.story.looks.CAMERA_NAMES", tuple(CAMERAS))
    monkeypatch.setattr("yozora.story.looks._cameras", lambda: {name: name for name in CAMERAS})
    assert Card(start=0.0, stop=1.0, prompt="a dog", camera="toy move").text == "a dog, the camera makes a toy move"
    assert Card(start=0.0, stop=1.0, prompt="un perro rojo", camera="toy move").text.endswith(
        "the camera makes a toy move"
    )
    assert "cámara" in Card(start=0.0, stop=1.0, prompt="un perro rojo", camera="zoom in").text


def test_the_parser_loads_and_answers_what_it_was_taught() -> None:
    reader = parser.load()
    assert "toy move" not in reader.config.slots["camera"]
    scene = Scene(**SCENE)  # type: ignore[arg-type] # fields of several types
    batch = shoot([scene], reader.config.slots, (160, 96), 8, [1.0])
    assert truth(scene)["camera"] == "toy move"
    known = dict(zip(reader.config.slots, batch.truth_BK[0].tolist(), strict=True))
    assert (known["camera"], known["weather"]) == (-1, -1)  # counts for nothing
    assert known["place"] >= 0
    film = (batch.video_BTCHW[0].permute(0, 2, 3, 1).numpy() * 255).astype(np.uint8)
    (told,) = reader.read([film])
    assert told["camera"] in reader.config.slots["camera"]
    assert told["weather"] in reader.config.slots["weather"]


def test_a_text_encoder_of_before_learns_on() -> None:
    """Its classes are those of its own configuration; what is new counts as not given."""
    config = TextConfig(dim=16, heads=2, layers=1, buckets=64, pairs=64, slots=KNOWN)
    new = SceneDistribution(cameras=(("toy move", 1.0),), weathers=(("toys", 1.0),), empty=1.0)
    task = TextTask(TextRecipe(config=config, distributions=(new,), batch=1), before=TextEncoder(config))
    assert set(task.index["camera"].values()) == set(range(len(KNOWN["camera"])))
    assert "toy move" not in task.index["camera"]


def test_films_are_made_as_before(tmp_path: Path) -> None:
    asked = orders.ask("generate", "a dog in a park", {}, {"seconds": 0.25, "size": "64x64", "steps": 1, "seed": 1})
    assert asked.notes == ()
    film = yozora.generate("a dog in a park", seconds=0.25, size=(64, 64), steps=1, seed=1)
    assert film.frames.shape == (5, 64, 64, 3)
    assert film.save(tmp_path / "film.mp4").is_file()
