"""Exports of finished films: asked for, taken in turn, downloaded, deleted."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, made, make

from yozora.server.accounts import keys
from yozora.server.http.service import Service
from yozora.server.store import cleanup, exports, tables
from yozora.server.store.database import now


def asked(client: TestClient, video: str, **said: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/videos/{video}/exports", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def completed(service: Service, export: dict[str, Any], content: bytes = b"0123456789") -> None:
    """What a worker does at the end, to a file."""
    key = f"{exports.prefix(export['video_id'], export['id'])}/1/film.webm"
    service.objects.put_bytes(key, content)
    done = {"status": "completed", "progress": 100, "completed_at": now(), "file": key, "bytes": len(content)}
    with service.database.begin() as connection:
        mine = tables.exports.c.id == export["id"]
        connection.execute(sa.update(tables.exports).where(mine).values(**done, expires_at=now() + 60))


# --- asked for


def test_an_export_is_queued_with_all_that_was_said(client: TestClient, service: Service) -> None:
    video = made(client, service)
    export = asked(client, video, format="gif", size="320x180", fps=12, fit="pad", grade={"exposure": 0.5})
    assert (export["status"], export["progress"], export["video_id"]) == ("queued", 0, video)
    assert (export["format"], export["size"], export["fps"], export["fit"]) == ("gif", "320x180", 12.0, "pad")
    assert export["grade"] == {"exposure": 0.5, "contrast": 1.0, "saturation": 1.0, "temperature": 0.0}
    path = f"/v1/videos/{video}/exports"
    assert client.get(f"{path}/{export['id']}").json() == export
    assert client.get(path).json()["data"] == [export]
    form = {"format": "gif", "size": "320x180", "fps": "12", "fit": "pad", "grade": '{"exposure": "0.5"}'}
    assert client.post(path, data=form).json()["id"] == export["id"]  # the same request, in another spelling
    error(client.get(f"{path}/{export['id']}/content"), 404, code="content_not_ready")


def test_the_same_request_gives_the_same_export(client: TestClient, service: Service) -> None:
    video = made(client, service)
    first = asked(client, video, format="webm")
    assert asked(client, video, format="webm", grade={"contrast": 1})["id"] == first["id"]
    completed(service, first)
    assert asked(client, video, format="webm")["id"] == first["id"]
    assert asked(client, video, format="webm", fps=30)["id"] != first["id"]
    assert asked(client, made(client, service), format="webm")["id"] != first["id"]
    with service.database.begin() as connection:
        mine = tables.exports.c.id == first["id"]
        connection.execute(sa.update(tables.exports).where(mine).values(status="failed", error_code="internal_error"))
    again = asked(client, video, format="webm")
    assert again["id"] != first["id"]
    failed = client.get(f"/v1/videos/{video}/exports/{first['id']}").json()
    assert failed["error"]["code"] == "internal_error"


@pytest.mark.parametrize(
    ("said", "param"),
    [
        ({"format": "avi"}, "format"),
        ({"size": "1280"}, "size"),
        ({"size": "33x17"}, "size"),
        ({"size": "9000x9000"}, "size"),
        ({"size": "321x180"}, "size"),
        ({"fps": 0}, "fps"),
        ({"fps": 1000}, "fps"),
        ({"fit": "zoom"}, "fit"),
        ({"grade": {"exposure": 5}}, "grade"),
        ({"grade": {"saturation": -1}}, "grade"),
        ({"grade": "dark"}, "grade"),
        ({"format": "gif", "library": True}, "library"),
        ({"formats": "gif"}, "formats"),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, service: Service, said: dict[str, Any], param: str) -> None:
    error(client.post(f"/v1/videos/{made(client, service)}/exports", json=said), 400, param)


def test_a_film_that_is_not_finished_has_no_exports(client: TestClient, service: Service) -> None:
    video = make(client)["id"]
    error(client.post(f"/v1/videos/{video}/exports", json={}), 400, code="video_not_completed")
    assert client.get(f"/v1/videos/{video}/exports").json()["data"] == []


def test_exports_are_those_of_the_key_alone(client: TestClient, service: Service) -> None:
    video, other = made(client, service), made(client, service)
    export = asked(client, video)
    path = f"/v1/videos/{video}/exports"
    stranger = client_of(service, client, "other")
    for answer in (
        stranger.post(path, json={}),
        stranger.get(path),
        stranger.get(f"{path}/{export['id']}"),
        stranger.get(f"{path}/{export['id']}/content"),
        stranger.delete(f"{path}/{export['id']}"),
        client.get(f"/v1/videos/{other}/exports/{export['id']}"),
        client.get(f"{path}/export_none"),
    ):
        error(answer, 404, code="not_found")


def test_a_file_has_a_name_ranges_and_a_version(client: TestClient, service: Service) -> None:
    video = made(client, service)
    export = asked(client, video, format="webm")
    completed(service, export)
    client.post(f"/v1/videos/{video}", json={"title": 'Rex "am" Meer: 1/2 ünd'})
    path = f"/v1/videos/{video}/exports/{export['id']}/content"
    answer = client.get(path)
    assert (answer.content, answer.headers["content-type"]) == (b"0123456789", "video/webm")
    said = answer.headers["content-disposition"]
    assert said.startswith(f'attachment; filename="{video}.webm"; ')
    assert said.endswith("filename*=UTF-8''Rex%20_am_%20Meer_%201_2%20%C3%BCnd.webm")
    part = client.get(path, headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert client.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert client.head(path).headers["content-length"] == "10"
    error(client.get(path, params={"variant": "credentials"}), 404, code="content_not_ready")


def test_what_is_deleted_is_gone_with_its_file(client: TestClient, service: Service) -> None:
    video = made(client, service)
    first, second = asked(client, video, format="webm"), asked(client, video, format="gif")
    for export in (first, second):
        completed(service, export)
    path = f"/v1/videos/{video}/exports/{first['id']}"
    assert client.delete(path).json() == {"id": first["id"], "object": "video.export.deleted", "deleted": True}
    error(client.get(path), 404)
    assert len(list(service.objects.keys(f"videos/{video}/exports"))) == 1
    client.delete(f"/v1/videos/{video}")
    assert list(service.objects.keys(f"videos/{video}")) == []
    with service.database.read() as connection:
        assert connection.execute(sa.select(tables.exports)).all() == []


def test_cleanup_removes_what_is_old_and_keeps_the_rest(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = made(client, service)
    old, young = asked(client, video, format="webm"), asked(client, video, format="gif")
    for export in (old, young):
        completed(service, export)
    waiting = asked(client, video, format="frames")
    with service.database.begin() as connection:
        mine = tables.exports.c.id == old["id"]
        connection.execute(sa.update(tables.exports).where(mine).values(expires_at=now() - 1))
        key = f"{exports.prefix(video, waiting['id'])}/1/frames.zip"
    service.objects.put_bytes(key, b"begun by a worker")
    monkeypatch.setattr(cleanup, "ORPHAN_SECONDS", -60)
    cleanup.sweep(service.database, service.objects, now())
    error(client.get(f"/v1/videos/{video}/exports/{old['id']}"), 404)
    left = set(service.objects.keys(f"videos/{video}/exports"))
    assert left == {key, f"{exports.prefix(video, young['id'])}/1/film.webm"}
    cleanup.sweep(service.database, service.objects, now() + exports.KEPT_SECONDS)
    error(client.get(f"/v1/videos/{video}/exports/{waiting['id']}"), 404)


def test_exports_count_as_stored_bytes(client: TestClient, service: Service) -> None:
    from yozora.server.accounts.limits import stored

    video = made(client, service)
    completed(service, asked(client, video, format="webm"), b"x" * 1000)
    with service.database.read() as connection:
        owner = connection.execute(sa.select(tables.videos.c.owner)).scalar_one()
        assert stored(connection, owner)["exports"] == 1000


# --- taken in turn


def test_keys_take_turns_and_a_key_that_is_over_has_none(client: TestClient, service: Service) -> None:
    mine = [asked(client, made(client, service))["id"] for _ in range(3)]
    other = client_of(service, client, "other")
    answer = other.post("/v1/videos", json={"prompt": "a dog"}).json()
    finish(service, answer["id"])
    theirs = asked(other, answer["id"])["id"]
    with service.database.begin() as connection:
        taken = [exports.take(connection, "worker_1") for _ in range(2)]
    assert [row.id for row in taken if row is not None] == [mine[0], theirs]
    owner = next(key.id for key in keys.listed(service.database) if key.name == "me")
    keys.revoke(service.database, owner, by="tests")
    with service.database.begin() as connection:
        assert exports.take(connection, "worker_1") is None


def test_what_a_lost_worker_had_waits_again_and_fails_in_the_end(client: TestClient, service: Service) -> None:
    export = asked(client, made(client, service))
    for _ in range(service.settings.limits.attempts):
        with service.database.begin() as connection:
            row = exports.take(connection, "worker_1")
            assert row is not None
            service.queue.reclaim(connection)
            assert not exports.write(connection, row, {"progress": 50})
    row = client.get(f"/v1/videos/{export['video_id']}/exports/{export['id']}").json()
    assert (row["status"], row["error"]["code"]) == ("failed", "worker_crashed")
