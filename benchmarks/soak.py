"""Half an hour of accidents: prints what every accepted film came to, and exits with 1 where a promise was not kept.

    python benchmarks/soak.py --minutes 30 --keys 20 --seed 0 --json build/soak.json
    python benchmarks/soak.py --minutes 2 --keys 4 --database sqlite       # a quick look

Two API processes share a database and a storage on loopback. One has the workers, and is killed and stopped; the other
is what the clients talk to, and its memory is watched. Accidents come at random, drawn from the seed: workers and the
server killed, stopped, or standing still; the database away for 3, 60 or 600 seconds; the disk full; the storage gone.
A film has ended once when its row has ended and its owner's webhook heard of exactly one event.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.server.postgres import Postgres

from yozora.server.accounts import keys
from yozora.server.store import tables
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import migrate

OPEN = 2  # films of a key that are asked for and not over
ASKED_SECONDS = 2.0  # between two looks of a client at its films
REQUEST_SECONDS = 45.0  # a request that takes longer has hung; SQLite itself waits up to 30
SETTLE_SECONDS = 900.0  # that films get to end after the last accident
WARM, MORE_MIB = 300.0, 16.0  # memory is compared with that at five minutes
DISK = 512 << 20  # bytes
GAPS = (10.0, 40.0)  # seconds between two accidents


@dataclass(slots=True, kw_only=True, eq=False)
class Site:
    """One installation: a folder, its database, its disk, and two API processes, one with workers."""

    folder: Path
    config: Path
    postgres: Postgres | None
    objects: Path
    workers: int
    server: "subprocess.Popen[bytes] | None" = None
    front: "subprocess.Popen[bytes] | None" = None
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """The server with the workers."""
        self.server = self._serve(self.workers, "server")[0]

    def open(self) -> None:
        """The API that clients talk to."""
        self.front, self.url = self._serve(0, "front")

    def _serve(self, workers: int, name: str) -> "tuple[subprocess.Popen[bytes], str]":
        log = self.folder / f"{name}.log"
        command = [sys.executable, "-u", "-m", "yozora", "serve", "--port", "0", "--config", str(self.config)]
        with log.open("ab") as said:
            start = said.tell()
            process = subprocess.Popen([*command, "--workers", str(workers)], stdout=said, stderr=said)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            for line in log.read_text(errors="replace")[start:].splitlines():
                if "Videos API at " in line:
                    return process, line.split("Videos API at ")[1].strip()
            time.sleep(0.1)
        raise SystemExit(f"the server did not start, see {log}")

    @property
    def resident(self) -> float:
        """Memory of the API that clients talk to, in MiB."""
        assert self.front is not None
        status = Path(f"/proc/{self.front.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def crew(self) -> list[int]:
        """Process ids of the workers."""
        assert self.server is not None
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in children.read_text().split()]
        return []

    def close(self) -> None:
        for process in (self.front, self.server):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(120)
                process.kill()


@contextmanager
def site(arguments: argparse.Namespace) -> Iterator[Site]:
    """An installation on a small disk of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yozora-soak-")))
        disk = folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk], check=True)
        stack.callback(subprocess.run, ["umount", "-l", disk])
        postgres, url = None, f"sqlite:///{disk / 'yozora.db'}"
        if arguments.database == "postgres":
            postgres = Postgres(_free_port())
            stack.callback(postgres.remove)
            postgres.start()
            while not postgres.ready():
                time.sleep(0.2)
            url = f"{postgres.url}/postgres"
        config = folder / "server.toml"
        said = [f'database = "{url}"', f'storage = "{disk / "objects"}"', "private_webhooks = true"]
        config.write_text("\n".join([*said, "[limits]", "queued = 50"]))
        os.environ["YOZORA_HOME"] = str(folder / "home")
        made = Site(
            folder=folder, config=config, postgres=postgres, objects=disk / "objects", workers=arguments.workers
        )
        migrate(url)
        stack.callback(made.close)
        yield made


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as probe:
        return int(probe.server_port)


