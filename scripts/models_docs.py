"""Write the table of models of docs/models.md from their presets; with --check, only say whether it is current."""

import sys
from dataclasses import replace
from pathlib import Path

from marked import Marked

from yozora.families import presets
from yozora.families.preset import Preset
from yozora.memory import arranging, catalogue, planner

PAGE = Path(__file__).parents[1] / "docs" / "models.md"
PACKAGE = Path(presets.__file__).parents[1]
BEGIN, END = "<!-- models: written by scripts/models_docs.py -->", "<!-- end of models -->"
HEAD = ("model", "inputs", "default film", "licence", "download", "memory in bf16", "smallest card")
FITS, FITS_END = "<!-- what fits: written by scripts/models_docs.py -->", "<!-- end of what fits -->"
FITTED, RAM = (8, 12, 16, 24), 32  # GB of cards, and of main memory
LAID_OUT = ("wan2.1-t2v-1.3b", "wan2.2-ti2v-5b", "wan2.1-t2v-14b", "wan2.1-i2v-14b-480p", "wan2.2-t2v-a14b")
SHORT = {"streamed": "text", "tile": "tiles", "apart": "passes", "offloaded": "blocks", "weights": "INT8"}
CARDS = (8, 12, 16, 24, 32, 48, 80, 96, 141)  # GB


def whole(preset: Preset) -> int:
    """Bytes of a card's memory that all of it takes there, in bf16. Raises `UserError` where nothing states it."""
    if not preset.hub:
        machine = planner.Machine(kind="cpu", itemsize=4)
    else:
        machine = planner.Machine(kind="cuda", itemsize=2, context=planner.CUDA_CONTEXT)
    model, film = arranging.model_of(preset), arranging.film_of(preset)
    return planner.measured(model, film, machine, planner.Arrangement()).device


def row(entry: catalogue.ModelEntry) -> tuple[str, ...]:
    """A model."""
    preset, memory, card = entry.preset, "not stated", "not stated"
    width, height = preset.sizes[0]
    if entry.sizes:
        needs = whole(preset)
        memory, card = catalogue.in_gb(needs), f"{next((size for size in CARDS if size * 1e9 >= needs), CARDS[-1])} GB"
    fetched = catalogue.in_gb(entry.sizes.fetched) if entry.sizes else "not stated"
    return (
        f"`{preset.name}`",
        entry.given,
        f"{width}x{height}, {preset.seconds:g} s at {preset.fps:g} fps, {preset.steps} steps",
        preset.licence,
        fetched if preset.hub else "in the package" if preset.folder.is_relative_to(PACKAGE) else "none",
        memory,
        card if preset.hub else "none",
    )


def section() -> list[str]:
    """All that stands between the two marks."""
    rows = [HEAD, ("---",) * len(HEAD), *(row(entry) for entry in catalogue.entries())]
    return [f"| {' | '.join(cells)} |" for cells in rows]


def fits(preset: Preset, size: tuple[int, int], card: int) -> str:
    """How a film of a size fits on a card of so many GB, beside main memory of `RAM`."""
    sizes = {"memory": card * 10**9, "ram": RAM * 10**9, "program": planner.CUDA_PROGRAM}
    machine = planner.Machine(kind="cuda", itemsize=2, context=planner.CUDA_CONTEXT, **sizes)
    budget = replace(preset.budget, size=size, seconds=preset.seconds)
    found = planner.plan(arranging.model_of(preset), arranging.film_of(preset, budget), machine)
    if found is None:
        return "-"
    said = [SHORT[name] for name in SHORT if getattr(found.arrangement, name) not in (False, 0, "full")]
    return f"{' '.join(said) or 'whole'}: {found.device / 1e9:.1f} + {found.main / 1e9:.1f}"


def layouts() -> list[str]:
    """The table of what fits."""
    rows = [("model", "film", *(f"{card} GB" for card in FITTED)), ("---",) * (2 + len(FITTED))]
    for name in LAID_OUT:
        preset = presets.PRESETS[name]
        for size in dict.fromkeys((preset.sizes[0], (832, 480))):
            film = f"{size[0]}x{size[1]}, {preset.seconds:g} s"
            rows.append((f"`{name}`", film, *(fits(preset, size, card) for card in FITTED)))
    return [f"| {' | '.join(cells)} |" for cells in rows]


if __name__ == "__main__":
    sys.exit(Marked(PAGE, BEGIN, END).run(section) or Marked(PAGE, FITS, FITS_END).run(layouts))
