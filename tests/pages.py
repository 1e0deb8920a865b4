"""Pages that say how something is added: their code is written into a copy of the sources, where the page says.

A block of Python whose first line is a comment with a path is an edit; the others are run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
from yozora.cli import main
import yozora

assert Path(yozora.__file__).is_relative_to(Path.cwd())
test_house.ROOT = Path.cwd()
found = list(test_house.sources())  # read once
test_house.sources = lambda: found
for name in {names!r}:
    getattr(test_house, name)()
"""


def blocks(page: str) -> list[tuple[str, str]]:
    """Each block of Python: the comment in its first line, where that names a file of the sources, and the rest."""
    found = re.findall(r"^```python\n(?:# (src/\S+\.py[^\n]*)\n)?(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    return [(place, code) for place, code in found]


def files_of(edits: Iterable[tuple[str, str]]) -> set[str]:
    """The files that edits touch."""
    return {place.partition(",")[0] for place, _ in edits if place}


def copied(folder: Path) -> Path:
    """A copy of the sources; weights are shared."""
    source = ROOT / "src" / "yozora"
    shutil.copytree(source, folder / "src" / "yozora", ignore=shutil.ignore_patterns("assets", "__pycache__"))
    (folder / "src" / "yozora" / "assets").symlink_to(source / "assets")
    return folder


def write(folder: Path, place: str, code: str, how: Mapping[str, Callable[[str, str], str]]) -> None:
    """One edit: a new file, or a change of one that is there; `how` says which change a remark behind its path is."""
    file, _, remark = place.partition(", ")
    path = folder / file
    if not remark and not path.exists():
        path.write_text(code.lstrip("\n"), encoding="utf-8")
        return
    changed = how[remark](path.read_text(encoding="utf-8"), code)
    path.write_text(changed, encoding="utf-8")


def replaced(text: str, code: str) -> str:
    """Lines that begin as those of the code do (up to `import` or `=`) become these."""
    for line in filter(str.strip, code.splitlines()):
        start = re.match(r".*?(?:import |=)", line)
        assert start is not None
        text, count = re.subn(rf"^{re.escape(start[0])}.*$", lambda _, line=line: line, text, flags=re.MULTILINE)
        assert count == 1, line
    return text


def ran(folder: Path, code: str, weights: Path, *, house: bool = True) -> None:
    """Run code with the copy, in a process of its own, where `weights` is a folder; then the house's rules on it."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(folder / "src"), str(ROOT), str(ROOT / "scripts"))),
        "YOZORA_HOME": str(folder / "home"),
        "OMP_NUM_THREADS": "1",
    }
    checks = CHECKED.format(names=HOUSE) if house else ""
    script = f"weights = {str(weights)!r}\n{code}\n{checks}"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
