"""Row 9: what a web page of another place may do to a server without keys: nothing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import error, settings_in

from yozora.server.accounts import keys
from yozora.server.http.app import make_app

BODY = b'{"prompt": "a cat"}'
JSON = {"content-type": "application/json"}
Opened = Callable[..., TestClient]


@pytest.fixture
def opened(tmp_path: Path, template: Path) -> Iterator[Opened]:
    """A server with such settings, without keys unless they are asked for."""
    made = []

    def open_one(**choices: Any) -> TestClient:
        if not (tmp_path / "yozora.db").exists():
            shutil.copy(template, tmp_path)
        app = make_app(settings_in(tmp_path, **{"hosts": "", "insecure_no_auth": True, **choices}), migrate=False)
        made.append(TestClient(app, base_url="http://127.0.0.1:8000").__enter__())
        return made[-1]

    yield open_one
    for client in made:
        client.__exit__(None)


def test_row_9_names_that_are_not_this_machine_s(opened: Opened) -> None:
    client = opened()
    for name in ("localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"):
        assert client.get("/v1/models", headers={"host": name}).status_code == 200
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", ""):
        error(client.get("/v1/models", headers={"host": name}), 421, None, "unknown_host")
    named = opened(hosts="films.example.com")
    assert named.get("/v1/models", headers={"host": "films.example.com"}).status_code == 200
    error(named.get("/v1/models"), 421)


def test_row_9_pages_of_other_origins(opened: Opened) -> None:
    client = opened()
    foreign: tuple[dict[str, str], ...] = (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
    )
    for headers in foreign:
        for path in ("/v1/videos", "/v1/webhooks"):
            answer = client.post(path, content=BODY, headers=JSON | headers)
            assert error(answer, 403, None, "origin_not_allowed")["type"] == "permission_error"
    ours: tuple[dict[str, str], ...] = ({}, {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"})
    for headers in ours:
        assert client.post("/v1/videos", content=BODY, headers=JSON | headers).status_code == 200
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/v1/models", headers=followed).status_code == 200


def test_row_9_json_is_of_a_json_type(opened: Opened) -> None:
    client = opened()
    for kind in ("text/plain", "text/json", "application/x-json", "application/octet-stream"):
        answer = client.post("/v1/videos", content=BODY, headers={"content-type": kind})
        error(answer, 400, None, "unsupported_content_type")
    error(client.post("/v1/videos", content=BODY), 400, None, "unsupported_content_type")
    for kind in ("application/json", "application/json; charset=utf-8", "application/vnd.films+json"):
        assert client.post("/v1/videos", content=BODY, headers={"content-type": kind}).status_code == 200
    assert client.get("/v1/videos").json()["data"]


def test_origins_that_are_allowed(opened: Opened) -> None:
    client = opened(cors="https://films.example.com, https://other.example.com/")
    origin = {"origin": "https://films.example.com"}
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-stainless-os"}
    answer = client.options("/v1/videos", headers=origin | asks)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin["origin"]
    assert "authorization" in answer.headers["access-control-allow-headers"]
    made = client.post("/v1/videos", content=BODY, headers=JSON | origin)
    assert made.status_code == 200
    assert "x-request-id" in made.headers["access-control-expose-headers"]
    assert (
        "access-control-allow-origin" not in client.post("/v1/videos", headers={"origin": "https://x.example"}).headers
    )
    assert opened(cors="*").get("/v1/models", headers={"origin": "https://x.example"}).status_code == 200


def test_with_keys_pages_are_no_danger(opened: Opened) -> None:
    client = opened(insecure_no_auth=False)
    _, secret = keys.create(client.app.state.service.database, "me")  # type: ignore[attr-defined]
    headers = JSON | {"authorization": f"Bearer {secret}", "origin": "https://x.example", "host": "films.example.com"}
    assert client.post("/v1/videos", content=BODY, headers=headers).status_code == 200
    error(client.post("/v1/videos", content=BODY, headers=JSON), 401)


def test_behind_a_proxy_under_a_path(opened: Opened) -> None:
    client = opened(root_path="films/")
    made = client.post("/v1/videos", content=BODY, headers=JSON).json()["id"]
    for path in ("/films/v1/videos", "/v1/videos"):  # whether the proxy takes the path off or not
        assert [one["id"] for one in client.get(path).json()["data"]] == [made]
    error(client.get("/filmsv1/videos"), 404)
    assert client.get("/films/openapi.json").json()["servers"] == [{"url": "/films"}]
