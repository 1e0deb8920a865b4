"""Whatever is sent to whatever the OpenAPI document names: the server answers, says what is wrong, and never breaks."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

import pytest
import requests
import schemathesis
import sqlalchemy as sa
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from tests.server.conftest import free_port

from yozora.provenance.settings import Provenance
from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import now

EXAMPLES = 12  # of each operation and kind
IDS = {
    "video_id": "video_known",
    "character_id": "char_known",
    "file_id": "file_known",
    "webhook_id": "we_known",
    "model": "sora-2",
    "batch_id": "batch_known",
    "job_id": "vidjob_known",
    "generation_id": "video_known",
    "key_id": "key_known",
    "worker_id": "worker_1",
    "delivery_id": "del_known",
    "folder_id": "folder_known",
    "link_id": "link_known",
    "export_id": "export_known",
}
POINTERS = {
    "video": "video_known",
    "videos": "video_known",
    "characters": "char_known",
    "file_id": "file_known",
    "input_file_id": "file_batch",
}
CHECKS = [schemathesis.checks.not_a_server_error, status_code_conformance]
PLENTY = 10_000_000


@dataclass(kw_only=True)
class Edge:
    """The API without a worker, which somebody else's clock says is alive."""

    url: str
    service: Service
    session: requests.Session
    owner: str
    changed: bool = True  # the last call may have changed something

    def restore(self) -> None:
        """There is one completed video, character, file and webhook, whatever the last call did to them."""
        if not self.changed:
            return
        both = {"owner": self.owner, "created_at": now()}
        key = "videos/video_known/1/film.mp4"
        video = {"id": "video_known", "number": 1, "status": "completed", "model": "mini", "size": "64x64", "job": {}}
        video |= {
            "seconds": "1",
            "fingerprint": "f",
            "file": key,
            "thumbnail": key,
            "spritesheet": key,
            "batch": "vidjob_known",
        }
        file = {"id": "file_known", "number": 1, "filename": "f", "purpose": "vision", "bytes": 5, "key": key}
        rows: dict[sa.Table, dict[str, Any]] = {
            tables.videos: video,
            tables.files: file | {"kind": "picture"},
            tables.batches: {
                "id": "batch_known",
                "number": 1,
                "endpoint": "/v1/videos",
                "status": "in_progress",
                "input_file": "file_batch",
                "lines": [{"custom_id": "a", "video": "video_known", "error": None}],
            },
            tables.characters: {"id": "char_known", "name": "Mossy", "key": key},
            tables.webhooks: {
                "id": "we_known",
                "name": "",
                "url": "http://127.0.0.1:1/",
                "events": [],
                "secret": "whsec_eA==",
            },
        }
        rows[tables.folders] = {"id": "folder_known", "number": 1, "name": "f"}
        rows[tables.share_links] = {
            "id": "link_known",
            "number": 1,
            "video": "video_known",
            "hash": "h",
            "expires_at": now() + 60,
        }
        export = {"id": "export_known", "number": 1, "video": "video_known", "format": "gif", "finish": {}}
        rows[tables.exports] = export | {"library": False, "status": "completed", "file": key, "completed_at": now()}
        event = {"event": "evt_1", "webhook": "we_known", "type": "video.failed", "payload": {}, "status": "failed"}
        rows[tables.deliveries] = {"id": "del_known", **event}
        self.service.objects.put_bytes(key, b"bytes")
        with self.service.database.begin() as connection:
            other = {"id": "key_known", "name": "other", "hash": "h", "hint": "", "created_at": now()}
            connection.execute(sa.delete(tables.keys).where(tables.keys.c.id == "key_known"))
            connection.execute(tables.keys.insert().values(other))
            for table, row in rows.items():
                connection.execute(sa.delete(table).where(table.c.owner == self.owner))
                connection.execute(table.insert().values(row | both))
            batch = file | {"id": "file_batch", "kind": "lines", "purpose": "batch"}
            connection.execute(tables.files.insert().values(batch | both))


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("edge")
    limits = Limits(requests_a_minute=PLENTY, creates_a_minute=PLENTY, queued=PLENTY)
    places = {"database": f"sqlite:///{folder / 'y.db'}", "storage": str(folder / "objects")}
    app = make_app(Settings(**places, limits=limits, provenance=Provenance(folder=folder / "provenance")))
    service: Service = app.state.service
    owner, secret = keys.create(service.database, "tests", keys.Grant(scopes=("create", "admin")))
    with service.database.begin() as connection:
        alive = {"id": "worker_1", "host": "h", "pid": 1, "started_at": now(), "seen": now() + 10_000.0}
        connection.execute(tables.workers.insert().values(alive))
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    with requests.Session() as session:
        session.headers["authorization"] = f"Bearer {secret}"
        yield Edge(url=f"http://127.0.0.1:{port}", service=service, session=session, owner=owner)
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def document(edge: Edge) -> Any:
    return schemathesis.openapi.from_url(f"{edge.url}/openapi.json")


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_that_is_sent_breaks_the_server(edge: Edge, document: Any, mode: GenerationMode) -> None:
    for operation in document.get_all_operations():
        if operation.ok().path == "/v1/events":  # it ends after an hour
            continue
        _try(edge, operation.ok(), mode)


def _try(edge: Edge, operation: Any, mode: GenerationMode) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=strategies.booleans())
    def examples(case: Any, known: bool) -> None:
        edge.restore()
        if known:
            case.path_parameters.update({name: IDS[name] for name in case.path_parameters if name in IDS})
            case.body = _pointed(case.body)
        streamed = case.path.endswith("/events")  # of which the document says only that it is text
        checks = CHECKS if streamed else [*CHECKS, response_schema_conformance]
        edge.changed = True
        answer = case.call_and_validate(session=edge.session, checks=checks, timeout=60)
        edge.changed = case.method not in ("GET", "HEAD") and answer.status_code < 400

    none_is_fine = (Unsatisfiable, SkipTest) if mode is GenerationMode.NEGATIVE else ()
    with suppress(*none_is_fine):  # there is nothing that such an operation could be sent wrongly
        examples()


def _pointed(body: Any, inside: str = "") -> Any:
    """What a body points at is there."""
    if isinstance(body, list):
        return [_pointed(one, inside) for one in body]
    if isinstance(body, dict):
        return {name: _pointed(value, inside if name == "id" else name) for name, value in body.items()}
    if isinstance(body, str) and inside in POINTERS:
        return POINTERS[inside]
    return body


def test_there_is_a_document_with_all_of_the_contract(edge: Edge) -> None:
    paths = edge.session.get(f"{edge.url}/openapi.json").json()["paths"]
    contract = {"", "/{video_id}", "/{video_id}/content", "/{video_id}/remix", "/edits", "/extensions", "/characters"}
    assert {f"/v1/videos{path}" for path in contract} <= set(paths)
    for name in {part for path in paths for part in path.split("/") if part.startswith("{")}:
        assert name[1:-1] in IDS, name
