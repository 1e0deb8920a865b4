"""What clients point at, found: uploads, addresses, files, videos and characters of theirs, and what these show.

No path and no storage key is ever taken from a client; a source is looked at before it is used. Makes nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

import sqlalchemy as sa
from anyio import to_thread

from yozora.server.accounts import consent
from yozora.server.errors import ApiError, invalid
from yozora.server.http.body_parser import Upload
from yozora.server.http.import_metadata import IMPORTED
from yozora.server.http.long_texts import LongText
from yozora.server.http.requests import MAX_DATA_URL, CharacterReference, ImageReference, VideoReference
from yozora.server.http.service import Service
from yozora.server.safety import fetching, uploads
from yozora.server.store import feed, film_length, rows, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSource:
    """A picture or film that a video is made from: here (`path`) or in the storage (`key`)."""

    width: int
    height: int
    seconds: float  # 0 for a picture, as its frames a second are
    said: float  # seconds, as the API has them
    fps: float = 0.0
    frames: int = 1
    sounds: bool = False
    clear: bool = False  # white shows through it
    prompt: str = ""  # what it was made from, where it says so
    path: Path | None = None
    key: str | None = None
    video: str | None = None  # the id of the video that it is
    published: bool = False  # by another key
    model: str | None = None  # that made it


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterPicture:
    """A character with its picture in the storage."""

    id: str
    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks for what one request points at, among what its owner has. `folder` is gone when it is answered. `feed`: a
    video may be one that another key has published, too.
    """

    service: Service
    owner: str
    folder: Path
    feed: bool = False

    async def film(self, reference: Upload | VideoReference, param: str) -> StoredSource:
        """An uploaded film or a completed video. Raises `ApiError` 400 or 404, 429 where there is no turn."""
        if isinstance(reference, VideoReference):
            return await to_thread.run_sync(self.video, reference.id, param)
        return await self._looked(reference.path, param, only="film")

    def video(self, video_id: str, param: str | None) -> StoredSource:
        """A completed video by its id. Raises `ApiError` 400 and 404, 403 for a character in it that is not for this
        key.
        """
        with about(param), self.service.database.read() as connection:
            row = self._video_row(connection, video_id)
            consent.check_film(connection, video_id, self.owner)
        if row.status != "completed":
            message = f"The video '{row.id}' is not completed. Its status is {row.status}."
            raise invalid(param, message, "video_not_completed")
        width, height = (int(side) for side in row.size.split("x"))
        length = film_length.of_row(row)
        return StoredSource(
            width=width,
            height=height,
            seconds=length.seconds,
            said=float(row.seconds),
            fps=length.fps,
            frames=length.frames,
            sounds=True,  # perhaps: the worker finds out
            prompt=(row.prompt or "").replace("@", ""),
            key=row.file,
            video=row.id,
            published=row.owner != self.owner,
            model=None if row.mode == IMPORTED else row.model,
        )

    def _video_row(self, connection: sa.Connection, video_id: str) -> sa.Row[Any]:
        try:
            return rows.find(connection, tables.videos, self.owner, video_id, "video")
        except ApiError:
            post = feed.find(connection, self.owner, video_id) if self.feed else None
            if post is None:
                raise
            return post

    async def picture(self, reference: Upload | ImageReference, param: str) -> StoredSource:
        """An uploaded picture, one of the owner's files or videos, or what is at an address; of a film it is the first
        frame.

        Raises `ApiError` 400 or 404, 429 where there is no turn.
        """
        if isinstance(reference, Upload):
            return await self._looked(reference.path, param)
        if reference.video_id is not None:
            return await to_thread.run_sync(self.video, reference.video_id, param)
        path, capacity, address = self._new_path(), self.service.capacity, reference.image_url
        with about(param):
            if reference.file_id is not None:
                await capacity.do(partial(self._save_file, reference.file_id, path))
            elif isinstance(address, LongText):
                await capacity.do_bulk(partial(fetching.save_data_url, address.path, path, MAX_DATA_URL))
            elif address is not None and address[:5].lower() == "data:":
                path.write_bytes(fetching.data_url(address, MAX_DATA_URL))
            elif address is not None:
                await capacity.calls.run(self.owner, partial(fetching.fetch, address, self.service.settings, path))
        return await self._looked(path, param)

    def actors(self, references: Sequence[CharacterReference], prompt: str) -> tuple[CharacterPicture, ...]:
        """Characters by their ids. Raises `ApiError` 400 for one whose name the prompt does not say, 404 for no one."""
        with about("characters"), self.service.database.read() as connection:
            found = [consent.find(connection, self.owner, one.id) for one in references]
        for row in found:
            if row.name.casefold() not in prompt.casefold():
                message = f"The prompt does not name the character '{row.name}'. Write its name in the prompt."
                raise invalid("characters", message)
        if len({row.id for row in found}) < len(found):
            raise invalid("characters", "The same character is given twice.")
        return tuple(CharacterPicture(id=row.id, name=row.name, key=row.key) for row in found)

    async def uploaded_film(self, file_id: str, param: str) -> StoredSource:
        """One of the owner's files, which is a film. Raises `ApiError` 400 or 404, 429 where there is no turn."""
        path = self._new_path()
        with about(param):
            await self.service.capacity.do(partial(self._save_file, file_id, path))
        return await self._looked(path, param, only="film")

    def _new_path(self) -> Path:
        return self.folder / f"source-{token_hex(8)}"

    def _save_file(self, file_id: str, path: Path) -> None:
        with self.service.database.read() as connection:
            row = rows.find(connection, tables.files, self.owner, file_id, "file")
        self.service.objects.save(row.key, path)

    async def _looked(self, path: Path, param: str, only: Literal["picture", "film"] | None = None) -> StoredSource:
        inspect = partial(uploads.inspect, path, self.service.settings.limits)
        with about(param):
            found = await self.service.capacity.decodings.run(self.owner, inspect)
        if only is not None and found.kind != only:
            raise invalid(param, f"This is a {found.kind}, and a {only} is needed.", "invalid_file")
        return StoredSource(
            width=found.width,
            height=found.height,
            seconds=found.seconds,
            said=found.seconds,
            fps=found.fps,
            frames=found.frames,
            sounds=found.has_sound,
            clear=found.clear,
            prompt=found.prompt.replace("@", ""),
            path=path,
        )


@contextmanager
def about(param: str | None) -> Iterator[None]:
    """What is refused in here is said of that field; an object that has gone meanwhile is one that is missing."""
    try:
        yield
    except ApiError as error:
        error.param = error.param or param
        raise
    except KeyError as error:
        raise ApiError(
            404, "The file or video of this field was deleted.", kind="not_found_error", param=param, code="not_found"
        ) from error
