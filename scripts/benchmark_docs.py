"""Write the table of docs/benchmarks.md from docs/benchmarks.json; with --check, only say whether it is current.

The figures are measured: python benchmarks/versus_diffusers.py --json docs/benchmarks.json
"""

import json
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURES = DOCS / "benchmarks.md", DOCS / "benchmarks.json"
BEGIN, END = "<!-- figures: written by scripts/benchmark_docs.py -->", "<!-- end of figures -->"
HEAD = ["| | ours | theirs | ratio | error of ours | error of theirs | memory, ours | theirs |", "|" + "---|" * 8]


def row(each: dict[str, Any]) -> str:
    """A figure; errors of frames in decibels where they can be seen."""
    shared = each["name"].endswith("torch.mm")
    ours, theirs = (f"{each[side] / 1e9:.0f} G/s" if shared else f"{each[side]:.2f} s" for side in ("ours", "theirs"))
    error = f"{each['psnr']:.1f} dB" if (each.get("psnr") or 100) < 90 else f"{each['error']:.1e}"
    beside = f"{each['their_error']:.1e}" if "their_error" in each else ""
    held = [each.get(f"memory_{side}") for side in ("ours", "theirs")]
    memory = " | ".join("" if bytes_ is None else f"{bytes_ / 2**20:.0f} MiB" for bytes_ in held)
    return f"| {each['name']} | {ours} | {theirs} | {each['ratio']:.2f} | {error} | {beside} | {memory} |"


def section() -> str:
    """All that stands between the two marks."""
    rows = [row(each) for each in json.loads(FIGURES.read_text(encoding="utf-8"))]
    return "\n".join([BEGIN, "", *HEAD, *rows, "", END])


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
