"""Films that were made elsewhere, as videos of the library."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from tests.server.app import count, error, job_of, make, settings_in

from yozora.films.film import Film
from yozora.server.http.app import make_app
from yozora.server.http.service import Service

EXPORTED = {"generation": {"prompt": "a red car", "model": "sora-2"}, "title": "My car", "created_at": 1_750_000_000}


def imported(client: TestClient, film: bytes, **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/library/import", files={"video": ("film.mp4", film, "video/mp4")}, data=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(client: TestClient, film: bytes, param: str | None, code: str | None = None, **said: Any) -> dict[str, Any]:
    answer = client.post("/v1/library/import", files={"video": ("film.mp4", film, "video/mp4")}, data=said)
    return error(answer, 400, param, code)


def test_a_film_and_what_is_beside_it(client: TestClient, mp4: bytes) -> None:
    said = imported(client, mp4, metadata=json.dumps(EXPORTED))
    assert (said["status"], said["progress"], said["mode"], said["existed"]) == ("completed", 100, "import", False)
    assert (said["title"], said["prompt"], said["model"]) == ("My car", "a red car", "sora-2")
    assert (said["created_at"], said["completed_at"]) == (1_750_000_000, 1_750_000_000)
    assert float(said["seconds"]) > 1
    content = client.get(f"/v1/videos/{said['id']}/content")
    assert content.content == mp4
    thumbnail = client.get(f"/v1/videos/{said['id']}/content", params={"variant": "thumbnail"})
    assert thumbnail.content[8:12] == b"WEBP"
    sheet = client.get(f"/v1/videos/{said['id']}/content", params={"variant": "spritesheet"})
    assert sheet.content[:2] == b"\xff\xd8"
    listed = client.get("/v1/library", params={"mode": "import", "q": "car"}).json()["data"]
    assert [one["id"] for one in listed] == [said["id"]]


def test_fields_of_the_call_count_first(client: TestClient, mp4: bytes) -> None:
    own = {"title": "Another", "created_at": "2026-03-01T00:00:00Z"}
    said = imported(client, mp4, metadata=json.dumps(EXPORTED), **own)
    assert (said["title"], said["prompt"], said["created_at"]) == ("Another", "a red car", 1_772_323_200)


def test_without_metadata_the_film_speaks_for_itself(client: TestClient, mp4: bytes) -> None:
    said = imported(client, mp4)
    assert (said["title"], said["model"]) == (None, "import")


def test_it_is_a_source_of_other_videos(client: TestClient, service: Service, mp4: bytes) -> None:
    source = imported(client, mp4, model="a model of another service")["id"]
    remix = client.post(f"/v1/videos/{source}/remix", json={"prompt": "in the snow"})
    assert remix.status_code == 200, remix.text
    extended = client.post("/v1/videos/extensions", json={"video": {"id": source}, "prompt": "on", "seconds": 2})
    assert extended.status_code == 200, extended.text
    assert len(job_of(service, extended.json()["id"]).sources) == 1
    edges = client.get(f"/v1/videos/{source}/lineage").json()["edges"]
    assert len(edges) == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"hello, this is a text", "neither"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 64, "damaged"),
    ],
)
def test_what_is_no_film_is_refused_in_a_line(client: TestClient, service: Service, data: bytes, says: str) -> None:
    message = refused(client, data, "video")["message"]
    assert says in message
    assert "\n" not in message
    assert count(service) == 0


def test_a_film_that_was_cut_off_is_refused(client: TestClient, mp4: bytes) -> None:
    assert refused(client, mp4[: len(mp4) // 2], "video")["reason"] == "file_damaged"


def test_texts_go_through_moderation(tmp_path: Path, template: Path, mp4: bytes) -> None:
    (tmp_path / "policy.yaml").write_text("rules:\n  - name: balloons\n    reason: Not here.\n    words: [zeppelin]\n")
    shutil.copy(template, tmp_path)
    settings = settings_in(tmp_path, insecure_no_auth=True, policy=tmp_path / "policy.yaml")
    with TestClient(make_app(settings, migrate=False), raise_server_exceptions=False) as client:
        refused(client, mp4, "prompt", "moderation_blocked", prompt="a zeppelin")
        refused(client, mp4, "title", "moderation_blocked", metadata=json.dumps({"name": "zeppelin"}))
        frames = np.zeros((9, 48, 64, 3), np.uint8)
        inside = Film(frames=frames, fps=8.0, prompt="a zeppelin").save(tmp_path / "inside.mp4").read_bytes()
        refused(client, inside, "prompt", "moderation_blocked")
        assert imported(client, inside, prompt="a balloon")["prompt"] == "a balloon"


def test_fields_that_cannot_be_are_refused(client: TestClient, mp4: bytes) -> None:
    refused(client, mp4, "created_at", created_at="yesterday")
    refused(client, mp4, "title", title="x" * 201)
    refused(client, mp4, "metadata", metadata="[1]")
    error(client.post("/v1/library/import", json={"title": "no film"}), 400, "video", "missing_required_parameter")


def test_its_length_is_bounded(client: TestClient, service: Service, mp4: bytes) -> None:
    object.__setattr__(service.settings.limits, "upload_seconds", 0.5)
    refused(client, mp4, "video", "invalid_file")


def test_making_videos_goes_on_beside(client: TestClient, mp4: bytes) -> None:
    imported(client, mp4)
    queued = make(client)["id"]
    said = {one["id"]: one["queue_position"] for one in client.get("/v1/library").json()["data"]}
    assert said[queued] == 1
    assert list(said.values()).count(None) == 1
