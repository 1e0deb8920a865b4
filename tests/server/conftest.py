"""A real server, real workers and real databases for the tests, with a toy's weights: a film takes a second or less."""

import json
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any, NoReturn

import pytest
import sqlalchemy as sa
from tests.server import toys
from tests.server.app import client, mp4, png, service, template  # noqa: F401 - fixtures of the edge's tests
from tests.server.postgres import Absent, Postgres

from yozora.core.modes import find
from yozora.core.order import CharacterSource, Order, Source
from yozora.core.ordering import ordered
from yozora.provenance.settings import OFF, Provenance
from yozora.server.accounts import keys
from yozora.server.bounds import Times
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, new_id, now, open_database
from yozora.server.store.film_length import seconds_text
from yozora.server.store.objects import Objects, open_objects
from yozora.server.store.upgrades import migrate
from yozora.server.work.job import Job
from yozora.server.work.queue import Queue, cost
from yozora.server.work.worker_configuration import WorkerConfiguration

TOYS = Path(__file__).with_name("toys.py")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # in processes that are started from here, as in a server's workers
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["torch", "c2pa", "yozora.server.work.worker", "tests.server.toys"])
TIMEOUT = 240.0  # seconds: the machine may be busy
PORTS = range(20_000, 32_000)
OWNER = "key_tests"


def until(found: Callable[[], Any], what: str, seconds: float = TIMEOUT) -> Any:
    """What `found` gives as soon as it gives something; fails after a while, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:g} seconds for {what}")


@contextmanager
def disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of so many bytes."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        absent("no disk can be mounted here (a tmpfs, as root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL server, which runs. Where there is none tests are skipped, but where they have to run (CI=true)."""
    try:
        server = Postgres(free_port())
    except Absent as error:
        absent(str(error))
    server.start()
    try:
        until(server.ready, "PostgreSQL")
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres(postgres_server: Postgres) -> str:
    """The URL of a PostgreSQL server, without a database's name at its end."""
    return postgres_server.url


