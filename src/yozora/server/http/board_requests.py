"""A board out of a request: its text is read, and what its cards begin with is found among what its key has.

A card names a file of the same request by its name, a file or a video of the key by its id, or, for a picture, an
address where the server fetches these. No path is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from yozora.core.modes import Slot
from yozora.errors import UserError
from yozora.server.errors import ApiError, invalid
from yozora.server.http.body_parser import Upload
from yozora.server.http.requests import ImageReference
from yozora.server.http.sources import Finder, StoredSource

if TYPE_CHECKING:
    from yozora.story.board import Board, CardSource

VIDEO, FILE = "video_", "file_"
ADDRESSES: Final = ("http://", "https://", "data:")
HELP: Final = "Send it in 'files', or use the id of a file or a video of yours."


def read_board(said: Upload | str, param: str = "board") -> "Board":
    """The board in a text. Raises `ApiError` 400 that says the line and the field."""
    from yozora.story import board as boards  # knows every style and camera move in every language: slow to load

    if isinstance(said, Upload):
        with said.path.open("rb") as file:
            data = file.read(boards.MAX_BYTES + 1)
    else:
        data = said.encode(errors="replace")
    if len(data) > boards.MAX_BYTES:
        raise invalid(param, f"The board is larger than {boards.MAX_BYTES >> 10} KiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid(param, "The board is not UTF-8 text.") from None
    try:
        return boards.parse(text, None, references=True)
    except UserError as error:
        raise invalid(param, str(error), reason=error.code) from error


async def find_cards(finder: Finder, board: "Board", files: Sequence[Upload]) -> list[tuple[Slot, StoredSource]]:
    """What the cards begin with, each with its slot in the order. Raises `ApiError` 400 and 404 that name the card, and
    400 for a file of no card.
    """
    from yozora.story.board import card_sources

    by_name = _by_name(files)
    found: list[tuple[Slot, StoredSource]] = []
    used: set[str] = set()
    for source in card_sources(board):
        said = str(source.at)
        upload = by_name.get(_file_name(said))
        used |= set() if upload is None else {upload.filename}
        with _about_card(source):
            stored = await _found(finder, said, upload, still=source.still)
        if source.still:
            stored = replace(stored, seconds=0.0, fps=0.0, frames=1, sounds=False)
        slot = Slot(name=f"card {source.card}", takes="picture" if source.still else "clip", help="")
        found.append((slot, stored))
    unused = next((name for name in by_name if name not in used), None)
    if unused is not None:
        raise invalid("files", f"No card of the board names the file {unused[:60]!r}.")
    return found


async def _found(finder: Finder, said: str, upload: Upload | None, *, still: bool) -> StoredSource:
    if upload is not None:
        return await (finder.picture(upload, "board") if still else finder.film(upload, "board"))
    if said.startswith(VIDEO):
        return await to_thread.run_sync(finder.video, said, "board")
    if said.startswith(FILE):
        reference = ImageReference(file_id=said)
        return await (finder.picture(reference, "board") if still else finder.uploaded_film(said, "board"))
    if said.startswith(ADDRESSES) and still:
        return await finder.picture(ImageReference(image_url=said), "board")
    what = "is an address" if said.startswith(ADDRESSES) else "is not a file of this request"
    raise invalid("board", f"{said[:60]!r} {what}. {HELP}", reason="board_file_unknown")


@contextmanager
def _about_card(source: "CardSource") -> Iterator[None]:
    """What is refused in here says which card it is about."""
    try:
        yield
    except ApiError as error:
        error.message = f"cards[{source.card - 1}].{'image' if source.still else 'clip'}: {error.message}"
        raise


def _by_name(files: Sequence[Upload]) -> Mapping[str, Upload]:
    found: dict[str, Upload] = {}
    for file in files:
        if file.filename in found:
            raise invalid("files", f"Two files have the name {file.filename[:60]!r}.")
        found[file.filename] = file
    return found


def _file_name(said: str) -> str:
    """The name at the end of what may be a path; boards on a disk name files in folders."""
    return PurePosixPath(said.replace("\\", "/")).name
