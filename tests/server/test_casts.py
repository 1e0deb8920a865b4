"""Several characters in one film, where the model was taught to be shown as many."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest
from starlette.testclient import TestClient
from tests.server.app import error, job_of, make

from yozora.families import presets
from yozora.server.http.service import Service

Cast = Callable[[int], list[str]]


@pytest.fixture
def cast(client: TestClient, png: bytes) -> Cast:
    """So many characters; their ids."""

    def made(count: int) -> list[str]:
        names = ("Mossy", "Rex")[:count]
        sent = [
            client.post("/v1/videos/characters", data={"name": name}, files={"video": ("a.png", png)}) for name in names
        ]
        return [answer.json()["id"] for answer in sent]

    return made


def test_as_many_as_the_model_can_show(
    client: TestClient, service: Service, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini = replace(presets.PRESETS["mini"], characters=2)
    monkeypatch.setattr(presets, "PRESETS", MappingProxyType({**presets.PRESETS, "mini": mini}))
    ids = cast(2)
    both = [{"id": one} for one in ids]
    video = make(client, prompt="Mossy and Rex walk", characters=both)
    assert [who.name for who in job_of(service, video["id"]).order.characters] == ["Mossy", "Rex"]
    assert len(job_of(service, video["id"]).characters) == 2
    form = {"prompt": "Mossy and Rex walk", "characters[0][id]": ids[0], "characters[1][id]": ids[1]}
    assert client.post("/v1/videos", data=form).status_code == 200
    error(client.post("/v1/videos", json={"prompt": "Mossy walks", "characters": both}), 400, "characters")


def test_mini_shows_one(client: TestClient, cast: Cast) -> None:
    both = {"prompt": "Mossy and Rex walk", "characters": [{"id": one} for one in cast(2)]}
    said = error(client.post("/v1/videos", json=both), 400, "characters")
    assert "takes 1 of these 2 characters" in said["message"]
