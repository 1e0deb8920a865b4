"""A script as cards, by rules or by a director; boards from and to YAML."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import count, error, settings_in
from tests.story.test_director import GAP, GOOD, PROMPT, Director, sends

from yozora.errors import UserError
from yozora.server.accounts import keys
from yozora.server.configuration import configured
from yozora.server.http.app import make_app
from yozora.server.http.service import Service
from yozora.story import board, director

SPLIT = "/v1/boards/split"


def test_a_script_becomes_cards(client: TestClient, service: Service) -> None:
    script = "A red car drives left. Then it stops in the snow. A dog runs."
    cards = client.post("/v1/boards/split", json={"prompt": script, "seconds": 9}).json()["cards"]
    assert cards[0]["from"] == 0
    assert cards[-1]["to"] == 9
    assert all(a["to"] == b["from"] for a, b in pairwise(cards))
    assert cards[1]["transition"] == "flow"
    assert count(service) == 0
    said = {"board": {"cards": cards}, "size": "64x64", "steps": 1}
    assert client.post("/v1/videos/storyboards", json=said).status_code == 200
    error(client.post("/v1/boards/split", json={"prompt": script, "seconds": 1}), 400, "prompt")
    for seconds in (0, -1, 601, "x"):
        error(client.post("/v1/boards/split", json={"prompt": script, "seconds": seconds}), 400, "seconds")


YAML = """\
title: A day
style: noir
size: 224x128
fps: 16
seed: 7
cards:
- from: 0
  to: 2
  prompt: a red boat
  image: pictures/boat.png
  camera: pan left
- from: 2
  to: 3.5
  prompt: 一只狗
  clip: video_1
  style: my own
  transition: flow
"""


def test_a_board_is_read_and_written(client: TestClient) -> None:
    said = client.post("/v1/boards/parse", json={"yaml": YAML}).json()
    assert said == {
        "object": "board",
        "title": "A day",
        "style": "noir",
        "negative_prompt": None,
        "size": "224x128",
        "fps": 16,
        "seed": 7,
        "seconds": 3.5,
        "cards": [
            {
                "from": 0,
                "to": 2,
                "prompt": "a red boat",
                "image": "pictures/boat.png",
                "clip": None,
                "camera": "pan left",
                "style": None,
                "transition": "cut",
            },
            {
                "from": 2,
                "to": 3.5,
                "prompt": "一只狗",
                "image": None,
                "clip": "video_1",
                "camera": None,
                "style": "my own",
                "transition": "flow",
            },
        ],
    }
    written = client.post("/v1/boards/format", json=said).json()["yaml"]
    assert board.parse(written, None, references=True) == board.parse(YAML, None, references=True)
    assert client.post("/v1/boards/parse", files={"yaml": ("b.yaml", YAML.encode())}).json() == said
    assert client.post("/v1/boards/parse", json={"yaml": written}).json() == said


def test_what_is_wrong_with_a_board_is_said(client: TestClient) -> None:
    said = error(client.post("/v1/boards/parse", json={"yaml": YAML.replace("to: 3.5", "to: 1")}), 400, "yaml")
    assert "line 13, cards[1].to: 1 is before from (2)" in said["message"]
    assert said["reason"] == "card_end_too_early"
    for text in ("cards: [", "cards: &a []", "", "x" * (300 << 10)):
        error(client.post("/v1/boards/parse", json={"yaml": text}), 400, "yaml")
    card = {"from": 0, "to": 1, "prompt": "x"}
    for cards in ([], "x", [{**card, "to": 0}], [{**card, "camera": "sideways"}], [card] * 65, [{"from": 0}]):
        error(client.post("/v1/boards/format", json={"cards": cards}), 400, "cards")


@pytest.fixture
def endpoint() -> Iterator[Director]:
    with Director() as server:
        from threading import Thread

        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def directed(tmp_path: Path, template: Path, endpoint: Director) -> Iterator[TestClient]:
    """A server with a director."""
    folder = tmp_path / "directed"
    folder.mkdir()
    shutil.copy(template, folder)
    app = make_app(settings_in(folder, director=endpoint.url, director_model="toy"), migrate=False)
    with TestClient(app, raise_server_exceptions=False) as opened:
        opened.headers["authorization"] = f"Bearer {keys.create(app.state.service.database, 'me')[1]}"
        yield opened


def asked(client: TestClient, **more: Any) -> Any:
    return client.post(SPLIT, json={"prompt": PROMPT, "seconds": 4, "by": "director", **more})


def test_a_director_writes_the_cards(directed: TestClient, endpoint: Director, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(director.KEY, "secret")
    endpoint.script = [str(GAP), str(board.dump(board.parse(str(GOOD), None)))]
    said = asked(directed).json()
    assert [(card["from"], card["to"], card["camera"]) for card in said["cards"]] == [
        (0, 2.5, "pan left"),
        (2.5, 4, None),
    ]
    assert [one["model"] for one in endpoint.asked] == ["toy", "toy"]
    assert endpoint.keys == ["Bearer secret", "Bearer secret"]
    assert directed.get("/v1/server").json()["director"]
    assert asked(directed, by="rules").json()["cards"][0]["to"] == 2.25


def test_a_director_that_fails_is_never_replaced_in_silence(directed: TestClient, endpoint: Director) -> None:
    endpoint.script = [sends(500), sends(302, location="http://127.0.0.1:1/"), GAP, GAP]
    said = [error(asked(directed), 502, "by", "director_failed") for _ in range(3)]
    assert [one["reason"] for one in said] == ["director_refused", "director_refused", "director_board_invalid"]
    assert not any("127.0.0.1" in one["message"] or "\n" in one["message"] for one in said)
    error(asked(directed, seconds=1000), 400, "seconds")
    error(asked(directed, prompt=" "), 400, "prompt")


def test_who_may_ask_a_director(directed: TestClient, client: TestClient) -> None:
    error(asked(client), 400, "by", "director_off")
    service = directed.app.state.service  # type: ignore[attr-defined]
    _, secret = keys.create(service.database, "reader", keys.Grant(scopes=("read",)))
    reader = TestClient(directed.app, headers={"authorization": f"Bearer {secret}"}, raise_server_exceptions=False)
    error(asked(reader), 403, None, "insufficient_scope")
    assert asked(reader, by="rules").status_code == 200


def test_a_director_that_cannot_be_is_an_error_before_anything_starts() -> None:
    with pytest.raises(UserError, match="The director's URL 'ftp://x' is invalid"):
        configured({"director": "ftp://x"})
    assert configured({"director": "http://127.0.0.1:1/v1"}).settings.director


def test_all_answers_together_have_a_time(endpoint: Director) -> None:
    from dataclasses import replace

    found = replace(director.endpoint_of(endpoint.url, "", 60), total=0.0, label="The director")
    with pytest.raises(UserError, match="The director did not answer in 0 seconds"):
        director.ask_director(found, PROMPT, 4, "toy")
    assert endpoint.asked == []
