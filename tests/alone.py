"""Yozora where nothing but the base list of pyproject.toml is installed: all other imports fail as if it were absent.

    python tests/alone.py FOLDER    # prints, as JSON, what came of each command

Films are made in the folder: of a prompt, and by every mode out of that one.
"""

import importlib.metadata
import io
import json
import pkgutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FAR = ("yozora.server", "yozora.mcp")  # packages that extras are for
SMALL = ("--steps", "1", "--size", "64x64", "--seed", "1")
MADE = (
    ("generate", "a red car", "--seconds", "0.5", "--steps", "4", "--size", "64x64", "-o", "car.mp4"),
    ("extend", "car.mp4", "--seconds", "0.25", "--steps", "1", "-o", "longer.mp4"),
    ("loop", "car.mp4", "--seconds", "0.25", "--steps", "1", "-o", "loop.mp4"),
    ("blend", "car.mp4", "longer.mp4", "--seconds", "0.25", "--steps", "1", "-o", "blend.mp4"),
    ("remix", "car.mp4", "a blue car", "--steps", "1", "-o", "remix.mp4"),
    ("edit", "car.mp4", "a tree", "--region", "0,0,0.5,0.5", "--steps", "1", "-o", "edit.mp4"),
    ("recut", "longer.mp4", "--keep", "0-0.25", "--keep", "0.5-0.75", "--steps", "1", "-o", "recut.mp4"),
    ("storyboard", "board.yaml", "--steps", "1", "-o", "board.webm"),
    ("generate", "a dog", "--image", "still.png", *SMALL, "--seconds", "0.25", "-o", "dog.gif"),
    ("again", "car.mp4", "--steps", "1", "-o", "again.mp4"),
    ("show", "car.mp4"),
    ("verify", "car.mp4"),
    ("character", "add", "Rex", "still.png", "--consent"),
    ("keys", "provenance", "show"),
    ("models",),
    ("styles",),
    ("--help",),
    ("serve", "--help"),
    ("train", "--help"),
    ("eval", "--help"),
)
"""Commands that have to work, of modes these first."""


def commands() -> list[tuple[str, ...]]:
    """`MADE`, and each mode that is not there, with its defaults."""
    from yozora.core.modes import MODES

    there, said = {command[0] for command in MADE}, list(MADE)
    for mode in MODES.values():
        if mode.name not in there:
            needed = [slot for slot in mode.slots if slot.needed]
            sources = ["car.mp4" if slot.takes == "clip" else "still.png" for slot in needed]
            prompt = [] if mode.prompt_flag else ["a red car"]
            said.append((mode.name, *sources, *prompt, "--steps", "1", "-o", f"{mode.name}.mp4"))
    return said


ASKING = {
    ("serve",): "server",
    ("worker",): "server",
    ("keys", "create", "me"): "server",
    ("keys", "list"): "server",
    ("db", "check"): "server",
    ("db", "upgrade"): "server",
    ("admin", "jobs"): "server",
    ("admin", "usage"): "server",
    ("mcp",): "mcp",
    ("mcp", "--http"): "mcp",
    ("pull", "wan2.1-t2v-1.3b"): "wan",
    ("storyboard", "--from-prompt", "A dog runs.", "--director", "http://127.0.0.1:9/v1"): "director",
}
"""Commands that want an extra, and which."""
BOARD = "cards:\n  - {from: 0, to: 0.5, prompt: a red car}\n  - {from: 0.5, to: 1, prompt: a boat, transition: flow}\n"


def base() -> set[str]:
    """Names of the distributions that `pip install yozora` brings."""
    left, found = [Requirement(line) for line in PROJECT["dependencies"]], set[str]()
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        asked = any(requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in ("",))
        if not asked or name in found:
            continue
        try:
            brought = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform's
        found.add(name)
        left += map(Requirement, brought)
    return found


def modules(distributions: set[str]) -> set[str]:
    """Top-level modules that they bring."""
    brought = importlib.metadata.packages_distributions()
    return {name for name, by in brought.items() if distributions & {canonicalize_name(one) for one in by}}


class Filter:
    """A finder of modules that knows some of those that another knows."""

    def __init__(self, finder: Any, allowed: set[str]) -> None:
        self.finder, self.allowed = finder, allowed

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in self.allowed and not name.startswith("_sysconfigdata"):  # Python's own
            return None
        found: ModuleSpec | None = self.finder.find_spec(name, path, target)
        return found


def shut_out() -> None:
    """From now on nothing else is found, and what was imported already is forgotten."""
    allowed = {*sys.stdlib_module_names, *modules(base()), "yozora", "__main__"}
    sys.meta_path[:] = [Filter(finder, allowed) for finder in sys.meta_path]
    for name in [name for name in sys.modules if name.partition(".")[0] not in allowed]:
        del sys.modules[name]


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    from yozora.cli import main

    err = io.StringIO()
    sys.argv = ["yozora", *arguments]
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(err):
            main()
    except SystemExit as ended:
        return int(ended.code or 0), err.getvalue()


def imported() -> Iterator[str]:
    """Each module of the package but for `FAR`, once it is imported."""
    import yozora

    for found in pkgutil.walk_packages(yozora.__path__, "yozora."):
        if not found.name.startswith(FAR) and not found.name.endswith("__main__"):
            import_module(found.name)
            yield found.name


def main(folder: Path) -> int:
    from PIL import Image

    Image.new("RGB", (64, 64), (90, 120, 60)).save(folder / "still.png")
    (folder / "board.yaml").write_text(BOARD)
    shut_out()
    did = {" ".join(command): run(*command) for command in commands()}
    asked = {" ".join(command): run(*command) for command in ASKING}
    print(json.dumps({"did": did, "asked": asked, "imported": list(imported())}))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
