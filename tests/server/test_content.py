"""Films are served whole or in part, and their progress is told as it goes."""

import base64
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient
from tests.server.app import error, finish, made, make

from yozora.server.accounts import keys
from yozora.server.http.service import Service
from yozora.server.store import tables


def test_ranges(client: TestClient, service: Service) -> None:
    data = bytes(range(256)) * 4
    video_id = make(client)["id"]
    address = f"/v1/videos/{video_id}/content"
    error(client.get(address), 404, None, "content_not_ready")
    finish(service, video_id, data)
    whole = client.get(address)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, data, "video/mp4")
    assert (whole.headers["accept-ranges"], whole.headers["content-length"]) == ("bytes", "1024")
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    for asked, part in (("0-9", (0, 10)), ("1000-", (1000, 1024)), ("-24", (1000, 1024)), ("1000-9999", (1000, 1024))):
        answer = client.get(address, headers={"range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, data[slice(*part)])
        assert answer.headers["content-range"] == f"bytes {part[0]}-{part[1] - 1}/1024"
        assert answer.headers["content-length"] == str(part[1] - part[0])
    for asked in ("1024-", "-0"):
        answer = client.get(address, headers={"range": f"bytes={asked}"})
        error(answer, 416, "Range")
        assert answer.headers["content-range"] == "bytes */1024"
    for odd in ("bytes=5-2", "bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=-", "bytes=²-"):
        assert client.get(address, headers={"range": odd.encode()}).status_code == 200
    for held, status in ((etag, 206), (modified, 206), ('"other"', 200), (f"W/{etag}", 200)):
        assert client.get(address, headers={"range": "bytes=0-1", "if-range": held}).status_code == status
    assert client.get(address, headers={"if-none-match": f'"x", {etag}'}).status_code == 304
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1024")
    assert client.head(address, headers={"range": "bytes=0-3"}).headers["content-range"] == "bytes 0-3/1024"


def test_what_is_deleted_between_two_looks_is_a_404(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = made(client, service)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "PNG")
    sent = {"file": ("a.png", picture.getvalue())}
    file_id = client.post("/v1/files", files=sent, data={"purpose": "user_data"}).json()["id"]
    monkeypatch.setattr(service.objects, "size", lambda key: 4)
    service.objects.delete(*service.objects.keys())
    for address in (f"/v1/videos/{video_id}/content", f"/v1/files/{file_id}/content"):
        error(client.get(address), 404, None, "content_gone")


def test_variants(client: TestClient, service: Service) -> None:
    video_id = made(client, service)
    for variant, kind, data in (("thumbnail", "image/webp", b"webp"), ("spritesheet", "image/jpeg", b"jpeg")):
        answer = client.get(f"/v1/videos/{video_id}/content", params={"variant": variant})
        assert (answer.content, answer.headers["content-type"]) == (data, kind)
    error(client.get(f"/v1/videos/{video_id}/content", params={"variant": "gif"}), 400, "variant")
    service.objects.delete_under(f"videos/{video_id}")
    error(client.get(f"/v1/videos/{video_id}/content"), 404)


def test_events(client: TestClient, service: Service) -> None:
    video_id = make(client)["id"]
    mine = tables.videos.c.id == video_id
    seen: list[tuple[str, dict[str, Any]]] = []
    with ThreadPoolExecutor() as pool:
        told = pool.submit(lambda: client.get(f"/v1/videos/{video_id}/events").text)
        for step in (1, 2):
            with service.database.begin() as connection:
                connection.execute(
                    sa.update(tables.videos).where(mine).values(status="in_progress", progress=step * 10)
                )
                connection.execute(sa.delete(tables.previews))
                connection.execute(tables.previews.insert().values(video=video_id, step=step, picture=b"webp%d" % step))
            time.sleep(0.6)
        finish(service, video_id)
        for block in told.result(60).strip().split("\n\n"):
            name, data = block.split("\n")
            seen.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    assert [name for name, _ in seen][-1] == "completed"
    assert seen[-1][1]["progress"] == 100
    previews = [data["preview"] for _, data in seen if data.get("preview")]
    assert previews[-1] == f"data:image/webp;base64,{base64.b64encode(b'webp2').decode()}"
    assert seen[0][1].keys() >= {"id", "status", "progress"}
    assert not service.capacity.followed


def test_streams_of_a_key_are_counted(client: TestClient, service: Service) -> None:
    video_id, (owner,) = make(client)["id"], _owners(service)
    service.capacity.followed[owner] = service.settings.limits.streams_at_once
    error(client.get(f"/v1/videos/{video_id}/events"), 429, None, "too_many_streams")
    service.capacity.followed.clear()
    finish(service, video_id)
    assert "event: completed" in client.get(f"/v1/videos/{video_id}/events").text
    assert not service.capacity.followed


def test_downloads_of_a_key_are_bounded(
    client: TestClient, service: Service, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, (owner,) = made(client, service), _owners(service)
    file_id = client.post("/v1/files", files={"file": ("a.png", png)}, data={"purpose": "vision"}).json()["id"]
    paths = (f"/v1/videos/{video_id}/content", f"/v1/files/{file_id}/content")
    counted, read = [], service.objects.__class__.read

    def sent(*arguments: Any) -> Any:
        counted.append(service.capacity.sending[owner])
        return read(*arguments)

    monkeypatch.setattr(service.objects.__class__, "read", sent)
    for path in paths:
        assert client.get(path).status_code == 200
    assert counted == [1, 1]
    assert not service.capacity.sending, "over when all of it is sent"
    service.capacity.sending[owner] = service.settings.limits.downloads_at_once
    for path in paths:
        refused = client.get(path)
        error(refused, 429, None, "too_many_at_once")
        assert refused.headers["retry-after"] == "2"
    assert client.get(f"/v1/videos/{video_id}").status_code == 200
    assert client.get(paths[0], headers=_other(service)).status_code == 404, "another key has its own"


def _other(service: Service) -> dict[str, str]:
    return {"authorization": f"Bearer {keys.create(service.database, 'other')[1]}"}


def _owners(service: Service) -> list[str]:
    with service.database.read() as connection:
        return list(connection.execute(sa.select(tables.videos.c.owner)).scalars())
