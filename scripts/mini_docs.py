"""Write the tables of docs/mini.md; with --check, only say whether they are current.

With --sheet, make docs/films.jpg as well, which takes two minutes: the first twenty English prompts of the evaluation,
with the seeds 0 to 19, none picked.
"""

import json
import math
import sys
from pathlib import Path

from marked import Marked

from yozora.evaluate.prompts import EvaluationPrompt, draw_prompts
from yozora.families.presets import PRESETS
from yozora.films.orders import hashed
from yozora.weights import header

ROOT = Path(__file__).parents[1]
PAGE, SHEET = ROOT / "docs" / "mini.md", ROOT / "docs" / "films.jpg"
TABLE = ("<!-- files: written by scripts/mini_docs.py -->", "<!-- end of files -->")
LIST = ("<!-- prompts: written by scripts/mini_docs.py -->", "<!-- end of prompts -->")
FILMS = 20
PRESET = PRESETS["mini"]
FILES = {"text": "text encoder", "transformer": "diffusion transformer", "autoencoder": "video autoencoder"}


def nouns() -> list[str]:
    """What the weights can show."""
    said: list[str] = json.loads(header.metadata(PRESET.files["transformer"])["nouns"])
    return said


def prompts() -> list[EvaluationPrompt]:
    """Those of the sheet: the scenes are the same in however many languages they are told."""
    return draw_prompts(FILMS, nouns(), languages=("en",))


def files() -> list[str]:
    """The weights: parameters, bytes and SHA-256."""
    rows = ["| file | what it is | parameters | MB | SHA-256 |", "|---|---|---|---|---|"]
    for part, name in FILES.items():
        path = PRESET.files[part]
        count = sum(math.prod(shape) for shape in header.shapes_of(path).values())
        size = path.stat().st_size
        rows.append(f"| {path.name} | {name} | {count / 1e6:.1f} million | {size / 1e6:.1f} | `{hashed(path)}` |")
    return [*rows, "", f"It can show: {', '.join(nouns())}."]


def asked() -> list[str]:
    """The prompts of the sheet, by their seeds."""
    return [f"{seed}. {one.text}" for seed, one in enumerate(prompts())]


def make_sheet() -> None:
    """Write docs/films.jpg."""
    from PIL import Image

    import yozora
    from yozora.films.sheet import contact_sheet

    films = [yozora.generate(one.text, seed=seed).frames for seed, one in enumerate(prompts())]
    Image.fromarray(contact_sheet(films, shots=3, columns=2)).save(SHEET, "JPEG", quality=82, optimize=True)


if __name__ == "__main__":
    if "--sheet" in sys.argv[1:]:
        make_sheet()
    sys.exit(Marked(PAGE, *TABLE).run(files) or Marked(PAGE, *LIST).run(asked))