def absent(why: str) -> NoReturn:
    """Something that tests need is not here: they are skipped, or fail where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def free_port() -> int:
    """A port that nobody listens on: drawn, so that no other process gets it too, and not one of those that the system
    gives to connections.
    """
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", secrets.choice(PORTS)))
            return int(probe.getsockname()[1])


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'yozora.db'}"
    server = request.getfixturevalue("postgres")
    name = f"t{time.time_ns()}"
    engine = sa.create_engine(f"{server}/postgres".replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


def order_of(
    mode: str = "generate",
    prompt: str = "a red car",
    sources: tuple[str, ...] = (),
    cast: tuple[str, ...] = (),
    **said: Any,
) -> Order:
    """A small film of a toy. Sources are keys of clips of a second; `cast` are names, and keys of their pictures."""
    slots = [slot.name for slot in find(mode).slots]
    clips = [
        Source(at=key, slot=slot, width=64, height=64, fps=16.0, seconds=17 / 16, frames=17, sounds=True)
        for key, slot in zip(sources, slots, strict=False)
    ]
    people = [CharacterSource(name=name, at=name, plain=True, title=f"@{name}") for name in cast]
    requested = {"steps": 3, "guidance": 2.0, **({} if sources else {"size": (96, 64)}), **said}
    if mode == "generate":
        requested.setdefault("seconds", 0.3)
    return ordered(mode, prompt, requested, clips, people)


@dataclass(kw_only=True, eq=False)
class Running:
    """A process that a test has started. What it prints goes to `log`."""

    process: "subprocess.Popen[bytes] | BaseProcess"
    log: Path
    name: str

    @property
    def code(self) -> int | None:
        """How it ended; None while it has not."""
        return self.process.poll() if isinstance(self.process, subprocess.Popen) else self.process.exitcode

    def kill(self) -> None:
        """At once and without warning."""
        self.process.kill()
        self.wait()

    def stop(self) -> int:
        """As an operator stops it; how it ended."""
        self.process.terminate()
        return self.wait()

    def pause(self) -> None:
        """It stands still from now on, as if its machine slept."""
        os.kill(int(self.process.pid or 0), signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(int(self.process.pid or 0), signal.SIGCONT)

    def wait(self) -> int:
        return int(until(lambda: self.code is not None and [self.code], "a process to end")[0])


@dataclass(kw_only=True, eq=False)
class Installation:
    """A database, a storage, and the processes on them."""

    settings: Settings
    database: Database
    queue: Queue
    objects: Objects
    folder: Path
    toy: dict[str, Any]
    running: list[Running] = field(default_factory=list)

    def worker(self, **toy: Any) -> Running:
        """Start a worker of its own; `toy` as in toys.py."""
        configuration = WorkerConfiguration(settings=self.settings, name=new_id("worker"), json_logs=False, nice=0)
        log = self.folder / f"log-{len(self.running)}.txt"
        told = (configuration.to_line(), {**self.toy, **toy}, str(log))
        process = FORKS.Process(target=toys.work, args=told)
        process.start()
        running = Running(process=process, log=log, name=configuration.name)
        self.running.append(running)
        return running

    def server(self, *, workers: int = 1, port: int = 0, **toy: Any) -> Running:
        """Start `yozora serve`, as it were."""
        configuration = WorkerConfiguration(settings=self.settings, name="", json_logs=False, nice=0)
        return self._start(["serve", str(port), str(workers)], configuration, toy)

    def url(self, server: Running) -> str:
        """Where a server listens, once it does."""

        def said() -> str | None:
            assert server.code is None, server.log.read_text()
            found = [line for line in server.log.read_text().splitlines() if "Videos API at " in line]
            return found[0].split("Videos API at ")[1] if found else None

        return str(until(said, "the server"))

    def ask(self, mode: str = "generate", owner: str = OWNER, model: str = "mini", **said: Any) -> str:
        """A film is to be made: its row, as the API writes it; `said` as in `order_of`."""
        order, video_id = order_of(mode, **said), new_id("video")
        request = replace(order.request, model=model)
        order = replace(order, request=request)
        row = {
            "id": video_id,
            "owner": owner,
            "number": time.time_ns(),
            "status": "queued",
            "created_at": now(),
            "model": "sora-2",
            "prompt": request.prompt,
            "size": f"{request.width}x{request.height}",
            "seconds": seconds_text(request.seconds),
            "job": Job.of(order).to_json(),
            "fingerprint": video_id,
            "preset": request.model,
            "cost": cost(request),
        }
        with self.database.begin() as connection:
            connection.execute(sa.insert(tables.videos).values(**row))
            self.queue.add(connection, video_id)
        return video_id

    def row(self, video_id: str) -> sa.Row[Any]:
        """What is known of a video by now."""
        with self.database.read() as connection:
            return connection.execute(sa.select(tables.videos).where(tables.videos.c.id == video_id)).one()

    def ended(self, video_id: str, seconds: float = TIMEOUT) -> sa.Row[Any]:
        """What is known of a video when it is completed or has failed."""

        def over() -> sa.Row[Any] | None:
            row = self.row(video_id)
            if row.status in ("completed", "failed"):
                return row
            assert not self.running or any(one.code is None for one in self.running), "nobody works any more"
            return None

        try:
            return until(over, f"{video_id}, which is {self.row(video_id).status},", seconds)  # type: ignore[no-any-return]
        except AssertionError:
            print(*(one.log.read_text()[-4000:] for one in self.running), sep="\n---\n")
            raise

    def deliveries(self, video_id: str | None = None) -> list[sa.Row[Any]]:
        """Events on their way or arrived, of one video or of all, in the order in which they happened."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(tables.deliveries).order_by(tables.deliveries.c.created_at)).all()
        return [row for row in rows if video_id in (None, row.payload["data"]["id"])]

    def close(self) -> None:
        for one in self.running:
            if one.code is None:
                one.kill()
            if isinstance(one.process, subprocess.Popen) and one.process.stdin is not None:
                one.process.stdin.close()
        for pid in self._left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.database.close()

    def workers(self) -> Mapping[str, int]:
        """Process ids of the workers that have entered, by name."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(tables.workers.c.id, tables.workers.c.pid)).all()
        return {row.id: row.pid for row in rows}

    def _left(self) -> list[int]:
        """Workers that lost their server when it was killed, and have not noticed yet."""
        with suppress(sa.exc.DBAPIError):
            return [pid for pid in self.workers().values() if _is_toy(pid)]
        return []

    def _start(self, arguments: list[str], configuration: WorkerConfiguration, toy: Mapping[str, Any]) -> Running:
        log = self.folder / f"log-{len(self.running)}.txt"
        environment = {**os.environ, "TOY": json.dumps({**self.toy, **toy}), "OMP_WAIT_POLICY": "PASSIVE"}
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-u", str(TOYS), *arguments],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env=environment,
            )
        pipe: IO[bytes] | None = process.stdin
        assert pipe is not None
        pipe.write(configuration.to_line())
        pipe.flush()
        running = Running(process=process, log=log, name=configuration.name)
        self.running.append(running)
        return running


def _is_toy(pid: int) -> bool:
    """Whether a process is one that these tests have started: ids are used again."""
    with suppress(OSError):
        return TOYS.name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


@pytest.fixture
def unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are not signed or marked, which takes longer than making a toy's films; other tests have them."""
    monkeypatch.setitem(globals(), "Provenance", lambda folder: OFF)


