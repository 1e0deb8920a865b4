"""Write columns and pictures of docs/studio.md; with --check, only say whether they are current.

The columns are "test" and "keyboard".

A test holds a flow when it is marked with its number: `@pytest.mark.flow(8)`. It does so by keyboard alone, too, when
it takes the fixture `hand` of tests/studio.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS, PAGE, PICTURES = ROOT / "tests", ROOT / "docs" / "studio.md", ROOT / "docs" / "studio"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \|.*$", re.MULTILINE)
HEAD_OF_PICTURES = "## Pictures\n\nThe tests make these pictures (`make pictures`).\n"
VIEWS = {"light": "light", "dark": "dark", "ar": "Arabic", "phone": "phone"}
"""The end of a picture's name, and what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTest:
    """A test that holds a flow."""

    flow: int
    file: str
    name: str
    keyboard: bool


def flow_tests() -> Iterator[FlowTest]:
    """All of them, in the order of their files."""
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.flow" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                keyboard = any(each.arg == "hand" for each in node.args.args)
                file = path.relative_to(TESTS).as_posix()
                for flow in marked(node):
                    yield FlowTest(flow=flow, file=file, name=node.name, keyboard=keyboard)


def marked(function: ast.FunctionDef) -> Iterator[int]:
    """Numbers of the flows that a test holds."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.flow":
            yield from (int(ast.literal_eval(argument)) for argument in decorator.args)


def rows(text: str) -> dict[int, str]:
    """Each flow of the page, and what one does and sees."""
    return {int(number): said.strip() for number, said in ROW.findall(text)}


def written(text: str) -> str:
    """The page with all that this script writes."""
    found: dict[int, list[FlowTest]] = {}
    for one in flow_tests():
        found.setdefault(one.flow, []).append(one)

    def filled(match: re.Match[str]) -> str:
        tests = found.get(int(match[1]), [])
        names = "<br>".join(f"`tests/{one.file}::{one.name}`" for one in tests)
        keyboard = "yes" if any(one.keyboard for one in tests) else ""
        return f"| {match[1]} | {match[2].strip()} | {names} | {keyboard} |"

    flows = text.partition(HEAD_OF_PICTURES)[0]
    return ROW.sub(filled, flows) + HEAD_OF_PICTURES + pictures()


def pictures() -> str:
    """A table for each page of which there are pictures."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(PICTURES.glob("*.webp")):
        page, _, view = path.stem.rpartition("-")
        found.setdefault(page, {})[view] = path.name
    return "".join(f"\n### {title(page)}\n\n{table(page, views)}" for page, views in found.items())


def title(page: str) -> str:
    return page.replace("-", " ").capitalize()


def table(page: str, views: dict[str, str]) -> str:
    """Pictures of a page, beside each other."""
    shown = {name: views[view] for view, name in VIEWS.items() if view in views}
    head = "| " + " | ".join(shown) + " |\n" + "|---" * len(shown) + "|\n"
    cells = (f"![{title(page)}, {name}](studio/{file})" for name, file in shown.items())
    return head + "| " + " | ".join(cells) + " |\n"


def main(arguments: list[str]) -> int:
    text = PAGE.read_text(encoding="utf-8")
    new = written(text)
    if "--check" in arguments:
        if new != text:
            print("docs/studio.md is not current: python scripts/studio_docs.py", file=sys.stderr)
        return int(new != text)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
