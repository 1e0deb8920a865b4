"""Characters, files and models; lists in pages; cancel and delete."""

import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import error, job_of, made, make

from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.work import heartbeats


def test_characters(client: TestClient, service: Service, png: bytes, mp4: bytes) -> None:
    answer = client.post("/v1/videos/characters", data={"name": "Mossy"}, files={"video": ("a.mp4", mp4)})
    mossy = answer.json()
    assert mossy.keys() == {"id", "name", "created_at"}
    assert client.get(f"/v1/videos/characters/{mossy['id']}").json() == mossy
    form = {"prompt": "mossy walks", "characters[][id]": mossy["id"]}
    job = job_of(service, client.post("/v1/videos", data=form).json()["id"])
    assert [(who.name, who.plain) for who in job.order.characters] == [("Mossy", True)]
    assert service.objects.get(job.characters[0]).startswith(b"\x89PNG")
    error(client.post("/v1/videos", data=form | {"prompt": "a cat"}), 400, "characters")
    two = client.post("/v1/videos/characters", data={"name": "Fern"}, files={"video": ("a.png", png)}).json()
    both = {"prompt": "mossy and fern", "characters": [{"id": mossy["id"]}, {"id": two["id"]}]}
    error(client.post("/v1/videos", json=both), 400, "characters")  # mini can be shown one
    error(
        client.post("/v1/videos/characters", data={"name": "Third"}, files={"video": png}),
        400,
        None,
        "too_many_characters",
    )
    error(client.post("/v1/videos/characters", data={"name": "x" * 81}, files={"video": png}), 400, "name")
    error(
        client.post("/v1/videos/characters", data={"name": "x"}, files={"video": b"text"}), 400, "video", "invalid_file"
    )
    error(client.get("/v1/videos/characters/char_none"), 404)
    listed = client.get("/v1/videos/characters").json()["data"]
    assert {one["name"] for one in listed} == {"Mossy", "Fern"}  # in any order if of the same second
    assert [one["created_at"] for one in listed] == sorted(one["created_at"] for one in listed)
    assert client.delete(f"/v1/videos/characters/{two['id']}").json()["deleted"] is True
    error(client.get(f"/v1/videos/characters/{two['id']}"), 404)


def test_files(client: TestClient, service: Service, png: bytes) -> None:
    made = [
        client.post("/v1/files", files={"file": (f"../{n}.png", png)}, data={"purpose": "vision"}) for n in range(4)
    ]
    error(made[3], 400, None, "too_many_files")
    first = made[0].json()
    assert (first["filename"], first["bytes"], first["object"], first["purpose"]) == (
        "0.png",
        len(png),
        "file",
        "vision",
    )
    assert client.get(f"/v1/files/{first['id']}").json() == first
    assert client.get(f"/v1/files/{first['id']}/content").content == png
    page = client.get("/v1/files", params={"limit": 2, "order": "asc"}).json()
    assert [one["filename"] for one in page["data"]] == ["0.png", "1.png"]
    assert page["has_more"] is True
    assert client.delete(f"/v1/files/{first['id']}").json() == {"id": first["id"], "object": "file", "deleted": True}
    error(client.get(f"/v1/files/{first['id']}/content"), 404)
    error(client.post("/v1/files", files={"file": b"text"}), 400, "file", "invalid_file")
    assert len([*service.objects.keys("files")]) == 2


def test_models(client: TestClient) -> None:
    names = [one["id"] for one in client.get("/v1/models").json()["data"]]
    assert {"mini", "sora-2", "sora-2-pro-2025-10-06"} <= set(names)
    assert client.get("/v1/models/sora-2").json()["object"] == "model"
    error(client.get("/v1/models/veo"), 404)


def test_pages(client: TestClient) -> None:
    ids = [make(client)["id"] for _ in range(5)]
    page = client.get("/v1/videos", params={"limit": 2}).json()
    assert [one["id"] for one in page["data"]] == [ids[4], ids[3]]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (ids[4], ids[3], True)
    page = client.get("/v1/videos", params={"limit": 2, "after": ids[1]}).json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([ids[0]], False)
    page = client.get("/v1/videos", params={"order": "asc", "after": ids[2]}).json()
    assert [one["id"] for one in page["data"]] == ids[3:]
    client.delete(f"/v1/videos/{ids[2]}")
    page = client.get("/v1/videos", params={"order": "asc", "after": ids[2]}).json()
    assert [one["id"] for one in page["data"]] == ids[3:]  # whoever deletes while listing misses nothing
    nothing = client.get("/v1/videos", params={"limit": 0}).json()
    assert nothing == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": True}
    for param, value in (
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "x"),
        ("order", "up"),
        ("after", "video_x"),
        ("after", "\0"),
    ):
        error(client.get("/v1/videos", params={param: value}), 400, param)


def test_cancel(client: TestClient, service: Service) -> None:
    video_id = make(client)["id"]
    video = client.post(f"/v1/videos/{video_id}/cancel").json()
    assert (video["status"], video["error"]["code"]) == ("failed", "cancelled")
    over = made(client, service)
    assert client.post(f"/v1/videos/{over}/cancel").json()["status"] == "completed"
    busy = make(client)["id"]
    heartbeats.enter(service.database, "w")
    with service.database.begin() as connection:
        connection.execute(
            sa.update(tables.videos).where(tables.videos.c.id == busy).values(status="in_progress", worker="w")
        )
    assert client.post(f"/v1/videos/{busy}/cancel").json()["status"] == "in_progress"
    with service.database.read() as connection:
        assert connection.execute(sa.select(tables.videos.c.stopping).where(tables.videos.c.id == busy)).scalar_one()
    error(client.post("/v1/videos/video_none/cancel"), 404)


def test_delete(client: TestClient, service: Service) -> None:
    video_id = made(client, service)
    assert client.delete(f"/v1/videos/{video_id}").json() == {
        "id": video_id,
        "object": "video.deleted",
        "deleted": True,
    }
    assert [*service.objects.keys("videos")] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content"), ("POST", "/cancel"), ("GET", "/events")):
        error(client.request(method, f"/v1/videos/{video_id}{path}"), 404)
