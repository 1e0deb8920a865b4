"""Attacks on a server by one key, for `api_load.py --attack NAME`: each goes on for as long as it is told.

    python benchmarks/api_attacks.py NAME URL KEY SILENT_PORT SECONDS

Runs as a process of its own, so that whoever measures meanwhile is not slowed down by it; ends with a line of JSON that
says what the attacker was answered, by status. Knows no server but its address; all of it stays on this machine.
"""

import asyncio
import base64
import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import numpy as np
from PIL import Image

PROMPT: Final = "a red car driving left on a city street at night in the snow"
PAUSE: Final = 1.0  # seconds that a refused attacker waits, unless it is told less
TIMEOUT: Final = 120.0  # seconds for one call
BIG_SIDE: Final = 2270  # pixels: a BMP of noise with 15.5 MB, which is 20.6 MB in base64
GUARD_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, a key for it, and a port of this machine where calls are taken and never answered."""

    url: str  # with /v1
    key: str
    silent: int
    until: float  # of time.monotonic()
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 80)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


Once = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


async def again_and_again(target: Target, at_once: int, once: Once) -> None:
    """So many callers, each of whom calls until the time is up, and waits a little after a refusal."""
    limits = httpx.Limits(max_connections=None)
    head = {"authorization": f"Bearer {target.key}"}
    async with httpx.AsyncClient(base_url=target.url, headers=head, timeout=TIMEOUT, limits=limits) as client:

        async def caller() -> None:
            while not target.is_over:
                try:
                    async with asyncio.timeout(max(0.1, target.until - time.monotonic())):
                        answer = await once(client)
                except (httpx.HTTPError, TimeoutError) as error:
                    target.answers[type(error).__name__] += 1
                    await asyncio.sleep(PAUSE)
                    continue
                target.answers[str(answer.status_code)] += 1
                if answer.status_code == 429:
                    await asyncio.sleep(min(PAUSE, float(answer.headers.get("retry-after", PAUSE))))

        await asyncio.gather(*(caller() for _ in range(at_once)))


async def nothing(target: Target) -> None:
    """No attack: what the others are compared with."""
    await asyncio.sleep(target.until - time.monotonic())


async def silent_webhooks(target: Target) -> None:
    """40 tests of a webhook at once, to a host that takes the call and says nothing (row 4)."""
    async with httpx.AsyncClient(base_url=target.url, headers={"authorization": f"Bearer {target.key}"}) as client:
        hook = (await client.post("/webhooks", json={"url": f"http://127.0.0.1:{target.silent}/"})).json()["id"]
    await again_and_again(target, 40, lambda client: client.post(f"/webhooks/{hook}/test", json={}))


async def image_creates(target: Target) -> None:
    """100 creates with a picture at once (row 4)."""
    picture = _noise(512, "PNG")
    fields = {"prompt": PROMPT, "seconds": "4"}

    def once(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
        return client.post("/videos", data=fields, files={"input_reference": ("still.png", picture, "image/png")})

    await again_and_again(target, 100, once)


async def silent_guard(target: Target) -> None:
    """40 creates at once while the guard model of the policy does not answer (row 4)."""
    await again_and_again(target, 40, lambda client: client.post("/videos", json={"prompt": PROMPT, "seconds": "4"}))


async def big_bodies(target: Target) -> None:
    """60 creates at once whose JSON holds a data URL of 20 MB (row 11)."""
    url = "data:image/bmp;base64," + base64.b64encode(_noise(BIG_SIDE, "BMP")).decode()
    said = {"prompt": PROMPT, "seconds": "4", "input_reference": {"image_url": url}}
    body, kind = json.dumps(said).encode(), {"content-type": "application/json"}
    await again_and_again(target, 60, lambda client: client.post("/videos", content=body, headers=kind))


async def half_headers(target: Target) -> None:
    """1,010 connections that send half a header and no more (row 8)."""
    await _connections(target, 1010, b"POST /v1/videos HTTP/1.1\r\nHost: films\r\nX-Half: ", drip=b"")


async def dripping_bodies(target: Target) -> None:
    """300 connections whose body comes a byte a second (row 8)."""
    head = f"POST /v1/videos HTTP/1.1\r\nHost: films\r\nAuthorization: Bearer {target.key}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
    await _connections(target, 300, head.encode(), drip=b" ")


async def many_streams(target: Target) -> None:
    """200 streams of events of one video at once."""
    async with httpx.AsyncClient(base_url=target.url, headers={"authorization": f"Bearer {target.key}"}) as client:
        video = (await client.post("/videos", json={"prompt": PROMPT, "seconds": "4"})).json()["id"]
    await again_and_again(target, 200, lambda client: client.get(f"/videos/{video}/events"))


async def _connections(target: Target, count: int, head: bytes, *, drip: bytes) -> None:
    """So many connections at once, each opened anew when it is closed."""
    host, port = target.address

    async def one() -> None:
        while not target.is_over:
            try:
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(head)
                await writer.drain()
                said = await _listen(target, reader, writer, drip)
                target.answers[said.split(b" ")[1].decode() if said.startswith(b"HTTP/1.1 ") else "closed"] += 1
                writer.close()
            except OSError as error:
                target.answers[type(error).__name__] += 1
            await asyncio.sleep(0.1)

    await asyncio.gather(*(one() for _ in range(count)))


async def _listen(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drip: bytes) -> bytes:
    """What the server answers; nothing where it closes, or the time is up."""
    reading = asyncio.ensure_future(reader.read(1000))
    while not reading.done() and not target.is_over:
        await asyncio.wait([reading], timeout=1.0)
        if drip and not reading.done():
            writer.write(drip)
    return reading.result() if reading.done() else b""


def _noise(side: int, kind: str) -> bytes:
    """A picture of noise, which no codec makes smaller."""
    noise = np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, kind)
    return file.getvalue()


def policy_with_guard(port: int) -> str:
    """Moderation that asks a guard model at a port of this machine, and goes on without it where it is silent."""
    guard = f"{{url: 'http://127.0.0.1:{port}/v1', seconds: {GUARD_SECONDS}, failing: allow}}"
    return f"include: default\nguard: {guard}\n"


Attack = Callable[[Target], Awaitable[None]]
ATTACKS: Final[Mapping[str, Attack]] = MappingProxyType(
    {
        "nothing": nothing,
        "silent-webhooks": silent_webhooks,
        "image-creates": image_creates,
        "silent-guard": silent_guard,
        "big-bodies": big_bodies,
        "half-headers": half_headers,
        "dripping-bodies": dripping_bodies,
        "many-streams": many_streams,
    }
)


def main(name: str, url: str, key: str, silent: str, seconds: str) -> dict[str, Any]:
    os.nice(5)
    target = Target(url=url, key=key, silent=int(silent), until=time.monotonic() + float(seconds))
    asyncio.run(ATTACKS[name](target))  # type: ignore[arg-type]
    return dict(target.answers)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
