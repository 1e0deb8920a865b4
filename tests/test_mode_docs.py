"""docs/adding-a-mode.md is applied to a copy of the sources: two files, and the mode is everywhere."""

import re
from pathlib import Path

from tests.page_edits import ROOT, edited, run_python

PAGE = (ROOT / "docs" / "adding-a-mode.md").read_text(encoding="utf-8")
FILES = ["src/yozora/core/modes.py", "src/yozora/core/painters/sequel.py"]  # all that adding a mode touches
EVERYWHERE = """
import contextlib, inspect, io
from yozora.cli import app
from yozora.server.http.app import document
from yozora.mcp.tools import TOOLS

assert list(inspect.signature(yozora.sequel).parameters) == ["source", "prompt", "seconds", "device", "choices"]
assert "/v1/videos/sequels" in document()["paths"]
assert any("sequel" in name for name in TOOLS)
for command in (["sequel", "--help"], ["--help"]):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        app(command, standalone_mode=False)
    assert "Start a new shot from the last frame of a clip." in " ".join(said.getvalue().split())
"""


def test_the_mode_on_the_page_is_two_files_and_is_everywhere(toy_folder: Path, tmp_path: Path) -> None:
    assert edited(PAGE, tmp_path, tests=()) == FILES
    failure = run_python(tmp_path, EVERYWHERE, toy_folder)
    assert not failure, failure


def test_what_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:src|tests|scripts)/\S+?\.py)`", PAGE):
        assert (ROOT / name).is_file() or name in FILES, name
    assert "MORE: dict" in (ROOT / "tests" / "test_api.py").read_text(encoding="utf-8")
    assert "\nOWN" in (ROOT / "tests" / "core" / "test_order.py").read_text(encoding="utf-8")
