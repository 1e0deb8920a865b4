"""docs/adding-a-mode.md runs: a mode is declared, painted, asked for and made, and is gone after the test."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from yozora.core.modes import MODES
from yozora.engine.engine import Engine
from yozora.families.presets import Preset

PAGE = (Path(__file__).parents[1] / "docs" / "adding-a-mode.md").read_text(encoding="utf-8")


def test_the_mode_on_the_page_is_made(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": toy})
    monkeypatch.setitem(MODES, "still", MODES["extend"])  # so that it is taken away again
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 6
    page = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", page)
    page.__dict__["engine"] = Engine(toy, "cpu", torch.float32)
    for snippet in snippets:
        if snippet.startswith("# still_mode.py"):
            module = ModuleType("still_mode")
            exec(compile(snippet, "still_mode.py", "exec"), module.__dict__)
            monkeypatch.setitem(sys.modules, "still_mode", module)
        else:
            exec(compile(snippet, "docs/adding-a-mode.md", "exec"), page.__dict__)
    assert MODES["still"] is page.__dict__["STILL"]
