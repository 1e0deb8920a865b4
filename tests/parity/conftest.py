"""The references, each built once a session, and quiet about it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.parity.toys import Toy, build
from tests.quiet import quiet  # noqa: F401 # a fixture

Reference = Callable[..., Toy]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """`reference(kind, scheduler="unipc")` of the kinds in `toys.KINDS`."""
    built: dict[tuple[str, str], Toy] = {}

    def find(kind: str, scheduler: str = "unipc") -> Toy:
        if (kind, scheduler) not in built:
            built[kind, scheduler] = build(kind, tmp_path_factory.mktemp("reference"), scheduler)
        return built[kind, scheduler]

    return find


Measured = Callable[[str, float, float], None]


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """`measured(what, error, bound)`: the error is at most the bound, and is in the table at the end of the run."""

    def note(what: str, error: float, bound: float) -> None:
        record_property("parity", (what, error, bound))
        assert error <= bound, f"{what}: {error:.2e} off, at most {bound:g}"

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of all that was compared; as JSON in the file that YOZORA_PARITY names, for docs/models.md."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    found = {value[0]: value[1:] for report in reports for name, value in report.user_properties if name == "parity"}
    if not found:
        return
    terminalreporter.section("parity with diffusers: relative error in fp32")
    for what, (error, bound) in sorted(found.items()):
        terminalreporter.line(f"{what:<70} {error:8.1e}  at most {bound:g}")
    if path := os.environ.get("YOZORA_PARITY"):
        Path(path).write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")
