"""A finished film out of what its shots show: frames of sources as they are, and between them the model's.

What is kept leaves in the source's own pixels. What was invented is brought to the film's size and rate, in between by
optical flow, with its colours and sharpness matched to the kept frames beside it. Frames stream: however long a film
is, a second or two of them is held. Knows no modes, no models and no files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal, TypeVar

from yozora.core.timeline import Box, Changed, Invented, Kept, Piece
from yozora.films.film import Sound

if TYPE_CHECKING:
    pass
from yozora.films.retiming import WHOLE, Clock, FilmSource, Format, FrameReader, Frames, Made, Picture

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finished:
    """The next frames of a film, uint8 `[t, H, W, 3]`, and whether a model had its hand in them: in a `region` alone
    where there is one.
    """

    frames_THWC: Frames
    changed: bool
    region: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceSpan:
    """A piece with the frames [first, stop) of the shot at which it is shown; `begin` is the frame of its source with
    which it begins.
    """

    piece: Piece
    first: int
    stop: int
    begin: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stock:
    """All that a shot is put together from."""

    spans: Sequence[PieceSpan]
    made: "Made"
    rate: float
    readers: "Mapping[int, FrameReader]"
    target: Format

    def clock(self, index: int) -> "Clock":
        """The model's frames as piece `index` shows them."""
        piece = self.spans[index].piece
        assert not isinstance(piece, Kept)
        return Clock(piece.anchors, self.made, self.rate, self.target)

    def least(self, index: int) -> float:
        """The first of the model's frames that piece `index` and the seams at its ends need."""
        span = self.spans[index]
        if isinstance(span.piece, Kept):
            return inf
        clock = self.clock(index)
        return min(clock.moment(span.first - 1), clock.moment(span.stop)) - 1


def assemble(
    pieces: Sequence[Piece],
    decoded: Iterator[Frames],
    rate: float,
    sources: Mapping[int, FilmSource] | Sequence[FilmSource],
    target: Format,
) -> Iterator[Finished]:
    """The frames of one shot, in turn.

    `decoded` are all frames that the shot's canvas decodes to, uint8 `[t, h, w, 3]` in pieces of any length, `rate` a
    second; it is read only as far as needed. `sources` have the film's size and rate.

    Pieces begin at the frames that are nearest to their seconds, counted from the shot's beginning, so that nothing
    adds up: a shot has as many frames as all of its seconds. For a shot that is all invented, of M frames of the model,
    `invented_seconds` tells how long its piece is. A `Kept` piece of 0 seconds shows nothing, but what was invented
    beside it is matched to its frame: so a film ends where it begins. A `Changed` piece without a region is shown as
    an invented one. Raises `ValueError` for a source or a canvas without frames.
    """
    spans, made = spans_of(pieces, target.fps), Made(decoded)
    readers = {index: FrameReader(source, target.fps) for index, source in _numbered(sources).items()}
    stock = Stock(spans=spans, made=made, rate=rate, readers=readers, target=target)
    least = [stock.least(index) for index in range(len(spans))]
    for index, span in enumerate(spans):
        piece, made.needed = span.piece, min(least[index + 1 :], default=inf)
        made.forget(least[index])
        if isinstance(piece, Kept):
            for number in range(span.begin, span.begin + span.stop - span.first):
                yield Finished(frames_THWC=readers[piece.source].at(number)[None], changed=False)
        elif isinstance(piece, Changed) and piece.region is not None:
            yield from _inside(stock, index)
        else:
            before, after = _nearest_kept(spans, index, -1), _nearest_kept(spans, index, 1)
            yield from _match_kept(stock, index, before, after) if before or after else _resample_invented(stock, index)


def invented_seconds(frames: int, rate: float, fps: float) -> float:
    """How long a shot is that shows all of a model's `frames`, `rate` a second, at `fps`: its last frame is the
    model's last one, or what is nearest.
    """
    return (int((frames - 1) * fps / rate + 0.5) + 1) / fps


def spans_of(pieces: Sequence[Piece], fps: float) -> list[PieceSpan]:
    """At which frames of the shot each piece is shown. A piece that goes on in a source where the one before it stopped
    leaves no frame out and shows none twice.
    """
    spans: list[PieceSpan] = []
    seconds, first = 0.0, 0
    for piece in pieces:
        seconds += piece.seconds
        stop = max(first, _frame(seconds, fps))
        begin = 0 if isinstance(piece, Invented) else _frame(piece.start, fps)
        if spans and _goes_on(spans[-1].piece, piece, fps):
            begin = spans[-1].begin + spans[-1].stop - spans[-1].first
        spans.append(PieceSpan(piece=piece, first=first, stop=stop, begin=begin))
        first = stop
    return spans


def _goes_on(before: Piece, piece: Piece, fps: float) -> bool:
    if isinstance(before, Invented) or isinstance(piece, Invented) or before.source != piece.source:
        return False
    return abs(before.start + before.seconds - piece.start) * fps < 0.5


def _frame(seconds: float, fps: float) -> int:
    """The frame that begins nearest to a second."""
    return int(seconds * fps + 0.5 + 1e-6)


