"""Who may use a character, checked where films are ordered and again by the worker."""

from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, made, make
from tests.server.conftest import Installation, until

from yozora.server.accounts import consent, keys
from yozora.server.http.service import Service
from yozora.server.store import lineage, tables
from yozora.server.store.database import new_id, now


def character(client: TestClient, png: bytes, name: str = "Rex") -> str:
    answer = client.post("/v1/videos/characters", files={"name": (None, name), "video": ("x.png", png, "image/png")})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def let(client: TestClient, rex: str, who: str, *named: str) -> dict[str, Any]:
    answer = client.post(f"/v1/videos/characters/{rex}/consent", json={"consent": who, "keys": list(named)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def id_of(client: TestClient, service: Service) -> str:
    return str(keys.find(service.database, client.headers["authorization"].removeprefix("Bearer ")))


def order(client: TestClient, rex: str) -> Any:
    return client.post("/v1/videos", json={"prompt": "Rex runs", "characters": [{"id": rex}]})


@pytest.fixture
def friend(client: TestClient, service: Service) -> TestClient:
    return client_of(service, client, "friend")


@pytest.fixture
def stranger(client: TestClient, service: Service) -> TestClient:
    return client_of(service, client, "stranger")


def test_who_may_use_a_character(
    client: TestClient, service: Service, friend: TestClient, stranger: TestClient, png: bytes
) -> None:
    rex = character(client, png)
    assert client.get(f"/v1/videos/characters/{rex}/consent").json()["consent"] == "owner"
    users = (client, friend, stranger)
    for who, named, codes in (
        ("owner", [], (200, 404, 404)),
        ("keys", [id_of(friend, service), "key_unknown"], (200, 200, 404)),
        ("everyone", [], (200, 200, 200)),
        ("none", [], (403, 404, 404)),
        ("owner", [id_of(friend, service)], (200, 404, 404)),  # names count for `keys` alone
    ):
        let(client, rex, who, *named)
        assert tuple(order(user, rex).status_code for user in users) == codes, who
        usable = [[one["id"] for one in user.get("/v1/characters").json()["data"]] for user in users]
        assert usable == [[rex] if code == 200 else [] for code in codes], who
        pictures = [user.get(f"/v1/characters/{rex}/picture").status_code for user in users]
        assert pictures == [200, *codes[1:]]
    let(client, rex, "none")
    error(order(client, rex), 403, "characters", "consent_revoked")
    error(order(stranger, rex), 404, "characters")


def test_only_its_owner_says_who_may_use_it(
    client: TestClient, friend: TestClient, stranger: TestClient, png: bytes
) -> None:
    rex = character(client, png)
    let(client, rex, "everyone")
    error(friend.post(f"/v1/videos/characters/{rex}/consent", json={"consent": "owner"}), 404)
    error(friend.get(f"/v1/videos/characters/{rex}/consent"), 404)
    error(friend.delete(f"/v1/videos/characters/{rex}"), 404)
    error(friend.get(f"/v1/videos/characters/{rex}"), 404)  # the contract's list is of one's own
    for said in ({}, {"consent": "all"}, {"consent": "keys", "keys": [""]}, {"consent": "keys", "keys": ["k"] * 101}):
        assert client.post(f"/v1/videos/characters/{rex}/consent", json=said).status_code == 400


def test_revoking_ends_what_waits_and_lists_what_is_finished(
    client: TestClient, service: Service, friend: TestClient, png: bytes
) -> None:
    rex = character(client, png)
    let(client, rex, "everyone")
    mine, theirs, done, making = (order(user, rex).json()["id"] for user in (client, friend, friend, friend))
    finish(service, done)
    with service.database.begin() as connection:
        row = tables.videos.c.id == making
        connection.execute(sa.update(tables.videos).where(row).values(status="in_progress", worker="w", attempts=1))
    said = let(client, rex, "owner")
    assert [film["video_id"] for film in said["failed"]] == [theirs, making]
    assert [(film["video_id"], film["key_id"]) for film in said["finished"]] == [(done, id_of(friend, service))]
    for video in (theirs, making):
        assert friend.get(f"/v1/videos/{video}").json()["error"]["code"] == "consent_revoked"
    assert friend.get(f"/v1/videos/{done}/content").status_code == 200
    assert client.get(f"/v1/videos/{mine}").json()["status"] == "queued"
    said = let(client, rex, "none")
    assert [film["video_id"] for film in said["failed"]] == [mine]
    assert let(client, rex, "everyone")["failed"] == []


def test_nothing_is_made_from_a_film_whose_character_was_revoked(
    client: TestClient, service: Service, friend: TestClient, png: bytes
) -> None:
    """A film that was made from such a film counts, too. Both can still be downloaded."""
    rex = character(client, png)
    let(client, rex, "everyone")
    film = order(friend, rex).json()["id"]
    finish(service, film)
    remix = friend.post(f"/v1/videos/{film}/remix", json={"prompt": "at night"}).json()["id"]
    finish(service, remix)
    waiting = friend.post(f"/v1/videos/{remix}/remix", json={"prompt": "in the snow"}).json()["id"]
    said = let(client, rex, "owner")
    assert [one["video_id"] for one in said["failed"]] == [waiting]
    assert [one["video_id"] for one in said["finished"]] == [film, remix]
    for video in (film, remix):
        error(friend.post(f"/v1/videos/{video}/remix", json={"prompt": "by day"}), 403, code="consent_revoked")
        loop = friend.post("/v1/videos/loops", json={"video": {"id": video}})
        error(loop, 403, "video", "consent_revoked")
        assert friend.get(f"/v1/videos/{video}/content").status_code == 200
    let(client, rex, "everyone")
    assert friend.post(f"/v1/videos/{film}/remix", json={"prompt": "by day"}).status_code == 200


def test_an_order_names_only_the_characters_that_it_was_given(client: TestClient, service: Service, png: bytes) -> None:
    film = order(client, character(client, png)).json()["id"]
    finish(service, film)
    remix = client.post(f"/v1/videos/{film}/remix", json={"prompt": "at night"}).json()["id"]
    cast = [client.get(f"/v1/library/{video}").json()["characters"] for video in (film, remix)]
    assert [len(names) for names in cast] == [1, 0]


def test_of_two_with_one_name_ones_own_comes_first(
    client: TestClient, service: Service, friend: TestClient, png: bytes
) -> None:
    theirs = character(client, png)
    let(client, theirs, "everyone")
    first = order(friend, "@rex").json()["id"]
    own = character(friend, png)
    second = order(friend, "@Rex").json()["id"]
    with service.database.read() as connection:
        edges = connection.execute(sa.select(tables.parents.c.video, tables.parents.c.source)).all()
    assert set(edges) == {(first, theirs), (second, own)}
    listed = friend.get("/v1/characters").json()["data"]
    assert [(one["id"], one["own"]) for one in listed] == [(own, True), (theirs, False)]
    error(order(friend, "@mia"), 404, "characters")


def test_a_consent_that_ends_while_a_film_is_ordered(
    client: TestClient, service: Service, friend: TestClient, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked again in the transaction that writes the row."""
    rex = character(client, png)
    let(client, rex, "everyone")
    real, asked = consent.find, []

    def meanwhile(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            return real(*given)
        given[0].execute(sa.update(tables.characters).values(consent="owner"))
        return real(*given)

    monkeypatch.setattr(consent, "find", meanwhile)
    error(order(friend, rex), 404)
    assert len(asked) == 2
    assert friend.get("/v1/videos").json()["data"] == []


def test_a_deleted_character_stays_in_films(client: TestClient, service: Service, png: bytes) -> None:
    rex = character(client, png)
    video = order(client, rex).json()["id"]
    client.delete(f"/v1/videos/characters/{rex}")
    with service.database.read() as connection:
        assert not consent.is_revoked(connection, video, id_of(client, service))


def test_the_worker_makes_no_film_without_consent(embedded: Installation) -> None:
    """Should a row have come to wait all the same, as one of a process of the release before."""
    video, other = embedded.ask(owner="key_a"), embedded.ask(owner="key_b")
    rex = {"id": new_id("char"), "owner": "key_b", "name": "Rex", "created_at": now(), "key": "characters/x.png"}
    with embedded.database.begin() as connection:
        connection.execute(tables.characters.insert().values(**rex))
        for name in (video, other):
            edge = lineage.LineageParent(kind=lineage.CHARACTER, source=str(rex["id"]), slot="characters")
            lineage.record(connection, name, [edge])
    embedded.worker()
    row = embedded.ended(video)
    assert (row.status, row.error_code, row.attempts) == ("failed", "consent_revoked", 0)
    until(lambda: embedded.ended(other).status == "completed", "the film of who may")


def test_films_without_characters_are_not_asked_about(client: TestClient, service: Service) -> None:
    assert make(client)["status"] == "queued"
    assert made(client, service)
