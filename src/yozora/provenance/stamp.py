"""A film's marks, put on while it is written: watermark and visible text on its frames, credentials in its file.

The one place that puts the parts together. A `Stamp` is what `yozora.media.Seal` asks for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yozora.films.film import Box, Origin
from yozora.provenance import authority
from yozora.provenance.marks import backend
from yozora.provenance.settings import Provenance, load

if TYPE_CHECKING:
    from yozora.provenance.visible import Visible
    from yozora.provenance.watermark import Embed

Frames = NDArray[np.uint8]


class Stamp:
    """Marks one film: its frames in turn, then its file. What is loaded for it is loaded when it is first needed."""

    def __init__(self, origin: Origin, settings: Provenance, size: tuple[int, int], fps: float) -> None:
        """`size` is width and height in pixels. Raises `UserError` where the settings cannot be followed."""
        from yozora.provenance import credentials

        self.origin, self.settings = origin, settings
        self._signer = credentials.signer_of(settings) if settings.credentials else None
        self._invisible = _marked(origin, settings, size)
        self._visible = _visible_mark(settings, size, fps)

    def mark(self, frames_THWC: Frames, region: Box | None = None) -> Frames:
        """The next frames, uint8 `[T, H, W, 3]`: the watermark in them, and the visible text over both. With a
        `region`, the rest of the frames is a source's own, which the watermark spares.
        """
        if self._invisible is not None:
            frames_THWC = self._invisible(frames_THWC, region)
        return frames_THWC if self._visible is None else self._visible(frames_THWC)

    def skip(self, count: int) -> None:
        """So many frames pass that bear no mark of this film: a source's own. The visible text wanders on."""
        if self._visible is not None:
            self._visible.skip(count)

    def seal(self, part: Path) -> None:
        """Sign the film's file in place. Nothing may be changed in it afterwards."""
        self._sign(part)

    @property
    def signs(self) -> bool:
        """Whether the film gets credentials."""
        return self._signer is not None

    def beside(self, part: Path, credentials: Path) -> None:
        """Write the credentials of the film's file, which cannot hold them, to another one."""
        from yozora.provenance.credentials import sign_beside

        if self._signer is not None:
            sign_beside(part, credentials, self.origin, self._signer, self.settings)

    def still(self, path: Path) -> None:
        """Sign a picture of the film in place: a JPEG, PNG or WebP."""
        self._sign(path)

    def _sign(self, path: Path) -> None:
        from yozora.provenance import credentials

        if self._signer is not None:
            credentials.sign(path, self.origin, self._signer, self.settings)


def _marked(origin: Origin, settings: Provenance, size: tuple[int, int]) -> "Embed | None":
    if not settings.watermark:
        return None
    return backend(settings.backend).embedder(*size, origin.identifier, authority.watermark_key(settings.folder))


def _visible_mark(settings: Provenance, size: tuple[int, int], fps: float) -> "Visible | None":
    if not settings.visible:
        return None
    from yozora.provenance.visible import Visible

    return Visible(*size, settings.visible, fps)


def stamp_of(origin: Origin, size: tuple[int, int], fps: float, settings: Provenance | None = None) -> Stamp | None:
    """The stamp that the settings, or else this machine's, ask for; None where they ask for none."""
    settings = load() if settings is None else settings
    if not (settings.credentials or settings.watermark or settings.visible):
        return None
    return Stamp(origin, settings, size, fps)
