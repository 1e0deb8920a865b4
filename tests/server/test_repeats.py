"""A call that is repeated makes no second video; what is too much is refused; nobody sees another's."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, count, error, made, make, settings_in
from tests.server.conftest import until

from yozora.server import serving
from yozora.server.bounds import Limits
from yozora.server.http.app import make_app
from yozora.server.http.retries import OpenCall
from yozora.server.http.service import Service
from yozora.server.store import tables


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


def test_row_13_a_repeat_finds_its_own_first_try_and_no_other(client: TestClient, service: Service) -> None:
    """Row 13: of equal calls, it is the one whose answer was not taken."""
    again = {"x-stainless-retry-count": "1"}
    first, second = make(client), make(client)
    third = client.post("/v1/videos", json={"prompt": "a cat"}, headers=again).json()
    assert third["id"] not in (first["id"], second["id"])  # both have theirs: what it tried before has not come here
    lost = [make(client)["id"] for _ in range(2)]
    _unanswered(service, lost)
    make(client)
    found = [client.post("/v1/videos", json={"prompt": "a cat"}, headers=again).json()["id"] for _ in range(2)]
    assert found == lost  # each of two repeats its own
    assert client.post("/v1/videos", json={"prompt": "a cat"}, headers=again).json()["id"] not in lost
    assert client.post("/v1/videos", json={"prompt": "a dog"}, headers=again).json()["id"] not in lost


def _unanswered(service: Service, videos: list[str]) -> None:
    service.attempts.flush()
    with service.database.begin() as connection:
        these = sa.update(tables.videos).where(tables.videos.c.id.in_(videos))
        connection.execute(these.values(answered=False))


def test_who_has_gone_has_no_answer(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 13, over real connections: a client that gives up while its film is being looked at, and repeats."""
    shutil.copy(template, tmp_path)
    settings = settings_in(tmp_path, insecure_no_auth=True, hosts="127.0.0.1")
    app = make_app(settings, migrate=False)
    service: Service = app.state.service
    looking, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        looking.set()
        assert go_on.wait(20)

    monkeypatch.setattr("yozora.server.http.creating._add_notes_header", slow)
    bound = serving.listening("127.0.0.1", 0)
    server = serving.Server(app, settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/videos"
    try:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(url, json={"prompt": "a cat"}, timeout=httpx.Timeout(20, read=0.3))
        assert looking.wait(20)
        until(lambda: [one for ones in service.attempts._open.values() for one in ones if one.gone], "a client to go")
        go_on.set()
        again = httpx.post(url, json={"prompt": "a cat"}, headers={"x-stainless-retry-count": "1"}, timeout=20)
        until(lambda: not service.attempts._open, "the first try to end")
        assert [one["id"] for one in httpx.get(url, timeout=20).json()["data"]] == [again.json()["id"]]
    finally:
        server.stop()
        thread.join(20)


def test_a_call_whose_repeat_has_taken_its_place_makes_nothing(client: TestClient, service: Service) -> None:
    """Row 13."""
    attempts, first, repeat = service.attempts, OpenCall(), OpenCall()
    attempts.begin(first, "me", "content")
    attempts.begin(repeat, "me", "content")
    attempts.replace(repeat)
    assert not first.replaced  # its client waits
    first.gone = True
    attempts.replace(repeat)
    assert first.replaced
    attempts.end(first)
    attempts.end(repeat)
    assert not attempts._open


def test_an_idempotency_key_after_its_video_was_deleted(client: TestClient) -> None:
    """Row 13: the key is free again, and stands for the next video."""
    key = {"idempotency-key": "k1"}
    first = client.post("/v1/videos", json={"prompt": "a cat"}, headers=key).json()
    client.delete(f"/v1/videos/{first['id']}")
    second = client.post("/v1/videos", json={"prompt": "a cat"}, headers=key).json()
    assert second["id"] != first["id"]
    assert client.post("/v1/videos", json={"prompt": "a cat"}, headers=key).json()["id"] == second["id"]


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
