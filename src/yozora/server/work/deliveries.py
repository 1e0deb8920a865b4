"""Events on their way to webhooks: taken up when they are due, sent, and settled or put off. Each is a row.

A delivery that a worker has taken and not settled is sent again by another when that worker is dead, so an event may
arrive twice, with one id, and is never lost.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.metrics import WorkerCounts
from yozora.server.store import tables
from yozora.server.store.database import Database, clock, now
from yozora.server.work import webhooks
from yozora.server.work.queue import BACK_OFF
from yozora.server.work.retry_policy import AWAY, RetryPolicy, reason

AT_ONCE: Final = 8  # by one worker: where a receiver is slow, others still get theirs
GONE: Final = "The webhook was deleted."
BROKEN: Final = "It could not be sent: the server had an internal error. See its log."

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Deliveries:
    """What one worker sends. `private` allows addresses of the own network."""

    database: Database
    worker: str
    private: bool
    retry: RetryPolicy
    tally: WorkerCounts = field(default_factory=WorkerCounts)
    in_hand: set[str] = field(default_factory=set)  # ids of deliveries that are being sent
    sure: bool = True  # False: deliveries may have become this worker's without its knowing, or not have been settled

    def run(self, stop: threading.Event) -> None:
        """Send what is due until `stop` is set."""
        places = threading.Semaphore(AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="deliver") as pool:
            while not stop.wait(self.retry.times.deliver):
                try:
                    self.tidy()
                    for row in self.take(AT_ONCE):
                        places.acquire()
                        pool.submit(self._sent, row, places)
                except AWAY as error:
                    self.sure = False
                    log.warning("the database does not answer: %s", reason(error))

    def tidy(self) -> None:
        """Give back, after the database did not answer, what is this worker's in the database and not in its hands."""
        if self.sure:
            return
        table = tables.deliveries
        self.sure = True
        with self.database.begin() as connection:
            lost = (table.c.worker == self.worker) & table.c.id.not_in(self.in_hand.copy())
            connection.execute(sa.update(table).where(lost, table.c.status == "pending").values(worker=None))

    def take(self, most: int) -> list[sa.Row[Any]]:
        """Deliveries that are due, which are this worker's to send from now on."""
        table = tables.deliveries
        with self.database.read() as connection:
            due = _due(connection)
            if connection.execute(sa.select(table.c.id).where(due).limit(1)).first() is None:
                return []
        with self.database.begin() as connection:
            wanted = sa.select(table).where(_due(connection)).order_by(table.c.next_at).limit(most)
            rows = list(connection.execute(wanted.with_for_update(skip_locked=True)))
            mine = table.c.id.in_([row.id for row in rows])
            connection.execute(sa.update(table).where(mine).values(worker=self.worker, attempts=table.c.attempts + 1))
        self.in_hand |= {row.id for row in rows}
        return rows

    def send(self, row: sa.Row[Any]) -> None:
        """Send one, and write down what became of it."""
        with self.database.read() as connection:
            found = sa.select(tables.webhooks).where(tables.webhooks.c.id == row.webhook)
            webhook = connection.execute(found).one_or_none()
        if webhook is None:
            done = webhooks.DeliveryResult(status=None, reason=GONE)
        else:
            done = webhooks.deliver(webhook, row.payload, row.attempts + 1, private=self.private)
        self.retry(lambda: self._record_delivery(row, done, last=webhook is None or row.attempts >= len(BACK_OFF)))

    def _sent(self, row: sa.Row[Any], places: threading.Semaphore) -> None:
        try:
            self.attempt(row)
        finally:
            places.release()

    def attempt(self, row: sa.Row[Any]) -> None:
        """Send one that was taken; whatever happens, it is settled, or is taken again."""
        settled = self._attempted(row)
        self.in_hand.discard(row.id)
        if not settled:  # only now: `tidy` gives back what is in no worker's hands
            self.sure = False

    def _attempted(self, row: sa.Row[Any]) -> bool:
        """Whether what became of a delivery is written down."""
        context = {"webhook": row.webhook, "delivery": row.id}
        try:
            self.retry(lambda: self.send(row))
        except AWAY as error:
            log.warning("an event waits for the database: %s", reason(error), extra=context)
            return False
        except Exception:
            log.exception("an event could not be sent", extra=context)
            done = webhooks.DeliveryResult(status=None, reason=BROKEN)
            try:
                self._record_delivery(row, done, last=row.attempts >= len(BACK_OFF))
            except Exception:
                log.exception("the result of a delivery could not be stored", extra=context)
                return False
        return True

    def _record_delivery(self, row: sa.Row[Any], done: webhooks.DeliveryResult, *, last: bool) -> None:
        why = "" if done.accepted else done.reason or f"It answered with {done.status}."
        said: dict[str, Any] = {"worker": None, "http_status": done.status, "reason": why}
        if done.accepted or last:
            said |= {"status": "delivered" if done.accepted else "failed", "ended_at": now()}
        table = tables.deliveries.c
        with self.database.begin() as connection:
            if "status" not in said:
                said["next_at"] = clock(connection) + BACK_OFF[row.attempts] * self.retry.times.deliver_again
            mine = (table.id == row.id) & (table.worker == self.worker)
            ours = connection.execute(sa.update(tables.deliveries).where(mine).values(**said)).rowcount
        if ours:
            self.tally.delivered("delivered" if done.accepted else "failed" if last else "again")
        if not done.accepted:
            tried = {"webhook": row.webhook, "delivery": row.id, "attempt": row.attempts + 1, "why": why}
            log.warning("an event is no longer delivered" if last else "a webhook did not accept an event", extra=tried)


def _due(connection: sa.Connection) -> sa.ColumnElement[bool]:
    table = tables.deliveries.c
    return (table.status == "pending") & table.worker.is_(None) & (table.next_at <= clock(connection))
