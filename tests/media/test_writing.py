import errno
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import OutputContainer
from numpy.typing import NDArray

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Film, Sound
from yozora.media import targets
from yozora.media.sinks import VideoFormat, VideoSink
from yozora.media.sources import facts_in

MakeFilm = Callable[..., Film]


def test_a_written_film_is_read_back(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(prompt='a «red» car, 红色的汽车, سيارة حمراء, "quoted"')
    path = film.save(tmp_path / "film.mp4")
    clip = media.read(path)
    assert clip.frames.shape == film.frames.shape
    assert clip.fps == film.fps
    assert clip.facts == {"prompt": film.prompt, "seed": 7, "model": "toy"}
    flat = np.abs(clip.frames[:, :, 4:12].astype(int) - film.frames[:, :, 4:12].astype(int))
    assert np.median(flat) <= 2  # colours survive: the conversion there and back uses one matrix
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_h264_that_starts_fast_and_seeks(tmp_path: Path, make_film: MakeFilm) -> None:
    path = make_film(frames=81).save(tmp_path / "film.mp4")
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, stream.average_rate) == ("h264", "yuv420p", Fraction(16))
        tags = [int(codec.color_range), int(codec.colorspace), int(codec.color_primaries), int(codec.color_trc)]
        assert tags == [1, 1, 1, 1]
        assert container.metadata["title"] == "bars"
        assert json.loads(container.metadata["comment"])["seed"] == 7
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(stream) if packet.is_keyframe]
    assert len(keys) >= 3
    assert max(np.diff([*keys, 81 / 16])) <= 2.01


@pytest.mark.parametrize("fps", [1.0, 8.0, 23.976, 60.0])
def test_any_frame_rate_is_kept(tmp_path: Path, make_film: MakeFilm, fps: float) -> None:
    clip = media.read(make_film(frames=5, fps=fps).save(tmp_path / "film.mp4"))
    assert (len(clip.frames), clip.fps) == (5, pytest.approx(fps, rel=1e-4))


def test_one_frame_is_a_film(tmp_path: Path, make_film: MakeFilm) -> None:
    assert len(media.read(make_film(frames=1).save(tmp_path / "film.mp4")).frames) == 1


def test_a_film_replaces_the_one_before(tmp_path: Path, make_film: MakeFilm) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("what was there")
    make_film().save(path)
    assert len(media.read(path).frames) == 17


def test_a_link_is_followed_not_replaced(tmp_path: Path, make_film: MakeFilm) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "film.mp4"
    link.symlink_to(tmp_path / "real" / "other.mp4")
    make_film().save(link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "other.mp4").is_file()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("film.avi", "MP4"),
        ("film", "MP4"),
        ("folder.mp4", "it is a folder"),
        ("missing/film.mp4", "does not exist"),
        ("file/film.mp4", "does not exist"),
        ("pipe.mp4", "not a regular file"),
        ("circle.mp4", "Cannot write"),
        ("n" * 300 + ".mp4", "Cannot write"),
        ("nul\0.mp4", "Cannot write"),
    ],
)
def test_impossible_places_are_told_before_any_work(tmp_path: Path, make_film: MakeFilm, name: str, says: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "circle.mp4").symlink_to(tmp_path / "circle.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=says) as raised:
        media.check_target(tmp_path / name)
    assert "\n" not in str(raised.value)
    with pytest.raises(UserError, match=says):
        make_film().save(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="permission denied"):
        media.check_target(tmp_path / "film.mp4")


def test_too_little_room_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "ROOM", 1 << 62)
    with pytest.raises(UserError, match="MB left"):
        media.check_target(tmp_path / "film.mp4")


FULL = """
import resource, sys
import numpy as np
from yozora.errors import UserError
from yozora.films.film import Film, Sound
noise = np.random.default_rng(0).integers(0, 256, (9, 256, 256, 3), np.uint8)
film = Film(frames=noise, fps=16.0, prompt="noise", seed=0, model="toy")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    film.save(sys.argv[1])
except UserError as error:
    print(error)
"""


