import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yozora import media
from yozora.core.timeline import Changed, Invented, Kept, Piece
from yozora.films.assembly import Finished, assemble, invented_seconds, sound_of
from yozora.films.film import Sound
from yozora.films.retiming import Format
from yozora.media.scale import scaled

Frames = NDArray[np.uint8]


class FakeSource:
    """Frames of noise, each its own; counts how often it is opened and how many frames are read."""

    def __init__(self, count: int, height: int, width: int, fps: float, seed: int = 0) -> None:
        shape = (count, height, width, 3)
        self.all, self.fps = np.random.default_rng(seed).integers(0, 255, shape, np.uint8), fps
        self.starts: list[float] = []
        self.read = 0

    def frames(self, start: float = 0.0) -> Iterator[Frames]:
        self.starts.append(start)
        for frame in self.all[int(start * self.fps + 0.5) :]:
            self.read += 1
            yield frame


def levels(count: int, height: int = 16, width: int = 28) -> list[Frames]:
    """What a model made: grey frames that get lighter by 4 each, one alone and then four at a time."""
    frames = np.stack([np.full((height, width, 3), 4 * k, np.uint8) for k in range(count)])
    return [frames[:1], *np.split(frames[1:], range(4, count - 1, 4))]


def frames_of(finished: Sequence[Finished]) -> Frames:
    return np.concatenate([each.frames_THWC for each in finished])


def made(
    pieces: Sequence[Piece],
    decoded: Sequence[Frames] = (),
    fakes: Sequence[FakeSource] = (),
    *,
    size: tuple[int, int] = (28, 16),
    fps: float = 16.0,
) -> list[Finished]:
    target = Format(width=size[0], height=size[1], fps=fps)
    return list(assemble(pieces, iter(decoded), 16.0, fakes, target))


def test_a_film_of_words_is_what_the_model_made_untouched() -> None:
    chunks = levels(33)
    finished = made([Invented(seconds=invented_seconds(33, 16, 16))], chunks)
    assert [each.frames_THWC is chunk for each, chunk in zip(finished, chunks, strict=True)] == [True] * len(chunks)
    assert all(each.changed for each in finished)


