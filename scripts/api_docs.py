"""Write docs/api.md from the server's OpenAPI document; with --check, only say whether it is current."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yozora.server.http.app import document
from yozora.server.http.live_messages import ABOUT
from yozora.server.http.mode_requests import AnyVideo

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
HEAD = """# Videos API

`make docs` writes this page from the server's OpenAPI document (`/openapi.json`), and the tests compare it with that.

"""


def reference() -> str:
    """The page, as the routes of this source tree would have it."""
    said = document()
    lines = [HEAD + said["info"]["description"].strip(), "\n## Refusals\n", _refusals(said)]
    for tag in said["tags"]:
        lines.append(f"\n## {tag['name'].capitalize()}\n\n{tag['description']}")
        for method, path, operation in _operations(said):
            if tag["name"] in operation["tags"]:
                lines += _operation(method, path, operation, said)
    lines += ["\n## Live\n\n### WS /v1/realtime/video\n", ABOUT.strip()]
    lines += ["\n## Fields of any video\n", "Every call that makes a video accepts these fields.", ""]
    lines += _fields(_of_any())
    lines.append("\n## Objects")
    bodies = {name for _, _, one in _operations(said) for name in _names(one.get("requestBody", {}))}
    for name, schema in sorted(said["components"]["schemas"].items()):
        if name not in bodies:
            lines += [
                f"\n### {_plain(name)}\n",
                _one_line(schema.get("description", "")),
                "",
                *_fields(schema, needed=False),
            ]
    return "\n".join(lines) + "\n"


def _operations(said: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def _operation(method: str, path: str, operation: dict[str, Any], said: dict[str, Any]) -> list[str]:
    lines = [
        f"\n### {method} {path}\n",
        f"{operation['summary']}. {_one_line(operation.get('description', ''))}".strip(),
    ]
    asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    if asked:
        lines += ["", "| query | type | default | |", "|---|---|---|---|"]
        lines += [_row(one["name"], one["schema"], one.get("description", "")) for one in asked]
    body = operation.get("requestBody", {}).get("content", {})
    if body:
        schema = next(iter(body.values()))["schema"]
        lines += ["", f"Body: {', '.join(f'`{kind}`' for kind in body)}.", "", *_own_fields(_resolved(schema, said))]
    good = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    lines += ["", "Answer: " + "; ".join(_answer(status, answer) for status, answer in good.items()) + "."]
    return lines


def _answer(status: str, answer: dict[str, Any]) -> str:
    content = answer.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    what = _type(schema) if schema else ", ".join(f"`{kind}`" for kind in content)
    about = "" if answer["description"] == "Successful Response" else answer["description"].rstrip(".")
    return " ".join(part for part in (status, what, f"({about})" if about and what else about) if part)


def _own_fields(schema: dict[str, Any]) -> list[str]:
    """Without those that every video has."""
    properties, known = schema.get("properties", {}), _of_any()["properties"]
    if not known.keys() <= properties.keys():
        return _fields(schema)
    own = {name: one for name, one in properties.items() if one != known.get(name)}
    return [*_fields({**schema, "properties": own}), "", "And the [fields of any video](#fields-of-any-video)."]


def _of_any() -> dict[str, Any]:
    """The fields that every video has."""
    return AnyVideo.model_json_schema(ref_template="#/components/schemas/{model}")


def _fields(schema: dict[str, Any], *, needed: bool = True) -> list[str]:
    required = schema.get("required", [])
    lines = [
        "| field | type | default | |" if needed else "| field | type | |",
        "|---|---|---|---|" if needed else "|---|---|---|",
    ]
    properties = schema.get("properties", {})
    for name in sorted(properties, key=lambda name: name not in required):
        one = properties[name]
        if needed:
            lines.append(_row(name, one, one.get("description", ""), required=name in required))
        else:
            lines.append(f"| `{name}` | {_type(one)} | {_one_line(one.get('description', ''))} |")
    return lines


def _row(name: str, schema: dict[str, Any], about: str, *, required: bool = False) -> str:
    default = schema.get("default")
    shown = "required" if required else "" if default in (None, "", []) else f"`{default}`"
    return f"| `{name}` | {_type(schema)} | {shown} | {_one_line(about)} |"


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return _plain(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        kinds = dict.fromkeys(_type(one) for one in schema["anyOf"] if one != {"type": "null"})
        return " or ".join(kinds) + _null(schema)
    if "const" in schema or "enum" in schema:
        return ", ".join(f'"{one}"' for one in schema.get("enum", [schema.get("const")]))
    if schema.get("format") == "binary":
        return "file"
    if schema.get("type") == "array":
        items = schema.get("items") or {"anyOf": schema.get("prefixItems", [])}
        return f"list of {_type(items)}" if items and items.get("anyOf") != [] else "list"
    return f"{schema.get('type', 'anything')}{_range(schema)}"


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    longest = schema.get("maxLength")
    if low is not None and high is not None:
        return f" {low:g} to {high:g}" if high < 1e9 else f" from {low:g}"
    if low is not None:
        return f" from {low:g}"
    return f" of up to {longest:,} characters" if longest else ""


def _null(schema: dict[str, Any]) -> str:
    return " or null" if {"type": "null"} in schema["anyOf"] and "default" not in schema else ""


def _refusals(said: dict[str, Any]) -> str:
    lines = [
        'Every refusal is `{"error": {"message", "type", "param", "code", "reason"}}`.',
        "`code` has the values that clients of the OpenAI API know.",
        "`reason` names the fault more exactly: it is a code of [errors.md](errors.md), or the same as `code`.",
        "Messages may change and may be translated; both codes stay as they are.",
        *("", "| status | |", "|---|---|"),
    ]
    answers = {s: a for _, _, one in _operations(said) for s, a in one["responses"].items() if s >= "400"}
    lines += [f"| {status} | {_one_line(answer['description'])} |" for status, answer in sorted(answers.items())]
    return "\n".join(lines)


def _names(part: Any) -> set[str]:
    if isinstance(part, dict):
        mine = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return mine.union(*(_names(one) for one in part.values()))
    return set().union(*(_names(one) for one in part)) if isinstance(part, list) else set()


def _resolved(schema: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(said["components"]["schemas"][name]) if name else schema


def _plain(name: str) -> str:
    return f"Page of {name[5:-1]}" if name.startswith("Page_") else name


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    page = reference()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            print("docs/api.md is not what the server says: run `make docs`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
