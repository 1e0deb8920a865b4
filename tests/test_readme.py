"""What the README tells people to type works, in that order, in an empty folder."""

import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from yozora.cli import app
from yozora.families.presets import Preset
from yozora.films.film import Film
from yozora.films.sheet import write_png

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SLOW = ("train", "eval", "serve")  # tests/train, tests/evaluate and tests/server run them
OPEN = ("pull", "--model", "wan2.2-ti2v-5b")  # tests/cli/test_pulling.py and tests/parity do so with toys
BOARD = """
cards:
  - {from: 0, to: 0.5, prompt: a red car in a park}
  - {from: 0.5, to: 1, prompt: a boat on the sea, transition: flow}
"""


def commands() -> list[list[str]]:
    """Every `yozora ...` line in a block of the README, split as a shell would, in order."""
    blocks = README.split("```")[1::2]
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("yozora ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_the_readme_has_commands_for_every_mode() -> None:
    from yozora.core.modes import MODES

    said = {command[0] for command in commands()}
    assert {*MODES} <= said


def test_the_commands_work(
    toy: Preset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_film: Callable[..., Film]
) -> None:
    preset = replace(toy, name="mini", sizes=((96, 64), (64, 96)), seconds=2.0, steps=2)
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": preset})
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for name in ("dog", "bird"):
        make_film(frames=33, prompt=f"a {name}").save(tmp_path / f"{name}.mp4")
    write_png(tmp_path / "first.png", make_film(frames=1).frames[0])
    (tmp_path / "board.yaml").write_text(BOARD)
    shutil.copytree(toy.folder, tmp_path / "runs" / "mini-cpu")
    for command in commands():
        if command[0] in SLOW or {*command} & {*OPEN}:
            continue
        small = ["--size", "96x64"] if "--size" in command else []
        assert not app([*command, *small], standalone_mode=False), command
    assert {"film.mp4", "dogs.yaml"} <= {path.name for path in tmp_path.iterdir()}
