"""Write the tables of docs/benchmarks.md from docs/benchmarks.json and docs/quality.json; with --check, only say
whether they are current.

The figures are measured: python benchmarks/versus_diffusers.py --json docs/benchmarks.json, and python
benchmarks/quality.py --json docs/quality.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from marked import Marked

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURES, QUALITIES = DOCS / "benchmarks.md", DOCS / "benchmarks.json", DOCS / "quality.json"
BEGIN, END = "<!-- figures: written by scripts/benchmark_docs.py -->", "<!-- end of figures -->"
HEAD = ["| | ours | theirs | ratio | error of ours | error of theirs | memory, ours | theirs |", "|" + "---|" * 8]

QUALITY_MARKS = "<!-- qualities: written by scripts/benchmark_docs.py -->", "<!-- end of qualities -->"
QUALITY_HEAD = ["| | PSNR, mean | worst | sampling | ratio | film | ratio |", "|" + "---|" * 7]


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


def quality_row(each: dict[str, Any]) -> str:
    """A setting's films; those that are exact are equal to themselves."""
    near = ["", ""] if each["name"] == "exact" else [f"{each[name]:.1f} dB" for name in ("psnr", "worst")]
    times = [
        part for name in ("sampling", "seconds") for part in (f"{each[name]:.2f} s", f"{each[f'{name}_ratio']:.2f}")
    ]
    return f"| {' | '.join([each['name'], *near, *times])} |"


def qualities() -> list[str]:
    """All that stands between the other two marks."""
    return [*QUALITY_HEAD, *map(quality_row, json.loads(QUALITIES.read_text(encoding="utf-8")))]


if __name__ == "__main__":
    sys.exit(Marked(PAGE, BEGIN, END).run(section) | Marked(PAGE, *QUALITY_MARKS).run(qualities))
