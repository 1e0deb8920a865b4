"""Azure's jobs and addresses: states, variants, what files are for, and refusals that its readers understand."""

import json
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import client_of, count, finish, job_of, make

from yozora.server.http.service import Service
from yozora.server.store import tables

JOBS = "/openai/v1/video/generations/jobs"


def create(client: TestClient, **fields: Any) -> dict[str, Any]:
    said = {"prompt": "a cat", "model": "sora-2", "width": 320, "height": 240, "n_seconds": 2} | fields
    answer = client.post(f"{JOBS}?api-version=preview", json=said)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def look(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"{JOBS}/{job['id']}").json())


def videos_of(client: TestClient) -> list[str]:
    return [one["id"] for one in client.get("/v1/videos?order=asc").json()["data"]]


def change(service: Service, video_id: str, **values: Any) -> None:
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video_id).values(**values))


def with_files(client: TestClient, items: list[dict[str, Any]], *files: tuple[str, bytes], **fields: str) -> Any:
    said = {"prompt": "a cat", "n_seconds": "4", "inpaint_items": json.dumps(items), **fields}
    return client.post(JOBS, data=said, files=[("files", file) for file in files])


def test_a_job_goes_through_its_states(client: TestClient, service: Service) -> None:
    job = create(client)
    assert job["object"] == "video.generation.job"
    assert (job["status"], job["n_variants"], job["n_seconds"], job["width"], job["height"]) == (
        "queued",
        1,
        2,
        320,
        240,
    )
    (video,) = videos_of(client)
    for progress, status in ((0, "preprocessing"), (40, "running"), (97, "processing")):
        change(service, video, status="in_progress", progress=progress)
        assert look(client, job)["status"] == status
    finish(service, video)
    done = look(client, job)
    assert (done["status"], done["failure_reason"], done["finished_at"] is not None) == ("succeeded", None, True)
    assert [one["id"] for one in done["generations"]] == [video]
    assert client.get(f"/openai/v1/video/generations/{video}").json() == done["generations"][0]
    assert client.get(f"/openai/v1/video/generations/{job['id']}/content/video").content == b"0123456789" * 100


def test_variants_are_videos_of_their_own(client: TestClient, service: Service) -> None:
    """A job has succeeded when all have ended and one is there; what has failed is not among its generations."""
    job = create(client, n_variants=3)
    videos = videos_of(client)
    assert len(videos) == job["n_variants"] == 3
    assert len({job_of(service, one).request.seed for one in videos}) == 3
    finish(service, videos[0])
    assert look(client, job)["status"] == "running"
    change(service, videos[1], status="failed", error_code="internal_error")
    client.post(f"/v1/videos/{videos[2]}/cancel")
    done = look(client, job)
    assert done["status"] == "succeeded"
    assert [one["id"] for one in done["generations"]] == videos[:1]
    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204
    assert count(service) == 0


def test_a_job_that_is_refused_leaves_nothing(client: TestClient, service: Service) -> None:
    for _ in range(48):
        make(client)
    answer = client.post(JOBS, json={"prompt": "a cat", "n_variants": 3})
    assert answer.status_code == 429
    assert count(service) == 48


def test_a_repeat_finds_the_job(client: TestClient, service: Service) -> None:
    said = {"prompt": "a cat", "n_variants": 2}
    first = client.post(JOBS, json=said, headers={"idempotency-key": "one"}).json()
    again = client.post(JOBS, json=said, headers={"idempotency-key": "one"}).json()
    assert (again["id"], count(service)) == (first["id"], 2)
    assert client.post(JOBS, json=said, headers={"x-stainless-retry-count": "1"}).json()["id"] == first["id"]
    assert client.post(JOBS, json=said).json()["id"] != first["id"]


def test_ends_that_are_none(client: TestClient) -> None:
    blocked = create(client, prompt="a porn film")
    assert (blocked["status"], blocked["failure_reason"]) == ("failed", "input_moderation")
    job = create(client)
    client.post(f"/v1/videos/{videos_of(client)[-1]}/cancel")
    assert (look(client, job)["status"], look(client, job)["failure_reason"]) == ("cancelled", None)


