"""docs/adding-a-camera.md as real edits of a copy: the move is filmed, described, noted, and the tests pass."""

from pathlib import Path

from tests.page_edits import ROOT, edited, run

PAGE = (ROOT / "docs" / "adding-a-camera.md").read_text(encoding="utf-8")
FILES = ["src/yozora/world/cameras.py", "src/yozora/language/packs/en.py"]  # all that adding a camera move touches
TESTS = (
    *(f"tests/language/test_{name}.py" for name in ("languages", "phrases", "known", "untaught", "pack")),
    *(f"tests/world/test_{name}.py" for name in ("cameras", "view", "scene", "captions", "new_entries", "choices")),
)


def test_the_page_as_edits_of_two_files_breaks_no_test(tmp_path: Path) -> None:
    assert edited(PAGE, tmp_path) == FILES
    failures = run(tmp_path, *TESTS)
    assert not failures, failures
