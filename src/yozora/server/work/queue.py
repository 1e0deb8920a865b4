"""The durable queue: a ticket for each film that waits and for each event that is to be delivered.

A ticket is a workflow of DBOS, written in the caller's transaction together with what it is about. It holds names only:
what is to be made, and how far that is, is said by the row in `videos`. Knows no model; runs nothing itself.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import QUEUE_SCHEMA, Database, now

if TYPE_CHECKING:
    from dbos import DBOSClient

APPLICATION = "yozora"
VERSION = "job-2"
"""Of the tickets and of `job.Job` as JSON: workers take tickets of their own version only."""

FILMS, WEBHOOKS = "films", "webhooks"
MAKE, DELIVER = "make_film", "deliver_event"  # workflows: (video_id), (webhook_id, event, attempt)
POLL_SECONDS = {FILMS: 0.1, WEBHOOKS: 1.0}  # how often a worker looks for a ticket
DELIVERIES = 8  # at once, by one worker

BACK_OFF = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds before an event is sent once more: for about a day in all."""

CANCELLED = ("cancelled", "The video was cancelled.")
KEPT_SECONDS = 3 * 24 * 3600  # that used tickets are kept, for whoever looks into the queue

# The part of DBOS's table of workflows that tickets are withdrawn, given back and thrown away by: DBOS itself offers
# this on connections of its own only, which on SQLite would wait for the caller's transaction for ever.
_COLUMNS = (
    *("workflow_uuid", "application_name", "status", "executor_id", "owner_xid"),
    *("started_at_epoch_ms", "completed_at"),
)


