"""The tools: one for each creation mode, and those to follow, show, fetch, list, cancel and delete films.

Each is a function of the API and of what the assistant said, which tells in words and as data what came of it. Knows
nothing of the protocol that carries it.
"""

import base64
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio

from yozora.core.modes import MODES, Mode
from yozora.errors import UserError
from yozora.mcp.schemas import NAMED, OUTPUT, Schema, arguments, sources
from yozora.mcp.videos import ENDINGS, Event, Object, Videos

FOLLOW_SECONDS: Final = 45.0  # less than clients wait for a tool
MOST_SECONDS: Final = 600.0
ID: Final = re.compile(r"[a-z]{1,12}_[0-9A-Za-z]{1,64}")
ADDRESS: Final = re.compile(r"(https?|data):", re.IGNORECASE)
NAME: Final = r"^[^/\\\x00-\x1f]{1,80}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool: what it asks, where it saves, and who is told how far it is (per cent, in words).

    `local`: the assistant sits on this machine, and may name files of it.
    """

    videos: Videos
    folder: Path
    local: bool
    report: Callable[[float, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolImage:
    """An image that the assistant sees."""

    data: bytes
    kind: str  # MIME type


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool says: a line or more, the same as data, perhaps a picture, perhaps a file that was written."""

    text: str
    value: Object
    picture: ToolImage | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`reads`: it changes nothing on the server. `destroys`: what it takes away does not come back."""

    name: str
    title: str
    description: str
    arguments: Schema
    run: Callable[[ToolCall, Object], Awaitable[ToolResult]]
    output: Schema | None = None
    reads: bool = False
    destroys: bool = False


# --- making


def tool_name(mode: Mode) -> str:
    """The name of a mode's tool, such as make_film."""
    return f"{mode.name if mode.route else 'make'}_film"


def _making(mode: Mode) -> Tool:
    about = f"{mode.summary} Returns the film's id at once; follow_film waits until it is finished."
    return Tool(
        name=tool_name(mode),
        title=mode.summary.split(",")[0].split(":")[0].rstrip("."),
        description=about,
        arguments=arguments(mode),
        run=partial(_create_film, mode),
        output=OUTPUT,
    )


async def _create_film(mode: Mode, call: ToolCall, arguments: Object) -> ToolResult:
    fields, files = dict(arguments), dict[str, Path]()
    route = mode.route
    for name, slots in sources(mode).items():
        given = fields.pop(name, None)
        if given is None:
            continue
        if NAMED in route:
            route = route.replace(NAMED, _film_id(given))
            continue
        for index, one in enumerate(given if isinstance(given, list) else [given]):
            field = name if len(slots) == 1 else f"{name}[{index}]"
            found = _resolve_source(call, str(one), picture=slots[0].takes == "picture")
            (files if isinstance(found, Path) else fields)[field] = found
    if not files:
        fields = _group_bracketed(fields)
    answer = await call.videos.post(f"/videos/{route}".rstrip("/"), fields, files)
    film = answer.value
    about = f"Film {film['id']} is {film['status']}: {film['seconds']} s, {film['size']}, by {film['model']}."
    return ToolResult(text="\n".join([about, *answer.notes, "Call follow_film with its id."]), value=film)


def _resolve_source(call: ToolCall, text: str, *, picture: bool) -> Any:
    """A file to send, or what the API is told in its place. Raises `UserError`."""
    if picture and ADDRESS.match(text):
        return {"image_url": text}
    if ID.fullmatch(text):
        return {"file_id": text} if picture else {"id": text}
    if not call.local:
        what = "an address, a data URL or the id of an uploaded file" if picture else "the id of a completed film"
        raise UserError("Over HTTP, local files cannot be read.", f"Pass {what}.", code="local_files_refused")
    path = call.folder / Path(text).expanduser()
    if not path.is_file():
        raise UserError(f"No file is at {text}.", "Pass an id, or a full path.", code="file_not_found")
    return path


def _film_id(value: object) -> str:
    if not ID.fullmatch(str(value)):
        said = f"{str(value)[:60]!r} is not the id of a film."
        raise UserError(said, "Pass an id of list_films: video_...", code="film_id_malformed")
    return str(value)


def _group_bracketed(fields: Object) -> Object:
    """Fields in brackets as the lists that they stand for in JSON."""
    found: Object = {}
    for name, value in fields.items():
        if name.endswith("]"):
            found.setdefault(name.partition("[")[0], []).append(value)
        else:
            found[name] = value
    return found


# --- following, showing, fetching


