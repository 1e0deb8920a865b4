"""The invisible mark: not seen, read again after what happens to films, and never found where there is none."""

import importlib.util
from collections.abc import Iterable
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yozora.errors import UserError
from yozora.media.luma import Luma
from yozora.provenance import marks, videoseal, watermark
from yozora.provenance.alignment import Placement, resampled, search
from yozora.provenance.watermark import Embedder, detect

Frames = NDArray[np.uint8]
KEY, NUMBER = b"a key", 0x1234_5678_9ABC
WIDTH, HEIGHT = 640, 360


def footage(width: int = WIDTH, height: int = HEIGHT, frames: int = 8, seed: int = 0) -> Frames:
    """A camera that moves over a landscape of blots under a sky, with noise."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(size=(height // 8, width // 8)).cumsum(0).cumsum(1)[:, :, None]
    rough = np.repeat(np.repeat(rough / np.abs(rough).max() * 90, 9, 0), 9, 1)
    out = np.empty((frames, height, width, 3), np.uint8)
    for t, frame in enumerate(out):
        seen = 120 + rough[t : t + height, 2 * t : 2 * t + width] + np.array([0, 10, 30])
        seen[: height // 3] = (150, 180, 220)
        frame[:] = np.clip(seen + rng.normal(0, 2, (height, width, 1)), 0, 255)
    return out


def coded(frames: Frames, crf: int) -> Frames:
    """Through x264 and back."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(16), options={"crf": str(crf), "preset": "veryfast"})
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file) as source:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)])


