"""What the rules of a server say of texts and pictures, as the official client reads it."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import openai
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient
from tests.server.app import error

from yozora.server.http.service import Service
from yozora.server.safety import policy


@pytest.fixture
def official(client: TestClient) -> Iterator[openai.OpenAI]:
    key = str(client.headers["authorization"]).removeprefix("Bearer ")
    with openai.OpenAI(base_url="http://testserver/v1", api_key=key, http_client=TestClient(client.app)) as opened:
        yield opened


def ruled(service: Service, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(service), "policy", policy.parse(text, "test.yaml"), raising=False)


def flagged(result: Any) -> set[str]:
    return {name for name, said in result.categories.model_dump(by_alias=True).items() if said}


def test_the_official_client_asks_about_texts(official: openai.OpenAI) -> None:
    one = official.moderations.create(input="a red car", model="omni-moderation-latest")
    assert (len(one.results), one.results[0].flagged, one.model) == (1, False, "omni-moderation-latest")
    assert flagged(one.results[0]) == set()
    assert one.results[0].category_scores.sexual == 0
    assert one.results[0].category_applied_input_types.hate == ["text"]
    many = official.moderations.create(input=["a red car", "a porn film", "a decapitated man, gore everywhere"])
    assert [result.flagged for result in many.results] == [False, True, True]
    assert "sexual" in flagged(many.results[1])
    assert {"violence", "violence/graphic"} <= flagged(many.results[2])
    assert many.results[1].category_scores.sexual == 1


def test_what_is_flagged_is_what_is_blocked(official: openai.OpenAI, service: Service) -> None:
    for rule in service.policy.rules:
        assert service.policy.check_text("a cat") is None, rule.name
    for text in ("a cat", "[a cat", "{", "a porn film"):
        result = official.moderations.create(input=text).results[0]
        assert result.flagged == (service.policy.check_text(text) is not None)


def test_an_operator_s_rule_is_a_category_of_its_own(
    official: openai.OpenAI, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruled(service, "rules: [{name: unicorns, reason: None here., words: [unicorn]}]", monkeypatch)
    (result,) = official.moderations.create(input="A UNICORN").results
    assert (result.flagged, flagged(result)) == (True, {"unicorns"})


def test_pictures(official: openai.OpenAI, service: Service, png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at by the operator's function, where there is one; a list of items has one result."""
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    items: Any = [{"type": "text", "text": "a cat"}, {"type": "image_url", "image_url": {"url": url}}]
    (result,) = official.moderations.create(input=items).results
    assert not result.flagged
    seen: list[NDArray[np.uint8]] = []

    def look(frames: list[NDArray[np.uint8]]) -> str:
        seen.extend(frames)
        return "no"

    ruled(service, "{rules: [], frames: 'os:getcwd'}", monkeypatch)
    monkeypatch.setattr("os.getcwd", look)
    (result,) = official.moderations.create(input=items).results
    assert (result.flagged, flagged(result)) == (True, {"frames"})
    assert result.category_applied_input_types.model_dump()["frames"] == ["image"]
    assert (seen[0].shape, seen[0].dtype, seen[0][0, 0].tolist()) == ((48, 64, 3), np.uint8, [90, 90, 90])


def test_refusals(client: TestClient, png: bytes) -> None:
    url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    picture = {"type": "image_url", "image_url": {"url": url}}
    for said in ([], [{"type": "text"}], [{"type": "image_url"}], [{"type": "film"}], ["x"] * 33, [picture] * 5, 5):
        error(client.post("/v1/moderations", json={"input": said}), 400, "input")
    error(client.post("/v1/moderations", json={}), 400, "input", "missing_required_parameter")
    wrong = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    error(client.post("/v1/moderations", json={"input": [wrong]}), 400, "input", "invalid_file")
    away = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    error(client.post("/v1/moderations", json={"input": [away]}), 400, "input", "url_refused")
