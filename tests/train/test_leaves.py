"""Dead leaves: pictures that are not the world."""

import numpy as np
import pytest

from yozora.train.leaves import dead_leaves


@pytest.mark.parametrize("size", [16, 32])
def test_dead_leaves_are_pictures(size: int) -> None:
    pictures = dead_leaves(np.random.default_rng(0), 4, size)
    assert pictures.shape == (4, size, size, 3)
    assert pictures.dtype == np.float32
    assert pictures.min() >= -1
    assert pictures.max() <= 1
    assert all(picture.std() > 0.05 for picture in pictures)
    assert np.array_equal(pictures, dead_leaves(np.random.default_rng(0), 4, size))


def test_they_have_edges_and_plains_as_photographs_do() -> None:
    """Most neighbours are alike and a few are far apart: differences have heavier tails than a bell curve."""
    pictures = dead_leaves(np.random.default_rng(1), 12, 48)
    steps = np.diff(pictures, axis=2).ravel()
    kurtosis = float(((steps - steps.mean()) ** 4).mean() / steps.var() ** 2)
    assert kurtosis > 6.0
    assert np.median(np.abs(steps)) < 0.3 * steps.std()
