"""What other people's programs send, replayed: `fixtures/` holds a file for each, with its package and version.

The bodies are as they were sent, but that `@film@`, `@still@` and `@still64@` stand for a film and a picture, and ids
for those that this server has given.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.server.app import finish, job_of, made

from yozora.films.sheet import write_png
from yozora.server.http.long_texts import LONG
from yozora.server.http.service import Service
from yozora.server.safety import fetching
from yozora.server.store import tables

FIXTURES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in Path(__file__).with_name("fixtures").glob("*.json")
}
PLACE = "0" * 32
KINDS = {"thumbnail": "image/webp", "spritesheet": "image/jpeg"}
Job = dict[str, Any]


@dataclass(kw_only=True)
class Replay:
    """One client's calls in turn: what it points at is the last video that it made."""

    client: TestClient
    service: Service
    key: str
    files: dict[str, bytes]
    names: dict[str, str]
    made: dict[str, list[Any]] = field(default_factory=dict)  # what it wanted -> what workers are told

    def call(self, said: dict[str, Any]) -> Any:
        body, path = said["body"].encode(), said["path"]
        for name, data in self.files.items():
            body = body.replace(name.encode(), data)
        for name, value in self.names.items():
            body, path = body.replace(name.encode(), value.encode()), path.replace(name, value)
        headers = {name: value.replace("@key@", self.key) for name, value in said["headers"].items()}
        if "api-key" not in headers:
            headers["authorization"] = f"Bearer {self.key}"
        answer = self.client.request(said["method"], path, headers=headers, content=body)
        assert answer.status_code in (200, 204), f"{said['what']}: {answer.text}"
        if said["method"] != "HEAD" and answer.headers.get("content-type") == "application/json":
            self.learn(said["what"], answer.json(), made=said["method"] == "POST")
        return answer

    def learn(self, what: str, said: dict[str, Any], *, made: bool) -> None:
        """Whatever is made is finished at once."""
        if said.get("object") == "video.generation.job" and made:
            ids = self.ids_of(said["id"])
            assert (said["status"], said["generations"], len(ids)) == ("queued", [], said["n_variants"])
            self.names |= {"@job@": said["id"], "@generation@": ids[0]}
        elif said.get("object") == "video" and made:
            ids = [said["id"]]
            assert len(said) == 13
            self.names[f"video_{PLACE}"] = said["id"]
        else:
            return
        self.made.setdefault(what, []).extend(job_of(self.service, one) for one in ids)
        for one in ids:
            finish(self.service, one)

    def ids_of(self, job: str) -> list[str]:
        with self.service.database.read() as connection:
            mine = sa.select(tables.videos.c.id).where(tables.videos.c.batch == job)
            return list(connection.execute(mine.order_by(tables.videos.c.number)).scalars())

    def job(self, what: str, at: int = 0) -> Any:
        return self.made[what][at]


def slots(job: Any) -> list[str]:
    return [source.slot for source in job.order.sources]


def pictures_come_first(done: Replay) -> None:
    """Files, data URLs, bare base64 and bare addresses: where a picture is sent, the film begins with it."""
    for what, jobs in done.made.items():
        for job in jobs:
            if "from" in what and "film" not in what:
                assert slots(job) == ["image"], what


def litellm(done: Replay) -> None:
    """`openai/` and `hosted_vllm/`, whose names are vLLM's."""
    first = done.job("create").request
    assert (first.width, first.height, first.seconds) == (1280, 720, 4)
    extra = done.job("create with extra body").request
    assert (extra.seed, extra.steps) == (7, 4)
    vllm = done.job("hosted vllm create").request
    assert (vllm.width, vllm.height, vllm.fps, vllm.steps, vllm.guidance) == (320, 240, 12, 4, 3)
    assert vllm.seconds == pytest.approx(49 / 12, abs=0.1)
    assert (vllm.negative_prompt, vllm.style) == ("rain", "noir")
    assert len(slots(done.job("remix"))) == 1


def litellm_in_python(done: Replay) -> None:
    litellm(done)
    both = done.job("hosted vllm create with size and seconds").request
    assert (both.width, both.height) == (320, 240)  # as vLLM has it: sides before size, frames before seconds
    assert both.seconds == pytest.approx(49 / 12, abs=0.1)
    assert len(slots(done.job("edit"))) == 1
    assert done.job("extend").options["seconds"] == 4


