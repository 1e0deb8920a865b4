"""Write the figures of docs/evaluation.md from the JSON files of `yozora eval`; with --check, only say whether they are
current. A file that is not there is told by the command that makes it: no figure stands in the page but from a file.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FOLDER = DOCS / "evaluation.md", DOCS / "evaluation"
BEGIN, END = "<!-- figures: written by scripts/evaluation_docs.py -->", "<!-- end of figures -->"
COMMANDS = {
    "prompts": "yozora eval --prompts 800 --seed 0 --json docs/evaluation/prompts.json",
    "modes": "yozora eval --modes --clips 30 --long 20 --seed 0 --json docs/evaluation/modes.json",
    "vbench": "yozora eval --vbench --seed 0 --json docs/evaluation/vbench.json",
    "physics": "yozora eval --physics --clips 40 --seed 0 --json docs/evaluation/physics.json",
    "codec": "yozora eval --codec --clips 100 --seed 0 --json docs/evaluation/codec.json",
}
TITLES = {
    "prompts": "Prompts",
    "modes": "Modes",
    "vbench": "VBench's prompts",
    "physics": "Physics",
    "codec": "Autoencoder",
}
LANGUAGES = ("en", "es", "zh", "ar")

Figures = Mapping[str, Any]


def section() -> str:
    """All that stands between the two marks."""
    parts = []
    for name, command in COMMANDS.items():
        path = FOLDER / f"{name}.json"
        body = f"Not measured yet. `{command}` makes them, then `make docs`."
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))
            body = f"`{command}`\n\n" + ("\n".join(plain(found) if name == "codec" else table(found)))
        parts.append(f"### {TITLES[name]}\n\n{body}\n")
    return "\n".join(parts)


def table(found: Figures) -> list[str]:
    """The figures of prompts or parts, those of the autoencoder and of languages beside the whole."""
    languages = [language for language in LANGUAGES if any(name.endswith(f"/{language}") for name in found)]
    columns = ("figure", "films", "95 %", "ceiling", "coded", "chance", *languages, "n")
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for name, one in found.items():
        if name.startswith(("autoencoder/", "parity/")) or name.rpartition("/")[2] in LANGUAGES:
            continue
        beside = [found.get(f"{name}/{language}") for language in languages]
        cells = (
            *(name, f"**{number(one['score'])}**", f"{number(one['low'])} to {number(one['high'])}"),
            *(number(one["ceiling"]), number(score(found.get(f"autoencoder/{name}"))), number(one["chance"])),
            *(number(score(other)) for other in beside),
            str(one["n"]),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def plain(found: Figures) -> list[str]:
    """Names and numbers."""
    rows = [f"| {name.replace('_', ' ')} | {number(value)} |" for name, value in found.items()]
    return ["| figure | |", "|---|---|", *rows]


def score(one: Figures | None) -> float | None:
    return None if one is None else one["score"]


def number(value: float | None) -> str:
    """Two digits after the point, more of what is small; nothing of nothing."""
    if value is None:
        return ""
    return f"{value:.2f}" if not isinstance(value, int) and (value == 0 or abs(value) >= 0.01) else f"{value:.3g}"


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    current = f"{before}{BEGIN}\n\n{section()}\n{END}{after}"
    if "--check" in sys.argv[1:]:
        if current != page:
            print("docs/evaluation.md does not say what its JSON files say: run `make docs`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
