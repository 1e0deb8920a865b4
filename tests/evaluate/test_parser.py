from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from yozora.evaluate.ceiling import RenderReading, counted, wide_distribution
from yozora.evaluate.data import slots_of, truth
from yozora.evaluate.eye import SIZES, fit, size_of
from yozora.evaluate.metrics import chance
from yozora.evaluate.parser import Parser, ParserConfig, load
from yozora.evaluate.prompts import HELD_OUT, askable, one_actor
from yozora.train.loop import TrainingPlan, train
from yozora.train.recipes.parser import ParserCurriculum, ParserTask
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution, shares
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE, NOUNS
from yozora.world.render import Take, render
from yozora.world.scene import Actor, Scene

SORTED = Path(__file__).parent / "melted"
FLOORS = {"noun": 0.9, "color": 0.9, "place": 0.95, "direction": 0.9, "action": 0.9, "daytime": 0.95, "weather": 0.85}
FLOORS |= {"figure": 0.9}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return load()


@pytest.fixture(scope="module")
def takes() -> list[tuple[Scene, Take]]:
    """30 fresh scenes about any of the nouns."""
    scenes = [draw_scene(np.random.default_rng([HELD_OUT, 77, k]), one_actor(tuple(NOUNS))) for k in range(30)]
    return [(scene, render(scene, width=224, height=128, frames=33)) for scene in scenes]


@pytest.fixture(scope="module")
def read(parser: Parser, takes: list[tuple[Scene, Take]]) -> list[tuple[Scene, dict[str, str]]]:
    return [(scene, parser.read([take.frames_THWC], askable(tuple(NOUNS)))[0]) for scene, take in takes]


@pytest.mark.parametrize("slot", FLOORS)
def test_shipped_parser_reads_fresh_renders(read: list[tuple[Scene, dict[str, str]]], slot: str) -> None:
    readings = [RenderReading(scene=scene, true=truth(scene), told=told) for scene, told in read]
    right = [of.told[slot] == of.true[slot] for of in readings if counted(of, slot)]
    assert np.mean(right) >= FLOORS[slot]


def test_shuffled_captions_are_near_chance(read: list[tuple[Scene, dict[str, str]]]) -> None:
    asked = [truth(scene) for scene, _ in read]
    shuffled = chance([told["noun"] for _, told in read], [a["noun"] for a in asked])
    assert shuffled is not None
    assert shuffled < 0.05


def test_sightings_tell_where_actors_are_in_each_frame(parser: Parser, takes: list[tuple[Scene, Take]]) -> None:
    near = []
    for scene, take in takes[:6]:
        seen = parser.detections(take.frames_THWC[::8], {"noun": [scene.actors[0].noun, "snail"]})
        assert len(seen) == 5
        for found, track in zip(seen, take.tracks_AT4[0, ::8] / np.array([224, 128, 224, 128]), strict=True):
            x0, y0, x1, y1 = track.clip(0, 1)
            assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
            near.append(np.hypot(found[0].x - (x0 + x1) / 2, found[0].y - (y0 + y1) / 2) < 0.06)
    assert np.mean(near) >= 0.9


