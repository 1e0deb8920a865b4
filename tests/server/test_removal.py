"""Videos are removed: from the trash after 30 days, and for a day it is known that they were there."""

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import made
from tests.server.test_library import changed, listed

from yozora.server.http.service import Service
from yozora.server.store import removal, tables
from yozora.server.store.cleanup import sweep
from yozora.server.store.database import now


def test_the_trash_is_emptied_after_thirty_days(client: TestClient, service: Service) -> None:
    trashed, kept = made(client, service), made(client, service)
    changed(client, trashed, trashed=True)
    with service.database.read() as connection:
        key = connection.execute(sa.select(tables.videos.c.file).where(tables.videos.c.id == trashed)).scalar_one()
    assert sweep(service.database, service.objects, now() + removal.TRASH_SECONDS - 60).videos == 0
    assert sweep(service.database, service.objects, now() + removal.TRASH_SECONDS).videos == 1
    assert listed(client) == [kept]
    with pytest.raises(KeyError):
        service.objects.size(key)


def test_deletions_are_known_for_a_day(client: TestClient, service: Service) -> None:
    video = made(client, service)
    client.delete(f"/v1/videos/{video}")

    def known() -> list[str]:
        with service.database.read() as connection:
            return list(connection.execute(sa.select(tables.deletions.c.video)).scalars())

    assert known() == [video]
    sweep(service.database, service.objects, now() + removal.KNOWN_SECONDS + 1)
    assert known() == []


def test_an_id_that_was_there_before_may_be_removed_again(client: TestClient, service: Service) -> None:
    """Ids are never drawn twice; a restored backup has them again."""
    video = made(client, service)
    with service.database.begin() as connection:
        row = connection.execute(sa.select(tables.videos)).mappings().one()
    for _ in range(2):
        assert client.delete(f"/v1/videos/{video}").status_code == 200
        with service.database.begin() as connection:
            connection.execute(tables.videos.insert().values(**row))
