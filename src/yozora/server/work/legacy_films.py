"""Videos that an earlier version has put in line: what it did not write down is worked out from their jobs.

Such a row has no preset, no cost and no place in line, so that it comes before all others until it is looked at here.
May be removed together with upgrades from revision 0004.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from yozora.core.request import Request
from yozora.errors import UserError
from yozora.families import presets
from yozora.server.store import tables
from yozora.server.work.queue import Queue, cost


def place(connection: sa.Connection, queue: Queue) -> int:
    """Give all of them that wait their preset, cost and place; how many there were. Those of a job that cannot be read
    stay as they are, and their worker says so.
    """
    videos = tables.videos.c
    late = sa.select(videos.id, videos.owner, videos.job, videos.size, videos.seconds)
    late = late.where(videos.status == "queued", videos.preset.is_(None)).order_by(videos.owner, videos.number)
    known, owners = [], defaultdict(list)
    for row in connection.execute(late.with_for_update(skip_locked=True)).all():
        with suppress(UserError, AttributeError, KeyError, TypeError, ValueError):
            known.append({"video": row.id, **_preset_and_cost(row.job, row.size, row.seconds)})
            owners[row.owner].append(row.id)
    if known:
        update = sa.update(tables.videos).where(videos.id == sa.bindparam("video"))
        connection.execute(update.values(preset=sa.bindparam("weights"), cost=sa.bindparam("work")), known)
    for video_ids in owners.values():
        queue.add(connection, *video_ids)
    return len(known)


def _preset_and_cost(job: Mapping[str, Any], size: str, seconds: str) -> dict[str, Any]:
    """The preset (`weights`) and the cost (`work`) of a job in either form: that of orders, and the one before."""
    request = job.get("request")
    preset = str(job["preset"] if request is None else request["model"])
    said = job["settings"] if request is None else request
    usual = presets.PRESETS.get(preset, presets.PRESETS["mini"])
    width, height = map(int, size.split("x"))
    steps, fps = int(said.get("steps") or usual.steps), float(said.get("fps") or usual.fps)
    film = Request(prompt="", width=width, height=height, seconds=float(seconds), fps=fps, steps=steps)
    return {"weights": preset, "work": cost(film)}
