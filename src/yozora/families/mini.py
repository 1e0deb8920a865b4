"""mini: trained from scratch by this project, on films of its own world. It comes with the package."""

from pathlib import Path

from yozora.core.request import MAX_SECONDS
from yozora.families.family import Family
from yozora.families.preset import ANYTHING, Preset

ASSETS = Path(__file__).parents[1] / "assets"

MINI = Preset(
    name="mini",
    summary="cut-out theatre, trained from scratch by this project; needs two CPU cores",
    folder=ASSETS / "mini",
    sizes=((224, 128), (128, 224), (160, 160)),
    step=32,
    max_pixels=256 * 256,
    fps=16.0,
    seconds=2.0,
    max_seconds=MAX_SECONDS,
    steps=20,
    guidance=3.0,
    guided=(0.0, 1.0),
    continuation_guidance=0.25,
    shift=5.0,
    solver="unipc",
    known=ANYTHING,
    window=9,
    overlap=4,
    still=True,
    opening=True,
    characters=1,
)

FAMILY = Family(
    name="mini",
    presets={"mini": MINI},
    recognised="yozora.families.stated:recognise",
    find_files="yozora.families.stated:files",
    built="yozora.engine.parts:build",
    sized="yozora.memory.stated:sized",
    source="this project",
)
