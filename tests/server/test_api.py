"""What is asked for becomes a job that says it; what cannot be is refused, and the field named."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient
from tests.server.app import count, error, job_of, made, make

from yozora.core.request import Request
from yozora.families.presets import PRESETS
from yozora.server.http.service import Service
from yozora.server.store import tables

DENIED = "mini cannot leave out what a prompt names, so it is not asked for:"


def test_a_job_is_what_was_asked_for(client: TestClient, service: Service) -> None:
    video = make(
        client, seconds=8, size="1920x1080", seed=7, steps=3, guidance=2, fps=24, style="noir", model="sora-2-pro"
    )
    assert (video["seconds"], video["size"], video["model"], video["status"]) == (
        "8",
        "1920x1080",
        "sora-2-pro",
        "queued",
    )
    order = job_of(service, video["id"]).order
    assert (order.mode, order.options.seconds, order.sources) == ("generate", 8.0, ())
    assert order.request == Request(
        prompt="a cat", seconds=8.0, width=1920, height=1080, seed=7, steps=3, guidance=2.0, fps=24.0, style="noir"
    )


def test_defaults_are_those_of_the_contract(client: TestClient, service: Service) -> None:
    video = make(client)
    assert (video["seconds"], video["size"], video["model"]) == ("4", "720x1280", "sora-2")
    request = job_of(service, video["id"]).request
    assert (request.seconds, request.width, request.height, request.fps, request.model) == (4, 720, 1280, 16, "mini")


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ({"width": 320}, "320x182"),
        ({"height": 128}, "224x128"),
        ({"width": 320, "height": 200}, "320x200"),
        ({"native": True}, "224x128"),
        ({"native": False}, "720x1280"),
        ({"size": "230x130", "native": "false"}, "230x130"),
    ],
)
def test_sizes_in_other_words(client: TestClient, said: dict[str, Any], size: str) -> None:
    assert make(client, **said)["size"] == size


@pytest.mark.parametrize(
    ("said", "shown"),
    [("4", "4"), (4, "4"), (4.0, "4"), ("8.5", "8.5"), (2.0625, "2.062"), (" 12 ", "12"), ("", "4"), (0.3, "0.3")],
)
def test_seconds_are_those_that_were_asked_for(client: TestClient, said: object, shown: str) -> None:
    assert make(client, seconds=said)["seconds"] == shown


def test_seeds_are_drawn_when_nobody_says_one(client: TestClient, service: Service) -> None:
    seeds = {job_of(service, make(client)["id"]).request.seed for _ in range(3)}
    assert len(seeds) == 3


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": "  "}, "prompt"),
        ({"seconds": "121"}, "seconds"),
        ({"size": "100x101"}, "size"),
        ({"size": "62x64"}, "size"),
        ({"size": "4098x64"}, "size"),
        ({"size": "4096x4096"}, "size"),
        ({"size": "0x0"}, "size"),
        ({"width": 101}, "width"),
        ({"size": "64x64", "height": 64}, "height"),
        ({"native": True, "fps": 24}, "native"),
        ({"model": "veo"}, "model"),
        ({"model": str(PRESETS["mini"].folder)}, "model"),
        ({"promt": "x"}, "promt"),
        ({"input_reference": {"image_url": "https://example.com/a.png"}}, "input_reference"),
        ({"input_reference": {"image_url": "data:text/plain,hello"}}, "input_reference"),
        ({"input_reference": {"image_url": "file:///etc/passwd"}}, "input_reference"),
    ],
)
def test_what_cannot_be_is_400_and_makes_nothing(
    client: TestClient, service: Service, fields: dict[str, Any], param: str
) -> None:
    error(client.post("/v1/videos", json={"prompt": "a cat", **fields}), 400, param)
    assert count(service) == 0


def test_a_picture_comes_in_four_ways(client: TestClient, service: Service, png: bytes) -> None:
    file_id = client.post("/v1/files", files={"file": ("a.png", png)}, data={"purpose": "vision"}).json()["id"]
    data_url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    answers = [
        client.post("/v1/videos", data={"prompt": "x", "seconds": "4"}, files={"input_reference": ("a.png", png)}),
        client.post("/v1/videos", json={"prompt": "x", "input_reference": {"image_url": data_url}}),
        client.post("/v1/videos", files={"prompt": (None, "x"), "input_reference[image_url]": (None, data_url)}),
        client.post("/v1/videos", data={"prompt": "x", "input_reference[file_id]": file_id}),
    ]
    client.delete(f"/v1/files/{file_id}")  # what a job needs lies beside it
    for answer in answers:
        assert answer.status_code == 200, answer.text
        job = job_of(service, answer.json()["id"])
        assert answer.json()["size"] == "720x1280"  # whatever the picture has
        assert [source.slot for source in job.order.sources] == ["image"]
        assert [service.objects.get(key) for key in job.sources] == [png]
        assert job.sources[0].startswith(f"videos/{answer.json()['id']}/")


def test_a_film_s_first_frame_is_a_picture_too(client: TestClient, service: Service, mp4: bytes) -> None:
    answer = client.post("/v1/videos", data={"prompt": "x"}, files={"input_reference": ("a.png", mp4)})
    job = job_of(service, answer.json()["id"])
    assert service.objects.get(job.sources[0]) == mp4
    long = client.post("/v1/videos", data={"prompt": "x", "seconds": 30}, files={"input_reference": ("a", mp4)})
    assert long.json()["seconds"] == "30"  # nothing is added to that film


def test_a_picture_is_the_first_frame_of_a_video_of_yours(client: TestClient, service: Service) -> None:
    source = made(client, service, seconds="4", size="1280x720", model="mini")
    for field in ("input_reference", "last"):
        answer = client.post("/v1/videos", json={"prompt": "x", field: {"video_id": source}})
        assert answer.status_code == 200, answer.text
        assert [source.title for source in job_of(service, answer.json()["id"]).order.sources] == [source]
    said = error(client.post("/v1/videos", json={"prompt": "x", "last": {"video_id": "video_no"}}), 404, "last")
    assert "video_no" in said["message"]


def test_a_film_goes_to_its_last_picture(client: TestClient, service: Service, png: bytes, mp4: bytes) -> None:
    data_url = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    for sent, slots in (
        ({"data": {"prompt": "x"}, "files": {"input_reference": ("a", png), "last": ("b", mp4)}}, ["image", "last"]),
        ({"json": {"prompt": "x", "last": {"image_url": data_url}}}, ["last"]),
        ({"data": {"prompt": "x", "last[image_url]": data_url}}, ["last"]),
    ):
        answer = client.post("/v1/videos", **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert [source.slot for source in job_of(service, answer.json()["id"]).order.sources] == slots
    both = {"input_reference": ("a", png), "last": ("b", png)}
    said = error(client.post("/v1/videos", data={"prompt": "x", "seconds": 0.3}, files=both), 400, "seconds")
    assert "Ask for at least 0.5 seconds." in said["message"]


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF", "AVIF", "JPEG"])
def test_fault_12_a_picture_of_any_kind_and_size_is_a_first_frame(
    client: TestClient, service: Service, kind: str
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4200, 4200) if kind == "JPEG" else (64, 48), (200, 100, 50)).save(out, kind)
    answer = client.post("/v1/videos", data={"prompt": "x"}, files={"input_reference": ("a", out.getvalue())})
    assert "transparency" not in answer.headers.get("yozora-notes", "")
    assert answer.status_code == 200, answer.text
    assert job_of(service, answer.json()["id"]).order.sources[0].slot == "image"


def test_what_is_no_picture_is_no_first_frame(client: TestClient) -> None:
    answer = client.post(
        "/v1/videos", data={"prompt": "x"}, files={"input_reference": ("a.png", b"\x89PNG\r\n\x1a\nnot")}
    )
    error(answer, 400, "input_reference", "invalid_file")


def test_blocked_prompts_fail_at_once(client: TestClient, service: Service) -> None:
    video = make(client, prompt="a porn film")
    assert (video["status"], video["error"]["code"]) == ("failed", "moderation_blocked")
    board = {"cards": [{"from": 0, "to": 1, "prompt": "a porn film"}]}
    assert client.post("/v1/videos/storyboards", json={"board": board}).json()["error"]["code"] == "moderation_blocked"


def test_every_text_that_is_used_is_looked_at(client: TestClient, service: Service) -> None:
    """The style, a board's title and its cards' styles, and what sources were made from where nothing else is said."""
    bad, good = "a porn film", made(client, service, prompt="a cat")
    source = made(client, service)
    with service.database.begin() as connection:  # of the time before today's rules
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == source).values(prompt=bad))
    card = {"from": 0, "to": 1, "prompt": "a cat"}
    for path, said in (
        ("", {"prompt": "a cat", "style": bad}),
        ("/storyboards", {"board": {"cards": [card], "title": bad}}),
        ("/storyboards", {"board": {"cards": [card], "style": bad}}),
        ("/storyboards", {"board": {"cards": [card | {"style": bad}]}}),
        ("/storyboards", {"board": {"cards": [card]}, "style": bad}),
        ("/loops", {"video": source}),
        ("/extensions", {"video": source}),
        ("/recuts", {"video": source, "keep": "0-1"}),
        ("/blends", {"videos": [good, source]}),
        ("/blends", {"videos": [source, good]}),
        (f"/{good}/remix", {"prompt": bad}),
    ):
        answer = client.post(f"/v1/videos{path}", json=said).json()
        assert answer.get("error", {})["code"] == "moderation_blocked", (path, answer)
    for path, said in (
        ("/loops", {"video": source, "prompt": "a dog"}),
        ("/blends", {"videos": [source, good], "prompt": "a dog"}),
        (f"/{source}/remix", {"prompt": "a dog"}),
        ("", {"prompt": "a cat", "negative_prompt": bad}),  # what a film should not show
    ):
        answer = client.post(f"/v1/videos{path}", json=said).json()
        assert answer["status"] == "queued", (path, answer)


def test_remix(client: TestClient, service: Service) -> None:
    source = made(client, service, seconds="8.5", size="1280x720", model="mini")
    answer = client.post(f"/v1/videos/{source}/remix", json={"prompt": "in snow"})
    video = answer.json()
    assert (video["remixed_from_video_id"], video["seconds"], video["size"]) == (source, "8.5", "1280x720")
    assert video["model"] == "mini"
    client.delete(f"/v1/videos/{source}")
    job = job_of(service, video["id"])
    assert (job.order.mode, job.options, job.request.fps) == ("remix", {"strength": 0.8}, 16)
    assert service.objects.get(job.sources[0]) == b"0123456789" * 100
    error(client.post("/v1/videos/video_none/remix", json={"prompt": "x"}), 404)
    waiting = make(client)["id"]
    error(client.post(f"/v1/videos/{waiting}/remix", json={"prompt": "x"}), 400, None, "video_not_completed")


def test_edits(client: TestClient, service: Service, mp4: bytes) -> None:
    source = made(client, service)
    whole = {"prompt": "blue", "video": {"id": source}}
    jobs = [
        job_of(service, answer.json()["id"])
        for answer in (
            client.post("/v1/videos/edits", json=whole),
            client.post("/v1/videos/edits", data={"prompt": "blue", "video[id]": source}),
            client.post("/v1/videos/edits", data={"prompt": "blue"}, files={"video": ("a.mp4", mp4)}),
            client.post("/v1/videos/edits", json={**whole, "region": {"x": 0, "y": 0, "w": 0.5, "h": 1}}),
            client.post("/v1/videos/edits", json={**whole, "from": 1, "to": 2}),
        )
    ]
    all_of_it = {"region": None, "start": 0.0, "stop": 4.0, "strength": 0.92}
    assert jobs[0].options == jobs[1].options == all_of_it
    assert service.objects.get(jobs[2].sources[0]) == mp4
    request = jobs[2].request
    assert (request.width, request.height, request.seconds) == (96, 64, pytest.approx(33 / 16, abs=0.1))
    assert jobs[2].options == {**all_of_it, "stop": request.seconds}
    assert jobs[3].options == {"region": (0.0, 0.0, 0.5, 1.0), "start": 0.0, "stop": 4.0, "strength": 1.0}
    assert jobs[4].options == {"region": None, "start": 1.0, "stop": 2.0, "strength": 0.92}
    error(client.post("/v1/videos/edits", json={**whole, "from": 9}), 400, "from")
    error(client.post("/v1/videos/edits", json={**whole, "from": 2, "to": 1}), 400, "to")
    error(client.post("/v1/videos/edits", json={"prompt": "x"}), 400, "video", "missing_required_parameter")
    error(client.post("/v1/videos/edits", json={"prompt": "x", "video": {"id": "video_none"}}), 404, "video")


def test_extensions_say_the_whole_length(client: TestClient, service: Service) -> None:
    source = made(client, service, seconds="8.5")
    said = {"prompt": "on", "video": {"id": source}}
    video = client.post("/v1/videos/extensions", json={**said, "seconds": "4"}).json()
    assert video["seconds"] == "12.5"
    job = job_of(service, video["id"])
    assert (job.request.seconds, job.options) == (12.5, {"seconds": 4.0, "backward": False})
    assert client.post("/v1/videos/extensions", json=said).json()["seconds"] == "12.5"  # as the contract has it
    error(client.post("/v1/videos/extensions", json={**said, "seconds": 21}), 400, "seconds")
    long = made(client, service, seconds="110")
    error(client.post("/v1/videos/extensions", json={"prompt": "x", "video": long, "seconds": "12"}), 400, "seconds")


def test_more_kinds(client: TestClient, service: Service) -> None:
    a, b = made(client, service, seconds="4"), made(client, service, seconds="5")
    loop = client.post("/v1/videos/loops", json={"video": {"id": a}}).json()
    assert (loop["seconds"], loop["prompt"], loop["remixed_from_video_id"]) == ("5", None, a)
    blend = client.post("/v1/videos/blends", json={"videos": [{"id": a}, {"id": b}], "seconds": 2}).json()
    assert (blend["seconds"], blend["remixed_from_video_id"]) == ("7", None)
    form = client.post("/v1/videos/blends", data={"videos[][id]": [a, b]}).json()
    assert form["seconds"] == "8"
    recut = client.post("/v1/videos/recuts", json={"video": a, "keep": [[0, 1], [3, 4]], "prompt": "x"}).json()
    assert job_of(service, recut["id"]).options == {"keep": ((0.0, 1.0), (3.0, 4.0))}
    assert recut["seconds"] == "4"
    said = error(client.post("/v1/videos/blends", json={"videos": [a, b], "seconds": 5}), 400, "seconds")  # fault 19
    assert said["message"] == "The clips are too short to blend for 5 seconds. Ask for at most 3.937 seconds."
    error(client.post("/v1/videos/recuts", json={"video": a, "keep": "5-6"}), 400, "keep")
    past = client.post("/v1/videos/recuts", json={"video": a, "keep": "0-1, 3-9", "prompt": "a car"})
    assert unquote(past.headers["yozora-notes"]) == f"{a} has 4.00 s: 3-9 is kept up to its end"
    error(client.post("/v1/videos/loops", json={"video": a, "seconds": 21}), 400, "seconds")
    long = made(client, service, seconds="120")
    error(client.post("/v1/videos/loops", json={"video": long}), 400, "video")
    error(client.post("/v1/videos/blends", json={"videos": [long, b]}), 400, "videos")


def test_storyboards(client: TestClient, service: Service) -> None:
    cards = [
        {"from": 0, "to": 1.5, "prompt": "a red car"},
        {"from": 1.5, "to": 3, "prompt": "snow", "transition": "flow"},
    ]
    board = {"cards": cards, "seed": 5, "size": "224x128", "negative_prompt": "rain"}
    video = client.post("/v1/videos/storyboards", json={"board": board}).json()
    assert (video["seconds"], video["size"], video["prompt"]) == ("3", "224x128", "a red car snow")
    job = job_of(service, video["id"])
    assert (job.request.seed, job.request.negative_prompt) == (5, "rain")
    assert [card["text"] for card in job.options["cards"]] == ["a red car", "snow"]
    assert [card["flows"] for card in job.options["cards"]] == [False, True]
    video = client.post("/v1/videos/storyboards", json={"board": board, "seed": 6, "size": "720x1280"}).json()
    assert (job_of(service, video["id"]).request.seed, video["size"]) == (6, "720x1280")
    video = client.post("/v1/videos/storyboards", json={"board": board, "height": 256}).json()
    assert video["size"] == "448x256"
    text = "cards:\n- {from: 0, to: 1, prompt: a car}\n"
    assert client.post("/v1/videos/storyboards", data={"board": text}).json()["seconds"] == "1"
    assert client.post("/v1/videos/storyboards", files={"board": ("b.yaml", text.encode())}).status_code == 200
    board = {**board, "size": "230x130"}  # of the finished film, whatever sizes the model makes
    assert client.post("/v1/videos/storyboards", json={"board": board}).json()["size"] == "230x130"
    image = text.replace("prompt: a car", "prompt: a, image: /etc/passwd")
    large = text + "#" * (256 << 10)
    for bad in ("cards: [", {"cards": []}, image, large, {**board, "size": "22x13"}):
        error(client.post("/v1/videos/storyboards", json={"board": bad}), 400, "board")
    error(client.post("/v1/videos/storyboards", files={"board": ("b.yaml", large.encode())}), 400, "board")
    error(client.post("/v1/videos/storyboards", files={"board": ("b.yaml", b"\xff\xfe")}), 400, "board")
    error(client.post("/v1/videos/storyboards", json={"board": {**board, "size": "225x131"}}), 400, "size")


@pytest.mark.parametrize(
    ("prompt", "notes"),
    [
        ("a cat", []),
        ("🧿", ["mini did not understand the prompt; it does not know: 🧿 (it knows"]),  # fault 14
        ("αμάξι", ["mini did not understand the prompt; it does not know: αμάξι (it knows"]),  # fault 14
        ("no dogs, only a park", [f"{DENIED} no dogs"]),  # fault 15
        ("sin perros, un parque", [f"{DENIED} sin perros"]),
        ("没有狗的公园", [f"{DENIED} 没有狗的"]),
        ("حديقة بدون كلاب", [f"{DENIED} بدون كلاب"]),
        ("a dog on the moon", ["mini has no such place: the moon"]),
    ],
)
def test_fault_14_and_15_what_of_a_prompt_is_not_understood_is_in_a_header(
    client: TestClient, service: Service, prompt: str, notes: list[str]
) -> None:
    answer = client.post("/v1/videos", json={"prompt": prompt})
    assert answer.status_code == 200
    said = answer.headers.get("yozora-notes", "")
    found = [unquote(note) for note in said.split("; ")] if said else []
    assert len(found) == len(notes)
    assert all(note in line for note, line in zip(notes, found, strict=True)), found
    assert job_of(service, answer.json()["id"]).request.prompt == prompt


def test_transparency_that_is_lost_is_in_a_header(client: TestClient) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (64, 64), (9, 9, 9, 0)).save(out, "PNG")
    picture = ("logo.png", out.getvalue())
    answer = client.post("/v1/videos", data={"prompt": "a car"}, files={"input_reference": picture})
    line = "source 1: transparency is not supported; transparent areas become white"
    assert unquote(answer.headers["yozora-notes"]) == line


def test_notes_need_no_weights(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They may lie on the machines of the workers only."""
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": replace(PRESETS["mini"], folder=tmp_path)})
    answer = client.post("/v1/videos", json={"prompt": "no dogs"})
    assert (answer.status_code, answer.headers.get("yozora-notes")) == (200, None)


def test_notes_on_boards_are_those_on_their_cards(client: TestClient) -> None:
    cards = [
        {"from": 0, "to": 1, "prompt": "a dog", "style": "pixel"},
        {"from": 1, "to": 2, "prompt": "a park, no dogs", "style": "noir"},
        {"from": 2, "to": 3, "prompt": "no dogs"},
    ]
    answer = client.post("/v1/videos/storyboards", json={"board": {"cards": cards, "title": "Xylophone"}})
    assert answer.headers["yozora-notes"] == f"{DENIED} no dogs"
