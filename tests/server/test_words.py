"""Words that a model does not know, before anything is ordered."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import client_of, error

from yozora.server.accounts import keys
from yozora.server.http.service import Service


def checked(client: TestClient, prompt: str, **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/prompts/check", json={"prompt": prompt, **said})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("a red car driving left", []),
        ("a red carr and a zeppelin", ["carr", "zeppelin"]),
        ("a red car near a Carburetor, Carburetor", ["Carburetor", "Carburetor"]),
    ],
)
def test_unknown_words_are_found_where_they_are(client: TestClient, prompt: str, unknown: list[str]) -> None:
    said = checked(client, prompt)
    assert (said["model"], said["language"]) == ("mini", "en")
    assert [one["text"] for one in said["unknown"]] == unknown
    assert [prompt[one["start"] : one["end"]] for one in said["unknown"]] == unknown


def test_known_words_that_are_spelled_alike_are_suggested(client: TestClient) -> None:
    said = checked(client, "a red elephent")
    assert "elephant" in said["unknown"][0]["suggestions"]
    assert "elephent" in said["notes"][0]


def test_spans_count_as_browsers_do(client: TestClient) -> None:
    prompt = "𝒳 a zeppelin"
    (word,) = [one for one in checked(client, prompt)["unknown"] if one["text"] == "zeppelin"]
    units = prompt.encode("utf-16-le")
    assert units[2 * word["start"] : 2 * word["end"]].decode("utf-16-le") == "zeppelin"


def test_what_cannot_be_checked(client: TestClient) -> None:
    error(client.post("/v1/prompts/check", json={}), 400, "prompt", "missing_required_parameter")
    error(client.post("/v1/prompts/check", json={"prompt": "a", "model": "none"}), 400, "model", "model_not_found")
    assert checked(client, "zeppelin", model="wan2.2-ti2v-5b")["unknown"] == []  # it knows any words


def test_a_key_that_may_only_read_may_ask(client: TestClient, service: Service) -> None:
    other = client_of(service, client, "x")
    _, secret = keys.create(service.database, "reader", keys.Grant(scopes=("read",)))
    other.headers["authorization"] = f"Bearer {secret}"
    assert checked(other, "a red car")["unknown"] == []
    error(TestClient(client.app).post("/v1/prompts/check", json={"prompt": "a"}), 401)


def test_what_a_model_is_and_can(client: TestClient) -> None:
    said = client.get("/v1/models/sora-2").json()
    assert {"id", "object", "created", "owned_by"} <= said.keys()
    assert (said["id"], said["preset"], said["licence"]) == ("sora-2", "mini", "Apache-2.0")
    assert said["memory_bytes"] > 10_000_000
    assert {one["mode"]: one["possible"] for one in said["modes"]}["generate"]
    assert all(bool(one["reason"]) != one["possible"] for one in said["modes"])
    assert client.get("/v1/models").json()["data"][0].keys() == {"id", "object", "created", "owned_by"}


def test_the_words_that_a_model_knows(client: TestClient) -> None:
    answer = client.get("/v1/vocabulary", params={"model": "mini", "language": "es-MX"})
    said = answer.json()
    assert (said["model"], said["language"], said["open"]) == ("mini", "es", False)
    assert "max-age" in answer.headers["cache-control"]
    assert {"coche", "gato"} <= {word["label"] for word in said["nouns"]}
    styles = {word["value"]: word for word in said["styles"]}
    assert styles["noir"]["label"] == "en blanco y negro"
    assert {"nouns", "colors", "places", "actions", "weathers", "daytimes", "styles", "cameras"} <= said.keys()
    assert all(word["label"] == word["phrases"][0] for word in said["cameras"])


def test_known_words_are_known(client: TestClient) -> None:
    """Every label may stand in a prompt, and every value may be sent."""
    said = client.get("/v1/vocabulary").json()
    for name in ("nouns", "colors", "places", "actions", "weathers", "daytimes", "styles", "cameras"):
        prompt = ", ".join(word["label"] for word in said[name])
        assert checked(client, prompt)["unknown"] == [], name
    card = {"prompt": "a cat", "camera": said["cameras"][1]["value"], "style": said["styles"][1]["value"]}
    board = {"board": {"cards": [{"from": 0, "to": 1, **card}]}, "size": "64x64", "steps": 1}
    assert client.post("/v1/videos/storyboards", json=board).status_code == 200
    one = {"prompt": "a cat", "style": card["style"], "size": "64x64", "seconds": 1, "steps": 1}
    assert client.post("/v1/videos", json=one).status_code == 200


def test_a_model_that_knows_any_words_lists_styles(client: TestClient) -> None:
    said = client.get("/v1/vocabulary", params={"model": "wan2.2-ti2v-5b"}).json()
    assert said["open"]
    assert (said["nouns"], said["actions"]) == ([], [])
    assert said["styles"]
    assert said["cameras"]
    error(client.get("/v1/vocabulary", params={"language": "tlh"}), 400, "language")
    error(client.get("/v1/vocabulary", params={"model": "none"}), 400, "model", "model_not_found")
