"""One export: its source becomes the file or the video that was asked for, in a folder, step by step.

Knows no database and no storage: all that goes through the steps says how far it is, and stops by not asking for the
next one.
"""

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from yozora import media
from yozora.core.finish import Finish
from yozora.films import finishing
from yozora.films.finishing import FinishedVersion
from yozora.provenance.converted import ConvertedStamp, stamp_for
from yozora.provenance.settings import Provenance
from yozora.server.store.film_length import FilmLength
from yozora.server.store.objects import StorageFull
from yozora.server.work.finish import FILM, Finisher, in_own_folder

SOURCE: Final = "source.mp4"
FRAMES: Final = "frames"
NAMES: Final = {"mp4": FILM, "webm": "film.webm", "gif": "film.gif", FRAMES: "frames.zip"}
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)  # of all files in an archive: the same frames give the same bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportJob:
    """What is made of a video, in a `folder` that holds its film as `SOURCE`. `identifier` is the number in the film's
    watermark.
    """

    row: sa.Row[Any]  # of the export
    video: sa.Row[Any]
    folder: Path
    provenance: Provenance
    identifier: int | None

    @property
    def source(self) -> Path:
        return self.folder / SOURCE

    @property
    def file(self) -> Path:
        """What was asked for, once all steps are done."""
        return self.folder / NAMES[self.row.format]

    @property
    def size(self) -> str:
        """Of its pictures, as rows have it."""
        width, height = Finish.from_json(self.row.finish).size or self.video.size.split("x")
        return f"{width}x{height}"

    @property
    def length(self) -> FilmLength | None:
        """Of a new video, once all steps are done."""
        if not self.row.library:
            return None
        made = media.probe(self.file)
        return FilmLength(frames=made.frames or 1, fps=made.fps)

    @property
    def credentials(self) -> Path | None:
        """Those of a file that cannot hold them."""
        beside = self.file.with_suffix(media.CREDENTIALS)
        return beside if beside.exists() else None

    def steps(self) -> Iterator[float]:
        """Make it; how far it is, 0 to 1. Raises `StorageFull` where the disk is full."""
        finish = Finish.from_json(self.row.finish)
        if finish == Finish() and self.row.format == "mp4" and not self.row.library:
            self.source.rename(self.file)
            return
        made = finishing.version(self.source, finish)
        if shutil.disk_usage(self.folder).free < media.ROOM:
            raise StorageFull("there is no room to export a film")
        with in_own_folder():
            stamp = stamp_for(self.source, self.video.id, finish, made.size, self.provenance, self.identifier)
            yield from self._video(made, stamp) if self.row.library else self._file(made, stamp)

    def _file(self, made: FinishedVersion, stamp: ConvertedStamp) -> Iterator[float]:
        frames = self.folder / FRAMES
        path = f"{frames}/" if self.row.format == FRAMES else self.file
        with media.Writer(path, *made.size, fps=made.fps, facts=made.facts, seal=stamp) as writer:
            yield from finishing.write(made, writer)
        if self.row.format == FRAMES:
            _pack(frames, self.file)

    def _video(self, made: FinishedVersion, stamp: ConvertedStamp) -> Iterator[float]:
        with Finisher(self.folder, made.size, made.fps, made.facts, stamp) as finisher:
            for number, frames_THWC in enumerate(made.frames(), 1):
                finisher.add(frames_THWC, kept=not made.finish.repaints)
                yield min(1.0, number / made.count)
            finisher.sound(made.sound())
        finisher.stills()


def _pack(folder: Path, archive: Path) -> None:
    """The files of a folder in a ZIP, without compression, which PNGs have already."""
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_STORED) as packed:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, ZIP_DATE)
            entry.external_attr = 0o644 << 16
            with file.open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
            file.unlink()
