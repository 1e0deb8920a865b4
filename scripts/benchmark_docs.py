"""Write the table of docs/benchmarks.md from docs/benchmarks.json; with --check, only say whether it is current.

The figures are measured: python benchmarks/versus_diffusers.py --json docs/benchmarks.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from marked import Marked

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


def section() -> list[str]:
    """All that stands between the two marks."""
    rows = [row(each) for each in json.loads(FIGURES.read_text(encoding="utf-8"))]
    return [*HEAD, *rows]


if __name__ == "__main__":
    sys.exit(Marked(PAGE, BEGIN, END).run(section))
