"""The queue. A video whose row says `queued` is its own queue entry, and so is a delivery that is `pending`: there is
no second truth. Who may take which, and in what order, is said here.

Films are taken fairly between keys, by start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): each gets a
virtual time at which it would begin if every key had its share of the workers, and the least is taken first. Knows no
model; runs nothing itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import sqlalchemy as sa

from yozora.core.request import Request
from yozora.server.accounts import keys, usage
from yozora.server.bounds import Limits, Times
from yozora.server.settings import Settings
from yozora.server.store import exports, tables
from yozora.server.store.database import clock, new_id, now, upsert

CANCELLED: Final = ("cancelled", "The video was cancelled.")
CRASHED: Final = ("worker_crashed", "The worker stopped several times while it made this video.")

BACK_OFF: Final = (1, 12, 60, 360, 1_440, 3_600, 7_200, 7_200)
"""Before an event is sent once more, in units of `Times.deliver_again`: for about a day in all."""

GOING: Final = ("queued", "in_progress")
VIRTUAL: Final = ""
"""In `shares`, whose other rows are keys': the virtual time of the film that was taken last."""

UNIT: Final = 1_000  # of virtual time, a megapixel, second and step at a weight of 1


def cost(request: Request) -> float:
    """How much work a film is, in megapixels times seconds of film times sampler steps; a still counts as a frame."""
    seconds = max(request.seconds, 1 / request.fps)
    return request.width * request.height / 1e6 * seconds * request.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Videos and deliveries of a database. Every method is part of the transaction of `connection`, which writes."""

    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)
    watts: int = 0  # that a worker here draws

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The queue of an installation."""
        return cls(limits=settings.limits, times=settings.times, watts=settings.watts)

    def add(self, connection: sa.Connection, *video_ids: str) -> None:
        """Videos of one key wait in line from now on, one behind the other: their rows, which are there, get their
        virtual times.
        """
        videos = tables.videos.c
        mine = sa.select(videos.id, videos.owner, videos.cost, tables.keys.c.weight).where(videos.id.in_(video_ids))
        mine = mine.outerjoin_from(tables.videos, tables.keys, tables.keys.c.id == videos.owner)
        rows = {row.id: row for row in connection.execute(mine)}
        owner, weight = rows[video_ids[0]].owner, rows[video_ids[0]].weight or 1.0
        _lock(connection, owner)
        ahead = sa.select(sa.func.max(videos.priority + videos.cost * UNIT / weight))
        ahead = ahead.where(videos.owner == owner, videos.status == "queued", videos.id.not_in(video_ids))
        done = sa.select(tables.shares.c.finish).where(tables.shares.c.owner == owner)
        virtual = sa.select(tables.shares.c.finish).where(tables.shares.c.owner == VIRTUAL)
        begins = max(round(connection.execute(found).scalar() or 0) for found in (ahead, done, virtual))
        placed = []
        for video_id in video_ids:
            placed.append({"video": video_id, "begins": begins})
            begins = round(begins + rows[video_id].cost * UNIT / weight)
        update = sa.update(tables.videos).where(videos.id == sa.bindparam("video"))
        connection.execute(update.values(priority=sa.bindparam("begins")), placed)

    def next(self, connection: sa.Connection, presets: Sequence[str] | None) -> sa.Row[Any] | None:
        """The video that is to be made next, of those that `presets` can make (None: all), locked for the caller."""
        videos = tables.videos.c
        wanted = sa.select(tables.videos).where(self._waits(connection, presets))
        full = _keys_at_limit(connection, self.limits)
        if full:
            wanted = wanted.where(videos.owner.not_in(full))
        first = wanted.order_by(videos.priority, videos.number).limit(1).with_for_update(skip_locked=True)
        return connection.execute(first).one_or_none()

    def waits(self, connection: sa.Connection, presets: Sequence[str] | None) -> bool:
        """Whether there may be something for `next`. Only reads."""
        found = sa.select(tables.videos.c.id).where(self._waits(connection, presets)).limit(1)
        return connection.execute(found).first() is not None

    def charge(self, connection: sa.Connection, row: sa.Row[Any]) -> None:
        """A video of the queue is taken: its key has had so much of its share."""
        weight = connection.execute(sa.select(tables.keys.c.weight).where(tables.keys.c.id == row.owner)).scalar()
        finish = round(row.priority + max(row.cost, 0.0) * UNIT / (weight or 1.0))
        for owner, moment in ((VIRTUAL, row.priority), (row.owner, finish)):
            share = {"owner": owner, "finish": moment}
            upsert(connection, tables.shares, share, tables.shares.c.finish < moment)  # it only rises

    def cancel(self, connection: sa.Connection, video_id: str) -> None:
        """Stop a video: one that waits, or whose worker gives no sign of life, has failed at once; one in the making
        does when its worker sees it.
        """
        videos, workers = tables.videos, tables.workers.c
        mine = videos.c.id == video_id
        going = sa.update(videos).where(mine, videos.c.status.in_(GOING)).values(stopping=True)
        if not connection.execute(going).rowcount:
            return
        alive = sa.select(workers.id).where(
            workers.id == videos.c.worker, workers.seen > clock(connection) - self.times.silence
        )
        nobodys = (videos.c.status == "queued") | ~sa.exists(alive)
        if connection.execute(sa.select(videos.c.id).where(mine, nobodys)).first() is not None:
            self.fail(connection, video_id, *CANCELLED)

    def cancel_all(self, connection: sa.Connection, owner: str) -> int:
        """Stop all that a key has in line and in the making; how many videos that were."""
        videos = tables.videos.c
        mine = sa.select(videos.id).where(videos.owner == owner, videos.status.in_(GOING))
        ids = list(connection.execute(mine.order_by(videos.number)).scalars())
        for video_id in ids:
            self.cancel(connection, video_id)
        return len(ids)

    def cancel_over(self, connection: sa.Connection) -> int:
        """Stop all that keys have in line and in the making which are revoked, or whose time is over; how many videos
        that were.
        """
        videos = tables.videos.c
        going = sa.select(videos.owner).distinct().where(videos.status.in_(GOING), ~videos.stopping)
        owners = connection.execute(going.where(videos.owner.in_(keys.are_over()))).scalars()
        return sum(self.cancel_all(connection, owner) for owner in list(owners))

    def fail(self, connection: sa.Connection, video_id: str, code: str, message: str) -> None:
        """The row of a video says that it has failed, and its events are queued."""
        ended = {"status": "failed", "error_code": code, "error_message": message, "worker": None}
        mine = tables.videos.c.id == video_id
        connection.execute(sa.update(tables.videos).where(mine).values(**ended, completed_at=now()))
        connection.execute(sa.delete(tables.previews).where(tables.previews.c.video == video_id))
        self.ended(connection, video_id, "video.failed")

    def ended(self, connection: sa.Connection, video_id: str, kind: str) -> None:
        """A video's row says how it ended: what it used is written down, and its events are queued."""
        row = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == video_id)).one()
        usage.record(connection, row, self.watts)
        self.announce(connection, row.owner, kind, video_id)

    def announce(self, connection: sa.Connection, owner: str, kind: str, video_id: str) -> None:
        """Send an event (`video.completed`, `video.failed`) to each of the owner's webhooks that wants it."""
        from yozora.server.work import webhooks

        event = webhooks.event(kind, video_id)
        for webhook_id in webhooks.targets(connection, owner, kind):
            self.deliver(connection, owner, webhook_id, event)

    def deliver(self, connection: sa.Connection, owner: str, webhook_id: str, event: Mapping[str, Any]) -> str:
        """An event is to be sent to a webhook, at once and again until it is taken; the id of the delivery."""
        made = {"id": new_id("del"), "event": event["id"], "webhook": webhook_id, "owner": owner, "type": event["type"]}
        row = made | {"payload": dict(event), "status": "pending", "created_at": now()}
        connection.execute(sa.insert(tables.deliveries).values(**row))
        return str(made["id"])

    def reclaim(self, connection: sa.Connection) -> int:
        """What a worker has that is not among `tables.workers` waits again, or has ended: how many films that were.

        One statement sees one state: a worker is there before it takes its first film.
        """
        lost = tables.videos.c.worker.is_(None) | tables.videos.c.worker.not_in(sa.select(tables.workers.c.id))
        connection.execute(_released(tables.deliveries.c.worker.not_in(sa.select(tables.workers.c.id))))
        away = tables.exports.c.worker.not_in(sa.select(tables.workers.c.id))
        exports.give_back(connection, away, self.limits.attempts)
        return self._return(connection, lost)

    def give_back(self, connection: sa.Connection, worker: str) -> int:
        """As `reclaim`, of one worker that is no more, or that has nothing in hand."""
        connection.execute(_released(tables.deliveries.c.worker == worker))
        exports.give_back(connection, tables.exports.c.worker == worker, self.limits.attempts)
        return self._return(connection, tables.videos.c.worker == worker)

    def _return(self, connection: sa.Connection, whose: sa.ColumnElement[bool]) -> int:
        videos = tables.videos.c
        taken = whose & (videos.status == "in_progress")
        over = sa.select(videos.id, videos.stopping).where(
            taken, videos.stopping | (videos.attempts >= self.limits.attempts)
        )
        ended = connection.execute(over.with_for_update()).all()
        for row in ended:
            self.fail(connection, row.id, *(CANCELLED if row.stopping else CRASHED))
        waits = {"status": "queued", "worker": None, "progress": 0}
        return len(ended) + connection.execute(sa.update(tables.videos).where(taken).values(**waits)).rowcount

    @staticmethod
    def _waits(connection: sa.Connection, presets: Sequence[str] | None) -> sa.ColumnElement[bool]:
        videos = tables.videos.c
        waits = (videos.status == "queued") & (videos.not_before <= clock(connection))
        return waits if presets is None else waits & (videos.preset.is_(None) | videos.preset.in_(presets))


def _released(whose: sa.ColumnElement[bool]) -> sa.Update:
    return sa.update(tables.deliveries).where(whose, tables.deliveries.c.status == "pending").values(worker=None)


def _lock(connection: sa.Connection, owner: str) -> None:
    """Two videos of a key follow each other in line; SQLite has one writer anyway."""
    connection.execute(sa.select(tables.keys.c.id).where(tables.keys.c.id == owner).with_for_update())


def _keys_at_limit(connection: sa.Connection, limits: Limits) -> list[str]:
    """Keys of which as many videos are being made as may be at once."""
    videos, known = tables.videos.c, tables.keys.c
    making = sa.select(videos.owner, sa.func.count()).where(videos.status == "in_progress").group_by(videos.owner)
    counts: dict[str, int] = dict(connection.execute(making).all())
    own = sa.select(known.id, known.limits).where(known.id.in_(counts), known.limits.is_not(None))
    bounds = {row.id: (row.limits or {}).get("concurrent") for row in connection.execute(own)}
    return [owner for owner, count in counts.items() if count >= (bounds.get(owner) or limits.concurrent)]