def torn(film_THWC: NDArray[np.uint8], track_T4: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The film with its actor smeared from the second quarter on."""
    made = film_THWC.copy()
    rng = np.random.default_rng(0)
    for frame in range(len(made) // 4, len(made)):
        x0, y0, x1, y1 = track_T4[frame].round().astype(int)
        x0, y0 = max(x0, 0), max(y0, 0)
        part = made[frame, y0:y1, x0:x1].astype(np.float32)
        for _ in range(3):
            part = (part + part[rng.permutation(len(part))][:, rng.permutation(part.shape[1])]) / 2
        made[frame, y0:y1, x0:x1] = part.astype(np.uint8)
    return made


def test_a_figure_that_melts_after_the_first_frame_is_called_melted(
    parser: Parser, takes: list[tuple[Scene, Take]]
) -> None:
    told = [parser.read([torn(take.frames_THWC, take.tracks_AT4[0])])[0]["figure"] for _, take in takes[:10]]
    assert told.count("melted") >= 8


@pytest.mark.parametrize(("kind", "least"), [("melted", 54), ("whole", 8)])
def test_films_are_called_what_an_eye_calls_them(parser: Parser, kind: str, least: int) -> None:
    """Sixty melted films and nine whole ones: see the folder's README."""
    films = [
        np.array(Image.open(path).convert("RGB")).reshape(3, -1, 224, 3) for path in sorted(SORTED.glob(f"{kind}*"))
    ]
    told = [read["figure"] for read in parser.read(films)]
    assert told.count(kind) >= least


def test_two_actors_and_their_relation_are_told(parser: Parser) -> None:
    tree = Actor(noun="tree", color="green", x=0.72, y=0.88, height=0.45)
    car = Actor(noun="car", color="red", x=0.28, y=0.88, height=0.35)
    scene = Scene(seed=3, place="park", actors=(car, tree), relation="left of")
    told = parser.read([render(scene, width=224, height=128, frames=17).frames_THWC], {"noun": ["car", "clock"]})[0]
    asked = ("noun", "color", "noun2", "color2", "relation", "count")
    assert {slot: told[slot] for slot in asked} == {slot: truth(scene)[slot] for slot in asked}


def films_of(
    action: str, count: int, distribution: SceneDistribution, size: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """Fresh films in which an actor does that, and goes to the left or the right."""
    films: list[NDArray[np.uint8]] = []
    able = replace(distribution, nouns=tuple(noun for noun in distribution.nouns if action in NOUNS[noun].actions))
    for index in range(1000):
        scene = draw_scene(np.random.default_rng([HELD_OUT, 78, index]), able)
        actor = scene.actors[0]
        if actor.action == action and actor.direction in ("left", "right"):
            films.append(render(scene, width=size[0], height=size[1], frames=33).frames_THWC)
        if len(films) == count:
            break
    return films


MOVING = shares("static", 0.3, tuple(CAMERAS)[1:])
ALONE = replace(wide_distribution(CORE), counts=0.0, pairs=0.0, cameras=MOVING)


@pytest.mark.parametrize("action", ["walk", "run"])
@pytest.mark.parametrize("distribution", [replace(one_actor(CORE), cameras=MOVING), ALONE], ids=["rail", "free"])
def test_running_is_not_walking_though_the_camera_moves(
    parser: Parser, distribution: SceneDistribution, action: str
) -> None:
    told = [read["action"] for read in parser.read(films_of(action, 12, distribution, (224, 128)))]
    assert told.count(action) >= 10


@pytest.mark.parametrize("size", [(448, 256), (160, 160), (128, 224)])
def test_running_is_running_in_pictures_of_any_shape(parser: Parser, size: tuple[int, int]) -> None:
    told = [read["action"] for read in parser.read(films_of("run", 5, one_actor(CORE), size))]
    assert told.count("run") >= 4


@pytest.mark.parametrize(("action", "noun"), [("dance", "woman"), ("ride", "bicycle"), ("roll", "sports ball")])
def test_what_differs_by_its_rhythm_is_told_apart(parser: Parser, action: str, noun: str) -> None:
    """Dancing from standing, riding from driving, rolling from hopping."""
    distribution, films = replace(one_actor([noun]), cameras=MOVING), []
    for index in range(300):
        scene = draw_scene(np.random.default_rng([HELD_OUT, 79, index]), distribution)
        if scene.actors[0].action == action and scene.actors[0].direction not in ("towards", "away"):
            films.append(render(scene, width=224, height=128, frames=33).frames_THWC)
        if len(films) == 6:
            break
    told = [read["action"] for read in parser.read(films)]
    assert len(told) == 6
    assert told.count(action) >= 5


def test_shape_length_and_size_of_films_do_not_matter(parser: Parser) -> None:
    rng = np.random.default_rng(0)
    for frames, height, width in ((9, 128, 224), (2, 224, 128), (1, 160, 160), (9, 90, 161), (2, 256, 448)):
        film = rng.integers(0, 255, (frames, height, width, 3), np.uint8)
        assert fit(film, [0]).shape[-2:] == size_of(width, height)[::-1]
        assert set(parser.read([film])[0]) == set(parser.config.slots)
        assert len(parser.detections(film)) == frames
    assert [size_of(*size) for size in ((224, 128), (160, 160), (128, 224))] == list(SIZES)


def test_answers_can_be_narrowed(parser: Parser) -> None:
    film = np.random.default_rng(0).integers(0, 255, (6, 64, 112, 3), np.uint8)
    assert parser.read([film], {"noun": ["vase"]})[0]["noun"] == "vase"
    assert {s.color for s in parser.detections(film, {"color": ["pink"]})[0]} == {"pink"}


def test_who_is_orange_by_nature_is_orange(parser: Parser) -> None:
    distribution = replace(one_actor(["butterfly"]), natural=1.0, styles=(("paper", 1.0),))
    for index in range(5):
        scene = draw_scene(np.random.default_rng([5, index]), distribution)
        film = render(scene, width=224, height=128, frames=33, fps=16.0).frames_THWC
        assert parser.read([film], askable(CORE))[0]["color"] == "orange"


def test_a_parser_names_its_slots() -> None:
    with pytest.raises(ValueError, match="reads the slots"):
        ParserConfig(slots={"noun": ("car",)})


def test_a_parser_is_trained_and_its_file_loads(tmp_path: Path) -> None:
    task = ParserTask(ParserCurriculum(nouns=("car", "dog", "cat"), stills=3, films=2))
    reports = list(train(task, TrainingPlan(steps=3, lr=1e-3, muon_lr=1e-3), tmp_path))
    assert all(np.isfinite(report.loss) for report in reports)
    told = {name for report in reports for name in report.facts}
    assert {"box", "noun", "melted", "direction", "action"} <= told
    made = load(tmp_path / "parser.safetensors")
    assert made.config.slots == slots_of(("car", "dog", "cat"))
    assert torch.equal(task.batch(1).squares.pixels_NCHW, task.batch(1).squares.pixels_NCHW)