def litellm_proxy(done: Replay) -> None:
    """JSON becomes a form, with `extra_params` as a text; what has no use here is passed over."""
    litellm(done)
    for how in (" as json", " with extra params as text"):
        vllm = done.job(f"hosted vllm create{how}").request
        assert (vllm.width, vllm.height, vllm.steps, vllm.guidance) == (320, 240, 4, 3)
        assert (vllm.negative_prompt, vllm.style) == ("rain", "noir")
    others = done.job("hosted vllm create with extra params and others").request
    assert (others.width, others.height, others.steps, others.style) == (1280, 720, 4, "noir")
    most = done.job("hosted vllm create with most of its names").request
    assert (most.width, most.height, most.seconds, most.seed) == (1280, 720, 4, 7)
    assert slots(done.job("hosted vllm create between two pictures")) == ["image", "last"]
    assert len(slots(done.job("edit"))) == 1
    assert done.job("extend").options["seconds"] == 4


def pyrit(done: Replay) -> None:
    for what in ("create", "create from a picture"):
        request = done.job(what).request
        assert (request.width, request.height, request.seconds) == (1280, 720, 4)
    assert len(slots(done.job("remix"))) == 1


def azure(done: Replay) -> None:
    first = done.job("create").request
    assert (first.width, first.height, first.seconds) == (480, 480, 5)
    film = done.job("create from a film")
    assert (slots(film), film.request.seconds) == (["source"], pytest.approx(4, abs=0.1))
    variants = [done.job("create variants", at).request for at in range(3)]
    assert len({one.seed for one in variants}) == 3
    assert {(one.width, one.height, one.seconds) for one in variants} == {(1280, 720, 4)}


CHECKS: dict[str, Callable[[Replay], None]] = {
    "litellm": litellm_in_python,
    "litellm-proxy": litellm_proxy,
    "pyrit": pyrit,
    "azure-sora": azure,
}


@pytest.mark.parametrize("name", FIXTURES)
def test_what_others_send_is_understood(
    client: TestClient, service: Service, png: bytes, mp4: bytes, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(fetching, "fetch", lambda url, settings, target: target.write_bytes(png))
    fixture, names = FIXTURES[name], {f"video_{PLACE}": made(client, service)}
    if PLACE in "".join(said["path"] for said in fixture["requests"] if "/characters/" in said["path"]):
        answer = client.post("/v1/videos/characters", data={"name": "Rex"}, files={"video": ("a.mp4", mp4)})
        names[f"char_{PLACE}"] = answer.json()["id"]
    key = str(client.headers.pop("authorization")).removeprefix("Bearer ")
    files = {"@film@": mp4, "@still@": png, "@still64@": base64.b64encode(png)}
    done = Replay(client=client, service=service, key=key, files=files, names=names)
    assert fixture["version"]
    assert fixture["note"]
    for said in fixture["requests"]:
        check(said, done.call(said))
    pictures_come_first(done)
    CHECKS.get(name, lambda done: None)(done)


def check(said: dict[str, Any], answer: Any) -> None:
    """What clients trip over: a kind of content that is not there, keys that mean something else elsewhere."""
    path, _, query = said["path"].removeprefix("/openai").partition("?")
    if "/content" in path:
        variant = query.removeprefix("variant=") if query.startswith("variant") else path.rpartition("/")[2]
        assert answer.headers["content-type"] == KINDS.get(variant, "video/mp4")
    elif path == "/v1/models":
        assert {"sora-2", "sora-2-pro"} <= {one["id"] for one in answer.json()["data"]}
    elif answer.status_code == 200 and "list" not in said["what"]:
        assert not {"data", "task_id", "url"} & answer.json().keys()
    if said["method"] == "GET" and path.startswith("/v1/videos/video_") and "content" not in path:
        assert (answer.json()["status"], answer.json()["error"]) == ("completed", None)


def test_a_large_picture_may_be_bare_too(client: TestClient, service: Service, tmp_path: Path) -> None:
    """Base64 that is longer than what is kept in memory of a body."""
    noise_HWC = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    write_png(tmp_path / "noise.png", noise_HWC)
    bare = base64.b64encode((tmp_path / "noise.png").read_bytes()).decode()
    assert len(bare) > LONG
    for said in (
        {"json": {"prompt": "x", "input_reference": bare}},
        {"data": {"prompt": "x", "input_reference": bare}},
    ):
        answer = client.post("/v1/videos", **said)
        assert answer.status_code == 200, answer.text
        assert slots(job_of(service, answer.json()["id"])) == ["image"]
    assert client.post("/v1/videos", json={"prompt": "x", "input_reference": "!" * len(bare)}).status_code == 400
