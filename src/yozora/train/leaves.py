"""Dead leaves: pictures of overlapping shapes with gradients and textures, whose statistics are those of photographs.

After Lee, Mumford and Huang, "Occlusion models for natural images" (2001): with them a codec that is trained on the
world's flat cut-outs carries what people bring too. Knows nothing of the world.
"""

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]


def dead_leaves(rng: np.random.Generator, count: int, size: int, shapes: int = 60) -> Pictures:
    """Pictures `[count, size, size, 3]` in -1..1. Radii follow a power law of exponent 3, as what is seen of things at
    all distances does."""
    return np.stack([_picture(rng, size, shapes) for _ in range(count)])


def _picture(rng: np.random.Generator, size: int, shapes: int) -> Pictures:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    picture = _coat(rng, size, x, y)
    for _ in range(shapes):
        low, high = 3.0, size / 2
        radius = (low**-2 - rng.random() * (low**-2 - high**-2)) ** -0.5
        at, angle, flat = rng.random(2) * size, rng.random() * np.pi, rng.uniform(0.4, 1.0)
        u = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
        v = (-(x - at[0]) * np.sin(angle) + (y - at[1]) * np.cos(angle)) / flat
        far = np.maximum(np.abs(u), np.abs(v)) if rng.random() < 0.4 else np.hypot(u, v)
        soft = 1.0 if rng.random() < 0.8 else rng.uniform(1.0, 6.0)
        cover = np.clip((radius - far) / soft + 0.5, 0, 1)[..., None]
        picture += (_coat(rng, size, x, y) - picture) * cover
    return picture.clip(-1, 1).astype(np.float32)


def _coat(rng: np.random.Generator, size: int, x: Pictures, y: Pictures) -> Pictures:
    """A colour with a gradient and a texture whose spectrum falls with frequency."""
    color = rng.uniform(-0.9, 0.9) + rng.normal(0, 0.25, 3)
    slope = rng.normal(0, 0.5, (2, 3)) * (rng.random() < 0.7)
    plane = color + (x[..., None] / size - 0.5) * slope[0] + (y[..., None] / size - 0.5) * slope[1]
    rough = rng.choice([0.0, 0.06, 0.15, 0.3], p=[0.4, 0.3, 0.2, 0.1])
    if rough:
        fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
        fall = 1 / np.maximum(np.hypot(fy, fx), 1 / size) ** rng.uniform(0.7, 1.5)
        noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(size, size))) * fall, (size, size))
        plane = plane + (rough * noise / noise.std())[..., None] * rng.uniform(0.7, 1.3, 3)
    coat: Pictures = plane.astype(np.float32)
    return coat
