"""What others build on, as data: the API's paths and fields, commands and options, tools, Python's functions, weights.

    python tests/compatibility/shapes.py    # writes shapes-0.1/*.json

was run on commit 4edfbca. `missing` compares: all that was then is there now; more may be. A thing that is taken away
on purpose is taken out of its file by hand, with a line in CHANGELOG.md. Prose, schemas' names and order are not kept.
"""

import argparse
import inspect
import io
import json
import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("shapes-0.1")
Shape = dict[str, Any]
DEPTH = 4  # of fields in fields


def missing(then: Any, now: Any, at: str = "") -> Iterator[str]:
    """What was there and is not, or is another value: objects by their keys, lists as sets, all else as it is."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for key, value in then.items():
            if key in now:
                yield from missing(value, now[key], f"{at}/{key}")
            else:
                yield f"{at}/{key} is gone"
    elif isinstance(then, list) and isinstance(now, list):
        yield from (f"{at}: {one} is gone" for one in then if one not in now)
    elif then != now:
        yield f"{at} was {then!r} and is {now!r}"


def newly_needed(then: Any, now: Any, at: str = "") -> Iterator[str]:
    """What calls have to say now and did not then: entries of `needs` in objects that were there."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        yield from (f"{at} needs {one}" for one in now.get("needs", ()) if one not in then.get("needs", ()))
        for key in then.keys() & now.keys():
            yield from newly_needed(then[key], now[key], f"{at}/{key}")


# --- the API


def api(document: Mapping[str, Any]) -> Shape:
    """By method and path: the operation's id, parameters, bodies, and answers; `Refusal` is what all refusals hold."""
    shape: Shape = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            shape[f"{method.upper()} {path}"] = _operation(operation, document)
    return shape