class Queue:
    """Tickets on a database. Every method is part of the transaction of `connection`, which must write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._made: DBOSClient | None = None
        schema = None if database.engine.dialect.name == "sqlite" else QUEUE_SCHEMA
        self._tickets = sa.table("workflow_status", *(sa.column(name) for name in _COLUMNS), schema=schema)

    def add(self, connection: sa.Connection, video_id: str) -> None:
        """A film waits to be made."""
        self._enqueue(connection, FILMS, MAKE, video_id, (video_id,))

    def drop(self, connection: sa.Connection, video_id: str) -> None:
        """A film waits no longer. One that is being made is none of the queue's business."""
        ticket = self._tickets
        waits = (ticket.c.workflow_uuid == video_id) & (ticket.c.status == "ENQUEUED")
        connection.execute(sa.update(ticket).where(waits).values(status="CANCELLED", completed_at=now() * 1000))

    def cancel(self, connection: sa.Connection, video_id: str) -> None:
        """Stop a film: one that waits has failed at once, one in the making does when its worker sees it."""
        videos = tables.videos
        mine = videos.c.id == video_id
        going = videos.c.status.in_(("queued", "in_progress"))
        connection.execute(sa.update(videos).where(mine, going).values(stopping=True))
        owner = connection.execute(sa.select(videos.c.owner).where(mine, videos.c.status == "queued")).scalar()
        if owner is not None:
            self.drop(connection, video_id)
            self.fail(connection, video_id, owner, *CANCELLED)

    def fail(self, connection: sa.Connection, video_id: str, owner: str, code: str, message: str) -> None:
        """The row of a film says that it has failed, and whoever listens is told."""
        ended = {"status": "failed", "error_code": code, "error_message": message, "worker": None}
        mine = tables.videos.c.id == video_id
        connection.execute(sa.update(tables.videos).where(mine).values(**ended, completed_at=now()))
        connection.execute(sa.delete(tables.previews).where(tables.previews.c.video == video_id))
        self.announce(connection, owner, "video.failed", video_id)

    def announce(self, connection: sa.Connection, owner: str, kind: str, video_id: str) -> None:
        """Send an event (`video.completed`, `video.failed`) to each of the owner's webhooks that wants it."""
        from yozora.server.work import webhooks

        event = webhooks.event(kind, video_id)
        for webhook_id in webhooks.targets(connection, owner, kind):
            self.deliver(connection, webhook_id, event)

    def deliver(self, connection: sa.Connection, webhook_id: str, event: Mapping[str, Any], attempt: int = 1) -> None:
        """Send an event to a webhook: the first time at once, then ever later, and after the last attempt no more.

        Repeating this call changes nothing.
        """
        if attempt > len(BACK_OFF) + 1:
            return
        delay = BACK_OFF[attempt - 2] if attempt > 1 else None
        name = f"{event['id']}.{webhook_id}.{attempt}"
        self._enqueue(connection, WEBHOOKS, DELIVER, name, (webhook_id, dict(event), attempt), delay)

    def give_back(self, connection: sa.Connection, workers: Sequence[str]) -> int:
        """What these workers have taken and not finished waits again; how many tickets that were."""
        return self._put_back(connection, self._tickets.c.executor_id.in_(workers))

    def give_back_lost(self, connection: sa.Connection) -> int:
        """As `give_back`, for all workers that are not among `tables.workers`.

        One statement, which sees one state: a worker is there before it takes its first ticket.
        """
        return self._put_back(connection, self._tickets.c.executor_id.not_in(sa.select(tables.workers.c.id)))

    def tidy(self, connection: sa.Connection) -> None:
        """Throw used tickets away, some days after they were."""
        ticket = self._tickets
        used = ticket.c.status.in_(("SUCCESS", "ERROR", "CANCELLED"))
        old = ticket.c.completed_at < (now() - KEPT_SECONDS) * 1000
        ours = ticket.c.application_name == APPLICATION
        connection.execute(sa.delete(ticket).where(used, old, ours))
        for name in ("workflow_input", "workflow_output"):  # DBOS keeps what went in and came out beside the ticket
            beside = sa.table(name, sa.column("workflow_uuid"), schema=ticket.schema)
            connection.execute(
                sa.delete(beside).where(beside.c.workflow_uuid.not_in(sa.select(ticket.c.workflow_uuid)))
            )

    def warm(self) -> None:
        """Load what `add` needs, which takes a second the first time."""
        self._client()

    def close(self) -> None:
        with self._lock:
            if self._made is not None:
                self._made.destroy()
                self._made = None

    def _put_back(self, connection: sa.Connection, of: sa.ColumnElement[bool]) -> int:
        """Without its owner's token, DBOS ignores whatever an earlier execution still has to say about a workflow."""
        taken = of & (self._tickets.c.status == "PENDING") & (self._tickets.c.application_name == APPLICATION)
        waits = {"status": "ENQUEUED", "owner_xid": None, "started_at_epoch_ms": None}
        return connection.execute(sa.update(self._tickets).where(taken).values(**waits)).rowcount

    def _enqueue(
        self,
        connection: sa.Connection,
        queue: str,
        workflow: str,
        name: str,
        arguments: tuple[Any, ...],
        delay: float | None = None,
    ) -> None:
        from dbos import EnqueueOptions, WorkflowSerializationFormat

        options = EnqueueOptions(
            queue_name=queue,
            workflow_name=workflow,
            workflow_id=name,
            app_version=VERSION,
            serialization_type=WorkflowSerializationFormat.PORTABLE,  # JSON: what is in the database is never executed
        )
        if delay is not None:
            options["delay_seconds"] = delay
        self._client().enqueue_in_transaction(connection, options, *arguments)

    def _client(self) -> "DBOSClient":
        """Made when it is first needed: importing DBOS takes longer than the whole API does to start."""
        with self._lock:
            if self._made is None:
                from dbos import DBOSClient

                self._made = DBOSClient(
                    system_database_engine=self._database.engine,
                    dbos_system_schema=QUEUE_SCHEMA,
                    application_name=APPLICATION,
                    lazy=True,  # it writes on the callers' connections only
                )
            return self._made
