"""Scenes by number, their captions, and frames as tensors.

Scene k of stream s comes from `default_rng([s, k])`: training uses streams below 1000, evaluation those above, so
they never meet.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.families.presets import CHARACTER_NAMES
from yozora.language.languages import TRANSFORMER_LANGUAGES
from yozora.language.pack import Language
from yozora.world.captions import LENGTHS, said
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene, lasting
from yozora.world.scene import Scene

FPS = 16.0


def scene_at(distribution: SceneDistribution, stream: int, index: int, frames: int = 1) -> Scene:
    """Scene number `index` of a stream, laid out for so many frames: always the same."""
    return lasting(draw_scene(np.random.default_rng([stream, index]), distribution), (frames - 1) / FPS)


def to_video(frames_THWC: NDArray[np.uint8]) -> Tensor:
    """uint8 frames to float32 `[3, T, H, W]` in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(frames_THWC)).permute(3, 0, 1, 2).float().div_(127.5).sub_(1.0)


def to_frames(video_CTHW: Tensor) -> NDArray[np.uint8]:
    """The other way round."""
    pixels = video_CTHW.float().clamp(-1, 1).add(1.0).mul(127.5).round().to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(1, 2, 3, 0).cpu().numpy())


def psnr(squared: Tensor | float) -> float:
    """Peak signal-to-noise ratio in dB of a mean squared error between pictures in -1..1."""
    return 10.0 * math.log10(4.0 / max(float(squared), 1e-12))


def prompt(scene: Scene, rng: np.random.Generator, with_character: bool = False) -> str:
    """A random caption of a scene in a random language; `with_character`: its first actor has a character's name."""
    return prompt_with_slots(scene, rng, with_character)[0]


def prompt_with_slots(
    scene: Scene, rng: np.random.Generator, with_character: bool = False, language_choice: Language | None = None
) -> tuple[str, dict[str, str]]:
    """A random caption and the slots that it mentions; the same state of the generator mentions the same in whatever
    language is `language_choice`."""
    drawn = TRANSFORMER_LANGUAGES[rng.choice(4, p=(0.4, 0.2, 0.2, 0.2))]
    language = language_choice or drawn
    length = LENGTHS[rng.choice(3, p=(0.6, 0.25, 0.15))]
    return said(scene, rng, language, length, CHARACTER_NAMES[0] if with_character else "")
