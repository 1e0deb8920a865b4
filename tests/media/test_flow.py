import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from yozora.media import flow
from yozora.world import distributions, draw, render

Frames = NDArray[np.uint8]


def moving(count: int, step: int, height: int = 64, width: int = 96) -> Frames:
    """A blurred square with a texture that goes to the right over a still, textured ground."""
    rng = np.random.default_rng(0)
    ground = flow.blurred(rng.uniform(0, 255, (height, width)).astype(np.float32), 2.0)
    thing = flow.blurred(rng.uniform(0, 255, (24, 24)).astype(np.float32), 1.5)
    ground, thing = 100 + (ground - ground.mean()), 170 + 3 * (thing - thing.mean())
    frames = np.repeat(ground[None], count, 0)
    for k in range(count):
        frames[k, 20:44, 16 + step * k : 40 + step * k] = thing
    return frames.clip(0, 255).astype(np.uint8)[..., None].repeat(3, -1)


def psnr(a: Frames, b: Frames) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.square(a.astype(np.float64) - b).mean())))


def test_the_frame_between_shows_things_half_way() -> None:
    a, wanted, b = moving(3, 4)
    made = flow.between(a, b, 0.5)
    mixed = ((a.astype(int) + b) // 2).astype(np.uint8)
    assert psnr(made, wanted) > max(psnr(a, wanted), psnr(mixed, wanted)) + 3


def test_at_its_ends_nothing_is_made() -> None:
    a, b = moving(2, 4)
    assert flow.between(a, b, 0.0) is a
    assert flow.between(a, b, 1.0) is b


def test_what_stands_still_stays() -> None:
    a, b = moving(2, 4)
    made = flow.between(a, b, 0.3)
    assert np.abs(made[:, 70:].astype(int) - a[:, 70:]).max() <= 2


@pytest.mark.parametrize(("share", "nearer"), [(0.4, 0), (0.6, 1)])
def test_nothing_is_led_over_a_cut(share: float, nearer: int) -> None:
    rng = np.random.default_rng(1)
    frames = [
        flow.blurred(rng.uniform(0, 255, (64, 96, 3)).astype(np.float32), 2.0).clip(0, 255).astype(np.uint8)
        for _ in range(2)
    ]
    frames[1] = (255 - frames[1]) // 2
    assert flow.ways(*frames).cut
    assert np.array_equal(flow.between(*frames, share), frames[nearer])


def test_the_number_of_threads_does_not_matter() -> None:
    a, b = moving(2, 4, height=144, width=256)
    before = cv2.getNumThreads()
    try:
        found = []
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            found.append(flow.ways(a, b).there)
            assert cv2.getNumThreads() == threads
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(*found)


def test_pictures_that_are_too_small_have_no_flow() -> None:
    a, b = moving(2, 1)[:, :8, :8]
    assert np.array_equal(flow.between(a, b, 0.4), a)


def test_a_render_at_twice_the_rate_is_met_better_than_by_repeating() -> None:
    gains = []
    for seed in (1, 3, 7, 11):
        scene = draw.draw_scene(np.random.default_rng(seed), distributions.CORE_SCENES)
        frames = render.render(scene, width=224, height=128, frames=5, fps=32.0).frames_THWC
        for a, wanted, b in (frames[:3], frames[2:]):
            mixed = ((a.astype(int) + b + 1) // 2).astype(np.uint8)
            gains.append(psnr(flow.between(a, b, 0.5), wanted) - max(psnr(a, wanted), psnr(mixed, wanted)))
    assert np.mean(gains) > 2