def test_such_a_film_needs_no_flow() -> None:
    code = """
import sys, numpy as np
from yozora.films.assembly import *
from yozora.core.timeline import Invented
chunks = [np.zeros((4, 16, 28, 3), np.uint8)] * 3
film = list(assemble([Invented(seconds=0.75)], iter(chunks), 16.0, [], Format(width=28, height=16, fps=16.0)))
assert sum(len(each.frames_THWC) for each in film) == 12
assert "cv2" not in sys.modules and "av" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_part_of_what_was_made_is_shown_by_its_anchor() -> None:
    film = frames_of(made([Invented(seconds=0.5, anchors=((0.0, 9.0),))], levels(33)))
    assert film[:, 0, 0, 0].tolist() == [4 * (9 + k) for k in range(8)]
    late = frames_of(made([Invented(seconds=0.5, anchors=((0.25, 9.0),))], levels(33)))
    assert late[:, 0, 0, 0].tolist() == [4 * (5 + k) for k in range(8)]


@pytest.mark.parametrize("fps", [16.0, 24.0, 30.0, 60.0, 12.0, 30000 / 1001])
@pytest.mark.parametrize("frames", [1, 2, 33])
def test_another_rate_shows_the_same_in_the_same_time(fps: float, frames: int) -> None:
    film = frames_of(made([Invented(seconds=invented_seconds(frames, 16, fps))], levels(frames), fps=fps))
    assert len(film) == int((frames - 1) * fps / 16 + 0.5) + 1
    wanted = [min(4 * (frames - 1), 4 * k * 16 / fps) for k in range(len(film))]
    assert np.abs(film[:, 8, 14, 0] - np.array(wanted)).max() <= 4


def test_two_anchors_are_both_met() -> None:
    anchors = ((0.0, 3.0), (1.0, 23.0))
    film = frames_of(made([Invented(seconds=1.25, anchors=anchors)], levels(33)))
    assert (film[0, 0, 0, 0], film[16, 0, 0, 0]) == (12, 92)
    assert film[19, 8, 14, 0] == pytest.approx(4 * (3 + 19 * 20 / 16), abs=4)


def test_what_lies_beyond_the_canvas_is_its_first_or_last_frame() -> None:
    film = frames_of(made([Invented(seconds=1.0, anchors=((0.0, -3.0),))], levels(9)))
    assert film[:, 0, 0, 0].tolist() == [0, 0, 0, *(4 * k for k in range(9)), *[32] * 4]


@pytest.mark.parametrize(
    ("fps", "size"), [(24.0, (64, 36)), (30.0, (64, 36)), (30000 / 1001, (28, 16)), (16.0, (28, 16))]
)
def test_kept_frames_come_out_as_they_went_in(fps: float, size: tuple[int, int]) -> None:
    fake = FakeSource(37, size[1], size[0], fps)
    pieces = [Kept(source=0, seconds=37 / fps), Invented(seconds=0.7, anchors=((36 / fps, 8.0),))]
    finished = made(pieces, levels(33), [fake], size=size, fps=fps)
    kept = frames_of([each for each in finished if not each.changed])
    assert np.array_equal(kept, fake.all)
    assert [each.changed for each in finished] == [False] * 37 + [True] * (int((37 / fps + 0.7) * fps + 0.5) - 37)


@pytest.mark.parametrize("rate", [24, 30])
def test_a_file_that_goes_on_keeps_its_pixels(tmp_path: Path, rate: int) -> None:
    path, true = tmp_path / "a.mp4", smooth(2 * rate, 96, 168)
    with media.Writer(path, 168, 96, rate, {}) as writer:
        writer.add(true)
    fake = media.open(path, width=168, height=96, fps=media.probe(path).fps)
    stored = media.read(path).frames
    model = soft(np.stack([frame for k, frame in enumerate(smooth(128, 96, 168)) if k % 2 == 0]))
    pieces = [
        Kept(source=0, seconds=1.0),
        Invented(seconds=0.5, anchors=((1 - 1 / rate, (rate - 1) / 2),)),
        Kept(source=0, seconds=0.5, start=1.5),
    ]
    finished = list(assemble(pieces, iter([model]), rate / 2, [fake], Format(width=168, height=96, fps=rate)))
    film = frames_of(finished)
    assert np.array_equal(film[:rate], stored[:rate])
    assert np.array_equal(film[rate * 3 // 2 :], stored[rate * 3 // 2 :])
    between = film[rate : rate * 3 // 2].astype(int)
    assert np.abs(between - stored[rate : rate * 3 // 2]).mean() < 4


def test_lengths_never_drift() -> None:
    fake = FakeSource(400, 8, 8, 30.0)
    pieces = [Kept(source=0, seconds=0.11, start=k * 0.11) for k in range(100)]
    finished = made(pieces, levels(5, 8, 8), [fake], size=(8, 8), fps=30.0)
    film = frames_of(finished)
    assert len(film) == 330
    assert fake.starts == [0.0]


def test_spans_of_a_source_are_read_in_one_go_and_backward_anew() -> None:
    fake = FakeSource(100, 8, 8, 16.0)
    pieces = [
        Kept(source=0, seconds=1.0),
        Kept(source=0, seconds=1.0, start=3.0),
        Kept(source=0, seconds=0.5, start=0.5),
    ]
    film = frames_of(made(pieces, [], [fake], size=(8, 8)))
    assert np.array_equal(film, np.concatenate([fake.all[:16], fake.all[48:64], fake.all[8:16]]))
    assert fake.starts == [0.0, 0.5]


def test_a_still_is_one_frame() -> None:
    fake = FakeSource(1, 36, 64, 24.0)
    pieces = [Kept(source=0, seconds=1 / 24), Invented(seconds=1.0)]
    finished = made(pieces, levels(33), [fake], size=(64, 36), fps=24.0)
    assert [each.changed for each in finished] == [False, *[True] * 24]
    assert np.array_equal(finished[0].frames_THWC[0], fake.all[0])


def test_a_source_that_breaks_off_stands() -> None:
    fake = FakeSource(5, 8, 8, 16.0)
    film = frames_of(made([Kept(source=0, seconds=0.5)], [], [fake], size=(8, 8)))
    assert np.array_equal(film, fake.all[[0, 1, 2, 3, 4, 4, 4, 4]])
    with pytest.raises(ValueError, match="no frame"):
        made([Kept(source=0, seconds=0.5)], [], [FakeSource(0, 8, 8, 16.0)], size=(8, 8))
    with pytest.raises(ValueError, match="no frame"):
        made([Invented(seconds=0.5)], [])


def smooth(count: int, height: int, width: int) -> Frames:
    """A pattern that wanders to the right."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / width, y / height
    frames = [
        128 + 60 * np.sin(9 * (x - 0.01 * k) + 5 * y) + 40 * np.cos(14 * y - 7 * (x - 0.01 * k)) for k in range(count)
    ]
    return np.stack(frames).clip(0, 255).astype(np.uint8)[..., None].repeat(3, -1)


def soft(frames_THWC: Frames) -> Frames:
    """As a model has them: small and darker."""
    return np.stack([scaled(frame, 56, 32) for frame in frames_THWC]) // 8 * 7


