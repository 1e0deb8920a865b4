"""Every kind of job with a toy's weights: what the edge writes becomes the film that it means."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.server.app import luma_psnr

from yozora import media
from yozora.core.modes import StoryboardCard, find
from yozora.core.options import ArgumentError
from yozora.core.order import CharacterSource, Order
from yozora.core.ordering import ordered
from yozora.engine.engine import Engine
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films import orders
from yozora.films.film import Film, Sound
from yozora.films.sheet import write_png
from yozora.provenance.settings import OFF
from yozora.server.work import finish, making
from yozora.server.work.job import Job
from yozora.server.work.making import JobFiles, Making, Stopwatch
from yozora.story import characters


@pytest.fixture
def engine(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Engine:
    preset = replace(toy, name="mini", sizes=((64, 64), (96, 64)), max_pixels=96 * 64)
    monkeypatch.setattr(presets, "PRESETS", {"mini": preset})
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


NOBODY: Mapping[str, Path] = {}


def job_of(
    mode: str, *sources: Path, prompt: str = "a boat", cast: Mapping[str, Path] = NOBODY, **requested: Any
) -> tuple[Job, JobFiles]:
    """A job and what it is made of, as the edge and the worker have them."""
    slots = [slot.name for slot in find(mode).slots]
    facts = [orders.described(slot, path, k) for k, (slot, path) in enumerate(zip(slots, sources, strict=False))]
    facts = [replace(fact, at=f"videos/x/sources/{k}") for k, fact in enumerate(facts)]
    if mode == "generate":  # pictures make no sound, see `order_requests`
        facts = [replace(fact, sounds=False) for fact in facts]
    people = [CharacterSource(name=name, at=f"videos/x/sources/{name}", plain=True) for name in cast]
    order = ordered(mode, prompt, {"seed": 7, **({} if sources else {"size": "64x64"}), **requested}, facts, people)
    job = Job.from_json(Job.of(order).to_json())
    assert job == Job.of(order)
    return job, JobFiles(sources=sources, characters=tuple(cast.values()))


def make(engine: Engine, work: tuple[Job, JobFiles], folder: Path) -> media.Probe:
    """The film's facts, after all its steps have been checked."""
    folder.mkdir(exist_ok=True)
    job, material = work
    watch = Stopwatch()
    making = Making(job, material, preset=engine.preset, seed=7, folder=folder, watch=watch, provenance=OFF)
    steps = list(making.steps(engine))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert [step.stage for step in steps] == sorted((step.stage for step in steps), key=ORDER.index)
    assert set(watch.spent) == {step.stage for step in steps}
    assert {path.name for path in folder.iterdir()} >= {finish.FILM, finish.THUMBNAIL, finish.SPRITESHEET}
    return media.probe(folder / finish.FILM)


ORDER = ("encode", "denoise", "decode", "finish")


def test_words_to_film_in_the_asked_size_and_length(engine: Engine, tmp_path: Path) -> None:
    found = make(engine, job_of("generate", prompt="a car", seconds=1.0, size="300x200"), tmp_path / "out")
    assert (found.width, found.height, found.frames, found.fps) == (300, 200, 17, 16.0)
    said = dict(found.facts)
    order = Order.from_json(said.pop("order"))
    assert said == {"prompt": "a car", "seed": 7, "model": "mini"}
    assert (order.mode, order.request.seed, order.request.width) == ("generate", 7, 300)


def test_rates_are_heard(engine: Engine, tmp_path: Path) -> None:
    found = make(engine, job_of("generate", seconds=1.0, fps=24), tmp_path / "out")
    assert (found.fps, found.frames) == (24.0, pytest.approx(25, abs=1))


def test_a_job_s_seed_is_its_own(engine: Engine, tmp_path: Path) -> None:
    job, material = job_of("generate", seed=11)
    assert making.asked_of(job, material, 5).order.request.seed == 11


@pytest.mark.parametrize(
    ("mode", "options", "frames", "sounds"),
    [
        ("generate", {"seconds": 1.0}, 17, False),
        ("extend", {"seconds": 1.0}, 17 + 16, True),
        ("extend", {"seconds": 1.0, "backward": True}, 16 + 17, True),
        ("loop", {"seconds": 0.5}, 17 + 8, True),
        ("blend", {"seconds": 0.5}, 17 + 17 - 8, True),
        ("remix", {"strength": 0.5}, 17, False),
        ("remix", {"strength": "strong"}, 17, False),
        ("edit", {"region": (0, 0, 0.5, 0.5)}, 17, True),
        ("edit", {"start": 0.25, "stop": 0.75}, 17, True),
        ("recut", {"keep": "0-0.5"}, 17, True),
    ],
)
def test_films_are_made_of_films(
    engine: Engine, clip: Path, tmp_path: Path, mode: str, options: dict[str, Any], frames: int, sounds: bool
) -> None:
    sources = (clip, clip) if mode == "blend" else (clip,)
    found = make(engine, job_of(mode, *sources, **options), tmp_path / "out")
    assert (found.width, found.height, found.fps) == (64, 64, 16)
    assert found.frames == frames
    assert found.has_sound == sounds


def test_cards_are_filmed(engine: Engine, tmp_path: Path) -> None:
    cards = (
        StoryboardCard(start=0.0, stop=0.5, text="a car"),
        StoryboardCard(start=0.5, stop=1.0, text="a boat", flows=True),
    )
    found = make(engine, job_of("storyboard", prompt="a car", cards=cards, fps=8), tmp_path / "out")
    assert (found.width, found.height, found.fps) == (64, 64, 8.0)
    assert found.frames == pytest.approx(9, abs=1)