async def _follow_film(call: ToolCall, arguments: Object) -> ToolResult:
    film_id = _film_id(arguments["id"])
    with anyio.move_on_after(float(arguments.get("seconds", FOLLOW_SECONDS))):
        async for event in call.videos.follow(film_id):
            if "progress" in event.film:
                await call.report(event.film["progress"], event.film["status"].replace("_", " "))
    film = await call.videos.get(f"/videos/{film_id}")
    return ToolResult(text=_describe_status(film), value=film)


def _describe_status(film: Object) -> str:
    """How far a film is, and what to do next."""
    name, status = film["id"], film["status"]
    if status == "completed":
        return (
            f"Film {name} is completed: {film['seconds']} s, {film['size']}. show_film shows it, fetch_film saves it."
        )
    if status == "failed":
        error = film.get("error") or {}
        return f"Film {name} has failed ({error.get('code')}): {error.get('message')}"
    done = f", {film['progress']} % done" if status == "in_progress" else ""
    return f"Film {name} is {status.replace('_', ' ')}{done}. Call follow_film again."


async def _show_film(call: ToolCall, arguments: Object) -> ToolResult:
    film_id, variant = _film_id(arguments["id"]), arguments.get("variant", "spritesheet")
    film = await call.videos.get(f"/videos/{film_id}")
    if film["status"] == "completed":
        data, kind = await call.videos.content(film_id, variant)
        about = "its thumbnail" if variant == "thumbnail" else "frames of it in order, row by row"
        return ToolResult(text=f"Film {film_id}: {about}.", value=film, picture=ToolImage(data=data, kind=kind))
    preview = await _first_preview(call.videos.follow(film_id)) if film["status"] == "in_progress" else None
    if preview is None:
        return ToolResult(text=f"There is nothing to see yet. {_describe_status(film)}", value=film)
    return ToolResult(text=f"What it is becoming. {_describe_status(film)}", value=film, picture=preview)


async def _first_preview(events: AsyncIterator[Event]) -> ToolImage | None:
    """The newest small picture of a film that is being made; it comes with the first event."""
    async with aclosing(events):  # type: ignore[type-var] # events of a generator
        async for event in events:
            head, _, data = (event.preview or "").partition(";base64,")
            return ToolImage(data=base64.b64decode(data), kind=head.removeprefix("data:")) if data else None
    return None


async def _save_film(call: ToolCall, arguments: Object) -> ToolResult:
    film_id, variant = _film_id(arguments["id"]), arguments.get("variant", "video")
    film = await call.videos.get(f"/videos/{film_id}")
    if film["status"] != "completed":
        raise UserError(f"The film is not finished. {_describe_status(film)}", code="film_not_finished")
    call.folder.mkdir(parents=True, exist_ok=True)
    path = call.folder / f"{film_id}{ENDINGS[variant]}"
    if "name" in arguments:
        path = _unused_path(call.folder, arguments["name"], variant)
    size = await call.videos.save(film_id, variant, path)
    value = {**film, "path": str(path), "bytes": size}
    return ToolResult(text=f"Saved to {path} ({size:,} bytes).", value=value, file=path)


def _unused_path(folder: Path, name: str, variant: str) -> Path:
    """A path that nothing has yet, in the folder itself. Raises `UserError` for a name that is none."""
    stem = name.removesuffix(ENDINGS[variant]).strip(". ")
    if not stem or not re.fullmatch(NAME, name):
        raise UserError(f"{name!r} is not a file name.", "Use a name without folders.", code="file_name_invalid")
    path, number = folder / f"{stem}{ENDINGS[variant]}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{ENDINGS[variant]}"
    return path


# --- what there is


async def _list_films(call: ToolCall, arguments: Object) -> ToolResult:
    query = {"limit": arguments.get("limit", 20)} | ({"after": arguments["after"]} if "after" in arguments else {})
    page = await call.videos.get("/videos", **query)
    line = "{id}: {status}, {seconds} s, {size}, {prompt!r}"
    lines = [line.format(**film | {"prompt": (film["prompt"] or "")[:80]}) for film in page["data"]]
    if page["has_more"]:
        lines.append(f"There are more: list_films with after {page['last_id']}.")
    return ToolResult(text="\n".join(lines) or "There are no films yet. make_film makes one.", value=page)


async def _list_models(call: ToolCall, arguments: Object) -> ToolResult:
    page = await call.videos.get("/models")
    return ToolResult(text=", ".join(model["id"] for model in page["data"]), value=page)


async def _list_characters(call: ToolCall, arguments: Object) -> ToolResult:
    page = await call.videos.get("/videos/characters")
    lines = [f"{one['id']}: {one['name']}" for one in page["data"]]
    return ToolResult(text="\n".join(lines) or "There are no characters yet. create_character makes one.", value=page)


