from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from yozora import media
from yozora.films.film import Film, Sound
from yozora.media import sound
from yozora.media.mixing import mixed

MakeFilm = Callable[..., Film]


def tone(seconds: float = 1.0, rate: int = 48_000, channels: int = 2, hertz: float = 440.0) -> Sound:
    """A sine at half loudness, the second channel an octave up."""
    time = np.arange(round(seconds * rate)) / rate
    samples = np.stack([0.5 * np.sin(2 * np.pi * hertz * (1 + side) * time) for side in range(channels)], axis=1)
    return Sound(samples=samples.astype(np.float32), rate=rate)


def pitch(samples_N: NDArray[np.float32], rate: int) -> float:
    """The loudest frequency, in Hz."""
    power = np.abs(np.fft.rfft(samples_N * np.hanning(len(samples_N))))
    return float(power.argmax() * rate / len(samples_N))


def assert_alike(heard: Sound, expected: Sound) -> None:
    """As loud, in time to a twentieth of a millisecond, and clean but for what a codec adds."""
    middle = slice(expected.rate // 4, expected.rate * 3 // 4)
    one, other = heard.samples[middle, 0], expected.samples[middle, 0]
    wave = np.exp(-2j * np.pi * 440 * np.arange(len(one)) / expected.rate)
    turn = (wave @ one) / (wave @ other)
    assert abs(np.angle(turn)) / (2 * np.pi * 440) < 0.000_05
    assert abs(turn) == pytest.approx(1, abs=0.05)
    assert ((one - other) ** 2).mean() < 0.01 * (other**2).mean()


def encode(
    path: Path, heard: Sound, *, codec: str = "aac", layout: str = "stereo", late: float = 0.0, video: float = 1.0
) -> Path:
    """A film of black pictures whose sound starts `late` seconds after them."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        voice = container.add_stream(codec, rate=heard.rate)
        voice.codec_context.layout = layout
        voice.codec_context.open(strict=False)
        for _ in range(round(video * 10)):
            container.mux(pictures.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(pictures.encode(None))
        resampler = av.AudioResampler(
            format=voice.codec_context.format, layout=layout, rate=heard.rate, frame_size=voice.codec_context.frame_size
        )
        channels = voice.codec_context.channels
        packed = np.ascontiguousarray(np.resize(heard.samples, (len(heard.samples), channels))).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = heard.rate, Fraction(1, heard.rate), round(late * heard.rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(voice.encode(piece))
        container.mux(voice.encode(None))
    return path


def listen(path: Path) -> Sound:
    heard = media.open(path, width=64, height=48, fps=10.0).sound()
    assert heard is not None
    return heard


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp4", "aac", 48_000),
        ("a.mp4", "aac", 44_100),
        ("a.mp4", "aac", 16_000),
        ("a.webm.mkv", "libopus", 48_000),
        ("a.mov", "pcm_s16le", 8_000),
        ("a.mkv", "flac", 96_000),
    ],
)
def test_sound_is_heard_where_it_was(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    path = encode(tmp_path / name, tone(rate=rate), codec=codec)
    assert media.probe(path).has_sound
    heard = listen(path)
    assert heard.rate == min(rate, 48_000)
    assert heard.seconds == pytest.approx(1.0, abs=0.03)
    assert pitch(heard.samples[:, 0], heard.rate) == pytest.approx(440, abs=3)
    assert pitch(heard.samples[:, 1], heard.rate) == pytest.approx(880, abs=3)
    assert_alike(heard, tone(rate=heard.rate))


def test_channels(tmp_path: Path) -> None:
    assert listen(encode(tmp_path / "a.mp4", tone(channels=1), layout="mono")).samples.shape[1] == 1
    assert listen(encode(tmp_path / "b.mp4", tone(), layout="5.1")).samples.shape[1] == 2


@pytest.mark.parametrize("late", [0.25, 0.5])
def test_late_sound_is_late(tmp_path: Path, late: float) -> None:
    heard = listen(encode(tmp_path / "a.mkv", tone(0.4), codec="pcm_s16le", late=late))
    loud = np.flatnonzero(np.abs(heard.samples[:, 0]) > 0.05)
    assert loud[0] / heard.rate == pytest.approx(late, abs=0.01)


def test_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    assert listen(encode(tmp_path / "a.mp4", tone(3.0))).seconds == pytest.approx(1.0, abs=0.001)
    short = listen(encode(tmp_path / "b.mp4", tone(0.4)))
    assert short.seconds == pytest.approx(0.4, abs=0.05)


def test_a_film_without_sound_has_none(tmp_path: Path, make_film: MakeFilm) -> None:
    path = make_film().save(tmp_path / "a.mp4")
    assert not media.probe(path).has_sound
    assert media.open(path, width=64, height=64, fps=16.0).sound() is None
    with av.open(str(path)) as container:
        assert len(container.streams) == 1


@pytest.mark.parametrize(("rate", "other"), [(44_100, 48_000), (48_000, 16_000), (8_000, 48_000), (11_025, 44_100)])
def test_another_rate_is_the_same_sound(rate: int, other: int) -> None:
    there = media.resampled(tone(rate=rate), other)
    assert there.samples.shape == (other, 2)
    middle = slice(other // 10, -other // 10)
    assert np.abs(there.samples[middle] - tone(rate=other).samples[middle]).max() < 0.01
    assert media.resampled(tone(0.0), other).samples.shape == (0, 2)


def test_sound_is_checked() -> None:
    good = np.zeros((4, 2), np.float32)
    for samples in (good.astype(float), good[:, 0], good[:, :0], np.zeros((4, 3), np.float32), good + 2, good * np.nan):
        with pytest.raises(ValueError, match="samples"):
            Sound(samples=samples.astype(samples.dtype), rate=48_000)
    with pytest.raises(ValueError, match="rate"):
        Sound(samples=good, rate=0)


def test_a_cut_is_what_is_heard_then() -> None:
    heard = tone(2.0, rate=1000, hertz=5)
    assert np.array_equal(heard.cut(0.5, 1.25).samples, heard.samples[500:1250])
    assert heard.cut(-1.0, 9.0).seconds == 2.0
    assert heard.cut(1.0, 0.5).seconds == heard.cut(5.0, 6.0).seconds == 0.0


def test_pieces_are_laid_on_a_timeline() -> None:
    one, other = tone(0.5, rate=16_000, channels=1), tone(0.5, rate=8_000, channels=2)
    laid = mixed([(0.25, one), (1.5, other)], 2.0)
    assert laid is not None
    assert (laid.rate, laid.samples.shape) == (16_000, (32_000, 2))
    assert laid.cut(0, 0.25).samples.any() == laid.cut(0.75, 1.5).samples.any() == False  # noqa: E712
    assert np.allclose(laid.cut(0.3, 0.7).samples[:, 0], one.cut(0.05, 0.45).samples[:, 0])
    assert pitch(laid.cut(1.5, 2.0).samples[:, 1], 16_000) == pytest.approx(880, abs=5)
    assert mixed([], 2.0) is None
    assert mixed([(0.0, tone(0.0))], 2.0) is None


def test_pieces_that_jut_out_are_cut_and_those_that_overlap_add_up() -> None:
    flat = Sound(samples=np.full((1000, 1), 0.75, np.float32), rate=1000)
    laid = mixed([(-0.5, flat), (0.9, flat), (5.0, flat), (-3.0, flat)], 1.0)
    assert laid is not None
    assert laid.samples.shape == (1000, 1)
    assert np.flatnonzero(laid.samples[:, 0]).tolist()[-1] < 1000
    assert laid.cut(0.01, 0.49).samples.min() == 0.75
    assert not laid.cut(0.5, 0.9).samples.any()
    loud = mixed([(0.0, flat), (0.0, flat)], 1.0)
    assert loud is not None
    assert loud.samples.max() == 1.0


def test_nothing_clicks() -> None:
    flat = Sound(samples=np.full((48_000, 2), 1.0, np.float32), rate=48_000)
    laid = mixed([(0.5, flat.cut(0, 0.25)), (1.0, flat), (1.2, Sound(samples=flat.samples[:7], rate=48_000))], 1.5)
    assert laid is not None
    assert np.abs(np.diff(laid.samples, axis=0, prepend=0, append=0)).max() <= 1 / (0.005 * 48_000) + 1e-6


def test_a_rate_is_at_most_48_khz() -> None:
    laid = mixed([(0.0, tone(0.1, rate=96_000))], 0.1)
    assert laid is not None
    assert laid.rate == 48_000


def film_with(make_film: MakeFilm, heard: Sound, frames: int = 16) -> Film:
    film = make_film(frames=frames)
    return Film(frames=film.frames, fps=film.fps, prompt="bars", seed=7, model="toy", sound=heard)


@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000, 11_025, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_film_keeps_its_sound(tmp_path: Path, make_film: MakeFilm, rate: int, channels: int) -> None:
    film = film_with(make_film, tone(3.0, rate, channels))
    path = film.save(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == [path]
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    found = media.probe(path)
    assert (found.frames, found.fps, found.facts["prompt"], found.has_sound) == (16, 16, "bars", True)
    footage = media.open(path, width=96, height=64, fps=16.0)
    heard = footage.sound()
    assert heard is not None
    assert heard.samples.shape[1] == channels
    assert heard.seconds == pytest.approx(1.0, abs=0.001)
    assert_alike(heard, tone(1.0, heard.rate, channels))
    silent = media.read(make_film(frames=16).save(tmp_path / "b.mp4"))
    assert np.array_equal(media.read(path).frames, silent.frames), "the pictures are those of a silent film"


def test_packets_are_interleaved(tmp_path: Path, make_film: MakeFilm) -> None:
    path = film_with(make_film, tone(6.0), frames=80).save(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        stored = sorted((packet.pos, packet.stream_index) for packet in container.demux() if packet.size)
    kinds = [kind for _, kind in stored]
    assert max(len(run) for run in "".join(map(str, kinds)).split("0")) < 80


def test_without_aac_there_is_opus(tmp_path: Path, make_film: MakeFilm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound.av, "codecs_available", {"libopus"})
    path = film_with(make_film, tone(1.0, 44_100)).save(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.name in ("opus", "libopus")
    assert pitch(listen(path).samples[:, 0], 48_000) == pytest.approx(440, abs=3)


def test_a_film_in_memory_is_heard(make_film: MakeFilm) -> None:
    heard = media.shown(film_with(make_film, tone(3.0)), width=96, height=64, fps=8.0).sound()
    assert heard is not None
    assert heard.seconds == pytest.approx(1.0)
