"""Frames by number and by moment: a source is read once in order of time, and a canvas only as far as it is needed."""

from collections.abc import Iterator
from math import inf

import numpy as np
import pytest

from yozora.films.retiming import Clock, Format, FrameReader, Made

TARGET = Format(width=8, height=4, fps=10.0)


def frame(value: int) -> np.ndarray:
    return np.full((4, 8, 3), value, np.uint8)


class Counted:
    """A source of some frames that counts how often it is opened and what is read of it."""

    def __init__(self, frames: int) -> None:
        self.count, self.opened, self.read = frames, 0, 0

    def frames(self, start: float = 0.0) -> Iterator[np.ndarray]:
        self.opened += 1
        for number in range(round(start * TARGET.fps), self.count):
            self.read += 1
            yield frame(number)


def made(*lengths: int) -> tuple[Made, list[int]]:
    """A canvas that decodes to pieces of such lengths, and which of them were asked for."""
    asked: list[int] = []

    def decoded() -> Iterator[np.ndarray]:
        first = 0
        for number, length in enumerate(lengths):
            asked.append(number)
            yield np.stack([frame(first + k) for k in range(length)]) if length else np.empty((0, 4, 8, 3), np.uint8)
            first += length

    return Made(decoded()), asked


def value(picture: np.ndarray) -> int:
    return int(picture[0, 0, 0])


def test_a_source_is_opened_once_for_what_comes_in_order() -> None:
    source = Counted(20)
    shown = FrameReader(source, TARGET.fps)
    assert [value(shown.at(number)) for number in (3, 4, 4, 9, 19)] == [3, 4, 4, 9, 19]
    assert (source.opened, source.read) == (1, 17)
    assert value(shown.at(2)) == 2
    assert source.opened == 2


def test_past_its_end_a_source_shows_its_last_frame() -> None:
    shown = FrameReader(Counted(5), TARGET.fps)
    assert value(shown.at(7)) == 4
    assert value(FrameReader(Counted(5), TARGET.fps).at(300)) == 4
    with pytest.raises(ValueError, match="no frame"):
        FrameReader(Counted(0), TARGET.fps).at(3)


def test_a_canvas_is_decoded_as_far_as_it_is_asked_for() -> None:
    canvas, asked = made(1, 4, 4, 4)
    assert value(canvas.at(canvas.number(3))) == 3
    assert asked == [0, 1]
    assert canvas.number(99) == 12
    assert asked == [0, 1, 2, 3]


def test_what_was_forgotten_is_let_go_and_what_is_needed_is_not() -> None:
    canvas, _ = made(1, 4, 4, 4)
    canvas.chunk(4)
    canvas.forget(5)
    canvas.chunk(8)
    assert canvas.number(0) >= 5  # the nearest that there is
    kept, _ = made(1, 4, 4, 4)
    kept.needed = 2
    kept.chunk(4)
    kept.forget(inf)
    kept.chunk(12)
    assert value(kept.at(kept.number(2))) == 2


def test_a_canvas_without_frames_is_no_canvas() -> None:
    for lengths in ((), (0, 0)):
        with pytest.raises(ValueError, match="no frame"):
            made(*lengths)[0].chunk(0)


@pytest.mark.parametrize(("rate", "number", "moment"), [(10.0, 7, 7.0), (5.0, 7, 3.5), (20.0, 3, 6.0)])
def test_a_clock_tells_the_models_frame_by_its_anchor(rate: float, number: int, moment: float) -> None:
    canvas, _ = made(9)
    assert Clock([(0.0, 0.0)], canvas, rate, TARGET).moment(number) == pytest.approx(moment)


def test_two_anchors_set_the_pace() -> None:
    canvas, _ = made(9)
    clock = Clock([(0.5, 2.0), (1.5, 6.0)], canvas, 10.0, TARGET)
    assert clock.slope == 4.0
    assert [clock.moment(number) for number in (5, 10, 15)] == pytest.approx([2.0, 4.0, 6.0])


def test_a_frame_that_is_met_is_shown_as_it_is() -> None:
    canvas, _ = made(9)
    clock = Clock([(0.0, 0.0)], canvas, 10.0, TARGET)
    assert [value(clock.at(number)) for number in (0, 3, 8, 20)] == [0, 3, 8, 8]


def test_between_two_frames_something_between_is_shown() -> None:
    canvas, _ = made(9)
    between = Clock([(0.0, 0.0)], canvas, 5.0, TARGET).at(1)
    assert 0 <= value(between) <= 1
    assert between.shape == (4, 8, 3)
