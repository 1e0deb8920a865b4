from dataclasses import replace

import numpy as np
import pytest
import torch

from yozora.evaluate.data import lesson, shelve, slots_of, truth, wear
from yozora.evaluate.metrics import chance
from yozora.evaluate.parser import FRAMES, SIZES, Parser, ParserConfig, crop, fit, load, size_of, whereabouts
from yozora.evaluate.prompts import HELD_OUT, askable, one_actor
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE
from yozora.world.render import render
from yozora.world.scene import Scene

FLOORS = {"noun": 0.9, "color": 0.9, "place": 0.95, "direction": 0.9, "daytime": 0.95, "weather": 0.85, "count": 0.9}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return load()


@pytest.fixture(scope="module")
def read(parser: Parser) -> list[tuple[Scene, dict[str, str]]]:
    """60 fresh scenes and what the parser reads from their renders."""
    found = []
    for index in range(60):
        scene = draw_scene(np.random.default_rng([HELD_OUT, 77, index]), one_actor(CORE))
        take = render(scene, width=224, height=128, frames=FRAMES, fps=2.5)
        found.append((scene, parser.read([take.frames_THWC])[0]))
    return found


@pytest.mark.parametrize("slot", FLOORS)
def test_shipped_parser_reads_fresh_renders(read: list[tuple[Scene, dict[str, str]]], slot: str) -> None:
    right = [told[slot] == truth(scene)[slot] for scene, told in read]
    assert np.mean(right) >= FLOORS[slot]


def test_shuffled_captions_are_near_chance(read: list[tuple[Scene, dict[str, str]]]) -> None:
    asked = [truth(scene) for scene, _ in read]
    shuffled = chance([told["noun"] for _, told in read], [a["noun"] for a in asked])
    assert shuffled is not None
    assert shuffled < 0.12


def test_shape_length_and_size_of_films_do_not_matter(parser: Parser) -> None:
    rng = np.random.default_rng(0)
    for frames, height, width in ((33, 128, 224), (2, 224, 128), (1, 160, 160), (9, 90, 161)):
        film = rng.integers(0, 255, (frames, height, width, 3), np.uint8)
        assert fit(film).shape[0] == FRAMES
        assert set(parser.read([film])[0]) == set(parser.config.slots)
    assert [size_of(*size) for size in ((224, 128), (160, 160), (128, 224))] == list(SIZES)


def test_answers_can_be_narrowed(parser: Parser) -> None:
    film = np.random.default_rng(0).integers(0, 255, (6, 64, 112, 3), np.uint8)
    assert parser.read([film], {"noun": ["vase"]})[0] == {**parser.read([film])[0], "noun": "vase"}


def test_who_is_orange_by_nature_is_orange(parser: Parser) -> None:
    cast = replace(one_actor(["butterfly"]), natural=1.0, styles=(("paper", 1.0),))
    for index in range(8):
        scene = draw_scene(np.random.default_rng([5, index]), cast)
        film = render(scene, width=224, height=128, frames=33, fps=16.0).frames_THWC
        assert parser.read([film], askable(CORE))[0]["color"] == "orange"


def test_a_closer_look_shows_what_is_there() -> None:
    cover = torch.zeros(1, 16, 28)
    cover[0, 4:8, 20:24] = 1.0
    frame = torch.zeros(1, 3, 64, 112)
    frame[:, 0, 16:32, 80:96] = 1.0
    where = whereabouts(cover)
    assert where[0, :2].tolist() == pytest.approx([88 / 56 - 1, 24 / 32 - 1], abs=0.01)
    close = crop(frame, where)
    assert close[0, 0, 10:22, 10:22].min() > 0.99
    assert close[0, 0].mean() < 0.95


def test_mirrored_takes_go_the_other_way() -> None:
    slots = slots_of(CORE)
    shelf = shelve(one_actor(CORE), slots, 3, 0, 4, (112, 64), scale=1)
    index = torch.arange(4).repeat(16)
    taught = lesson(shelf, index, slots, torch.Generator().manual_seed(0))
    k = list(slots).index("direction")
    before, after = shelf.truth_NK[index, k], taught.truth_BK[:, k]
    names = slots["direction"]
    for was, now in zip(before.tolist(), after.tolist(), strict=True):
        assert {names[was], names[now]} in ({"left", "right"}, {"left"}, {"right"}, {names[was]})
    flipped = (taught.cover_BTHW != shelf.cover_NTHW[index].float() / 255).flatten(1).any(1)
    assert (before[~flipped] == after[~flipped]).all()


def test_wear_keeps_the_picture_recognisable() -> None:
    video = (
        torch.rand(2, 6, 3, 4, 7, generator=torch.Generator().manual_seed(0))
        .repeat_interleave(16, 3)
        .repeat_interleave(16, 4)
    )
    worn = wear(video, torch.Generator().manual_seed(1))
    assert worn.shape == video.shape
    assert 0 <= float(worn.min()) <= float(worn.max()) <= 1
    together = torch.stack([video.flatten(), worn.flatten()])
    assert 0.7 < float(torch.corrcoef(together)[0, 1]) < 0.9999


def test_a_parser_names_its_slots() -> None:
    with pytest.raises(ValueError, match="reads the slots"):
        ParserConfig(slots={"noun": ("car",)})
