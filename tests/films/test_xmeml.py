"""Films as FCP 7 XML: parsed back, the clips are all of the film, frame by frame."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import yozora
from yozora import media
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.preset import Preset
from yozora.films.film import Film, Sound
from yozora.films.orders import ask_board
from yozora.films.xmeml import FilmTimeline, TimelineCut, cuts_of, read_timeline, to_xml
from yozora.story.board import Board, Card

CARDS = (
    Card(start=0.0, stop=0.5, prompt="a red <car> & 'more'\x07 红"),
    Card(start=0.5, stop=0.8, prompt="a dog", transition="flow"),
    Card(start=0.8, stop=1.3, prompt="a boat " * 30),
)
ONE = FilmTimeline(
    name="film",
    address="film.mp4",
    width=64,
    height=48,
    fps=24.0,
    frames=24,
    cuts=(TimelineCut(text="a", start=0, stop=24),),
)


@pytest.fixture(autouse=True)
def toy_models(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "PRESETS", {"mini": replace(toy, name="mini")})


def numbers(root: ET.Element, path: str, name: str) -> list[int]:
    return [int(item.findtext(name) or "") for item in root.iterfind(path)]


def test_the_clips_of_a_board_are_its_film(tmp_path: Path) -> None:
    board = Board(cards=CARDS, fps=16.0, size=(64, 64))
    path = yozora.storyboard(board, steps=1).save(tmp_path / "a film.mp4")
    text = yozora.timeline(path)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n')
    root = ET.fromstring(text)
    assert (root.tag, root.get("version")) == ("xmeml", "5")
    clips = "sequence/media/video/track/clipitem"
    frames = len(media.read(path).frames)
    starts, ends = numbers(root, clips, "start"), numbers(root, clips, "end")
    assert (starts, ends[:-1], ends[-1]) == ([0, 8, 13], [8, 13], frames)
    assert numbers(root, clips, "in") == starts
    assert numbers(root, clips, "out") == ends
    assert sum(ends) - sum(starts) == frames == int(root.findtext("sequence/duration") or "")
    names = [item.findtext("name") or "" for item in root.iterfind(clips)]
    assert names[:2] == ["a red <car> & 'more' 红", "a dog"]
    assert len(names[2]) == 80
    assert [item.findtext("comment") for item in root.iterfind("sequence/marker")][1:] == ["a dog", CARDS[2].prompt]
    assert numbers(root, "sequence/marker", "in") == starts
    assert root.findtext(f"{clips}/file/pathurl") == f"file://localhost{tmp_path.as_posix()}/a%20film.mp4"
    assert root.findtext("sequence/media/video/format/samplecharacteristics/width") == "64"
    assert root.find("sequence/media/audio") is None


def test_any_other_film_is_one_clip_with_its_sound(make_film: Callable[..., Film], tmp_path: Path) -> None:
    sound = Sound(samples=np.zeros((17_000, 1), np.float32), rate=16_000)
    path = replace(make_film(frames=17), sound=sound).save(tmp_path / "x.mp4")
    root = ET.fromstring(to_xml(read_timeline(path)))
    (clip,) = root.iterfind("sequence/media/video/track/clipitem")
    assert (clip.findtext("start"), clip.findtext("end")) == ("0", "17")
    tracks = list(root.iterfind("sequence/media/audio/track"))
    assert [track.findtext("clipitem/sourcetrack/trackindex") for track in tracks] == ["1", "2"]
    ids = {item.get("id") for item in root.iter("clipitem")}
    assert {link.findtext("linkclipref") for link in root.iter("link")} == ids


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (24.0, ("24", "FALSE")),
        (24000 / 1001, ("24", "TRUE")),
        (23.976, ("24", "TRUE")),
        (29.97, ("30", "TRUE")),
        (59.94, ("60", "TRUE")),
        (1.0, ("1", "FALSE")),
    ],
)
def test_rates(fps: float, rate: tuple[str, str]) -> None:
    root = ET.fromstring(to_xml(replace(ONE, fps=fps)))
    found = {(each.findtext("timebase"), each.findtext("ntsc")) for each in root.iter("rate")}
    assert found == {rate}


def test_a_rate_that_the_format_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"does not have a rate of 12.5"):
        to_xml(replace(ONE, fps=12.5))


def test_cards_shorter_than_a_frame_are_no_clips() -> None:
    cards = (
        Card(start=0, stop=1, prompt="a"),
        Card(start=1, stop=1.01, prompt="b"),
        Card(start=1.01, stop=2, prompt="c", transition="flow"),
    )
    order = ask_board(Board(cards=cards, fps=8.0, size=(64, 64)), {"seed": 1}).order
    assert [cut.text for cut in cuts_of(order, "x", 16, 8.0)] == ["a", "c"]
    assert [(cut.start, cut.stop) for cut in cuts_of(order, "x", 5, 8.0)] == [(0, 5)]
    assert cuts_of(None, "x", 5, 8.0) == (TimelineCut(text="x", start=0, stop=5),)
