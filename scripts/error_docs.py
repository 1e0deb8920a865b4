"""Write docs/errors.md from the errors that the sources raise; with --check, only say whether it is current.

`raised` reads them out of the syntax tree: the texts of each, with a word in braces where a value stands. A text that
is a variable is looked up in its function and its module; one that is handed to a function which makes an error of it
is found where that is called.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES, PAGE = ROOT / "src" / "yozora", ROOT / "docs" / "errors.md"
USER_ERRORS = {"UserError": 0, "Ended": 0, "ArgumentError": 1, "FieldError": 1}
"""Classes of errors, and at which place their message is; the hint comes after it."""
API_ERRORS = {
    "ApiError": 1,
    "invalid": 1,
    "_wrong": 2,
    "Refused": 0,
    "PydanticCustomError": 1,
    **dict.fromkeys(("_invalid", "_failed", "no_entry", "too_much", "wrong", "AddressError"), 0),
}
"""The same of errors of the API, and of the functions that make them; `code` is read of the classes alone."""
MOST = 40  # texts of one call
HEAD = """# Errors

Written by `make docs` from the sources, and compared with them by the tests. Every error has a code that stays the
same when its texts change or are translated: `UserError.code` in Python, `reason` in the API's errors.
Words in braces stand for values.

| code | message | what to do |
| --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Raised:
    """One place that makes an error; `code` is None where it is that of another error."""

    path: Path
    line: int
    code: str | None
    messages: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """A file and its syntax tree, with the functions that each node is in, outermost first."""

    path: Path
    tree: ast.Module
    around: dict[ast.AST, tuple[ast.AST, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._enter(self.tree, ())

    def _enter(self, node: ast.AST, around: tuple[ast.AST, ...]) -> None:
        self.around[node] = around
        inside = (*around, node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else around
        for child in ast.iter_child_nodes(node):
            self._enter(child, inside)

    def calls(self, names: Mapping[str, int]) -> Iterator[tuple[ast.Call, int]]:
        """The calls of functions of these names, with the place of the text among their arguments."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := _name(node.func)) in names:
                yield node, names[name]

    def texts(self, node: ast.AST | None, depth: int = 0) -> list[str]:
        """All that an expression of text may be."""
        if node is None:
            return [""]
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([node.left, node.right], depth)
        if isinstance(node, ast.IfExp):
            return list(dict.fromkeys(self.texts(node.body, depth) + self.texts(node.orelse, depth)))
        if isinstance(node, ast.Name) and depth < 4 and (found := self._assigned(node)):
            return list(dict.fromkeys(text for one in found for text in self.texts(one, depth + 1)))[:MOST]
        return [f"{{{_word(node)}}}"]

    def _joined(self, parts: Sequence[ast.AST], depth: int) -> list[str]:
        every = [self.texts(part.value if isinstance(part, ast.FormattedValue) else part, depth) for part in parts]
        return ["".join(combined) for combined, _ in zip(product(*every), range(MOST), strict=False)]

    def _assigned(self, name: ast.Name) -> list[ast.AST]:
        """Texts that a variable is given in its function, or a constant in its module."""
        functions = self.around.get(name, ())
        for scope in (*functions[-1:], self.tree):
            found: list[ast.AST] = []
            for node in ast.walk(scope):
                if self.around.get(node) == ((*self.around[scope], scope) if scope is not self.tree else ()):
                    found += _values(node, name.id)
            if found or name.id in _parameters(scope):
                return [one for one in found if _is_text(one)]
        return []


def raised(errors: Mapping[str, int], folder: Path = SOURCES) -> list[Raised]:
    """All places that make errors of these classes."""
    modules = [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(folder.rglob("*.py"))]
    found = []
    for module in modules:
        for call, at in module.calls(errors):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            rest = dict(enumerate(call.args))
            code, hint = named.get("code"), named.get("hint", rest.get(at + 1))
            literal = code.value if isinstance(code, ast.Constant) else None
            texts = module.texts(named.get("message", rest.get(at)))
            hints = module.texts(hint) if errors is not API_ERRORS else [""]
            found.append(Raised(module.path, call.lineno, literal, tuple(texts), tuple(hints)))
    return found


def page() -> str:
    """All of docs/errors.md."""
    rows: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for one in raised(USER_ERRORS):
        if one.code is not None:
            messages, hints = rows.setdefault(one.code, ({}, {}))
            messages |= dict.fromkeys(map(_tidy, one.messages))
            hints |= dict.fromkeys(map(_tidy, one.hints))
    lines = [f"| `{code}` | {_cell(messages)} | {_cell(hints)} |" for code, (messages, hints) in sorted(rows.items())]
    return HEAD + "\n".join(lines) + "\n"


def _cell(texts: Mapping[str, None]) -> str:
    """Texts as a cell of a table, the first six."""
    shown = [text for text in texts if text][:6]
    return "<br>".join(re.sub(r"([|<>])", r"\\\1", text) for text in shown)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _word(node: ast.AST) -> str:
    """A word for a value: what the last name in its expression is called."""
    if isinstance(node, ast.Call) and _name(node.func) in ("repr", "str", "short", "shown", "join", "first", "sorted"):
        return _word(node.args[0]) if node.args else "value"
    if isinstance(node, ast.Call | ast.Subscript | ast.Starred | ast.Await):
        return _word(node.func if isinstance(node, ast.Call) else node.value)
    if isinstance(node, ast.BinOp):
        return _word(node.left)
    return _name(node).strip("_").lower() or "value"


def _values(node: ast.AST, name: str) -> list[ast.AST]:
    """What a statement gives a variable, where it can be told."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                return [node.value]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
                return [value for one, value in pairs if isinstance(one, ast.Name) and one.id == name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
        return [node.value] if node.value is not None else []
    return []


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def _parameters(scope: ast.AST) -> set[str]:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    each = scope.args
    return {one.arg for one in (*each.posonlyargs, *each.args, *each.kwonlyargs)}


def main() -> int:
    """1 where the page is not current, with --check."""
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
