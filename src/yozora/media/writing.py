"""Frames and sound into files that are whole or not there. Knows nothing of how frames are made."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.films.film import WHOLE, Box, Film, Sound
from yozora.media.sinks import CONTAINERS, VideoFormat, sink_of
from yozora.media.targets import Target, check_target, unwritable, whole_file, whole_frames

Quality = Literal["good", "kept"]


class Seal(Protocol):
    """What is done to a film's frames before they are encoded, and to its file when all is in it."""

    @property
    def signs(self) -> bool:
        """Whether `seal` and `beside` write credentials."""

    def mark(self, frames_THWC: NDArray[np.uint8], region: Box | None = None) -> NDArray[np.uint8]:
        """The next frames, as many and of the same size; with a `region`, the rest of them is a source's own."""

    def skip(self, count: int) -> None:
        """So many frames pass that are not to be touched."""

    def seal(self, part: Path) -> None:
        """Finish the file in place, which has a temporary name and is not published yet."""

    def beside(self, part: Path, credentials: Path) -> None:
        """Write the credentials of a file that cannot hold them to another one."""


class Writer:
    """A film's file in the making, as a context manager: it is published whole when the block ends well, else nothing
    is left.

    The name says what it becomes: see `targets.check_target`. Videos start to play before they have loaded whole;
    `facts` are JSON in the file's comment, each
    frame's in a folder. The same input gives the same bytes, but for what a `seal` adds.
    `quality` is "good", or "kept" for a film that holds frames of a source, which are encoded to 45 dB and better.
    `notes` are lines on what the file does not hold, for the user. Raises `UserError` for an impossible
    place or size.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        width: int,
        height: int,
        fps: float,
        facts: Mapping[str, object],
        seal: Seal | None = None,
        quality: Quality = "good",
    ) -> None:
        self.target = check_target(path)
        self.container = CONTAINERS[self.target.kind]
        if self.container.even and (width % 2 or height % 2):
            raise UserError(
                f"Cannot write a film of {width}x{height}: a side is odd.",
                "Crop or pad it by a pixel, or write GIF, WebP or frames.",
                code="size_odd",
            )
        comment = json.dumps(dict(facts), ensure_ascii=self.container.ascii)
        tags = {"title": str(facts.get("prompt", ""))[:200], "comment": comment}
        self.shape = VideoFormat(width=width, height=height, fps=fps, tags=tags, quality=quality)
        self.count = 0
        self.notes: tuple[str, ...] = ()
        self._seal = seal
        self._sound: Sound | None = None
        self._open = ExitStack()

    @property
    def path(self) -> Path:
        """Of the file or, for frames, of their folder."""
        return self.target.path

    def __enter__(self) -> Self:
        with _report_write_errors(self.path), ExitStack() as opening:
            part = opening.enter_context(_whole(self.target))
            self._sink = sink_of(self.target, part, self.shape)
            opening.callback(self._sink.abandon)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._open.__exit__(kind, error, trace)
            return
        with _report_write_errors(self.path), self._open:
            self._finish_and_sign()
        if not self.container.signed and not self._is_signed_beside:
            self.target.credentials.unlink(missing_ok=True)  # of the film that was there before

    def add(self, frames_THWC: NDArray[np.uint8], changed: bool = True, region: Box | None = None) -> NDArray[np.uint8]:
        """Append frames, uint8 `[T, H, W, 3]` in sRGB. Those that are a source's own, not `changed`, get no mark, and
        those that were changed in a `region` alone next to none outside of it. Returns them as they are written.
        """
        size = (self.shape.height, self.shape.width, 3)
        if frames_THWC.dtype != np.uint8 or frames_THWC.shape[1:] != size:
            raise ValueError(f"frames are uint8 {['T', *size]}, not {frames_THWC.dtype} {list(frames_THWC.shape)}")
        if self._seal is not None and changed:
            frames_THWC = self._seal.mark(frames_THWC, region)
        elif self._seal is not None:
            self._seal.skip(len(frames_THWC))
        with _report_write_errors(self.path):
            for picture_HWC in frames_THWC:
                self._sink.add(picture_HWC)
                self.count += 1
        return frames_THWC

    def sound(self, sound: Sound | None) -> None:
        """The sound, from the first frame on; what is longer than the pictures is left out."""
        self._sound = sound

    def _finish_and_sign(self) -> None:
        if not self.count:
            raise ValueError("a film has at least one frame")
        files = self._sink.finish(self._sound)
        self.notes = tuple(self._noted())
        if self._seal is None:
            return
        if self.container.signed:
            for file in files:
                self._seal.seal(file)
        elif self._is_signed_beside:
            credentials = self._open.enter_context(whole_file(self.target.credentials))
            self._seal.beside(files[0], credentials)

    @property
    def _is_signed_beside(self) -> bool:
        return self._seal is not None and self._seal.signs and not self.container.signed

    def _noted(self) -> Iterator[str]:
        """What the file does not hold, a line each."""
        name, title = self.path.name, self.container.title
        if self._sound is not None and len(self._sound.samples) and not self.container.sound:
            yield f"{name}: {title} has no sound, so it was left out"
        if self.target.kind == "png":
            yield f"{name}: a PNG is a still, so only the first of {self.count} frames was written"
        if self._is_signed_beside:
            yield f"{name}: {title} cannot contain content credentials, so they are in {self.target.credentials.name}"


def write(path: str | PathLike[str], film: Film, seal: Seal | None = None) -> Path:
    """Write a film as `Writer` does, with prompt, seed and model in its comment; returns the path of the file."""
    return written(path, film, seal).path


def written(path: str | PathLike[str], film: Film, seal: Seal | None = None) -> Writer:
    """What `write` does; returns the writer, which has notes."""
    height, width = film.frames.shape[1:3]
    quality: Quality = "kept" if film.kept or film.regions else "good"
    with Writer(path, width, height, film.fps, film.facts, seal, quality=quality) as writer:
        for index, frame_HWC in enumerate(film.frames):
            part = film.ours(index)
            writer.add(frame_HWC[None], changed=part is not None, region=None if part == WHOLE else part)
        writer.sound(film.sound)
    return writer


def _whole(target: Target) -> AbstractContextManager[Path]:
    return whole_frames(target) if target.kind == "frames" else whole_file(target.path)


@contextmanager
def _report_write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error
