"""The tools as a server of the Model Context Protocol: over stdin and stdout, or over streamable HTTP."""

import base64
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import anyio
import httpx2
import jsonschema
import mcp_types as types
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

import yozora
from yozora.errors import UserError
from yozora.mcp.tools import TOOLS, Tool, ToolCall, ToolResult, line
from yozora.mcp.videos import Videos

INSTRUCTIONS: Final = """Yozora makes films of words, pictures and clips. Make one (make_film, extend_film and so on), \
call follow_film with its id until it is completed, look at it with show_film, save it with fetch_film. Describe what \
is seen in plain words: who or what, where, doing what, from which side the camera sees it. Films are made one after \
another and may take minutes; films and stills stay on the server until delete_film."""
PATH: Final = "/mcp"

Context = ServerRequestContext[httpx2.AsyncClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The API that is asked (its address ends in /v1), the key for it, and the folder that files are saved in.

    An empty key: over HTTP, each caller's own is passed on.
    """

    url: str
    key: str
    folder: Path


def make_server(where: Where, *, local: bool) -> Server[httpx2.AsyncClient]:
    """A server of the tools. `local`: callers may name files of this machine."""

    @contextlib.asynccontextmanager
    async def life(_server: Server[httpx2.AsyncClient]) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient() as http:
            yield http

    async def list_tools(_context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_describe_tool(tool) for tool in TOOLS.values()])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            return _to_tool_result(await _run_tool(_call(where, context, local=local), params))
        except UserError as error:
            return types.CallToolResult(content=[types.TextContent(text=str(error))], is_error=True)

    return Server(
        "yozora",
        version=yozora.__version__,
        title="Yozora",
        instructions=INSTRUCTIONS,
        lifespan=life,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(where: Where) -> None:
    """Serve the one who started this process, until that one is gone."""
    server = make_server(where, local=True)

    async def run() -> None:
        async with stdio_server() as (received, sent):
            await server.run(received, sent, server.create_initialization_options())

    anyio.run(run)


def serve_http(where: Where, bound: socket.socket, host: str) -> None:
    """Serve callers at a socket's `PATH`, until the process is told to stop."""
    app = make_server(where, local=False).streamable_http_app(streamable_http_path=PATH, host=host)
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[bound])


def _call(where: Where, context: Context, *, local: bool) -> ToolCall:
    async def report(progress: float, message: str) -> None:
        await context.session.report_progress(progress, 100.0, message)

    key = where.key
    if not key and context.request is not None:
        scheme, _, given = context.request.headers.get("authorization", "").partition(" ")
        key = given.strip() if scheme.lower() == "bearer" else ""
    videos = Videos(http=context.lifespan_context, url=where.url, key=key)
    return ToolCall(videos=videos, folder=where.folder, local=local, report=report)


async def _run_tool(call: ToolCall, params: types.CallToolRequestParams) -> ToolResult:
    """What a tool says. Raises `UserError` for a tool that is not there, and for arguments that cannot be."""
    tool = TOOLS.get(params.name)
    if tool is None:
        raise UserError(
            f"The tool {params.name!r} is not known.", f"Use one of: {', '.join(TOOLS)}.", code="unknown_tool"
        )
    said = {name: value for name, value in (params.arguments or {}).items() if value is not None}
    error = jsonschema.exceptions.best_match(
        jsonschema.validators.validator_for(tool.arguments)(tool.arguments).iter_errors(said)
    )
    if error is not None:
        where = ".".join(map(str, error.absolute_path))
        raise UserError(f"{where}: {error.message}" if where else error.message, code="tool_argument_invalid")
    return await tool.run(call, said)


def _describe_tool(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=tool.reads, destructive_hint=tool.destroys, open_world_hint=False)
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments,
        output_schema=tool.output,
        annotations=hints,
    )


def _to_tool_result(result: ToolResult) -> types.CallToolResult:
    content: list[Any] = [types.TextContent(text=f"{result.text}\n{line(result.value)}")]
    if result.picture is not None:
        data = base64.b64encode(result.picture.data).decode()
        content.append(types.ImageContent(data=data, mime_type=result.picture.kind))
    if result.file is not None:
        content.append(types.ResourceLink(name=result.file.name, uri=result.file.resolve().as_uri()))
    return types.CallToolResult(content=content, structured_content=result.value)