def _operation(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Shape:
    asked = operation.get("parameters", [])
    shape: Shape = {
        "id": operation["operationId"],
        "statuses": sorted(operation["responses"]),
        "parameters": {f"{one['in']} {one['name']}": _parameter(one, document) for one in asked},
        "needs": sorted(one["name"] for one in asked if one.get("required")),
    }
    for kind, said in operation.get("requestBody", {}).get("content", {}).items():
        shape[f"body {kind}"] = _fields(said.get("schema", {}), document)
    for status, answer in operation["responses"].items():
        for kind, said in answer.get("content", {}).items():
            if status < "400":
                shape[f"answer {status} {kind}"] = _fields(said.get("schema", {}), document)["fields"]
    return shape


def _parameter(said: Mapping[str, Any], document: Mapping[str, Any]) -> Shape:
    default = said["schema"].get("default")
    return {"kinds": _kinds(said["schema"], document), **({} if default is None else {"default": default})}


def _fields(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Shape:
    """The fields of an object and of objects in it, by their paths, and which of its own it needs."""
    found: dict[str, list[str]] = {}
    _collect(schema, document, "", found)
    needs = sorted({name for one in _branches(schema, document) for name in one.get("required", ())})
    return {"fields": dict(sorted(found.items())), "needs": needs}


def _collect(schema: Mapping[str, Any], document: Mapping[str, Any], at: str, found: dict[str, list[str]]) -> None:
    for one in _branches(schema, document):
        if "items" in one and at.count(".") + at.count("[]") < DEPTH:
            _collect(one["items"], document, f"{at}[]", found)
        for name, said in one.get("properties", {}).items():
            place = f"{at}.{name}".lstrip(".")
            found[place] = sorted({*found.get(place, ()), *_kinds(said, document)})
            if place.count(".") + place.count("[]") < DEPTH:
                _collect(said, document, place, found)


def _branches(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema, or those that it may be, without references."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _branches(document["components"]["schemas"][name], document)
    elif "anyOf" in schema or "oneOf" in schema:
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from _branches(one, document)
    else:
        yield schema


def _kinds(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """What a value may be: JSON's types, and the values of an enumeration."""
    kinds: set[str] = set()
    for one in _branches(schema, document):
        values = one.get("enum", [one["const"]] if "const" in one else [])
        kinds |= {json.dumps(value) for value in values}
        said = one.get("type", () if values else "any")
        kinds |= {said} if isinstance(said, str) and not values else set(() if values else said)
    return sorted(kinds)


# --- commands


def commands() -> Shape:
    """By name of the command: how many arguments of which kind, and its options with kind, default and choices."""
    import typer

    from yozora.cli import app

    return {**dict(_commands(typer.main.get_command(app), "yozora")), **_parsers("train", "eval")}


def _commands(command: Any, name: str) -> Iterator[tuple[str, Shape]]:
    options = [one for one in command.params if one.opts[0].startswith("-")]
    given = [one for one in command.params if one not in options]
    yield (
        name,
        _command(
            [[_annotated(one), "needed" if one.required else "optional"] for one in given],
            {name: _option(one) for one in options for name in (*one.opts, *one.secondary_opts)},
            sorted(one.opts[0] for one in options if one.required),
        ),
    )
    for each, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{name} {each}")


def _command(arguments: list[list[str]], options: Shape, needs: list[str]) -> Shape:
    """Arguments are known by their places, so that each is an entry of its own."""
    return {"arguments": {str(place): one for place, one in enumerate(arguments)}, "options": options, "needs": needs}


def _annotated(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    return annotation.__name__ if isinstance(annotation, type) and "[" not in str(annotation) else str(annotation)


def _option(option: Any) -> Shape:
    shape: Shape = {"kind": "flag" if option.is_flag else _annotated(option)}
    shown = re.search(r"\[default: ([\w.:-]+)\]", option.help or "")
    if shown or option.default not in (None, False, "", []):
        shape["default"] = shown[1] if shown else str(option.default)
    if "|" in (option.metavar or ""):
        shape["choices"] = option.metavar.split("|")
    return shape


def _parsers(*names: str) -> Shape:
    """Of the commands whose arguments `argparse` reads: it is looked at while they print their help."""
    from yozora.cli import app

    found: list[argparse.ArgumentParser] = []
    shown = argparse.ArgumentParser.format_help

    def look(parser: argparse.ArgumentParser) -> str:
        found.append(parser)
        return shown(parser)

    argparse.ArgumentParser.format_help = look  # type: ignore[method-assign]
    try:
        for name in names:
            with redirect_stdout(io.StringIO()), suppress(SystemExit):
                app([name, "--help"], standalone_mode=False)
    finally:
        argparse.ArgumentParser.format_help = shown  # type: ignore[method-assign]
    return {f"yozora {name}": _parser(parser) for name, parser in zip(names, found, strict=True)}


def _parser(parser: argparse.ArgumentParser) -> Shape:
    options = [one for one in parser._actions if one.option_strings]
    given = [one for one in parser._actions if not one.option_strings]
    return _command(
        [[_type(one), "optional" if one.nargs in ("?", "*") else "needed"] for one in given],
        {name: _action(one) for one in options for name in one.option_strings},
        sorted(one.option_strings[0] for one in options if one.required),
    )


def _type(action: argparse.Action) -> str:
    return getattr(action.type, "__name__", "str") + {"*": "...", None: ""}.get(action.nargs, "")  # type: ignore[call-overload]


def _action(action: argparse.Action) -> Shape:
    default = action.default
    shape: Shape = {"kind": "flag" if action.nargs == 0 else _type(action)}
    return shape if default in (None, False, argparse.SUPPRESS) else {**shape, "default": str(default)}


# --- an assistant's tools


def tools() -> Shape:
    """By name: the arguments of each, as `yozora mcp` tells them over stdin and stdout."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    sent = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list", "params": {}},
    ]
    command = [sys.executable, "-m", "yozora", "mcp"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for one in sent:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **one}) + "\n")
        process.stdin.flush()
        answers = (json.loads(line) for line in process.stdout)
        told = next(answer["result"]["tools"] for answer in answers if answer.get("id") == 2)
        process.stdin.close()
    return {one["name"]: _fields(one["inputSchema"], one["inputSchema"]) for one in told}


# --- Python


def python() -> Shape:
    """What the package exports: functions with their parameters, classes with their fields and methods."""
    import yozora

    return {name: _exported(getattr(yozora, name)) for name in yozora.__all__ if not name.startswith("_")}


def _exported(thing: Any) -> Shape:
    if not isinstance(thing, type):
        return _signature(thing)
    public = {name: value for name, value in vars(thing).items() if not name.startswith("_")}
    stored = {each.name for each in fields(thing)} if is_dataclass(thing) else set()
    methods = {name: _signature(value) for name, value in public.items() if inspect.isfunction(value)}
    return {"names": sorted({*public, *stored}), "methods": methods}


def _signature(function: Any) -> Shape:
    asked = inspect.signature(function).parameters.values()
    shape: Shape = {each.name: {"kind": each.kind.description} | _default(each) for each in asked}
    free = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    needs = [each.name for each in asked if each.default is each.empty and each.kind not in free]
    return {"parameters": shape, "needs": needs}


def _default(parameter: inspect.Parameter) -> Shape:
    plain = isinstance(parameter.default, str | int | float | bool | tuple | None)
    return {"default": repr(parameter.default)} if parameter.default is not parameter.empty and plain else {}


# --- weights


def weights() -> Shape:
    """By file in the package's assets: the names of its tensors, `*` for a number in them."""
    import yozora

    assets = Path(yozora.__file__).parent / "assets"
    files = sorted(assets.rglob("*.safetensors"))
    return {path.relative_to(assets).as_posix(): _tensors(path) for path in files}


def _tensors(path: Path) -> list[str]:
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        head = json.loads(file.read(length))
    return sorted({re.sub(r"\d+", "*", name) for name in head if name != "__metadata__"})


def main() -> int:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.compatibility.running import served, yozora

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "server.toml").write_text('database = "sqlite:///server.db"\n')
        key = yozora(folder, "keys", "create", "me").strip()
        with served(folder, key, "--workers", "0") as server:
            document = server.client.get(str(server.client.base_url).replace("/v1/", "/openapi.json")).json()
    shapes = {"api": api(document), "commands": commands(), "tools": tools(), "python": python(), "weights": weights()}
    FOLDER.mkdir(exist_ok=True)
    for name, shape in shapes.items():
        lines = [f"{json.dumps(key)}: {json.dumps(shape[key], sort_keys=True)}" for key in sorted(shape)]
        (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
