"""How long a film is, exactly. The `seconds` of a row are those that the API says, rounded. Knows no file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from yozora.families import presets

QUARTERS = 4  # a second: films of whole quarters of it, and one frame, are said to last these
NEAR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLength:
    """`frames` of a film, `fps` a second."""

    frames: int
    fps: float

    @property
    def seconds(self) -> float:
        """From the beginning of the first frame to the end of the last."""
        return self.frames / self.fps

    @property
    def columns(self) -> dict[str, Any]:
        """As the columns of a row of `videos`."""
        return {"frames": self.frames, "fps": self.fps}


def of_row(row: sa.Row[Any]) -> FilmLength:
    """Of a completed video; estimated from its order where an older release has made it."""
    if row.frames and row.fps:
        return FilmLength(frames=row.frames, fps=row.fps)
    fps = _rate(row.job)
    return FilmLength(frames=max(1, round(float(row.seconds) * fps)), fps=fps)


def _rate(job: Mapping[str, Any]) -> float:
    if "request" in job:
        return float(job["request"]["fps"])
    preset = presets.PRESETS.get(job.get("preset", ""), presets.PRESETS[presets.DEFAULT])
    return float(job.get("settings", {}).get("fps") or preset.fps)


def seconds_text(seconds: float, fps: float = 0.0) -> str:
    """A duration as the API says it: "12", "8.5", "2.063".

    Models make 4n + 1 frames: a film of 17 at 16 a second lasts 1.0625 seconds and was ordered as one of "1". Films
    that are made from it are said to be as long, or longer by what was added. So a film of whole quarters of a second
    and one frame is said to last these quarters.
    """
    quarters = (seconds - 1 / fps) * QUARTERS if fps else 0.0
    is_one_frame_more = quarters > 1 - NEAR and _is_whole(quarters) and not _is_whole(seconds * QUARTERS)
    said = round(quarters) / QUARTERS if is_one_frame_more else seconds
    return f"{said:.3f}".rstrip("0").rstrip(".")


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < NEAR * QUARTERS