def test_colours_are_led_over_on_both_sides() -> None:
    true = smooth(40, 96, 168)
    fake = FakeSource(40, 96, 168, 16.0)
    fake.all = true
    pieces = [
        Kept(source=0, seconds=1.0),
        Invented(seconds=0.5, anchors=((15 / 16, 15.0),)),
        Kept(source=0, seconds=1.0, start=1.5),
    ]
    finished = made(pieces, [soft(true)], [fake], size=(168, 96))
    film = frames_of(finished)
    steps = [float(np.abs(a.astype(int) - b).mean()) for a, b in pairwise(film)]
    assert np.array_equal(film[:16], true[:16])
    assert np.array_equal(film[24:], true[24:40])
    assert max(steps[15:24]) < 2 * np.median(steps)
    assert float(np.abs(film[16:24].astype(int) - true[16:24]).mean()) < 3


def test_a_kept_piece_of_no_time_is_led_up_to() -> None:
    true = smooth(24, 96, 168)
    fake = FakeSource(24, 96, 168, 16.0)
    fake.all = true
    pieces = [Invented(seconds=0.5, anchors=((0.0, 0.0),)), Kept(source=0, seconds=0.0, start=0.5)]
    film = frames_of(made(pieces, [soft(true)], [fake], size=(168, 96)))
    assert len(film) == 8
    assert np.abs(film[-1].astype(int) - true[7]).mean() < 3 < np.abs(film[-1].astype(int) - true[8]).mean() + 3


def test_a_change_without_a_region_lies_between_kept_frames_as_an_invention_does() -> None:
    true = smooth(40, 96, 168)
    fakes = [FakeSource(40, 96, 168, 16.0), FakeSource(40, 96, 168, 16.0)]
    for fake in fakes:
        fake.all = true
    halves = [
        Changed(source=0, seconds=0.25, start=1.0, anchors=((1.0, 16.0),)),
        Changed(source=1, seconds=0.25, start=1.25, anchors=((1.25, 20.0),)),
    ]
    pieces = [Kept(source=0, seconds=1.0), *halves, Kept(source=1, seconds=1.0, start=1.5)]
    finished = made(pieces, [soft(true)], fakes, size=(168, 96))
    film = frames_of(finished)
    assert [each.changed for each in finished] == [False] * 16 + [True] * 8 + [False] * 16
    assert float(np.abs(film[16:24].astype(int) - true[16:24]).mean()) < 3


def test_only_the_region_of_a_change_is_changed() -> None:
    fake = FakeSource(32, 96, 168, 16.0)
    fake.all = smooth(32, 96, 168)
    painted = np.full((33, 32, 56, 3), 250, np.uint8)
    pieces = [
        Kept(source=0, seconds=0.5),
        Changed(source=0, seconds=1.0, start=0.5, region=(0.25, 0.25, 0.25, 0.5), anchors=((0.0, 0.0),)),
        Kept(source=0, seconds=0.5, start=1.5),
    ]
    finished = made(pieces, [painted], [fake], size=(168, 96))
    differs = (frames_of(finished) != fake.all).any(-1)
    assert not differs[:8].any()
    assert not differs[24:].any()
    rows, columns = np.nonzero(differs.any(0))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (24, 71, 42, 83)
    assert [each.changed for each in finished] == [False] * 8 + [True] * 16 + [False] * 8


class Counted:
    """A stream of frames that knows how many of its chunks are alive."""

    def __init__(self, count: int, height: int = 16, width: int = 28) -> None:
        self.count, self.shape = count, (4, height, width, 3)
        self.given = self.alive = self.most = 0

    def __iter__(self) -> Iterator[Frames]:
        for _ in range(self.count):
            chunk = np.zeros(self.shape, np.uint8)
            weakref.finalize(chunk, self.gone)
            self.given, self.alive = self.given + 1, self.alive + 1
            self.most = max(self.most, self.alive)
            yield chunk
            del chunk

    def gone(self) -> None:
        self.alive -= 1


@pytest.mark.parametrize("fps", [16.0, 24.0])
def test_memory_does_not_grow_with_the_film(fps: float) -> None:
    stream = Counted(500)
    pieces = [Invented(seconds=120.0)]
    target = Format(width=28, height=16, fps=fps)
    shown = 0
    gc.disable()
    try:
        for finished in assemble(pieces, iter(stream), 16.0, [], target):
            shown += len(finished.frames_THWC)
    finally:
        gc.enable()
    assert shown == 120 * fps
    assert stream.most <= 4
    assert stream.given <= 481


