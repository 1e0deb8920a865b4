"""docs/studio.md: every flow has its test, every test of a flow stands there, and its pictures are small."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "studio_docs.py"
MOST_OPEN = 0  # flows without a test
NOTHING_TO_PRESS = {1, 2, 63, 74, 80, 81, 82, 83, 84, 86, 87}
"""Flows in which a page is only opened and looked at, or that are about the server."""
MOST_BYTES = 60_000  # of one picture


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("studio_docs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "studio.md").read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_flows_are_numbered_in_order(script: ModuleType, page: str) -> None:
    numbers = [int(number) for number, _ in script.ROW.findall(page)]
    assert numbers == [*range(1, len(numbers) + 1)]


def test_every_flow_has_a_test_and_every_test_a_flow(script: ModuleType, page: str) -> None:
    held = {one.flow for one in script.flow_tests()}
    flows = set(script.rows(page))
    assert held <= flows
    missing = sorted(flows - held)
    assert len(missing) <= MOST_OPEN, missing


def test_every_flow_is_done_by_keyboard(script: ModuleType) -> None:
    tests = [*script.flow_tests()]
    by_keyboard = {one.flow for one in tests if one.keyboard}
    assert {one.flow for one in tests} - by_keyboard == NOTHING_TO_PRESS


def test_a_test_is_found_by_its_mark(script: ModuleType) -> None:
    found = {(one.flow, one.file, one.name, one.keyboard) for one in script.flow_tests()}
    assert (3, "studio/test_signing_in.py", "test_a_key_signs_in_and_is_not_stored", True) in found


def test_pictures_are_small_and_shown(page: str) -> None:
    for path in (ROOT / "docs" / "studio").glob("*"):
        assert path.suffix == ".webp", path.name
        assert path.stat().st_size <= MOST_BYTES, path.name
        assert f"(studio/{path.name})" in page
