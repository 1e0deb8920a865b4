"""Signing in from a browser: a key or a link that works once becomes a cookie, and a cookie alone writes nothing."""

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient, WebSocketDenialResponse
from tests.server.app import client_of, error, finish, made, make, settings_in
from typer.testing import CliRunner

from yozora.cli.keys import keys as commands
from yozora.errors import UserError
from yozora.server import serving
from yozora.server.accounts import keys, sessions
from yozora.server.http import pages
from yozora.server.http.app import make_app
from yozora.server.http.service import COOKIE, CSRF, Service
from yozora.server.store import tables
from yozora.server.store.cleanup import sweep
from yozora.server.store.database import open_database


def key_id(client: TestClient) -> str:
    return str(keys.find(client.app.state.service.database, secret_of(client)))  # type: ignore[attr-defined]


def secret_of(client: TestClient) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """A browser that has no key yet."""
    return TestClient(client.app, raise_server_exceptions=False)


def sign_in(browser: TestClient, said: dict[str, Any]) -> dict[str, Any]:
    answer = browser.post("/v1/sessions", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_key_becomes_a_cookie_that_opens_what_the_key_opens(
    client: TestClient, service: Service, browser: TestClient
) -> None:
    video = made(client, service)
    answer = browser.post("/v1/sessions", json={"key": secret_of(client)})
    said = answer.headers["set-cookie"].lower()
    assert said.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in said.split(";")}
    assert "secure" not in said
    assert answer.headers["cache-control"] == "no-store"
    session = answer.json()
    assert (session["key_id"], session["key_name"], session["scopes"]) == (key_id(client), "me", ["create", "read"])
    assert browser.get("/v1/sessions/current").json() == session
    assert browser.get("/v1/videos").json()["data"][0]["id"] == video
    assert browser.get(f"/v1/videos/{video}/content").status_code == 200
    assert browser.get(f"/v1/videos/{video}/events").status_code == 200
    token = {CSRF: session["csrf_token"]}
    assert browser.post("/v1/videos", json={"prompt": "a cat"}, headers=token).status_code == 200


def test_a_page_learns_without_a_key_who_is_signed_in(client: TestClient, browser: TestClient) -> None:
    answer = browser.get("/v1/sessions")
    assert (answer.status_code, answer.json()["session"]) == (200, None)
    assert answer.headers["cache-control"] == "no-store"
    session = sign_in(browser, {"key": secret_of(client)})
    assert browser.get("/v1/sessions").json()["session"] == session
    browser.delete("/v1/sessions/current", headers={CSRF: session["csrf_token"]})
    assert browser.get("/v1/sessions").json()["session"] is None
    browser.cookies.set(COOKIE, "forged")
    assert browser.get("/v1/sessions").json()["session"] is None


def test_a_key_may_be_sent_as_a_bearer_token(client: TestClient, browser: TestClient) -> None:
    headers = {"authorization": f"Bearer {secret_of(client)}"}
    assert browser.post("/v1/sessions", headers=headers).json()["key_id"] == key_id(client)
    assert browser.get("/v1/videos").status_code == 200


def test_a_write_with_the_cookie_alone_is_refused(client: TestClient, service: Service, browser: TestClient) -> None:
    video = make(client)["id"]
    sign_in(browser, {"key": secret_of(client)})
    other = TestClient(client.app)
    token = sign_in(other, {"key": secret_of(client)})["csrf_token"]
    for headers in ({}, {CSRF: ""}, {CSRF: "0" * 64}, {CSRF: token}):  # the last is of another session
        for method, path in (
            ("POST", "/v1/videos"),
            ("DELETE", f"/v1/videos/{video}"),
            ("DELETE", "/v1/sessions/current"),
        ):
            answer = browser.request(method, path, json={"prompt": "a dog"}, headers=headers)
            error(answer, 403, None, "csrf_token_invalid")
    assert browser.get(f"/v1/videos/{video}").json()["prompt"] == "a cat"


def test_a_key_goes_before_a_cookie(client: TestClient, service: Service, browser: TestClient) -> None:
    sign_in(browser, {"key": secret_of(client)})
    _, other = keys.create(service.database, "other")
    assert (
        browser.post("/v1/videos", json={"prompt": "a"}, headers={"authorization": f"Bearer {other}"}).status_code
        == 200
    )
    assert client.get("/v1/videos").json()["data"] == []
    error(browser.get("/v1/videos", headers={"authorization": "Bearer yz-wrong"}), 401)


