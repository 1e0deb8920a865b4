"""docs/adding-a-family.md is applied to a copy of the sources: two files, a film, and its place in every list."""

import re
import shutil
from pathlib import Path

from tests.page_edits import ROOT, edited, run_python
from tests.test_house import is_tested

PAGE = (ROOT / "docs" / "adding-a-family.md").read_text(encoding="utf-8")
FILES = ["src/yozora/families/pebble.py", "src/yozora/families/__init__.py"]  # all that adding a family touches
LISTED = """
import contextlib, io
import models_docs
from yozora.cli import app

with contextlib.redirect_stdout(io.StringIO()) as said:
    app(["models"], standalone_mode=False)
    app(["models", "pebble"], standalone_mode=False)
    app(["models", weights], standalone_mode=False)
    app(["models", "pebble", "--json"], standalone_mode=False)
assert said.getvalue().count("pebble: sixteen channels") == 2
rows = [line for line in models_docs.section() if "`pebble`" in line]
assert len(rows) == 1
"""
WITHOUT_FIGURES = """
assert "nothing states how much memory it needs" in said.getvalue()
assert '"memory_bytes": null' in said.getvalue()
assert rows[0].endswith("| none | not stated | none |")
"""


def test_the_family_on_the_page_is_two_files_and_makes_a_film(toy_folder: Path, tmp_path: Path) -> None:
    folder, weights = tmp_path / "copy", tmp_path / "stones"
    weights.mkdir()
    for path in toy_folder.glob("*.safetensors"):
        shutil.copy(path, weights / f"pebble-{path.name}")
    first, parts = PAGE.split("## 4. Models of another kind")
    assert edited(first, folder, tests=()) == FILES
    failure = run_python(folder, LISTED, weights)
    assert not failure, failure
    own = re.search(r"^# (src/\S+\.py)\n(.*?)^```", parts, flags=re.MULTILINE | re.DOTALL)
    built = re.search(r'`built` becomes `(".*")`. Leave out `sized`', parts)
    assert own is not None
    assert built is not None
    (folder / own[1]).write_text(own[2], encoding="utf-8")
    file = folder / FILES[0]
    changed = re.sub(
        r"^    built=.*\n    sized=.*\n", f"    built={built[1]},\n", file.read_text("utf-8"), flags=re.MULTILINE
    )
    file.write_text(changed, encoding="utf-8")
    failure = run_python(folder, LISTED + WITHOUT_FIGURES, weights, house=False)
    assert not failure, failure


def test_one_test_file_is_enough() -> None:
    tests = {"families/test_pebble.py"}
    assert is_tested("families/pebble.py", tests)
    assert is_tested("families/pebble_parts.py", tests)
