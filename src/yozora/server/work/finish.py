"""The frames of a film become what is delivered: an MP4, a thumbnail and a contact sheet.

Frames stream through: however long a film is, a few of them are held. Knows no model, no job and no storage.
"""

import errno
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Box, Sound
from yozora.media import stills
from yozora.server.store.objects import StorageFull

Frames = NDArray[np.uint8]

FILM, THUMBNAIL, SPRITESHEET = "film.mp4", "thumbnail.webp", "spritesheet.jpg"
SHOTS = 16  # on a contact sheet, at most
COLUMNS = 4
SHOT_SIDE = 320  # pixels: the longer side of a picture on the sheet
THUMBNAIL_SIDE = 1280
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FilmStamp(media.Seal, Protocol):
    """What marks and signs a film, and its pictures too; see `yozora.provenance.stamp`."""

    def still(self, path: Path) -> None:
        """Sign a picture of the film in place."""


class Samples:
    """Frames spread evenly over a film whose length is not known yet: at least `count` of them if it has so many, and
    fewer than twice that.
    """

    def __init__(self, count: int = SHOTS) -> None:
        self.count, self.every, self.seen = count, 1, 0
        self.kept: list[Frames] = []

    def add(self, frames_THWC: Frames) -> None:
        for frame_HWC in frames_THWC:
            if self.seen % self.every == 0:
                self.kept.append(frame_HWC.copy())
            self.seen += 1
            if len(self.kept) == 2 * self.count:
                self.kept = self.kept[::2]
                self.every *= 2

    def even(self) -> list[Frames]:
        """`count` of them, or as many as there are, from the first to the last."""
        shown = min(self.count, len(self.kept))
        return [self.kept[k] for k in np.linspace(0, len(self.kept) - 1, shown).round().astype(int)]


class Finisher:
    """A film in the making, in a folder of its own, as a context manager: `FILM` is there when the block ends well.

    `size` is that of the film. `keeps`: it holds frames of its sources, which are encoded so that they stay what they
    were. Raises `StorageFull` where the disk is.
    """

    def __init__(
        self,
        folder: Path,
        size: tuple[int, int],
        fps: float,
        facts: Mapping[str, object],
        stamp: FilmStamp | None = None,
        *,
        keeps: bool = False,
    ) -> None:
        self.folder, self.size, self.stamp = folder, size, stamp
        self.samples = Samples()
        if shutil.disk_usage(folder).free < media.ROOM:
            raise StorageFull("there is no room to finish a film")
        with in_own_folder():
            quality: Literal["good", "kept"] = "kept" if keeps else "good"
            self._writer = media.Writer(folder / FILM, *size, fps=fps, facts=facts, seal=stamp, quality=quality)

    def __enter__(self) -> Self:
        with in_own_folder():
            self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._writer.__exit__(kind, error, trace)
            return
        with in_own_folder():
            self._writer.__exit__(None, None, None)

    def add(self, frames_THWC: Frames, *, kept: bool = False, region: Box | None = None) -> Frames:
        """Frames uint8 `[T, H, W, 3]` in turn; those that are `kept` are a source's own, and bear no mark of ours, and
        those that were changed in a `region` next to none outside of it. Returns them as they are seen.
        """
        self.samples.add(frames_THWC)
        with in_own_folder():
            return self._writer.add(frames_THWC, changed=not kept, region=region)

    def sound(self, sound: Sound | None) -> None:
        self._writer.sound(sound)

    def stills(self) -> None:
        """Write `THUMBNAIL`, a frame from the film's middle, marked all over as a picture of this film, also where the
        frame is a source's; and `SPRITESHEET`, too small for one. Both are signed.
        """
        shots = self.samples.even()
        middle = shots[len(shots) // 2]
        sheet = contact_sheet([stills.within(shot, SHOT_SIDE) for shot in shots])
        with in_own_folder():
            if self.stamp is not None:
                middle = self.stamp.mark(middle[None])[0]
            middle = stills.within(middle, THUMBNAIL_SIDE)
            for name, data in ((THUMBNAIL, stills.webp(middle)), (SPRITESHEET, stills.jpeg(sheet))):
                (self.folder / name).write_bytes(data)
                if self.stamp is not None:
                    self.stamp.still(self.folder / name)


def contact_sheet(shots: list[Frames]) -> Frames:
    """Pictures of one size in rows of up to `COLUMNS`, without gaps. Places that are left over show the last one, so
    that a page that plays the sheet needs to know nothing but its size and that of the film.
    """
    columns = min(COLUMNS, len(shots))
    rows = -(-len(shots) // columns)
    height, width = shots[0].shape[:2]
    sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
    for k in range(rows * columns):
        shot = shots[min(k, len(shots) - 1)]
        top, left = k // columns * height, k % columns * width
        sheet[top : top + height, left : left + width] = shot
    return sheet


@contextmanager
def in_own_folder() -> Iterator[None]:
    """What goes wrong in the server's own folder is never the asking person's mistake."""
    try:
        yield
    except (UserError, OSError) as error:
        cause = error.__cause__ if isinstance(error, UserError) else error
        if isinstance(cause, OSError) and cause.errno in FULL:
            raise StorageFull("there is no room to finish a film") from error
        raise RuntimeError(str(error)) from error
