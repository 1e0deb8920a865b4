"""A film into files: encoded, marked and signed. Above `film`, `media` and `provenance`, which it brings together."""

import warnings
from os import PathLike
from pathlib import Path

from yozora import media
from yozora.films.film import Film
from yozora.provenance.stamp import stamp_of


def save(film: Film, path: str | PathLike[str]) -> Path:
    """What `Film.save` does. Raises `UserError` where a film cannot be written there."""
    height, width = film.frames.shape[1:3]
    parents = () if film.origin is None else film.origin.parents
    sources = [parent.source for parent in parents if isinstance(parent.source, Path)]
    media.check_apart(media.check_target(path), sources)
    seal = None if film.origin is None else stamp_of(film.origin, (width, height), film.fps)
    written = media.written(path, film, seal)
    for note in written.notes:
        warnings.warn(note, stacklevel=3)  # of the caller of `Film.save`
    return written.path
