"""Over the API, as a client sees it: what a film keeps of a clip that was sent stays what it was."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.server.app import luma_psnr
from tests.server.conftest import Served

from yozora import media
from yozora.films.film import Film
from yozora.server.store.film_length import seconds_text


@pytest.fixture
def client(server: Served) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=120.0) as opened:
        yield opened


def film_of(client: httpx.Client, server: Served, path: str, source: Path, folder: Path, **said: Any) -> Film:
    """The film that is made of an uploaded clip."""
    sent = {"video": (source.name, source.read_bytes())}
    answer = client.post(f"/videos/{path}", data={"prompt": "a car", "steps": "1", **said}, files=sent)
    assert answer.status_code == 200, answer.text
    video = answer.json()
    row = server.installation.ended(video["id"])
    assert row.status == "completed", row.error_message
    target = folder / f"{path}.mp4"
    target.write_bytes(client.get(f"/videos/{video['id']}/content").content)
    clip = media.read(target)
    film = Film(frames=clip.frames, fps=clip.fps)
    assert video["size"] == f"{film.frames.shape[2]}x{film.frames.shape[1]}"
    assert float(video["seconds"]) == pytest.approx(film.seconds, abs=1.01 / film.fps)
    return film


def test_a_film_that_was_made_here_keeps_its_last_frame(client: httpx.Client, server: Served, tmp_path: Path) -> None:
    """It lasts a frame longer than the seconds that it was ordered with."""

    def completed(path: str, **body: Any) -> tuple[dict[str, Any], media.Clip]:
        answer = client.post(path, json={"steps": 1, **body})
        assert answer.status_code == 200, answer.text
        row = server.installation.ended(answer.json()["id"])
        assert row.status == "completed", row.error_message
        target = tmp_path / f"{row.id}.mp4"
        target.write_bytes(client.get(f"/videos/{row.id}/content").content)
        video: dict[str, Any] = client.get(f"/library/{row.id}").json()
        clip = media.read(target)
        assert (video["frames"], video["fps"]) == (len(clip.frames), clip.fps)
        return video, clip

    made, clip = completed("/videos", prompt="a car", seconds=0.5, size="64x64")
    count = len(clip.frames)
    assert count == 1 + 0.5 * clip.fps
    assert made["seconds"] == "0.5"
    source = {"video": {"id": made["id"]}}
    box = {"x": 0, "y": 0, "w": 0.5, "h": 0.5}
    for path, body, seconds, frames in (
        (f"/videos/{made['id']}/remix", {"prompt": "a bus"}, "0.5", count),
        ("/videos/edits", {**source, "prompt": "a bus", "region": box}, "0.5", count),
        ("/videos/extensions", {**source, "seconds": 0.5}, "1", 2 * count - 1),
        ("/videos/loops", {**source, "seconds": 0.5}, "1", 2 * count - 1),
    ):
        video, film = completed(path, **body)
        assert (video["seconds"], len(film.frames)) == (seconds, frames), path
    again = client.post("/library/import", files={"video": ("a.mp4", (tmp_path / f"{made['id']}.mp4").read_bytes())})
    assert (again.json()["seconds"], again.json()["frames"]) == (seconds_text(count / clip.fps), count)


def test_what_is_kept_of_a_clip_stays_what_it_was(
    client: httpx.Client, server: Served, make_film: Callable[..., Film], tmp_path: Path
) -> None:
    """Faults 9, 1 and 7, one after the other: a server takes seconds to start."""
    path = replace(make_film(frames=18, height=360, width=640), fps=30.0).save(tmp_path / "large.mp4")
    whole = media.read(path).frames
    longer = film_of(client, server, "extensions", path, tmp_path, seconds="1")
    assert (longer.frames.shape, longer.fps) == ((48, 360, 640, 3), 30)
    assert luma_psnr(longer.frames[:18], whole) >= 45
    for part, state in ((longer.frames[:18], "nothing"), (longer.frames[18:], "stripped")):
        bare = media.write(tmp_path / f"{state}.mp4", replace(longer, frames=part))
        found = client.post("/provenance/verify", files={"file": ("a.mp4", bare.read_bytes())}).json()
        assert found["state"] == state

    short = make_film(frames=3, height=64, width=64).save(tmp_path / "short.mp4")
    looped = film_of(client, server, "loops", short, tmp_path, seconds="0.5")
    assert len(looped.frames) == 3 + 8
    assert luma_psnr(looped.frames[:3], media.read(short).frames) >= 45

    edited = film_of(client, server, "edits", short, tmp_path, region="0.25,0.25,0.25,0.25")  # 16x16 pixels
    far = np.ones((64, 64), bool)
    far[8:40, 8:40] = False  # a soft edge of a few pixels
    assert len(edited.frames) == 3
    assert luma_psnr(edited.frames[:, far], media.read(short).frames[:, far]) >= 45
    assert np.abs(edited.frames.astype(int) - media.read(short).frames)[:, 18:30, 18:30].mean() > 10
