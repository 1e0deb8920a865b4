"""Films off the queue, one after the other: an engine makes them, and each ends with its row saying how.

A film is made by `making`; whose it is to write about, by `attempts`. Knows no process and no HTTP: `worker` runs it.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from yozora.device import best_device, memory
from yozora.engine.distributed.ranks import Ended
from yozora.engine.engines import engine_of
from yozora.errors import UserError
from yozora.families.presets import Preset
from yozora.media import stills
from yozora.server import logs, metrics, traces
from yozora.server.safety import policy
from yozora.server.settings import Settings
from yozora.server.store.database import open_database
from yozora.server.store.objects import StorageAway, StorageFull, open_objects
from yozora.server.work import finish
from yozora.server.work.attempts import Attempt, Cancelled, Lost
from yozora.server.work.job import Job
from yozora.server.work.making import FilmStep, Frames, JobFiles, Making, Stopwatch
from yozora.server.work.models import Engines, able, composed
from yozora.server.work.preflight import preflight
from yozora.server.work.queue import CANCELLED, Queue
from yozora.server.work.retry_policy import AWAY, RetryPolicy, reason
from yozora.server.work.scratch import Scratch, no_paths

MADE = 97  # percent of progress when a film is made but not yet stored
PREVIEW_SECONDS = 0.3  # at least so far apart,
PREVIEW_SHARE = 0.01  # and no more than this part of the time is spent on them
PREVIEW_SIDE, PREVIEW_QUALITY = 256, 60
MAX_MESSAGE = 500  # characters of an error that are shown

FULL: Final = ("storage_full", "The server's storage is full. Try again later.")
AWAY_TOO_LONG: Final = ("storage_unavailable", "The server's storage could not be reached. Try again later.")
TIMED_OUT: Final = ("timed_out", "This video took longer than the time limit for its kind.")
INTERRUPTED: Final = ("worker_crashed", "The worker that made this live video has stopped.")
BROKEN: Final = ("internal_error", "The server had an internal error. See its log.")

log = logging.getLogger(__name__)


class Released(Exception):  # noqa: N818 - no error: this worker stops
    """The worker is to stop: the film goes back to the queue."""


class Blocked(Exception):  # noqa: N818
    """The finished frames show what the policy does not allow."""


class ScratchFull(Exception):  # noqa: N818
    """There is no room for the files that a film is made in."""


class Broken(Exception):  # noqa: N818
    """A film that a client watches was begun by a worker that is gone."""


class TimedOut(Exception):  # noqa: N818
    """The film has taken longer than its work allows for."""


class Worker:
    """One engine and what it needs to serve a queue. `stopping` is set when no more work is to be begun."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings, self.name = settings, name
        self.stopping = threading.Event()
        self.draining = False  # an operator wants it to take up nothing new
        self.database = open_database(settings.database, settings.limits.reserve_bytes, settings.times.locked)
        self.objects = open_objects(settings.storage)
        self.queue = Queue.of(settings)
        self.policy = policy.load(settings.policy)
        self.able = able(settings)
        self.tally = metrics.WorkerCounts()
        self.scratch = Scratch()
        self.pulse = threading.Lock()  # held by the thread that says that the worker lives, or that it leaves
        self.retry = RetryPolicy(times=settings.times, wait=self._wait)
        self.turning: float | None = None  # monotonic seconds of the last step of a film; None: none is being made
        self.engines = Engines(partial(engine_of, gpus=settings.gpus), self.able.memory or memory(best_device()))
        # One thread for all that torch computes: each thread that calls it gets helpers of its own.
        self._studio = ThreadPoolExecutor(1, thread_name_prefix="studio")

    def load(self) -> None:
        """Load the model that most films will want. Raises `UserError` for weights that are missing or damaged, and
        where films cannot be signed.
        """
        preflight(self.settings.provenance, self.scratch.folder)
        usual, mine = self.settings.preset(self.settings.usual), self.able.presets or ()
        first = usual if usual.name in mine else self.settings.preset(mine[0])
        self._studio.submit(self.engines.of, first).result()

    def work(self) -> "Future[None]":
        """Make films until the worker stops; done when the last one is."""
        return self._studio.submit(self._process_queue)

    def hangs(self) -> bool:
        """Whether a film has been in the making for long without a step."""
        return self.turning is not None and time.monotonic() - self.turning > self.settings.times.stuck

    def _process_queue(self) -> None:
        sure = True
        while not self.stopping.is_set():
            attempt = None
            try:
                if not sure:  # a film may have become this worker's without its knowing
                    with self.database.begin() as connection:
                        self.queue.give_back(connection, self.name)
                    sure = True
                if not self.draining:
                    attempt = Attempt.take_up(self.database, self.queue, self.name, self.able.presets, self.retry)
            except AWAY as error:
                sure = False
                log.warning("the queue cannot be read: %s", reason(error))
                self.stopping.wait(self.settings.times.beat)
                continue
            if attempt is None:
                self.stopping.wait(self.settings.times.poll)
                continue
            try:
                self._process_attempt(attempt)
            except (*AWAY, StorageFull):  # it ended while the database was away for too long: its row is found later
                sure = False
                log.exception("the result of a film could not be stored")
            finally:
                self.turning = None

    def _wait(self, seconds: float) -> None:
        """Between two tries: a worker that waits does not hang."""
        time.sleep(seconds)
        if self.turning is not None:
            self.turning = time.monotonic()

    def _process_attempt(self, attempt: Attempt) -> None:
        """Make a film, or give it back where the worker stops before."""
        self.turning = time.monotonic()
        watch = Stopwatch()
        watch.add("queue", attempt.waited)
        about = logs.about(request_id=attempt.request_id, video=attempt.video_id)
        with about, traces.film(attempt.video_id, attempt.request_id) as span:
            log.info("taken up", extra={"stage": "queue", "seconds": attempt.waited, "attempt": attempt.number})
            try:
                ended = self._run_attempt(attempt, watch)
            except Released:
                self._delete_files(attempt.prefix)
                attempt.release()
                log.info("given back: the worker stops")
                return
            worked = {stage: seconds for stage, seconds in watch.spent.items() if stage != "queue"}
            for stage, seconds in worked.items():
                log.info("stage done", extra={"stage": stage, "seconds": seconds})
            log.info("ended", extra={"ended": ended, "seconds": sum(worked.values())})
            span |= watch.spent | {"ended": ended, "attempt": attempt.number}
        self.tally.ended(ended, watch.spent)

    def _run_attempt(self, attempt: Attempt, watch: Stopwatch) -> str:
        """How the film ended: "completed", or the code of its error; its row says so by now. Here alone,
        every error is caught: a film's failure is the film's, and the next one is made all the same.
        """
        try:
            self._generate_film(attempt, watch)
            ended = "completed"
        except Released:
            raise
        except Lost:
            ended = "lost"
        except Cancelled:
            ended = _fail(attempt, watch, *CANCELLED)
        except Blocked as error:
            ended = _fail(attempt, watch, "moderation_blocked", str(error))
        except Ended:
            log.exception("a process of another GPU has ended")
            ended = _fail(attempt, watch, *BROKEN)
        except UserError as error:
            ended = _fail(attempt, watch, "invalid_request", str(error)[:MAX_MESSAGE], error.code)
        except ScratchFull:
            ended = self._retry_when_full(attempt, watch)
        except StorageFull:
            ended = _fail(attempt, watch, *FULL)
        except StorageAway:
            log.exception("the storage was unavailable for too long")
            ended = _fail(attempt, watch, *AWAY_TOO_LONG)
        except TimedOut:
            ended = _fail(attempt, watch, *TIMED_OUT)
        except Broken:
            ended = _fail(attempt, watch, *INTERRUPTED)
        except AWAY:
            raise
        except Exception:
            log.exception("a film has failed")
            ended = _fail(attempt, watch, *BROKEN)
        self._remove_leftovers(attempt, completed=ended == "completed")
        return ended

    def _remove_leftovers(self, attempt: Attempt, *, completed: bool) -> None:
        """Sources and what earlier attempts left of a film that is done; of another, what this attempt left."""
        if not completed:
            self._delete_files(attempt.prefix)
            return
        self._delete_files(f"videos/{attempt.video_id}/sources")
        for number in range(1, attempt.number):
            self._delete_files(f"videos/{attempt.video_id}/{number}")

    def _retry_when_full(self, attempt: Attempt, watch: Stopwatch) -> str:
        """A film for whose files there was no room is tried again a little later, and in the end has failed."""
        limit = self.settings.limits.attempts
        if attempt.number >= limit:
            return _fail(attempt, watch, *FULL)
        attempt.put_off(self.settings.times.full / limit)
        return "put off"

    def _delete_files(self, prefix: str) -> None:
        """What is not needed any more; what cannot be removed now is swept up later."""
        try:
            self.objects.delete_under(prefix)
        except (StorageAway, OSError) as error:
            log.warning("cleanup has failed: %s", reason(error))

    def _generate_film(self, attempt: Attempt, watch: Stopwatch) -> None:
        with self.scratch.film() as folder, no_paths(folder):
            job = attempt.job
            if attempt.is_broken():
                raise Broken
            preset = self._job_preset(job)
            engine = self.engines.of(preset)
            with watch.running("encode"):
                material = self._fetched(job, folder)
            making = Making(
                job,
                material,
                preset=preset,
                seed=_seed(attempt.video_id),
                folder=folder,
                watch=watch,
                provenance=self.settings.provenance,
                prompts=attempt.prompts if attempt.live else None,
            )
            previews, latest = Previews(attempt), self._latest(attempt)
            with closing(making.steps(engine)) as steps:
                for step in _unless_full(steps):
                    self.turning = time.monotonic()
                    if self.stopping.is_set() and step.stage != "finish":
                        raise Released
                    if self.turning > latest:
                        raise TimedOut
                    attempt.check()
                    if step.part is not None:
                        attempt.stream(step.part)
                    attempt.report(int(step.fraction * MADE))
                    previews.show(step)
            self._check_frames(making.samples)
            keys, size = self._stored(attempt, folder, watch)
            self._complete(attempt, making, keys, size)

    def _complete(self, attempt: Attempt, making: Making, keys: dict[str, str], size: int) -> None:
        """What was made is stored: its row says so."""
        attempt.complete(
            keys,
            size,
            {stage: round(seconds, 3) for stage, seconds in making.watch.spent.items()},
            length=making.length,
            watermark=making.identifier,
            keep_seconds=self.settings.expires,
        )

    def _latest(self, attempt: Attempt) -> float:
        """Until when a film is to be made, in monotonic seconds."""
        times = self.settings.times
        return time.monotonic() + times.film + times.film_unit * attempt.cost

    def _check_frames(self, frames: list[Frames]) -> None:
        try:
            why = self.policy.check_frames(frames)
        except UserError as error:  # the operator's to put right, not the client's
            raise RuntimeError(str(error)) from error
        if why is not None:
            raise Blocked(why)

    def _fetched(self, job: Job, folder: Path) -> JobFiles:
        """Copies of a job's sources. Raises `UserError` where one of them is gone."""
        wanted = {key: folder / f"source-{index}" for index, key in enumerate(job.sources)}
        wanted |= {key: folder / f"star-{index}" for index, key in enumerate(job.characters)}
        for key, path in wanted.items():
            try:
                self.retry(partial(self.objects.save, key, path))
            except KeyError:
                raise UserError(
                    "A source of this video was deleted. Upload it again.", code="sources_deleted"
                ) from None
        return JobFiles(
            sources=tuple(wanted[key] for key in job.sources),
            characters=tuple(wanted[key] for key in job.characters),
        )

    def _stored(self, attempt: Attempt, folder: Path, watch: Stopwatch) -> tuple[dict[str, str], int]:
        """The finished files in the storage: their keys as the row has them, and how large the film is."""
        names = {"file": finish.FILM, "thumbnail": finish.THUMBNAIL, "spritesheet": finish.SPRITESHEET}
        keys = {what: f"{attempt.prefix}/{name}" for what, name in names.items()}
        sizes = {}
        with watch.running("upload"):
            for index, (what, name) in enumerate(names.items()):
                attempt.check()
                sizes[what] = self.retry(partial(self.objects.put, keys[what], folder / name))
                attempt.report(MADE + index)
        return keys, sizes["file"]

    def _job_preset(self, job: Job) -> Preset:
        """The model of a job, with all that was asked to be put into it."""
        if job.order is None:
            return self.settings.preset(job.preset)
        return composed(self.settings, job.order.request)


