"""Deliveries are rows: listed with their reasons, sent again, counted; rows 7 and 12 of the table of faults."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error
from tests.server.conftest import Installation
from tests.server.test_metrics import figures

from yozora.server.bounds import Times
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import Database, new_id, now
from yozora.server.work import deliveries, heartbeats, webhooks
from yozora.server.work.deliveries import Deliveries
from yozora.server.work.queue import BACK_OFF
from yozora.server.work.retry_policy import RetryPolicy

RETRY = RetryPolicy(times=Times().scaled(0.001))
SECRET = webhooks.SECRET + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(database: Database, owner: str = "key_a") -> str:
    name = new_id("we")
    row = {"id": name, "owner": owner, "name": "n", "url": "http://127.0.0.1:9/x", "created_at": now()}
    with database.begin() as connection:
        connection.execute(tables.webhooks.insert().values(**row, events=["video.failed"], secret=SECRET))
    return name


def announced(installation: Installation, webhook: str, owner: str = "key_a") -> str:
    with installation.database.begin() as connection:
        event = webhooks.event("video.failed", "video_1")
        return installation.queue.deliver(connection, owner, webhook, event)


def row_of(database: Database, name: str) -> sa.Row[Any]:
    with database.read() as connection:
        return connection.execute(sa.select(tables.deliveries).where(tables.deliveries.c.id == name)).one()


def due(database: Database) -> None:
    """What was put off is due now."""
    with database.begin() as connection:
        connection.execute(tables.deliveries.update().values(next_at=0.0))


@pytest.fixture
def sender(installation: Installation) -> Deliveries:
    return Deliveries(database=installation.database, worker="worker_a", private=True, retry=RETRY)


@contextmanager
def answering(monkeypatch: pytest.MonkeyPatch, *answers: webhooks.DeliveryResult | Exception) -> Iterator[list[str]]:
    """The receiver answers so, one after the other; the last one for ever. Ids of events that arrived."""
    arrived: list[str] = []

    def deliver(_row: Any, event: Any, _attempt: int, *, private: bool) -> webhooks.DeliveryResult:
        arrived.append(event["id"])
        answer = answers[min(len(arrived), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(webhooks, "deliver", deliver)
        yield arrived


TAKEN, REFUSED = webhooks.DeliveryResult(status=200), webhooks.DeliveryResult(status=503)


def send_all(sender: Deliveries) -> int:
    rows = sender.take(8)
    for row in rows:
        sender.attempt(row)
    return len(rows)


def test_row_12_a_webhook_that_fails_leaves_a_line_a_metric_and_a_reason(
    installation: Installation,
    sender: Deliveries,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database, webhook = installation.database, hook(installation.database)
    name = announced(installation, webhook)
    with answering(monkeypatch, REFUSED), caplog.at_level(logging.WARNING):
        assert send_all(sender) == 1
    row = row_of(database, name)
    assert (row.status, row.http_status, row.reason, row.attempts) == ("pending", 503, "It answered with 503.", 1)
    assert [one.message for one in caplog.records] == ["a webhook did not accept an event"]
    assert caplog.records[0].__dict__["webhook"] == webhook
    heartbeats.enter(database, "worker_a")
    heartbeats.beat(database, "worker_a", sender.tally.to_json())
    found = figures(database)
    assert found["yozora_deliveries{status=pending}"] == 1
    assert found["yozora_delivery_attempts_total{ended=again,worker=worker_a}"] == 1
    with database.begin() as connection:
        connection.execute(tables.deliveries.update().values(created_at=now() - 500, attempts=len(BACK_OFF)))
    assert 500 <= figures(database)["yozora_delivery_oldest_seconds"] < 560
    due(database)
    caplog.clear()
    with answering(monkeypatch, webhooks.DeliveryResult(status=None, reason="It could not be reached.")):
        send_all(sender)
    row = row_of(database, name)
    assert (row.status, row.reason) == ("failed", "It could not be reached.")
    assert row.ended_at is not None
    assert [one.message for one in caplog.records] == ["an event is no longer delivered"]
    heartbeats.beat(database, "worker_a", sender.tally.to_json())
    found = figures(database)
    assert found["yozora_deliveries{status=failed}"] == 1
    assert found["yozora_delivery_attempts_total{ended=failed,worker=worker_a}"] == 1
    assert found["yozora_delivery_oldest_seconds"] == 0


class Hiccups:
    """A database of which transactions that write fail, after or before they are committed."""

    def __init__(self, database: Database, *, failures: int, committed: bool) -> None:
        self.database, self.failures, self.committed = database, failures, committed
        self.read, self.engine = database.read, database.engine

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        error = sa.exc.OperationalError("", {}, Exception("the database has gone away"))
        fails, self.failures = self.failures > 0, self.failures - 1
        if fails and not self.committed:
            raise error
        with self.database.begin() as connection:
            yield connection
        if fails:
            raise error


@pytest.mark.parametrize("committed", [False, True])
def test_nothing_is_lost_when_the_database_hiccups(
    installation: Installation, sender: Deliveries, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """An event that was taken, or sent, without the database saying so is sent all the same, with its id."""
    database = installation.database
    names = [announced(installation, hook(database)) for _ in range(3)]
    sender.database = Hiccups(database, failures=1, committed=committed)  # type: ignore[assignment]
    stop = threading.Event()
    with answering(monkeypatch, TAKEN) as arrived:
        thread = threading.Thread(target=sender.run, args=(stop,))
        thread.start()
        try:
            for _ in range(3000):
                if all(row_of(database, name).status == "delivered" for name in names):
                    break
                stop.wait(0.01)
        finally:
            stop.set()
            thread.join()
    assert {row_of(database, name).status for name in names} == {"delivered"}
    assert {row_of(database, name).event for name in names} == set(arrived)


def test_what_could_not_be_settled_for_long_is_sent_again(
    installation: Installation, sender: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = installation.database
    name = announced(installation, hook(database))
    (row,) = sender.take(8)
    away = Hiccups(database, failures=1_000_000, committed=False)
    with answering(monkeypatch, TAKEN) as arrived:
        sender.database = away  # type: ignore[assignment]
        sender.attempt(row)  # ends when patience does
        assert row_of(database, name).worker == "worker_a"
        assert not sender.sure
        sender.database = database
        sender.tidy()
        assert send_all(sender) == 1
    assert row_of(database, name).status == "delivered"
    assert len(set(arrived)) == 1
    assert len(arrived) > 1


def test_what_is_being_sent_is_not_given_back(
    installation: Installation, sender: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [announced(installation, hook(installation.database)) for _ in range(2)]
    rows = sender.take(8)
    sender.in_hand.discard(rows[0].id)
    sender.sure = False
    sender.tidy()
    assert row_of(installation.database, rows[0].id).worker is None
    assert row_of(installation.database, rows[1].id).worker == "worker_a"
    assert len(names) == 2


def test_an_event_that_cannot_be_sent_at_all_is_put_off_and_says_why(
    installation: Installation, sender: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = announced(installation, hook(installation.database))
    sender.retry = RetryPolicy(times=Times())
    with answering(monkeypatch, RuntimeError("a bug")):
        assert send_all(sender) == 1
        assert send_all(sender) == 0  # not at once again
    row = row_of(installation.database, name)
    assert (row.status, row.worker, row.reason) == ("pending", None, deliveries.BROKEN)


def test_deliveries_are_listed_and_sent_again(client: TestClient, service: Service) -> None:
    database = service.database
    with database.read() as connection:
        owner = connection.execute(sa.select(tables.keys.c.id)).scalar_one()
    webhook, other = hook(database, owner), hook(database, owner)
    made = []
    with database.begin() as connection:
        for target in (webhook, webhook, webhook, other):
            event = webhooks.event("video.failed", "video_1")
            made.append(service.queue.deliver(connection, owner, target, event))
        said = {"status": "failed", "reason": "It answered with 500.", "http_status": 500, "attempts": 9, "ended_at": 9}
        connection.execute(tables.deliveries.update().where(tables.deliveries.c.id == made[0]).values(**said))
        connection.execute(tables.deliveries.update().where(tables.deliveries.c.id == made[1]).values(worker="w"))
    path = f"/v1/webhooks/{webhook}/deliveries"
    page = client.get(path).json()
    assert {one["id"] for one in page["data"]} == set(made[:3])
    first = client.get(path, params={"limit": 2}).json()
    rest = client.get(path, params={"limit": 2, "after": first["last_id"]}).json()
    assert ([*first["data"], *rest["data"]], first["has_more"], rest["has_more"]) == (page["data"], True, False)
    (failed,) = client.get(path, params={"status": "failed"}).json()["data"]
    assert (failed["id"], failed["reason"], failed["status_code"]) == (made[0], "It answered with 500.", 500)
    assert (failed["video_id"], failed["attempts"], failed["next_attempt_at"]) == ("video_1", 9, None)

    again = client.post(f"{path}/{made[0]}/redeliver").json()
    assert (again["status"], again["attempts"], again["ended_at"]) == ("pending", 0, None)
    assert again["event_id"] == failed["event_id"]
    clients = f"/v1/webhook_endpoints/{webhook}/deliveries"
    assert client.get(clients, params={"status": "failed"}).json()["data"] == []
    assert client.post(f"{clients}/{made[1]}/redeliver").status_code == 200
    assert row_of(database, made[1]).worker == "w"  # it is being sent at this moment
    error(client.post(f"{path}/{made[3]}/redeliver"), 404)  # another webhook's
    error(client.get(path, params={"after": "del_none"}), 400, "after")
    error(client.get(path, params={"status": "gone"}), 400, "status")
    stranger = client_of(service, client, "stranger")
    error(stranger.get(path), 404)
    error(stranger.post(f"{path}/{made[0]}/redeliver"), 404)


def test_what_the_package_signs_unwraps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The official client and the library of the standard check what is sent."""
    from standardwebhooks import Webhook

    moment, body = now(), '{"id":"evt_é"}'
    signature = webhooks.sign(SECRET, "evt_1", moment, body)
    said = {"webhook-id": "evt_1", "webhook-timestamp": str(moment), "webhook-signature": signature}
    Webhook(SECRET).verify(body, said)
    openai.OpenAI(api_key="x").webhooks.verify_signature(body, said, secret=SECRET)
