"""The table in docs/models.md holds the figures of docs/parity.json, and names all that is compared."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.parity.toys import KINDS

ROOT = Path(__file__).parents[2]
FIGURES = json.loads((ROOT / "docs" / "parity.json").read_text(encoding="utf-8"))


def test_the_table_is_current() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "parity_docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0, "run: make docs"


def test_every_shape_is_compared_in_parts_and_as_a_whole() -> None:
    for kind in KINDS:
        assert f"transformer, {kind}" in FIGURES
        assert any(re.match(rf"clip, {re.escape(kind)}, ", what) for what in FIGURES), kind
    assert all(error <= bound for error, bound in FIGURES.values())