def small(frames: Iterable[Frames], width: int, height: int) -> Frames:
    """In another size."""
    pictures = [av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24") for frame in frames]
    return np.stack([each.reformat(width=width, height=height).to_ndarray() for each in pictures])


@pytest.fixture(scope="module")
def plain() -> Frames:
    return footage()


@pytest.fixture(scope="module")
def marked(plain: Frames) -> Frames:
    return Embedder(WIDTH, HEIGHT, NUMBER, KEY)(plain)


def test_it_is_not_seen(plain: Frames, marked: Frames) -> None:
    error = np.square(marked.astype(np.float32) - plain).mean()
    assert 41 < 10 * np.log10(255**2 / error) < 60
    sky = marked[:, : HEIGHT // 4].astype(np.float32) - plain[:, : HEIGHT // 4]
    assert sky.std() < 1
    assert np.abs(sky).max() <= 5


def test_it_is_read_as_it_is(marked: Frames) -> None:
    found = detect(marked, KEY)
    assert found.present
    assert found.score > 2
    assert found.identifier == NUMBER


@pytest.mark.parametrize("crf", [23, 28])
def test_it_bears_compression(marked: Frames, crf: int) -> None:
    assert detect(coded(marked, crf), KEY).identifier == NUMBER


def test_it_bears_half_the_size(marked: Frames) -> None:
    assert detect(coded(small(marked, WIDTH // 2, HEIGHT // 2), 23), KEY).identifier == NUMBER


def test_it_bears_a_crop(marked: Frames) -> None:
    assert detect(coded(marked[:, 8:-10, 20:-12], 23), KEY).identifier == NUMBER


def test_it_bears_other_brightness_and_fewer_frames(marked: Frames) -> None:
    darker = np.clip((marked[4::2].astype(np.float32) - 128) * 0.85 + 110, 0, 255).astype(np.uint8)
    assert detect(coded(darker, 23), KEY).identifier == NUMBER


def test_it_bears_a_screenshot(marked: Frames) -> None:
    assert detect(coded(small(marked[:, 4:-6, 6:-4], 600, 330), 26), KEY).identifier == NUMBER


@pytest.mark.parametrize("size", [(256, 256), (180, 320)])
def test_square_and_tall_films_are_marked_too(size: tuple[int, int]) -> None:
    frames = Embedder(*size, NUMBER, KEY)(footage(*size, frames=4))
    assert detect(frames[:, 4:], KEY).identifier == NUMBER


def test_there_is_none_without_one(plain: Frames, marked: Frames) -> None:
    for frames, key in ((plain, KEY), (marked, b"another key")):
        found = detect(frames, key)
        assert not found.present
        assert found.identifier is None
    assert not detect(np.zeros_like(plain[:1]), KEY).present
    assert detect([], KEY) == watermark.NOTHING


def test_chance_stays_below_the_threshold() -> None:
    means = [Luma(256, 144).of(footage(256, 144, frames=1, seed=seed)[0]) for seed in range(4)]
    keys = [watermark.layout(bytes([key]), (256, 144)) for key in range(8)]
    scores = [watermark.in_place(mean, keyed)[0] for mean in means for keyed in keys]
    assert max(scores) < 4.5  # of 32 draws of one normal deviation
    assert 0.6 < np.std(scores) < 1.4


def test_pieces_make_the_same_film(plain: Frames, marked: Frames) -> None:
    embed = Embedder(WIDTH, HEIGHT, NUMBER, KEY)
    np.testing.assert_array_equal(np.concatenate([embed(plain[:3]), embed(plain[3:4]), embed(plain[4:])]), marked)


def test_outside_of_a_region_next_to_nothing_is_changed(plain: Frames, marked: Frames) -> None:
    whole = Embedder(WIDTH, HEIGHT, NUMBER, KEY)(plain, (0.0, 0.0, 1.0, 1.0))
    np.testing.assert_array_equal(whole, marked)
    edited = Embedder(WIDTH, HEIGHT, NUMBER, KEY)(plain, (0.25, 0.5, 0.5, 0.5))
    region = slice(HEIGHT // 2 + 8, HEIGHT), slice(WIDTH // 4 + 8, 3 * WIDTH // 4 - 8)
    outside = np.ones((HEIGHT, WIDTH), np.bool_)
    outside[HEIGHT // 2 - 4 :, WIDTH // 4 - 4 : 3 * WIDTH // 4 + 4] = False
    strong = np.abs(marked.astype(int) - plain)[:, *region].mean()
    assert np.abs(edited.astype(int) - plain)[:, *region].mean() > 0.8 * strong
    error = np.square(edited[:, outside].astype(np.float32) - plain[:, outside]).mean()
    assert 10 * np.log10(255**2 / error) > 51
    assert detect(edited, KEY).present


def test_tiny_frames_are_let_through() -> None:
    tiny = np.full((3, 8, 16, 3), 77, np.uint8)
    assert Embedder(16, 8, NUMBER, KEY)(tiny).shape == tiny.shape


def test_black_and_white_stay_in_range() -> None:
    for value in (0, 255):
        frames = np.full((1, HEIGHT, WIDTH, 3), value, np.uint8)
        changed = Embedder(WIDTH, HEIGHT, NUMBER, KEY)(frames)
        assert np.abs(changed.astype(int) - value).max() <= 5


def test_a_pattern_is_found_where_it_lies() -> None:
    pattern = watermark.layout(KEY, (256, 144)).drawn(np.ones(watermark.GROUPS, np.float32))
    place = Placement(across=1.01, down=0.98, right=-5.0, below=3.0)
    whole = Placement(across=1 / 1.01, down=1 / 0.98, right=5 / 1.01, below=-3 / 0.98)
    found = search(resampled(pattern, whole), pattern)
    assert found.across == pytest.approx(place.across, abs=0.004)
    assert found.down == pytest.approx(place.down, abs=0.004)
    assert (found.right, found.below) == pytest.approx((-5, 3), abs=1)


def test_backends_have_names() -> None:
    assert marks.backend() is watermark
    assert marks.backend("videoseal") is videoseal
    with pytest.raises(UserError, match="Use one of: spectrum, videoseal"):
        marks.backend("rot13")


@pytest.mark.skipif(importlib.util.find_spec("videoseal") is not None, reason="it is installed here")
def test_a_backend_that_is_not_installed_is_said() -> None:
    with pytest.raises(UserError, match="not installed"):
        videoseal.detect([], KEY)
