"""docs/adding-a-family.md runs: a family is declared, found, built and makes a film, and is gone after the test."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from yozora import families
from yozora.families import presets

PAGE = (Path(__file__).parents[1] / "docs" / "adding-a-family.md").read_text(encoding="utf-8")


def test_the_family_on_the_page_makes_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 4
    page = ModuleType("page")
    page.__dict__["weights"] = tmp_path
    for snippet in snippets:
        named = re.match(r"# (\w+)\.py\n", snippet)
        module = ModuleType(named[1]) if named else page
        if named:
            monkeypatch.setitem(sys.modules, named[1], module)
        exec(compile(snippet, f"{module.__name__}.py", "exec"), module.__dict__)
        if module.__name__ == "pebble":
            family = module.__dict__["FAMILY"]
            monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, "pebble": family})
            monkeypatch.setattr(presets, "PRESETS", {**presets.PRESETS, **family.presets})
    assert page.__dict__["film"].model == tmp_path.name
