"""The grade: each number does what its formula says, and defaults change nothing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from yozora.core.finish import Grade
from yozora.media.grading import WEIGHTS, Grading, encoded, gains, linear


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)


def graded(picture: NDArray[np.uint8], **said: float) -> NDArray[np.uint8]:
    return Grading(Grade(**said))(picture)


def by_the_formulae(picture: NDArray[np.uint8], grade: Grade) -> NDArray[np.uint8]:
    """What the module's docstring says, a step after the other, in double precision."""
    light = linear(picture / 255) * 2**grade.exposure * gains(grade.temperature)
    grey = float(encoded(np.array(0.18)))
    values = grey + (encoded(light) - grey) * grade.contrast
    luma = (values @ np.array(WEIGHTS))[..., None]
    return np.asarray(np.clip((luma + (values - luma) * grade.saturation) * 255, 0, 255).round(), np.uint8)


def test_defaults_give_the_very_same_picture(picture: NDArray[np.uint8]) -> None:
    assert graded(picture) is picture


@pytest.mark.parametrize(
    "grade",
    [
        Grade(exposure=1),
        Grade(exposure=-2.5, contrast=1.7),
        Grade(contrast=0),
        Grade(saturation=0),
        Grade(saturation=2.2, temperature=-1),
        Grade(exposure=4, contrast=0.3, saturation=0.5, temperature=1),
    ],
)
def test_a_grade_is_what_the_formulae_say(picture: NDArray[np.uint8], grade: Grade) -> None:
    found, wanted = Grading(grade)(picture), by_the_formulae(picture, grade)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - wanted).max() <= 1  # single precision, beside a half


def test_the_curve_of_srgb_and_its_inverse() -> None:
    values = np.arange(256) / 255
    assert np.allclose(encoded(linear(values)), values, atol=1e-7)
    assert encoded(np.array(1.0)) == pytest.approx(1)
    assert linear(np.array(0.5)) == pytest.approx(0.21404, abs=1e-5)


def test_a_stop_doubles_the_light_and_one_back_brings_it_back() -> None:
    grey = np.full((2, 2, 3), 100, np.uint8)
    brighter = graded(grey, exposure=1)
    assert linear(brighter / 255).mean() == pytest.approx(2 * linear(grey / 255).mean(), rel=0.01)
    assert np.abs(graded(brighter, exposure=-1).astype(int) - 100).max() <= 1


def test_contrast_keeps_middle_grey_and_spreads_the_rest() -> None:
    greys = np.repeat(np.array([60, 118, 200], np.uint8), 3).reshape(1, 3, 3)
    more = graded(greys, contrast=1.5)[0, :, 0].astype(int)
    assert more[0] < 60
    assert abs(more[1] - 118) <= 1
    assert more[2] > 200
    assert set(graded(greys, contrast=0).ravel().tolist()) == {118}


def test_no_saturation_is_grey_of_the_same_luma(picture: NDArray[np.uint8]) -> None:
    grey = graded(picture, saturation=0)
    assert (grey == grey[..., :1]).all()
    assert np.abs(grey[..., 0] - picture @ np.array(WEIGHTS)).max() <= 0.51


def test_warmth_moves_colours_and_not_the_light_of_white() -> None:
    for temperature in (-1, 0.5, 1):
        assert np.array(WEIGHTS) @ gains(temperature) == pytest.approx(1)
    red, green, blue = graded(np.full((1, 1, 3), 128, np.uint8), temperature=1)[0, 0].astype(int)
    assert red > green > blue
    red, green, blue = graded(np.full((1, 1, 3), 128, np.uint8), temperature=-1)[0, 0].astype(int)
    assert red < green < blue


def test_what_goes_beyond_white_may_come_back() -> None:
    """Nothing is cut off between the steps."""
    bright = np.array([[[220, 240, 250]]], np.uint8)
    assert len(set(graded(bright, exposure=1, contrast=0.3).ravel().tolist())) == 3
