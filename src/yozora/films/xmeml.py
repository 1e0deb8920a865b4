"""Films as FCP 7 XML (xmeml, version 5), which Premiere and Resolve import: one clip for each card of a board.

Each clip is a part of the film's own file. Reads and changes no frames. Written by hand: OpenTimelineIO's adapter
(1.0) writes version 4, without the size of the frames, and each rate twice.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final
from urllib.parse import quote

from yozora import media
from yozora.core.mode_options import Storyboard, StoryboardCard
from yozora.core.order import Order
from yozora.errors import UserError
from yozora.films.remaking import read_record

MAX_NAME: Final = 80  # characters of a clip's name; its marker has the whole text
NTSC: Final = 1000 / 1001
NEAR: Final = 0.005  # frames a second between a rate and one that the format has
CHANNELS: Final = 2
SAMPLE_RATE: Final = 48_000
UNPRINTABLE: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not have."""

HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineCut:
    """A part of a film: its frames from `start` up to, not including, `stop`, and what they show."""

    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmTimeline:
    """A film's file and its parts. `address`: a URL, or a file's name that is looked for beside the XML."""

    name: str
    address: str
    width: int
    height: int
    fps: float
    frames: int
    cuts: tuple[TimelineCut, ...]
    sounds: bool = False

    @property
    def rate(self) -> tuple[int, bool]:
        """Whole frames a second, and whether they run slower by 1000 / 1001. Raises `UserError` for another rate."""
        whole = max(1, round(self.fps))
        slow = max(1, round(self.fps / NTSC))
        if abs(self.fps - whole) < 1e-6:
            return whole, False
        if abs(self.fps - slow * NTSC) < NEAR:
            return slow, True
        raise UserError(
            f"Premiere XML does not have a rate of {self.fps:.4g} frames a second.",
            "Make the film again with a whole rate, such as --fps 24.",
            code="timeline_rate",
        )


def read_timeline(path: str | PathLike[str]) -> FilmTimeline:
    """The timeline of a film's file. Raises `UserError` for one that does not say how it was made."""
    found = read_record(path)
    seen = media.probe(found.path)
    if seen.still:
        raise UserError(f"{found.path.name} is a picture.", "Pass a film.", code="clip_required")
    fps = seen.fps if found.order is None else found.order.request.fps
    frames = seen.frames or round(seen.seconds * fps)
    return FilmTimeline(
        name=found.path.stem,
        address=_file_url(found.path.resolve()),
        width=seen.width,
        height=seen.height,
        fps=fps,
        frames=frames,
        cuts=cuts_of(found.order, str(found.facts["prompt"]), frames, fps),
        sounds=seen.has_sound,
    )


def cuts_of(order: Order | None, prompt: str, frames: int, fps: float) -> tuple[TimelineCut, ...]:
    """The parts of a film of `frames` frames: the cards of a board, as `painters.boards` times them, or all of it."""
    cards = order.options.cards if order is not None and isinstance(order.options, Storyboard) else ()
    starts = [min(frames, start) for start in _starts(cards, fps)]
    texts = [card.text for card in cards]
    cuts = (
        TimelineCut(text=text, start=a, stop=b)
        for text, a, b in zip(texts, starts, [*starts[1:], frames], strict=False)
    )
    return tuple(cut for cut in cuts if cut.stop > cut.start) or (TimelineCut(text=prompt, start=0, stop=frames),)


def to_xml(timeline: FilmTimeline) -> str:
    """The timeline as a document, with a marker at each part."""
    root = ET.Element("xmeml", version="5")
    sequence = _add_element(root, "sequence", id="sequence-1")
    _add_texts(sequence, name=timeline.name, duration=timeline.frames)
    _add_rate(sequence, timeline)
    timecode = _add_element(sequence, "timecode")
    _add_rate(timecode, timeline)
    _add_texts(timecode, string="00:00:00:00", frame=0, displayformat="NDF")
    tracks = _add_element(sequence, "media")
    _add_video(_add_element(tracks, "video"), timeline)
    if timeline.sounds:
        _add_audio(_add_element(tracks, "audio"), timeline)
    for number, cut in enumerate(timeline.cuts, 1):
        marker = _add_element(sequence, "marker")
        _add_texts(marker, name=f"Card {number}", comment=cut.text, **{"in": cut.start, "out": -1})
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _starts(cards: tuple[StoryboardCard, ...], fps: float) -> Iterator[int]:
    """The first frame of each card: a cut is at the nearest frame, and a card that flows is timed from it."""
    begun, first = 0.0, 0
    for card in cards:
        if not card.flows:
            begun, first = card.start, round(card.start * fps)
        yield first + int((card.start - begun) * fps + 0.5)


