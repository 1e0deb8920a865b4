"""Places in the queue, and when videos will be over."""

import time
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, finish, make

from yozora.server.http.all_events import Watch
from yozora.server.http.service import Service
from yozora.server.store import tables
from yozora.server.store.database import now
from yozora.server.work.heartbeats import enter

TOOK = {"queue": 500.0, "denoise": 9.0, "decode": 1.0}


def write(service: Service, video: str, **values: Any) -> None:
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video).values(**values))


def completed(service: Service, video: str) -> None:
    finish(service, video)
    write(service, video, timings=TOOK)


def place(client: TestClient, service: Service, video: str) -> tuple[int | None, int | None]:
    """Position and seconds left, as they are now."""
    service.outlook._until = 0.0
    said = client.get(f"/v1/library/{video}").json()
    return said["queue_position"], said["seconds_left"]


@pytest.fixture(autouse=True)
def worker(service: Service) -> None:
    enter(service.database, "worker_0")


def test_it_is_said_when_to_ask_again(client: TestClient, service: Service) -> None:
    videos = [make(client)["id"] for _ in range(12)]

    def after(video_id: str) -> int:
        service.outlook._until = 0.0
        return int(client.get(f"/v1/videos/{video_id}").headers["openai-poll-after-ms"])

    assert after(videos[0]) == 1000  # nobody knows yet how long a film takes
    finish(service, videos[0])
    with service.database.begin() as connection:
        took = {"queue": 500.0, "denoise": 9.0, "decode": 1.0}
        mine = sa.update(tables.videos).where(tables.videos.c.id == videos[0])
        connection.execute(mine.values(timings=took))
        going = sa.update(tables.videos).where(tables.videos.c.id == videos[1])
        connection.execute(going.values(status="in_progress", progress=40, started_at=now()))
    assert after(videos[0]) == 1000
    assert after(videos[1]) == pytest.approx(3000, abs=50)  # half of the six seconds that are left
    assert after(videos[2]) == pytest.approx(8000, abs=50)
    assert after(videos[11]) == 30_000  # no more than that
    enter(service.database, "worker_1")
    assert after(videos[2]) == pytest.approx(5000, abs=50)  # on the other worker
    assert after(videos[3]) == pytest.approx(8000, abs=50)


def test_places_are_those_of_the_queue(client: TestClient, service: Service) -> None:
    first, second, third = (make(client)["id"] for _ in range(3))
    assert [place(client, service, one) for one in (first, second, third)] == [(1, None), (2, None), (3, None)]
    write(service, first, status="in_progress")
    assert [place(client, service, one)[0] for one in (first, second, third)] == [None, 1, 2]
    client.post(f"/v1/videos/{second}/cancel")
    assert [place(client, service, one) for one in (second, third)] == [(None, None), (1, None)]


def test_others_are_ahead_too(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "other")
    make(other)
    mine = make(client)["id"]
    assert place(client, service, mine)[0] == 2


def test_a_new_video_has_its_place_at_once(client: TestClient, service: Service) -> None:
    for count in (1, 2, 3):
        time.sleep(0.06)  # for so long an outlook is believed that does not have it
        video = make(client)["id"]
        listed = client.get("/v1/library").json()["data"]
        assert {one["id"]: one["queue_position"] for one in listed}[video] == count


def test_seconds_are_those_of_films_that_were_alike(client: TestClient, service: Service) -> None:
    done, running, next_one = (make(client)["id"] for _ in range(3))
    longer = make(client, seconds=8)["id"]
    completed(service, done)
    write(service, running, status="in_progress", progress=40, started_at=now())
    assert place(client, service, running) == (None, 6)
    assert place(client, service, next_one) == (1, 16)
    assert place(client, service, longer) == (2, 36)  # twice as much work as the one of four seconds


def test_the_progress_of_a_film_counts_before_what_others_took(client: TestClient, service: Service) -> None:
    done, running = make(client)["id"], make(client)["id"]
    completed(service, done)
    began = now() - 30
    write(service, running, status="in_progress", progress=20, started_at=began)
    left = place(client, service, running)[1]
    assert 4 * 29 <= left <= 4 * (now() - began + 1)  # four times what a fifth of it has taken
    write(service, running, attempts=2)  # it has begun again since
    assert place(client, service, running)[1] == 8


def test_nothing_is_said_of_what_is_not_known(client: TestClient, service: Service) -> None:
    done, waits = make(client)["id"], make(client)["id"]
    other = make(client, model="wan2.1-t2v-1.3b", seconds=2)["id"]
    behind = make(client)["id"]
    completed(service, done)
    assert place(client, service, waits) == (1, 10)
    assert place(client, service, other) == (2, None)  # no film of this model was made yet,
    assert place(client, service, behind) == (3, None)  # and it is ahead of this one
    with service.database.begin() as connection:
        connection.execute(sa.delete(tables.workers))
    assert place(client, service, waits) == (1, None)  # nothing makes films now


def test_one_look_serves_a_page(client: TestClient, service: Service) -> None:
    for _ in range(20):
        make(client)
    asked: list[str] = []
    sa.event.listen(service.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    service.outlook._until = 0.0
    data = client.get("/v1/library", params={"limit": 20, "order": "asc"}).json()["data"]
    assert [one["queue_position"] for one in data] == list(range(1, 21))
    assert len(asked) < 12


def test_a_stream_says_when_the_position_changes(client: TestClient, service: Service) -> None:
    first, second = make(client)["id"], make(client)["id"]
    with service.database.read() as connection:
        owner = connection.execute(sa.select(tables.videos.c.owner).limit(1)).scalar_one()
    watch = Watch(owner=owner, place_of=service.outlook.last_place)

    def look() -> list[tuple[str, str, int | None]]:
        service.outlook._until = 0.0
        service.outlook.refresh()
        with service.database.read() as connection:
            found = watch.look(connection) if watch.since else watch.start(connection, None)
        return [(one.kind, one.video_id, one.place.position) for one in found] if isinstance(found, list) else []

    assert look() == []
    assert look() == []
    write(service, first, status="in_progress")
    assert sorted(look()) == sorted([("progress", first, None), ("progress", second, 1)])
    assert look() == []
