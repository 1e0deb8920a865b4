"""Every kind of job with a toy's weights: what the edge writes becomes the film that it means."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from yozora import characters, media, orders
from yozora.core import modes
from yozora.engine import Engine
from yozora.errors import UserError
from yozora.film import Film, Sound
from yozora.presets import Preset
from yozora.provenance.settings import OFF
from yozora.server import finish, making
from yozora.server.job import Job, Mode
from yozora.server.making import Making, Material, Stopwatch
from yozora.sheet import write_png

SMALL = {"width": 64, "height": 64, "preset": "mini"}


@pytest.fixture
def engine(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    preset = replace(toy, name="mini", sizes=((64, 64), (96, 64)))
    monkeypatch.setattr("yozora.presets.PRESETS", {"mini": preset})
    return Engine(preset, "cpu", torch.float32)


@pytest.fixture
def clip(make_film: Callable[..., Film], tmp_path: Path) -> Path:
    """A second of moving bars with a tone."""
    film = make_film(frames=17, height=64, width=64)
    tone = (0.5 * np.sin(np.arange(16_000) * 0.3)).astype(np.float32)[:, None]
    return replace(film, sound=Sound(samples=tone, rate=16_000)).save(tmp_path / "clip.mp4")


@pytest.fixture
def picture(make_film: Callable[..., Film], tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    write_png(path, make_film(frames=1).frames[0])
    return path


def make(engine: Engine, job: Job, folder: Path, *sources: Path, **cast: Path) -> media.Probe:
    """The film's facts, after all its steps have been checked."""
    folder.mkdir(exist_ok=True)
    watch = Stopwatch()
    material = Material(sources=sources, cast=cast)
    work = Making(job, material, seed=7, folder=folder, watch=watch, provenance=OFF)
    steps = list(work.steps(engine))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [step.stage for step in steps] == sorted((step.stage for step in steps), key=ORDER.index)
    assert set(watch.spent) == {step.stage for step in steps}
    assert {path.name for path in folder.iterdir()} >= {finish.FILM, finish.THUMBNAIL, finish.SPRITESHEET}
    return media.probe(folder / finish.FILM)


ORDER = ("encode", "denoise", "decode", "finish")


def test_words_to_film_in_the_asked_size_and_length(engine: Engine, tmp_path: Path) -> None:
    job = Job(mode="text", prompt="a car", seconds=1.0, **{**SMALL, "width": 300, "height": 200})
    found = make(engine, job, tmp_path / "out")
    assert (found.width, found.height, found.frames, found.fps) == (300, 200, 17, 16.0)
    assert found.facts == {"prompt": "a car", "seed": 7, "model": "mini"}


def test_settings_are_heard(engine: Engine, tmp_path: Path) -> None:
    settings = {"fps": 24.0, "seed": 11, "steps": 4, "guidance": 3.0, "negative_prompt": "a boat", "style": "ink"}
    job = Job(mode="text", prompt="a car", seconds=1.0, settings=settings, **SMALL)
    order = making.order_of(job, Material(), 7)
    request = order.request
    assert (request.fps, request.seed, request.steps, request.guidance) == (24.0, 11, 4, 3.0)
    assert (request.negative_prompt, request.text) == ("a boat", "a car, ink")
    found = make(engine, job, tmp_path / "out")
    assert (found.fps, found.frames) == (24.0, 25)


@pytest.mark.parametrize(("size", "native"), [((640, 360), (96, 64)), ((360, 640), (64, 64)), ((500, 500), (64, 64))])
def test_the_model_s_size_is_the_nearest_in_shape(
    engine: Engine, size: tuple[int, int], native: tuple[int, int]
) -> None:
    job = Job(mode="text", preset="mini", prompt="a car", seconds=1.0, width=size[0], height=size[1])
    request = making.order_of(job, Material(), 1).request
    assert (request.width, request.height) == native


@pytest.mark.parametrize(
    ("mode", "seconds", "options", "frames", "sounds"),
    [
        ("image", 1.0, {}, 17, False),
        ("extend", 1.0, {"backward": False}, 17 + 16, True),
        ("extend", 1.0, {"backward": True}, 1 + 16 + 17, True),
        ("loop", 0.5, {}, 17 + 8, True),
        ("blend", 0.5, {}, 17 + 17 - 8, True),
        ("remix", 1.0, {"strength": 0.5}, 17, False),
        ("remix", 1.0, {"strength": "strong"}, 17, False),
        ("edit", 1.0, {"region": [0, 0, 0.5, 0.5], "start": 0.0, "stop": None, "strength": 1.0}, 17, True),
        ("recut", 1.0, {"keep": [[0, 0.5]]}, 17, True),
    ],
)
def test_films_are_made_of_films(
    engine: Engine,
    clip: Path,
    tmp_path: Path,
    mode: Mode,
    seconds: float,
    options: dict[str, Any],
    frames: int,
    sounds: bool,
) -> None:
    sources = (clip, clip) if mode == "blend" else (clip,)
    job = Job(mode=mode, prompt="a boat", seconds=seconds, options=options, sources=("k",) * len(sources), **SMALL)
    found = make(engine, job, tmp_path / "out", *sources)
    assert found.frames == frames
    assert found.has_sound == sounds


def test_a_storyboard_has_the_job_s_size_and_names_no_files(engine: Engine, tmp_path: Path) -> None:
    board = '{"size": "1280x704", "fps": 8, "cards": [{"from": 0, "to": 1, "prompt": "a car"}]}'
    job = Job(mode="storyboard", prompt="a car", seconds=1.0, options={"board": board}, **SMALL)
    found = make(engine, job, tmp_path / "out")
    assert (found.width, found.height, found.frames, found.fps) == (64, 64, 9, 8.0)
    stolen = "cards:\n- {from: 0, to: 1, prompt: a car, image: /etc/passwd}"
    with pytest.raises(UserError, match="may name no files"):
        making.order_of(replace(job, options={"board": stolen}), Material(), 1)


