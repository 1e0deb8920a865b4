"""Yozora by its ways in alone, the command line and HTTP: what an installation of any version understands."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

TIMEOUT = 240.0  # seconds: the machine may be busy
SETTINGS = "server.toml"  # in the folder of an installation; `home` is its YOZORA_HOME


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs; `client` sends a key with each request."""

    client: httpx.Client

    def get(self, path: str) -> Any:
        """The JSON at a path of the API."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def post(self, path: str, **said: Any) -> dict[str, Any]:
        """The JSON that is answered to a POST: `json=`, `data=`, `files=` and `headers=` as httpx has them."""
        answer = self.client.post(path, **said)
        assert answer.status_code == 200, (path, said, answer.text)
        return dict(answer.json())

    def ended(self, video: str) -> dict[str, Any]:
        """A video as soon as it is completed or has failed."""

        def over() -> dict[str, Any] | None:
            found = self.get(f"/videos/{video}?wait=1")
            return dict(found) if found["status"] in ("completed", "failed") else None

        return dict(until(over, f"the video {video}"))


def until(found: Callable[[], Any], what: str) -> Any:
    """What `found` gives as soon as it gives something."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited {TIMEOUT:g} seconds for {what}")


def environment(folder: Path) -> dict[str, str]:
    """The environment of an installation's processes."""
    said = {"YOZORA_HOME": str(folder / "home"), "YOZORA_CONFIG": SETTINGS, "OMP_NUM_THREADS": "1"}
    return {**os.environ, **said}


def yozora(folder: Path, *arguments: str) -> str:
    """What a command prints to stdout; it has to succeed."""
    command = [sys.executable, "-m", "yozora", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


@contextmanager
def served(folder: Path, key: str, *arguments: str) -> Iterator[Server]:
    """`yozora serve` with an installation's settings, on any free port, until the end of the block."""
    log = folder / "log.txt"
    command = [sys.executable, "-u", "-m", "yozora", "serve", "--port", "0", *arguments]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=out, stderr=out)
    mark = "Videos API at "

    def listening() -> str | None:
        assert process.poll() is None, log.read_text()
        found = [line.split(mark)[1] for line in log.read_text().splitlines() if mark in line]
        return found[0] if found else None

    try:
        url = until(listening, "the server")
        with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=TIMEOUT) as client:
            yield Server(client=client)
        process.terminate()
        assert process.wait(TIMEOUT) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
