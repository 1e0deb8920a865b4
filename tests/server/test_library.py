"""A key's library: search, titles, folders, a trash, several videos at once; the contract's list stays."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, count, error, made, make

from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import now


def listed(client: TestClient, path: str = "/v1/library", **query: Any) -> list[str]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def changed(client: TestClient, video: str, **said: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/videos/{video}", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def folder(client: TestClient, name: str = "Trips") -> str:
    answer = client.post("/v1/folders", json={"name": name})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_videos_are_found_by_words_of_the_title_and_the_prompt(client: TestClient, service: Service) -> None:
    cat, dog = make(client, prompt="A red CAT in 100% snow")["id"], make(client, prompt="a dog_house")["id"]
    changed(client, dog, title="Holiday 2026")
    for query, found in (
        ("cat", [cat]),
        ("red cat", [cat]),
        ("holiday dog", [dog]),
        ("100%", [cat]),
        ("%", [cat]),
        ("_", [dog]),
        ("a", [dog, cat]),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("", [dog, cat]),
    ):
        for path in ("/v1/library", "/v1/videos"):
            assert listed(client, path, q=query) == found, query
    error(client.get("/v1/library?q=%00"), 400, "q")


def test_a_video_has_its_rate_and_its_seed(client: TestClient, service: Service) -> None:
    video = make(client, model="mini", fps=12, seed=7)["id"]
    said = client.get(f"/v1/library/{video}").json()
    assert (said["fps"], said["seed"]) == (12, 7)


def test_videos_are_filtered(client: TestClient, service: Service) -> None:
    waits, done = make(client)["id"], made(client, service, model="mini")
    looped = client.post("/v1/videos/loops", json={"video": {"id": done}}).json()["id"]
    assert listed(client, status="completed") == [done]
    assert listed(client, mode="loop") == [looped]
    assert listed(client, mode="generate", status="queued") == [waits]
    assert done in listed(client, model="mini")
    assert waits not in listed(client, model="mini")
    assert listed(client, created_after=now() + 60) == []
    assert len(listed(client, created_after=now() - 60)) == 3
    error(client.get("/v1/library?status=lost"), 400, "status")
    assert listed(client, limit=1, after=looped, order="desc") == [done]


def test_a_video_gets_a_title(client: TestClient, service: Service) -> None:
    video = make(client)["id"]
    markup = '<img src=x onerror="alert(1)">'
    assert changed(client, video, title=f"  {markup} ")["title"] == markup  # text, which pages show as text
    answer = client.get(f"/v1/library/{video}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["title"] == markup
    family = "👨\u200d👩\u200d👧"
    assert changed(client, video, title=family)["title"] == family
    assert changed(client, video, folder_id=None)["title"] == family  # what is not said stays
    assert changed(client, video, title="")["title"] is None
    for bad in ("a\nb", "a\u202eb", "a\0b"):
        error(client.post(f"/v1/videos/{video}", json={"title": bad}), 400, "title")
    error(client.post(f"/v1/videos/{video}", json={"title": "x" * 201}), 400, "title")
    assert set(client.get(f"/v1/videos/{video}").json()) == set(make(client))  # the contract's fields, and no others


def test_a_trash_with_restore(client: TestClient, service: Service) -> None:
    video = made(client, service)
    since = changed(client, video, trashed=True)["trashed_at"]
    assert since == pytest.approx(now(), abs=5)
    assert changed(client, video, trashed=True)["trashed_at"] == since
    assert (listed(client), listed(client, "/v1/videos"), listed(client, trashed=True)) == ([], [], [video])
    assert client.get(f"/v1/videos/{video}").status_code == 200
    assert changed(client, video, trashed=False)["trashed_at"] is None
    assert listed(client) == [video]


def test_what_waits_is_cancelled_in_the_trash(client: TestClient) -> None:
    video = make(client)["id"]
    said = changed(client, video, trashed=True)
    assert (said["status"], said["error"]["code"]) == ("failed", "cancelled")


def test_several_videos_at_once(client: TestClient, service: Service) -> None:
    videos, trips = [made(client, service) for _ in range(3)], folder(client)
    answer = client.post("/v1/library", json={"ids": videos[:2], "folder_id": trips, "trashed": False})
    assert [one["folder_id"] for one in answer.json()["data"]] == [trips, trips]
    client.post("/v1/library", json={"ids": videos[:2], "trashed": True})
    assert listed(client) == [videos[2]]
    assert client.get("/v1/folders").json()["data"][0]["videos"] == 0
    answer = client.post("/v1/library", json={"ids": [*videos, videos[0]], "deleted": True})
    assert answer.json() == {"object": "list", "data": [], "deleted": videos}
    assert count(service) == 0
    error(client.post("/v1/library", json={"ids": []}), 400, "ids")
    error(client.post("/v1/library", json={"ids": ["v"] * 201}), 400, "ids")


def test_all_are_changed_or_none(client: TestClient, service: Service) -> None:
    video, theirs = made(client, service), made(client_of(service, client, "other"), service)
    for said in ({"trashed": True}, {"deleted": True}):
        error(client.post("/v1/library", json={"ids": [video, theirs], **said}), 404)
    assert listed(client) == [video]
    assert count(service) == 2


def test_nothing_of_another_key_is_reached(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "other")
    video, theirs = make(other)["id"], folder(other)
    mine = make(client)["id"]
    error(client.get(f"/v1/library/{video}"), 404)
    error(client.post(f"/v1/videos/{video}", json={"title": "mine"}), 404)
    error(client.post(f"/v1/videos/{mine}", json={"folder_id": theirs}), 404)
    error(client.post(f"/v1/folders/{theirs}", json={"name": "mine"}), 404)
    error(client.delete(f"/v1/folders/{theirs}"), 404)
    assert listed(client, folder=theirs) == []
    assert client.get("/v1/folders").json()["data"] == []
    assert [one["name"] for one in other.get("/v1/folders").json()["data"]] == ["Trips"]


def test_a_video_that_has_failed_says_why_in_finer_steps(client: TestClient, service: Service) -> None:
    """The contract's object has the code of the API; the library's the code of docs/errors.md too."""
    fine, coarse, done = make(client)["id"], make(client)["id"], made(client, service)
    for video, why in ((fine, "clip_too_short"), (coarse, None)):
        ended = {"status": "failed", "error_code": "invalid_request", "error_message": "No.", "error_reason": why}
        with service.database.begin() as connection:
            connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video).values(**ended))
    reasons = {one["id"]: one["error_reason"] for one in client.get("/v1/library").json()["data"]}
    assert reasons == {fine: "clip_too_short", coarse: "invalid_request", done: None}
    assert client.get(f"/v1/videos/{fine}").json()["error"] == {"code": "invalid_request", "message": "No."}
