"""What the server costs and bears, on this machine, over loopback: prints a table, and writes JSON.

    python benchmarks/api_load.py --json build/api_load.json
    python benchmarks/api_load.py --jobs 100 --clients 10 --requests 1000 --films 2 --steps 4      # a quick look
    python benchmarks/api_load.py --attack big-bodies --seconds 60                                 # or `all`

Three questions, each on a server of its own in a folder that is removed afterwards: does it take many jobs from many
clients at once; does its memory stay what it was; how soon does it answer while a worker denoises, and how much longer
does a film take than in a plain loop. With --attack a fourth: how soon is one key answered, and how much memory does
the API take, while another key does its worst (`api_attacks.py`) and a worker denoises.
"""

import argparse
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from api_attacks import ATTACKS, policy_with_guard

from yozora.provenance.settings import Provenance
from yozora.server import serving
from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.settings import Settings
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import migrate
from yozora.server.work import supervisor
from yozora.server.work.worker_configuration import WorkerConfiguration

PROMPT = "a red car driving left on a city street at night in the snow"
PLENTY = 1_000_000  # a minute: rates are not what is measured
TIMEOUT = 1800.0  # seconds
ASKED_HZ = 20.0  # while a film is made
TURNS = 8  # of the plain loop and the server
ATTACKED_HZ = 10.0  # that the other key asks while an attack goes on
FILES = 1024
QUIET_SECONDS = 5.0  # before an attack, and after it until memory is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `wanted` is an upper bound, if there is one."""

    name: str
    value: float
    unit: str
    wanted: float | None = None

    @property
    def good(self) -> bool:
        return self.wanted is None or self.value <= self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that runs."""

    client: httpx.Client
    process: "subprocess.Popen[str]"
    secret: str = ""  # of a second key

    @property
    def resident(self) -> float:
        """Memory of the API process, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def served(*, workers: int, guard: int = 0, **choices: Any) -> Iterator[Served]:
    """A real `yozora serve` with workers, limits that do not limit unless others are chosen, and two keys. `guard` is
    the port of a guard model, if there is one.
    """
    with tempfile.TemporaryDirectory(prefix="yozora-load-") as name:
        limits = Limits(requests_a_minute=PLENTY, creates_a_minute=PLENTY, queued=PLENTY)
        chosen = {"database": f"sqlite:///{name}/yozora.db", "storage": f"{name}/objects", "limits": limits, **choices}
        if guard:
            chosen["policy"] = Path(name) / "policy.yaml"
            chosen["policy"].write_text(policy_with_guard(guard), encoding="utf-8")
        settings = Settings(**chosen, provenance=Provenance(folder=Path(name) / "provenance"))
        migrate(settings.database)
        database = open_database(settings.database)
        (_, secret), (_, second) = keys.create(database, "load"), keys.create(database, "second")
        database.close()
        command = [sys.executable, "-u", __file__, "--serve", str(workers)]
        with (Path(name) / "log").open("w") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield Served(client=_client(process, settings, secret), process=process, secret=second)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def _client(process: "subprocess.Popen[str]", settings: Settings, secret: str) -> httpx.Client:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(WorkerConfiguration(settings=settings, name="", json_logs=False, nice=0).to_line().decode())
    process.stdin.flush()
    said = process.stdout.readline()
    if "Videos API at " not in said:
        raise SystemExit(f"the server did not start: {said}")
    url = said.split("Videos API at ")[1].strip()
    many = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {secret}"}, timeout=120, limits=many)


