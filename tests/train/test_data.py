"""Scenes by number and their captions; frames as tensors and back."""

import numpy as np
import pytest
import torch

from yozora.families.presets import CHARACTER_NAMES
from yozora.language.languages import LANGUAGES
from yozora.train.data import FPS, prompt, prompt_with_slots, psnr, scene_at, to_frames, to_video
from yozora.world.captions import slots
from yozora.world.distributions import CORE_SCENES, LIVELY_SCENES
from yozora.world.draw import draw_scene, lasting


def test_a_scene_has_a_number_and_streams_do_not_meet() -> None:
    first = [scene_at(CORE_SCENES, 1, k) for k in range(50)]
    assert first == [scene_at(CORE_SCENES, 1, k) for k in range(50)]
    other = [scene_at(CORE_SCENES, 2, k) for k in range(50)]
    assert not {scene.seed for scene in first} & {scene.seed for scene in other}


@pytest.mark.parametrize("frames", [1, 33, 49, 81])
def test_a_scene_is_laid_out_for_its_film(frames: int) -> None:
    for k in range(20):
        drawn = draw_scene(np.random.default_rng([1, k]), LIVELY_SCENES)
        assert scene_at(LIVELY_SCENES, 1, k, frames) == lasting(drawn, (frames - 1) / FPS)


def test_frames_become_tensors_and_come_back() -> None:
    frames_THWC = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)
    video_CTHW = to_video(frames_THWC)
    assert video_CTHW.shape == (3, 3, 4, 5)
    assert video_CTHW.dtype == torch.float32
    assert video_CTHW.min() >= -1
    assert video_CTHW.max() <= 1
    assert np.array_equal(to_frames(video_CTHW), frames_THWC)
    assert np.array_equal(to_frames(torch.full((3, 1, 1, 1), 7.0)), np.full((1, 1, 1, 3), 255, np.uint8))
    assert np.array_equal(to_frames(torch.full((3, 1, 1, 1), -7.0)), np.zeros((1, 1, 1, 3), np.uint8))


@pytest.mark.parametrize(("error", "decibels"), [(4.0, 0.0), (0.04, 20.0), (torch.tensor(0.0004), 40.0)])
def test_the_ratio_is_that_of_pictures_two_wide(error: float, decibels: float) -> None:
    assert psnr(error) == pytest.approx(decibels, abs=1e-3)
    assert psnr(0.0) > 100


def test_captions_come_in_all_languages_and_say_what_is_so() -> None:
    rng, scene = np.random.default_rng(0), scene_at(CORE_SCENES, 1, 3)
    drawn = [prompt_with_slots(scene, rng) for _ in range(200)]
    truth = slots(scene)
    assert len({text for text, _ in drawn}) > 40
    for _, mentioned in drawn:
        assert mentioned.items() <= truth.items()
    letters = "".join(text for text, _ in drawn)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in letters)
    assert any("\u0600" <= letter <= "\u06ff" for letter in letters)


def test_the_same_lots_mention_the_same_in_whatever_language() -> None:
    scene = scene_at(CORE_SCENES, 1, 3)
    for seed in range(20):
        said = [
            prompt_with_slots(scene, np.random.default_rng(seed), language_choice=language_choice)[1]
            for language_choice in LANGUAGES
        ]
        assert all(one == said[0] for one in said)


def test_a_star_goes_by_the_name_of_a_hero() -> None:
    scene = next(scene for scene in (scene_at(CORE_SCENES, 1, k) for k in range(9)) if scene.actors)
    for seed in range(20):
        assert CHARACTER_NAMES[0] in prompt(scene, np.random.default_rng(seed), with_character=True)
        assert CHARACTER_NAMES[0] not in prompt(scene, np.random.default_rng(seed))
