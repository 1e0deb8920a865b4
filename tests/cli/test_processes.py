"""The command as a process: stopped, out of room, at a terminal, from a cold start."""

import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.running import UNMARKED, Done, one_line

from yozora import media

YOZORA = [sys.executable, "-m", "yozora"]
TOY = """
import os
from dataclasses import replace
from pathlib import Path
from yozora.families import presets
toy = replace(presets.PRESETS["mini"], folder=Path(os.environ["TOY"]), sizes=((64, 64),), seconds=0.3, steps=3)
presets.PRESETS = {"mini": toy}
from yozora.cli import main
main()
"""
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Runs a command and prints its seconds and, on Linux, KiB. Between, since a child begins with its parent's peak."""


@pytest.fixture
def environment(toy_folder: Path) -> dict[str, str]:
    return {**os.environ, "TOY": str(toy_folder), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error", "COLUMNS": "100"}


def process(*arguments: str, cwd: Path | None = None) -> Done:
    """The command in a process of its own."""
    return subprocess.run([*YOZORA, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300)


def test_a_terminal_is_no_prompt(environment: dict[str, str], tmp_path: Path) -> None:
    screen, inside = pty.openpty()
    command = [sys.executable, "-c", TOY, "generate", "-"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, stdin=inside
    )
    os.close(screen), os.close(inside)
    assert "that is a terminal" in one_line(done)


def test_a_full_disk_is_one_line_and_leaves_no_partial_file(environment: dict[str, str], tmp_path: Path) -> None:
    """A limit on the size of files stands in for the end of the disk: the same write fails half-way."""
    environment |= UNMARKED
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (900, resource.RLIM_INFINITY))" + TOY
    command = [sys.executable, "-c", code, "generate", "a car"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert "Cannot write" in one_line(done)
    assert list(tmp_path.iterdir()) == []


def read_screen(screen: int) -> bytes:
    """What a terminal shows next; nothing once its program has gone, which Linux reports as an error."""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_stopped_in_the_middle_leaves_nothing(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    screen, other = pty.openpty()  # a terminal, so that the bar says when the film is in the making
    command = [sys.executable, "-c", TOY, "generate", "a car", "--steps", "200", "--seconds", "4", "--size", "256x256"]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=other,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # what a shell or nohup started may ignore it
    )
    os.close(other)
    shown = b""
    with running:
        while b"denoising" not in shown and (read := read_screen(screen)):
            shown += read
        assert b"denoising" in shown, shown.decode()
        running.send_signal(number)
        started = time.monotonic()
        while read := read_screen(screen):
            shown += read
        assert running.wait(timeout=30) == code
        assert time.monotonic() - started < 10
        assert running.stdout is not None
        assert running.stdout.read() == ""
    os.close(screen)
    assert b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []


def test_help_is_quick() -> None:
    """What a busy machine gives to others is not counted."""

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert "generate" in process("--help").stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert any(seconds() < 0.7 for _ in range(5))


def test_parsing_loads_nothing_heavy() -> None:
    code = "import sys, yozora, yozora.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "av", "rich", "safetensors"} & set(done.stdout.split())


def test_help_loads_nothing_heavy() -> None:
    run = "from yozora.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    code = f"import sys; sys.argv = ['yozora', 'generate', '--help']\n{run}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"torch", "numpy", "av", "PIL", "safetensors", "yozora.media", "yozora.world"} & loaded


def test_a_film_takes_at_most_15_seconds_and_2_gb(tmp_path: Path) -> None:
    """From a cold start to the file, with defaults; the better of two, and not counting what a busy machine gives to
    others."""

    def make() -> tuple[float, float]:
        started = time.monotonic()
        prompt = "a red car driving left on a city street at night in the snow"
        measured = subprocess.run(
            [sys.executable, "-c", MEASURED, *YOZORA, "generate", prompt],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            check=True,
        )
        own, kibibytes = map(float, measured.stdout.split())
        return min(time.monotonic() - started, own), kibibytes / 1e6

    seconds, gigabytes = make()
    if seconds > 15:
        seconds, gigabytes = make()
    assert seconds <= 15
    assert gigabytes <= 2
    assert media.read(tmp_path / "film.mp4").frames.shape == (33, 128, 224, 3)
