"""What a film says of how it was made, and the command that makes it again."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.running import Yozora, clip_of, one_line

from yozora import media
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films.film import Film


def test_a_film_s_timeline_is_written(toy_yozora: Yozora, tmp_path: Path, unmarked: None) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    assert toy_yozora("extend", "n9.gif", "a car", "--seconds", "0.5", "--fps", "16", "-o", "a.mp4").returncode == 0
    done = toy_yozora("timeline", "a.mp4")
    assert done.returncode == 0, done.stderr
    frames = media.probe(tmp_path / "a.mp4").frames
    assert f"a.xml: 1 clips, {frames} frames" in done.stderr
    assert "<!DOCTYPE xmeml>" in (tmp_path / "a.xml").read_text()
    assert toy_yozora("timeline", "a.mp4", "-o", "b.xml").returncode == 0
    assert "is not the name of an XML file" in one_line(toy_yozora("timeline", "a.mp4", "-o", "a.mp4"))
    assert "does not say how it was made" in one_line(toy_yozora("timeline", "n9.gif"))


def test_a_film_is_shown_and_made_again(toy_yozora: Yozora, tmp_path: Path, unmarked: None) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    assert toy_yozora("extend", "n9.gif", "a car", "--seconds", "0.5", "--seed", "4", "-o", "a.mp4").returncode == 0
    assert os.fsencode(tmp_path) not in (tmp_path / "a.mp4").read_bytes()
    done = toy_yozora("show", "a.mp4")
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()][:3] == [
        ["a.mp4:", "extend", "by", "mini"],
        ["prompt", "a", "car"],
        ["seed", "4"],
    ]
    assert "--seconds 0.5" in done.stdout
    assert "made of    n9.gif as source, SHA-256 " in done.stdout
    assert json.loads(toy_yozora("show", "a.mp4", "--json").stdout)["order"]["mode"] == "extend"
    assert toy_yozora("again", "a.mp4", "-o", "b.mp4").returncode == 0
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert toy_yozora("again", "a.mp4", "--seed", "5", "--seconds", "0.25", "-o", "c.mp4").returncode == 0
    other = media.probe(tmp_path / "c.mp4")
    assert (other.facts["seed"], other.seconds) == (
        5,
        pytest.approx(media.probe(tmp_path / "a.mp4").seconds - 0.25, abs=0.07),
    )
    assert "extend takes no --keep. Use it with recut." in one_line(toy_yozora("again", "a.mp4", "--keep", "0-1"))


def test_sources_of_a_film_are_found_by_name_and_hash(toy_yozora: Yozora, tmp_path: Path) -> None:
    clip_of(tmp_path / "n9.gif", 9)
    assert toy_yozora("remix", "n9.gif", "a car", "--steps", "1", "-o", "a.mp4").returncode == 0
    (tmp_path / "deep").mkdir()
    (tmp_path / "n9.gif").rename(tmp_path / "deep" / "other.gif")
    said = one_line(toy_yozora("again", "a.mp4"))
    assert re.fullmatch(r"error: n9\.gif \(SHA-256 \w{12}\), which a\.mp4 was made of, is not found.*", said)
    assert said.endswith("is not found. Name it with --source FILE, or the folder that it is in.")
    done = toy_yozora("again", "a.mp4", "--source", "deep/other.gif", "--dry-run")
    assert (done.returncode, "is not the" in done.stderr) == (0, False)
    clip_of(tmp_path / "n9.gif", 7)
    assert "n9.gif is not the n9.gif (SHA-256 " in one_line(toy_yozora("again", "a.mp4"))
    done = toy_yozora("again", "a.mp4", "--source", "n9.gif", "--dry-run")
    assert "n9.gif is not the n9.gif that the film was made of" in done.stderr.splitlines()
    (tmp_path / "a.mp4").rename(tmp_path / "deep" / "a.mp4")
    (tmp_path / "deep" / "other.gif").rename(tmp_path / "deep" / "n9.gif")
    assert toy_yozora("again", "deep/a.mp4", "--dry-run").returncode == 0
    useless = one_line(toy_yozora("again", "deep/a.mp4", "--source", "n9.gif"))
    assert "n9.gif is not a source of a.mp4" in useless


def test_a_model_s_own_negative_prompt_is_not_shown_as_said(
    yozora: Yozora, toy: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wan = replace(toy, name="wan", negative_prompt="ugly")
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini"), "wan": wan})
    assert yozora("generate", "a car", "--model", "wan", "-o", "a.mp4").returncode == 0
    assert yozora("generate", "a car", "--model", "wan", "--negative", "dull", "-o", "b.mp4").returncode == 0
    assert "--negative" not in yozora("show", "a.mp4").stdout
    assert "--negative 'dull'" in yozora("show", "b.mp4").stdout
    for name, negative in (("a.mp4", ""), ("b.mp4", "dull")):
        assert yozora("again", name, "--model", "mini", "-o", "c.mp4").returncode == 0
        said = json.loads(yozora("show", "c.mp4", "--json").stdout)
        assert (said["model"], said["order"]["request"]["negative_prompt"]) == ("mini", negative)


def test_an_older_film_says_what_it_knows(toy_yozora: Yozora, tmp_path: Path) -> None:
    frames = np.zeros((4, 64, 64, 3), np.uint8)
    Film(frames=frames, fps=16, prompt="a\x1b[31m car", seed=3, model="mini").save(tmp_path / "old.mp4")
    done = toy_yozora("show", "old.mp4")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "its options and sources are not known" in done.stdout
    assert "was made by an old version, which did not store the full order" in one_line(toy_yozora("again", "old.mp4"))
    clip_of(tmp_path / "n9.gif", 9)
    assert "does not say how it was made" in one_line(toy_yozora("show", "n9.gif"))
