"""The command that changes a finished film without a model."""

import json
from pathlib import Path

import numpy as np
from tests.cli.running import Yozora, clip_of, one_line

from yozora import media


def test_a_film_gets_another_size_rate_grade_and_container(toy_yozora: Yozora, tmp_path: Path, unmarked: None) -> None:
    clip_of(tmp_path / "clip.gif", 9)
    done = toy_yozora("finish", "clip.gif", "-o", "new.webm", "--size", "64x64", "--fps", "8", "--exposure", "-2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("new.webm: ")
    found = media.probe(tmp_path / "new.webm")
    assert (found.width, found.height, round(found.fps)) == (64, 64, 8)
    before = media.read(tmp_path / "clip.gif").frames.mean()
    assert media.read(tmp_path / "new.webm").frames.mean() < 0.8 * before
    done = toy_yozora("finish", "clip.gif", "--saturation", "0", "--json")
    said = json.loads(done.stdout)
    assert (said["file"], said["grade"]["saturation"]) == ("clip-finished.mp4", 0)
    assert said["frames"] == media.probe(tmp_path / "clip-finished.mp4").frames
    frames = media.read(tmp_path / "clip-finished.mp4").frames.astype(int)
    assert np.abs(frames - frames.mean(-1, keepdims=True)).max() <= 4


def test_what_cannot_be_is_one_line(toy_yozora: Yozora, tmp_path: Path) -> None:
    clip_of(tmp_path / "clip.gif", 3)
    said = one_line(toy_yozora("finish", "clip.gif", "--exposure", "9"))
    assert said == "error: --exposure 9 is out of range. Use -4 to 4 stops."
    assert "is out of range" in one_line(toy_yozora("finish", "clip.gif", "--size", "8x8"))
    assert "clip.gif" in one_line(toy_yozora("finish", "clip.gif", "-o", "clip.gif"))
    assert "none.mp4" in one_line(toy_yozora("finish", "none.mp4"))
