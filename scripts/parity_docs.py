"""Write the parity table of docs/models.md from docs/parity.json; with --check, only say whether it is current.

The figures are measured: YOZORA_PARITY=docs/parity.json pytest tests/parity
"""

import json
import sys
from pathlib import Path

from marked import Marked

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURES = DOCS / "models.md", DOCS / "parity.json"
BEGIN, END = "<!-- parity: written by scripts/parity_docs.py -->", "<!-- end of parity -->"


def section() -> list[str]:
    """All that stands between the two marks."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    rows = [f"| {what} | {error:.1e} | {bound:g} |" for what, (error, bound) in sorted(found.items())]
    return ["| | relative error | at most |", "|---|---|---|", *rows]


if __name__ == "__main__":
    sys.exit(Marked(PAGE, BEGIN, END).run(section))
