"""docs/adding-a-camera.md runs: a camera move is added, filmed, described and noted, and is gone after the test."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yozora.language.languages import LANGUAGES
from yozora.world.cameras import CAMERAS

PAGE = (Path(__file__).parents[1] / "docs" / "adding-a-camera.md").read_text(encoding="utf-8")
FILES = 2  # of the source, that adding a camera move touches


def forget() -> None:
    """What was computed of the phrases is computed again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("yozora.language"):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()


@pytest.fixture(autouse=True)
def gone_after_the_test() -> Iterator[None]:
    forget()
    yield
    CAMERAS.pop("crane up", None)
    phrases = LANGUAGES["en"].phrases.cameras
    assert isinstance(phrases, dict)
    phrases.pop("crane up", None)
    forget()


def test_the_camera_move_on_the_page_is_filmed_and_described() -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 6
    page: dict[str, object] = {}
    for snippet in snippets:
        exec(compile(snippet, "docs/adding-a-camera.md", "exec"), page)
    assert "crane up" in CAMERAS


def test_it_touches_two_files() -> None:
    first = PAGE[: PAGE.index("## 1.")]
    steps = re.findall(r"^\d\. .*?(?=^\d\. |\n\n)", first, flags=re.MULTILINE | re.DOTALL)
    named = {file for step in steps for file in re.findall(r"`(src/yozora/\S+?\.py)`", step)}
    assert len(named) == FILES
    assert all((Path(__file__).parents[1] / file).is_file() for file in named)
