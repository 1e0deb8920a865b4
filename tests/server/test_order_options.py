"""What a video was ordered with makes the same order again."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, job_of, made, make

from yozora.server.http.order_options import ordered_with
from yozora.server.http.service import Service
from yozora.server.store import lineage, tables

BOARD = {"cards": [{"from": 0, "to": 1, "prompt": "a cat"}, {"from": 1, "to": 2, "prompt": "a dog"}]}
LOOKS = {"style": "watercolor", "seed": 7, "fps": 12, "steps": 5, "guidance": 3, "negative_prompt": "rain"}


def details(client: TestClient, video: str) -> dict[str, Any]:
    return dict(client.get(f"/v1/library/{video}").json())


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("", {"prompt": "a cat", "size": "320x180", "seconds": 2, **LOOKS}),
        ("/extensions", {"prompt": "it runs", "seconds": 1, "backward": True}),
        ("/loops", {"seconds": 0.5}),
        ("/edits", {"prompt": "a hat", "region": [0.25, 0, 0.5, 0.5], "from": 0.5, "to": 2}),
        ("/recuts", {"keep": [[0, 1], [2, 3]]}),
        ("/storyboards", {"board": BOARD, "seed": 3}),
    ],
)
def test_the_fields_make_the_same_order(client: TestClient, service: Service, route: str, said: dict[str, Any]) -> None:
    source = made(client, service)
    body = said if route in ("", "/storyboards") else {**said, "video": {"id": source}}
    answer = client.post(f"/v1/videos{route}", json=body)
    assert answer.status_code == 200, answer.text
    video = answer.json()["id"]
    found = details(client, video)
    again = {**found["options"], **({"video": found["sources"][0]["id"]} if "video" in body else {})}
    second = client.post(f"/v1/videos{route}", json=again)
    assert second.status_code == 200, second.text
    first_job, second_job = job_of(service, video), job_of(service, second.json()["id"])
    assert (first_job.request, first_job.options) == (second_job.request, second_job.options)
    assert found["other_sources"] == 0


def test_what_says_nothing_is_left_out(client: TestClient) -> None:
    video = make(client, prompt="a cat", seed=0)["id"]
    options = details(client, video)["options"]
    assert (options["prompt"], options["seed"]) == ("a cat", 0)  # a number says something
    assert not {"negative_prompt", "style", "untrained", "loras"} & options.keys()


def test_a_job_of_an_old_release_says_nothing() -> None:
    assert ordered_with({"mode": "text", "options": {}, "settings": {}}) == {}
    assert ordered_with({}) == {}


def test_sources_of_others_and_deleted_ones_are_only_counted(client: TestClient, service: Service) -> None:
    source = made(client, service)
    looped = client.post("/v1/videos/loops", json={"video": {"id": source}}).json()["id"]
    assert details(client, looped)["sources"] == [{"id": source, "slot": "source"}]
    client.delete(f"/v1/videos/{source}")
    assert (details(client, looped)["sources"], details(client, looped)["other_sources"]) == ([], 1)
    foreign = client_of(service, client, "other").post("/v1/videos", json={"prompt": "a dog"}).json()["id"]
    with service.database.begin() as connection:
        parent = lineage.LineageParent(kind=lineage.VIDEO, source=foreign, slot="source")
        lineage.record(connection, looped, [parent])
    assert details(client, looped)["sources"] == []


def test_characters_are_those_that_the_key_may_use(client: TestClient, service: Service) -> None:
    video = make(client)["id"]
    other = client_of(service, client, "other")
    with service.database.begin() as connection:
        owner = connection.execute(sa.select(tables.videos.c.owner)).scalar_one()
        people = (("char_1", owner, "owner"), ("char_2", "key_2", "everyone"), ("char_3", "key_2", "owner"))
        for name, whose, consent in people:
            row = {"id": name, "owner": whose, "name": name, "created_at": 1, "key": name, "consent": consent}
            connection.execute(sa.insert(tables.characters).values(**row))
        made_from = [
            lineage.LineageParent(kind=lineage.CHARACTER, source=each[0], slot="characters") for each in people
        ]
        lineage.record(connection, video, made_from)
    assert details(client, video)["characters"] == ["char_1", "char_2"]
    assert other.get(f"/v1/library/{video}").status_code == 404


def test_a_video_says_whether_it_is_published(client: TestClient, service: Service) -> None:
    video = made(client, service)
    assert details(client, video)["published"] is False
    with service.database.begin() as connection:
        owner = connection.execute(sa.select(tables.videos.c.owner)).scalar_one()
        post = {"video": video, "owner": owner, "number": 1, "published_at": 1}
        connection.execute(sa.insert(tables.posts).values(**post))
    assert details(client, video)["published"] is True
