"""A page of docs/ as real edits: a copy of the source is changed as the page says, and tests run on it.

A code block whose first line is `# src/...py` is an edit: a new file; `, in NAME`: lines at the end of what begins with
`NAME`; `, above NAME`: lines before it; `, with the imports`: lines below the imports of yozora. All other blocks of
Python run after the edits.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
EDIT = re.compile(
    r"# (?P<file>src/\S+\.py)"
    r"(?:, (?:in (?P<name>\w+)|above (?P<below>\w+)|(?P<imports>with the imports)))?\n(?P<lines>.*)",
    re.DOTALL,
)
HOUSE = (
    "test_a_mode_is_spelled_in_four_files_at_most",
    "test_no_function_has_more_than_eight_arguments",
    "test_a_class_is_defined_once",
    "test_a_private_helper_has_its_name_in_at_most_two_modules",
    "test_files_have_at_most_400_lines",
    "test_functions_have_at_most_40_lines",
)
"""Tests of `test_house` that hold for a copy too."""
CHECKED = """
from pathlib import Path
from tests import test_house
import yozora

assert Path(yozora.__file__).is_relative_to(Path.cwd())
test_house.ROOT = Path.cwd().parent
found = list(test_house.sources())  # read once
test_house.sources = lambda: found
for name in {names!r}:
    getattr(test_house, name)()
"""
RUN = '''"""What the page shows in Python."""

import runpy
from pathlib import Path


def test_the_python_on_the_page_runs() -> None:
    runpy.run_path(str(Path(__file__).with_name("page.py")))
'''


def edited(page: str, folder: Path, tests: Sequence[str] = ("language", "world")) -> list[str]:
    """A copy of the source and of its tests in `folder`, edited as the page says; the files that were changed."""
    assets = Path("src", "yozora", "assets")
    ignored = shutil.ignore_patterns("__pycache__", "assets")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    (folder / assets).symlink_to(ROOT / assets)
    (folder / "tests").mkdir()
    for name in tests:
        shutil.copytree(ROOT / "tests" / name, folder / "tests" / name, ignore=ignored)
    for name in ("tests/__init__.py", "tests/conftest.py", "tests/quiet.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    changed, shown = [], []
    for snippet in re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL):
        edit = EDIT.fullmatch(snippet)
        if edit is None:
            shown.append(snippet)
            continue
        file = folder / edit["file"]
        file.write_text(_with_lines(file.read_text("utf-8") if file.exists() else "", edit), encoding="utf-8")
        changed.append(edit["file"])
    (folder / "tests" / "page.py").write_text("\n\n".join(shown), encoding="utf-8")
    (folder / "tests" / "test_page.py").write_text(RUN, encoding="utf-8")
    return list(dict.fromkeys(changed))


def _with_lines(text: str, edit: re.Match[str]) -> str:
    """A source with the lines of an edit."""
    if edit["imports"]:
        last = list(re.finditer(r"^from yozora.*\n", text, flags=re.MULTILINE))[-1]
        return text[: last.end()] + edit["lines"] + text[last.end() :]
    if edit["below"]:
        above, found, below = text.partition(f"\n{edit['below']}: ")
        assert found, edit["below"]
        return above + edit["lines"].rstrip("\n") + "\n\n" + found + below
    if not edit["name"]:
        assert text == "", f"{edit['file']} is there already"
        return edit["lines"]
    begun = re.search(
        rf"^(?P<space> *){edit['name']}\b[^\n]*[{{(]\n.*?(?=^(?P=space)[}})])", text, re.MULTILINE | re.DOTALL
    )
    assert begun is not None, edit["name"]
    return text[: begun.end()] + edit["lines"] + text[begun.end() :]


def run(folder: Path, *tests: str) -> str:
    """The last lines of pytest on the copy; empty where all tests pass."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(folder / "src"), str(folder))),
        "OMP_NUM_THREADS": "1",
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *tests,
        "tests/test_page.py",
    ]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return "" if done.returncode == 0 else done.stdout[-6000:] + done.stderr[-2000:]


def run_python(folder: Path, code: str, weights: Path, *, house: bool = True) -> str:
    """What the page shows and then some code, in a process with the copy and all tests, where `weights` is the name of
    a folder; then the rules of the house. The last lines of an error; empty where all is well.
    """
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (folder / "src", ROOT, ROOT / "scripts"))),
        "YOZORA_HOME": str(folder / "home"),
        "OMP_NUM_THREADS": "1",
    }
    shown = (folder / "tests" / "page.py").read_text(encoding="utf-8")
    script = f"weights = {str(weights)!r}\n{shown}\n{code}\n{CHECKED.format(names=HOUSE) if house else ''}"
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=folder / "src", env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return "" if done.returncode == 0 else done.stderr[-3000:]
