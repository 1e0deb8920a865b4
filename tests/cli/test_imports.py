"""`yozora import`: films of folders, ZIPs and files into the library of a server."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.server.app import settings_in
from tests.server.app import template as template
from tests.server.test_polling import serving_on
from typer.testing import CliRunner, Result

from yozora.cli import app, imports
from yozora.errors import UserError
from yozora.films.film import Film
from yozora.server.accounts import keys


@dataclass(frozen=True)
class Api:
    """A real server, and a key of it."""

    url: str
    key: str

    def library(self) -> list[dict[str, Any]]:
        headers = {"authorization": f"Bearer {self.key}"}
        return list(httpx.get(f"{self.url}/library", headers=headers, timeout=30).json()["data"])


@pytest.fixture
def api(tmp_path: Path, template: Path) -> Iterator[Api]:
    home = tmp_path / "server"
    home.mkdir()
    shutil.copy(template, home)
    with serving_on(settings_in(home)) as (url, service, _):
        yield Api(url, keys.create(service.database, "me")[1])


@pytest.fixture
def saved(tmp_path: Path, make_film: Callable[..., Film]) -> Path:
    """What somebody has saved: an MP4 with JSON beside it, a GIF that a list names, and a file that is no film."""
    folder = tmp_path / "saved"
    (folder / "more").mkdir(parents=True)
    make_film(frames=9).save(folder / "car.mp4")
    (folder / "car.json").write_text(
        json.dumps({"title": "My car", "prompt": "a red car", "created_at": 1_750_000_000})
    )
    frames = np.random.default_rng(1).integers(0, 255, (8, 48, 64, 3), np.uint8)
    Film(frames=frames, fps=8.0).save(folder / "more" / "gen_2.gif")
    listed = [{"prompt": "noise", "generations": [{"id": "gen_2", "title": "Second"}]}]
    (folder / "export.json").write_text(json.dumps({"generations": listed}))
    (folder / "broken.mp4").write_bytes(b"no film")
    return folder


def run(api: Api, *what: Path | str) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, what), "--url", api.url, "--key", api.key])


def test_a_folder_goes_into_the_library_once(api: Api, saved: Path) -> None:
    first = run(api, saved)
    assert first.exit_code == 1  # for the broken one
    assert "[1/3] broken.mp4: error:" in first.output
    assert "(converted to MP4)" in first.output
    assert first.output.rstrip().endswith("2 imported, 0 already there, 1 failed")
    films = {film["title"]: film for film in api.library()}
    assert {film["prompt"] for film in films.values()} == {"a red car", "noise"}
    assert films["My car"]["created_at"] == 1_750_000_000
    assert films["Second"]["size"] == "64x48"
    again = run(api, saved)
    assert again.output.rstrip().endswith("0 imported, 2 already there, 1 failed")
    assert len(api.library()) == 2


def test_a_zip_and_single_files(api: Api, saved: Path, tmp_path: Path) -> None:
    (saved / "broken.mp4").unlink()
    archive = tmp_path / "saved.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for file in sorted(saved.rglob("*.*")):
            made.write(file, file.relative_to(saved))
    assert run(api, saved / "car.mp4").output.rstrip().endswith("1 imported, 0 already there, 0 failed")
    both = CliRunner().invoke(app, ["import", str(archive), "--url", api.url, "--key", api.key, "--json"])
    assert both.exit_code == 0
    assert [one["existed"] for one in json.loads(both.stdout)] == [True, False]
    assert {film["title"] for film in api.library()} == {"My car", "Second"}


def test_who_is_not_let_in_sends_nothing(api: Api, saved: Path, tmp_path: Path) -> None:
    refused = run(Api(api.url, "yz-wrong"), saved)
    assert isinstance(refused.exception, UserError)
    assert not api.library()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert isinstance(run(api, empty).exception, UserError)
    assert isinstance(run(api, tmp_path / "missing").exception, UserError)


def test_a_zip_leads_nowhere_else(tmp_path: Path) -> None:
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("../../outside.mp4", b"x")
        made.writestr("notes.txt", b"x")
    found = list(imports.found_films(archive, tmp_path / "inner" / "deep"))
    assert [film.path.is_relative_to(tmp_path / "inner" / "deep") for film in found] == [True]
    archive.write_bytes(b"PK no zip")
    with pytest.raises(UserError, match="cannot be unpacked"):
        list(imports.found_films(archive, tmp_path / "other"))


@pytest.mark.parametrize(
    "listed",
    [
        [{"id": "clip", "prompt": "p"}],
        {"videos": [{"filename": "clip.mp4", "prompt": "p"}]},
        {"anything": [{"url": "https://example.org/v/clip.mp4?x=1", "prompt": "p"}]},
        [{"prompt": "p", "generations": [{"id": "clip"}]}],
    ],
)
def test_lists_name_their_films(tmp_path: Path, listed: Any) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    (tmp_path / "list.json").write_text(json.dumps(listed))
    (film,) = imports.found_films(tmp_path, tmp_path)
    assert film.said["prompt"] == "p"
    (tmp_path / "clip.mp4.json").write_text(json.dumps({"prompt": "its own"}))
    (film,) = imports.found_films(tmp_path / "clip.mp4", tmp_path)
    assert film.said["prompt"] == "its own"
