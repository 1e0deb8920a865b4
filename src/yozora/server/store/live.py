"""What passes between a worker that makes a film and the session that watches it: fragments one way, prompts the other.

Rows of the film; they go when it does. Knows no HTTP and no model.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from yozora.server.store import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of a fragment: the window of the film's canvas that it shows, its frames, the seconds that making it took, and
    names of the prompts that the window is the first to have, that it has, and that it has reached.
    """

    window: int
    frames: int
    seconds: float
    started: Sequence[str] = ()
    active: Sequence[str] = ()
    completed: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A fragment of an MP4."""

    number: int
    facts: Facts
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChange:
    """A new prompt in the middle of a film: `event` is what its session calls it; it is reached with the `windows`-th
    window after.
    """

    number: int
    event: str
    prompt: str
    windows: int


def add_part(connection: sa.Connection, video_id: str, part: Fragment) -> None:
    """A fragment is there."""
    row: dict[str, Any] = {"video": video_id, "number": part.number, "facts": asdict(part.facts), "data": part.data}
    connection.execute(sa.insert(tables.live_parts).values(**row))


def part(connection: sa.Connection, video_id: str, number: int) -> Fragment | None:
    """A fragment; None where it is not there yet."""
    parts = tables.live_parts
    mine = sa.select(parts).where(parts.c.video == video_id, parts.c.number == number)
    row = connection.execute(mine).first()
    return None if row is None else Fragment(number=number, facts=Facts(**row.facts), data=row.data)


def relayed(connection: sa.Connection, video_id: str, number: int) -> None:
    """A fragment is where it was to go, and takes no room any more."""
    parts = tables.live_parts
    mine = sa.update(parts).where(parts.c.video == video_id, parts.c.number == number)
    connection.execute(mine.values(data=b""))


def has_parts(connection: sa.Connection, video_id: str) -> bool:
    """Whether any fragment has been made, by whatever worker."""
    found = sa.select(tables.live_parts.c.number).where(tables.live_parts.c.video == video_id).limit(1)
    return connection.execute(found).first() is not None


def add_prompt(connection: sa.Connection, video_id: str, prompt: PromptChange) -> None:
    """The film is to be told something new."""
    row = {"number": prompt.number, "event": prompt.event, "prompt": prompt.prompt, "windows": prompt.windows}
    connection.execute(sa.insert(tables.live_turns).values(video=video_id, **row))


def prompts(connection: sa.Connection, video_id: str, after: int) -> list[PromptChange]:
    """What came after number `after`, in turn."""
    turns = tables.live_turns
    mine = sa.select(turns).where(turns.c.video == video_id, turns.c.number > after).order_by(turns.c.number)
    return [
        PromptChange(number=row.number, event=row.event, prompt=row.prompt, windows=row.windows)
        for row in connection.execute(mine)
    ]


def tidy(connection: sa.Connection, before: int) -> None:
    """Remove the fragments of films that have ended before that Unix second."""
    videos, parts = tables.videos.c, tables.live_parts
    ended = sa.select(videos.id).where(videos.live, videos.completed_at < before)
    connection.execute(sa.delete(parts).where(parts.c.video.in_(ended)))
