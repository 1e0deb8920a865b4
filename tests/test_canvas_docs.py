"""docs/canvas.md: its pictures are what the code paints, its commands parse and its Python runs."""

import re
import runpy
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import typer

from yozora.cli import UsageError, app
from yozora.core.modes import MODES

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "canvas_pictures.py"
PAGE = (ROOT / "docs" / "canvas.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]}
COMMANDS = re.findall(r"^yozora (.+)$", PAGE, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def squares(picture: str, look: str) -> int:
    """How many squares of a picture look so."""
    paths = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}path")
    return sum(path.get("d", "").count("M") for path in paths if path.get("class") == look)


def test_the_pictures_are_what_the_code_paints() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_picture_that_is_stale_or_of_nothing_is_named(
    script: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main = script["main"]
    main.__globals__["FOLDER"] = tmp_path
    monkeypatch.setattr(sys, "argv", ["canvas_pictures.py"])
    assert main() == 0
    (tmp_path / "loop.svg").write_text("<svg/>")
    (tmp_path / "gone.svg").write_text("<svg/>")
    monkeypatch.setattr(sys, "argv", ["canvas_pictures.py", "--check"])
    assert main() == 1
    assert "gone.svg, loop.svg" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["canvas_pictures.py"])
    assert main() == 0
    assert not (tmp_path / "gone.svg").exists()
    assert (tmp_path / "loop.svg").read_text() == (ROOT / "docs" / "canvas" / "loop.svg").read_text()


def test_every_token_of_every_mode_is_drawn_once(script: dict[str, Any]) -> None:
    drawn = script["pictures"]()
    for mode, cases in script["modes"]().items():
        strengths = [s for case in cases for shot in case.shots for s in shot.canvas.strength_N.tolist()]
        shown = {look: squares(drawn[f"{mode}.svg"], look) for look in ("kept", "part", "free")}
        legend = 1  # of what is invented
        assert shown == {
            "kept": strengths.count(0),
            "part": sum(0 < s < 1 for s in strengths),
            "free": strengths.count(1) + legend,
        }, mode


def test_every_mode_has_a_section_and_a_picture(script: dict[str, Any]) -> None:
    assert list(SECTIONS) == [*MODES, "character"] == list(script["modes"]())
    for mode, section in SECTIONS.items():
        assert f"](canvas/{mode}.svg)" in section, mode


def test_every_picture_is_on_the_page_and_the_page_shows_no_other() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(canvas/(\w+\.svg)\)", PAGE)
    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs" / "canvas").iterdir())
    for target in re.findall(r"\]\(([\w./]+\.\w+)\)", PAGE):
        assert (ROOT / "docs" / target).is_file(), target


def test_the_python_on_the_page_runs() -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 6
    exec(compile("\n\n".join(snippets), "docs/canvas.md", "exec"), {"__name__": "page"})


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_on_the_page_parse(line: str) -> None:
    parse(typer.main.get_command(app), shlex.split(line))


def test_a_command_that_is_not_there_does_not_parse() -> None:
    with pytest.raises(UsageError, match="No such option"):
        parse(typer.main.get_command(app), ["remix", "clip.mp4", "a car", "--much"])


def parse(command: Any, words: list[str], context: Any = None) -> None:
    """What the command line does with its words, short of doing what they say."""
    if not hasattr(command, "resolve_command"):
        command.make_context(command.name, words, parent=context)
        return
    context = command.make_context(command.name, [*words], parent=context, resilient_parsing=True)
    _, inner, rest = command.resolve_command(context, words)
    parse(inner, rest, context)