def test_a_write_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("what was there")
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    assert "Cannot write" in done.stdout, done.stderr
    assert os.strerror(errno.EFBIG).lower() in done.stdout.lower()
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with media.whole_file(tmp_path / "film.mp4") as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_odd_sizes_are_refused(tmp_path: Path, make_film: MakeFilm) -> None:
    with pytest.raises(UserError, match="a side is odd"):
        make_film(width=97).save(tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_video_is_told(tmp_path: Path, make_film: MakeFilm) -> None:
    (tmp_path / "text.mp4").write_text("words")
    (tmp_path / "empty.mp4").write_bytes(b"")
    whole = make_film().save(tmp_path / "film.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:400])
    for name in ("text.mp4", "empty.mp4", "cut.mp4", "missing.mp4"):
        with pytest.raises(UserError, match=name):
            media.read(tmp_path / name)


def test_a_foreign_comment_is_no_fact(tmp_path: Path, make_film: MakeFilm) -> None:
    assert facts_in("made with love") == {}
    assert facts_in("[1, 2]") == {}
    assert facts_in("") == {}


def test_this_machine_can_encode() -> None:
    assert media.codecs()["libx264"]


def test_a_film_checks_its_frames() -> None:
    good = np.zeros((1, 2, 2, 3), np.uint8)
    for frames in (good.astype(np.float32), good[0], good[..., :2], good[:0]):
        with pytest.raises(ValueError, match="uint8"):
            Film(frames=frames, fps=16.0, prompt="", seed=0, model="toy")
    with pytest.raises(ValueError, match="fps"):
        Film(frames=good, fps=0.0, prompt="", seed=0, model="toy")


@pytest.mark.skipif(sys.platform != "linux", reason="x264's AVX-512 code is kept out on Linux only")
def test_the_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    y, x = np.mgrid[0:128, 0:224]
    waves = [
        127 + 90 * np.stack([np.sin(x / 17 + t / 5), np.cos(y / 11 - t / 7), np.sin((x + y) / 23)]) for t in range(40)
    ]
    frames = np.stack(waves).astype(np.uint8).transpose(0, 2, 3, 1)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (48_000, 2)).astype(np.float32)
    for heard in (None, Sound(samples=noise, rate=48_000)):
        film = Film(frames=frames, fps=16.0, prompt="waves", seed=7, model="toy", sound=heard)
        assert len({film.save(tmp_path / "film.mp4").read_bytes() for _ in range(4)}) == 1


def test_frames_are_streamed_into_the_file(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(frames=20)
    path = tmp_path / "film.mp4"
    with media.Writer(path, 96, 64, 16.0, film.facts) as writer:
        for start in range(0, 20, 3):
            writer.add(film.frames[start : start + 3])
            assert not path.exists()
        writer.sound(None)
    assert path.read_bytes() == film.save(tmp_path / "other.mp4").read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, UserError])
@pytest.mark.parametrize("frames", [0, 30])
def test_what_breaks_off_leaves_nothing(
    tmp_path: Path, make_film: MakeFilm, error: type[BaseException], frames: int
) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("what was there")

    def broken() -> None:
        with media.Writer(path, 96, 64, 16.0, {}) as writer:
            if frames:
                writer.add(make_film(frames=frames).frames)
            raise error("enough", code="enough") if error is UserError else error("enough")

    with pytest.raises(error, match="enough"):
        broken()
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_frame_is_not_written(tmp_path: Path, make_film: MakeFilm) -> None:
    def wrong(*frames: NDArray[np.generic]) -> None:
        with media.Writer(tmp_path / "film.mp4", 96, 64, 16.0, {}) as writer:
            for some in frames:
                writer.add(some)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match="uint8"):
        wrong(make_film(width=64).frames)
    with pytest.raises(ValueError, match="uint8"):
        wrong(make_film().frames.astype(np.float32))
    with pytest.raises(ValueError, match="at least one frame"):
        wrong()
    assert list(tmp_path.iterdir()) == []


def test_sound_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    code = FULL.replace("film = Film(", "from yozora.films.film import Sound\nheard = ").replace(
        "9, 256, 256", "1, 64, 64"
    )
    code = code.replace("heard = frames=noise", "tone = np.random.default_rng(0).uniform(-1, 1, (384_000, 2))").split(
        ", fps=16.0"
    )[0]
    code += """.astype(np.float32)
film = Film(frames=noise.repeat(128, 0), fps=16.0, prompt="", seed=0, model="", sound=Sound(samples=tone, rate=48_000))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    film.save(sys.argv[1])
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60)
    assert "Cannot write" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


class Noted:
    """A seal that marks frames by their first pixel, and tells what it was given."""

    signs = False

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def mark(
        self, frames_THWC: NDArray[np.uint8], region: tuple[float, float, float, float] | None = None
    ) -> NDArray[np.uint8]:
        self.calls.append(("mark" if region is None else "mark a region", len(frames_THWC)))
        return frames_THWC

    def skip(self, count: int) -> None:
        self.calls.append(("skip", count))

    def seal(self, part: Path) -> None:
        pass

    def beside(self, part: Path, credentials: Path) -> None:
        pass


def test_kept_frames_are_not_marked(tmp_path: Path, make_film: MakeFilm) -> None:
    seal, frames = Noted(), make_film(frames=9).frames
    with media.Writer(tmp_path / "a.mp4", 96, 64, 16.0, {}, seal=seal) as writer:
        writer.add(frames[:4], changed=False)
        writer.add(frames[4:7])
        writer.add(frames[7:8], False)
        writer.add(frames[8:], region=(0.0, 0.0, 0.5, 0.5))
    assert seal.calls == [("skip", 4), ("mark", 3), ("skip", 1), ("mark a region", 1)]
    assert len(media.read(tmp_path / "a.mp4").frames) == 9


def luma(frames_THWC: NDArray[np.uint8]) -> NDArray[np.float32]:
    return frames_THWC.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.square(luma(a) - luma(b)).mean()))


def as_filmed(frames_THWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Frames as a file of video has them: with half of the colours' rows and columns (4:2:0)."""
    from yozora.media.pictures import Colors

    colors, out = Colors(), []
    for picture in frames_THWC:
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        out.append(colors(frame.reformat(format="yuv420p", dst_colorspace="ITU709")).transpose(1, 2, 0))
    return np.stack(out)