def test_lists_go_on_in_pages(client: TestClient, service: Service) -> None:
    make(client)  # a video that is no job's
    made = [create(client, n_variants=2)["id"] for _ in range(3)]
    finish(service, videos_of(client)[1])
    finish(service, videos_of(client)[2])
    page = client.get(f"{JOBS}?limit=2").json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([made[2], made[1]], True)
    rest = client.get(f"{JOBS}?limit=2&after={page['last_id']}").json()
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([made[0]], False)
    newer = client.get(f"{JOBS}?limit=2&before={made[0]}").json()
    assert [one["id"] for one in newer["data"]] == [made[2], made[1]]
    done = client.get(f"{JOBS}?statuses=succeeded,failed").json()
    assert [one["id"] for one in done["data"]] == [made[0]]
    assert client_of(service, client, "other").get(JOBS).json()["data"] == []


def test_files_are_for_what_their_items_say(client: TestClient, service: Service, png: bytes, mp4: bytes) -> None:
    """A first and a last picture; a film goes on, or is changed where it is as long already."""
    first = {"type": "image", "file_name": "a.png", "frame_index": 0}
    answer = with_files(
        client, [first, {**first, "file_name": "b.png", "frame_index": 95}], ("b.png", png), ("a.png", png)
    )
    assert answer.status_code == 200, answer.text
    film = {"type": "video", "file_name": "a.mp4", "frame_index": 0}
    assert with_files(client, [film], ("a.mp4", mp4)).status_code == 200
    assert with_files(client, [film], ("a.mp4", mp4), n_seconds="1").status_code == 200
    pictures, longer, changed = (job_of(service, one) for one in videos_of(client))
    assert [source.slot for source in pictures.order.sources] == ["image", "last"]
    assert longer.request.seconds == pytest.approx(4, abs=0.1)
    assert longer.order.mode != changed.order.mode
    assert changed.request.seconds == pytest.approx(longer.order.sources[0].seconds, abs=0.1)


def test_refusals_can_be_read_by_both(client: TestClient, png: bytes) -> None:
    """At the top as Azure has them, in `error` as everybody else."""
    item = {"type": "image", "file_name": "a.png"}
    part = {**item, "crop_bounds": {"left_fraction": 0.5}}
    refused = [
        (client.post(JOBS, json={"prompt": "x", "n_seconds": 21}), 400, "n_seconds"),
        (client.post(JOBS, json={"prompt": "x", "n_variants": 6}), 400, "n_variants"),
        (client.post(JOBS, json={"model": "sora-2"}), 400, "prompt"),
        (client.post(JOBS, json={"prompt": "x", "model": "none"}), 400, "model"),
        (client.post(JOBS, json={"prompt": "x", "width": 100}), 400, None),
        (with_files(client, [item]), 400, "inpaint_items"),
        (with_files(client, [], ("a.png", png)), 400, "inpaint_items"),
        (with_files(client, [part], ("a.png", png)), 400, "inpaint_items"),
        (
            with_files(client, [item, {**item, "file_name": "b.png"}], ("a.png", png), ("b.png", png)),
            400,
            "inpaint_items",
        ),
        (client.get(f"{JOBS}/vidjob_0"), 404, None),
        (client.get("/openai/v1/video/generations/video_0/content/video"), 404, None),
        (TestClient(client.app).get(JOBS, headers={"api-key": "wrong"}), 401, None),
    ]
    for answer, status, param in refused:
        said = answer.json()
        assert (answer.status_code, said["param"]) == (status, param), answer.text
        assert said["code"]
        assert said["error"] == {name: said[name] for name in ("message", "type", "param", "code", "reason")}
    assert "param" not in client.get("/openai/v1/videos/video_0").json()


def test_the_official_client_of_azure(client: TestClient, service: Service) -> None:
    """PyRIT too is this: the client with the address of Azure's second form."""
    key = str(client.headers["authorization"]).removeprefix("Bearer ")
    plain = TestClient(client.app)
    for path in ("/openai/v1/videos", "/openai/videos"):
        answer = plain.post(f"{path}?api-version=preview", headers={"api-key": key}, data={"prompt": "x"})
        assert answer.json()["object"] == "video"
    assert plain.get("/v1/videos", headers={"api-key": "yz-wrong"}).status_code == 401
    assert plain.get("/openaiv1/videos", headers={"api-key": key}).status_code == 404
    azure = openai.AzureOpenAI(
        azure_endpoint="http://testserver", api_version="preview", api_key=key, http_client=plain
    )
    with pytest.warns(DeprecationWarning, match="The Sora API"):
        assert azure.videos.create(prompt="a cat", model="sora-2").status == "queued"
    assert count(service) == 3
