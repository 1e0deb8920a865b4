"""The whole contract with the newest official clients, and with one of before the forms: each in an environment of its
own, against a real server and a real worker.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clients import environments
from tests.server.conftest import Served, absent

from yozora.films.film import Film
from yozora.films.sheet import write_png

HERE = Path(__file__).parent
PYTHONS = {"python-2.20": "openai==2.20.0", "python-newest": "openai"}


@pytest.fixture
def arguments(server: Served, tmp_path: Path, make_film: Callable[..., Film]) -> list[str]:
    """What the programs are told: the address, a key, a film and a picture."""
    film = make_film(frames=9)
    write_png(tmp_path / "picture.png", film.frames[0])
    return [server.url, server.key, str(film.save(tmp_path / "film.mp4")), str(tmp_path / "picture.png")]


def passed(command: list[str], folder: Path | None = None) -> str:
    """What a program says that ends well. It inherits no setting that could tell it of another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "PYTHON", "NODE"))}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PYTHONS)
def test_the_python_client(arguments: list[str], name: str) -> None:
    try:
        program = environments.python(name, PYTHONS[name])
    except environments.Absent as error:
        absent(str(error))
    said = passed([str(program), str(HERE / "contract.py"), *arguments])
    assert said.startswith("openai 2.20.0 passed" if "2.20" in name else "openai ")


@pytest.mark.timeout(900)
def test_the_npm_client(arguments: list[str]) -> None:
    try:
        program, folder = environments.npm("npm-newest", "openai@latest")
    except environments.Absent as error:
        absent(str(error))
    assert "passed" in passed([str(program), str(HERE / "contract.mjs"), *arguments], folder)
