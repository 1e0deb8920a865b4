"""Write the parity table of docs/models.md from docs/parity.json; with --check, only say whether it is current.

The figures are measured: YOZORA_PARITY=docs/parity.json pytest tests/parity
"""

import json
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURES = DOCS / "models.md", DOCS / "parity.json"
BEGIN, END = "<!-- parity: written by scripts/parity_docs.py -->", "<!-- end of parity -->"


def section() -> str:
    """All that stands between the two marks."""
    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    rows = [f"| {what} | {error:.1e} | {bound:g} |" for what, (error, bound) in sorted(found.items())]
    return "\n".join([BEGIN, "", "| | relative error | at most |", "|---|---|---|", *rows, "", END])


def page(text: str) -> str:
    """The page with its table written anew."""
    before, _, rest = text.partition(BEGIN)
    return before + section() + rest.partition(END)[2]


def main() -> int:
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        return int(page(text) != text)
    PAGE.write_text(page(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