def test_a_known_tail_and_what_is_held_for_a_seam_are_let_go() -> None:
    stream, fake = Counted(500), FakeSource(64, 16, 28, 16.0)
    pieces = [
        Kept(source=0, seconds=1.0),
        Invented(seconds=60.0, anchors=((0.0, 800.0),)),
        Kept(source=0, seconds=1.0, start=1.0),
    ]
    shown = sum(
        len(each.frames_THWC)
        for each in assemble(pieces, iter(stream), 16.0, [fake], Format(width=28, height=16, fps=16.0))
    )
    assert shown == 62 * 16
    assert stream.most <= 11  # a second and a half before the seam, and some
    assert stream.given <= 446


@pytest.mark.parametrize("fps", [16.0, 24.0, 30.0])
def test_what_goes_on_in_a_source_leaves_no_frame_out(fps: float) -> None:
    fake = FakeSource(300, 8, 8, fps)
    pieces = [Kept(source=0, seconds=0.77), *(Kept(source=0, seconds=0.11, start=3.02 + 0.11 * k) for k in range(20))]
    film = frames_of(made(pieces, [], [fake], size=(8, 8), fps=fps))[round(0.77 * fps) :]
    first = int(3.02 * fps + 0.5)
    assert np.array_equal(film, fake.all[first : first + len(film)])


def test_nothing_is_decoded_for_what_is_kept() -> None:
    stream, fake = Counted(9), FakeSource(16, 16, 28, 16.0)
    made([Kept(source=0, seconds=1.0)], [], [fake])
    list(assemble([Kept(source=0, seconds=1.0)], iter(stream), 16.0, [fake], Format(width=28, height=16, fps=16.0)))
    assert stream.given == 0


def test_what_juts_out_is_cut_off_where_nothing_may_be_stretched() -> None:
    chunk = np.zeros((1, 128, 224, 3), np.uint8)
    chunk[:, :1], chunk[:, -1:] = 255, 255
    target = Format(width=448, height=252, fps=16.0, fit="crop")
    (finished,) = assemble([Invented(seconds=1 / 16)], iter([chunk]), 16.0, [], target)
    assert finished.frames_THWC.shape == (1, 252, 448, 3)
    assert not finished.frames_THWC.any()


RATE = 48_000


def clicks(seconds: float) -> Sound:
    """A click every quarter of a second, each of its own loudness."""
    samples = np.zeros((round(seconds * RATE), 1), np.float32)
    for k in range(int(seconds * 4)):
        at = k * RATE // 4 + 600
        samples[at : at + 40] = 0.1 + 0.8 * ((k * 7) % 11) / 11
    return Sound(samples=samples, rate=RATE)


def lag(heard: Sound, wanted: NDArray[np.float32], at: float) -> float:
    """By how many seconds what is heard from `at` on is late."""
    part = heard.samples[round(at * RATE) - 4800 :][: len(wanted) + 9600, 0]
    scores = np.correlate(part, wanted, "valid")
    return (int(scores.argmax()) - 4800) / RATE


@pytest.mark.parametrize("fps", [16.0, 24.0, 30000 / 1001])
def test_sound_is_in_step_with_what_is_kept(fps: float) -> None:
    sound = clicks(6.0)
    pieces = [
        Kept(source=0, seconds=1.51),
        Invented(seconds=0.77),
        Kept(source=0, seconds=1.03, start=3.02),
        Changed(source=0, seconds=0.7, start=4.05),
        Changed(source=0, seconds=0.4, start=1.0, sounds=False),
    ]
    heard = sound_of(pieces, [sound], fps)
    assert heard is not None
    assert heard.seconds == pytest.approx(4.41, abs=1 / fps)
    assert abs(lag(heard, sound.cut(0.2, 1.3).samples[:, 0], 0.2)) < 1 / fps
    assert abs(lag(heard, sound.cut(3.2, 4.6).samples[:, 0], 2.28 + 0.18)) < 1 / fps
    assert not heard.cut(1.6, 2.2).samples.any()
    assert not heard.cut(4.1, 4.4).samples.any()
    whole = heard.cut(2.28 + 0.9, 2.28 + 1.2).samples  # over the border of two pieces that follow each other
    assert np.abs(whole).max() == pytest.approx(np.abs(sound.cut(3.92, 4.22).samples).max(), rel=1e-6)


def test_a_source_that_is_kept_whole_sounds_as_it_is() -> None:
    sound = clicks(2.0)
    heard = sound_of([Kept(source=0, seconds=1.0), Kept(source=0, seconds=1.0, start=1.0)], {0: sound}, 16.0)
    assert heard is not None
    assert np.array_equal(heard.samples, sound.samples)
    assert sound_of([Invented(seconds=1.0)], [], 16.0) is None
    assert sound_of([Kept(source=0, seconds=1.0)], [None], 16.0) is None