class Events(BaseHTTPRequestHandler):
    """The webhook of every key. One in ten deliveries is refused, and has to come again."""

    events: ClassVar[defaultdict[str, set[str]]] = defaultdict(set)  # video -> ids of events
    count = 0

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).count += 1
        refused = self.count % 10 == 0
        if not refused:
            self.events[said["data"]["id"]].add(said["id"])
        self.send_response(503 if refused else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the clients met."""

    accepted: dict[str, str] = field(default_factory=dict)  # video -> key
    deleted: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0  # seconds of the slowest request
    hung: int = 0
    lied: int = 0  # refusals that may be repeated, without saying when


async def client(number: int, site: Site, secret: str, seed: int, stop: threading.Event, seen: Seen) -> None:
    """One key's program: it makes films, asks for them, and sometimes cancels or deletes one."""
    draw, going = random.Random(f"{seed} {number}"), set[str]()
    head = {"authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=site.url, headers=head, timeout=REQUEST_SECONDS) as http:
        await _ask(http, seen, "POST", "/webhooks", json={"url": f"http://127.0.0.1:{site_port(site)}/", **WANTED})
        while not stop.is_set() or going:
            if len(going) < OPEN and not stop.is_set():
                body = {"prompt": "a red car", "seconds": 1, "size": "224x128", "steps": 2, "seed": draw.randrange(99)}
                key = {"idempotency-key": f"{number}-{draw.random()}"}
                made = await _ask(http, seen, "POST", "/videos", json=body, headers=key)
                if made is not None:
                    going.add(made["id"])
                    seen.accepted[made["id"]] = secret
            for video in sorted(going):
                row = await _ask(http, seen, "GET", f"/videos/{video}")
                if row is not None and row["status"] in ("completed", "failed"):
                    going.discard(video)
                elif draw.random() < 0.01:
                    await _ask(http, seen, "POST", f"/videos/{video}/cancel")
                elif draw.random() < 0.01 and await _ask(http, seen, "DELETE", f"/videos/{video}") is not None:
                    seen.deleted.add(video)
                    going.discard(video)
            await asyncio.sleep(ASKED_SECONDS * (0.5 + draw.random()))


WANTED = {"name": "soak", "event_types": ["video.completed", "video.failed"]}
PORTS: dict[int, int] = {}


def site_port(site: Site) -> int:
    """Where the webhooks of a site's keys are."""
    return PORTS[id(site)]


async def _ask(http: httpx.AsyncClient, seen: Seen, method: str, path: str, **said: Any) -> dict[str, Any] | None:
    """The answer, asked for again as long as that is said to help; None where it was refused for good."""
    for _ in range(400):
        start = time.monotonic()
        try:
            answer = await http.request(method, path, **said)
        except httpx.TimeoutException:
            seen.hung += 1
            continue
        except httpx.TransportError:
            seen.statuses["no connection"] += 1
            await asyncio.sleep(1)
            continue
        seen.slowest = max(seen.slowest, time.monotonic() - start)
        seen.statuses[str(answer.status_code)] += 1
        if answer.status_code == 200:
            found: dict[str, Any] = answer.json()
            return found
        if answer.status_code == 404:
            return None
        if answer.status_code == 503 or answer.status_code == 429:
            seen.lied += "retry-after" not in answer.headers and answer.headers.get("x-should-retry") != "false"
        await asyncio.sleep(float(answer.headers.get("retry-after", 2)))
    return None


def accidents(site: Site, draw: random.Random, longest: float) -> dict[str, Callable[[], None]]:
    """What can happen, by name. Each is over when its function returns."""

    def kill_worker() -> None:
        for pid in site.crew()[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def freeze_worker() -> None:
        for pid in site.crew()[-1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def kill_server() -> None:
        assert site.server is not None
        site.server.kill()
        site.server.wait()
        site.start()

    def stop_server() -> None:
        assert site.server is not None
        site.server.send_signal(signal.SIGTERM)
        site.server.wait(120)
        site.start()

    def database_away() -> None:
        seconds = min(draw.choice((3.0, 3.0, 60.0)), longest)
        away(seconds)

    def away(seconds: float) -> None:
        print(f"    for {seconds:g} s", flush=True)
        if site.postgres is not None:
            site.postgres.stop()
            time.sleep(seconds)
            site.postgres.start()
            while not site.postgres.ready():
                time.sleep(0.2)
        else:
            import sqlite3

            other = sqlite3.connect(site.folder / "disk" / "yozora.db", isolation_level=None, timeout=60)
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            other.close()

    def long_outage() -> None:
        away(min(600.0, longest))

    def disk_full() -> None:
        path = site.objects.parent / "filler"
        with suppress(OSError), path.open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
                file.flush()
        time.sleep(min(draw.choice((5.0, 30.0, 60.0)), longest))
        path.unlink()

    def storage_gone() -> None:
        hidden = site.objects.with_name("hidden")
        site.objects.rename(hidden)
        time.sleep(min(draw.choice((3.0, 20.0)), longest))
        hidden.rename(site.objects)

    found = (kill_worker, freeze_worker, kill_server, stop_server, database_away, disk_full, storage_gone, long_outage)
    return {one.__name__: one for one in found}


def wreck(site: Site, seed: int, seconds: float) -> list[str]:
    """Accidents until the time is over; which they were."""
    draw, end, done = random.Random(seed), time.monotonic() + seconds, list[str]()
    known = accidents(site, draw, longest=seconds / 3)
    once = known.pop("long_outage")
    at = time.monotonic() + seconds / 3
    while time.monotonic() < end:
        time.sleep(min(draw.uniform(*GAPS), max(0.0, end - time.monotonic())))
        if time.monotonic() > at:
            name, act, at = "long_outage", once, float("inf")
        else:
            name = draw.choice(sorted(known))
            act = known[name]
        print(f"{seconds - (end - time.monotonic()):6.0f} s  {name}", flush=True)
        act()
        done.append(name)
    return done


def watch(site: Site, stop: threading.Event, memory: list[tuple[float, float]]) -> None:
    start = time.monotonic()
    while not stop.wait(5):
        memory.append((time.monotonic() - start, site.resident))


def soak(arguments: argparse.Namespace) -> dict[str, Any]:
    """All of it; what was seen."""
    with site(arguments) as here, ThreadingHTTPServer(("127.0.0.1", 0), Events) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        PORTS[id(here)] = receiver.server_port
        url = next(line for line in here.config.read_text().splitlines() if line.startswith("database"))
        database = open_database(url.split('"')[1])
        secrets = [keys.create(database, f"key {number}")[1] for number in range(arguments.keys)]
        here.start()
        here.open()
        seen, stop, memory = Seen(), threading.Event(), list[tuple[float, float]]()

        async def clients() -> None:
            await asyncio.gather(
                *(client(n, here, secret, arguments.seed, stop, seen) for n, secret in enumerate(secrets))
            )

        program = threading.Thread(target=lambda: asyncio.run(clients()), daemon=True)
        over = threading.Event()
        threading.Thread(target=watch, args=(here, over, memory), daemon=True).start()
        program.start()
        happened = wreck(here, arguments.seed, 60 * arguments.minutes)
        stop.set()
        program.join(SETTLE_SECONDS)
        wanted = seen.accepted.keys() - seen.deleted
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and any(not Events.events[video] for video in wanted):
            time.sleep(1)
        over.set()
        with database.read() as connection:
            rows = {row.id: row for row in connection.execute(sa.select(tables.videos))}
            used = Counter(connection.execute(sa.select(tables.usage.c.video)).scalars())
        database.close()
        receiver.shutdown()
        return report(seen, rows, used, happened, memory)


def report(
    seen: Seen, rows: dict[str, Any], used: Counter[str], happened: list[str], memory: list[tuple[float, float]]
) -> dict[str, Any]:
    """The figures, and which promises were not kept."""
    wanted = seen.accepted.keys() - seen.deleted
    ended = Counter(
        "lost" if row is None else row.error_code or row.status for row in (rows.get(video) for video in wanted)
    )
    early = [mib for at, mib in memory if at >= min(WARM, memory[-1][0] / 2)]
    broken = {
        "films that were lost": ended["lost"] + ended["queued"] + ended["in_progress"],
        "films without exactly one event": sum(len(Events.events[video]) != 1 for video in wanted),
        "films without exactly one row of usage": sum(used[video] != 1 for video in wanted),
        "requests that hung": seen.hung,
        "refusals that do not say when to ask again": seen.lied,
        "MiB of memory above the bound": max(0.0, memory[-1][1] - early[0] - MORE_MIB),
    }
    return {
        "accepted": len(seen.accepted),
        "deleted": len(seen.deleted),
        "ended": dict(ended),
        "answers": dict(seen.statuses),
        "accidents": dict(Counter(happened)),
        "slowest request, seconds": round(seen.slowest, 2),
        "memory, MiB": {"first": round(early[0], 1), "last": round(memory[-1][1], 1)},
        "broken": {name: count for name, count in broken.items() if count},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = soak(arguments)
    print(json.dumps(found, indent=2))
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    return bool(found["broken"])


if __name__ == "__main__":
    sys.exit(main())
