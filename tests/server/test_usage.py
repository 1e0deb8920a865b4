"""What videos have used: sums from which a bill can be made, and rows; each key sees its own."""

import csv
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error
from tests.server.conftest import Installation

from yozora.server.accounts import keys, usage
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import Database

DAY = 86_400
NOON = 20_000 * DAY + DAY // 2


def use(database: Database, name: str, owner: str, ended_at: int, **said: Any) -> None:
    row = {"video": name, "owner": owner, "model": "mini", "mode": "", "status": "completed", "seconds": 2.0}
    row |= {"width": 1000, "height": 500, "steps": 10, "compute_seconds": 3.0, "energy_joules": 300.0}
    row |= {"created_at": ended_at - 10, "ended_at": ended_at}
    with database.begin() as connection:
        connection.execute(tables.usage.insert().values(row | said))


def fill(database: Database, mine: str, other: str) -> None:
    use(database, "video_1", mine, NOON)
    use(database, "video_2", mine, NOON + 60)
    nothing = {"seconds": 0.0, "width": 0, "height": 0, "steps": 0, "compute_seconds": 0.0, "energy_joules": 0.0}
    use(database, "video_3", mine, NOON + DAY, status="failed", error_code="cancelled", **nothing)
    use(database, "video_4", mine, NOON + DAY, model="large")
    use(database, "video_5", other, NOON)


def test_sums_on_both_databases(installation: Installation) -> None:
    fill(installation.database, "key_a", "key_b")
    with installation.database.read() as connection:
        period = usage.Period(start=0, end=NOON + 2 * DAY, owner="key_a")
        by = ("day", "model", "status")
        found = usage.sums(connection, period, by)
        assert [tuple(row[name] for name in by) for row in found] == [
            (NOON - DAY // 2, "mini", "completed"),
            (NOON + DAY // 2, "large", "completed"),
            (NOON + DAY // 2, "mini", "failed"),
        ]
        first = {name: found[0][name] for name in usage.SUMS}
        assert first == {
            "videos": 2,
            "seconds": 4.0,
            "megapixel_seconds": 2.0,
            "steps": 20,
            "compute_seconds": 6.0,
            "energy_joules": 600.0,
        }
        assert found[2]["seconds"] == found[2]["megapixel_seconds"] == found[2]["energy_joules"] == 0.0
        everybody = usage.Period(start=NOON, end=NOON + 1)
        assert [row["key"] for row in usage.sums(connection, everybody, ("key",))] == ["key_a", "key_b"]
        assert usage.sums(connection, everybody, ())[0]["videos"] == 2
        assert usage.sums(connection, usage.Period(start=0, end=1), ())[0]["seconds"] == 0.0
        assert len(usage.sums(connection, period, by, skip=1, limit=1)) == 1


def test_rows_in_pages_and_all_at_once(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(installation.database, "key_a", "key_b")
    monkeypatch.setattr(usage, "MANY", 2)
    period = usage.Period(start=0, end=NOON + 2 * DAY)
    ended = ["video_1", "video_5", "video_2", "video_3", "video_4"]
    assert [row["video"] for row in usage.every(installation.database, period)] == ended
    with installation.database.read() as connection:
        assert [row.video for row in usage.listed(connection, period, after="video_5", limit=2)] == ended[2:4]
        failed = usage.Period(start=0, end=NOON + 2 * DAY, status="failed")
        assert [row.video for row in usage.listed(connection, failed)] == ["video_3"]


def test_a_key_sees_its_own_and_an_administrator_s_all(client: TestClient, service: Service) -> None:
    mine = service.database
    with mine.read() as connection:
        owner = connection.execute(sa.select(tables.keys.c.id)).scalar_one()
    fill(mine, owner, "key_b")
    asked = {"start_time": NOON - DAY, "end_time": NOON + 2 * DAY}
    page = client.get("/v1/usage", params=asked).json()
    assert sum(one["videos"] for one in page["data"]) == 4
    assert (page["start_time"], page["has_more"], page["next_page"]) == (NOON - DAY, False, None)
    assert page["data"][0]["day"] == NOON - DAY // 2
    first = client.get("/v1/usage", params={**asked, "limit": 2}).json()
    assert (first["has_more"], first["next_page"]) == (True, "2")
    rest = client.get("/v1/usage", params={**asked, "limit": 2, "page": "2"}).json()
    assert [*first["data"], *rest["data"]] == page["data"]
    grouped = client.get("/v1/usage", params={**asked, "group_by": ["status,model", "key"]}).json()["data"]
    assert {one["key"] for one in grouped} == {owner}
    error(client.get("/v1/usage", params={"key": "key_b"}), 403, None, "insufficient_scope")
    error(client.get("/v1/usage", params={"group_by": "colour"}), 400, "group_by")
    error(client.get("/v1/usage", params={"start_time": 5, "end_time": 4}), 400, "start_time")
    assert client.get("/v1/usage").json()["data"] == []  # the last thirty days

    listed = client.get("/v1/usage/videos", params={**asked, "limit": 3}).json()
    assert [one["id"] for one in listed["data"]] == ["video_1", "video_2", "video_3"]
    after = client.get("/v1/usage/videos", params={**asked, "after": listed["last_id"]}).json()
    assert ([one["id"] for one in after["data"]], after["has_more"]) == (["video_4"], False)
    error(client.get("/v1/usage/videos", params={"after": "video_0"}), 400, "after")

    boss = client_of(service, client, "boss")
    secret = keys.create(mine, "boss", keys.Grant(scopes=("admin",)))[1]
    boss.headers["authorization"] = f"Bearer {secret}"
    everybody = boss.get("/v1/usage", params={**asked, "group_by": "key"}).json()["data"]
    assert {one["key"]: one["videos"] for one in everybody} == {owner: 4, "key_b": 1}
    other = boss.get("/v1/usage/videos", params={**asked, "key": "key_b"}).json()["data"]
    assert [one["id"] for one in other] == ["video_5"]


def test_a_bill_can_be_made_of_the_table(client: TestClient, service: Service) -> None:
    with service.database.read() as connection:
        owner = connection.execute(sa.select(tables.keys.c.id)).scalar_one()
    fill(service.database, owner, "key_b")
    asked = {"start_time": NOON - DAY, "end_time": NOON + 2 * DAY, "format": "csv"}
    answer = client.get("/v1/usage", params={**asked, "group_by": "model"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert {row["model"]: float(row["megapixel_seconds"]) for row in rows} == {"large": 1.0, "mini": 2.0}
    listed = list(csv.DictReader(StringIO(client.get("/v1/usage/videos", params=asked).text)))
    assert [row["video"] for row in listed] == ["video_1", "video_2", "video_3", "video_4"]
    bill = sum(float(row["seconds"]) * int(row["width"]) * int(row["height"]) / 1e6 for row in listed)
    assert bill == sum(float(row["megapixel_seconds"]) for row in rows)
