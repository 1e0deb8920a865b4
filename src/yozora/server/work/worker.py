"""The process that makes films: it owns one engine, takes tickets from the queue, and says truthfully how far it is.

Knows no HTTP but what it sends to webhooks. A film is made by `making`; whose it is to write about, by `attempts`.
"""

import hashlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import sqlalchemy as sa
from obstore.exceptions import BaseError

from yozora import presets
from yozora.engine import Engine
from yozora.errors import UserError
from yozora.media import stills
from yozora.server import logs, metrics
from yozora.server.safety import policy
from yozora.server.settings import Settings
from yozora.server.store import cleanup
from yozora.server.store.database import QUEUE_SCHEMA, migrate, new_id, now, open_database
from yozora.server.store.objects import StorageFull, open_objects
from yozora.server.work import finish, heartbeats, queue, webhooks
from yozora.server.work.attempts import Attempt, Cancelled, Lost
from yozora.server.work.job import Job
from yozora.server.work.making import Frames, Making, Material, Step, Stopwatch
from yozora.server.work.preflight import preflight, shares_key
from yozora.server.work.scratch import Scratch, remove_abandoned
from yozora.server.work.worker_configuration import USER_ERROR, WorkerConfiguration, orphaned

MADE = 97  # percent of progress when a film is made but not yet stored
PREVIEW_SECONDS = 0.3  # at least so far apart,
PREVIEW_SHARE = 0.01  # and no more than this part of the time is spent on them
PREVIEW_SIDE, PREVIEW_QUALITY = 256, 60
STOP_SECONDS = 0.1  # how soon it is seen that the worker is to stop
REAP_SECONDS, SWEEP_SECONDS = 5.0, 60.0
GRACE_SECONDS = 60.0  # that a film which is being stored may take when the worker stops
MAX_MESSAGE = 500  # characters of an error that are shown

FULL: Final = ("storage_full", "The server's storage is full. Try again later.")
BROKEN: Final = ("internal_error", "Something went wrong on the server. Its log says what.")

log = logging.getLogger(__name__)


class Released(Exception):  # noqa: N818 - no error: this worker stops
    """The worker is to stop: the film goes back to the queue."""


class Blocked(Exception):  # noqa: N818
    """The finished frames show what the policy does not allow."""


