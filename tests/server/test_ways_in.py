"""The API offers what the modes declare: every source and every option of every mode, with one meaning.

What Python and the command line read of a value is what `core.ordering` makes of it; here the same wishes go over HTTP,
as JSON and as the text of a form, and have to become the same order.
"""

import json
from functools import cache
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import Queued, job_of, made

from yozora.core.modes import MODES, Mode
from yozora.core.options import Option
from yozora.core.ordering import ordered
from yozora.core.request import MAX_PROMPT
from yozora.server.http.app import document
from yozora.server.http.mode_requests import KINDS
from yozora.server.http.order_requests import NAMED
from yozora.server.http.reading import names_of
from yozora.server.http.service import Service
from yozora.story import board

BOARD = "cards:\n- {from: 0, to: 1, prompt: a car}\n- {from: 1, to: 2.5, prompt: a boat, transition: flow}\n"
SAMPLES: dict[str, Any] = {
    "size": "320x180",
    "width": 320,
    "height": 180,
    "fit": "pad",
    "fps": 24.5,
    "native": True,
    "seed": 5,
    "steps": 4,
    "quality": "fast",
    "guidance": 2.5,
    "loras": ["style:0.5"],
    "untrained": True,
    "negative_prompt": "[rain]",
    "style": "noir",
    "model": "mini",
    "seconds": 1.5,
    "backward": True,
    "strength": "strong",
    "region": [0.25, 0.25, 0.5, 0.5],
    "start": 0.5,
    "stop": 1.5,
    "keep": [[0, 0.5], [1, 2]],
    "cards": BOARD,
}
EACH = [(mode, option) for mode in MODES.values() for option in mode.takes if not option.local]
NAMES = [f"{mode.name}-{option.name}" for mode, option in EACH]
JSON_BYTES = 1 << 20
"""Of the largest order that there can be: a board of 256 KiB, and texts."""


documented = cache(document)


def route(mode: Mode, video: str) -> str:
    return f"/v1/videos/{mode.route.replace(NAMED, video)}".rstrip("/")


def needed(mode: Mode, video: str) -> dict[str, Any]:
    """What a call of that mode has at least."""
    names = [slot.wire or slot.name for slot in mode.slots if slot.needed and NAMED not in mode.route]
    said: dict[str, Any] = {"prompt": "a red car"} if mode.prompt == "needed" else {}
    said |= {name: [{"id": video}] * 2 if names.count(name) == 2 else {"id": video} for name in names}
    return said | {option.wired: SAMPLES[option.name] for option in mode.own if option.needed}


def asked(client: TestClient, service: Service, path: str, said: dict[str, Any], *, form: bool) -> Queued:
    if form:
        text = {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
        answer = client.post(path, files={name: (None, value) for name, value in text.items()})
    else:
        answer = client.post(path, json=said)
    assert answer.status_code == 200, answer.text
    return job_of(service, answer.json()["id"])


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_every_option_has_one_meaning(client: TestClient, service: Service, mode: Mode, form: bool) -> None:
    video = made(client, service, size="224x128")
    for option in mode.takes:
        if option.local or option.kind == "loras":  # see test_models.py
            continue
        said = needed(mode, video) | {option.wired: SAMPLES[option.name]}
        order = asked(client, service, route(mode, video), said, form=form).order
        assert order == elsewhere(mode, option, said, order), option.name


def elsewhere(mode: Mode, option: Option, said: dict[str, Any], order: Any) -> Any:
    """The order that the other ways in would make of the same wishes, and the same sources."""
    requested = {each.name: SAMPLES[each.name] for each in mode.own if each.needed} | {
        option.name: SAMPLES[option.name]
    }
    prompt = said.get("prompt")
    if "cards" in requested:
        prompt, requested, _ = board.board_request(board.parse(requested.pop("cards"), None), requested)
    for name, value in mode.wire_defaults.items():  # where the contract of the closed service has others
        sized = name == "size" and requested.keys() & {"width", "height", "native"}
        if requested.get(name) is None and not sized:
            requested[name] = value
    return ordered(mode.name, prompt, {**requested, "seed": order.request.seed}, order.sources)


@pytest.mark.parametrize(("mode", "option"), EACH, ids=NAMES)
def test_every_option_is_offered_and_documented(mode: Mode, option: Option) -> None:
    assert option.wired in names_of(KINDS[mode.name])
    assert option.wired in schema_of(mode)["properties"]
    assert option.needed == (option.wired in schema_of(mode).get("required", []))


@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_every_source_is_offered_and_documented(mode: Mode) -> None:
    for slot in mode.slots:
        name = slot.wire or slot.name
        if NAMED in mode.route:
            continue  # the address names it
        assert name in schema_of(mode)["properties"]
        assert slot.needed == (name in schema_of(mode).get("required", []))
    assert ("prompt" in schema_of(mode)["properties"]) == bool(mode.slots)  # a board has its own


def schema_of(mode: Mode) -> dict[str, Any]:
    """What the OpenAPI document says of the bodies of a mode's route."""
    said = documented()
    content = said["paths"][f"/v1/videos/{mode.route}".rstrip("/")]["post"]["requestBody"]["content"]
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return dict(said["components"]["schemas"][name])


def test_what_the_api_does_not_offer_is_said(client: TestClient) -> None:
    """Boards there name no paths, and a field has one name."""
    about = " ".join(documented()["info"]["description"].split())
    assert "the name of a file that is sent in `files` with the board" in about
    assert "another name of a field (`duration`) are refused" in about


def test_an_order_in_the_database_is_bounded(client: TestClient, service: Service) -> None:
    long = "山" * MAX_PROMPT
    video = made(client, service, prompt=long, size="224x128")
    cards = [{"from": k, "to": k + 1, "prompt": "山" * 1000, "style": "noir"} for k in range(64)]
    texts = {"style": long, "negative_prompt": long}
    spans = [[k / 32, (k + 0.5) / 32] for k in range(64)]
    for mode, more in (
        ("generate", {"prompt": long}),
        ("blend", {}),
        ("recut", {"keep": spans}),
        ("storyboard", {"board": {"cards": cards}}),
    ):
        said = needed(MODES[mode], video) | texts | more
        order = asked(client, service, route(MODES[mode], video), said, form=False).order
        assert len(json.dumps(order.to_json())) < JSON_BYTES, mode
