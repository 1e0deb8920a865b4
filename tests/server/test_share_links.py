"""Links that show one film to anyone, until they end or are revoked, and nothing else."""

import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, made, make, settings_in
from tests.server.test_library import changed

from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.store import share_links, tables
from yozora.server.store.cleanup import sweep
from yozora.server.store.database import now

FILM = b"0123456789" * 100


@pytest.fixture
def anyone(client: TestClient) -> TestClient:
    """Somebody without a key."""
    return TestClient(client.app, raise_server_exceptions=False)


def share(client: TestClient, video: str, **said: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/videos/{video}/links", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def opens(anyone: TestClient, link: dict[str, Any]) -> bool:
    codes = {anyone.get(f"{link['path']}{part}").status_code for part in ("", "/film", "/picture")}
    assert codes in ({200}, {404})
    return codes == {200}


def test_a_link_plays_the_film_without_a_key(client: TestClient, service: Service, anyone: TestClient) -> None:
    video = made(client, service)
    link = share(client, video)
    assert link["url"] == f"http://testserver{link['path']}"
    assert link["expires_at"] == link["created_at"] + 7 * 86_400
    page = anyone.get(link["path"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'src="{link["path"]}/film"' in page.text
    assert anyone.get(f"{link['path']}/film").content == FILM
    part = anyone.get(f"{link['path']}/film", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, FILM[10:20])
    assert anyone.head(f"{link['path']}/film").headers["content-length"] == str(len(FILM))
    assert anyone.get(f"{link['path']}/picture").content == b"webp"
    error(anyone.get(f"{link['path']}/job"), 400, "part")
    error(anyone.get(f"/v1/videos/{video}"), 401)


def test_a_title_is_text_and_the_page_runs_nothing(client: TestClient, service: Service, anyone: TestClient) -> None:
    video = made(client, service)
    changed(client, video, title="</title><script>alert(1)</script>\"'&")
    page = anyone.get(share(client, video)["path"])
    assert "<script" not in page.text
    assert "&lt;/title&gt;&lt;script&gt;" in page.text
    policy = page.headers["content-security-policy"]
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert sha256(style.encode()).digest().hex() == sha256(share_style().encode()).digest().hex()
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"


def share_style() -> str:
    from yozora.server.http.routes.share_links import STYLE

    return STYLE


def test_a_link_ends(client: TestClient, service: Service, anyone: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    video = made(client, service)
    link, revoked = share(client, video, expires_in=60), share(client, video)
    assert opens(anyone, link)
    assert client.delete(f"/v1/links/{revoked['id']}").json()["deleted"]
    assert not opens(anyone, revoked)
    changed(client, video, trashed=True)
    assert not opens(anyone, link)
    changed(client, video, trashed=False)
    assert opens(anyone, link)
    later = now() + 61
    with monkeypatch.context() as patched:
        patched.setattr(share_links, "now", lambda: later)
        assert not opens(anyone, link)
    sweep(service.database, service.objects, later)
    assert client.get("/v1/links").json()["data"] == []


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_links_end_with_the_key(client: TestClient, service: Service, anyone: TestClient, column: str) -> None:
    link = share(client, made(client, service))
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.keys).values({column: now() - 1}))
    assert not opens(anyone, link)


def test_what_is_deleted_or_not_finished_is_not_shown(client: TestClient, service: Service, anyone: TestClient) -> None:
    waits, gone = make(client)["id"], made(client, service)
    links = [share(client, waits), share(client, gone)]
    client.delete(f"/v1/videos/{gone}")
    assert not any(opens(anyone, link) for link in links)
    assert [link["video_id"] for link in client.get("/v1/links").json()["data"]] == [waits]


def test_links_are_listed_without_their_addresses(client: TestClient, service: Service) -> None:
    first, second = made(client, service), made(client, service)
    one, two = share(client, first), share(client, second)
    said = client.get("/v1/links").json()["data"]
    assert [link["id"] for link in said] == [two["id"], one["id"]]
    assert said[0].keys() == {"id", "object", "video_id", "created_at", "expires_at"}
    assert [link["id"] for link in client.get(f"/v1/links?video={first}").json()["data"]] == [one["id"]]


def test_tokens_are_not_guessed_and_only_hashes_are_stored(
    client: TestClient, service: Service, anyone: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    link = share(client, made(client, service))
    token = link["path"].rpartition("/")[2]
    assert len(token) == 43  # 256 bits
    with service.database.read() as connection:
        row = connection.execute(sa.select(tables.share_links)).one()
    assert row.hash == sha256(token.encode()).hexdigest()
    assert token not in str(row)
    for wrong in (token[:-1], token.swapcase(), row.hash, row.id, "x" * 101, "%00", "é", "-"):
        assert anyone.get(f"/s/{wrong}").status_code == 404
        error(anyone.get(f"/s/{wrong}/film"), 404)
    with caplog.at_level(logging.INFO):
        anyone.get(f"/s/{token}/film")
    assert {getattr(record, "path", "") for record in caplog.records} >= {"/s/.../film"}
    assert not any(token in str(record.__dict__) for record in caplog.records if record.name.startswith("yozora"))


def test_nothing_of_another_key(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "other")
    video = made(other, service)
    link = share(other, video)
    error(client.post(f"/v1/videos/{video}/links", json={}), 404)
    error(client.delete(f"/v1/links/{link['id']}"), 404)
    assert client.get("/v1/links").json()["data"] == []
    for seconds in (0, 59, 10**9, "soon"):
        error(other.post(f"/v1/videos/{video}/links", json={"expires_in": seconds}), 400, "expires_in")


def test_links_are_rate_limited(tmp_path: Path, client: TestClient, service: Service) -> None:
    link = share(client, made(client, service))
    strict = settings_in(tmp_path)
    limits = type(strict.limits)(requests_a_minute=5)
    with TestClient(make_app(settings_in(tmp_path, limits=limits), migrate=False)) as limited:
        codes = [limited.get(link["path"]).status_code for _ in range(7)]
        assert codes == [200] * 5 + [429] * 2
        assert [limited.get("/s/wrong").status_code for _ in range(7)] == [404] * 5 + [429] * 2