class Worker:
    """One engine and what it needs to serve a queue. `stopping` is set when no more work is to be begun."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings, self.name = settings, name
        self.stopping = threading.Event()
        self.database = open_database(settings.database)
        self.objects = open_objects(settings.storage)
        self.queue = queue.Queue(self.database)
        self.policy = policy.load(settings.policy)
        self.tally = metrics.Tally()
        self.scratch = Scratch()
        self.busy = threading.Lock()  # a film is in the making
        self.pulse = threading.Lock()  # whoever says that the worker lives, or that it leaves
        self._engine: Engine | None = None
        # One thread for all that torch computes: each thread that calls it gets helpers of its own.
        self._studio = ThreadPoolExecutor(1, thread_name_prefix="studio")

    def load(self) -> None:
        """Load the model that most films will want. Raises `UserError` for weights that are missing or damaged, and
        where films cannot be signed.
        """
        preflight(self.settings.provenance, self.scratch.folder)
        self._studio.submit(self._engine_of, self.settings.preset(self.settings.usual).name).result()

    def film(self, video_id: str) -> None:
        """Make a film, or find that there is none to be made. When the worker stops, this does not return: the ticket
        stays open, and is given back as the worker leaves.
        """
        with self.busy:
            done = not self.stopping.is_set() and self._studio.submit(self._film, video_id).result()
        if not done:
            threading.Event().wait()

    def deliver(self, webhook_id: str, event: dict[str, Any], attempt: int) -> None:
        """Send an event, and see to it that it is sent again where it does not arrive."""
        private = self.settings.private_webhooks
        if not webhooks.post(self.database, webhook_id, event, attempt, private=private):
            with self.database.begin() as connection:
                self.queue.deliver(connection, webhook_id, event, attempt + 1)

    def _film(self, video_id: str) -> bool:
        """False where the worker stops before the film is done."""
        limit = self.settings.limits.attempts
        attempt = Attempt.take_up(self.database, self.queue, self.name, video_id, limit)
        if attempt is None:
            return True
        watch = Stopwatch()
        watch.add("queue", attempt.waited)
        with logs.about(request_id=attempt.request_id, video=video_id):
            log.info("taken up", extra={"stage": "queue", "seconds": attempt.waited, "attempt": attempt.number})
            try:
                ended = self._ended(attempt, watch)
            except Released:
                self.objects.delete_under(attempt.prefix)
                attempt.release()
                log.info("given back: the worker stops")
                return False
            worked = {stage: seconds for stage, seconds in watch.spent.items() if stage != "queue"}
            for stage, seconds in worked.items():
                log.info("stage done", extra={"stage": stage, "seconds": seconds})
            log.info("ended", extra={"ended": ended, "seconds": sum(worked.values())})
        self.tally.ended(ended, watch.spent)
        return True

    def _ended(self, attempt: Attempt, watch: Stopwatch) -> str:
        """How the film ended: "completed", or the code of its error; its row says so by now. Here, and nowhere else,
        every error is caught: a film's failure is the film's, and the next one is made all the same.
        """
        try:
            self._make(attempt, watch)
            ended = "completed"
        except Released:
            raise
        except Lost:
            ended = "lost"
        except Cancelled:
            ended = _fail(attempt, watch, *queue.CANCELLED)
        except Blocked as error:
            ended = _fail(attempt, watch, "moderation_blocked", str(error))
        except UserError as error:
            ended = _fail(attempt, watch, "invalid_request", str(error)[:MAX_MESSAGE])
        except StorageFull:
            ended = _fail(attempt, watch, *FULL)
        except Exception:
            log.exception("a film could not be made")
            ended = _fail(attempt, watch, *BROKEN)
        if ended == "completed":
            self.objects.delete_under(f"videos/{attempt.video_id}/sources")
            for number in range(1, attempt.number):
                self.objects.delete_under(f"videos/{attempt.video_id}/{number}")
        else:
            self.objects.delete_under(attempt.prefix)
        return ended

    def _make(self, attempt: Attempt, watch: Stopwatch) -> None:
        with self.scratch.film() as folder, _no_paths(str(folder)):
            job = attempt.job
            engine = self._engine_of(job.preset)
            with watch.running("encode"):
                material = self._fetched(job, folder)
            making = Making(
                job,
                material,
                seed=_seed(attempt.video_id),
                folder=folder,
                watch=watch,
                provenance=self.settings.provenance,
            )
            previews = Previews(attempt)
            with closing(making.steps(engine)) as steps:
                for step in steps:
                    if self.stopping.is_set() and step.stage != "finish":
                        raise Released
                    attempt.check()
                    attempt.report(int(step.fraction * MADE))
                    previews.show(step)
            self._check_frames(making.samples)
            keys, size = self._stored(attempt, folder, watch)
            timings = {stage: round(seconds, 3) for stage, seconds in watch.spent.items()}
            attempt.complete(keys, size, timings, watermark=making.identifier, keep_seconds=self.settings.expires)

    def _check_frames(self, frames: list[Frames]) -> None:
        try:
            reason = self.policy.check_frames(frames)
        except UserError as error:  # the operator's to put right, not the client's
            raise RuntimeError(str(error)) from error
        if reason is not None:
            raise Blocked(reason)

    def _fetched(self, job: Job, folder: Path) -> Material:
        """Copies of a job's sources. Raises `UserError` where one of them is gone."""
        wanted = {key: folder / f"source-{index}" for index, key in enumerate(job.sources)}
        wanted |= {key: folder / f"star-{index}" for index, key in enumerate(job.characters)}
        for key, path in wanted.items():
            try:
                self.objects.save(key, path)
            except KeyError:
                raise UserError("What this video is to be made from is not there any more.") from None
        return Material(
            sources=tuple(wanted[key] for key in job.sources),
            cast=tuple(wanted[key] for key in job.characters),
        )

    def _stored(self, attempt: Attempt, folder: Path, watch: Stopwatch) -> tuple[dict[str, str], int]:
        """The finished files in the storage: their keys as the row has them, and how large the film is."""
        names = {"file": finish.FILM, "thumbnail": finish.THUMBNAIL, "spritesheet": finish.SPRITESHEET}
        keys = {what: f"{attempt.prefix}/{name}" for what, name in names.items()}
        sizes = {}
        with watch.running("upload"):
            for index, (what, name) in enumerate(names.items()):
                attempt.check()
                sizes[what] = self.objects.put(keys[what], folder / name)
                attempt.report(MADE + index)
        return keys, sizes["file"]

    def _engine_of(self, preset: str) -> Engine:
        """The engine for a model; the one that was used last stays loaded."""
        if self._engine is None or self._engine.preset.name != preset:
            self._engine = None  # two at once may not fit
            self._engine = Engine(presets.named(preset))
        return self._engine


