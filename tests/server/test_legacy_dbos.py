"""What an earlier version left to DBOS is taken over, each delivery once, on SQLite and PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server import earlier

from yozora.server.store import tables
from yozora.server.store.cleanup import sweep
from yozora.server.store.database import Database, clock, now, open_database
from yozora.server.store.legacy_dbos import SILENCE, adopt, withdraw
from yozora.server.store.objects import open_objects
from yozora.server.store.upgrades import migrate

BOTH, FAILURES = "http://127.0.0.1/both", "http://127.0.0.1/failures"
EVENT = {"id": "evt_new", "object": "event", "created_at": 5, "type": "video.failed", "data": {"id": "video_1"}}


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """The installation of the version before, as it was left."""
    earlier.unpack(database_url, tmp_path)
    opened = open_database(database_url)
    yield opened
    opened.close()


def rows(database: Database) -> list[sa.Row[tuple[object, ...]]]:
    hooks, deliveries = tables.webhooks, tables.deliveries
    wanted = sa.select(deliveries, hooks.c.url).join_from(deliveries, hooks, deliveries.c.webhook == hooks.c.id)
    with database.read() as connection:
        return list(connection.execute(wanted.order_by(deliveries.c.created_at, hooks.c.url)).all())


def webhook(database: Database, url: str) -> str:
    with database.read() as connection:
        found = sa.select(tables.webhooks.c.id).where(tables.webhooks.c.url == url)
        return str(connection.execute(found).scalar_one())


def adopted(database: Database) -> int:
    with database.begin() as connection:
        return adopt(connection)


def statuses(database: Database, workflow: str) -> Counter[str]:
    with database.read() as connection:
        return Counter(earlier.tickets(connection, workflow).values())


def let_a_worker_live(database: Database, ago: float = 0.0) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("DELETE FROM workers WHERE id = 'worker_old'"))
        earlier.enter_worker(connection, "worker_old", clock(connection) - ago)


def test_the_upgrade_takes_every_open_delivery_over(old: Database) -> None:
    assert statuses(old, "deliver_event") == {"ENQUEUED": 2, "DELAYED": 2, "PENDING": 1}
    films = statuses(old, "make_film")
    migrate(old.url)
    found = [(row.url, row.type, row.attempts, row.next_at) for row in rows(old)]
    assert found == [
        (BOTH, "video.completed", 0, 0.0),
        (BOTH, "video.failed", 0, 0.0),
        (FAILURES, "video.failed", 0, 0.0),
        (BOTH, "video.completed", 2, 4_100_000_000.0),
        (FAILURES, "video.failed", 1, 1_700_000_000.0),
    ]
    assert statuses(old, "deliver_event") == {"CANCELLED": 5}
    assert statuses(old, "make_film") == films
    assert adopted(old) == 0
    assert len(rows(old)) == 5


def test_a_row_says_what_the_ticket_said(old: Database) -> None:
    migrate(old.url)
    with old.read() as connection:
        owner = connection.execute(sa.select(tables.keys.c.id)).scalar_one()
    for row in rows(old):
        assert (row.status, row.worker, row.ended_at, row.owner) == ("pending", None, None, owner)
        assert row.id.startswith("del_")
        assert row.payload == {
            "id": row.event,
            "object": "event",
            "created_at": row.created_at,
            "type": row.type,
            "data": {"id": row.payload["data"]["id"]},
        }
    assert len({(row.event, row.webhook) for row in rows(old)}) == 5


def test_a_worker_of_that_version_goes_on_with_its_deliveries_as_long_as_it_lives(old: Database) -> None:
    let_a_worker_live(old)
    migrate(old.url)
    assert rows(old) == []
    assert statuses(old, "deliver_event") == {"ENQUEUED": 2, "DELAYED": 2, "PENDING": 1}
    let_a_worker_live(old, ago=SILENCE + 1)
    assert adopted(old) == 5


def test_workers_of_this_version_hold_nothing_up(old: Database) -> None:
    migrate(old.url)
    with old.begin() as connection:
        values = {"id": "worker_new", "host": "elsewhere", "pid": 1, "started_at": 1, "version": "1"}
        connection.execute(sa.insert(tables.workers).values(**values, seen=clock(connection)))
        earlier.enqueue_delivery(connection, webhook(old, FAILURES), EVENT)
    assert adopted(old) == 1


def test_what_an_old_process_wrote_later_is_taken_by_the_cleaning(old: Database, tmp_path: Path) -> None:
    migrate(old.url)
    with old.begin() as connection:
        name = earlier.enqueue_delivery(connection, webhook(old, FAILURES), EVENT, attempt=4)
    sweep(old, open_objects(str(tmp_path / "objects")), now())
    row = next(row for row in rows(old) if row.event == "evt_new")
    assert (row.payload, row.attempts, row.url, row.next_at) == (EVENT, 3, FAILURES, 0.0)
    with old.read() as connection:
        assert earlier.tickets(connection, "deliver_event")[name] == "CANCELLED"


def test_what_nobody_wants_any_more_and_what_nobody_can_read_is_dropped(old: Database) -> None:
    migrate(old.url)
    with old.begin() as connection:
        earlier.enqueue_delivery(connection, "we_gone", EVENT)
        earlier.enqueue(connection, "odd", "webhooks", "deliver_event", "we_gone")
        connection.execute(sa.delete(earlier.queue_table(connection, "workflow_input")))
        earlier.enqueue(connection, "no event", "webhooks", "deliver_event", webhook(old, BOTH), {}, 1)
    assert adopted(old) == 0
    assert statuses(old, "deliver_event") == {"CANCELLED": 8}
    assert len(rows(old)) == 5


def test_an_event_that_a_webhook_gets_already_is_not_sent_to_it_again(old: Database) -> None:
    migrate(old.url)
    with old.begin() as connection:
        earlier.enqueue_delivery(connection, webhook(old, FAILURES), EVENT)
    assert adopted(old) == 1
    with old.begin() as connection:
        earlier.enqueue_delivery(connection, webhook(old, FAILURES), EVENT, attempt=2)
        earlier.enqueue_delivery(connection, webhook(old, BOTH), EVENT, attempt=2)
    assert adopted(old) == 1
    assert [row.url for row in rows(old) if row.event == "evt_new"] == [BOTH, FAILURES]


def test_workflows_of_other_applications_are_left_alone(old: Database) -> None:
    migrate(old.url)
    with old.begin() as connection:
        name = earlier.enqueue_delivery(connection, webhook(old, FAILURES), EVENT)
        earlier.change_ticket(connection, name, application_name="another")
    assert adopted(old) == 0


def test_several_processes_may_take_over_at_once(old: Database) -> None:
    let_a_worker_live(old)
    migrate(old.url)
    let_a_worker_live(old, ago=SILENCE + 1)
    together, counts = threading.Barrier(4), []

    def run() -> None:
        database = open_database(old.url)
        together.wait()
        counts.append(adopted(database))
        database.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 5]
    assert len(rows(old)) == 5


def test_the_ticket_of_a_film_that_is_taken_is_withdrawn(old: Database) -> None:
    migrate(old.url)
    with old.begin() as connection:
        for video in [
            name for name, status in earlier.tickets(connection, "make_film").items() if status != "CANCELLED"
        ]:
            before = earlier.tickets(connection, "make_film")
            withdraw(connection, video)
            assert earlier.tickets(connection, "make_film") == {**before, video: "CANCELLED"}
        withdraw(connection, "video_without")


def test_the_catalog_is_asked_once(old: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(old.url)
    real, asked = sa.inspect, []
    monkeypatch.setattr(sa, "inspect", lambda connection: asked.append(1) or real(connection))
    for video in ("video_1", "video_2"):
        with old.begin() as connection:
            withdraw(connection, video)
    assert len(asked) == 1


def test_a_database_that_never_had_such_tables_is_left_as_it_is(database_url: str) -> None:
    database = open_database(database_url)
    with database.begin() as connection:
        tables.metadata.create_all(connection)
    assert adopted(database) == 0
    with database.begin() as connection:
        withdraw(connection, "video_1")
    database.close()
