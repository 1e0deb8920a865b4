"""The studio's pages: what a browser is shown, and what stays the API's."""

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import error, settings_in

from yozora.server.accounts import keys
from yozora.server.http import pages
from yozora.server.http.app import make_app

INDEX = '<!doctype html><base href="/"><title>Studio</title>'
NAVIGATES = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate"}
SCRIPT = "console.log('夜空')"
Opened = Callable[..., TestClient]


@pytest.fixture
def opened(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """A server with pages and such settings."""
    shutil.copy(template, tmp_path)
    folder = tmp_path / "studio"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "assets" / "main-Ab3dEf9_.js").write_text(SCRIPT)
    (folder / "assets" / "main-Ab3dEf9_.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets" / "main-Ab3dEf9_.js.br").write_bytes(b"brotli")
    (folder / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "leak.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(pages, "FOLDER", folder)
    made: list[TestClient] = []

    def open_one(**choices: Any) -> TestClient:
        app = make_app(settings_in(tmp_path, **choices), migrate=False)
        made.append(TestClient(app, raise_server_exceptions=False).__enter__())
        return made[-1]

    yield open_one
    for client in made:
        client.__exit__(None)


def test_a_browser_is_shown_the_studio_wherever_it_goes(opened: Opened) -> None:
    client = opened()
    for path in ("/", "/library", "/films/video_1?x=1", "/v2", "/index.html", "/docsy"):
        answer = client.get(path, headers=NAVIGATES)
        assert (answer.status_code, answer.text) == (200, INDEX), path
        assert answer.headers["cache-control"] == "no-cache"
    old = {"accept": NAVIGATES["accept"]}  # to an origin that is not secure, nothing else is said
    assert client.get("/library", headers=old).text == INDEX
    assert client.head("/library", headers=NAVIGATES).status_code == 200


def test_the_api_is_never_a_page(opened: Opened) -> None:
    client = opened()
    for path in ("/v1/nothing", "/v1", "/openai/v1/nothing", "/openai", "/docs/nothing", "/metrics/x", "/s"):
        answer = client.get(path, headers=NAVIGATES)
        assert answer.headers["content-type"] == "application/json", path
        error(answer, 404)
    error(client.get("/v1/videos", headers=NAVIGATES), 401)
    assert client.get("/healthz", headers=NAVIGATES).json() == {"status": "ok"}
    assert "swagger" in client.get("/docs", headers=NAVIGATES).text
    for headers in ({}, {"accept": "application/json"}, {**NAVIGATES, "sec-fetch-mode": "cors"}):
        error(client.get("/library", headers=headers), 404, None, "unknown_url")
    error(client.post("/library", headers=NAVIGATES), 404)
    assert "Videos API" in client.get("/").text


@pytest.mark.flow(83)
def test_nothing_of_a_page_is_inline_or_framed(opened: Opened) -> None:
    client = opened()
    for path in ("/", "/assets/main-Ab3dEf9_.js", "/icon.svg"):
        headers = client.get(path, headers=NAVIGATES).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]


@pytest.mark.flow(83)
def test_files_are_sent_compressed_and_kept(opened: Opened) -> None:
    client = opened()
    path = "/assets/main-Ab3dEf9_.js"
    zipped = client.get(path, headers={"accept-encoding": "gzip, br;q=0"})
    assert (zipped.headers["content-encoding"], zipped.text) == ("gzip", SCRIPT)
    assert zipped.headers["content-type"] == "text/javascript; charset=utf-8"
    assert zipped.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert zipped.headers["vary"] == "Accept-Encoding"
    with client.stream("GET", path, headers={"accept-encoding": "gzip, br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join(answer.iter_raw()) == b"brotli"
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT
    again = client.get(path, headers={"accept-encoding": "identity", "if-none-match": plain.headers["etag"]})
    assert again.status_code == 304
    assert len({one.headers["etag"] for one in (zipped, answer, plain)}) == 3
    icon = client.get("/icon.svg")
    assert (icon.headers["cache-control"], icon.headers["content-type"]) == ("no-cache", "image/svg+xml")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/leak.txt"]
)
def test_no_other_file_is_reached(opened: Opened, path: str) -> None:
    answer = opened().get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_behind_a_proxy_the_index_says_where_it_is(opened: Opened) -> None:
    client = opened(root_path="/films")
    for path in ("/films/library", "/library"):
        assert '<base href="/films/">' in client.get(path, headers=NAVIGATES).text
    assert client.get("/films/assets/main-Ab3dEf9_.js").status_code == 200
    error(client.get("/films/v1/nothing", headers=NAVIGATES), 404)


@pytest.mark.flow(86)
def test_without_pages_the_front_names_the_command(opened: Opened, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "studio")
    assert not pages.are_built()
    client = opened()
    client.headers["authorization"] = f"Bearer {keys.create(client.app.state.service.database, 'me')[1]}"  # type: ignore[attr-defined]
    assert "make studio" in client.get("/", headers=NAVIGATES).text
    error(client.get("/library", headers=NAVIGATES), 404)


def test_a_file_of_pages_that_were_built_again_is_gone(opened: Opened, tmp_path: Path) -> None:
    client = opened()
    (tmp_path / "studio" / "assets" / "main-Ab3dEf9_.js").unlink()
    error(client.get("/assets/main-Ab3dEf9_.js"), 404, None, "unknown_url")
