"""Scenes of a stream and number stay what they are: training data and the evaluation's prompts are drawn from them."""

import hashlib
import json
from dataclasses import asdict

import numpy as np
import pytest

from yozora.train.recipes.parser import varied
from yozora.world.distributions import (
    CORE_SCENES,
    LIVELY_SCENES,
    LONE_SCENES,
    ROVING_SCENES,
    SceneDistribution,
    with_moving_camera,
)
from yozora.world.draw import draw_scene, lasting
from yozora.world.render import render

FREE, CALM = varied(("dog", "cat", "person", "boat", "balloon", "fish"))
DISTRIBUTIONS = {
    "28eb5f4d4f8a17a7": SceneDistribution(),
    "3668b6849c138f51": CORE_SCENES,
    "516b0bb5bffb878f": ROVING_SCENES,
    "167749975508e93a": LONE_SCENES,
    "458a3889f93332ee": LIVELY_SCENES,
    "9f45b1114622a866": with_moving_camera(LIVELY_SCENES, 0.5),
    "c2ca9c33de776d89": FREE,
    "040a8afa59d0c9d0": CALM,
}


@pytest.mark.parametrize("pinned", DISTRIBUTIONS)
def test_four_hundred_scenes_are_those_of_version_0_1(pinned: str) -> None:
    digest = hashlib.sha256()
    for k in range(400):
        scene = draw_scene(np.random.default_rng([1500, k]), DISTRIBUTIONS[pinned])
        digest.update(json.dumps(asdict(lasting(scene, 4.0 if k % 2 else 2.0)), sort_keys=True).encode())
    assert digest.hexdigest()[:16] == pinned


LOOKS = (  # red, green, blue, change from frame to frame (0..255), actors (percent)
    (174.11, 145.96, 121.27, 0.0, 0.0),
    (160.26, 184.99, 158.35, 0.17, 5.68),
    (64.18, 72.16, 98.02, 5.7, 6.38),
    (173.68, 149.23, 124.65, 5.52, 5.64),
    (188.3, 149.74, 141.92, 5.84, 9.48),
    (167.73, 167.73, 169.29, 3.62, 4.03),
    (122.18, 120.93, 120.69, 0.0, 5.3),
    (185.84, 154.1, 141.44, 16.1, 8.99),
    (151.91, 158.27, 168.61, 7.95, 2.46),
    (163.68, 128.34, 98.74, 0.0, 4.75),
    (191.28, 212.25, 216.08, 18.63, 4.03),
    (178.95, 137.68, 119.19, 14.54, 5.46),
    (179.68, 196.13, 200.51, 28.66, 4.71),
    (182.01, 182.01, 183.62, 23.02, 7.56),
    (180.28, 141.48, 127.11, 9.78, 5.27),
    (60.27, 84.35, 112.19, 9.87, 4.39),
    (66.08, 83.4, 98.56, 11.18, 9.37),
    (190.53, 152.36, 137.96, 24.04, 6.24),
    (199.99, 213.18, 205.2, 15.75, 5.45),
    (154.22, 125.43, 102.13, 10.2, 5.93),
    (192.52, 148.18, 119.56, 23.01, 4.21),
    (192.83, 157.22, 132.08, 0.06, 9.72),
    (183.85, 138.97, 97.74, 19.4, 7.77),
    (186.65, 189.07, 187.06, 1.7, 4.99),
)


def test_films_look_as_in_version_0_1() -> None:
    """Means of a film's colours, and how much it changes: within 0.1, as processors round differently."""
    for k, pinned in enumerate(LOOKS):
        film = render(
            draw_scene(np.random.default_rng([7, k]), SceneDistribution()), width=96, height=54, frames=3, fps=1.0
        )
        frames = film.frames_THWC.astype(np.float64)
        looks = (
            *frames.mean((0, 1, 2)),
            np.abs(np.diff(frames, axis=0)).mean(),
            100 * (film.masks_ATHW.mean() if film.masks_ATHW.size else 0.0),
        )
        assert looks == pytest.approx(pinned, abs=0.1), k
