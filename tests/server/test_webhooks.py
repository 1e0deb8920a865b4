"""Webhooks: managed with the official client, signed as it checks, sent to where they may go."""

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai
import pytest
import sqlalchemy as sa
import uvicorn

from yozora.server.accounts import keys
from yozora.server.bounds import Limits
from yozora.server.http.app import make_app
from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, open_database
from yozora.server.store.sealing import unseal
from yozora.server.work import webhooks


@dataclass
class Receiver:
    """Whoever is told: keeps what arrives, answers `status`."""

    status: int = 200
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    slow: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    got = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.arrived.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if got.status == 0:
                got.slow.wait(30)
                return
            self.send_response(got.status)
            self.send_header("location", "http://169.254.169.254/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    got.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield got
    got.slow.set()
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Running:
    url: str
    database: Database
    open: ExitStack

    def client(self, secret: str = "") -> openai.OpenAI:
        """The official client, with a key of its own."""
        secret = secret or keys.create(self.database, "test")[1]
        return self.open.enter_context(openai.OpenAI(base_url=self.url, api_key=secret, max_retries=0))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The HTTP edge on a free port, without a worker."""
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(
        database=f"sqlite:///{folder / 'yozora.db'}",
        storage=str(folder / "objects"),
        private_webhooks=True,
        limits=Limits(webhooks=3),
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + 120
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        database = open_database(settings.database)
        with ExitStack() as opened:
            yield Running(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", database, opened)
        server.should_exit = True
        thread.join(60)
        database.close()


def row_of(database: Database, webhook_id: str) -> sa.Row[Any]:
    with database.read() as connection:
        return connection.execute(sa.select(tables.webhooks).where(tables.webhooks.c.id == webhook_id)).one()


def test_the_official_client_manages_them(api: Running, receiver: Receiver) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.completed", "video.failed"])
    assert made.id.startswith("we_")
    assert made.object == "webhook_endpoint"
    assert made.signing_secret.startswith("whsec_")
    assert len(base64.b64decode(made.signing_secret.removeprefix("whsec_"))) == 32
    seen = client.webhooks.retrieve(made.id)
    assert (seen.name, seen.url, seen.event_types) == ("mine", receiver.url, ["video.completed", "video.failed"])
    assert "signing_secret" not in seen.to_dict()  # shown once
    assert made.signing_secret not in seen.to_json()
    other = client.webhooks.create(name="other", url=receiver.url, event_types=["video.failed"])
    assert {one.id for one in client.webhooks.list(limit=1)} == {made.id, other.id}  # page by page
    changed = client.webhooks.update(made.id, name="renamed", event_types=["video.failed"])
    assert (changed.name, changed.url, changed.event_types) == ("renamed", receiver.url, ["video.failed"])
    gone = client.webhooks.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "webhook_endpoint.deleted")
    with pytest.raises(openai.NotFoundError):
        client.webhooks.retrieve(made.id)
    assert client.webhooks.event_types.list().data == ["video.completed", "video.failed"]


def test_the_short_paths_do_the_same(api: Running, receiver: Receiver) -> None:
    client = api.client()

    def call(method: str, path: str, body: object = None) -> Any:
        answer = client._client.request(method, f"{api.url}/webhooks{path}", json=body, headers=client.auth_headers)
        return answer.json()

    made = call("POST", "", {"url": receiver.url})
    assert made["event_types"] == ["video.completed", "video.failed"]
    assert made["name"] == f"127.0.0.1:{receiver.port}"
    assert [one["id"] for one in call("GET", "")["data"]] == [made["id"]]
    assert call("POST", f"/{made['id']}/test")["status_code"] == 200
    rotated = call("POST", f"/{made['id']}/rotate")
    assert rotated["signing_secret"] != made["signing_secret"]
    assert unseal(row_of(api.database, made["id"]).previous_secret) == made["signing_secret"]
    assert call("DELETE", f"/{made['id']}") == {
        "id": made["id"],
        "object": "webhook_endpoint.deleted",
        "deleted": True,
    }


def test_what_is_sent_unwraps(api: Running, receiver: Receiver) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.completed"])
    event = webhooks.event("video.completed", "video_é")
    assert webhooks.post(api.database, made.id, event, 1, private=True)
    ((headers, body),) = receiver.arrived
    unwrapped = client.webhooks.unwrap(body, headers, secret=made.signing_secret)
    assert unwrapped.to_dict() == event
    assert set(event) == {"id", "object", "created_at", "type", "data"}
    assert headers["webhook-id"] == event["id"]
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert headers["content-type"] == "application/json"
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(body + b" ", headers, secret=made.signing_secret)


def test_a_test_says_what_the_address_answers(api: Running, receiver: Receiver) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    receiver.status = 418
    done = client.webhooks.test(made.id, event_type="video.failed")
    assert (done.status_code, done.event_type, done.webhook_endpoint_id) == (418, "video.failed", made.id)
    event = client.webhooks.unwrap(*receiver.arrived[0][::-1], secret=made.signing_secret)
    assert event.type == "video.failed"
    with pytest.raises(openai.BadRequestError, match="has the port 1"):
        client.webhooks.update(made.id, url="http://127.0.0.1:1/")


def test_rotation(api: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    kept = client.webhooks.rotate_secret(made.id, keep_old_secret_active_for_24_hours=True)
    assert kept.signing_secret != made.signing_secret
    event = webhooks.event("video.failed", "video_1")
    assert webhooks.post(api.database, made.id, event, 1, private=True)
    for secret in (made.signing_secret, kept.signing_secret):
        client.webhooks.unwrap(*receiver.arrived[-1][::-1], secret=secret)
    tomorrow = time.time() + webhooks.OVERLAP + 2
    monkeypatch.setattr(webhooks.time, "time", lambda: tomorrow)
    row = row_of(api.database, made.id)
    signatures = dict(webhooks.headers_of(row, "evt_1", int(tomorrow), "{}"))["webhook-signature"]
    assert signatures == webhooks.sign(kept.signing_secret, "evt_1", int(tomorrow), "{}")
    monkeypatch.undo()
    last = client.webhooks.rotate_secret(made.id)  # the old one ends at once
    assert webhooks.post(api.database, made.id, event, 2, private=True)
    client.webhooks.unwrap(*receiver.arrived[-1][::-1], secret=last.signing_secret)
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(*receiver.arrived[-1][::-1], secret=kept.signing_secret)


@pytest.mark.parametrize(("status", "taken"), [(200, True), (204, True), (302, False), (404, False), (500, False)])
def test_only_a_2xx_is_taken_and_redirects_are_not_followed(
    api: Running, receiver: Receiver, status: int, taken: bool
) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    receiver.status = status
    assert webhooks.post(api.database, made.id, webhooks.event("video.failed", "v"), 1, private=True) is taken
    assert len(receiver.arrived) == 1


def test_a_receiver_that_is_down_slow_or_gone(
    api: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    event = webhooks.event("video.failed", "v")
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    receiver.status = 0
    began = time.monotonic()
    assert not webhooks.post(api.database, made.id, event, 1, private=True)
    assert time.monotonic() - began < 10
    with socket.socket() as silent:  # bound, and never listening
        silent.bind(("127.0.0.1", 0))
        client.webhooks.update(made.id, url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert not webhooks.post(api.database, made.id, event, 2, private=True)
        with pytest.raises(openai.BadRequestError) as caught:
            client.webhooks.test(made.id, event_type="video.failed")
    assert caught.value.code == "webhook_unreachable"
    client.webhooks.delete(made.id)
    assert webhooks.post(api.database, made.id, event, 3, private=True)  # nobody is there to take it: settled


def test_private_addresses_only_where_the_operator_says_so(api: Running, receiver: Receiver) -> None:
    client = api.client()
    made = client.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    assert not webhooks.post(api.database, made.id, webhooks.event("video.failed", "v"), 1)
    assert receiver.arrived == []
    for url in (receiver.url, "http://localhost:8000/", "http://10.0.0.1/", "http://[::1]/"):
        with pytest.raises(webhooks.ApiError, match="private or reserved network"):
            webhooks.check_url(url, private=False)
    for url in ("http://169.254.169.254/", "ftp://127.0.0.1/", "nonsense", "http://user:pw@127.0.0.1/"):
        with pytest.raises(openai.BadRequestError) as caught:
            client.webhooks.create(name="x", url=url, event_types=["video.failed"])
        assert (caught.value.param, caught.value.code) == ("url", "invalid_url")


def test_each_key_sees_its_own(api: Running, receiver: Receiver) -> None:
    mine, yours = api.client(), api.client()
    made = mine.webhooks.create(name="mine", url=receiver.url, event_types=["video.failed"])
    assert list(yours.webhooks.list()) == []
    for call in (
        lambda: yours.webhooks.retrieve(made.id),
        lambda: yours.webhooks.update(made.id, name="x"),
        lambda: yours.webhooks.delete(made.id),
        lambda: yours.webhooks.rotate_secret(made.id),
        lambda: yours.webhooks.test(made.id, event_type="video.failed"),
        lambda: yours.webhooks.retrieve("we_none"),
        lambda: yours.webhooks.retrieve("\0"),
    ):
        with pytest.raises(openai.NotFoundError) as caught:
            call()
        assert caught.value.type == "not_found_error"
    assert row_of(api.database, made.id).name == "mine"


def test_targets_are_the_owner_s_that_want_the_event(api: Running, receiver: Receiver) -> None:
    owner, secret = keys.create(api.database, "test")
    client = api.client(secret)
    done = client.webhooks.create(name="a", url=receiver.url, event_types=["video.completed"])
    both = client.webhooks.create(name="b", url=receiver.url, event_types=["video.failed", "video.completed"])
    with api.database.read() as connection:
        assert set(webhooks.targets(connection, owner, "video.completed")) == {done.id, both.id}
        assert webhooks.targets(connection, owner, "video.failed") == [both.id]
        assert webhooks.targets(connection, "key_other", "video.failed") == []


def test_what_cannot_be_is_told(api: Running, receiver: Receiver) -> None:
    client = api.client()
    for body, param in (
        ({}, "url"),
        ({"url": receiver.url, "event_types": ["batch.completed"]}, "event_types"),
        ({"url": receiver.url, "event_types": []}, "event_types"),
        ({"url": receiver.url, "name": "a\nb"}, "name"),
        ({"url": receiver.url, "name": "a" * 201}, "name"),
        ({"url": 5}, "url"),
    ):
        answer = client._client.post(f"{api.url}/webhooks", json=body, headers=client.auth_headers)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), body
    for _ in range(3):
        client.webhooks.create(name="x", url=receiver.url, event_types=["video.failed"])
    with pytest.raises(openai.BadRequestError, match="This key has 3 webhooks already"):
        client.webhooks.create(name="x", url=receiver.url, event_types=["video.failed"])
    with pytest.raises(openai.BadRequestError, match="is not in this list"):
        list(client.webhooks.list(after="we_none"))
    answer = client._client.get(f"{api.url}/webhooks")
    assert answer.status_code == 401


def test_the_signature_is_the_standard_s() -> None:
    """The example of the Standard Webhooks specification's libraries."""
    secret, told = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    signed = webhooks.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, told)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert json.loads(told)
