"""The pictures of films that are imported, and which films browsers play."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from starlette.testclient import TestClient
from tests.server.test_imports import imported, refused

from yozora.films.film import Film


def encoded(folder: Path, name: str, codec: str, pixels: str) -> bytes:
    """A short film of another kind."""
    path = folder / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for shade in range(8):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade * 30, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


def test_what_browsers_do_not_play_is_refused(client: TestClient, tmp_path: Path, png: bytes) -> None:
    for name, codec, pixels in (
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.gif", "gif", "rgb8"),
        ("a.mp4", "mpeg4", "yuv420p"),
    ):
        said = refused(client, encoded(tmp_path, name, codec, pixels), "video", "invalid_file")
        assert said["reason"] == "film_unplayable"
        assert "yozora import" in said["message"]
    assert refused(client, png, "video")["reason"] == "clip_required"


def test_a_sheet_is_that_of_the_film(client: TestClient, tmp_path: Path, make_film: Callable[..., Film]) -> None:
    path = tmp_path / "short.mp4"
    make_film(frames=3).save(path)
    said = imported(client, path.read_bytes())
    sheet = client.get(f"/v1/videos/{said['id']}/content", params={"variant": "spritesheet"}).content
    with av.open(str(written(tmp_path, sheet))) as container:
        frame = next(container.decode(video=0))
    width, height = map(int, said["size"].split("x"))
    assert frame.width / frame.height == pytest.approx(3 * width / height, rel=0.05)  # three frames in a row


def written(folder: Path, data: bytes) -> Path:
    path = folder / "sheet.jpg"
    path.write_bytes(data)
    return path