class Previews:
    """Small pictures of a film in the making, now and then: they may cost a hundredth of the time."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt, self.count, self.next = attempt, 0, 0.0

    def show(self, step: Step) -> None:
        self.count += 1
        start = time.monotonic()
        if step.look is None or start < self.next:
            return
        self.attempt.preview(self.count, _small(step.look()))
        end = time.monotonic()
        self.next = end + max(PREVIEW_SECONDS, (end - start) / PREVIEW_SHARE)


def run(settings: Settings, *, name: str | None = None, wait: Callable[[], None] | None = None) -> None:
    """Work until the process is told to stop (SIGTERM, Ctrl-C) or `wait`, which runs beside, returns.

    A film that is being made then goes back to the queue, unless it is made already and only to be stored. Raises
    `UserError` where the worker cannot begin.
    """
    stop: SimpleQueue[None] = SimpleQueue()  # unlike an event, it may be told something while it is being waited for
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.put(None))
    if wait is not None:
        threading.Thread(target=_then, args=(wait, stop), name="wait", daemon=True).start()
    worker = Worker(settings, name or new_id("worker"))
    remove_abandoned()
    migrate(settings.database)
    worker.load()
    if not shares_key(worker.database, settings.provenance):
        log.warning("films were marked with another key before: copy the folder of keys to every machine")
    heartbeats.enter(worker.database, worker.name)
    threading.Thread(target=_beat, args=(worker,), name="beat", daemon=True).start()
    threading.Thread(target=_clean, args=(worker,), name="clean", daemon=True).start()
    with _listening(worker):
        log.info("ready", extra={"worker": worker.name})
        while stop.empty():
            time.sleep(STOP_SECONDS)
        worker.stopping.set()
        if worker.busy.acquire(timeout=GRACE_SECONDS):
            worker.busy.release()
    worker.pulse.acquire(timeout=GRACE_SECONDS)  # for good: one that has left beats no more
    heartbeats.leave(worker.database, worker.queue, worker.name)
    worker.scratch.close()
    log.info("stopped", extra={"worker": worker.name})
    logging.shutdown()
    os._exit(0)  # threads whose tickets were given back still wait


@contextmanager
def _listening(worker: Worker) -> Iterator[None]:
    """DBOS hands tickets out to this process."""
    from dbos import DBOS, DBOSConfig

    logging.getLogger("dbos").addHandler(logging.NullHandler())  # else it brings a handler and a format of its own
    DBOS(
        config=DBOSConfig(
            name=queue.APPLICATION,
            system_database_url=worker.database.url,
            dbos_system_schema=QUEUE_SCHEMA,
            application_version=queue.VERSION,
            executor_id=worker.name,
            log_level="WARNING",
            run_migrations=False,
        )
    )

    @DBOS.workflow(name=queue.MAKE, max_recovery_attempts=None)
    def make_film(video_id: str) -> None:
        worker.film(video_id)

    @DBOS.workflow(name=queue.DELIVER, max_recovery_attempts=None)
    def deliver_event(webhook_id: str, event: dict[str, Any], attempt: int) -> None:
        worker.deliver(webhook_id, event, attempt)

    DBOS.listen_queues([queue.FILMS, queue.WEBHOOKS])
    DBOS.launch()
    # Films one at a time, events several: where a receiver is slow, others still hear.
    for name, at_once in ((queue.FILMS, 1), (queue.WEBHOOKS, queue.DELIVERIES)):
        DBOS.register_queue(
            name,
            worker_concurrency=at_once,
            polling_interval_sec=queue.POLL_SECONDS[name],
            on_conflict="always_update",
        )
    yield
    DBOS.destroy()


def _beat(worker: Worker) -> None:
    """Say that the worker lives, and see who does not."""
    reap = 0.0
    while True:
        try:
            with worker.pulse:
                heartbeats.beat(worker.database, worker.name, worker.tally.to_json())
            if time.monotonic() >= reap:
                reap = time.monotonic() + REAP_SECONDS
                found = heartbeats.reap(worker.database, worker.queue, worker.name)
                if found:
                    log.warning("the work of a dead worker is taken over", extra={"tickets": found})
        except (sa.exc.OperationalError, sa.exc.InterfaceError, TimeoutError) as error:
            log.warning("the database does not answer: %s", str(error).splitlines()[0])
        time.sleep(heartbeats.BEAT_SECONDS)


def _clean(worker: Worker) -> None:
    """Remove what is expired or nobody's, now and then."""
    while not worker.stopping.wait(SWEEP_SECONDS):
        try:
            cleanup.sweep(worker.database, worker.objects, now())
            with worker.database.begin() as connection:
                worker.queue.tidy(connection)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, StorageFull, BaseError, OSError) as error:
            log.warning("could not tidy up: %s", str(error).splitlines()[0])


def _then(wait: Callable[[], None], stop: "SimpleQueue[None]") -> None:
    wait()
    stop.put(None)


def _fail(attempt: Attempt, watch: Stopwatch, code: str, message: str) -> str:
    attempt.fail(code, message, {stage: round(seconds, 3) for stage, seconds in watch.spent.items()})
    return code


def _small(frame_HWC: Frames) -> bytes:
    return stills.webp(stills.within(frame_HWC, PREVIEW_SIDE), PREVIEW_QUALITY)


def _seed(video_id: str) -> int:
    """Of a job that says none: the same at every attempt, so that a film that is made again is the same film."""
    return int.from_bytes(hashlib.sha256(video_id.encode()).digest()[:4]) >> 1


@contextmanager
def _no_paths(folder: str) -> Iterator[None]:
    """What a person is told names no place on this machine."""
    try:
        yield
    except UserError as error:
        if folder not in str(error):
            raise
        raise UserError(error.message.replace(f"{folder}/", ""), error.hint.replace(f"{folder}/", "")) from error


def main() -> int:
    """A worker of `supervisor.Supervisor`."""
    configuration = WorkerConfiguration.read()
    os.nice(configuration.nice)
    logs.configure(configuration.json_logs)
    try:
        run(configuration.settings, name=configuration.name, wait=orphaned)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return USER_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main())
