"""docs/adding-a-mode.md is applied to a copy of the sources: two files, and the mode is everywhere."""

import re
import textwrap
from pathlib import Path

from tests import pages

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-mode.md").read_text(encoding="utf-8")
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

def above(text: str, code: str) -> str:
    """The imports go to the others, the rest above MODES."""
    imports = "".join(re.findall(r"^from .*\n", code, flags=re.MULTILINE))
    rest = code.replace(imports, "").strip("\n")
    first, found = text.index("from yozora.core import"), text.index("MODES: dict")
    return f"{text[:first]}{imports}{text[first:found]}{rest}\n\n\n{text[found:]}"


def last(text: str, code: str) -> str:
    """Behind the last entry of MODES."""
    end = text.index("\n    )\n}", text.index("MODES: dict"))
    return text[:end] + "\n" + textwrap.indent(code.rstrip("\n"), 8 * " ") + text[end:]


def test_the_mode_on_the_page_is_two_files_and_is_everywhere(toy_folder: Path, tmp_path: Path) -> None:
    blocks = pages.blocks(PAGE)
    edits, code = [each for each in blocks if each[0]], "\n".join(code for place, code in blocks if not place)
    assert (len(edits), len(blocks)) == (3, 6)
    assert pages.files_of(edits) == {"src/yozora/core/modes.py", "src/yozora/core/painters/sequel.py"}
    folder = pages.copied(tmp_path / "copy")
    for place, edit in edits:
        pages.write(folder, place, edit, {"above MODES": above, "last in MODES": last})
    pages.ran(folder, code + EVERYWHERE, toy_folder)


def test_what_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:src|tests|scripts)/\S+?\.py)`", PAGE):
        assert (ROOT / name).is_file() or name in pages.files_of(pages.blocks(PAGE)), name
    assert "MORE: dict" in (ROOT / "tests" / "test_api.py").read_text(encoding="utf-8")
    assert "\nOWN" in (ROOT / "tests" / "core" / "test_order.py").read_text(encoding="utf-8")
