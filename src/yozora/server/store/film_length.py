"""How long a film is, exactly. Knows no file.

The `seconds` of a row are those that one would reckon: a film ordered as one of "1" has 17 frames at 16 a second and
lasts 1.0625 seconds; its remix is one of "1" too, and its extension by a second one of "2".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from yozora.families import presets


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


def seconds_text(seconds: float) -> str:
    """A duration as the API says it: "12", "8.5", "2.062"."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
