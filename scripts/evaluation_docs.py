"""Write the figures of docs/evaluation.md, docs/mini.md and the README from the JSON files of `yozora eval`; with
--check, only say whether they are current. A file that is not there is told by the command that makes it: no figure
stands in these tables but from a file.
"""

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from marked import Marked

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "evaluation"
PAGE, CARD, README = ROOT / "docs" / "evaluation.md", ROOT / "docs" / "mini.md", ROOT / "README.md"
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
FURTHER = {"en": "English", "fr": "French", "de": "German", "pt": "Portuguese", "ja": "Japanese", "hi": "Hindi"}
SAID = {
    "place": "place",
    "daytime": "daytime",
    "color": "color",
    "class": "class",
    "last/class": "class, last frame",
    "style": "style",
    "direction": "direction",
    "count": "count",
    "weather": "weather",
    "action": "action",
    "camera": "camera",
    "last/figure": "whole figure, last frame",
    "figure": "whole figure, all frames",
    "relation": "relation of two",
    "both": "two different actors",
}
"""Figures of prompts in the README, and their names there."""
MODES = {
    "image: PSNR of the first frame": ("image/psnr",),
    "first and last frame: PSNR of both": ("ends/first psnr", "ends/last psnr"),
    "image: actor recognised, moves as asked": ("image/survives", "image/direction"),
    "extension: actor recognised, direction kept, whole figure": (
        "extend/survives",
        "extend/direction",
        "extend/figure",
    ),
    "extension: change at the join, relative to the median change between frames": ("extend/join ratio",),
    "backward: actor recognised, whole figure": ("backward/survives", "backward/figure"),
    "loop: change at the seam, relative to the median": ("loop/seam ratio",),
    "blend: moves from A to B without going back": ("blend/monotone",),
    "storyboard: class and place of a card are right": ("storyboard/card",),
    "character in another place: class and colour": ("character/same",),
    "remix at mild: new colour in nine of ten frames, layout": ("remix/color", "remix/layout"),
    "edit: new colour in nine of ten frames": ("edit/color",),
    "a minute with an actor at rest: always present, same appearance, memory relative to 4 s": (
        "long/present",
        "long/looks",
        "long/memory",
    ),
}
"""Rows of the README's table of modes, and their figures."""
READ = ("class", "last/class", "color", "place")
"""Figures of further languages in the README."""
CARDS = {
    "the actor that was asked for": "class",
    "in the right colour": "color",
    "in the right place": "place",
    "moves in the right direction": "direction",
    "does what was asked for": "action",
    "keeps a whole figure through the film": "figure",
    "both of two actors": "both",
}
"""Rows of the card of mini, and their figures."""

Figures = Mapping[str, Any]


def read(name: str) -> Figures | None:
    """What a file has; None where there is none."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def everything() -> list[str]:
    """Every figure of every file, as docs/evaluation.md has them."""
    lines: list[str] = []
    for name, command in COMMANDS.items():
        found = read(name)
        body = [f"Not measured yet. `{command}` makes them, then `make docs`."]
        if found is not None:
            body = [f"`{command}`", "", *(plain(found) if name == "codec" else table(found))]
        lines += [f"### {TITLES[name]}", "", *body, ""]
    return lines[:-1]


def prompts() -> list[str]:
    """The README's figures of prompts."""
    found = read("prompts") or {}
    lines = ["| asked for | `mini` | 95 % interval | renders | chance | films |", "|---|---|---|---|---|---|"]
    for name, said in SAID.items():
        if (one := found.get(name)) is not None:
            cells = (said, number(one["score"]), f"{number(one['low'])} to {number(one['high'])}")
            lines.append(row(*cells, number(one["ceiling"]), number(one["chance"]), str(one["n"])))
    return lines


def modes() -> list[str]:
    """The README's figures of modes."""
    found = read("modes") or {}
    lines = ["| mode: measure | films | renders | clips |", "|---|---|---|---|"]
    for said, names in MODES.items():
        all_of = [found[name] for name in names if name in found]
        if all_of:
            films = ", ".join(number(one["score"]) for one in all_of) + (" dB" if "PSNR" in said else "")
            renders = [number(one["ceiling"]) for one in all_of if one["ceiling"] is not None]
            lines.append(row(said, films, ", ".join(renders), str(all_of[0]["n"])))
    return lines


def further(names: tuple[str, ...]) -> list[str]:
    """Figures of the languages that the text encoder learned later, with the films of each."""
    found = read("languages") or {}
    lines = [row("figure", *FURTHER.values(), "films of each"), "|" + "---|" * (len(FURTHER) + 2)]
    for name in names:
        of_each = [found[f"{name}/{language}"] for language in FURTHER if f"{name}/{language}" in found]
        if len(of_each) == len(FURTHER):
            lines.append(row(name, *(number(one["score"]) for one in of_each), str(of_each[0]["n"])))
    return lines


def card() -> list[str]:
    """The most important figures, as the card of mini has them."""
    found = read("prompts") or {}
    rows = [
        row(said, number(found[name]["score"]), number(found[name]["ceiling"]))
        for said, name in CARDS.items()
        if name in found
    ]
    return ["| | films | renders |", "|---|---|---|", *rows]


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def table(found: Figures) -> list[str]:
    """The figures of prompts or parts, those of the autoencoder and of languages beside the whole."""
    languages = [language for language in LANGUAGES if any(name.endswith(f"/{language}") for name in found)]
    columns = ("figure", "films", "95 %", "ceiling", "coded", "chance", *languages, "n")
    lines = [row(*columns), "|" + "---|" * len(columns)]
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
        lines.append(row(*cells))
    return lines


def plain(found: Figures) -> list[str]:
    """Names and numbers."""
    rows = [row(name.replace("_", " "), number(value)) for name, value in found.items()]
    return ["| figure | |", "|---|---|", *rows]


def score(one: Figures | None) -> float | None:
    return None if one is None else one["score"]


def number(value: float | None) -> str:
    """Two digits after the point, more of what is small; nothing of nothing."""
    if value is None:
        return ""
    return f"{value:.2f}" if not isinstance(value, int) and (value == 0 or abs(value) >= 0.01) else f"{value:.3g}"


def marked(page: Path, name: str) -> Marked:
    begin = f"<!-- {name}: written by scripts/evaluation_docs.py -->"
    return Marked(page, begin, f"<!-- end of {name} -->")


def main() -> int:
    stale = 0
    for page, name, lines in (
        (PAGE, "figures", everything),
        (PAGE, "languages", partial(further, (*READ, "action", "count", "direction"))),
        (README, "prompts", prompts),
        (README, "modes", modes),
        (README, "languages", partial(further, READ)),
        (CARD, "figures", card),
    ):
        if marked(page, name).run(lines):
            print(f"{page.name}: {name} are not those of the JSON files: run `make docs`", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
