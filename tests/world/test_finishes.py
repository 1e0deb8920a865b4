"""Styles: what each does to a picture, by itself."""

import numpy as np
import pytest

from yozora.world import finishes
from yozora.world.styles import STYLES

SHAPES = [(48, 64), (64, 36), (30, 30)]
FINISHED = sorted(name for name, style in STYLES.items() if style.finish)


def picture(height: int = 48, width: int = 64, seed: int = 0) -> np.ndarray:
    """A smooth picture with colours and an edge."""
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    planes = np.stack((0.2 + 0.6 * x / x.max(), 0.3 + 0.4 * y, np.where(x > x.max() / 2, 0.8, 0.2)))
    noise = np.random.default_rng(seed).uniform(-0.02, 0.02, planes.shape)
    return (planes + noise).clip(0, 1).astype(np.float32)


def finished(style: str, image: np.ndarray, seed: int = 3, frame: int = 0) -> np.ndarray:
    return finishes.finish(style, image.copy(), seed, frame)


def grey(image: np.ndarray) -> np.ndarray:
    return image.mean(axis=0)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_an_edge_and_an_ink(style: str) -> None:
    edge = STYLES[style].edge
    assert 0 < edge.width < 0.05
    assert all(0 <= part <= 1 for part in (*edge.color, edge.alpha, edge.shadow))
    assert 0 <= STYLES[style].ink < 0.05


def test_only_cartoons_are_inked_and_edged_dark() -> None:
    inked = [style for style in STYLES if STYLES[style].ink]
    dark = [style for style in STYLES if sum(STYLES[style].edge.color) < 1]
    assert inked == dark == ["cartoon"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_finish_keeps_the_shape_and_about_the_range(style: str, shape: tuple[int, int]) -> None:
    image = picture(*shape)
    out = finished(style, image)
    assert out.shape == image.shape
    assert np.isfinite(out).all()
    assert out.min() > -0.1
    assert out.max() < 1.3  # what is above is cut when it becomes bytes
    assert np.array_equal(out, finished(style, image))


@pytest.mark.parametrize("style", STYLES)
def test_what_has_no_finish_is_left_as_it_is(style: str) -> None:
    image = picture()
    assert np.array_equal(finished(style, image), image) == (style not in FINISHED)


@pytest.mark.parametrize("style", FINISHED)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_light_stays_lighter_than_what_is_dark(style: str, seed: int) -> None:
    """A style may change tones, and keeps the picture readable: it goes with the picture that it was made of."""
    image = picture(seed=seed)
    before, after = grey(image).ravel(), grey(finished(style, image, seed)).ravel()
    assert np.corrcoef(before, after)[0, 1] > 0.6


@pytest.mark.parametrize("style", FINISHED)
def test_only_vintage_depends_on_the_moment_and_the_seed(style: str) -> None:
    image = picture()
    shown = [finished(style, image, seed=seed, frame=frame) for seed in (1, 2) for frame in (0, 16)]
    alike = all(np.array_equal(shown[0], other) for other in shown[1:])
    assert alike == (style != "vintage")


def test_vintage_flickers_at_eight_hertz() -> None:
    """Frames are counted at 16 a second; two of them show one picture."""
    image = picture()
    shown = [finished("vintage", image, frame=frame) for frame in range(4)]
    assert np.array_equal(shown[0], shown[1])
    assert np.array_equal(shown[2], shown[3])
    assert not np.array_equal(shown[0], shown[2])


def test_vintage_is_warm_and_pale() -> None:
    flat = np.full((3, 40, 40), 0.5, np.float32)
    red, green, blue = np.median(finished("vintage", flat).reshape(3, -1), axis=1)
    assert red > green > blue
    image = picture()
    out = finished("vintage", image)
    assert np.ptp(out, axis=0).mean() < np.ptp(image, axis=0).mean()


def test_noir_is_grey_hard_and_dark_at_its_corners() -> None:
    out = finished("noir", picture())
    assert np.abs(out[0] - out[1]).max() < 1e-6
    assert np.abs(out[2] - out[0]).max() < 0.011
    flat = finished("noir", np.full((3, 40, 64), 0.6, np.float32))[0]
    assert flat[0, 0] < 0.8 * flat[20, 32]
    soft = np.full((3, 40, 64), 0.45, np.float32)
    soft[:, :, 32:] = 0.55
    middle = finished("noir", soft)[0, 20]
    assert middle[34] - middle[30] > 1.3 * 0.1


def test_pixels_have_ten_tones_a_channel() -> None:
    values = np.unique(finished("pixel", picture()))
    assert len(values) <= 10
    assert np.allclose(values * 9, np.round(values * 9))
    assert np.abs(finished("pixel", picture()) - picture()).max() <= 0.5 / 9 + 1e-6


def test_watercolor_is_softer_and_leaves_a_margin() -> None:
    rng = np.random.default_rng(1)
    rough = rng.uniform(0, 1, (3, 80, 120)).astype(np.float32)
    out = finished("watercolor", rough)
    inside = (slice(None), slice(10, -10), slice(10, -10))
    assert out[inside].std() < rough[inside].std()
    dark = finished("watercolor", np.zeros((3, 80, 120), np.float32))
    assert dark[:, 40, 0].min() > 0.5  # paper
    assert dark[:, 40, 60].max() < 0.2


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), [(224, 128), (128, 224), (1280, 720), (64, 40), (9, 16)])
def test_a_style_draws_small_only_to_enlarge(style: str, width: int, height: int) -> None:
    drawn = finishes.canvas_size(style, width, height)
    rows = STYLES[style].rows
    if rows is not None and height > rows:
        assert drawn[1] == rows
        assert drawn[0] / drawn[1] == pytest.approx(width / height, rel=0.1)
    else:
        assert drawn == (width, height)


@pytest.mark.parametrize(("height", "width"), [(6, 8), (7, 9), (3, 4), (12, 5)])
def test_enlarging_repeats_pixels_and_invents_none(height: int, width: int) -> None:
    small = np.arange(2 * 3 * 4 * 1, dtype=np.uint8).reshape(2, 3, 4, 1)
    large = finishes.enlarged(small, width, height)
    assert large.shape == (2, height, width, 1)
    assert set(np.unique(large)) <= set(np.unique(small))
    assert np.array_equal(large[:, 0, 0], small[:, 0, 0])
    rows = large[0, :, 0, 0].astype(int)
    assert (np.diff(rows) >= 0).all()


def test_enlarging_by_a_whole_number_makes_squares() -> None:
    small = np.random.default_rng(0).integers(0, 255, (1, 4, 5, 3), dtype=np.uint8)
    assert np.array_equal(finishes.enlarged(small, 15, 12), small.repeat(3, 1).repeat(3, 2))
