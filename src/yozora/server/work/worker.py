"""The process that makes films: it owns one engine, takes films from the queue, and says truthfully how far it is.

Knows no HTTP but what it sends to webhooks. What is done with a film is said in `films`.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait as wait_for
from contextlib import suppress
from queue import SimpleQueue

from yozora.errors import UserError
from yozora.server import logs, traces
from yozora.server.settings import Settings
from yozora.server.store import cleanup
from yozora.server.store.database import new_id, now
from yozora.server.store.objects import StorageFull
from yozora.server.store.upgrades import migrate
from yozora.server.work import heartbeats, systemd
from yozora.server.work.deliveries import Deliveries
from yozora.server.work.exporting import Exports
from yozora.server.work.films import Worker
from yozora.server.work.preflight import shares_key
from yozora.server.work.retry_policy import AWAY, RetryPolicy, reason
from yozora.server.work.scratch import remove_abandoned
from yozora.server.work.worker_configuration import STUCK, USER_ERROR, WorkerConfiguration, orphaned

STOP_SECONDS = 0.1  # how soon it is seen that the worker is to stop

log = logging.getLogger(__name__)


def run(
    settings: Settings, *, name: str | None = None, wait: Callable[[], None] | None = None, alive: int | None = None
) -> None:
    """Work until the process is told to stop (SIGTERM, Ctrl-C) or `wait`, which runs beside, returns. `alive` is as
    `WorkerConfiguration` has it.

    A film that is being made then goes back to the queue, unless it is made already and only to be stored. Raises
    `UserError` where the worker cannot begin.
    """
    stop: SimpleQueue[None] = SimpleQueue()  # unlike an event, it may be told something while it is being waited for
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.put(None))
    if wait is not None:
        threading.Thread(target=_then, args=(wait, stop), name="wait", daemon=True).start()
    worker = Worker(settings, name or new_id("worker"))
    threading.Thread(target=_signs, args=(worker, alive), name="signs", daemon=True).start()
    remove_abandoned()
    migrate(settings.database)
    worker.load()
    if not shares_key(worker.database, settings.provenance):
        log.warning("earlier films were marked with another key: copy the folder of keys to every machine")
    traces.start(settings, "yozora-worker")
    heartbeats.enter(worker.database, worker.name, worker.able)
    exporting = _start_threads(worker)
    films = worker.work()
    log.info("ready", extra={"worker": worker.name})
    systemd.notify("READY=1")
    while stop.empty() and not films.done():
        time.sleep(STOP_SECONDS)
    systemd.notify("STOPPING=1")
    worker.stopping.set()
    wait_for([films], timeout=settings.times.grace)
    broken = films.exception() if films.done() else None
    if broken is not None:
        log.error("the worker has failed", exc_info=broken)
    _leave_queue(worker, exporting)
    traces.stop()
    log.info("stopped", extra={"worker": worker.name})
    logging.shutdown()
    os._exit(0 if broken is None else 1)  # threads that wait for others do not keep the process


def _start_threads(worker: Worker) -> threading.Thread:
    """All that a worker does beside its films; the thread that makes exports."""
    deliveries = Deliveries(
        database=worker.database,
        worker=worker.name,
        private=worker.settings.private_webhooks,
        retry=worker.retry,
        tally=worker.tally,
    )
    for what, target in (("beat", _beat), ("clean", _clean)):
        threading.Thread(target=target, args=(worker,), name=what, daemon=True).start()
    exporting = Exports(
        settings=worker.settings,
        database=worker.database,
        objects=worker.objects,
        queue=worker.queue,
        scratch=worker.scratch,
        worker=worker.name,
        retry=RetryPolicy(times=worker.settings.times),
    )
    threading.Thread(target=deliveries.run, args=(worker.stopping,), name="deliver", daemon=True).start()
    exports = threading.Thread(target=exporting.run, args=(worker.stopping,), name="export", daemon=True)
    exports.start()
    return exports


def _leave_queue(worker: Worker, exporting: threading.Thread) -> None:
    """What is left waits again. Where the database is away, others find that out by the worker's silence."""
    exporting.join(worker.settings.times.grace)  # it stops within a frame, and gives back what it has
    worker.pulse.acquire(timeout=worker.settings.times.grace)  # for good: one that has left beats no more
    try:
        heartbeats.leave(worker.database, worker.queue, worker.name)
    except AWAY as error:
        log.warning("the database does not answer: %s", reason(error))
    worker.scratch.close()


def _beat(worker: Worker) -> None:
    """Say that the worker lives, and see who does not."""
    reaper = heartbeats.Reaper(worker.database, worker.queue, worker.name)
    while True:
        try:
            with worker.pulse:
                worker.draining = heartbeats.beat(worker.database, worker.name, worker.tally.to_json(), worker.able)
        except AWAY as error:
            log.warning("the database does not answer: %s", reason(error))
        reaper.check_workers()
        time.sleep(worker.settings.times.beat)


def _signs(worker: Worker, alive: int | None) -> None:
    """Signs of life for the process that started the worker; one whose film hangs ends, so that another follows it."""
    while True:
        if worker.hangs():
            log.error("a film makes no progress: this worker ends", extra={"worker": worker.name})
            logging.shutdown()
            os._exit(STUCK)
        systemd.notify("WATCHDOG=1")
        if alive is not None:
            with suppress(OSError):
                os.write(alive, b".")
        time.sleep(worker.settings.times.beat)


def _clean(worker: Worker) -> None:
    """Remove what is expired or has no owner, now and then."""
    while not worker.stopping.wait(worker.settings.times.sweep):
        try:
            cleanup.sweep(worker.database, worker.objects, now(), worker.settings.watts)
        except (*AWAY, StorageFull, OSError) as error:
            log.warning("cleanup has failed: %s", reason(error))


def _then(wait: Callable[[], None], stop: "SimpleQueue[None]") -> None:
    wait()
    stop.put(None)


def main() -> int:
    """A worker of `supervisor.Supervisor`."""
    configuration = WorkerConfiguration.read()
    os.nice(configuration.nice)
    logs.configure(configuration.json_logs)
    try:
        run(configuration.settings, name=configuration.name, wait=orphaned, alive=configuration.alive)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return USER_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main())