@pytest.fixture
def installation(database_url: str, toy_folder: Path, tmp_path: Path, template: Path) -> Iterator[Installation]:  # noqa: F811
    """On SQLite, and on PostgreSQL. Nothing runs yet."""
    if database_url.startswith("sqlite"):
        shutil.copy(template, tmp_path)
    with opened(database_url, toy_folder, tmp_path) as made:
        yield made


@pytest.fixture
def embedded(toy_folder: Path, tmp_path: Path, template: Path) -> Iterator[Installation]:  # noqa: F811
    """On SQLite alone."""
    shutil.copy(template, tmp_path)
    with opened(f"sqlite:///{tmp_path / 'yozora.db'}", toy_folder, tmp_path) as made:
        yield made


TIMES = Times(deliver=0.2, reap=1.0, silence=6.0, beat=0.5, full=3.0)
"""As an installation's, but for what tests wait for."""


@contextmanager
def opened(url: str, toy_folder: Path, folder: Path) -> Iterator[Installation]:
    """An installation in a folder; everything that it has started is ended."""
    migrate(url)
    (folder / "graves").mkdir()
    settings = Settings(
        database=url,
        storage=str(folder / "objects"),
        private_webhooks=True,
        poll_ms=100,
        times=TIMES,
        provenance=Provenance(folder=folder / "provenance"),
    )
    database = open_database(url)
    made = Installation(
        settings=settings,
        database=database,
        queue=Queue.of(settings),
        objects=open_objects(settings.storage),
        folder=folder,
        toy={"folder": str(toy_folder), "graves": str(folder / "graves"), "scratch": str(folder)},
    )
    try:
        yield made
    finally:
        made.close()


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server with one worker that runs, and a key for it."""

    url: str  # with /v1 at its end, as a client's base_url
    key: str
    owner: str
    installation: Installation
    process: Running


def serving(installation: Installation) -> Served:
    """Start a real `yozora serve` on a free port, with a toy's weights."""
    running = installation.server()
    owner, secret = keys.create(installation.database, "tests")
    return Served(url=installation.url(running), key=secret, owner=owner, installation=installation, process=running)


@pytest.fixture(scope="module")
def shared(toy_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of a file: it takes seconds to start."""
    folder = tmp_path_factory.mktemp("shared")
    with opened(f"sqlite:///{folder / 'yozora.db'}", toy_folder, folder) as made:
        yield serving(made)


@pytest.fixture
def server(shared: Served) -> Served:
    """The server of the file, with a new key. Tests that stop processes start their own, with `serving`."""
    owner, secret = keys.create(shared.installation.database, "tests")
    return replace(shared, key=secret, owner=owner)


def with_limits(installation: Installation, **limits: Any) -> None:
    """Other limits for what is started from now on."""
    settings = installation.settings
    installation.settings = replace(settings, limits=replace(settings.limits, **limits))
