"""A grade on pictures: exposure, temperature, contrast and saturation, in this order, in numpy alone.

With v a channel's value from 0 to 1, L(v) its light by the transfer function of sRGB (IEC 61966-2-1), V the inverse of
L, and the luma weights w of BT.709:

    light     l = L(v) * 2**exposure * g    g = (2**(t / 2), 1, 2**(-t / 2)) / (w . (2**(t / 2), 1, 2**(-t / 2)))
    contrast  c = m + (V(l) - m) * contrast    m = V(0.18), middle grey
    colours   s = y + (c - y) * saturation     y = w . c

t is the temperature: at 1, red gains half a stop, blue loses half a stop, and the luminance of white stays. Only s is
cut off at 0 and 1, so what one step pushes beyond white another one may bring back. Knows no files and no order.
"""

import numpy as np
from numpy.typing import NDArray

from yozora.core.finish import Grade

Floats = NDArray[np.float32]
WEIGHTS = (0.2126, 0.7152, 0.0722)  # of luma, BT.709
GREY = 0.18  # of the light of white


class Grading:
    """One grade, for any number of frames."""

    def __init__(self, grade: Grade) -> None:
        self.grade = grade
        self._table_C256 = table(grade)
        self._bytes_C256 = as_bytes(self._table_C256)

    def __call__(self, picture_HWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A picture, uint8 `[..., 3]` in sRGB, graded. The picture itself where the grade changes nothing."""
        if self.grade.changes_nothing:
            return picture_HWC
        if self.grade.saturation == 1:
            return np.stack([self._bytes_C256[c][picture_HWC[..., c]] for c in range(3)], axis=-1)
        red, green, blue = (self._table_C256[c][picture_HWC[..., c]] for c in range(3))
        luma = WEIGHTS[0] * red + WEIGHTS[1] * green + WEIGHTS[2] * blue
        strength = np.float32(self.grade.saturation)
        return np.stack([as_bytes(luma + (each - luma) * strength) for each in (red, green, blue)], axis=-1)


def table(grade: Grade) -> Floats:
    """What light and contrast make of each of a channel's 256 values: `[3, 256]`, not cut off."""
    gains_C = gains(grade.temperature) * 2**grade.exposure
    light_C256 = linear(np.arange(256) / 255)[None] * gains_C[:, None]
    grey = encoded(np.array(GREY))
    return np.asarray(grey + (encoded(light_C256) - grey) * grade.contrast, np.float32)


def gains(temperature: float) -> NDArray[np.float64]:
    """By how much the light of red, green and blue is multiplied."""
    each = 2 ** (np.array([0.5, 0.0, -0.5]) * temperature)
    return np.asarray(each / (np.array(WEIGHTS) @ each), np.float64)


def linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of sRGB as light."""
    light: NDArray[np.float64] = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light


def encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light as values of sRGB; light beyond white goes on by the same curve."""
    curve = 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    values: NDArray[np.float64] = np.where(light <= 0.0031308, 12.92 * light, curve)
    return values


def as_bytes(values: Floats) -> NDArray[np.uint8]:
    """Values from 0 to 1 as bytes, the nearest ones."""
    return np.asarray(np.clip(values * np.float32(255), 0, 255).round(), np.uint8)
