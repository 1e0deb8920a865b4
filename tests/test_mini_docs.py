"""The card of mini states the files that are shipped. Its figures: `test_evaluation_docs`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_tables_are_current() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "mini_docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0, "run: make docs"