def test_signing_out_ends_the_session_on_the_server(client: TestClient, browser: TestClient) -> None:
    token = sign_in(browser, {"key": secret_of(client)})["csrf_token"]
    cookie = browser.cookies[COOKIE]
    answer = browser.delete("/v1/sessions/current", headers={CSRF: token})
    assert answer.json()["deleted"]
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    stolen = TestClient(browser.app, cookies={COOKIE: cookie})
    error(stolen.get("/v1/videos"), 401)


def test_a_revoked_key_ends_its_sessions_at_once(
    client: TestClient, service: Service, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, {"key": secret_of(client)})
    assert browser.get("/v1/videos").status_code == 200
    with service.database.begin() as connection:  # as another process does: nothing here is told
        connection.execute(sa.update(tables.keys).values(revoked_at=1))
    error(browser.get("/v1/videos"), 401)
    guest, secret = keys.create(service.database, "guest", keys.Grant(expires_at=keys.now() + 100))
    assert sign_in(browser, {"key": secret})["expires_at"] == keys.now() + 100
    later = keys.now() + 101
    monkeypatch.setattr(keys, "now", lambda: later)
    error(browser.get("/v1/videos"), 401)
    assert guest


def test_a_key_that_may_only_read_signs_in_and_out(client: TestClient, service: Service, browser: TestClient) -> None:
    _, secret = keys.create(service.database, "reader", keys.Grant(scopes=("read",)))
    token = {CSRF: sign_in(browser, {"key": secret})["csrf_token"]}
    error(browser.post("/v1/videos", json={"prompt": "a"}, headers=token), 403, None, "insufficient_scope")
    assert browser.delete("/v1/sessions/current", headers=token).status_code == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 400),
        ({"key": "yz-no", "code": "x"}, 400),
        ({"key": "yz-no"}, 401),
        ({"key": "\ud800"}, 400),
        ({"code": "x"}, 401),
        ({"key": "yz-ü"}, 401),
        ({"code": "ü"}, 401),
        ({"key": ["yz-"]}, 400),
        ([], 400),
    ],
)
def test_what_does_not_sign_in(browser: TestClient, said: Any, status: int) -> None:
    answer = browser.post("/v1/sessions", content=json.dumps(said), headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert "set-cookie" not in answer.headers


def test_a_page_of_another_site_signs_nobody_in(client: TestClient, browser: TestClient) -> None:
    """A form can be sent from anywhere, JSON only where the server allows it."""
    said = json.dumps({"key": secret_of(client)})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = browser.post("/v1/sessions", content=said, headers={"content-type": kind})
        error(answer, 400, None, "unsupported_content_type")
    error(browser.post("/v1/sessions", content="{" * 5000, headers={"content-type": "application/json"}), 400)


def test_a_link_works_once_and_for_fifteen_minutes(
    client: TestClient, service: Service, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = sessions.make_link(service.database, key_id(client))
    assert len(code) == 43  # 256 bits
    assert sign_in(browser, {"code": code})["key_id"] == key_id(client)
    refused = TestClient(client.app).post("/v1/sessions", json={"code": code})
    error(refused, 401)
    assert refused.json()["error"]["reason"] == "link_used"
    late = sessions.make_link(service.database, key_id(client))
    later = sessions.now() + sessions.LINK_SECONDS
    monkeypatch.setattr(sessions, "now", lambda: later)
    error(browser.post("/v1/sessions", json={"code": late}), 401)


def test_only_hashes_are_stored(client: TestClient, service: Service, browser: TestClient) -> None:
    code = sessions.make_link(service.database, key_id(client))
    sign_in(browser, {"code": code})
    with service.database.read() as connection:
        (row,) = connection.execute(sa.select(tables.sessions)).all()
        (link,) = connection.execute(sa.select(tables.login_links)).all()
    assert row.hash == sha256(browser.cookies[COOKIE].encode()).hexdigest()
    assert link.hash == sha256(code.encode()).hexdigest()
    assert sessions.csrf_token(browser.cookies[COOKIE]) not in str((row, link))


def test_the_cookie_is_secure_behind_tls_and_bound_to_the_path(client: TestClient, tmp_path: Path) -> None:
    said = {"key": secret_of(client)}
    for headers in ({"x-forwarded-proto": "https"}, {"forwarded": 'for=1.2.3.4;proto="https"'}):
        answer = TestClient(client.app).post("/v1/sessions", json=said, headers=headers)
        assert "secure" in answer.headers["set-cookie"].lower()
    tls = TestClient(client.app, base_url="https://testserver")
    assert "secure" in tls.post("/v1/sessions", json=said).headers["set-cookie"].lower()
    app = make_app(settings_in(tmp_path, root_path="/films"), migrate=False)
    with TestClient(app) as below:
        assert "Path=/films;" in below.post("/films/v1/sessions", json=said).headers["set-cookie"]


def test_a_socket_needs_the_token_too(client: TestClient, browser: TestClient) -> None:
    token = sign_in(browser, {"key": secret_of(client)})["csrf_token"]
    for offered in ([], ["realtime"], ["realtime", "yozora-csrf.0"]):
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            browser.websocket_connect("/v1/realtime/video", subprotocols=offered),
        ):
            pass
        assert refused.value.status_code == 403
    with browser.websocket_connect("/v1/realtime/video", subprotocols=["realtime", f"yozora-csrf.{token}"]) as socket:
        assert socket.accepted_subprotocol == "realtime"


def test_without_keys_nobody_needs_to_sign_in(tmp_path: Path, client: TestClient) -> None:
    app = make_app(settings_in(tmp_path, insecure_no_auth=True), migrate=False)
    with TestClient(app) as open_one:
        for answer in (open_one.get("/v1/sessions/current"), open_one.post("/v1/sessions", json={})):
            assert (answer.status_code, answer.json()["key_id"]) == (200, "anyone")
            assert "set-cookie" not in answer.headers
        assert open_one.delete("/v1/sessions/current").status_code == 200


def test_a_call_with_a_key_has_no_session(client: TestClient) -> None:
    error(client.get("/v1/sessions/current"), 404)
    error(client.delete("/v1/sessions/current"), 404)


def test_a_key_has_so_many_sessions_and_they_are_swept_up(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 3)
    for _ in range(5):
        sessions.begin(service.database, key_id(client))
    sessions.make_link(service.database, None)

    def counts() -> list[int]:
        with service.database.read() as connection:
            return [
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in (tables.sessions, tables.login_links)
            ]

    assert counts() == [3, 1]
    sweep(service.database, service.objects, sessions.now() + sessions.LINK_SECONDS)
    assert counts() == [3, 0]
    sweep(service.database, service.objects, sessions.now() + sessions.SESSION_SECONDS)
    assert counts() == [0, 0]


def test_the_studio_has_a_key_once_its_link_is_used(client: TestClient, service: Service, browser: TestClient) -> None:
    assert sessions.key_of_server(service.database) == key_id(client)  # the only one
    keys.create(service.database, "other")
    assert sessions.key_of_server(service.database) is None
    session = sign_in(browser, {"code": sessions.make_link(service.database, None)})
    assert (session["key_name"], session["scopes"]) == ("studio", ["admin", "create", "read"])
    assert sign_in(browser, {"code": sessions.make_link(service.database, None)})["key_id"] == session["key_id"]
    assert sessions.key_of_server(service.database) == session["key_id"]


def test_the_server_prints_a_link(
    client: TestClient, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "nothing")
    lines = serving.welcome(service.settings, service.database, "0.0.0.0", 8000)
    assert lines[-1] == "The studio's pages are not built here: make studio"
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "index.html").write_text("<p>")
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "studio")
    line = serving.welcome(service.settings, service.database, "0.0.0.0", 8000)[-1]
    address, _, code = line.rpartition(" ")[2].partition("#code=")
    assert address == "http://127.0.0.1:8000/"
    assert sign_in(TestClient(client.app), {"code": code})["key_id"] == key_id(client)


