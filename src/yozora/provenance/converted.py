"""Films that are converted keep their marks: those in their frames, and a signed line to the film that they were."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yozora.core.finish import Finish
from yozora.films.film import Box, Parent
from yozora.provenance import authority
from yozora.provenance.marks import backend
from yozora.provenance.origin import Converted
from yozora.provenance.settings import Provenance

Frames = NDArray[np.uint8]


class ConvertedStamp:
    """What `yozora.media.Seal` asks for, for a film that is converted. Its frames hold a visible mark already, and the
    watermark too; where pictures are changed they are marked again with the same number, so that no crop loses it.
    """

    def __init__(self, story: Converted, settings: Provenance, size: tuple[int, int], *, signs: bool) -> None:
        """`size` is width and height of the new film in pixels. Raises `UserError` where the settings cannot be
        followed.
        """
        from yozora.provenance import credentials

        self.story, self.settings = story, settings
        self._signer = credentials.signer_of(settings) if signs else None
        self._embed = None
        if settings.watermark and story.identifier is not None:
            key = authority.watermark_key(settings.folder)
            self._embed = backend(settings.backend).embedder(*size, story.identifier, key)

    @property
    def signs(self) -> bool:
        """Whether the film gets credentials."""
        return self._signer is not None

    def mark(self, frames_THWC: Frames, region: Box | None = None) -> Frames:
        """The next frames, uint8 `[T, H, W, 3]`, with the film's number in them."""
        return frames_THWC if self._embed is None else self._embed(frames_THWC, region)

    def skip(self, count: int) -> None:
        """So many frames pass that are not to be touched."""

    def seal(self, part: Path) -> None:
        """Sign the film's file in place."""
        self.still(part)

    def still(self, path: Path) -> None:
        """Sign a picture of the film in place."""
        from yozora.provenance import credentials

        if self._signer is not None:
            credentials.sign(path, self.story, self._signer, self.settings)

    def beside(self, part: Path, credentials: Path) -> None:
        """Write the credentials of the film's file, which cannot hold them, to another one."""
        from yozora.provenance.credentials import sign_beside

        if self._signer is not None:
            sign_beside(part, credentials, self.story, self._signer, self.settings)


def stamp_for(
    source: Path, title: str, finish: Finish, size: tuple[int, int], settings: Provenance, identifier: int | None
) -> ConvertedStamp:
    """The stamp of a film that is converted. It is signed where `source` says where it comes from, else not: a film of
    someone else is none of ours. `identifier` is the number in its watermark, None where it has none.

    Raises `UserError` where the settings cannot be followed, and `OSError`.
    """
    from yozora.provenance import ingredients

    story = Converted(
        parent=Parent(source=source, title=title, relation="parentOf"),
        made=datetime.now(UTC).replace(microsecond=0),
        actions=actions_of(finish),
        identifier=identifier,
    )
    return ConvertedStamp(story, settings, size, signs=settings.credentials and ingredients.tells(source, settings))


def actions_of(finish: Finish) -> tuple[tuple[str, str], ...]:
    """What a finish does, by C2PA's names."""
    done = []
    if finish.size is not None:
        done.append(("c2pa.resized", f"{finish.size[0]}x{finish.size[1]}, {finish.fit}"))
    if finish.fps is not None:
        done.append(("c2pa.edited", f"{finish.fps:g} frames a second"))
    if not finish.grade.changes_nothing:
        said = ", ".join(f"{name} {value:g}" for name, value in finish.to_json()["grade"].items())
        done.append(("c2pa.adjustedColor", said))
    return (*done, ("c2pa.transcoded", "written again"))
