"""docs/world.md: its sheets are what the code draws, it names what they show, and its Python runs."""

import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.figures import JOINTED
from yozora.world.joints import STEPS
from yozora.world.scene import DAYTIMES, PLACES
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "world.md").read_text(encoding="utf-8")
SHEETS = ROOT / "docs" / "world"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "world_pictures.py"))


def said(heading: str) -> str:
    """What the page says below a heading, in small letters."""
    return PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].lower()


def test_the_sheets_are_what_the_code_draws(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["world_pictures.py", "--check"])
    assert script["main"]() == 0, capsys.readouterr().err


def test_a_sheet_that_is_stale_or_of_nothing_is_named_and_mended(
    script: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main = script["main"]
    black, white = np.zeros((16, 16, 3), np.uint8), np.full((16, 16, 3), 255, np.uint8)
    monkeypatch.setitem(main.__globals__, "FOLDER", tmp_path)
    monkeypatch.setitem(main.__globals__, "SHEETS", {"black": lambda: black, "white": lambda: white})
    (tmp_path / "black.jpg").write_bytes(script["jpeg"](white))
    (tmp_path / "gone.jpg").write_bytes(script["jpeg"](white))
    monkeypatch.setattr(sys, "argv", ["world_pictures.py", "--check"])
    assert main() == 1
    assert "black.jpg, white.jpg, gone.jpg" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["world_pictures.py"])
    assert main() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["black.jpg", "white.jpg"]
    monkeypatch.setattr(sys, "argv", ["world_pictures.py", "--check"])
    assert main() == 0


def test_a_leg_that_stands_elsewhere_is_noticed(script: dict[str, Any], tmp_path: Path) -> None:
    drawn = np.full((160, 160, 3), 200, np.uint8)
    (tmp_path / "sheet.jpg").write_bytes(script["jpeg"](drawn))
    moved = drawn.copy()
    moved[100:112, 64:70] = 90
    assert script["away"](tmp_path / "sheet.jpg", drawn) == 0
    assert script["away"](tmp_path / "sheet.jpg", moved) > script["LIKENESS"]


def test_every_sheet_is_on_the_page_and_small() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(world/(\w+\.jpg)\)", PAGE)
    sizes = {path.name: path.stat().st_size for path in SHEETS.iterdir()}
    assert sorted(shown) == sorted(sizes)
    assert max(sizes.values()) <= 250_000
    assert sum(sizes.values()) <= 1_200_000


def test_the_page_names_what_the_sheets_show(script: dict[str, Any]) -> None:
    for heading, words in (
        ("Actions", ACTIONS),
        ("Places", PLACES),
        ("Weather and times of day", (*WEATHERS, *DAYTIMES)),
        ("Styles", STYLES),
        ("Cameras", [camera.replace("static", "at rest") for camera in CAMERAS]),
        ("Joints", [noun for noun, _ in script["JOINTED"]]),
    ):
        for word in words:
            assert word in said(heading), (heading, word)


def test_more_than_twenty_jointed_nouns_are_shown_in_the_order_of_the_page(script: dict[str, Any]) -> None:
    nouns = [noun for noun, _ in script["JOINTED"]]
    assert len(set(nouns)) == len(nouns) >= 20
    assert all(noun in JOINTED or f"{noun}/walk" in JOINTED for noun in nouns)
    listed = re.search(r"```text\n(.+?)\n```", said("Joints"), re.DOTALL)
    assert listed is not None
    assert re.split(r"[,;]\s+", listed[1]) == nouns


def test_the_python_on_the_page_runs() -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 2
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile("\n\n".join(snippets), "docs/world.md", "exec"), names)
    assert len(names["cycle"]) == STEPS
    assert names["take"].masks_ATHW.any()
