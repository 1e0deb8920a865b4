"""Every error has the envelope; whoever runs the server is told how it is."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import count, error, make

from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import now


def test_envelopes_on_everything(client: TestClient) -> None:
    assert error(client.get("/nothing"), 404)["type"] == "not_found_error"
    error(client.get("/v1/videos/"), 404)
    answer = client.put("/v1/videos")
    error(answer, 405)
    assert "POST" in answer.headers["allow"]
    error(client.get("/v1/videos/video%00x"), 404)
    error(client.get("/v1/videos/%ff"), 404)
    error(client.get(f"/v1/videos/{'x' * 5000}"), 404)
    error(
        client.post("/v1/videos", content=b"{", headers={"content-type": "application/json"}), 400, None, "invalid_json"
    )
    answer = client.post("/v1/videos", content=b"x", headers={"content-length": str(1 << 40)})
    error(answer, 413, None, "request_too_large")


def test_bugs_are_500_and_not_repeated(client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(service.policy.__class__, "check_text", broken)
    answer = client.post("/v1/videos", json={"prompt": "x"})
    assert "secret" not in error(answer, 500, None, "internal_error")["message"]
    assert answer.headers["x-should-retry"] == "false"


def test_a_full_disk_is_told(client: TestClient, service: Service, png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    from yozora.server.store.objects import Objects, StorageFull

    def full(*_: object) -> int:
        raise StorageFull

    monkeypatch.setattr(Objects, "put", full)
    answer = client.post("/v1/videos", data={"prompt": "x"}, files={"input_reference": ("a.png", png)})
    error(answer, 503, None, "storage_full")
    assert answer.headers["x-should-retry"] == "false"
    assert count(service) == 0
    assert make(client)["status"] == "queued"  # needs no storage yet


def test_a_database_that_is_gone_may_be_tried_again(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(service.queue.__class__, "add", locked)
    answer = client.post("/v1/videos", json={"prompt": "x"})
    assert error(answer, 503, None, "database_unavailable")["type"] == "server_error"
    assert answer.headers["retry-after"] == "2"
    assert count(service) == 0


def test_health(client: TestClient, service: Service) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"], answer.json()["storage"]) == (503, False, True)
    with service.database.begin() as connection:
        worker = {"id": "w", "host": "here", "pid": 1, "started_at": now(), "seen": float(now())}
        connection.execute(tables.workers.insert().values(**worker))
    assert client.get("/readyz").json() == {"status": "ok", "database": True, "storage": True, "worker": True}


def test_metrics_need_a_key_from_elsewhere(client: TestClient) -> None:
    make(client)
    text = client.get("/metrics").text
    assert 'route="/v1/videos"' in text
    elsewhere = TestClient(client.app, client=("203.0.113.9", 4711))
    error(elsewhere.get("/metrics"), 401)
    local = TestClient(client.app, client=("127.0.0.1", 4711))
    assert local.get("/metrics").status_code == 200
    error(local.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}), 401)  # a proxy on this machine


def test_the_edge_needs_no_torch() -> None:
    heavy = {"torch", "numpy", "av", "c2pa", "cryptography", "alembic"}
    said = f"import sys, yozora.server.http.app; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
