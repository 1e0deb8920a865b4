"""The official client, unmodified: `base_url` and the key are all that it is told."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn
from starlette.testclient import TestClient
from tests.server.app import finish, job_of
from tests.server.conftest import Served

from yozora.server.accounts import keys
from yozora.server.http.service import Service

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")

FILM = b"film" * 5000


class Quiet(uvicorn.Server):
    """uvicorn in a thread of the tests."""

    def install_signal_handlers(self) -> None:
        pass


@pytest.fixture
def address(client: TestClient) -> Iterator[str]:
    """The app behind a real socket; its base_url."""
    server = Quiet(uvicorn.Config(client.app, port=0, log_config=None, lifespan="off"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join()


@pytest.fixture
def official(address: str, service: Service) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=address, api_key=keys.create(service.database, "official")[1]) as opened:
        yield opened


def test_all_calls(official: openai.OpenAI, service: Service, mp4: bytes, png: bytes) -> None:
    videos = official.videos
    video = videos.create(prompt="a cat", model="sora-2", seconds="8", size="1280x720", input_reference=("a.png", png))
    assert (video.status, video.seconds, video.size, video.model) == ("queued", "8", "1280x720", "sora-2")
    assert [source.slot for source in job_of(service, video.id).order.sources] == ["image"]
    with pytest.raises(openai.NotFoundError):
        videos.download_content(video.id)
    finish(service, video.id, FILM)
    assert videos.retrieve(video.id).progress == 100
    assert videos.poll(video.id).status == "completed"
    assert videos.download_content(video.id).read() == FILM
    assert videos.download_content(video.id, variant="thumbnail").read() == b"webp"
    assert videos.download_content(video.id, variant="spritesheet").read() == b"jpeg"

    remix = videos.remix(video.id, prompt="in snow")
    assert remix.remixed_from_video_id == video.id
    for edited in (
        videos.edit(prompt="blue", video=("a.mp4", mp4)),
        videos.edit(prompt="blue", video=openai.omit, extra_body={"video": {"id": video.id}}),  # type: ignore[arg-type]
    ):
        assert job_of(service, edited.id).order.mode == "edit"
    longer = videos.extend(prompt="on", seconds="4", video=openai.omit, extra_body={"video": {"id": video.id}})  # type: ignore[arg-type]
    assert longer.seconds == "12"
    assert videos.extend(prompt="on", seconds="4", video=("a.mp4", mp4)).seconds.startswith("6")

    mossy = videos.create_character(name="Mossy", video=("a.mp4", mp4))
    assert videos.get_character(mossy.id or "").name == "Mossy"
    starring = videos.create(prompt="Mossy walks", extra_body={"characters": [{"id": mossy.id}], "seed": 7, "steps": 4})
    job = job_of(service, starring.id)
    assert job.order.characters[0].name == "Mossy"
    assert (job.request.seed, job.request.steps) == (7, 4)

    ids = [one.id for one in videos.list(limit=2)]  # goes through every page
    assert ids[0] == starring.id
    assert ids[-1] == video.id
    assert len(ids) == 7
    for one in videos.list(limit=2, order="asc"):
        assert videos.delete(one.id).deleted
    assert [*videos.list()] == []
    with pytest.raises(openai.NotFoundError):
        videos.retrieve(video.id)


def test_references(official: openai.OpenAI, service: Service, png: bytes) -> None:
    file = official.files.create(file=("a.png", png), purpose="vision")
    assert [one.id for one in official.files.list()] == [file.id]
    video = official.videos.create(prompt="x", extra_body={"input_reference": {"file_id": file.id}})
    assert official.files.content(file.id).read() == png
    assert official.files.delete(file.id).deleted
    assert service.objects.get(job_of(service, video.id).sources[0]) == png
    assert official.models.retrieve("sora-2").id == "sora-2"
    assert "mini" in [one.id for one in official.models.list()]


def test_errors_are_the_clients_own(official: openai.OpenAI, address: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        official.videos.create(prompt="x", size="1x1")  # type: ignore[arg-type]
    error = caught.value
    assert (error.param, error.code, error.type) == ("size", "invalid_value", "invalid_request_error")
    assert error.request_id
    assert error.request_id.startswith("req_")
    with pytest.raises(openai.NotFoundError) as missing:
        official.videos.retrieve("video_none")
    assert missing.value.code == "not_found"
    with openai.OpenAI(base_url=address, api_key="yz-wrong") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.videos.list()


def test_polling_waits_as_it_is_told(official: openai.OpenAI, service: Service) -> None:
    video = official.videos.create(prompt="x")
    threading.Timer(0.5, finish, (service, video.id)).start()
    start = time.monotonic()
    assert official.videos.poll(video.id).status == "completed"
    assert 0.9 < time.monotonic() - start < 10
    blocked = official.videos.create_and_poll(prompt="a porn film")
    assert blocked.status == "failed"
    assert blocked.error
    assert blocked.error.code == "moderation_blocked"


def test_the_client_repeats_and_makes_one_video(
    official: openai.OpenAI, address: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost on its way: the client sends the same again by itself."""
    from yozora.server.http import responses

    whole, lost = responses.video, [1]

    def losing(row: Any) -> responses.Video:
        if lost:
            lost.pop()
            raise TimeoutError
        return whole(row)

    monkeypatch.setattr(responses, "video", losing)
    video = official.videos.create(prompt="only once")
    assert not lost
    assert [one.id for one in official.videos.list()] == [video.id]


