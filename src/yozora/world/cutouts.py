"""The actors' cut-outs: read from the atlas, recoloured on demand.

Knows nothing of stages, sizes or time. Every cut-out looks left or to the front.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

import numpy as np
import numpy.typing as npt

from yozora.world.nouns import NOUNS, POSES, TONES
from yozora.world.scene import Color

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

PAINTS: Final[Mapping[Color, tuple[int, int, int]]] = {
    "red": (222, 28, 36),
    "green": (38, 160, 62),
    "blue": (34, 92, 228),
    "yellow": (255, 214, 20),
    "orange": (255, 128, 10),
    "purple": (134, 44, 184),
    "pink": (255, 124, 190),
    "black": (30, 30, 34),
    "white": (246, 246, 248),
}


@lru_cache(maxsize=1)
def _atlas() -> dict[str, Bytes]:
    with as_file(files("yozora.world") / "atlas.npz") as path, np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def layers(key: str, pose: str | None = None, variant: int = 0) -> Bytes:
    """The stored planes [6, h, w] of a cut-out: red, green, blue, alpha, paint (what a colour replaces) and skin.

    `pose` is one of nouns.POSES and counts for people only (default: standing); others are understood as "stand".
    `variant` picks a skin tone, modulo their number. Raises KeyError, listing the known nouns, for an unknown `key`.
    """
    if key not in NOUNS:
        raise KeyError(f"no cut-out is called {key!r}; there are: {', '.join(NOUNS)}")
    atlas = _atlas()
    if key in atlas:
        return atlas[key]
    return atlas[f"{key}/{pose if pose in POSES else 'stand'}/{variant % TONES}"]


@lru_cache(maxsize=4096)
def load(key: str, color: Color | None = None, pose: str | None = None, variant: int = 0) -> Bytes:
    """A cut-out as RGBA [h, w, 4] uint8, straight alpha, read-only; `color` None leaves it as drawn.

    A colour replaces the dominant hue (people: their clothes) and keeps light and shade; skin and hair stay.
    See `layers` for `pose` and `variant`.
    """
    planes = layers(key, pose, variant)
    rgb: Floats = planes[:3].transpose(1, 2, 0).astype(np.float32) / np.float32(255)
    if color is not None and NOUNS[key].recolors:
        paint: Floats = planes[4].astype(np.float32)[..., None] / np.float32(255)
        visible = paint[..., 0] * (planes[3] > 127).astype(np.float32)
        rgb += paint * (_repaint(rgb, visible, color) - rgb)
    out: Bytes = np.concatenate([np.round(rgb * 255).astype(np.uint8), planes[3][..., None]], axis=-1)
    out.flags.writeable = False
    return out


def _repaint(rgb: Floats, weight: Floats, color: Color) -> Floats:
    """Map lightness, relative to its median where `weight` is high, onto `color`: shade scales down, light goes up."""
    target = np.asarray(PAINTS[color], np.float32) / 255
    light = rgb.max(-1) * 0.6 + rgb.mean(-1) * 0.4
    chosen = light[weight > 0.5]
    middle = float(np.median(chosen)) if chosen.size else 0.5
    ratio = light / max(middle, 1e-3)
    floor, lift = {"black": (0.30, 0.26), "white": (0.70, 0.9)}.get(color, (0.40, 0.42))
    shade = np.clip(floor + (1 - floor) * ratio, 0, 1)[..., None]
    glow = np.clip((ratio - 1.0) / max(1 / max(middle, 1e-3) - 1, 0.25), 0, 1)[..., None] * lift
    out: Floats = (target * shade + (1 - target * shade) * glow).astype(np.float32)
    return out
