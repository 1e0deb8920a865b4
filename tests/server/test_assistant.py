"""The official MCP client makes, follows, extends and fetches films of a real server; no tool needs a manual."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import anyio
import jsonschema
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent
from tests.server.conftest import Served, until

from yozora.core.modes import MODES
from yozora.films.film import Film
from yozora.mcp.schemas import BOARD, CARD, arguments
from yozora.mcp.server import Where, make_server
from yozora.mcp.tools import TOOLS, tool_name
from yozora.server.http import mode_requests
from yozora.story import board

SMALL: Mapping[str, Any] = {"size": "96x64", "steps": 2}
SOURCE = Path(__file__).parents[2] / "src"


def talking(server: Served, folder: Path, talk: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """A conversation with `yozora mcp` in a process of its own, over its standard input and output."""
    environment = {"YOZORA_URL": server.url, "YOZORA_API_KEY": server.key, "PYTHONPATH": str(SOURCE)}
    command = ["-m", "yozora", "mcp", "--folder", str(folder)]

    async def run() -> None:
        started = StdioServerParameters(command=sys.executable, args=command, env=environment)
        async with Client(started) as client:
            await talk(client)

    anyio.run(run)


def text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


async def made(client: Client, tool: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A film that a tool has made, when it is completed."""
    asked = await client.call_tool(tool, {**SMALL, **said})
    assert not asked.is_error, text(asked)
    followed = await client.call_tool("follow_film", {"id": asked.structured_content["id"], "seconds": 120})
    assert followed.structured_content["status"] == "completed", text(followed)
    return dict(followed.structured_content)


def test_a_film_is_made_followed_shown_extended_and_fetched(
    server: Served, tmp_path: Path, make_film: Callable[..., Film]
) -> None:
    folder = tmp_path / "fetched"
    folder.mkdir()
    make_film(frames=9).save(folder / "mine.mp4")

    async def talk(client: Client) -> None:
        heard: list[float] = []

        async def hear(progress: float, total: float | None, message: str | None) -> None:
            assert total == 100
            assert message in ("queued", "in progress", "completed")
            heard.append(progress)

        asked = await client.call_tool("make_film", {"prompt": "a red car", "seconds": 0.3, **SMALL})
        film = asked.structured_content["id"]
        assert film in text(asked)
        assert "follow_film" in text(asked)
        done = await client.call_tool("follow_film", {"id": film, "seconds": 120}, progress_callback=hear)
        assert done.structured_content["status"] == "completed"
        assert heard
        assert heard == sorted(heard)

        for variant, kind in (("thumbnail", "image/webp"), ("spritesheet", "image/jpeg")):
            shown = await client.call_tool("show_film", {"id": film, "variant": variant})
            (picture,) = (part for part in shown.content if isinstance(part, ImageContent))
            assert picture.mime_type == kind
            assert len(base64.b64decode(picture.data)) > 100

        fetched = await client.call_tool("fetch_film", {"id": film})
        path = Path(fetched.structured_content["path"])
        assert path == folder / f"{film}.mp4"
        assert path.read_bytes()[4:8] == b"ftyp"
        assert [part.uri for part in fetched.content if isinstance(part, ResourceLink)] == [path.as_uri()]
        again = await client.call_tool("fetch_film", {"id": film, "name": "mine.mp4"})
        assert Path(again.structured_content["path"]).name == "mine-2.mp4"

        longer = await made(client, "extend_film", {"video": film, "seconds": 0.25})
        assert float(longer["seconds"]) > 0.5
        assert (await made(client, "remix_film", {"video": film, "prompt": "a blue car"}))["prompt"] == "a blue car"
        own = await made(client, "extend_film", {"video": "mine.mp4", "seconds": 0.25})  # a file of this machine
        assert float(own["seconds"]) > 0.75
        cards = [{"from": 0, "to": 0.25, "prompt": "a dog"}, {"from": 0.25, "to": 0.5, "prompt": "a cat"}]
        assert (await made(client, "storyboard_film", {"board": {"cards": cards}}))["seconds"] == "0.5"
        both = await made(client, "blend_film", {"videos": ["mine.mp4", film], "seconds": 0.1})
        assert both["status"] == "completed"

        listed = await client.call_tool("list_films", {"limit": 3})
        assert len(listed.structured_content["data"]) == 3
        await client.call_tool("delete_film", {"id": film})
        gone = await client.call_tool("show_film", {"id": film})
        assert gone.is_error
        assert film in text(gone)

    talking(server, folder, talk)


