"""The Python of docs/migrate.md runs, from top to bottom, against a real server with a real worker."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Served

from yozora.film import Film
from yozora.sheet import write_png

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "migrate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
URL, KEY = "http://127.0.0.1:8000/v1", "yz-..."
SMALLER = {"1280x720": "96x64", "720x1280": "64x96", 'seconds="4"': 'seconds="0.3"'}
"""What the toy of the tests is asked for in place of what people would ask for."""
RECEIVER = ("https://films.example.com/done", "http://127.0.0.1:49151/done")


def smaller(block: str, server: Served) -> str:
    for said, meant in (*SMALLER.items(), RECEIVER, (URL, server.url), (KEY, server.key)):
        block = block.replace(said, meant)
    return block


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_film: Callable[..., Film]) -> Path:
    """Where the reader of the page is: with a picture."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    write_png(here / "first.png", make_film(frames=1).frames[0])
    return here


def test_the_first_block_is_twelve_lines() -> None:
    assert len(BLOCKS[0].splitlines()) == 12
    assert URL in BLOCKS[0]
    assert KEY in BLOCKS[0]


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_the_page_runs(server: Served, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page: dict[str, Any] = {"__name__": "page"}
    try:
        for block in BLOCKS:
            exec(compile(smaller(block, server), "migrate.md", "exec"), page)
    finally:
        page["client"].close()
    kinds = {"film.mp4": b"ftyp", "dog.mp4": b"ftyp", "dog.webp": b"WEBP", "dog.jpg": b"\xff\xd8\xff"}
    for name, mark in kinds.items():
        assert mark in (folder / name).read_bytes()[:16], name
    for name in ("video", "scene", "again", "met", "seeded"):
        assert page[name].status == "completed", page[name]
    said = capsys.readouterr().out.splitlines()
    assert "['completed', 'completed']" in said
    assert f"completed 0.6 {page['video'].id}" in said
    assert f"completed 0.3 {page['video'].id}" in said
    assert "completed 0.312 None" in said
    assert "Mossy" in said
    assert "seconds invalid_value" in said
    assert page["receive"](*signed(page["secret"])) == "video.completed video_1"


def signed(secret: str) -> tuple[bytes, dict[str, str]]:
    """An event as any sender of Standard Webhooks would sign it."""
    body = json.dumps({"id": "evt_1", "object": "event", "type": "video.completed", "data": {"id": "video_1"}}).encode()
    moment = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"evt_1.{moment}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return body, {"webhook-id": "evt_1", "webhook-timestamp": moment, "webhook-signature": signature}


def test_the_first_block_is_a_program_of_its_own(server: Served, folder: Path) -> None:
    (folder / "program.py").write_text(smaller(BLOCKS[0], server))
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (folder / "film.mp4").stat().st_size > 1000


def test_links_lead_somewhere() -> None:
    for name in ("migrate.md", "operations.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (DOCS / name).read_text(encoding="utf-8")):
            assert (DOCS / target).exists(), f"{name}: {target}"