def test_a_picture_comes_to_life_and_can_be_told_where_to_go(engine: Engine, picture: Path, tmp_path: Path) -> None:
    job = Job(mode="image", prompt="a car", seconds=1.0, **SMALL)
    assert make(engine, job, tmp_path / "one", picture).frames == 17
    assert make(engine, job, tmp_path / "two", picture, picture).frames == 17
    with pytest.raises(UserError, match="made of 1 sources, not 0"):
        making.order_of(job, Material(), 1)


def test_who_plays_is_shown_to_the_model_by_its_own_name(engine: Engine, picture: Path, tmp_path: Path) -> None:
    said = "mossy waves at @Mossy, and Mossyness is no name"
    job = Job(mode="text", prompt=said, seconds=0.3, **SMALL)
    order = making.order_of(job, Material(cast={"Mossy": picture}), 1)
    assert len(order.sources) == 1
    hero = modes.HEROES[0]
    assert characters.introduced(said, {"Mossy": hero}) == f"{hero} waves at {hero}, and Mossyness is no name"
    plain = make(engine, job, tmp_path / "plain")
    starred = make(engine, job, tmp_path / "starred", Mossy=picture)
    assert plain.facts == starred.facts
    films = [media.read(tmp_path / name / finish.FILM).frames for name in ("plain", "starred")]
    assert not np.array_equal(*films)


def test_the_operator_s_own_characters_are_nobody_s_business(
    engine: Engine, picture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    characters.add("rex", picture, consent=True)
    job = Job(mode="text", prompt="@rex and @nobody walk", seconds=0.3, **SMALL)
    assert making.order_of(job, Material(), 1).sources == ()
    assert len(orders.text("@rex walks", seconds=0.3).sources) == 1


@pytest.mark.parametrize(
    ("name", "prompt", "said"),
    [
        ("Mossy the Frog", "A photo of MOSSY  the frog.", "A photo of @hero."),
        ("小明", "小明在公园里跑步", "@hero在公园里跑步"),
        ("ليلى", "ليلى تمشي", "@hero تمشي"),
        ("Zoë", "ZOË's boat, zoë", "@hero's boat, @hero"),
        ("Bo", "Bob and Bo", "Bob and @hero"),
        ("A+B (c)", "a+b (C) runs", "@hero runs"),
    ],
)
def test_names_in_prompts_of_any_script(name: str, prompt: str, said: str) -> None:
    assert characters.introduced(prompt, {name: "@hero"}) == said


def test_names_that_hold_each_other_and_the_model_s_own() -> None:
    names = {"Ann": "@hero", "Ann Lee": "@second", "hero": "@third"}
    assert characters.introduced("Ann, Ann Lee and the hero", names) == "@hero, @second and the @third"


def test_while_it_is_denoised_it_can_be_looked_at(engine: Engine, tmp_path: Path) -> None:
    job = Job(mode="text", prompt="a car", seconds=1.0, **SMALL)
    work = Making(job, Material(), seed=7, folder=tmp_path, watch=Stopwatch(), provenance=OFF)
    looks = [step.look() for step in work.steps(engine) if step.look is not None]
    assert len(looks) == 2 * 3  # of the first frame, and of the film
    assert {(look.shape, look.dtype.name) for look in looks} == {((64, 64, 3), "uint8")}
    assert len(work.samples) == 16


def test_whoever_stops_asking_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    job = Job(mode="text", prompt="a car", seconds=1.0, **SMALL)
    work = Making(job, Material(), seed=7, folder=tmp_path, watch=Stopwatch(), provenance=OFF)
    steps = work.steps(engine)
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_a_job_survives_its_json() -> None:
    job = Job(mode="edit", prompt="a", seconds=1.0, sources=("a",), options={"region": [0, 0, 1, 1]}, **SMALL)
    assert Job.from_json(job.to_json()) == job


@pytest.mark.parametrize("frames", [1, 2, 3, 6])
def test_fault_1_clips_of_any_length_are_sources(
    engine: Engine, tmp_path: Path, make_film: Callable[..., Film], frames: int
) -> None:
    path = make_film(frames=frames, height=64, width=64).save(tmp_path / "short.mp4")
    edited: dict[str, Any] = {"region": [0, 0, 0.5, 0.5], "start": 0.0, "stop": None, "strength": 1.0}
    asked: list[tuple[Mode, dict[str, Any], int]] = [
        ("image", {}, 9),
        ("extend", {"backward": False}, frames + 8),
        ("extend", {"backward": True}, frames + 9),
        ("loop", {}, frames + 8),
        ("remix", {"strength": 0.5}, frames),
        ("edit", edited, frames),
        ("recut", {"keep": [[0, 0.5]]}, frames),
    ]
    for k, (mode, options, count) in enumerate(asked):
        job = Job(mode=mode, prompt="a boat", seconds=0.5, options=options, sources=("k",), **SMALL)
        assert make(engine, job, tmp_path / str(k), path).frames == count, mode


def test_fault_12_a_large_picture_and_a_film_are_first_frames(engine: Engine, tmp_path: Path, clip: Path) -> None:
    Image.new("RGB", (5000, 5000), (200, 100, 50)).save(tmp_path / "large.bmp")
    job = Job(mode="image", prompt="a boat", seconds=0.5, sources=("k",), **SMALL)
    for k, source in enumerate((tmp_path / "large.bmp", clip)):
        assert make(engine, job, tmp_path / str(k), source).frames == 9