def test_an_assistant_is_told_what_is_wrong_and_what_to_do(server: Served, tmp_path: Path) -> None:
    async def talk(client: Client) -> None:
        wrong: list[tuple[str, dict[str, Any], str]] = [
            ("make_film", {"prompt": "a car", "second": 4}, "second"),
            ("make_film", {"seconds": 4}, "prompt"),
            ("make_film", {"prompt": "a car", "seconds": 0.3, "size": "9x9"}, "size"),
            ("make_film", {"prompt": "a car", "input_reference": "nowhere.png"}, "nowhere.png"),
            ("remix_film", {"prompt": "a car", "video": "mine.mp4"}, "video_"),
            ("follow_film", {"id": "video_00000000000000000000000000000000"}, "video_0"),
            ("fetch_film", {"id": "video_0", "name": "../out"}, "name"),
            ("bake_film", {}, "make_film"),
        ]
        for tool, said, expected in wrong:
            result = await client.call_tool(tool, said)
            assert result.is_error, tool
            assert expected in text(result), (tool, text(result))
        noted = await client.call_tool("make_film", {"prompt": "a zxqwv on a street", "seconds": 0.3, **SMALL})
        assert "zxqwv" in text(noted).split("{")[0]
        assert (await client.call_tool("cancel_film", {"id": noted.structured_content["id"]})).is_error is False

    talking(server, tmp_path, talk)


def test_over_http_each_caller_brings_a_key_and_no_file_of_this_machine(server: Served, tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {name: value for name, value in os.environ.items() if name != "YOZORA_API_KEY"}
    command = [sys.executable, "-m", "yozora", "mcp", "--http", "--port", "0", "--url", server.url]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--folder", str(tmp_path / "fetched")],
            stdout=said,
            stderr=said,
            env={**environment, "PYTHONPATH": str(SOURCE)},
        )
    try:
        address = until(lambda: re.search(r"http://\S+/mcp", log.read_text()), "yozora mcp")[0]
        anyio.run(_over_http, address, server.key)
    finally:
        process.terminate()
        process.wait(30)


async def _over_http(address: str, key: str) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async with Client(address) as nobody:
        assert {tool.name for tool in (await nobody.list_tools()).tools} == set(TOOLS)
        refused = await nobody.call_tool("make_film", {"prompt": "a car", "seconds": 0.3, **SMALL})
        assert refused.is_error
        assert "API key" in text(refused)
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=120) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        film = await made(client, "make_film", {"prompt": "a car", "seconds": 0.3})
        assert (await client.call_tool("fetch_film", {"id": film["id"]})).structured_content["bytes"] > 1000
        read = await client.call_tool("make_film", {"prompt": "a car", "input_reference": "/etc/hostname"})
        assert read.is_error
        assert "local files cannot be read" in text(read)


def test_nobody_answers_in_one_line(tmp_path: Path) -> None:
    where = Where(url="http://127.0.0.1:9/v1", key="", folder=tmp_path)

    async def run() -> None:
        async with Client(make_server(where, local=True)) as client:
            result = await client.call_tool("follow_film", {"id": "video_0"})
            assert result.is_error
            assert text(result).startswith("The Yozora server at http://127.0.0.1:9/v1 does not answer")
            assert "yozora serve" in text(result)

    anyio.run(run)


def test_schemas_say_what_the_api_takes() -> None:
    """Every field of a mode's request is an argument of its tool, and none else; but `n`, and files that are sent."""
    for mode in MODES.values():
        schema = arguments(mode)
        jsonschema.Draft202012Validator.check_schema(schema)
        fields = mode_requests.KINDS[mode.name].model_fields
        api = {field.alias or name for name, field in fields.items()} - {"n", "files"}
        named = {"video"} if "{video_id}" in mode.route else set()
        assert set(schema["properties"]) == api | named, mode.name
        assert all(about["description"] for about in schema["properties"].values() if about is not BOARD), mode.name
    assert set(BOARD["properties"]) == set(board.BOARD_KEYS)
    assert set(CARD["properties"]) == set(board.CARD_KEYS) - {"image", "clip"}


def test_every_mode_has_a_tool_that_tells_what_comes_next() -> None:
    assert {tool_name(mode) for mode in MODES.values()} < set(TOOLS)
    for tool in TOOLS.values():
        assert len(tool.description) > 20, tool.name
        json.dumps(tool.arguments)
    assert "follow_film" in TOOLS["make_film"].description


def test_without_the_package_the_command_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "mcp_types.py").write_text("raise ModuleNotFoundError('no', name='mcp_types')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{SOURCE}"}
    command = [sys.executable, "-m", "yozora", "mcp"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stderr == "error: yozora mcp needs the package mcp_types. Install it: pip install 'yozora[mcp]'\n"
    helped = subprocess.run([*command, "--help"], capture_output=True, text=True, env=environment)
    assert helped.returncode == 0
    assert "--folder" in helped.stdout


def test_a_key_is_not_lent_to_a_network(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "yozora", "mcp", "--http", "--host", "0.0.0.0", "--key", "yz-1"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert done.stderr.startswith("error: With --host 0.0.0.0, other machines could use this key.")


def test_the_page_names_every_tool_and_no_other() -> None:
    page = (SOURCE.parent / "docs" / "mcp.md").read_text(encoding="utf-8")
    table = page.split("## Tools")[1].split("Arguments are")[0]
    assert set(re.findall(r"`([a-z]+_[a-z]+)`", table)) == set(TOOLS)
