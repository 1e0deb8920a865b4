"""Row 5: who only asks how far a film is takes nothing from the rate, and is told when to ask again."""

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, make, settings_in
from typer.testing import CliRunner

from yozora.cli import app
from yozora.server import serving
from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.server.settings import Settings
from yozora.server.store import tables


@contextmanager
def serving_on(settings: Settings) -> Iterator[tuple[str, Service, serving.Server]]:
    """A real server, without workers: where it is, and what it holds."""
    made = make_app(settings, migrate=False)
    service: Service = made.state.service
    bound = serving.listening("127.0.0.1", 0)
    server = serving.Server(made, settings, (), service.stopping)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1", service, server
    finally:
        server.stop()
        thread.join(20)


@pytest.fixture
def plain(tmp_path: Path, template: Path) -> Settings:
    """As an operator has it who changes nothing."""
    shutil.copy(template, tmp_path)
    return settings_in(tmp_path, limits=Limits(), hosts="")


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
def test_row_5_a_hundred_at_once_are_not_refused(plain: Settings) -> None:
    """With the official client and default limits; films end one after the other."""
    with serving_on(plain) as (url, service, _):
        _, secret = keys.create(service.database, "me")
        done = threading.Event()
        worker = threading.Thread(target=complete, args=(service, done))
        worker.start()

        async def all_of_them() -> list[Any]:
            async with openai.AsyncOpenAI(base_url=url, api_key=secret, max_retries=0) as client:
                ask = client.videos.create_and_poll
                return await asyncio.gather(*(ask(prompt=f"cat {n}", poll_interval_ms=200) for n in range(100)))

        try:
            made = asyncio.run(all_of_them())
        finally:
            done.set()
            worker.join()
        assert {video.status for video in made} == {"completed"}
        assert len({video.id for video in made}) == 100


def key_of(service: Service, name: str) -> str:
    return next(key.id for key in keys.listed(service.database) if key.name == name)


def complete(service: Service, done: threading.Event) -> None:
    """The oldest that waits is completed, about forty a second."""
    while not done.wait(0.02):
        with service.database.read() as connection:
            waits = sa.select(tables.videos.c.id).where(tables.videos.c.status == "queued")
            video_id = connection.execute(waits.order_by(tables.videos.c.number).limit(1)).scalar()
        if video_id is not None:
            finish(service, video_id)


def test_row_5_reading_has_a_bound_of_its_own(tmp_path: Path, template: Path) -> None:
    shutil.copy(template, tmp_path)
    limits = Limits(requests_a_minute=3, polls_a_minute=20)
    opened = make_app(settings_in(tmp_path, limits=limits, insecure_no_auth=True), migrate=False)
    with TestClient(opened) as client:
        video_id = make(client)["id"]
        for _ in range(20):
            assert client.get(f"/v1/videos/{video_id}").status_code == 200
        refused = error(client.get(f"/v1/videos/{video_id}"), 429, None, "rate_limit_exceeded")
        assert refused["type"] == "rate_limit_error"
        assert client.post(f"/v1/videos/{video_id}/cancel").status_code == 200


def test_an_answer_is_held_until_the_film_is_over(plain: Settings) -> None:
    with serving_on(plain) as (url, service, _), ThreadPoolExecutor(60) as pool:
        _, secret = keys.create(service.database, "me")
        with httpx.Client(headers={"authorization": f"Bearer {secret}"}, timeout=40) as client:
            made = client.post(f"{url}/videos", json={"prompt": "a cat"}).json()["id"]
            early = client.get(f"{url}/videos/{made}", params={"wait": 0.3})
            assert early.json()["status"] == "queued"
            held = [pool.submit(client.get, f"{url}/videos/{made}", params={"wait": 30}) for _ in range(50)]
            while len(service.holding._waiting.get(made, [])) < 50:
                time.sleep(0.01)
            assert client.get(f"{url}/models").status_code == 200  # there are threads left: nobody holds one
            start = time.monotonic()
            finish(service, made)
            assert {one.result().json()["status"] for one in held} == {"completed"}
            assert time.monotonic() - start < 10
            assert not service.holding._waiting
            assert client.get(f"{url}/videos/{made}", params={"wait": 30}).json()["status"] == "completed"
            assert client.get(f"{url}/videos/{made}", params={"wait": "x"}).status_code == 400
            assert client.get(f"{url}/videos/video_x", params={"wait": 5}).status_code == 404


def test_a_server_that_stops_holds_nobody(plain: Settings) -> None:
    with serving_on(plain) as (url, service, server), ThreadPoolExecutor(1) as pool:
        _, secret = keys.create(service.database, "me")
        headers = {"authorization": f"Bearer {secret}"}
        made = httpx.post(f"{url}/videos", json={"prompt": "a cat"}, headers=headers, timeout=20).json()["id"]
        held = pool.submit(httpx.get, f"{url}/videos/{made}", params={"wait": 60}, headers=headers, timeout=60)
        while not service.holding._waiting:
            time.sleep(0.01)
        server.stop()
        assert held.result(10).json()["status"] == "queued"


def test_row_15_a_key_that_is_revoked_is_held_no_longer(client: TestClient, service: Service) -> None:
    """Row 15: its streams end, too."""
    mine = key_of(service, "me")
    video_id = make(client)["id"]
    with client.stream("GET", f"/v1/videos/{video_id}/events") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr("yozora.server.http.routes.events.CHECK_SECONDS", 0.1)
        keys.revoke(service.database, mine)
        assert "event: completed" not in "".join(stream.iter_text())  # it ends, though the video does not
    other = client_of(service, client, "other")
    mine, video_id = key_of(service, "other"), make(other)["id"]
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(other.get, f"/v1/videos/{video_id}", params={"wait": 20})
        while not service.holding._waiting:
            time.sleep(0.01)
        keys.revoke(service.database, mine)
        finish(service, video_id)
        error(held.result(), 401, None, "invalid_api_key")


def test_what_a_revoked_key_has_queued_is_cancelled(client: TestClient, service: Service, tmp_path: Path) -> None:
    """Row 15."""
    other = client_of(service, client, "other")
    theirs, mine = make(other)["id"], [make(client)["id"] for _ in range(3)]
    finish(service, mine[0])
    key = key_of(service, "me")
    done = CliRunner().invoke(app, ["keys", "revoke", key, "--database", service.settings.database, "--json"])
    assert json.loads(done.stdout) == {"id": key, "revoked": True, "cancelled": 2}
    with service.database.read() as connection:
        rows = {row.id: row for row in connection.execute(sa.select(tables.videos))}
    assert [(rows[one].status, rows[one].error_code) for one in mine[1:]] == [("failed", "cancelled")] * 2
    assert (rows[mine[0]].status, rows[theirs].status) == ("completed", "queued")
    error(client.post("/v1/videos", json={"prompt": "a cat"}), 401)  # though a process may remember the key for a while


def test_a_key_holds_so_many(client: TestClient, service: Service) -> None:
    object.__setattr__(service.settings.limits, "holds", 0)
    video_id = make(client)["id"]
    assert client.get(f"/v1/videos/{video_id}", params={"wait": 60}).json()["status"] == "queued"
