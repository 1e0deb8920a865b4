"""What was made from what, both ways; of what is another key's only that it is."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import client_of, error, finish, made

from yozora.server.http.service import Service
from yozora.server.store import lineage


def of(client: TestClient, video: str) -> dict[str, Any]:
    answer = client.get(f"/v1/videos/{video}/lineage")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def child(client: TestClient, service: Service, path: str, **said: Any) -> str:
    answer = client.post(f"/v1/videos/{path}", json=said)
    assert answer.status_code == 200, answer.text
    finish(service, answer.json()["id"])
    return str(answer.json()["id"])


def edges(said: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(edge["source"], edge["target"], edge["slot"]) for edge in said["edges"]}


def test_sources_and_what_was_made_of_a_film(client: TestClient, service: Service, png: bytes) -> None:
    upload = {"name": (None, "Rex"), "video": ("x.png", png, "image/png")}
    rex = client.post("/v1/videos/characters", files=upload).json()["id"]
    first = made(client, service, prompt="Rex runs", characters=[{"id": rex}])
    remix = child(client, service, f"{first}/remix", prompt="at night")
    blend = child(client, service, "blends", videos=[{"id": first}, {"id": remix}], prompt="x")
    aside = made(client, service)
    wanted = {
        (rex, first, "characters"),
        (first, remix, "video"),
        (first, blend, "first"),
        (remix, blend, "second"),
    }
    for video in (first, remix, blend):
        said = of(client, video)
        assert {(source, target) for source, target, _ in edges(said)} == {(a, b) for a, b, _ in wanted}
        assert {node["id"] for node in said["nodes"]} == {rex, first, remix, blend}
        assert said["complete"]
    nodes = {node["id"]: node for node in of(client, remix)["nodes"]}
    assert (nodes[rex]["kind"], nodes[rex]["name"], nodes[rex]["deleted"]) == ("character", "Rex", False)
    assert (nodes[first]["mode"], nodes[first]["name"], nodes[first]["status"]) == ("generate", "Rex runs", "completed")
    assert of(client, aside) == {
        "object": "lineage",
        "video_id": aside,
        "nodes": of(client, aside)["nodes"],
        "edges": [],
        "complete": True,
    }


def test_a_source_that_was_deleted_is_a_node_without_a_name(client: TestClient, service: Service) -> None:
    first = made(client, service)
    remix = child(client, service, f"{first}/remix", prompt="at night")
    client.delete(f"/v1/videos/{first}")
    said = of(client, remix)
    (gone,) = (node for node in said["nodes"] if node["id"] == first)
    assert (gone["deleted"], gone["name"], gone["kind"]) == (True, None, "video")
    assert {(source, target) for source, target, _ in edges(said)} == {(first, remix)}


def test_an_uploaded_file_is_a_source(client: TestClient, service: Service, png: bytes) -> None:
    picture = {"input_reference": ("x.png", png, "image/png"), "prompt": (None, "a red car")}
    first = client.post("/v1/videos", files=picture).json()["id"]
    finish(service, first)
    remix = child(client, service, f"{first}/remix", prompt="at night")
    said = of(client, remix)
    (node,) = (node for node in said["nodes"] if node["kind"] == "file")
    assert (node["name"], node["deleted"], node["foreign"]) == (None, False, False)
    assert edges(said) == {(node["id"], first, "image"), (first, remix, "source")}


def test_nothing_of_another_key_is_told(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "other")
    theirs = made(other, service, prompt="secret")
    error(client.get(f"/v1/videos/{theirs}/lineage"), 404)
    mine = made(client, service)
    with service.database.begin() as connection:  # a film of a feed that was remixed here
        lineage.record(connection, mine, [lineage.LineageParent(kind="video", source=theirs, slot="video")])
    said = of(client, mine)
    assert theirs not in json.dumps(said)
    assert "secret" not in json.dumps(said)
    (node,) = (node for node in said["nodes"] if node["id"] != mine)
    assert (node["kind"], node["name"], node["deleted"], node["foreign"]) == ("video", None, False, True)
    assert edges(said) == {(node["id"], mine, "video")}
    assert [node["id"] for node in of(other, theirs)["nodes"]] == [theirs]


def test_two_characters_of_another_key_are_two_sources(client: TestClient, service: Service, png: bytes) -> None:
    other = client_of(service, client, "other")
    film = made(client, service)
    for name in ("Rex", "Mia"):
        upload = {"name": (None, name), "video": ("x.png", png, "image/png")}
        theirs = other.post("/v1/videos/characters", files=upload).json()["id"]
        with service.database.begin() as connection:
            edge = lineage.LineageParent(kind=lineage.CHARACTER, source=theirs, slot=lineage.CAST)
            lineage.record(connection, film, [edge])
    said = of(client, film)
    assert [node["kind"] for node in said["nodes"] if node["foreign"]] == ["character", "character"]
    assert len(edges(said)) == 2


def test_a_long_lineage_is_bounded(client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MAX_NODES", 3)
    videos = [made(client, service)]
    for _ in range(4):
        videos.append(child(client, service, f"{videos[-1]}/remix", prompt="again"))
    said = of(client, videos[0])
    assert [node["id"] for node in said["nodes"]] == videos[:3]
    assert not said["complete"]