def rendered(width: int, height: int, count: int) -> NDArray[np.uint8]:
    from yozora.world import distributions, draw, render

    scene = draw.draw_scene(np.random.default_rng(3), distributions.CORE_SCENES)
    return render.render(scene, width=width, height=height, frames=count, fps=24.0).frames_THWC


def noisy(width: int, height: int, count: int) -> NDArray[np.uint8]:
    frames = rendered(width, height, count).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 4, frames.shape)
    return (frames + noise).clip(0, 255).round().astype(np.uint8)


def text(width: int, height: int, count: int) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw, ImageFont

    font, frames = ImageFont.load_default(size=max(12, height // 24)), []
    for k in range(count):
        picture = Image.new("RGB", (width, height), (245, 244, 240))
        draw = ImageDraw.Draw(picture)
        for row in range(20):
            color = ((20, 20, 30), (180, 30, 30), (20, 60, 160))[row % 3]
            draw.text((20, row * height // 18 - k * height // 240), "the quick brown fox 0123456789 " * 3, color, font)
        frames.append(np.asarray(picture))
    return as_filmed(np.stack(frames))  # thin coloured letters alone lose more by that than by encoding: to 45.3 dB


@pytest.mark.parametrize("fps", [24.0, 30.0])
@pytest.mark.parametrize("clip", [rendered, noisy, text])
@pytest.mark.parametrize(("width", "height", "count"), [(640, 360, 8), (1920, 1080, 3)])
def test_kept_frames_are_encoded_exactly_enough(
    tmp_path: Path, clip: Callable[..., NDArray[np.uint8]], width: int, height: int, count: int, fps: float
) -> None:
    frames = clip(width, height, count)
    with media.Writer(tmp_path / "a.mp4", width, height, fps, {}, quality="kept") as writer:
        writer.add(frames, changed=False)
    assert psnr(media.read(tmp_path / "a.mp4").frames, frames) >= 45


@pytest.mark.parametrize("clip", [rendered, noisy])
def test_a_webm_keeps_as_well(tmp_path: Path, clip: Callable[..., NDArray[np.uint8]]) -> None:
    frames = clip(320, 180, 6)
    with media.Writer(tmp_path / "a.webm", 320, 180, 24.0, {}, quality="kept") as writer:
        writer.add(frames, changed=False)
    assert psnr(media.read(tmp_path / "a.webm").frames, frames) >= 45


def test_six_generations_are_still_close(tmp_path: Path) -> None:
    first = frames = rendered(640, 360, 8)
    for _ in range(6):
        with media.Writer(tmp_path / "a.mp4", 640, 360, 24.0, {}, quality="kept") as writer:
            writer.add(frames, changed=False)
        frames = media.read(tmp_path / "a.mp4").frames
    assert psnr(frames, first) >= 43


def test_the_encoder_is_gone_when_the_file_is_signed(tmp_path: Path) -> None:
    """It holds pictures: half a gigabyte of 4K, which signing would come on top of."""
    sink = VideoSink(tmp_path / "film.mp4", VideoFormat(width=64, height=64, fps=16, tags={}, quality="good"), "mp4")
    for _ in range(3):
        sink.add(np.zeros((64, 64, 3), np.uint8))
    assert sink._encoder is not None
    sink.finish(None)
    assert not [each for each in gc.get_objects() if type(each) is OutputContainer]
    sink.abandon()
    assert media.probe(tmp_path / "film.mp4").frames == 3
