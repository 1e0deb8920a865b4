"""The card of mini states the files that are shipped, and the figures that were measured."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = {
    "the actor that was asked for": "class",
    "in the right colour": "color",
    "in the right place": "place",
    "moves in the right direction": "direction",
    "does what was asked for": "action",
    "keeps a whole figure through the film": "figure",
    "both of two actors": "both",
}
"""Rows of the card, and the figures of the evaluation in them."""


def test_the_tables_are_current() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "mini_docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0, "run: make docs"


def test_the_figures_are_those_of_the_evaluation() -> None:
    card = (ROOT / "docs" / "mini.md").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    for row, figure in ROWS.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| {figure} | **"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert f"| {row} | {cells[1].strip('*')} | {cells[3]} |" in card
