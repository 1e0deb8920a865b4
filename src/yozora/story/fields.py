"""A YAML text as fields that know their lines, so that what is wrong with one can be said in one line.

The part of YAML that people write by hand: mappings, lists and plain values; no anchors, aliases, tags or second
documents. JSON is read too. Knows nothing of what the fields mean.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import yaml

from yozora.errors import UserError

MAX_CHARACTERS: Final = 256 << 10
MAX_DEPTH: Final = 8
DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
TAG: Final = "tag:yaml.org,2002:"
KINDS: Final[Mapping[str, str]] = {"int": "a number", "float": "a number", "bool": "yes or no", "timestamp": "a date"}


class FieldError(UserError):
    """Something wrong with one field, such as "cards[1].to"; `reason` is the message without it."""

    def __init__(self, field: str, reason: str, hint: str = "", *, code: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason[:1].upper() + reason[1:], hint, code=code)
        self.field = field
        self.reason = reason


@contextmanager
def inside(field: str) -> Iterator[None]:
    """What goes wrong in here is said of `field`, or of a field in it. A `FieldError` comes out."""
    try:
        yield
    except FieldError as error:
        raise FieldError(f"{field}.{error.field}".strip("."), error.reason, error.hint, code=error.code) from error
    except UserError as error:
        raise FieldError(field, error.message, error.hint, code=error.code) from error


@dataclass(frozen=True, slots=True)
class Fields:
    """One mapping: its place, such as "cards[1]" (empty: the whole text), and what its keys hold."""

    path: str
    nodes: Mapping[str, yaml.Node]

    def expect(self, known: Sequence[str], needed: Sequence[str], other_names: Mapping[str, str]) -> None:
        """Raises FieldError for a key that is not known, naming the one that is meant, and for one that is missing."""
        for key in self.nodes:
            if key not in known:
                meant = other_names.get(key.casefold()) or next(iter(get_close_matches(key.casefold(), known, 1)), "")
                hint = f"Did you mean {meant}?" if meant else f"Use {', '.join(known)}."
                raise FieldError(self.at(short(key, quoted=False)), "is not known.", hint, code="unknown_field")
        for key in needed:
            if key not in self.nodes:
                raise FieldError(self.at(key), "is missing.", f"Required: {', '.join(needed)}.", code="field_missing")

    def at(self, key: str) -> str:
        """The whole place of one of the keys."""
        return f"{self.path}.{key}".strip(".")

    def text(self, key: str) -> str:
        """A text, empty where the key is not there."""
        node = self.nodes.get(key)
        if node is None:
            return ""
        value, kind = self._read_scalar(key, node, "text")
        if kind != "str":
            reason = f"{short(value)} is {KINDS.get(kind, 'a sign of YAML')}, not text."
            raise FieldError(self.at(key), reason, "Put it in quotes.", code="field_not_text")
        return value

    def number(self, key: str) -> float | None:
        """A decimal number, None where the key is not there."""
        node = self.nodes.get(key)
        if node is None:
            return None
        value, kind = self._read_scalar(key, node, "a number")
        if getattr(node, "style", None) is not None or not DECIMAL.fullmatch(value) or len(value) > 40:
            hint = "Write it without quotes." if DECIMAL.fullmatch(value) else "Write digits, such as 4 or 2.5."
            raise FieldError(
                self.at(key),
                f"{short(value)} is {KINDS.get(kind, 'text')}, not a plain number.",
                hint,
                code="field_not_number",
            )
        return float(value)

    def whole(self, key: str) -> int | None:
        """A whole number, None where the key is not there."""
        if self.number(key) is None:
            return None
        value = str(self.nodes[key].value)
        if not re.fullmatch(r"[+-]?\d+", value):
            raise FieldError(
                self.at(key),
                f"{short(value)} is not a whole number.",
                "Write digits, such as 7.",
                code="field_not_whole",
            )
        return int(value)

    def items(self, key: str) -> list["Fields"]:
        """The mappings in a list."""
        node, place = self.nodes[key], self.at(key)
        if _empty(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise FieldError(place, "is not a list.", "Write [one, two].", code="field_not_list")
        return [_read_mapping(item, f"{place}[{i}]") for i, item in enumerate(node.value)]

    def _read_scalar(self, key: str, node: yaml.Node, what: str) -> tuple[str, str]:
        """A value as written, and its kind in YAML."""
        if not isinstance(node, yaml.ScalarNode):
            kind = "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
            raise FieldError(self.at(key), f"is {kind}, not {what}.", "Write one value.", code="field_not_single")
        if _empty(node):
            raise FieldError(self.at(key), "is empty.", "Write a value, or remove it.", code="field_empty")
        return str(node.value), node.tag.removeprefix(TAG)


@contextmanager
def reading(text: str, name: str) -> Iterator[Fields]:
    """The fields of a text; what goes wrong with them in here becomes a `UserError` with line and field.

    `name` is what the text is called in errors, which are one line such as
    `board.yaml, line 7, cards[1].to: 3 is before from (4).`
    """
    if len(text) > MAX_CHARACTERS:
        raise UserError(
            f"{name} has more than {MAX_CHARACTERS:,} characters.",
            "Pass the right file, or shorten it.",
            code="text_too_long",
        )
    root = _compose(text, name)
    try:
        fields = _read_mapping(root, "")
        places = dict(_field_lines(root, ""))
        yield fields
    except FieldError as error:
        field = error.field
        places = dict(_field_lines(root, ""))
        while field not in places:
            field = field.rpartition("." if field.rpartition(".")[1] else "[")[0]
        where = f"{name}, line {places[field]}" + (f", {error.field}" if error.field else "")
        raise UserError(f"{where}: {error.reason}", error.hint, code=error.code) from error


def short(text: str, limit: int = 40, quoted: bool = True) -> str:
    """A text in one short line without control characters."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return repr(cut) if quoted or not cut.isprintable() else cut


