"""docs/migrate.md says where the names of version 0.1 are: the new ones are there, the old ones are not."""

import importlib
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "migrate.md").read_text(encoding="utf-8")
NAMES = re.findall(r"^\| `(yozora\.[\w.]+)` \| `(yozora\.[\w.]+)` \|$", PAGE, re.MULTILINE)


def is_there(name: str) -> bool:
    """Whether a module, or what is in one, can be imported."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_there_is_a_table() -> None:
    assert len(NAMES) > 40


@pytest.mark.parametrize(("old", "new"), NAMES)
def test_names_are_where_the_page_says(old: str, new: str) -> None:
    assert is_there(new)
    assert not is_there(old)
