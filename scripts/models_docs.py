"""Write the table of models of docs/models.md from their presets; with --check, only say whether it is current."""

import sys
from pathlib import Path

from marked import Marked

from yozora import arranging, catalogue
from yozora.families.preset import Preset
from yozora.memory import planner

PAGE = Path(__file__).parents[1] / "docs" / "models.md"
BEGIN, END = "<!-- models: written by scripts/models_docs.py -->", "<!-- end of models -->"
HEAD = ("model", "is given", "makes films of", "licence", "to fetch", "memory in bf16", "a card of")
CARDS = (8, 12, 16, 24, 32, 48, 80, 96, 141)  # GB


def whole(preset: Preset) -> int:
    """Bytes of a card's memory that all of it takes there, in bf16."""
    if not preset.hub:
        machine = planner.Machine(kind="cpu", itemsize=4)
    else:
        machine = planner.Machine(kind="cuda", itemsize=2, context=planner.CUDA_CONTEXT)
    model, film = arranging.model_of(preset), arranging.film_of(preset)
    return planner.measured(model, film, machine, planner.Arrangement()).device


def row(entry: catalogue.Entry) -> tuple[str, ...]:
    """A model."""
    preset, needs = entry.preset, whole(entry.preset)
    card = next((size for size in CARDS if size * 1e9 >= needs), CARDS[-1])
    width, height = preset.sizes[0]
    fetched = catalogue.in_gb(entry.sizes.fetched) if preset.hub else "in the package"
    return (
        f"`{preset.name}`",
        entry.given,
        f"{width}x{height}, {preset.seconds:g} s at {preset.fps:g} fps, {preset.steps} steps",
        preset.licence,
        fetched,
        catalogue.in_gb(needs),
        f"{card} GB" if preset.hub else "none",
    )


def section() -> list[str]:
    """All that stands between the two marks."""
    rows = [HEAD, ("---",) * len(HEAD), *(row(entry) for entry in catalogue.entries())]
    return [f"| {' | '.join(cells)} |" for cells in rows]


if __name__ == "__main__":
    sys.exit(Marked(PAGE, BEGIN, END).run(section))
