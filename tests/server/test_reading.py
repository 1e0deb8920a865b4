"""Fields that a call does not take: refused by name where they matter, and else named in the answer."""

import io
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.server.app import count, error, job_of, made

from yozora.server.http import mode_requests, requests
from yozora.server.http.reading import IGNORED, MAX_IGNORED, header, names_of
from yozora.server.http.service import Service


def path_of(kind: type[requests.VideoBody]) -> str:
    return kind.place.replace("{video_id}", "video_1")


def refused(client: TestClient, path: str, param: str, code: str = "unknown_parameter", **sent: Any) -> str:
    return str(error(client.post(path, **sent), 400, param, code)["message"])


def test_fault_6_a_second_picture_in_another_field_is_refused_by_name(
    client: TestClient, service: Service, png: bytes
) -> None:
    files = {"input_reference": ("a.png", png), "second_picture": ("b.png", png)}
    said = refused(client, "/v1/videos", "second_picture", data={"prompt": "x"}, files=files)
    assert "'second_picture' is a file. Send files as 'input_reference' or 'last'." in said
    assert count(service) == 0


@pytest.mark.parametrize(
    ("path", "field", "param", "says"),
    [
        ("/v1/videos", "input_reference[mask]", "input_reference", "'input_reference[mask]' is a file"),
        ("/v1/videos", "mask", "mask", "Send files as 'input_reference' or 'last'"),
        ("/v1/videos", "image", "image", "Did you mean 'input_reference'?"),
        ("/v1/videos", "board", "board", "Use it with /v1/videos/storyboards"),
        ("/v1/videos", "characters[][picture]", "characters", "'characters[0][picture]' is a file"),
        ("/v1/videos/edits", "mask", "mask", "Send files as 'video'"),
        ("/v1/videos/edits", "input_reference", "input_reference", "Use it with /v1/videos"),
        ("/v1/videos/storyboards", "picture", "picture", "Send files as 'board'"),
        ("/v1/videos/characters", "picture", "picture", "Send files as 'video'"),
        ("/v1/files", "second", "second", "Send files as 'file'"),
        ("/v1/videos/video_1/remix", "mask", "mask", "This call takes no files."),
    ],
)
def test_fault_6_a_file_that_no_field_takes_is_refused_on_every_call(
    client: TestClient, png: bytes, path: str, field: str, param: str, says: str
) -> None:
    known = {"/v1/videos/storyboards": "board", "/v1/files": "file"}
    takes = known.get(path, "video" if path in ("/v1/videos/edits", "/v1/videos/characters") else "input_reference")
    files = [(field, ("b.png", png))]
    data = {"name": "x"} | ({} if "storyboards" in path else {"prompt": "x"})
    if "characters[" in field:
        data["characters[][id]"] = "char_1"
    elif "input_reference[" in field:
        data["input_reference[file_id]"] = "file_1"
    elif "remix" not in path:
        files.append((takes, ("a.png", png)))
    assert says in refused(client, path, param, data=data, files=files)


def test_fault_6_two_files_in_one_field_are_not_one(client: TestClient, service: Service, png: bytes) -> None:
    files = [("input_reference", (name, io.BytesIO(png))) for name in ("a.png", "b.png")]
    refused(client, "/v1/videos", "input_reference", "invalid_value", data={"prompt": "x"}, files=files)
    assert count(service) == 0


@pytest.mark.parametrize("n", [2, "2", 0, -1, 1.5, "many", True])
def test_n_other_than_one_is_refused_by_every_call(client: TestClient, n: object) -> None:
    for kind in mode_requests.VIDEOS:
        said = refused(client, path_of(kind), "n", "invalid_value", json={"n": n})
        assert said == "'n' can only be 1, because a call makes one video. Call once for each video."


@pytest.mark.parametrize("n", [1, "1", None])
def test_n_of_one_is_what_is_made(client: TestClient, n: object) -> None:
    answer = client.post("/v1/videos", json={"prompt": "x", "n": n})
    assert (answer.status_code, answer.headers.get(IGNORED)) == (200, None)


@pytest.mark.parametrize("kind", mode_requests.VIDEOS, ids=lambda kind: kind.__name__)
def test_an_option_of_another_call_is_refused_and_its_place_is_said(
    client: TestClient, kind: type[requests.VideoBody]
) -> None:
    every = {name: one.place for one in mode_requests.VIDEOS for name in names_of(one)}
    for name in sorted(every.keys() - names_of(kind) - {"video", "videos"}):
        said = refused(client, path_of(kind), name, json={name: "1"})
        assert f"'{name}' is not for {kind.place}. Use it with " in said
        assert every[name] in said


@pytest.mark.parametrize(
    ("path", "field", "says"),
    [
        ("/v1/videos", "strength", "Use it with /v1/videos/{video_id}/remix, /v1/videos/edits."),
        ("/v1/videos/extensions", "region", "Use it with /v1/videos/edits."),
        ("/v1/videos/extensions", "videos", "Did you mean 'video'?"),
        ("/v1/videos/video_1/remix", "duration", "'duration', which means 'seconds', is not for"),
        ("/v1/videos", "num_frames", "Did you mean 'seconds'?"),
        ("/v1/videos/edits", "last", "Use it with /v1/videos."),
        ("/v1/videos/blends", "backward", "Use it with /v1/videos/extensions."),
    ],
)
def test_fault_3_and_4_what_would_be_ignored_is_refused(client: TestClient, path: str, field: str, says: str) -> None:
    assert says in refused(client, path, field, json={"prompt": "x", field: "1"})


def test_fault_3_a_height_is_heard(client: TestClient, service: Service) -> None:
    video = client.post("/v1/videos", json={"prompt": "x", "height": 360}).json()
    assert video["size"] == "630x360"
    assert job_of(service, video["id"]).request.height == 360
    refused(client, "/v1/videos", "height", "invalid_value", json={"prompt": "x", "size": "64x64", "height": 64})


def test_fault_4_a_remix_is_as_long_as_its_video(client: TestClient, service: Service) -> None:
    video = made(client, service)
    said = refused(client, f"/v1/videos/{video}/remix", "seconds", json={"prompt": "x", "seconds": "8"})
    assert "/v1/videos/extensions" in said
    assert count(service) == 1


@pytest.mark.parametrize("form", ["json", "data"])
def test_fields_of_other_clients_are_passed_over_and_named(client: TestClient, service: Service, form: str) -> None:
    fields = {"prompt": "x", "user": "me", "quality": "high", "größe, x": "1", "blank": "", "seconds": "4"}
    answer = client.post("/v1/videos", **{form: fields})
    assert answer.status_code == 200, answer.text
    assert answer.headers[IGNORED] == "user, quality, gr%C3%B6%C3%9Fe%2C%20x"
    assert job_of(service, answer.json()["id"]).request.seconds == 4


def test_nothing_passed_over_is_no_header(client: TestClient, png: bytes) -> None:
    assert IGNORED not in client.post("/v1/videos", json={"prompt": "x", "user": None}).headers
    assert IGNORED not in client.get("/v1/videos").headers
    sent = client.post("/v1/files", data={"purpose": "vision", "expires_after[seconds]": "9"}, files={"file": png})
    assert sent.headers[IGNORED] == "expires_after"


def test_the_header_stays_short() -> None:
    said = header([f"field{k}" + "x" * 100 for k in range(100)])
    assert MAX_IGNORED - 62 < len(said) <= MAX_IGNORED
    assert header(["a\r\nset-cookie: b", "a"]) == "a%0D%0Aset-cookie%3A%20b, a"