def _add_video(video: ET.Element, timeline: FilmTimeline) -> None:
    about = _add_element(_add_element(video, "format"), "samplecharacteristics")
    _add_rate(about, timeline)
    _add_picture(about, timeline)
    track = _add_element(video, "track")
    for number, cut in enumerate(timeline.cuts, 1):
        item = _add_clip(track, timeline, cut, f"video-{number}")
        file = _add_element(item, "file", id="file-1")
        if number == 1:
            _describe_file(file, timeline)
        _add_links(item, timeline, number)


def _add_audio(audio: ET.Element, timeline: FilmTimeline) -> None:
    """Both channels of the sound, linked with the pictures."""
    _add_texts(audio, numOutputChannels=CHANNELS)
    _add_texts(_add_element(_add_element(audio, "format"), "samplecharacteristics"), depth=16, samplerate=SAMPLE_RATE)
    for channel in range(1, CHANNELS + 1):
        track = _add_element(audio, "track")
        for number, cut in enumerate(timeline.cuts, 1):
            item = _add_clip(track, timeline, cut, f"audio-{channel}-{number}")
            _add_element(item, "file", id="file-1")
            _add_texts(_add_element(item, "sourcetrack"), mediatype="audio", trackindex=channel)
            _add_links(item, timeline, number)
        _add_texts(track, outputchannelindex=channel)


def _add_clip(track: ET.Element, timeline: FilmTimeline, cut: TimelineCut, name: str) -> ET.Element:
    item = _add_element(track, "clipitem", id=name)
    text = " ".join(cut.text.split())
    text = text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 3]}..."
    _add_texts(item, masterclipid="masterclip-1", name=text, enabled="TRUE", duration=timeline.frames)
    _add_rate(item, timeline)
    _add_texts(item, start=cut.start, end=cut.stop, **{"in": cut.start, "out": cut.stop})
    return item


def _add_links(item: ET.Element, timeline: FilmTimeline, number: int) -> None:
    """The pictures and the sound of a part are moved together."""
    if not timeline.sounds:
        return
    names = [("video", 1, f"video-{number}"), *(("audio", k, f"audio-{k}-{number}") for k in range(1, CHANNELS + 1))]
    for kind, track, name in names:
        _add_texts(_add_element(item, "link"), linkclipref=name, mediatype=kind, trackindex=track, clipindex=number)


def _describe_file(file: ET.Element, timeline: FilmTimeline) -> None:
    _add_texts(file, name=timeline.address.rpartition("/")[2], pathurl=timeline.address)
    _add_rate(file, timeline)
    _add_texts(file, duration=timeline.frames)
    inside = _add_element(file, "media")
    about = _add_element(_add_element(inside, "video"), "samplecharacteristics")
    _add_rate(about, timeline)
    _add_picture(about, timeline)
    if timeline.sounds:
        audio = _add_element(inside, "audio")
        _add_texts(_add_element(audio, "samplecharacteristics"), depth=16, samplerate=SAMPLE_RATE)
        _add_texts(audio, channelcount=CHANNELS)


def _add_picture(about: ET.Element, timeline: FilmTimeline) -> None:
    _add_texts(about, width=timeline.width, height=timeline.height, anamorphic="FALSE")
    _add_texts(about, pixelaspectratio="square", fielddominance="none")


def _add_rate(parent: ET.Element, timeline: FilmTimeline) -> None:
    whole, slow = timeline.rate
    _add_texts(_add_element(parent, "rate"), timebase=whole, ntsc="TRUE" if slow else "FALSE")


def _add_element(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)


def _add_texts(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        _add_element(parent, name).text = UNPRINTABLE.sub("", str(value))


def _file_url(path: Path) -> str:
    return f"file://localhost/{quote(path.as_posix().lstrip('/'))}"