async def _create_character(call: ToolCall, arguments: Object) -> ToolResult:
    found = _resolve_source(call, arguments["video"], picture=False)
    files = {"video": found} if isinstance(found, Path) else {}
    fields = {"name": arguments["name"]} | ({} if files else {"video": found})
    answer = await call.videos.post("/videos/characters", fields, files)
    made = answer.value
    about = f"{made['name']} is {made['id']}: give it in characters, and say {made['name']} in the prompt."
    return ToolResult(text=about, value=made)


async def _cancel(call: ToolCall, arguments: Object) -> ToolResult:
    answer = await call.videos.post(f"/videos/{_film_id(arguments['id'])}/cancel", {})
    return ToolResult(text=_describe_status(answer.value), value=answer.value)


async def _delete(call: ToolCall, arguments: Object) -> ToolResult:
    film_id = _film_id(arguments["id"])
    return ToolResult(text=f"Film {film_id} is gone.", value=await call.videos.delete(f"/videos/{film_id}"))


# --- all of them


def taking(needed: Mapping[str, Schema], **more: Schema) -> Schema:
    """The schema of some arguments, of which the first must be there."""
    found = {**needed, **more}
    return {"type": "object", "properties": found, "required": list(needed), "additionalProperties": False}


OF_FILM: Final[Mapping[str, Schema]] = {"id": {"type": "string", "description": "A film's id (video_...)."}}
OTHERS: Final = (
    Tool(
        name="follow_film",
        title="Wait for a film",
        description="Wait until a film is finished, and report its progress; returns the progress in any case. It "
        "may take minutes: call it again while the film is queued or in progress.",
        arguments=taking(
            OF_FILM,
            seconds={
                "type": "number",
                "minimum": 0,
                "maximum": MOST_SECONDS,
                "default": FOLLOW_SECONDS,
                "description": "The longest time to wait; 0 returns at once.",
            },
        ),
        run=_follow_film,
        output=OUTPUT,
        reads=True,
    ),
    Tool(
        name="show_film",
        title="Show a film",
        description="Return a contact sheet of a film's frames, or its thumbnail; for an unfinished film, the newest "
        "preview.",
        arguments=taking(
            OF_FILM,
            variant={
                "enum": ["spritesheet", "thumbnail"],
                "default": "spritesheet",
                "description": "spritesheet: a contact sheet of its frames.",
            },
        ),
        run=_show_film,
        output=OUTPUT,
        reads=True,
    ),
    Tool(
        name="fetch_film",
        title="Save a film to a file",
        description="Save a completed film (MP4), its thumbnail (WebP) or its contact sheet (JPEG) on the machine of "
        "this tool; returns the path.",
        arguments=taking(
            OF_FILM,
            variant={"enum": list(ENDINGS), "default": "video"},
            name={"type": "string", "pattern": NAME, "description": "The file, without folders [default: the id]."},
        ),
        run=_save_film,
        output=OUTPUT,
        reads=True,
    ),
    Tool(
        name="list_films",
        title="List films",
        description="List the films of this key, the newest first.",
        arguments=taking(
            {},
            limit={"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            after={"type": "string", "description": "The last id of the page before."},
        ),
        run=_list_films,
        reads=True,
    ),
    Tool(
        name="list_models",
        title="List models",
        description="List the values for `model`.",
        arguments=taking({}),
        run=_list_models,
        reads=True,
    ),
    Tool(
        name="list_characters",
        title="List characters",
        description="List the characters that prompts may name.",
        arguments=taking({}),
        run=_list_characters,
        reads=True,
    ),
    Tool(
        name="create_character",
        title="Create a character",
        description="Create a character that prompts can name, from a picture or the first frame of a film. Only use "
        "what the user has permission to show.",
        arguments=taking(
            {
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "video": {"type": "string", "description": "A film's id, or the path of a film or picture file."},
            }
        ),
        run=_create_character,
    ),
    Tool(
        name="cancel_film",
        title="Stop making a film",
        description="Stop making a film; a finished film does not change.",
        arguments=taking(OF_FILM),
        run=_cancel,
        output=OUTPUT,
        destroys=True,
    ),
    Tool(
        name="delete_film",
        title="Delete a film",
        description="Delete a film and its files from the server for good.",
        arguments=taking(OF_FILM),
        run=_delete,
        destroys=True,
    ),
)

TOOLS: Final[Mapping[str, Tool]] = {tool.name: tool for tool in (*map(_making, MODES.values()), *OTHERS)}
"""Every tool by its name."""


def line(value: Object) -> str:
    """Data as a line, for clients that read text alone."""
    return json.dumps(value, ensure_ascii=False)
