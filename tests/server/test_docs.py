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
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Served

from yozora.errors import UserError
from yozora.films.film import Film
from yozora.films.sheet import write_png
from yozora.server import metrics
from yozora.server.bounds import Limits
from yozora.server.configuration import configured
from yozora.server.settings import FLAGS
from yozora.server.store.database import open_database
from yozora.server.store.upgrades import migrate

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "migrate.md").read_text(encoding="utf-8")
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
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
    assert "completed 0.375 None" in said
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


def test_operations_names_every_figure_and_no_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'yozora.db'}"
    migrate(url)
    database = open_database(url)
    metrics.requested("/v1/videos", "GET", 200, 0.1)
    shown = set(re.findall(r"^# TYPE (yozora_\w+)", metrics.render(database, 15.0).decode(), re.MULTILINE))
    database.close()
    rows = "".join(re.findall(r"^\| `.*$", OPERATIONS, re.MULTILINE))
    assert set(re.findall(r"yozora_\w+", rows)) == shown


def test_operations_names_the_limits_that_there_are() -> None:
    limits = Limits()
    megabytes = [value >> 20 for value in (limits.body_bytes, limits.text_bytes, limits.upload_bytes)]
    table = OPERATIONS.split("## Limits")[1].split("##")[0]
    assert {one.name for one in fields(Limits)} <= set(re.findall(r"`(\w+)`", table))
    counts = [limits.requests_a_minute, limits.creates_a_minute, limits.queued, limits.files, limits.characters]
    numbers = {int(number) for number in re.findall(r"\d+", table.replace(",", ""))}
    seconds = {limits.upload_seconds, limits.decode_seconds, limits.seconds, limits.added_seconds}
    assert {*megabytes, *counts, *map(int, seconds), limits.webhooks, limits.attempts} <= numbers


def test_options_and_files_of_operations_exist() -> None:
    reference = (DOCS / "cli.md").read_text(encoding="utf-8")
    others = {"--from", "--to", "--name", "--stop-timeout", "--now", "--system", "--home-dir", "--shell", "--upgrade"}
    said = re.sub(r"benchmarks/\w+\.py[^`\n]*", "", OPERATIONS)  # which have options of their own
    for option in set(re.findall(r"(?<!\S)`?(--[a-z-]+)", said)) - others - {"--help"}:
        assert re.search(rf"  (--[a-z-]+ / )?{option}\s", reference), option
    for path in set(re.findall(r"deploy/[\w.@-]+", OPERATIONS)):
        assert (DOCS.parent / path).is_file(), path


def test_the_settings_of_operations_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```$", OPERATIONS, re.MULTILINE | re.DOTALL)
    (tmp_path / "server.toml").write_text(example, encoding="utf-8")
    found = configured({}, tmp_path / "server.toml")
    assert (found.process.host, found.settings.expires, found.settings.presign) == ("0.0.0.0", 7 * 86_400, 600)
    assert (found.settings.limits.queued, found.settings.limits.files) == (50, 1_000)
    assert found.settings.provenance.visible == "made by films.example.com"
    said = {line.split(" =")[0] for line in example.split("[aliases]")[0].splitlines() if " =" in line}
    assert said == {name for name in FLAGS if "." not in name} - {"aliases", "limits", "times"}
    (tmp_path / "server.toml").write_text("[limits]\nqueue = 1", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        configured({}, tmp_path / "server.toml")
    assert f"error: {caught.value}\n" in OPERATIONS


def test_the_files_of_deploy_are_read() -> None:
    deploy = DOCS.parent / "deploy"
    assert configured({}, deploy / "server.toml").process.json_logs
    reference = (DOCS / "cli.md").read_text(encoding="utf-8")
    for path in (deploy / "Containerfile", *deploy.glob("*.service")):
        for command in re.findall(
            r"^(?:ExecStart=.*yozora |CMD \[)(.*serve.*|worker.*)$", path.read_text(), re.MULTILINE
        ):
            for option in re.findall(r"--[a-z-]+", command):
                assert f"  {option} " in reference, (path.name, option)


def test_the_container_copies_what_is_there() -> None:
    text = (DOCS.parent / "deploy" / "Containerfile").read_text(encoding="utf-8")
    kept = (DOCS.parent / "deploy" / "Containerfile.dockerignore").read_text(encoding="utf-8").split()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for name in line.split()]
    for name in copied:
        assert (DOCS.parent / name).exists(), name
        assert f"!{name}" in kept, name
    project = (DOCS.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'requires-python = ">=3.11"' in project
    assert "python:3.11-slim" in text


def test_links_lead_somewhere() -> None:
    for name in ("migrate.md", "operations.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (DOCS / name).read_text(encoding="utf-8")):
            assert (DOCS / target).exists(), f"{name}: {target}"