def serve(workers: int) -> None:
    """The server itself, in a process of its own, with as many open files as a process usually may have."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    serving.serve(WorkerConfiguration.read().settings, port=0, workers=workers)


def queueing(jobs: int, clients: int, served: Served) -> list[Figure]:
    """Many jobs from many clients at once, and all of them are there afterwards."""
    body = {"prompt": PROMPT, "seconds": "4", "size": "1280x720"}
    errors = 0

    def create(index: int) -> float:
        nonlocal errors
        start = time.perf_counter()
        answer = served.client.post("/videos", json={**body, "seed": index})
        errors += answer.status_code != 200
        return time.perf_counter() - start

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = list(pool.map(create, range(jobs)))
    whole = time.perf_counter() - start
    lost = jobs - len(_all(served.client))
    return [
        Figure(name=f"{jobs} jobs from {clients} clients: errors", value=errors, unit="", wanted=0),
        Figure(name="  jobs that are not in the list", value=lost, unit="", wanted=0),
        Figure(name="  jobs a second", value=jobs / whole, unit="/s"),
        *_percentiles("  create", took),
    ]


def remembering(requests: int, served: Served) -> list[Figure]:
    """Memory of the API process before and after many requests, once it is warm."""
    video = _all(served.client)[0]["id"]
    paths = (f"/videos/{video}", "/videos?limit=100", "/models", f"/videos/{video}/content")

    def ask(index: int) -> float:
        start = time.perf_counter()
        served.client.get(paths[index % len(paths)])
        return time.perf_counter() - start

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(max(200, requests // 10))))
        before = served.resident
        start = time.perf_counter()
        took = list(pool.map(ask, range(requests)))
    rate = requests / (time.perf_counter() - start)
    grown = served.resident - before
    return [
        Figure(name=f"memory of the API after {requests} requests", value=served.resident, unit="MiB"),
        Figure(name="  more than before them", value=grown, unit="MiB", wanted=16),
        Figure(name="  requests a second, 8 clients", value=rate, unit="/s"),
        *_percentiles("  any of them", took),
    ]


def making(films: int, steps: int, seconds: str) -> list[Figure]:
    """How soon a GET is answered while a worker denoises, and what the service adds to the making of films."""
    with served(workers=1) as running, Plain(steps, seconds) as plain:
        body = {"prompt": PROMPT, "seconds": seconds, "size": "224x128", "steps": steps}

        def through_the_server(seeds: Sequence[int]) -> float:
            start = time.perf_counter()
            _until_done(running.client, _queued(running.client, body, seeds))
            return time.perf_counter() - start

        for make in (plain.make, through_the_server):
            make([10_000])  # the model is loaded, and warm
        asked = _asked_meanwhile(running.client, body)
        alone, through = [], []
        for turn in range(TURNS):  # in turns, as machines are faster and slower by the minute
            seeds = range(turn * films, (turn + 1) * films)
            alone.append(plain.make(seeds))
            through.append(through_the_server(seeds))
    ratios = [b / a for a, b in zip(alone, through, strict=True)]
    return [
        *_percentiles("GET of a job while a worker denoises", asked, wanted=50.0),
        Figure(name=f"films in a plain loop, {films} a turn, median of {TURNS} turns", value=median(alone), unit="s"),
        Figure(name="  the same through the server", value=median(through), unit="s"),
        Figure(name="  overhead, median", value=100 * (median(ratios) - 1), unit="%", wanted=5.0),
        Figure(name="  overhead, fastest turns", value=100 * (min(through) / min(alone) - 1), unit="%"),
    ]


def attacked(name: str, seconds: float) -> list[Figure]:
    """How one key fares while another attacks, with the limits that there are by default."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as silent:
        port = silent.getsockname()[1]
        guard = port if name == "silent-guard" else 0
        with served(workers=1, guard=guard, limits=Limits(), private_webhooks=True) as running:
            victim = Victim(running)
            victim.begin()
            before = running.resident
            command = [sys.executable, str(Path(__file__).with_name("api_attacks.py"))]
            said = [name, str(running.client.base_url), running.secret, str(port), str(seconds)]
            attack = subprocess.Popen([*command, *said], stdout=subprocess.PIPE, text=True)
            victim.ask_until(lambda: attack.poll() is not None)
            time.sleep(QUIET_SECONDS)
            after = running.resident
    print(f"{name}: the attacker was answered {attack.communicate()[0].strip()}", flush=True)
    return [
        *_percentiles(f"{name}: GET of a job by another key", victim.took, wanted=100.0),
        Figure(name="  the longest", value=1000 * max(victim.took), unit="ms"),
        Figure(name="  of these not answered with 200", value=victim.failed, unit="", wanted=0),
        Figure(name="  memory of the API before", value=before, unit="MiB"),
        Figure(name="  at most", value=victim.most, unit="MiB", wanted=600),
        Figure(name="  afterwards", value=after, unit="MiB"),
    ]


@dataclass(kw_only=False)
class Victim:
    """The other key: has films in the making, and asks for one of them at even times, whether answers come or not."""

    running: Served
    video: str = ""
    took: list[float] = field(default_factory=list)  # seconds from when it was time to ask until the answer
    failed: int = 0
    most: float = 0.0  # memory of the API, in MiB

    def begin(self) -> None:
        """Returns while a worker denoises, and will for long."""
        body = {"prompt": PROMPT, "seconds": "20", "size": "224x128", "steps": 100}
        self.video = _queued(self.running.client, body, range(5))[0]
        deadline = time.monotonic() + TIMEOUT
        while self.running.client.get(f"/videos/{self.video}").json()["progress"] == 0:
            if time.monotonic() > deadline:
                raise SystemExit("the worker does not begin")
            time.sleep(0.2)
        time.sleep(QUIET_SECONDS)

    def ask_until(self, is_over: Callable[[], bool]) -> None:
        with ThreadPoolExecutor(64) as pool:
            begun, count = time.monotonic(), 0
            while not is_over():
                at = begun + count / ATTACKED_HZ
                time.sleep(max(0.0, at - time.monotonic()))
                pool.submit(self._ask, at)
                self.most, count = max(self.most, self.running.resident), count + 1

    def _ask(self, at: float) -> None:
        try:
            good = self.running.client.get(f"/videos/{self.video}").status_code == 200
        except httpx.HTTPError:
            good = False
        self.took.append(time.monotonic() - at)
        self.failed += not good


