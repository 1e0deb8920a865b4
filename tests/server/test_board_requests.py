"""Boards whose cards begin with stills and clips: files of the request, files and videos of the key, nothing else."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import client_of, count, error, job_of, made

from yozora.server.http.service import Service

URL = "/v1/videos/storyboards"


def card(start: float, stop: float, **more: Any) -> dict[str, Any]:
    return {"from": start, "to": stop, "prompt": "a red car", **more}


def upload(client: TestClient, name: str, data: bytes) -> str:
    answer = client.post("/v1/files", files={"file": (name, data)}, data={"purpose": "user_data"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_cards_begin_with_files_and_videos_of_the_key(
    client: TestClient, service: Service, png: bytes, mp4: bytes
) -> None:
    still, clip, video = upload(client, "a.png", png), upload(client, "b.mp4", mp4), made(client, service)
    cards = [
        card(0, 1, image=still),
        card(1, 2, camera=None, image=None),
        card(2, 3, clip={"file_id": clip}),
        card(3, 4, clip=video),
        card(4, 5, image={"id": video}, clip=""),
        card(5, 6, image={"file_id": still}),
    ]
    answer = client.post(URL, json={"board": {"cards": cards}, "fps": 8})
    assert answer.status_code == 200, answer.text
    job = job_of(service, answer.json()["id"])
    assert [each["source"] for each in job.options["cards"]] == [0, None, 1, 2, 3, 0]
    assert [each["still"] for each in job.options["cards"]] == [True, False, False, False, True, True]
    assert [source.slot for source in job.order.sources] == ["card 1", "card 3", "card 4", "card 5"]
    assert [source.seconds > 0 for source in job.order.sources] == [False, True, True, False]
    assert [source.at for source in job.order.sources] == list(job.sources)
    assert service.objects.get(job.sources[0]) == png
    assert service.objects.get(job.sources[1]) == mp4
    board = answer.json()["id"]
    edges = client.get(f"/v1/videos/{board}/lineage").json()["edges"]
    files = [(f"{board}/{slot}", slot) for slot in ("card 1", "card 3")]
    assert [(edge["source"], edge["slot"]) for edge in edges] == [*files, (video, "card 5")]


def test_a_board_has_its_sources_size_and_rate(client: TestClient, png: bytes, mp4: bytes) -> None:
    still = upload(client, "a.png", png)
    said = {"board": {"cards": [card(0, 1, image=still)]}}
    assert client.post(URL, json=said).json()["size"] == "84x64"  # as the picture, at least 64 high
    assert client.post(URL, json=said | {"size": "96x64"}).json()["size"] == "96x64"
    assert client.post(URL, json={"board": {"cards": [card(0, 1)]}}).json()["size"] == "720x1280"


def test_a_board_file_comes_with_its_files(client: TestClient, service: Service, png: bytes, mp4: bytes) -> None:
    text = (
        "cards:\n- {from: 0, to: 1, prompt: a car, image: stills/a.png}\n"
        "- {from: 1, to: 2, prompt: a dog, clip: 'C:\\films\\b.mp4'}\n"
    )
    files = [("board", ("b.yaml", text.encode())), ("files", ("a.png", png)), ("files", ("b.mp4", mp4))]
    answer = client.post(URL, files=files)
    assert answer.status_code == 200, answer.text
    sources = job_of(service, answer.json()["id"]).sources
    assert [service.objects.get(key) for key in sources] == [png, mp4]
    one = [("board", (None, text.partition("- {from: 1")[0])), ("files[]", ("a.png", png))]
    assert client.post(URL, files=one).status_code == 200
    error(client.post(URL, files=[*files, ("files", ("c.png", png))]), 400, "files")
    error(client.post(URL, files=[*files, ("files", ("a.png", png))]), 400, "files")
    error(client.post(URL, files=files[:2]), 400, "board")
    error(client.post(URL, files=[*files[:2], ("files", ("b.mp4", png))]), 400, "board")


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("image", "/etc/passwd", 400),
        ("clip", "../../objects/videos/x/film.mp4", 400),
        ("image", "file:///etc/passwd", 400),
        ("clip", "https://example.com/film.mp4", 400),
        ("image", "http://127.0.0.1:1/a.png", 400),  # this server does not fetch
        ("image", "file_0000", 404),
        ("clip", "video_0000", 404),
        ("image", "video_../x", 404),
        ("image", {"file_id": "x", "id": "y"}, 400),
        ("image", ["file_0000"], 400),
        ("image", {"image_url": "data:image/png;base64," + "A" * (600 << 10)}, 400),
    ],
)
def test_a_card_names_nothing_else(client: TestClient, service: Service, field: str, value: Any, status: int) -> None:
    board = {"cards": [card(0, 1), card(1, 2, **{field: value})]}
    said = error(client.post(URL, json={"board": board}), status, "board")
    assert "root:" not in said["message"]
    if isinstance(value, str):
        assert f"cards[1].{field}: " in said["message"]
    assert count(service) == 0


def test_what_is_another_keys_is_not_there(client: TestClient, service: Service, png: bytes) -> None:
    other = client_of(service, client, "other")
    theirs, video = upload(other, "a.png", png), made(other, service)
    for source in ({"image": theirs}, {"image": video}, {"clip": video}):
        error(client.post(URL, json={"board": {"cards": [card(0, 1, **source)]}}), 404, "board", "not_found")


def test_weights_that_take_no_first_frame_say_so(client: TestClient, service: Service, png: bytes) -> None:
    said = {"board": {"cards": [card(0, 1, image=upload(client, "a.png", png))]}, "model": "wan2.1-t2v-1.3b"}
    error(client.post(URL, json=said), 400, "model")


def test_two_pictures_of_one_call_are_two(client: TestClient, service: Service, png: bytes, mp4: bytes) -> None:
    first, last = upload(client, "a.png", png), upload(client, "b.mp4", mp4)
    said = {"prompt": "a cat", "input_reference": {"file_id": first}, "last": {"file_id": last}}
    answer = client.post("/v1/videos", json=said)
    assert answer.status_code == 200, answer.text
    assert [service.objects.get(key) for key in job_of(service, answer.json()["id"]).sources] == [png, mp4]
