"""Exports of finished films, as a worker makes them: every format, marks that stay, and none is lost when one dies."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient
from tests.server.app import made
from tests.server.conftest import Installation, Served, until

from yozora import media
from yozora.films.film import Film
from yozora.provenance.verify import verify
from yozora.server.http.service import Service
from yozora.server.store import exports, tables
from yozora.server.store.watermarks import identifier_of
from yozora.server.work.exporting import Exports
from yozora.server.work.retry_policy import RetryPolicy
from yozora.server.work.scratch import Scratch


def ended(served: Served, video: str, **said: Any) -> dict[str, Any]:
    """An export, once it is over."""
    path = f"{served.url}/videos/{video}/exports"
    headers = {"authorization": f"Bearer {served.key}"}
    answer = httpx.post(path, json=said, headers=headers)
    assert answer.status_code == 200, answer.text

    def over() -> dict[str, Any] | None:
        found = httpx.get(f"{path}/{answer.json()['id']}", headers=headers).json()
        return found if found["status"] in ("completed", "failed") else None

    return dict(until(over, "an export"))


def downloaded(served: Served, export: dict[str, Any], path: Path, **query: str) -> Path:
    answer = httpx.get(
        f"{served.url}/videos/{export['video_id']}/exports/{export['id']}/content",
        headers={"authorization": f"Bearer {served.key}"},
        params=query,
    )
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return path


def test_a_worker_makes_every_format_and_the_marks_stay(server: Served, tmp_path: Path) -> None:
    made = server.installation
    video = made.ask(owner=server.owner, size=(192, 128), seconds=1)
    row = made.ended(video)
    provenance = made.settings.provenance
    film = tmp_path / "as-is.mp4"
    made.objects.save(row.file, film)
    with made.database.read() as connection:
        number = identifier_of(connection, video)
    frames = media.probe(film).frames

    plain = ended(server, video)
    assert downloaded(server, plain, tmp_path / "plain.mp4").read_bytes() == film.read_bytes()

    webm = ended(server, video, format="webm")
    path = downloaded(server, webm, tmp_path / "film.webm")
    downloaded(server, webm, tmp_path / "film.c2pa", variant="credentials")
    assert media.probe(path).frames == frames
    assert (verify(path, provenance).state, verify(path, provenance).identifier) == ("intact", number)
    assert media.probe(path).facts["prompt"] == "a red car"

    packed = ended(server, video, format="frames", fps=4, size="96x64")
    archive = zipfile.ZipFile(io.BytesIO(downloaded(server, packed, tmp_path / "f.zip").read_bytes()))
    assert archive.namelist() == [f"{index:04d}.png" for index in range(1, 5)]
    archive.extract("0001.png", tmp_path)
    assert verify(tmp_path / "0001.png", provenance).state == "intact"
    with Image.open(tmp_path / "0001.png") as picture:
        assert picture.size == (96, 64)

    gif = ended(server, video, format="gif", grade={"saturation": 0})
    path = downloaded(server, gif, tmp_path / "film.gif")
    grey = media.read(path).frames.astype(int)
    assert np.abs(grey - grey.mean(-1, keepdims=True)).max() <= 3
    assert verify(path, provenance).state == "intact"
    assert {plain["bytes"] > 0, webm["bytes"] > 0, gif["has_credentials"]} == {True, False}


def test_a_finish_becomes_a_video_of_the_library(server: Served, tmp_path: Path) -> None:
    made, headers = server.installation, {"authorization": f"Bearer {server.key}"}
    video = made.ask(owner=server.owner)
    made.ended(video)
    export = ended(server, video, library=True, size="128x96", fps=8, grade={"exposure": 1})
    result = httpx.get(f"{server.url}/library/{export['result_video_id']}", headers=headers).json()
    assert (result["status"], result["size"], result["mode"], result["prompt"]) == (
        "completed", "128x96", "finish", "a red car",
    )  # fmt: skip
    lineage = httpx.get(f"{server.url}/videos/{result['id']}/lineage", headers=headers).json()
    assert lineage["edges"] == [{"source": video, "target": result["id"], "slot": "finish"}]
    for variant in ("video", "thumbnail", "spritesheet"):
        answer = httpx.get(f"{server.url}/videos/{result['id']}/content?variant={variant}", headers=headers)
        assert answer.status_code == 200
        (tmp_path / f"{variant}.mp4").write_bytes(answer.content)
    found = media.probe(tmp_path / "video.mp4")
    assert (found.width, found.height, round(found.fps)) == (128, 96, 8)
    verified = verify(tmp_path / "video.mp4", made.settings.provenance)
    assert (verified.state, verified.claim is not None and len(verified.claim.ancestors)) == ("intact", 1)
    used = httpx.get(f"{server.url}/usage", params={"group_by": "mode"}, headers=headers).json()["data"]
    assert {row["mode"]: (row["videos"], row["seconds"] > 0) for row in used} == {
        "generate": (1, True),
        "export": (0, False),
    }


def test_an_export_outlives_its_worker(embedded: Installation) -> None:
    """The worker dies as it stores the file; the next one makes it again, and leaves nothing over."""
    video = embedded.ask()
    first = embedded.worker()
    embedded.ended(video)
    first.stop()
    with embedded.database.begin() as connection:
        row = connection.execute(sa.select(tables.videos)).one()
        said = {"format": "gif", "library": False, "finish": {}}
        export_id = exports.add(connection, row, said, "").id
    dying = embedded.worker(die="upload")
    until(lambda: dying.code is not None, "the worker to die")
    embedded.worker()

    def over() -> Any:
        with embedded.database.read() as connection:
            found = connection.execute(sa.select(tables.exports).where(tables.exports.c.id == export_id)).one()
        return found if found.status == "completed" else None

    done = until(over, "the export")
    assert done.attempts == 2
    assert embedded.objects.size(done.file) == done.bytes


@pytest.fixture
def exporting(service: Service) -> Iterator[Exports]:
    """What a worker has for exports."""
    scratch, retry = Scratch(), RetryPolicy(times=service.settings.times)
    parts = {"settings": service.settings, "database": service.database, "objects": service.objects}
    yield Exports(**parts, queue=service.queue, scratch=scratch, worker="worker_1", retry=retry)  # type: ignore[arg-type]
    scratch.close()


def test_an_export_of_a_worker_that_stops_waits_again_as_if_it_had_never_been_taken(
    client: TestClient, service: Service, exporting: Exports, tmp_path: Path, make_film: Callable[..., Film]
) -> None:
    video = made(client, service)
    with service.database.read() as connection:
        row = connection.execute(sa.select(tables.videos)).one()
    service.objects.put(row.file, make_film(frames=33).save(tmp_path / "film.mp4"))
    export = client.post(f"/v1/videos/{video}/exports", json={"format": "gif"}).json()["id"]
    taken = exporting.take()
    assert taken is not None
    exporting.stop.set()
    assert exporting.make(taken) == "given back"
    with service.database.read() as connection:
        found = connection.execute(sa.select(tables.exports)).one()
    assert (found.id, found.status, found.attempts, found.worker) == (export, "queued", 0, None)
    exporting.stop.clear()
    again = exporting.take()
    assert again is not None
    assert exporting.make(again) == "completed"
    assert exporting.take() is None


@pytest.mark.parametrize(
    ("broken", "code", "why"),
    [(b"no film at all" * 99, "invalid_request", "file_undecodable"), (None, "content_gone", None)],
)
def test_what_cannot_be_exported_says_why(
    client: TestClient, service: Service, exporting: Exports, broken: bytes | None, code: str, why: str | None
) -> None:
    video = made(client, service)
    with service.database.read() as connection:
        file = connection.execute(sa.select(tables.videos.c.file)).scalar_one()
    if broken is None:
        service.objects.delete(file)
    else:
        service.objects.put_bytes(file, broken)
    export = client.post(f"/v1/videos/{video}/exports", json={"format": "gif"}).json()["id"]
    taken = exporting.take()
    assert taken is not None
    assert exporting.make(taken) == code
    said = client.get(f"/v1/videos/{video}/exports/{export}").json()
    assert said["error"]["code"] == code
    assert said["error_reason"] == (why or code)
    assert "/" not in said["error"]["message"]
