"""A call that is repeated makes no second video; what is too much is refused; nobody sees another's."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.testclient import TestClient
from tests.server.app import client_of, count, error, made, make, settings_in

from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.settings import Limits


def test_the_clients_own_repeat_makes_no_second_video(client: TestClient, service: Service, png: bytes) -> None:
    again = {"x-stainless-retry-count": "1"}
    first = make(client)
    assert client.post("/v1/videos", json={"prompt": "a cat"}, headers=again).json()["id"] == first["id"]
    other = client.post("/v1/videos", json={"prompt": "a dog"}, headers=again).json()
    assert other["id"] != first["id"]
    assert make(client)["id"] != first["id"]  # a person who wants two gets two
    files = {"input_reference": ("a.png", png)}
    sent = client.post("/v1/videos", data={"prompt": "x"}, files=files)
    assert client.post("/v1/videos", data={"prompt": "x"}, files=files, headers=again).json()["id"] == sent.json()["id"]


def test_a_repeat_of_a_refused_call_makes_its_video(tmp_path: Path, template: Path) -> None:
    shutil.copy(template, tmp_path)
    app = make_app(settings_in(tmp_path, limits=Limits(creates_a_minute=1), insecure_no_auth=True), migrate=False)
    with TestClient(app) as client:
        first = make(client)
        refused = client.post("/v1/videos", json={"prompt": "a cat"})
        assert error(refused, 429)["type"] == "rate_limit_error"
        assert int(refused.headers["retry-after-ms"]) > 0
        app.state.service.rates._buckets.clear()
        again = client.post("/v1/videos", json={"prompt": "a cat"}, headers={"x-stainless-retry-count": "1"})
        assert again.json()["id"] != first["id"]


def test_idempotency_keys(client: TestClient, service: Service) -> None:
    key = {"idempotency-key": "k1"}
    first = client.post("/v1/videos", json={"prompt": "a cat"}, headers=key).json()
    assert client.post("/v1/videos", data={"prompt": "a cat"}, headers=key).json()["id"] == first["id"]
    error(client.post("/v1/videos", json={"prompt": "b"}, headers=key), 400, "Idempotency-Key", "idempotency_error")
    other = client_of(service, client, "other").post("/v1/videos", json={"prompt": "b"}, headers=key)
    assert other.json()["id"] != first["id"]
    error(
        client.post("/v1/videos", json={"prompt": "b"}, headers={"idempotency-key": "k" * 256}), 400, "Idempotency-Key"
    )
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(client.post, "/v1/videos", json={"prompt": "c"}, headers={"idempotency-key": "k2"})
            for _ in range(8)
        ]
        assert len({one.result().json()["id"] for one in sent}) == 1


def test_many_at_once_make_one(database_url: str, tmp_path: Path) -> None:
    """On both databases: the same call by eight threads, by its key and as a repeat; and pages."""
    app = make_app(settings_in(tmp_path, database=database_url, insecure_no_auth=True))
    with TestClient(app) as client, ThreadPoolExecutor(8) as pool:
        for headers in ({"idempotency-key": "k"}, {"x-stainless-retry-count": "1"}):
            said = {"json": {"prompt": str(headers)}, "headers": headers}
            answers = [one.result() for one in [pool.submit(client.post, "/v1/videos", **said) for _ in range(8)]]
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["id"] for answer in answers}) == 1
        ids = [make(client)["id"] for _ in range(3)]
        page = client.get("/v1/videos", params={"after": ids[2], "limit": 2}).json()
        assert [one["id"] for one in page["data"]] == [ids[1], ids[0]]
        assert client.get("/v1/videos/x%00y").status_code == 404
        assert client.post(f"/v1/videos/{ids[0]}/cancel").json()["status"] == "failed"
        assert client.delete(f"/v1/videos/{ids[0]}").status_code == 200


def test_a_full_queue(tmp_path: Path, template: Path) -> None:
    shutil.copy(template, tmp_path)
    app = make_app(settings_in(tmp_path, limits=Limits(queued=2), insecure_no_auth=True), migrate=False)
    with TestClient(app) as client:
        for _ in range(2):
            make(client)
        refused = client.post("/v1/videos", json={"prompt": "a cat"})
        assert error(refused, 429, None, "queue_full")["type"] == "rate_limit_error"
        assert int(refused.headers["retry-after"]) > 0
        assert count(app.state.service) == 2


def test_without_a_key(client: TestClient) -> None:
    bare = TestClient(client.app)
    for headers in (
        {},
        {"authorization": "Bearer yz-wrong"},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer "},
    ):
        for method, path in (
            ("GET", "/v1/videos"),
            ("POST", "/v1/videos"),
            ("GET", "/v1/models"),
            ("POST", "/v1/files"),
        ):
            answer = bare.request(method, path, headers=headers)
            assert error(answer, 401, None, "invalid_api_key")["type"] == "authentication_error"
    assert bare.get("/healthz").status_code == 200


def test_each_key_sees_only_its_own(client: TestClient, service: Service, png: bytes) -> None:
    video_id = made(client, service)
    file_id = client.post("/v1/files", files={"file": ("a.png", png)}).json()["id"]
    character = client.post("/v1/videos/characters", data={"name": "Mossy"}, files={"video": png}).json()["id"]
    other = client_of(service, client, "other")
    for path in ("/v1/videos", "/v1/files", "/v1/videos/characters"):
        assert other.get(path).json()["data"] == []
    of_video = [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/content"),
        ("POST", "/cancel"),
        ("GET", "/events"),
        ("POST", "/remix"),
    ]
    for method, path in [(method, f"/v1/videos/{video_id}{path}") for method, path in of_video] + [
        ("GET", f"/v1/files/{file_id}"),
        ("GET", f"/v1/files/{file_id}/content"),
        ("DELETE", f"/v1/files/{file_id}"),
        ("GET", f"/v1/videos/characters/{character}"),
        ("DELETE", f"/v1/videos/characters/{character}"),
    ]:
        error(other.request(method, path, json={"prompt": "x"} if method == "POST" else None), 404)
    body = {"prompt": "mossy", "video": {"id": video_id}}
    for kind, more in {"edits": {}, "extensions": {}, "loops": {}, "recuts": {"keep": "0-1"}}.items():
        error(other.post(f"/v1/videos/{kind}", json=body | more), 404, "video")
    error(other.post("/v1/videos/blends", json={"videos": [video_id, video_id]}), 404, "videos")
    error(
        other.post("/v1/videos", json={"prompt": "x", "input_reference": {"file_id": file_id}}), 404, "input_reference"
    )
    error(other.post("/v1/videos", json={"prompt": "mossy", "characters": [{"id": character}]}), 404, "characters")
    for path in (f"/v1/videos/{video_id}", f"/v1/files/{file_id}", f"/v1/videos/characters/{character}"):
        assert client.get(path).status_code == 200
