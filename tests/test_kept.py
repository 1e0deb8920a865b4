"""What a mode keeps of its sources comes out as it went in: at their size and rate, and every pixel."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from yozora import api, media
from yozora.engine.engine import Engine
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films import making, orders
from yozora.films.film import Film, Sound
from yozora.story.board import Board, Card
from yozora.world.distributions import LIVELY_SCENES
from yozora.world.draw import draw_scene
from yozora.world.render import render

Frames = NDArray[np.uint8]
SIZES = ((640, 360), (1920, 1080))
RATES = (24.0, 30.0)
COUNT = 10  # frames of a clip


@pytest.fixture(autouse=True)
def toys(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are made by the toy."""
    monkeypatch.setattr(presets, "PRESETS", {**presets.PRESETS, "mini": replace(toy, name="mini", steps=1)})
    api._engine.cache_clear()


@pytest.fixture
def clip(make_film: Callable[..., Film]) -> Callable[..., Film]:
    """A film with fine noise, so that no frame is like another and nothing is left after scaling."""

    def make(size: tuple[int, int], fps: float, count: int = COUNT, seed: int = 0) -> Film:
        noise = np.random.default_rng(seed).integers(0, 256, (count, size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
        frames = noise.repeat(8, axis=1).repeat(8, axis=2)[:, : size[1], : size[0]]
        frames[:, ::3, ::5] ^= 21
        return Film(frames, fps)

    return make


Check = Callable[[Film, Film, Film], None]


def all_of_it(made: Film, a: Film, b: Film) -> None:
    assert np.array_equal(made.frames[: len(a.frames)], a.frames)
    assert len(made.frames) > len(a.frames)


def at_the_end(made: Film, a: Film, b: Film) -> None:
    assert np.array_equal(made.frames[-len(a.frames) :], a.frames)
    assert len(made.frames) > len(a.frames)


def both_ends(made: Film, a: Film, b: Film) -> None:
    shared = round(a.fps / 6)
    first, rest = len(a.frames) - shared, len(b.frames) - shared
    assert np.array_equal(made.frames[:first], a.frames[:first])
    assert np.array_equal(made.frames[-rest:], b.frames[-rest:])
    assert len(made.frames) == len(a.frames) + len(b.frames) - shared


def two_spans(made: Film, a: Film, b: Film) -> None:
    first, last = round(0.1 * a.fps), round(0.25 * a.fps)
    assert np.array_equal(made.frames[:first], a.frames[:first])
    assert np.array_equal(made.frames[last:], a.frames[last:])
    assert len(made.frames) == len(a.frames)
    assert not np.array_equal(made.frames[first:last], a.frames[first:last])


def outside(made: Film, a: Film, b: Film) -> None:
    height, width = a.frames.shape[1:3]
    mask = np.ones((height, width), np.bool_)
    mask[round(0.25 * height) : round(0.75 * height), round(0.5 * width) : width] = False
    assert np.array_equal(made.frames[:, mask], a.frames[:, mask])
    assert not np.array_equal(made.frames[:, ~mask], a.frames[:, ~mask])


def unchanged(made: Film, a: Film, b: Film) -> None:
    assert np.array_equal(made.frames, a.frames)


def first_and_last(made: Film, a: Film, b: Film) -> None:
    assert np.array_equal(made.frames[0], a.frames[0])
    assert np.array_equal(made.frames[-1], b.frames[0])


def on_its_card(made: Film, a: Film, b: Film) -> None:
    count = round(0.25 * a.fps)
    assert np.array_equal(made.frames[:count], a.frames[:count])


MODES: dict[str, tuple[Callable[[Film, Film], Film], Check]] = {
    "extend": (lambda a, b: api.extend(a, "a car", seconds=0.2), all_of_it),
    "backward": (lambda a, b: api.extend(a, "a car", seconds=0.2, backward=True), at_the_end),
    "loop": (lambda a, b: api.loop(a, "a car", seconds=0.2), all_of_it),
    "blend": (lambda a, b: api.blend(a, b, "a car", seconds=1 / 6), both_ends),
    "recut": (lambda a, b: api.recut(a, [(0, 0.1), (0.25, 9)], "a car"), two_spans),
    "edit": (lambda a, b: api.edit(a, "a car", region=(0.5, 0.25, 0.5, 0.5)), outside),
    "remix": (lambda a, b: api.remix(a, "a car", strength=0), unchanged),
    "pictures": (lambda a, b: api.generate("a car", image=a, last=b, fps=a.fps, seconds=0.5), first_and_last),
}


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", MODES)
def test_kept_frames_are_bit_exact(mode: str, size: tuple[int, int], fps: float, clip: Callable[..., Film]) -> None:
    a, b = clip(size, fps), clip(size, fps, seed=1)
    make, check = MODES[mode]
    made = make(a, b)
    assert (made.frames.shape[2], made.frames.shape[1]) == size
    assert made.fps == fps
    check(made, a, b)


@pytest.mark.parametrize("fps", RATES)
def test_clips_on_cards_are_bit_exact(fps: float, clip: Callable[..., Film], tmp_path: Path) -> None:
    film = clip((640, 360), fps)
    path = media.write(tmp_path / "clip.mp4", film)
    card = Card(start=0.0, stop=0.5, prompt="a car", clip=path)
    board = Board(cards=(card, Card(start=0.5, stop=1.0, prompt="a dog", transition="flow")))
    made = api.storyboard(board, size=(640, 360), fps=fps)
    on_its_card(made, Film(media.read(path).frames, fps), film)


def test_six_extensions_in_a_row_leave_the_first_clip_as_it_was(clip: Callable[..., Film]) -> None:
    film = first = clip((640, 360), 24.0)
    for _ in range(6):
        film = api.extend(film, "a car", seconds=0.1)
    assert np.array_equal(film.frames[:COUNT], first.frames)
    assert len(film.frames) == COUNT + 6 * 2


def test_a_film_that_is_too_long_for_memory_reads_its_sources_from_their_files(
    clip: Callable[..., Film], tmp_path: Path
) -> None:
    path = media.write(tmp_path / "clip.mp4", clip((640, 360), 24.0))
    asked = orders.ask("extend", "a car", {"source": path}, {"seconds": 0.25, "seed": 1})
    engine = Engine(presets.PRESETS["mini"])
    held, read = making.film(asked, engine), making.film(asked, engine, room=0)
    assert read.frames.nbytes == held.frames.nbytes
    assert np.array_equal(np.asarray(read.frames), held.frames)
    assert np.array_equal(read.frames[8:12], held.frames[8:12])
    assert np.array_equal(read.frames[-1], held.frames[-1])
    saved = [media.read(film.save(tmp_path / f"{k}.mp4")).frames for k, film in enumerate((held, read))]
    assert np.array_equal(*saved)


def test_sound_stays_in_step_with_the_pictures(clip: Callable[..., Film], tmp_path: Path) -> None:
    """A click at every fourth frame, found again by cross-correlation after two modes and a file."""
    fps, rate, count = 24.0, 48_000, 24
    film = clip((64, 64), fps, count)
    samples = np.zeros((rate, 1), np.float32)
    samples[:: rate // 6][:, 0] = 0.8
    film = replace(film, sound=Sound(samples=samples, rate=rate))
    before = api.extend(film, "a car", seconds=0.5, backward=True)
    made = api.extend(before, "a car", seconds=0.25).save(tmp_path / "made.mp4")
    heard = media.open(made, width=64, height=64, fps=fps).sound()
    assert heard is not None
    track = np.abs(heard.samples).mean(1)
    apart = int(np.correlate(track, samples[:, 0], "valid").argmax()) / heard.rate
    assert abs(apart - 0.5) < 1 / fps


def test_a_film_that_is_a_picture_is_silent(clip: Callable[..., Film]) -> None:
    film = replace(clip((64, 64), 24.0), sound=Sound(samples=np.full((20_000, 1), 0.5, np.float32), rate=48_000))
    assert api.generate("a car", image=film, last=film, seconds=0.5).sound is None
    assert api.extend(film, "a car", seconds=0.2).sound is not None


# --- after encoding


def luma_psnr(a_THWC: Frames, b_THWC: Frames) -> float:
    """In decibels, of the BT.709 luma of two clips."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    error = np.mean(((a_THWC.astype(np.float64) - b_THWC) @ weights) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def rendered(size: tuple[int, int], fps: float) -> Frames:
    scene = draw_scene(np.random.default_rng(3), LIVELY_SCENES)
    return render(scene, width=size[0], height=size[1], frames=COUNT, fps=fps).frames_THWC


def noisy(size: tuple[int, int], fps: float) -> Frames:
    noise = np.random.default_rng(0).normal(0, 4, (COUNT, size[1], size[0], 1))
    return (rendered(size, fps) + noise).clip(0, 255).astype(np.uint8)


def text(size: tuple[int, int], fps: float) -> Frames:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (size[0], size[1] * 2), "white")
    font = ImageFont.load_default(size[1] / 24)
    for row in range(48):
        ImageDraw.Draw(page).text(
            (20, row * size[1] / 24), "the quick brown fox jumps over the lazy dog " * 3, "black", font
        )
    whole = np.asarray(page)
    return np.stack([whole[3 * t : 3 * t + size[1]] for t in range(COUNT)])


CLIPS: dict[str, Callable[[tuple[int, int], float], Frames]] = {"render": rendered, "noisy": noisy, "text": text}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", CLIPS)
def test_kept_frames_survive_encoding(kind: str, size: tuple[int, int], tmp_path: Path) -> None:
    source = CLIPS[kind](size, 24.0)
    made = api.extend(Film(source, 24.0), "a car", seconds=0.1).save(tmp_path / "made.mp4")
    assert luma_psnr(media.read(made).frames[:COUNT], source) >= 45


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", CLIPS)
def test_outside_of_an_edit_frames_survive_the_mark_and_encoding(
    kind: str, size: tuple[int, int], tmp_path: Path
) -> None:
    source, (left, top) = CLIPS[kind](size, 24.0), (size[0] // 2, size[1] // 4)
    made = api.edit(Film(source, 24.0), "a car", region=(0.5, 0.25, 0.25, 0.25))
    assert made.regions == ((0, COUNT, (0.5, 0.25, 0.25, 0.25)),)
    found = media.read(made.save(tmp_path / "made.mp4")).frames
    outside = np.ones(size[::-1], np.bool_)
    outside[top : 2 * top, left : left + size[0] // 4] = False
    assert luma_psnr(found[:, outside], source[:, outside]) >= 45


def test_what_is_ours_of_a_frame_stays_ours_in_a_film_made_of_it(clip: Callable[..., Film], tmp_path: Path) -> None:
    """A film of ours that was not saved has no mark yet: its regions travel on, and meet those of an edit."""
    film = clip((160, 96), 24.0)
    edited = api.edit(film, "a car", region=(0.0, 0.0, 0.25, 0.25), stop=0.25)
    assert (edited.regions, edited.kept) == (((0, 6, (0.0, 0.0, 0.25, 0.25)),), ((6, 10),))
    longer = api.extend(edited, "a car", seconds=0.25)
    assert (longer.regions, longer.kept) == (edited.regions, edited.kept)
    again = api.edit(longer, "a car", region=(0.5, 0.5, 0.25, 0.25))
    assert [stop for _, stop, _ in again.regions] == [6, 10]
    assert again.regions[0][2] == (0.0, 0.0, 0.75, 0.75)
    assert again.regions[1][2] == (0.5, 0.5, 0.25, 0.25)
    assert again.ours(len(again.frames) - 1) == (0.0, 0.0, 1.0, 1.0)
    path = edited.save(tmp_path / "edited.mp4")
    assert api.extend(path, "a car", seconds=0.25).kept == ((0, 10),)


def test_six_extensions_through_files_keep_the_first_clip(tmp_path: Path) -> None:
    source = rendered((640, 360), 24.0)
    path = Film(source, 24.0).save(tmp_path / "0.mp4")
    for k in range(1, 7):
        path = api.extend(path, "a car", seconds=0.1).save(tmp_path / f"{k}.mp4")
    assert luma_psnr(media.read(path).frames[:COUNT], source) >= 43


def test_kept_frames_bear_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[int] = []
    stamp: Any = media.writing.Writer.add

    def add(self: media.Writer, frames_THWC: Frames, changed: bool = True, region: Any = None) -> None:
        marked.extend([changed] * len(frames_THWC))
        stamp(self, frames_THWC, changed, region)

    monkeypatch.setattr(media.writing.Writer, "add", add)
    path = Film(rendered((640, 360), 24.0), 24.0).save(tmp_path / "0.mp4")
    marked.clear()
    api.extend(path, "a car", seconds=0.1).save(tmp_path / "1.mp4")
    assert marked == [False] * COUNT + [True] * 2


# --- what new users found


def test_fault_7_an_edit_changes_its_region_and_nothing_else(clip: Callable[..., Film]) -> None:
    """A region of 22x13 pixels."""
    film = clip((160, 96), 16.0)
    region = (40 / 160, 30 / 96, 22 / 160, 13 / 96)
    made = api.edit(film, "a car", region=region)
    changed = (made.frames != film.frames).any(axis=(0, 3))
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (30, 42, 40, 61)


def test_fault_7_an_edit_changes_its_seconds_and_nothing_else(clip: Callable[..., Film]) -> None:
    film = clip((160, 96), 24.0, 24)
    made = api.edit(film, "a car", region=(0.25, 0.25, 0.5, 0.5), start=0.25, stop=0.75)
    changed = np.flatnonzero((made.frames != film.frames).any(axis=(1, 2, 3)))
    assert (changed[0], changed[-1], len(changed)) == (6, 17, 12)
    assert made.kept == ((0, 6), (18, 24))


def test_fault_9_a_4k_clip_is_extended_as_it_is(clip: Callable[..., Film], tmp_path: Path) -> None:
    film = clip((3840, 2160), 30.0, 3)
    made = api.extend(film, "a car", seconds=0.1)
    assert made.frames.shape == (6, 2160, 3840, 3)
    assert made.fps == 30.0
    assert np.array_equal(made.frames[:3], film.frames)


@pytest.mark.parametrize("fps", [25.0, 30_000 / 1001, 60.0])
def test_fault_9_films_of_any_rate_are_looped_as_they_are(fps: float, clip: Callable[..., Film]) -> None:
    film = clip((96, 64), fps, 12)
    made = api.loop(film, "a car", seconds=0.2)
    assert made.fps == fps
    assert np.array_equal(made.frames[:12], film.frames)


@pytest.mark.parametrize(
    ("prompt", "note"),
    [("🐶🏃🌳", "🐶, 🌳"), ("κόκκινο αμάξι", "κόκκινο, αμάξι"), ("no cars, only a park", "cannot leave out")],
)
def test_fault_14_and_15_a_film_says_what_of_its_prompt_was_not_understood(prompt: str, note: str) -> None:
    (said,) = api.generate(prompt, seconds=0.25).notes
    assert note in said


def test_fault_10_no_frame_is_repeated_for_another_rate() -> None:
    """A film of the shipped weights, which move things, at 30 frames a second."""
    mini = presets.ASSETS / "mini"
    made = api.generate("a red car driving left", model=mini, seconds=0.5, steps=2, seed=0, fps=30.0, size="224x128")
    assert len(made.frames) == 16
    assert (np.abs(np.diff(made.frames.astype(np.int16), axis=0)).mean(axis=(1, 2, 3)) > 0).all()


def test_fault_10_what_goes_on_at_another_rate_repeats_no_frame(clip: Callable[..., Film]) -> None:
    made = api.extend(clip((96, 64), 30.0), "a car", seconds=0.5)
    assert (np.abs(np.diff(made.frames[COUNT:].astype(np.int16), axis=0)).mean(axis=(1, 2, 3)) > 0).all()
