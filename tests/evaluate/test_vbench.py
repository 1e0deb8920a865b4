"""VBench's prompts: each asks for what the world knows, renders show it, and other films do not."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tests.evaluate.oracle import watching

from yozora.engine.engine import Engine
from yozora.evaluate.detection import Detection
from yozora.evaluate.modes import bench_of
from yozora.evaluate.run import Options
from yozora.evaluate.suite import measure
from yozora.evaluate.vbench import SUITE, entries, lists, scene_of, shows, stands
from yozora.families.presets import Preset
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import COLORS, PLACES
from yozora.world.styles import STYLES

ROOT = Path(__file__).parents[2]


def at(noun: str, x: float, y: float, color: str = "red") -> Detection:
    return Detection(noun=noun, color=color, x=x, y=y, width=0.1, height=0.1, score=0.9, melted=0.0)


def test_every_prompt_asks_for_what_the_world_knows() -> None:
    assert set(lists()) == {"object_class", "multiple_objects", "color", "spatial_relationship", "appearance_style"}
    for dimension, known in lists().items():
        assert len(known) > 10, dimension
        for entry in known:
            assert set(entry.nouns) <= set(NOUNS)
            assert entry.color in ("", *COLORS)
            assert entry.place in ("", *PLACES)
            assert entry.style in ("", *STYLES)
            assert not entry.color or entry.color in entry.prompt
    assert "VBench" in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_only_prompts_whose_words_the_weights_know_are_asked() -> None:
    assert {entry.nouns for entry in entries("object_class", ["car", "dog"])} == {("car",), ("dog",)}
    assert len(entries("color", CORE)) > 50


@pytest.mark.parametrize("dimension", lists())
def test_there_is_a_scene_for_each_prompt_of_the_core_vocabulary(dimension: str) -> None:
    for index, entry in enumerate(entries(dimension, CORE)[:12]):
        scene = scene_of(dimension, entry, 0, index)
        assert scene is not None
        assert sorted(actor.noun for actor in scene.actors) == sorted(entry.nouns)
        assert not entry.color or scene.actors[0].color == entry.color
        assert not entry.style or (scene.style, scene.place) == (entry.style, entry.place)


def test_a_relation_is_that_of_the_longer_way() -> None:
    left, right, high = at("car", 0.2, 0.5), at("dog", 0.7, 0.55), at("cat", 0.25, 0.1)
    assert stands("left of", 1.75, left, right)
    assert not stands("right of", 1.75, left, right)
    assert stands("on top of", 1.75, high, left)
    assert stands("under", 1.75, left, high)
    assert not stands("left of", 1.75, left, high)


def test_a_frame_shows_all_or_nothing() -> None:
    both = next(entry for entry in entries("multiple_objects", CORE) if set(entry.nouns) == {"cat", "dog"})
    assert shows(both, 1.75, [at("cat", 0, 0), at("dog", 0, 0)])
    assert not shows(both, 1.75, [at("cat", 0, 0)])
    red = next(entry for entry in entries("color", CORE) if entry.prompt == "a red car")
    assert shows(red, 1.75, [at("car", 0, 0, "red")])
    assert not shows(red, 1.75, [at("car", 0, 0, "blue")])


def test_renders_show_what_the_prompts_ask_for(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    watching(monkeypatch)
    toy = replace(toy, sizes=((128, 64),))
    bench = bench_of(Engine(toy, "cpu", torch.float32), ["car", "dog", "cat", "bicycle"], {"steps": 1, "guidance": 1.0})
    out = StringIO()
    found = measure(SUITE, bench, Options(prompts=2), (), Console(file=out, width=140))
    assert {f"vbench/{dimension}" for dimension in lists()} == {name for name in found if name.startswith("vbench/")}
    for dimension in lists():
        score = found[f"vbench/{dimension}"]
        assert (score.ceiling, score.score) == (1, pytest.approx(score.chance or 0, abs=1))
    assert "not by VBench's detector" in " ".join(out.getvalue().split())