def test_the_command_makes_a_link(tmp_path: Path, template: Path) -> None:
    where = ["--database", f"sqlite:///{tmp_path / 'yozora.db'}"]
    made_key = json.loads(CliRunner().invoke(commands, ["create", "laptop", "--json", *where]).stdout)
    shown = CliRunner().invoke(commands, ["link", "laptop", "--url", "https://films.example.com/x/", *where]).stdout
    address, _, code = shown.strip().partition("#code=")
    assert address == "https://films.example.com/x/"
    with closing(open_database(where[1])) as database:
        assert sessions.redeem(database, code) == made_key["id"]
    said = json.loads(CliRunner().invoke(commands, ["link", made_key["id"], "--json", *where]).stdout)
    assert (said["id"], said["seconds"]) == (made_key["id"], 900)
    CliRunner().invoke(commands, ["create", "laptop", *where])
    for name, says in (("laptop", "2 keys"), ("none", "is not known")):
        refused = CliRunner().invoke(commands, ["link", name, *where])
        assert isinstance(refused.exception, UserError)
        assert says in str(refused.exception)


def test_a_session_sees_only_what_its_key_made(client: TestClient, service: Service, browser: TestClient) -> None:
    other = client_of(service, client, "other")
    video = make(other)["id"]
    finish(service, video)
    sign_in(browser, {"key": secret_of(client)})
    for path in ("", "/content", "/events"):
        error(browser.get(f"/v1/videos/{video}{path}"), 404)