class _Loader(yaml.SafeLoader):
    """PyYAML's own loader, which stops at what a hand-written file never holds."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # it has no annotations
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors (&) and aliases (*) are not read", problem_mark=event.start_mark
            )
        if event.tag is not None:
            raise yaml.MarkedYAMLError(problem="tags (!) are not read", problem_mark=event.start_mark)
        if self.depth == MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="lists are nested too deep", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str, name: str) -> yaml.Node:
    hint = "Check the indentation, and put a text with ': ', '#', '&', '*' or '!' in quotes."
    try:
        root = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise UserError(
            f"{name}{line}: not valid YAML: {error.problem or error.context}.", hint, code="yaml_invalid"
        ) from error
    except yaml.reader.ReaderError as error:
        line = f", line {text.count(chr(10), 0, error.position) + 1}"
        raise UserError(
            f"{name}{line}: control characters are not allowed.",
            "Save it as plain text in UTF-8.",
            code="yaml_control_character",
        ) from error
    except (ValueError, OverflowError) as error:  # PyYAML reads "\UFFFFFFFF" as a number of no character
        raise UserError(
            f"{name}: not valid YAML: an escape sequence is not a character.", hint, code="yaml_invalid"
        ) from error
    if root is None:
        raise UserError(f"{name} is empty.", "See docs/storyboard.md for an example.", code="yaml_empty")
    return root


def _read_mapping(node: yaml.Node, path: str) -> Fields:
    if not isinstance(node, yaml.MappingNode):
        raise FieldError(path, "has no fields.", "Write key: value.", code="fields_missing")
    nodes: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise FieldError(path, "a key is not text.", "Write key: value.", code="field_name_invalid")
        if key.value in nodes:
            raise FieldError(
                f"{path}.{short(key.value, quoted=False)}".strip("."),
                "appears twice.",
                "Keep one.",
                code="field_duplicate",
            )
        nodes[key.value] = value
    return Fields(path, nodes)


def _field_lines(node: yaml.Node, path: str) -> Iterator[tuple[str, int]]:
    """Every field and its line, from 1; of a key that is there twice, the second."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield from _field_lines(item, f"{path}[{i}]")
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = f"{path}.{short(str(key.value), quoted=False)}".strip(".")
            yield from _field_lines(value, place)
            yield place, key.start_mark.line + 1


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == TAG + "null" and node.style is None
