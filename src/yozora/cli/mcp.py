"""The command `yozora mcp`: a server's films as tools of an assistant."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from yozora.cli.working import path
from yozora.errors import UserError
from yozora.extras import require

if TYPE_CHECKING:
    from yozora.mcp.server import Where

URL, KEY = "YOZORA_URL", "YOZORA_API_KEY"
"""Environment variables: the address of a server's API, and a key for it."""

HERE: Final = "http://127.0.0.1:8000/v1"


def mcp(
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help=f"The Videos API of a server, with /v1. [default: ${URL}, or {HERE}]"),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help=f"A key of the server [default: ${KEY}, which other users of this machine cannot see; over HTTP, each "
            "caller's own key].",
        ),
    ] = None,
    folder: Annotated[Path, typer.Option(parser=path, metavar="FOLDER", help="Where fetched films are saved.")] = Path(
        "yozora-films"
    ),
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP at /mcp instead of standard input and output.")
    ] = False,
    host: Annotated[str, typer.Option(metavar="HOST", help="With --http: the address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="With --http: the port; 0 is any.", min=0, max=65535)
    ] = 8010,
) -> None:
    """Give an assistant tools that make, follow, show and fetch films of a running server (MCP).

    docs/mcp.md shows how to configure an assistant.
    """
    require("mcp", "yozora mcp")
    from yozora.mcp.server import Where, serve_stdio

    key = os.environ.get(KEY, "") if key is None else key
    where = Where(url=api_address(url or os.environ.get(URL) or HERE), key=key.strip(), folder=folder.absolute())
    if http:
        _serve(where, host, port)
    else:
        serve_stdio(where)


def _serve(where: "Where", host: str, port: int) -> None:
    """Serve streamable HTTP at an address until the process is told to stop."""
    from yozora.mcp.server import serve_http
    from yozora.server.listening import is_loopback, listening

    if where.key and not is_loopback(host):
        raise UserError(
            f"With --host {host}, other machines could use this key.",
            "Leave out --host, or start without the key.",
            code="shared_key_exposed",
        )
    with listening(host, port) as bound:
        shown = f"[{host}]" if ":" in host else host
        print(f"Yozora serves MCP at http://{shown}:{bound.getsockname()[1]}/mcp", flush=True)
        serve_http(where, bound, host)


def api_address(url: str) -> str:
    """The address without a slash at its end. Raises `UserError` for what is none of HTTP."""
    if not url.startswith(("http://", "https://")):
        raise UserError(
            f"{url} is not the URL of a server.", f"Write the whole URL, such as {HERE}", code="server_url_malformed"
        )
    return url.rstrip("/")
