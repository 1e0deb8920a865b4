"""The feed: off by default; what keys publish to each other, hide and report."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, made, make, settings_in
from tests.server.test_library import changed

from yozora.server.accounts import keys
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.store import tables


@pytest.fixture
def on(tmp_path: Path, template: Path) -> Iterator[TestClient]:
    """A server with a feed."""
    folder = tmp_path / "feed"
    folder.mkdir()
    shutil.copy(template, folder)
    app = make_app(settings_in(folder, feed=True), migrate=False)
    with TestClient(app, raise_server_exceptions=False) as opened:
        opened.headers["authorization"] = f"Bearer {keys.create(app.state.service.database, 'me')[1]}"
        yield opened


@pytest.fixture
def service(on: TestClient) -> Service:
    return on.app.state.service  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def other(on: TestClient, service: Service) -> TestClient:
    return client_of(service, on, "other")


@pytest.fixture
def boss(on: TestClient, service: Service) -> TestClient:
    _, secret = keys.create(service.database, "boss", keys.Grant(scopes=("admin", "create")))
    return TestClient(on.app, headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


def shown(client: TestClient) -> list[str]:
    return [post["id"] for post in client.get("/v1/feed").json()["data"]]


def test_there_is_none_unless_it_is_switched_on(client: TestClient) -> None:
    for method, path in (("GET", "/v1/feed"), ("POST", "/v1/videos/x/publish"), ("POST", "/v1/feed/x/report")):
        error(client.request(method, path), 404, None, "feed_off")


def test_what_is_published_is_seen_by_every_key(on: TestClient, service: Service, other: TestClient) -> None:
    video, kept = made(on, service, prompt="a <b>cat</b>"), made(on, service)
    assert on.post(f"/v1/videos/{video}/publish").json()["own"]
    assert on.post(f"/v1/videos/{video}/publish").status_code == 200
    (post,) = other.get("/v1/feed").json()["data"]
    assert (post["id"], post["own"], post["prompt"]) == (video, False, "a <b>cat</b>")
    assert not {"owner", "key", "key_id"} & post.keys()
    assert other.get(f"/v1/feed/{video}/content").status_code == 200
    assert other.get(f"/v1/feed/{video}/content?variant=thumbnail").content == b"webp"
    error(other.get(f"/v1/videos/{video}"), 404)
    error(other.get(f"/v1/feed/{kept}/content"), 404)
    error(TestClient(on.app).get("/v1/feed"), 401)


def test_only_its_key_publishes_it_and_takes_it_back(on: TestClient, service: Service, other: TestClient) -> None:
    video = made(on, service)
    error(other.post(f"/v1/videos/{video}/publish"), 404)
    error(on.post(f"/v1/videos/{make(on)['id']}/publish"), 400, None, "video_not_completed")
    on.post(f"/v1/videos/{video}/publish")
    error(other.delete(f"/v1/videos/{video}/publish"), 404)
    changed(on, video, trashed=True)
    assert shown(other) == []
    changed(on, video, trashed=False)
    assert shown(other) == [video]
    on.delete(f"/v1/videos/{video}/publish")
    assert shown(other) == []
    error(other.get(f"/v1/feed/{video}/content"), 404)


def test_the_feed_is_asked_for_one_video(on: TestClient, service: Service, other: TestClient) -> None:
    first, second = made(on, service), made(on, service)
    for video in (first, second):
        on.post(f"/v1/videos/{video}/publish")
    for client in (on, other):
        said = client.get("/v1/feed", params={"video": first}).json()
        assert ([post["id"] for post in said["data"]], said["has_more"]) == ([first], False)
    on.delete(f"/v1/videos/{first}/publish")
    assert on.get("/v1/feed", params={"video": first}).json()["data"] == []


def test_reports_and_hiding(on: TestClient, service: Service, other: TestClient, boss: TestClient) -> None:
    video = made(on, service)
    error(other.post(f"/v1/feed/{video}/report", json={"reason": "x"}), 404)
    on.post(f"/v1/videos/{video}/publish")
    for reason in ("rude", "very rude"):
        assert other.post(f"/v1/feed/{video}/report", json={"reason": reason}).status_code == 200
    for bad in ({}, {"reason": " "}, {"reason": "x" * 501}):
        error(other.post(f"/v1/feed/{video}/report", json=bad), 400, "reason")
    assert [one["reason"] for one in boss.get("/v1/admin/reports").json()["data"]] == ["very rude"]
    for method, path in (("GET", "/v1/admin/reports"), ("POST", f"/v1/admin/feed/{video}")):
        error(other.request(method, path, json={}), 403, None, "insufficient_scope")
    assert boss.post(f"/v1/admin/feed/{video}", json={}).status_code == 200
    assert shown(other) == []
    on.delete(f"/v1/videos/{video}/publish")
    on.post(f"/v1/videos/{video}/publish")
    assert shown(other) == []  # it stays hidden
    boss.post(f"/v1/admin/feed/{video}", json={"hidden": False})
    assert shown(other) == [video]
    actions = [one["action"] for one in boss.get("/v1/admin/audit").json()["data"]]
    assert actions[:2] == ["post.show", "post.hide"]
    error(boss.post("/v1/admin/feed/none", json={}), 404)


def test_reports_say_of_which_film(on: TestClient, service: Service, other: TestClient, boss: TestClient) -> None:
    def newest() -> list[object]:
        (row,) = boss.get("/v1/admin/reports").json()["data"]
        return [row[name] for name in ("video_id", "prompt", "published", "hidden")]

    video = made(on, service)
    prompt = on.get(f"/v1/videos/{video}").json()["prompt"]
    on.post(f"/v1/videos/{video}/publish")
    other.post(f"/v1/feed/{video}/report", json={"reason": "rude"})
    assert newest() == [video, prompt, True, False]
    boss.post(f"/v1/admin/feed/{video}", json={})
    assert newest() == [video, prompt, True, True]
    boss.post(f"/v1/admin/feed/{video}", json={"hidden": False})
    on.delete(f"/v1/videos/{video}/publish")
    assert newest() == [video, prompt, False, False]


def test_pages_of_the_feed(on: TestClient, service: Service, other: TestClient) -> None:
    videos = [made(on, service) for _ in range(3)]
    for video in videos:
        on.post(f"/v1/videos/{video}/publish")
    first = other.get("/v1/feed?limit=2").json()
    assert ([post["id"] for post in first["data"]], first["has_more"]) == (videos[:0:-1], True)
    second = other.get(f"/v1/feed?limit=2&after={first['last_id']}").json()
    assert ([post["id"] for post in second["data"]], second["has_more"]) == (videos[:1], False)


def remix(client: TestClient, video: str) -> httpx.Response:
    return client.post(f"/v1/videos/{video}/remix", json={"prompt": "at night"})


def test_a_film_of_the_feed_is_a_source_while_it_is_shown(
    on: TestClient, service: Service, other: TestClient, boss: TestClient
) -> None:
    video = made(on, service)
    error(remix(other, video), 404)
    on.post(f"/v1/videos/{video}/publish")
    answer = remix(other, video)
    assert answer.status_code == 200, answer.text
    assert answer.json()["remixed_from_video_id"] == video
    for path, said in (
        ("edits", {"prompt": "x", "video": {"id": video}, "region": "0,0,0.5,0.5"}),
        ("storyboards", {"board": {"cards": [{"from": 0, "to": 1, "prompt": "x", "clip": video}]}}),
    ):
        assert other.post(f"/v1/videos/{path}", json=said).status_code == 200
    with service.database.read() as connection:
        found = connection.execute(sa.select(tables.parents).where(tables.parents.c.video == answer.json()["id"]))
        assert [(row.source, row.kind) for row in found] == [(video, "video")]
    error(other.get(f"/v1/videos/{video}"), 404)
    error(other.post("/v1/videos/characters", json={"name": "x", "video": {"id": video}}), 404, "video")
    boss.post(f"/v1/admin/feed/{video}", json={"hidden": True})
    error(remix(other, video), 404)
    boss.post(f"/v1/admin/feed/{video}", json={"hidden": False})
    assert remix(other, video).status_code == 200
    on.delete(f"/v1/videos/{video}/publish")
    error(remix(other, video), 404)


def test_characters_inside_a_film_of_the_feed_keep_their_consent(
    on: TestClient, service: Service, other: TestClient, png: bytes
) -> None:
    upload = {"name": (None, "Rex"), "video": ("x.png", png, "image/png")}
    rex = on.post("/v1/videos/characters", files=upload).json()["id"]
    first = made(on, service, prompt="Rex runs", characters=[{"id": rex}])
    later = remix(on, first).json()["id"]
    finish(service, later)
    for video in (first, later):
        on.post(f"/v1/videos/{video}/publish")
        error(remix(other, video), 403, None, "consent_revoked")
    on.post(f"/v1/videos/characters/{rex}/consent", json={"consent": "everyone"})
    waiting = remix(other, later).json()["id"]
    revoked = on.post(f"/v1/videos/characters/{rex}/consent", json={"consent": "owner"})
    assert revoked.status_code == 200
    assert other.get(f"/v1/videos/{waiting}").json()["error"]["code"] == "consent_revoked"
    assert remix(on, later).status_code == 200


def test_a_post_says_whether_one_has_reported_it(on: TestClient, service: Service, other: TestClient) -> None:
    video = made(on, service)
    assert not on.post(f"/v1/videos/{video}/publish").json()["reported"]
    other.post(f"/v1/feed/{video}/report", json={"reason": "no"})
    assert [post["reported"] for post in other.get("/v1/feed").json()["data"]] == [True]
    assert [post["reported"] for post in on.get("/v1/feed").json()["data"]] == [False]
