import numpy as np
import pytest

from yozora.media.scale import covering, scaled


def blob(height: int, width: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    y, x = np.mgrid[:height, :width]
    middle = ((x + 0.5) / width - 0.4) ** 2 + ((y + 0.5) / height - 0.6) ** 2
    return (255 * np.exp(-middle / 0.02)).astype(np.uint8)[..., None].repeat(3, -1)


def test_the_same_size_is_the_same_picture() -> None:
    picture = blob(32, 48)
    assert scaled(picture, 48, 32) is picture
    assert covering(picture, 48, 32) is picture


@pytest.mark.parametrize("size", [(192, 128), (24, 16), (100, 16), (47, 31), (384, 30)])
def test_nothing_moves(size: tuple[int, int]) -> None:
    made = scaled(blob(32, 48), *size)
    assert made.shape == (size[1], size[0], 3)
    weight = made[..., 0].astype(float)
    y, x = np.mgrid[: size[1], : size[0]]
    assert ((x + 0.5) * weight).sum() / weight.sum() / size[0] == pytest.approx(0.4, abs=0.004)
    assert ((y + 0.5) * weight).sum() / weight.sum() / size[1] == pytest.approx(0.6, abs=0.004)


def test_flat_stays_flat() -> None:
    assert (scaled(np.full((16, 28, 3), 77, np.uint8), 640, 360) == 77).all()


def test_what_covers_is_not_stretched() -> None:
    made = covering(blob(128, 224), 320, 180)
    assert made.shape == (180, 320, 3)
    whole = scaled(blob(128, 224), 320, 183)
    assert np.array_equal(made, whole[1:181])
