"""docs/adding-a-language.md as real edits of a copy: a language is captioned, read and understood; the tests pass."""

import shutil
from pathlib import Path

from tests.page_edits import ROOT, edited, run

PAGE = (ROOT / "docs" / "adding-a-language.md").read_text(encoding="utf-8")
FILES = ["src/yozora/language/packs/back.py", "src/yozora/language/languages.py"]  # all that adding a language touches
TESTS = (
    *(f"tests/language/test_{name}.py" for name in ("languages", "phrases", "pack", "numbers", "sentences")),
    "tests/language/test_known.py::test_captions_hold_no_unknown_word[back]",
    "tests/language/test_packs.py::test_every_noun_is_read_back_as_itself[back]",
    "tests/world/test_captions.py",
    "tests/toy_language.py",
)


def test_the_page_as_edits_of_two_files_breaks_no_test(tmp_path: Path) -> None:
    assert edited(PAGE, tmp_path) == FILES
    shutil.copy(ROOT / "tests" / "toy_language.py", tmp_path / "tests")
    failures = run(tmp_path, *TESTS)
    assert not failures, failures
