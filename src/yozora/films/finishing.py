"""A film that is finished, once more: at another size or rate, graded, in any container. No model is needed.

Frames stream through: however long a film is, a few of them are held. Above `media` and `provenance`, which it brings
together, as `saving` does.
"""

import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora import media
from yozora.core.finish import GRADES, Finish, Fit, Grade
from yozora.core.options import ArgumentError
from yozora.errors import UserError
from yozora.films.film import Sound
from yozora.media.grading import Grading
from yozora.provenance import verify
from yozora.provenance.converted import stamp_for
from yozora.provenance.settings import load

Frames = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedVersion:
    """A file's film as a finish wants it. `facts` are what its file says of how it was made, and of the finish."""

    footage: media.Footage
    finish: Finish
    facts: dict[str, object]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.footage.width, self.footage.height

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.footage.fps

    @property
    def count(self) -> int:
        """How many frames there are; where the file is damaged inside, `frames` may give fewer."""
        return self.footage.count

    def frames(self) -> Iterator[Frames]:
        """Each frame, uint8 `[1, H, W, 3]` in sRGB."""
        grading = Grading(self.finish.grade)
        return (grading(picture_HWC)[None] for picture_HWC in self.footage.frames())

    def sound(self) -> Sound | None:
        """The sound, from the first frame on."""
        return self.footage.sound()


def version(source: Path, finish: Finish) -> FinishedVersion:
    """What a finish makes of a film. Raises `UserError` for a file that is none."""
    found = media.probe(source)
    if found.still:
        raise UserError(f"{source.name} is a picture.", "Name a film.", code="clip_required")
    even = found.width - found.width % 2, found.height - found.height % 2
    width, height = finish.size or (max(2, even[0]), max(2, even[1]))
    fps = finish.fps or found.fps
    changed = {} if finish == Finish() else {"finish": finish.to_json()}
    return FinishedVersion(
        footage=media.open(source, width=width, height=height, fps=fps, fit=finish.fit),
        finish=finish,
        facts={**found.facts, **changed},
    )


def write(made: FinishedVersion, writer: Any) -> Iterator[float]:
    """Put a version into an open `media.Writer`, or what has its methods; how much of it is done, 0 to 1, after each
    frame.
    """
    for number, frames_THWC in enumerate(made.frames(), 1):
        writer.add(frames_THWC, changed=made.finish.repaints)
        yield min(1.0, number / made.count)
    writer.sound(made.sound())


def finish(
    film: str | PathLike[str],
    path: str | PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    fit: Fit = "crop",
    **grade: float,
) -> Path:
    """Write another version of a film's file, without a model, and return its path: the ending of `path` says what it
    becomes. `grade` is exposure (stops), contrast, saturation and temperature: see `core.finish.Grade`. A warning says
    what such a file cannot hold. Raises `UserError` for what cannot be read, changed or written.
    """
    unknown = sorted(grade.keys() - {option.name for option in GRADES})
    if unknown:
        known = ", ".join(option.name for option in GRADES)
        raise ArgumentError(unknown[0], f"finish takes no {unknown[0]}.", f"Use {known}.", code="unknown_option")
    wanted = Finish(size=size, fps=fps, fit=fit, grade=Grade(**grade))
    steps = finished(film, path, wanted)
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            for note in ended.value:
                warnings.warn(note, stacklevel=2)
            return media.check_target(path).path


def finished(
    source: str | PathLike[str], path: str | PathLike[str], finish: Finish
) -> Generator[float, None, tuple[str, ...]]:
    """Write another version of a film to `path`, whose ending says what it becomes; how much is done, 0 to 1. The file
    is there, whole, when this ends. Returns a line on each thing that it cannot hold.

    Raises `UserError` for what cannot be read or written.
    """
    target, settings = media.check_target(path), load()
    source = Path(source)
    media.check_apart(target, [source])
    made = version(source, finish)
    identifier = verify.verify(source, settings).identifier if finish.repaints else None
    stamp = stamp_for(source, source.name, finish, made.size, settings, identifier)
    with media.Writer(path, *made.size, fps=made.fps, facts=made.facts, seal=stamp) as writer:
        yield from write(made, writer)
    return writer.notes
