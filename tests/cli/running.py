"""The command in this process, for the tests of all its parts."""

import io
import re
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from yozora.cli import main
from yozora.families import presets
from yozora.families.presets import Preset

UNMARKED = {"YOZORA_PROVENANCE_CREDENTIALS": "off", "YOZORA_PROVENANCE_WATERMARK": "off"}
Done = subprocess.CompletedProcess[str]
Yozora = Callable[..., Done]


@pytest.fixture
def yozora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yozora:
    """The command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)  # handlers are for a process of its own

    def run(*arguments: str, stdin: bytes = b"") -> Done:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr("sys.argv", ["yozora", *arguments])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are neither signed nor marked, so that equal ones have equal bytes."""
    for name, value in UNMARKED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def toy_yozora(yozora: Yozora, toy: Preset, monkeypatch: pytest.MonkeyPatch) -> Yozora:
    """The command with a toy's weights."""
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini", guidance=3.0)})
    return yozora


def notes(done: Done) -> list[str]:
    """What is told beside the line that says what will be made."""
    lines = done.stderr.splitlines()
    assert re.match(r"making \S+: \d+x\d+, \d+ frames at ", lines[0]), done.stderr
    return lines[1:]


def one_line(done: Done) -> str:
    """The one error line of a command that ended with exit code 2."""
    assert (done.returncode, done.stdout) == (2, ""), done
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("making ", "fetching "))]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def clip_of(path: Path, frames: int, color: tuple[int, int, int] = (80, 90, 120)) -> None:
    """A GIF of one colour after the other, 64x64, 16.7 frames a second."""
    pictures = [Image.new("RGB", (64, 64), (color[0] + 2 * k, *color[1:])) for k in range(frames)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=60)