def test_the_asynchronous_client(address: str, service: Service, mp4: bytes) -> None:
    secret = keys.create(service.database, "asynchronous")[1]

    async def calls() -> None:
        async with openai.AsyncOpenAI(base_url=address, api_key=secret) as client:
            made = await asyncio.gather(*(client.videos.create(prompt=f"cat {n}") for n in range(5)))
            video = made[0]
            finish(service, video.id, FILM)
            assert (await client.videos.poll(video.id)).status == "completed"
            assert (await client.videos.download_content(video.id)).content == FILM
            remix = await client.videos.remix(video.id, prompt="in snow")
            assert remix.remixed_from_video_id == video.id
            edited = await client.videos.edit(prompt="blue", video=("a.mp4", mp4))
            longer = await client.videos.extend(prompt="on", seconds="4", video=("a.mp4", mp4))
            mossy = await client.videos.create_character(name="Mossy", video=("a.mp4", mp4))
            assert (await client.videos.get_character(mossy.id or "")).id == mossy.id
            listed = [one.id async for one in client.videos.list(limit=3)]
            assert set(listed) == {one.id for one in [*made, remix, edited, longer]}
            assert (await client.videos.delete(video.id)).object == "video.deleted"
            with pytest.raises(openai.NotFoundError):
                await client.videos.retrieve(video.id)

    asyncio.run(calls())


def test_spellings_that_the_client_cannot_send(address: str, service: Service, tmp_path: Path) -> None:
    """JSON of older clients, urlencoded forms, whole numbers of seconds, a form without any file."""
    secret = keys.create(service.database, "raw")[1]
    with closing(httpx.Client(base_url=address, headers={"authorization": f"Bearer {secret}"})) as raw:
        said = {"prompt": "a cat", "seconds": 12, "size": "1024x1792", "model": "sora-2-pro"}
        bare = {name: (None, str(value)) for name, value in said.items()}
        for answer in (raw.post("/videos", json=said), raw.post("/videos", data=said), raw.post("/videos", files=bare)):
            video = answer.json()
            assert (video["seconds"], video["size"], video["model"]) == ("12", "1024x1792", "sora-2-pro")
            assert len(video) == 13
            assert answer.headers["openai-poll-after-ms"] == "1000"
        deleted = raw.request("DELETE", f"/videos/{video['id']}", headers={"content-type": "application/json"})
        assert deleted.json()["deleted"] is True


def test_a_film_from_beginning_to_end(server: Served, tmp_path: Path) -> None:
    """As a new user: a real server, a real worker, and the toy's film on the disk."""
    with openai.OpenAI(base_url=server.url, api_key=server.key, timeout=120) as client:
        video = client.videos.create_and_poll(prompt="a red car", seconds="4", size="320x240", extra_body={"steps": 2})  # type: ignore[call-overload]
        assert video.status == "completed", video.error
        client.videos.download_content(video.id).write_to_file(tmp_path / "film.mp4")
        assert b"ftyp" in (tmp_path / "film.mp4").read_bytes()[:16]
        sheet = client.videos.download_content(video.id, variant="spritesheet").read()
        assert sheet.startswith(b"\xff\xd8")
        assert client.videos.download_content(video.id, variant="thumbnail").read()[8:12] == b"WEBP"
