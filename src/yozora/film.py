"""A finished film: frames and how they came to be. Knows nothing of models, and of codecs only whom to call."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """`frames` is uint8 `[T, H, W, 3]` in sRGB, shown at `fps` frames a second; the rest says what made them."""

    frames: NDArray[np.uint8]
    fps: float
    prompt: str
    seed: int
    model: str

    def __post_init__(self) -> None:
        if self.frames.dtype != np.uint8 or self.frames.ndim != 4 or self.frames.shape[-1] != 3 or not self.frames.size:
            raise ValueError(f"frames are uint8 [T, H, W, 3], not {self.frames.dtype} {list(self.frames.shape)}")
        if not self.fps > 0:
            raise ValueError(f"fps is above 0, not {self.fps}")

    @property
    def seconds(self) -> float:
        """How long the film runs."""
        return len(self.frames) / self.fps

    @property
    def facts(self) -> dict[str, str | int]:
        """What travels in the file's metadata."""
        return {"prompt": self.prompt, "seed": self.seed, "model": self.model}

    def save(self, path: str | PathLike[str]) -> Path:
        """Write an MP4 and return its path. Raises `UserError` where that is impossible; leaves no partial file."""
        from yozora import media

        return media.write(Path(path), self)
