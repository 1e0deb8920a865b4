"""How an ASGI server bears clients that say nothing, or only half of it: prints a line of JSON for each attack.

    python benchmarks/edge.py                                  # our own, as `yozora serve` runs it
    python benchmarks/edge.py --server uvicorn --seconds 30    # without our limits; also hypercorn, granian

Each server runs our app with room for 1,024 files, as many systems give. The attacks: 1,010 connections that send half
of a header, and 300 that send a body byte by byte. Meanwhile somebody asks, on a new connection each time, for
/healthz.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

SERVERS: Final = ("yozora", "uvicorn", "hypercorn", "granian")
FILES: Final = 1024
HALF: Final = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: "
BODY: Final = (
    b"POST /v1/videos HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"
)
ASK: Final = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
TIMEOUT: Final = 5.0  # seconds that somebody waits for an answer
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def app() -> Any:
    """The application of an installation in a folder of its own; also what other servers import."""
    from yozora.provenance.settings import Provenance
    from yozora.server.http.app import make_app
    from yozora.server.settings import Settings

    folder = Path(os.environ["EDGE_FOLDER"])
    places = {"database": f"sqlite:///{folder / 'yozora.db'}", "storage": str(folder / "objects")}
    return make_app(Settings(**places, provenance=Provenance(folder=folder / "keys"), insecure_no_auth=True))


def serve(server: str, port: int) -> None:
    """Run one of the servers in this process."""
    from yozora.server import logs, serving
    from yozora.server.http.connections import allow_files
    from yozora.server.settings import Settings

    logs.configure()
    if server == "yozora":
        allow_files()
        bound = serving.listening("127.0.0.1", port)
        serving.Server(app(), Settings()).run(sockets=[bound])
    elif server == "uvicorn":
        import uvicorn

        uvicorn.run(app(), port=port, log_config=None, access_log=False, backlog=2048)
    elif server == "hypercorn":
        from hypercorn.asyncio import serve as run
        from hypercorn.config import Config

        asyncio.run(run(app(), Config.from_mapping(bind=f"127.0.0.1:{port}", backlog=2048)))
    else:
        from granian.constants import Interfaces
        from granian.server import Server

        Server("edge:app", port=port, interface=Interfaces.ASGI, factory=True, backlog=2048).serve()


@contextmanager
def served(server: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server in a process of its own, once it answers."""
    with tempfile.TemporaryDirectory(prefix="yozora-edge-") as folder, (Path(folder) / "log").open("wb") as log:
        told = os.environ | {
            "EDGE_FOLDER": folder,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }
        command = [sys.executable, __file__, "--serve", server, "--port", str(port)]
        process = subprocess.Popen(command, env=told, stdout=log, stderr=log, preexec_fn=_few_files)
        try:
            for _ in range(200):
                if asyncio.run(_asked(port)) is not None:
                    break
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            said = (Path(folder) / "log").read_text(errors="replace").splitlines()
            for line in [line for line in said if "connections were closed" in line][:3]:
                print(line, file=sys.stderr)


def _few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


async def attacked(port: int, head: bytes, count: int, seconds: float, *, drip: bool) -> dict[str, Any]:
    """What somebody else sees while so many connections say `head` and no more, or a byte each second."""
    async with _many(port, head, count) as streams:
        start, took, failed = time.monotonic(), [], 0
        dripping = asyncio.create_task(_drip(streams)) if drip else None
        while time.monotonic() - start < seconds:
            answered = await _asked(port)
            if answered is None:
                failed += 1
            else:
                took.append(answered)
            await asyncio.sleep(0.1)
        if dripping is not None:
            dripping.cancel()
        left = sum([await _is_open(reader) for reader, _ in streams])
    took.sort()
    p99 = took[int(0.99 * (len(took) - 1))] if took else None
    return {"asked": len(took) + failed, "failed": failed, "p99_ms": p99 and round(1000 * p99, 1), "still_open": left}


@asynccontextmanager
async def _many(port: int, head: bytes, count: int) -> AsyncIterator[list[Streams]]:
    streams = []
    for _ in range(count):
        with suppress(OSError, TimeoutError):
            stream = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), TIMEOUT)
            stream[1].write(head)
            streams.append(stream)
    try:
        yield streams
    finally:
        for _, writer in streams:
            writer.transport.abort()


async def _drip(streams: list[Streams]) -> None:
    while True:
        await asyncio.sleep(1)
        for _, writer in streams:
            if not writer.is_closing():
                writer.write(b" ")


async def _is_open(reader: asyncio.StreamReader) -> bool:
    with suppress(TimeoutError, OSError):
        await asyncio.wait_for(reader.read(4096), 0.001)
        return False
    return not reader.at_eof() and reader.exception() is None


async def _asked(port: int) -> float | None:
    """Seconds until /healthz answers; None where it does not."""
    start = time.perf_counter()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(TIMEOUT):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            answer = await reader.read()
            writer.close()
            return time.perf_counter() - start if answer.startswith(b"HTTP/1.1 200") else None
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=SERVERS, default="yozora")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
        return
    attacks = {"1,010 half heads": (HALF, 1010, False), "300 dripping bodies": (BODY, 300, True)}
    for name, (head, count, drip) in attacks.items():
        with served(given.server, given.port) as process:
            found = asyncio.run(attacked(given.port, head, count, given.seconds, drip=drip))
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        memory = int(status.split("VmRSS:")[1].split()[0]) // 1024
        print(json.dumps({"server": given.server, "attack": name, **found, "rss_mib": memory}), flush=True)


if __name__ == "__main__":
    main()
