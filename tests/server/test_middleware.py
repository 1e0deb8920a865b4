"""Every error has the envelope; whoever runs the server is told how it is."""

import subprocess
import sys
from pathlib import Path

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

    monkeypatch.setattr(service.policy.__class__, "check_words", broken)
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


def test_row_15_metrics_need_a_key(client: TestClient, service: Service) -> None:
    """Row 15: a plain proxy on this machine names nobody, so nobody is believed to sit here."""
    make(client)
    text = client.get("/metrics").text
    assert 'route="/v1/videos"' in text
    local = TestClient(client.app, client=("127.0.0.1", 4711))
    error(local.get("/metrics"), 401)
    object.__setattr__(service.settings, "open_metrics", True)
    assert local.get("/metrics").status_code == 200


def test_row_15_head_wherever_there_is_get(client: TestClient) -> None:
    """Row 15."""
    video = make(client)
    for path in ("/healthz", "/v1/models", "/v1/videos", f"/v1/videos/{video['id']}", "/openapi.json"):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.content))
    assert client.head(f"/v1/videos/{video['id']}/events").status_code == 200  # and it does not go on for ever
    assert client.head("/nothing").status_code == 404
    error(TestClient(client.app).request("GET", "/v1/videos"), 401)
    assert TestClient(client.app).head("/v1/videos").status_code == 401


def test_row_15_allow_names_all_methods_of_a_path(client: TestClient) -> None:
    """Row 15."""
    for method, path, allowed in (
        ("PUT", "/v1/videos", "GET, HEAD, POST"),
        ("PATCH", "/v1/videos/video_1", "DELETE, GET, HEAD, POST"),
        ("GET", "/v1/videos/video_1/cancel", "POST"),
    ):
        answer = client.request(method, path)
        error(answer, 405, None, "method_not_allowed")
        assert answer.headers["allow"] == allowed


def test_the_edge_loads_what_its_first_answer_needs(tmp_path: Path) -> None:
    """So that it answers within a second of its start. What it hides while it loads is there afterwards."""
    heavy = {"torch", "numpy", "av", "c2pa", "cryptography", "alembic", "httpx", "yaml", "prometheus_client"}
    heavy |= {"pydantic.v1", "sqlalchemy.dialects.postgresql", "yozora.language"}
    places = {"database": f"sqlite:///{tmp_path / 'y.db'}", "storage": str(tmp_path / "objects")}
    said = f"""
import sys
from yozora.server import serving
from yozora.server.settings import Settings
serving.app_of(Settings(**{places}))
print(sorted({heavy} & set(sys.modules)))
import pydantic.v1
"""
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_row_15_liveness_goes_by_the_database_s_clock(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 15: this machine's clock may be wrong."""
    with service.database.begin() as connection:
        worker = {"id": "w", "host": "here", "pid": 1, "started_at": now(), "seen": now() + 3600.0}
        connection.execute(tables.workers.insert().values(**worker))
    for moment, alive in ((now() + 3601.0, True), (now() + 3700.0, False)):
        for where in ("yozora.server.http.routes.health.clock", "yozora.server.metrics.clock"):
            monkeypatch.setattr(where, lambda _connection, moment=moment: moment)
        assert client.get("/readyz").json()["worker"] is alive
        assert f"yozora_workers {float(alive)}" in client.get("/metrics").text


def test_pictures_of_phones(client: TestClient, service: Service, tmp_path: Path) -> None:
    """Row 15: 24 megapixels are taken, and scaled when the film is made."""
    from PIL import Image

    Image.new("RGB", (5712, 4284), (90, 120, 30)).save(tmp_path / "phone.jpg", quality=50)
    files = {"input_reference": ("phone.jpg", (tmp_path / "phone.jpg").read_bytes(), "image/jpeg")}
    answer = client.post("/v1/videos", data={"prompt": "a cat"}, files=files)
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