class Previews:
    """Small pictures of a film in the making, now and then: they may cost a hundredth of the time."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt, self.count, self.next = attempt, 0, 0.0

    def show(self, step: FilmStep) -> None:
        self.count += 1
        start = time.monotonic()
        if step.preview is None or start < self.next:
            return
        self.attempt.preview(self.count, _small(step.preview()))
        end = time.monotonic()
        self.next = end + max(PREVIEW_SECONDS, (end - start) / PREVIEW_SHARE)


def _unless_full(steps: Iterator[FilmStep]) -> Iterator[FilmStep]:
    """The steps of a film. Raises `ScratchFull` where there is no room for its files."""
    try:
        yield from steps
    except StorageFull as error:
        raise ScratchFull(str(error)) from error


def _fail(attempt: Attempt, watch: Stopwatch, code: str, message: str, why: str | None = None) -> str:
    attempt.fail(code, message, {stage: round(seconds, 3) for stage, seconds in watch.spent.items()}, why)
    return code


def _small(frame_HWC: Frames) -> bytes:
    return stills.webp(stills.within(frame_HWC, PREVIEW_SIDE), PREVIEW_QUALITY)


def _seed(video_id: str) -> int:
    """Of a job that says none: the same at every attempt, so that a film that is made again is the same film."""
    return int.from_bytes(hashlib.sha256(video_id.encode()).digest()[:4]) >> 1