def sound_of(pieces: Sequence[Piece], sounds: Mapping[int, Sound] | Sequence[Sound | None], fps: float) -> Sound | None:
    """The sound of one shot: the sound of each source where its pictures are shown, in step with them.

    None where nothing sounds. A source that is kept from its beginning to its end sounds as it is.
    """
    from yozora.media.mixing import mixed

    spans, numbered = spans_of(pieces, fps), _numbered(sounds)
    runs: list[tuple[int, int, int, int]] = []  # source, and in frames: where it begins in the film and in it, how long
    for span in spans:
        piece, length = span.piece, span.stop - span.first
        if isinstance(piece, Invented) or (isinstance(piece, Changed) and not piece.sounds) or not length:
            continue
        start = span.begin
        if runs and runs[-1][0] == piece.source and runs[-1][1] + runs[-1][3] == span.first:
            source, first, begin, before = runs[-1]
            if begin + before == start:
                runs[-1] = (source, first, begin, before + length)
                continue
        runs.append((piece.source, span.first, start, length))
    total = spans[-1].stop if spans else 0
    parts = []
    for source, first, begin, length in runs:
        sound = numbered.get(source)
        if sound is None:
            continue
        if (first, begin, length) == (0, 0, total):
            return sound.cut(0.0, total / fps)
        parts.append((first / fps, sound.cut(begin / fps, (begin + length) / fps)))
    return mixed(parts, total / fps)


def _resample_invented(stock: Stock, index: int) -> Iterator[Finished]:
    """A piece that has no kept frames beside it. At the model's own rate and size its chunks pass as they are."""
    span, made, target, clock = stock.spans[index], stock.made, stock.target, stock.clock(index)
    number, start = span.first, clock.moment(span.first)
    steady = abs(clock.slope / target.fps - 1) < 1e-9 and abs(start - round(start)) <= WHOLE
    while number < span.stop:
        some = None
        if steady:
            position = round(start) + number - span.first
            first, frames = made.chunk(max(0, position))
            inside = slice(position - first, position - first + span.stop - number)
            if 0 <= inside.start < len(frames) and frames.shape[1:3] == (target.height, target.width):
                some = frames if inside.start == 0 and inside.stop >= len(frames) else frames[inside]
        if some is None:
            some = _sized(clock.at(number), target)[None]
        yield Finished(frames_THWC=some, changed=True)
        number += len(some)
        made.forget(clock.moment(number) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The kept frame beside what was invented: number `number` of a source, frame `at` of the shot, where it is shown
    or would be; `beside` is the piece that it meets.
    """

    source: int
    number: int
    at: int
    beside: int


def _nearest_kept(spans: Sequence[PieceSpan], index: int, step: Literal[-1, 1]) -> Neighbour | None:
    """The nearest kept frame before (-1) or after (1) a piece, with nothing but invented ones between."""
    while 0 <= index + step < len(spans):
        span = spans[index + step]
        piece = span.piece
        if isinstance(piece, Kept):
            last = max(0, span.stop - span.first - 1) if step < 0 else 0
            at = span.stop - 1 if step < 0 else span.first
            return Neighbour(source=piece.source, number=span.begin + last, at=at, beside=index)
        if isinstance(piece, Changed) and piece.region is not None:
            return None
        index += step
    return None


def _match_kept(stock: Stock, index: int, before: Neighbour | None, after: Neighbour | None) -> Iterator[Finished]:
    """A piece of the model's frames alone, matched to the kept frames around it."""
    from yozora.media import seam

    def seam_beside(side: Neighbour) -> seam.Seam:
        seen_hwc = stock.clock(side.beside).at(side.at)
        return seam.Seam.between(stock.readers[side.source].at(side.number), seen_hwc)

    span, target, clock = stock.spans[index], stock.target, stock.clock(index)
    reach = seam.COLOUR_SECONDS * target.fps
    first = seam_beside(before) if before is not None and span.first - before.at < reach else None
    last: seam.Seam | None = None
    for number in range(span.first, span.stop):
        near = []
        if before is not None and number - before.at >= reach:
            first = None
        if before is not None and first is not None:
            near.append((first, (number - before.at) / target.fps))
        if after is not None and after.at - number < reach:
            last = seam_beside(after) if last is None else last  # reads ahead; the frames until then are held
            near.append((last, (after.at - number) / target.fps))
        picture_HWC = seam.match_seams(clock.at(number), target.width, target.height, near)
        yield Finished(frames_THWC=picture_HWC[None], changed=True)
        stock.made.forget(clock.moment(number) - 1)


def _inside(stock: Stock, index: int) -> Iterator[Finished]:
    """A piece in whose region alone the model's frames are shown."""
    from yozora.media import seam

    span, clock = stock.spans[index], stock.clock(index)
    piece = span.piece
    assert isinstance(piece, Changed)
    assert piece.region is not None
    for number in range(span.first, span.stop):
        source_HWC = stock.readers[piece.source].at(span.begin + number - span.first)
        picture_HWC = seam.inside(source_HWC, clock.at(number), piece.region)
        yield Finished(frames_THWC=picture_HWC[None], changed=True, region=piece.region)
        stock.made.forget(clock.moment(number) - 1)


def _numbered(things: Mapping[int, T] | Sequence[T]) -> Mapping[int, T]:
    return things if isinstance(things, Mapping) else dict(enumerate(things))


def _sized(picture_HWC: Picture, target: Format) -> Picture:
    if picture_HWC.shape[:2] == (target.height, target.width):
        return picture_HWC
    from yozora.media.scale import scaled

    return scaled(picture_HWC, target.width, target.height)
