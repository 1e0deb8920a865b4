"""What comes out of a model, in the size that was asked for, with its still pictures."""

import errno
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.server.app import luma_psnr

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Origin, Sound
from yozora.media import stills
from yozora.provenance.settings import Provenance
from yozora.provenance.stamp import stamp_of
from yozora.provenance.verify import verify
from yozora.server.store.objects import StorageFull
from yozora.server.work import finish
from yozora.server.work.finish import FilmStamp, Finisher, Samples, contact_sheet

Frames = NDArray[np.uint8]


def moving(count: int, height: int = 64, width: int = 112) -> Frames:
    """A bright disc that wanders from left to right over a gradient."""
    y, x = np.mgrid[:height, :width]
    ground = np.stack([x * 255 // width, y * 255 // height, np.full_like(x, 90)], -1).astype(np.uint8)
    frames = ground[None].repeat(count, 0)
    for k, frame in enumerate(frames):
        centre = width * (k + 1) / (count + 1)
        frame[(x - centre) ** 2 + (y - height / 2) ** 2 < (height / 5) ** 2] = (255, 240, 40)
    return frames


def read(path: Path) -> Frames:
    """A picture file as frames are."""
    found = media.probe(path)
    return next(media.open(path, width=found.width, height=found.height, fps=1).frames())


def made(
    folder: Path, size: tuple[int, int], frames: Frames, sound: Sound | None = None, stamp: FilmStamp | None = None
) -> Finisher:
    with Finisher(folder, size, 16.0, {"prompt": "a disc"}, stamp) as finisher:
        for piece in np.array_split(frames, 5):
            finisher.add(piece)
        finisher.sound(sound)
    finisher.stills()
    return finisher


@pytest.mark.parametrize("size", [(1280, 720), (128, 224), (250, 62)])
def test_frames_are_delivered_as_they_come(tmp_path: Path, size: tuple[int, int]) -> None:
    frames = moving(9, size[1], size[0])
    made(tmp_path, size, frames)
    clip = media.read(tmp_path / finish.FILM)
    assert clip.frames.shape == (9, size[1], size[0], 3)
    seen = clip.frames[4].astype(int)
    assert np.abs(seen - frames[4]).mean() < 4
    thumbnail = read(tmp_path / finish.THUMBNAIL)
    assert thumbnail.shape == seen.shape
    assert np.abs(thumbnail.astype(int) - seen).mean() < 12


def test_frames_of_another_size_are_a_bug(tmp_path: Path) -> None:
    with pytest.raises((ValueError, RuntimeError)), Finisher(tmp_path, (224, 128), 16.0, {}) as finisher:
        finisher.add(moving(2))


class Scribble:
    """A stamp that is seen."""

    signs = False

    def mark(self, frames_THWC: Frames, region: tuple[float, float, float, float] | None = None) -> Frames:
        self.region = region
        marked = frames_THWC.copy()
        marked[:, :16, :16] = 255
        return marked

    def skip(self, count: int) -> None:
        self.skipped = count

    def seal(self, part: Path) -> None:
        pass

    def beside(self, part: Path, credentials: Path) -> None:
        pass

    def still(self, path: Path) -> None:
        pass


def test_kept_frames_bear_no_mark_and_stay_what_they_are(tmp_path: Path) -> None:
    """45 dB of luma and better, also where there is noise."""
    frames, stamp = moving(12), Scribble()
    noise = np.random.default_rng(0).normal(0, 4, (*frames.shape[:3], 1))
    frames = np.clip(frames + noise, 0, 255).astype(np.uint8)
    with Finisher(tmp_path, (112, 64), 16.0, {}, stamp, keeps=True) as finisher:
        finisher.add(frames[:8], kept=True)
        finisher.add(frames[8:])
    assert stamp.skipped == 8
    seen = media.read(tmp_path / finish.FILM).frames
    assert luma_psnr(frames[:8], seen[:8]) >= 45
    assert (seen[8:, :16, :16].mean(), seen[:8, :16, :16].mean() < 200) == (pytest.approx(255, abs=2), True)
    finisher.stills()  # of the middle, which is a kept frame: as a picture of this film it is marked
    assert read(tmp_path / finish.THUMBNAIL)[:16, :16].mean() > 200


def test_what_is_kept_around_a_region_is_told_to_the_stamp(tmp_path: Path) -> None:
    stamp, region = Scribble(), (0.25, 0.25, 0.5, 0.5)
    with Finisher(tmp_path, (112, 64), 16.0, {}, stamp, keeps=True) as finisher:
        finisher.add(moving(3), region=region)
    assert stamp.region == region


def test_the_sheet_shows_the_film_from_its_start_to_its_end(tmp_path: Path) -> None:
    made(tmp_path, (224, 128), moving(100, 128, 224))
    sheet = read(tmp_path / finish.SPRITESHEET)
    assert sheet.shape == (4 * 128, 4 * 224, 3)
    tiles = [sheet[r * 128 : (r + 1) * 128, c * 224 : (c + 1) * 224] for r in range(4) for c in range(4)]
    places = [np.nonzero((tile[..., 1] > 200) & (tile[..., 2] < 65))[1].mean() for tile in tiles]
    assert places == sorted(places)
    assert places[0] < 20
    assert places[-1] > 200


def test_a_short_film_has_a_small_sheet() -> None:
    shots = list(moving(5))
    assert contact_sheet(shots).shape == (2 * 64, 4 * 112, 3)
    assert contact_sheet(shots[:1]).shape == (64, 112, 3)


def test_places_of_a_sheet_that_are_left_over_show_the_last_picture() -> None:
    shots = [np.full((2, 3, 3), 10 * k, np.uint8) for k in range(6)]
    sheet = contact_sheet(shots)
    assert sheet.shape == (4, 12, 3)
    assert sheet[::2, ::3, 0].tolist() == [[0, 10, 20, 30], [40, 50, 50, 50]]


@pytest.mark.parametrize("count", [1, 5, 16, 17, 31, 32, 33, 500])
def test_samples_are_spread_evenly(count: int) -> None:
    samples = Samples(16)
    for index in range(count):
        samples.add(np.full((1, 1, 1, 3), index % 256, np.uint8))
    assert len(samples.kept) < 32
    assert len(samples.even()) == min(count, 16)
    if count < 256:
        shown = [int(frame[0, 0, 0]) for frame in samples.even()]
        assert shown == sorted(shown)
        assert shown[0] == 0
        assert shown[-1] >= (count - 1) * 0.9


def test_memory_does_not_grow_with_the_film(tmp_path: Path) -> None:
    piece = moving(8, 128, 224)

    def peak(pieces: int) -> int:
        tracemalloc.start()
        with Finisher(tmp_path, (224, 128), 16.0, {}) as finisher:
            for _ in range(pieces):
                finisher.add(piece)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(40) < 1.3 * peak(8)


def test_sound_is_kept(tmp_path: Path) -> None:
    tone = (0.5 * np.sin(np.arange(16_000) * 0.3)).astype(np.float32)[:, None]
    made(tmp_path, (224, 128), moving(17, 128, 224), Sound(samples=tone, rate=16_000))
    assert media.probe(tmp_path / finish.FILM).has_sound


def test_film_and_thumbnail_are_marked_and_everything_is_signed(tmp_path: Path) -> None:
    """The mark is read out of one picture, and out of the film."""
    folder, settings = tmp_path / "film", Provenance(folder=tmp_path / "provenance", visible="made here")
    folder.mkdir()
    origin = Origin(
        mode="generate", model="toy", preset="", seed=7, prompt="", identifier=12345, made=datetime.now(UTC)
    )
    size = (640, 360)
    made(folder, size, moving(9, 360, 640), stamp=stamp_of(origin, size, 16.0, settings))
    found = {path.name: verify(path, settings) for path in folder.iterdir()}
    assert {name: (verdict.state, verdict.identifier) for name, verdict in found.items()} == dict.fromkeys(
        (finish.FILM, finish.THUMBNAIL, finish.SPRITESHEET), ("intact", 12345)
    )
    for name in (finish.FILM, finish.THUMBNAIL):
        mark = found[name].mark
        assert mark is not None
        assert mark.identifier == 12345, name


def test_nothing_is_left_of_a_film_that_was_not_finished(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), Finisher(tmp_path, (224, 128), 16.0, {}) as finisher:
        finisher.add(moving(3, 128, 224))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_the_disk_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, changed: bool, region: object) -> None:
        raise UserError("cannot write", code="output_unwritable") from OSError(errno.ENOSPC, "No space left on device")

    with Finisher(tmp_path, (224, 128), 16.0, {}) as finisher:
        finisher.add(moving(3, 128, 224))
        with monkeypatch.context() as patch:
            patch.setattr(finisher._writer, "add", full)
            with pytest.raises(StorageFull):
                finisher.add(moving(1, 128, 224))
    monkeypatch.setattr(media, "ROOM", 1 << 62)
    with pytest.raises(StorageFull):
        Finisher(tmp_path, (224, 128), 16.0, {})


def test_stills_are_what_they_say(tmp_path: Path) -> None:
    picture = moving(1)[0]
    for name, data in (("a.webp", stills.webp(picture)), ("a.jpg", stills.jpeg(picture))):
        (tmp_path / name).write_bytes(data)
        assert np.abs(read(tmp_path / name).astype(int) - picture).mean() < 6
    assert stills.within(picture, 56).shape == (32, 56, 3)
    assert stills.within(picture, 400) is picture
