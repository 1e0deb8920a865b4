"""A page of docs/ as real edits: a copy of the source is changed as the page says, and tests run on it.

A code block whose first line is `# src/...py` is an edit: a new file; `, in NAME`: lines at the end of what begins with
`NAME`; `, with the imports`: lines below the imports of yozora. All other blocks of Python run after the edits.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EDIT = re.compile(
    r"# (?P<file>src/\S+\.py)(?:, (?:in (?P<name>\w+)|(?P<imports>with the imports)))?\n(?P<lines>.*)", re.DOTALL
)
RUN = '''"""What the page shows in Python."""

import runpy
from pathlib import Path


def test_the_python_on_the_page_runs() -> None:
    runpy.run_path(str(Path(__file__).with_name("page.py")))
'''


def edited(page: str, folder: Path) -> list[str]:
    """A copy of the source and of its tests in `folder`, edited as the page says; the files that were changed."""
    assets = Path("src", "yozora", "assets")
    ignored = shutil.ignore_patterns("__pycache__", "assets")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    (folder / assets).symlink_to(ROOT / assets)
    for name in ("language", "world"):
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
