"""docs/evaluation.md: its commands parse, it names all that is measured, and its figures are those of the files; those
of the README and of mini's card, too."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yozora.evaluate.__main__ import parser
from yozora.evaluate.modes import SUITE as MODES
from yozora.evaluate.physics.suite import SUITE as PHYSICS
from yozora.evaluate.suite import Suite
from yozora.evaluate.vbench import SUITE as VBENCH
from yozora.evaluate.verdicts import METRICS

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "evaluation_docs.py"
PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^yozora eval ?(.*)$", PAGE, flags=re.MULTILINE)
SUITES = {suite.name: suite for suite in (MODES, PHYSICS, VBENCH)}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    return runpy.run_path(str(SCRIPT))


def test_the_figures_are_those_of_the_files() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_on_the_page_parse(line: str) -> None:
    arguments = parser().parse_args(shlex.split(line))
    for name, suite in SUITES.items():
        assert suite.known(getattr(arguments, name) or ()) or not suite.parts


def test_the_commands_of_the_figures_parse(script: dict[str, Any]) -> None:
    for command in script["COMMANDS"].values():
        parser().parse_args(shlex.split(command)[2:])


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_every_part_is_explained(suite: Suite) -> None:
    first = " ".join(re.findall(r"^\| ([^|]+) \|", PAGE, flags=re.MULTILINE))
    for part in suite.parts:
        assert re.search(rf"(?<![\w-]){re.escape(part.removesuffix('-outside'))}(?![\w-])", first), part


def test_every_metric_is_explained() -> None:
    for metric in METRICS:
        assert re.search(rf"(?<![\w/]){re.escape(metric)}(?![\w/])", PAGE), metric


def test_files_become_tables(
    script: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main, pages = script["main"], {name: tmp_path / f"{name}.md" for name in ("PAGE", "README", "CARD")}
    main.__globals__.update(pages, FOLDER=tmp_path)
    marks = {"PAGE": ("figures", "languages"), "README": ("prompts", "modes", "languages"), "CARD": ("figures",)}
    for name, page in pages.items():
        parts = [f"{(mark := script['marked'](page, part)).begin}\nold\n{mark.end}\n" for part in marks[name]]
        page.write_text("\n".join(["before", *parts, "after\n"]))
    one = {"score": 0.5, "low": 0.4, "high": 0.6, "ceiling": 0.95, "chance": 0.04, "n": 80}
    found = {"class": one, "class/en": {**one, "score": 0.7}, "autoencoder/class": {**one, "score": 0.9}}
    (tmp_path / "prompts.json").write_text(json.dumps({**found, "parity/class": one}))
    spoken = {f"color/{language}": {**one, "n": 13} for language in script["FURTHER"]}
    (tmp_path / "languages.json").write_text(json.dumps({**spoken, "class/en": one}))
    (tmp_path / "modes.json").write_text(json.dumps({"ends/first psnr": one, "ends/last psnr": one, "loop/seam": one}))
    (tmp_path / "codec.json").write_text(json.dumps({"films": 100, "actors_moving": 28.04}))
    monkeypatch.setattr(sys, "argv", ["evaluation_docs.py", "--check"])
    assert main() == 1
    assert "make docs" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["evaluation_docs.py"])
    assert main() == 0
    texts = {name: page.read_text() for name, page in pages.items()}
    assert "| class | **0.50** | 0.40 to 0.60 | 0.95 | 0.90 | 0.04 | 0.70 | 80 |" in texts["PAGE"]
    assert "| actors moving | 28.04 |" in texts["PAGE"]
    assert "| films | 100 |" in texts["PAGE"]
    assert "Not measured yet. `yozora eval --physics" in texts["PAGE"]
    assert "| class | 0.50 | 0.40 to 0.60 | 0.95 | 0.04 | 80 |" in texts["README"]
    assert "| first and last frame: PSNR of both | 0.50, 0.50 dB | 0.95, 0.95 | 80 |" in texts["README"]
    for name in ("PAGE", "README"):
        assert "| color | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 | 13 |" in texts[name]
    assert "| the actor that was asked for | 0.50 | 0.95 |" in texts["CARD"]
    for text in texts.values():
        assert text.startswith("before\n")
        assert text.endswith("after\n")
        assert "parity" not in text
        assert "old" not in text
    monkeypatch.setattr(sys, "argv", ["evaluation_docs.py", "--check"])
    assert main() == 0
