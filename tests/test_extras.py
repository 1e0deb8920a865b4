"""What `pip install yozora` brings is enough for films, and what only some need says how it is installed."""

import ast
import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests import alone

from yozora import extras
from yozora.errors import UserError

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {name: lines for name, lines in PROJECT["optional-dependencies"].items() if name not in ("all", "dev")}
BASE = {
    *("av", "c2pa-python", "cryptography", "numpy", "opencv-python-headless", "pi-heif", "pillow", "pyyaml", "rich"),
    *("safetensors", "torch", "typer"),
}
USERS = {  # folders and files that may import what an extra brings; all else lives on the base
    "server/": {"server", "postgres", "traces"},
    "mcp/": {"mcp"},
    "cli/imports.py": {"mcp"},
    "story/director.py": {"director"},
    "weights/pulling.py": {"wan"},
    "weights/checkpoints/ggml.py": {"wan"},
}


def names(lines: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(line).name)) for line in lines}


def test_the_base_is_a_short_list() -> None:
    assert names(PROJECT["dependencies"]) == BASE


def test_all_is_every_extra() -> None:
    (all_of_them,) = map(Requirement, PROJECT["optional-dependencies"]["all"])
    assert (all_of_them.name, all_of_them.extras) == ("yozora", set(EXTRAS))


def test_nothing_is_asked_for_twice() -> None:
    for extra, lines in EXTRAS.items():
        assert not names(lines) & BASE, extra


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_modules_of_an_extra_are_those_that_it_brings(extra: str) -> None:
    brought = importlib.metadata.packages_distributions()
    known = {name: {str(canonicalize_name(one)) for one in by} for name, by in brought.items()}
    declared = names(EXTRAS[extra])
    for name in extras.MODULES[extra]:
        assert name in known, f"{name} is not installed"
    found = {one for name in extras.MODULES[extra] for one in known[name]}
    assert declared <= found | {"opentelemetry-exporter-otlp-proto-http"}
    extras.require(extra, "this test")


def test_all_that_a_file_imports_is_brought_by_the_base_or_by_its_extra() -> None:
    inside = {*sys.stdlib_module_names, *alone.modules(BASE), "yozora"}
    source = ROOT / "src" / "yozora"
    for path in sorted(source.rglob("*.py")):
        name = path.relative_to(source).as_posix()
        mine = {extra for start, some in USERS.items() if name.startswith(start) for extra in some}
        allowed = inside.union(*(extras.MODULES[extra] for extra in mine), {"pydantic_core"} if mine else ())
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            said = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            said += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {one.partition(".")[0] for one in said} <= allowed, (name, said)


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UserError) as one:
        extras.require("server", "yozora serve")
    assert str(one.value) == "yozora serve needs the package obstore. Install it: pip install 'yozora[server]'"
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UserError, match="needs the packages obstore, uvicorn"):
        extras.require("server", "yozora serve")


def test_an_import_of_something_else_is_not_explained() -> None:
    assert extras.explained(ModuleNotFoundError("no", name="yozora.nothing"), "yozora serve") is None
    found = extras.explained(ModuleNotFoundError("no", name="sqlalchemy.orm"), "yozora keys")
    assert str(found) == "yozora keys needs the package sqlalchemy. Install it: pip install 'yozora[server]'"


def test_a_postgres_database_asks_for_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    from yozora.server.store.database import open_database

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UserError, match=r"yozora\[postgres\]"):
        open_database("postgresql://nobody@127.0.0.1:1/nothing")


def test_films_are_made_where_nothing_else_is_installed(tmp_path: Path) -> None:
    """In a process that finds no other package: every mode, verify and help work, and all else says what to install."""
    environment = {**os.environ, "YOZORA_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "tests" / "alone.py"), str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: said for name, (code, said) in found["did"].items() if code} == {}
    for words, extra in alone.ASKING.items():
        code, said = found["asked"][" ".join(words)]
        lines = [line for line in said.splitlines() if line.startswith("error: ")]
        assert (code, len(lines)) == (2, 1), (words, said)
        assert lines[0].endswith(f"Install it: pip install 'yozora[{extra}]'"), said
    made = {path.name for path in tmp_path.iterdir()}
    assert {"car.mp4", "longer.mp4", "board.webm", "dog.gif"} <= made
    assert len(found["imported"]) > 100
