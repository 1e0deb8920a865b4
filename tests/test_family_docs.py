"""docs/adding-a-family.md is applied to a copy of the sources: two files, a film, and its place in every list."""

import re
import shutil
from pathlib import Path

from tests import pages
from tests.test_house import is_tested

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-family.md").read_text(encoding="utf-8")
LISTED = """
import contextlib, io, runpy
from yozora.cli import app

with contextlib.redirect_stdout(io.StringIO()) as said:
    app(["models"], standalone_mode=False)
    app(["models", "pebble"], standalone_mode=False)
    app(["models", weights], standalone_mode=False)
    app(["models", "pebble", "--json"], standalone_mode=False)
assert said.getvalue().count("pebble: sixteen channels") == 2
script = runpy.run_path({script!r})
rows = [line for line in script["section"]() if "`pebble`" in line]
assert len(rows) == 1
"""
WITHOUT_FIGURES = """
assert "nothing states how much memory it needs" in said.getvalue()
assert '"memory_bytes": null' in said.getvalue()
assert rows[0].endswith("| none | not stated | none |")
"""


def inside(text: str, code: str) -> str:
    """The fields of FAMILY that the code gives; that of the sizes is left out."""
    text = re.sub(r'^    sized=.*\n', "", text, flags=re.MULTILINE)
    return pages.replaced(text, code)


def test_the_family_on_the_page_is_two_files_and_makes_a_film(toy_folder: Path, tmp_path: Path) -> None:
    blocks = pages.blocks(PAGE)
    edits, code = [each for each in blocks if each[0]], "\n".join(code for place, code in blocks if not place)
    assert (len(edits), len(blocks)) == (4, 6)
    folder = pages.copied(tmp_path / "copy")
    weights = tmp_path / "stones"
    weights.mkdir()
    for path in toy_folder.glob("*.safetensors"):
        shutil.copy(path, weights / f"pebble-{path.name}")
    listed = LISTED.format(script=str(ROOT / "scripts" / "models_docs.py"))
    assert pages.files_of(edits[:2]) == {"src/yozora/families/pebble.py", "src/yozora/families/__init__.py"}
    for place, edit in edits[:2]:
        pages.write(folder, place, edit, {"": pages.replaced})
    pages.ran(folder, code + listed, weights)
    for place, edit in edits[2:]:  # models of its own, whose sizes nothing states
        pages.write(folder, place, edit, {"in FAMILY": inside})
    pages.ran(folder, code + listed + WITHOUT_FIGURES, weights, house=False)


def test_one_test_file_is_enough() -> None:
    tests = {"families/test_pebble.py"}
    assert is_tested("families/pebble.py", tests)
    assert is_tested("families/pebble_parts.py", tests)
