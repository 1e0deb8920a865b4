"""The table of models in docs/models.md is that of the presets."""

import subprocess
import sys
from pathlib import Path

from yozora.families.presets import PRESETS

ROOT = Path(__file__).parents[1]


def test_the_table_is_current() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "models_docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0, "run: make docs"


def test_every_model_is_recommended_for_something_or_has_a_row() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for name, preset in PRESETS.items():
        assert f"| `{name}` |" in text
        assert preset.licence in text
