"""The examples do what they say, against a real server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.server.conftest import Served, free_port, until

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(server: Served, *command: str | Path, folder: Path) -> str:
    """What an example prints."""
    said = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": server.key}
    done = subprocess.run([*command, "a red car", "film.mp4"], cwd=folder, env=said, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (folder / "film.mp4").read_bytes()[4:8] == b"ftyp"
    return done.stdout


def test_python_and_the_webhook_receiver(server: Served, tmp_path: Path) -> None:
    port = free_port()
    head = {"authorization": f"Bearer {server.key}"}
    hook = {"url": f"http://127.0.0.1:{port}/"}
    made = httpx.post(f"{server.url}/webhooks", headers=head, json=hook).json()
    said = {**os.environ, "OPENAI_WEBHOOK_SECRET": made["signing_secret"]}
    log = tmp_path / "heard.txt"
    with log.open("wb") as heard:
        receiver = subprocess.Popen(
            [sys.executable, EXAMPLES / "webhook_receiver.py", str(port)], env=said, stdout=heard
        )
    try:
        video = run(server, sys.executable, EXAMPLES / "make.py", folder=tmp_path).split()[0]
        until(lambda: f"video.completed {video}" in log.read_text(), "the event")
        unsigned = httpx.post(f"http://127.0.0.1:{port}/", json={})
        assert unsigned.status_code == 400
    finally:
        receiver.kill()
        receiver.wait()


def test_curl(server: Served, tmp_path: Path) -> None:
    for name in ("curl", "jq"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    run(server, "sh", EXAMPLES / "make.sh", folder=tmp_path)