def test_a_picture_comes_to_life_and_can_be_told_where_to_go(engine: Engine, picture: Path, tmp_path: Path) -> None:
    assert make(engine, job_of("generate", picture, seconds=1.0), tmp_path / "one").frames == 17
    assert make(engine, job_of("generate", picture, picture, seconds=1.0), tmp_path / "two").frames == 17


def test_who_plays_is_shown_to_the_model(engine: Engine, picture: Path, tmp_path: Path) -> None:
    said = {"prompt": "mossy waves at @Mossy, and Mossyness is no name", "seconds": 0.3}
    plain = make(engine, job_of("generate", **said), tmp_path / "plain")
    starred = make(engine, job_of("generate", cast={"Mossy": picture}, **said), tmp_path / "starred")
    assert [found.facts["prompt"] for found in (plain, starred)] == [said["prompt"]] * 2
    assert "videos/x" not in json.dumps(starred.facts)  # the storage's keys
    films = [media.read(tmp_path / name / finish.FILM).frames for name in ("plain", "starred")]
    assert not np.array_equal(*films)
    with pytest.raises(ArgumentError, match="takes 1 of these 2 characters"):
        job_of("generate", cast={"Mossy": picture, "Ann": picture})


def test_the_operator_s_own_characters_are_nobody_s_business(
    engine: Engine, picture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    characters.add("rex", picture, consent=True)
    job, material = job_of("generate", prompt="@rex and @nobody walk", seconds=0.3)
    assert making.asked_of(job, material, 1).order.characters == ()
    assert len(orders.ask("generate", "@rex walks", {}, {"seconds": 0.3}).order.characters) == 1


def test_while_it_is_denoised_it_can_be_looked_at(engine: Engine, tmp_path: Path) -> None:
    job, material = job_of("generate", seconds=1.0)
    work = Making(job, material, preset=engine.preset, seed=7, folder=tmp_path, watch=Stopwatch(), provenance=OFF)
    looks = [step.preview() for step in work.steps(engine) if step.preview is not None]
    assert len(looks) == 2 * 3  # of the first frame, and of the film
    assert {(preview.shape, preview.dtype.name) for preview in looks} == {((64, 64, 3), "uint8")}
    assert len(work.samples) == 16


def test_whoever_stops_asking_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    job, material = job_of("generate", seconds=1.0)
    work = Making(job, material, preset=engine.preset, seed=7, folder=tmp_path, watch=Stopwatch(), provenance=OFF)
    steps = work.steps(engine)
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 6, 7, 8])
def test_fault_1_and_11_clips_of_any_length_are_sources(
    engine: Engine, tmp_path: Path, make_film: Callable[..., Film], frames: int
) -> None:
    """All their frames are kept, the last ones too."""
    path = make_film(frames=frames, height=64, width=64).save(tmp_path / "short.mp4")
    asked: list[tuple[str, dict[str, Any], int]] = [
        ("generate", {"seconds": 0.5}, 9),
        ("extend", {"seconds": 0.5}, frames + 8),
        ("extend", {"seconds": 0.5, "backward": True}, frames + 8),
        ("loop", {"seconds": 0.5}, frames + 8),
        ("remix", {"strength": 0.5}, frames),
        ("edit", {"region": (0, 0, 0.5, 0.5)}, frames),
        ("recut", {"keep": "0-0.5"}, frames),
    ]
    whole = media.read(path).frames
    for k, (mode, options, count) in enumerate(asked):
        folder = tmp_path / str(k)
        assert make(engine, job_of(mode, path, **options), folder).frames == count, mode
        if mode in ("extend", "loop"):
            made = media.read(folder / finish.FILM).frames
            kept = made[-frames:] if options.get("backward") else made[:frames]
            assert luma_psnr(kept, whole) >= 45, mode


def test_fault_12_a_large_picture_and_a_film_are_first_frames(engine: Engine, tmp_path: Path, clip: Path) -> None:
    Image.new("RGB", (5000, 5000), (200, 100, 50)).save(tmp_path / "large.bmp")
    for k, source in enumerate((tmp_path / "large.bmp", clip)):
        assert make(engine, job_of("generate", source, seconds=0.5, size="64x64"), tmp_path / str(k)).frames == 9


def test_fault_9_a_film_has_the_size_and_the_rate_of_its_source(
    engine: Engine, tmp_path: Path, make_film: Callable[..., Film]
) -> None:
    film = replace(make_film(frames=15, height=180, width=320), fps=30.0)
    path = film.save(tmp_path / "large.mp4")
    whole = media.read(path).frames
    found = make(engine, job_of("extend", path, seconds=0.5), tmp_path / "out")
    assert (found.width, found.height, found.fps, found.frames) == (320, 180, 30, 30)
    made = media.read(tmp_path / "out" / finish.FILM).frames
    assert luma_psnr(made[:15], whole) >= 45
    found = make(engine, job_of("extend", path, seconds=0.5, native=True), tmp_path / "native")
    assert (found.width, found.height, found.fps) == (96, 64, 16)


def test_fault_7_an_edit_changes_its_region_and_nothing_else(
    engine: Engine, tmp_path: Path, make_film: Callable[..., Film]
) -> None:
    path = make_film(frames=9, height=128, width=128).save(tmp_path / "clip.mp4")
    whole = media.read(path).frames
    box = (0.25, 0.25, 0.25, 0.125)  # 32x16 pixels
    make(engine, job_of("edit", path, region=box), tmp_path / "out")
    made = media.read(tmp_path / "out" / finish.FILM).frames
    far = np.ones((128, 128), bool)
    far[32 - 8 : 48 + 8, 32 - 8 : 64 + 8] = False  # a soft edge of a few pixels
    changed = np.abs(made.astype(int) - whole).max(-1)
    assert changed[:, 34:46, 34:62].mean() > 10
    assert luma_psnr(made[:, far], whole[:, far]) >= 45
