"""What operators are given: a front page, documentation, alerts and a dashboard, a compose file, traces, S3."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient
from tests.server.app import make, settings_in
from tests.server.conftest import Installation, absent, free_port, until

from yozora.provenance.settings import OFF
from yozora.server import traces
from yozora.server.http.app import make_app
from yozora.server.store.objects import StorageAway, open_objects

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"
BOARD = DEPLOY / "grafana" / "yozora.json"
SERIES = re.compile(r"\b(?:yozora|process)_[a-z_]+")


def program(name: str) -> str:
    """A program that checks a file for operators; `.ci/run` installs it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def expressions() -> list[str]:
    """All that rules and dashboard ask Prometheus for."""
    rules = [rule["expr"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    panels = json.loads(BOARD.read_text())["panels"]
    return rules + [target["expr"] for panel in panels for target in panel["targets"]]


def test_what_rules_and_dashboard_ask_for_is_there(client: TestClient) -> None:
    make(client)
    client.get("/v1/videos")
    text = client.get("/metrics").text
    known = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    known |= {f"{name}{end}" for name in known for end in ("_bucket", "_total", "_sum", "_count")}
    asked = {series for expression in expressions() for series in SERIES.findall(expression)}
    assert len(asked) > 8
    assert asked <= known


def test_the_rules_are_rules() -> None:
    done = subprocess.run([program("promtool"), "check", "rules", RULES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_compose_file_is_one() -> None:
    said = {"POSTGRES_PASSWORD": "a", "S3_KEY": "b", "S3_SECRET": "c", "PATH": "/usr/bin:/bin"}
    command = [program("docker-compose"), "-f", DEPLOY / "compose.yaml", "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, env=said)
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert {"api", "worker", "database", "store"} <= set(services)


def test_the_front_page_says_what_this_is(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "OPENAI_BASE_URL=http://testserver/v1" in answer.text
    assert client.head("/").status_code == 200


def test_the_documentation_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    found = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(found) == 3
    for address in found:
        assert address.startswith("/docs/")
        assert len(client.get(address).content) > 1000
    assert "https://" not in page.replace("https://fastapi.tiangolo.com", "")
    assert client.get("/docs/../settings.py").status_code == 404


class Collector(BaseHTTPRequestHandler):
    """What takes traces."""

    got: list[bytes] = []  # noqa: RUF012

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[str]:
    Collector.got = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_request_and_its_film_are_one_trace(tmp_path: Path, collector: str) -> None:
    import gzip

    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    with TestClient(make_app(settings_in(tmp_path, traces=collector))) as client:
        answer = client.get("/v1/videos")
        with traces.film("video_1", answer.headers["x-request-id"]) as said:
            said |= {"denoise": 1.5, "ended": "worker_crashed"}
    spans = {}
    for body in Collector.got:
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        found = [span for of in request.resource_spans for scope in of.scope_spans for span in scope.spans]
        spans |= {span.name: span for span in found}
    asked, film = spans["GET /v1/videos"], spans["film"]
    assert answer.headers["x-request-id"] == f"req_{asked.trace_id.hex()}"
    assert film.trace_id == asked.trace_id
    assert {one.key for one in film.attributes} == {"yozora.video", "yozora.denoise", "yozora.ended"}
    assert film.status.message == "worker_crashed"


class Bucket:
    """A server that speaks S3, in a process of its own, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.port, self.log = free_port(), folder / "moto.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [shutil.which("moto_server") or absent("moto is not installed"), "-p", str(self.port)]
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said)
        until(self.answers, "moto")

    def answers(self) -> bool:
        import httpx

        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/").status_code == 200
        except httpx.TransportError:
            return False

    def make(self) -> None:
        import httpx

        httpx.put(f"http://127.0.0.1:{self.port}/films").raise_for_status()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    made = Bucket(tmp_path)
    said = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}
    said |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{made.port}", "AWS_ALLOW_HTTP": "true"}
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    made.start()
    made.make()
    yield made
    made.stop()


def test_a_film_is_made_with_a_bucket_and_waits_for_one_that_is_away(embedded: Installation, bucket: Bucket) -> None:
    embedded.settings = replace(embedded.settings, storage="s3://films/yozora", provenance=OFF)
    store = open_objects("s3://films/yozora")
    store.put_bytes("a/b", b"here")
    assert store.get("a/b") == b"here"
    video = embedded.ask(steps=40)
    server = embedded.server(slow=0.03)
    until(lambda: embedded.row(video).progress > 0, "the film to begin")
    bucket.stop()
    with pytest.raises(StorageAway):
        store.get("a/b")
    until(lambda: embedded.row(video).progress >= 85, "most of the film to be made")
    time.sleep(1)
    assert embedded.row(video).status == "in_progress"
    bucket.start()  # an empty one: moto forgets
    bucket.make()
    row = embedded.ended(video)
    assert (row.status, row.error_code) == ("completed", None)
    assert store.size(row.file) == row.bytes
    assert server.code is None