class Plain:
    """A process that makes films in a loop whenever it is told to, and nothing else."""

    def __init__(self, steps: int, seconds: str) -> None:
        command = [sys.executable, __file__, "--plain", "--steps", str(steps), "--seconds", seconds]
        environment = {**supervisor.THREADS, **os.environ}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> "Plain":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def make(self, seeds: Sequence[int]) -> float:
        """Seconds for one film of each seed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(list(seeds)) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def plainly(steps: int, seconds: float) -> None:
    """The loop itself: reads seeds, line by line, and says how long they took."""
    import yozora

    with tempfile.TemporaryDirectory(prefix="yozora-plain-") as name:
        for line in sys.stdin:
            start = time.perf_counter()
            for seed in json.loads(line):
                film = yozora.generate(PROMPT, width=224, height=128, steps=steps, seconds=seconds, seed=seed)
                film.save(Path(name) / f"{seed}.mp4")
            print(time.perf_counter() - start, flush=True)


def _queued(client: httpx.Client, body: dict[str, Any], seeds: Sequence[int]) -> list[str]:
    """The ids of jobs that are now waiting, one for each seed."""
    return [client.post("/videos", json={**body, "seed": seed}).json()["id"] for seed in seeds]


def _asked_meanwhile(client: httpx.Client, body: dict[str, Any]) -> list[float]:
    """How long it took to be told of a job, again and again while two are done."""
    took: list[float] = []
    over = threading.Event()
    ids = _queued(client, body, range(20_000, 20_002))
    watcher = threading.Thread(target=_ask_on, args=(client, ids, took, over))
    watcher.start()
    _until_done(client, ids)
    over.set()
    watcher.join()
    return took


def _ask_on(client: httpx.Client, ids: Sequence[str], took: list[float], over: threading.Event) -> None:
    while not over.wait(1 / ASKED_HZ):
        start = time.perf_counter()
        client.get(f"/videos/{ids[len(took) % len(ids)]}").raise_for_status()
        took.append(time.perf_counter() - start)


def _until_done(client: httpx.Client, ids: Sequence[str]) -> None:
    deadline = time.monotonic() + TIMEOUT
    for video_id in ids:
        while (video := client.get(f"/videos/{video_id}").json())["status"] != "completed":
            if video["status"] == "failed" or time.monotonic() > deadline:
                raise SystemExit(f"a film was not made: {video}")
            time.sleep(0.2)


def _all(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True, "last_id": None}
    while page["has_more"]:
        after = {"after": page["last_id"]} if page["last_id"] else {}
        page = client.get("/videos", params={"limit": "100", **after}).json()
        found += page["data"]
    return found


def _percentiles(name: str, took: Sequence[float], wanted: float | None = None) -> list[Figure]:
    cuts = quantiles(took, n=100)
    return [
        Figure(name=f"{name}, half of them within", value=1000 * cuts[49], unit="ms"),
        Figure(name=f"{name}, 99 of 100 within", value=1000 * cuts[98], unit="ms", wanted=wanted),
    ]


def tell(figures: list[Figure]) -> list[Figure]:
    """Print them, and give them back."""
    for one in figures:
        bound = "" if one.wanted is None else f"  {'ok' if one.good else 'NO'}, at most {one.wanted:g}"
        print(f"{one.name:<64}  {one.value:>9.1f} {one.unit:<3}{bound}".rstrip(), flush=True)
    return figures


def _attacks(asked: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []
    for name in ATTACKS if asked.attack == "all" else (asked.attack,):
        figures += tell(attacked(name, float(asked.seconds or 60)))
    return figures


def _figures(asked: argparse.Namespace) -> list[Figure]:
    figures: list[Figure] = []
    with served(workers=0) as running:
        figures += tell(queueing(asked.jobs, asked.clients, running))
        figures += tell(remembering(asked.requests, running))
    if asked.films:
        figures += tell(making(asked.films, asked.steps, asked.seconds or "4"))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, default in (("jobs", 1000), ("clients", 50), ("requests", 10_000), ("films", 1), ("steps", 20)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N")
    parser.add_argument("--seconds", help="of each film, 4 by default and at least; of an attack, 60 by default")
    parser.add_argument("--attack", choices=[*ATTACKS, "all"], help="how another key fares meanwhile")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve is not None:
        serve(asked.serve)
        return 0
    if asked.plain:
        plainly(asked.steps, float(asked.seconds))
        return 0
    figures = _attacks(asked) if asked.attack else _figures(asked)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps([asdict(one) for one in figures], indent=2) + "\n", encoding="utf-8")
    return 0 if all(one.good for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
