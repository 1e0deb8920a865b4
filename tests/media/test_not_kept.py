from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from yozora import media


def encode(
    path: Path,
    *,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times: Sequence[int] = (),
    curve: int = 1,
    voices: Sequence[str] = (),
) -> Path:
    """A film of grey frames, and tracks of sound in these layouts."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.color_trc = curve
        sounds = [container.add_stream("aac", rate=48_000) for _ in voices]
        for sound, layout in zip(sounds, voices, strict=True):
            sound.codec_context.layout = layout
        for k in range(6):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 40 * k, np.uint8), format="rgb24")
            frame = frame.reformat(format=pix_fmt)
            if times:
                frame.pts, frame.time_base = times[k], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        for sound, layout in zip(sounds, voices, strict=True):
            count = av.AudioLayout(layout).nb_channels
            piece = av.AudioFrame.from_ndarray(np.zeros((count, 4096), np.float32), format="fltp", layout=layout)
            piece.sample_rate = 48_000
            container.mux([*sound.encode(piece), *sound.encode(None)])
    return path


def test_what_is_as_films_are_is_kept_whole(tmp_path: Path) -> None:
    assert media.not_kept(encode(tmp_path / "a.mp4", voices=["stereo"])) == ()
    assert media.not_kept(encode(tmp_path / "a.mkv", voices=["mono"])) == ()


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("a.mkv", {"size": (63, 48), "codec": "ffv1", "pix_fmt": "yuv444p"}, "the odd side of 63x48"),
        ("a.mp4", {"codec": "libx265", "pix_fmt": "yuv420p10le"}, "10-bit colours"),
        ("a.mkv", {"times": [0, 40, 80, 300, 340, 380]}, "variable frame rate"),
        ("a.mp4", {"voices": ["5.1"]}, "6 audio channels"),
        ("a.mp4", {"voices": ["stereo", "mono"]}, "first of its 2 audio tracks"),
    ],
)
def test_what_cannot_be_kept_is_said_in_one_line(
    tmp_path: Path, name: str, settings: dict[str, object], says: str
) -> None:
    (line,) = media.not_kept(encode(tmp_path / name, **settings))  # type: ignore[arg-type]
    assert says in line
    assert line.startswith(f"{name}: ")


def see_through(path: Path, alpha: int) -> Path:
    """Three pictures of one colour that are as opaque as that, 0 to 255: as many as the kind of file holds."""
    if path.suffix in (".webm", ".mov"):
        codec, pix_fmt = ("libvpx-vp9", "yuva420p") if path.suffix == ".webm" else ("prores_ks", "yuva444p10le")
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=24)
            stream.width, stream.height, stream.pix_fmt = 64, 48, pix_fmt
            for _ in range(3):
                picture = np.full((48, 64, 4), (80, 90, 120, alpha), np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format=pix_fmt)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path
    pictures = [Image.new("RGBA", (64, 48), (80 + k, 90, 120, alpha)) for k in range(3)]
    moving = {"save_all": True, "append_images": pictures[1:], "duration": 60}
    pictures[0].save(path, **({} if path.name.startswith("still") else moving))
    return path


@pytest.mark.parametrize(
    "name", ["a.webm", "a.mov", "a.gif", "a.webp", "a.png", "still.png", "still.webp", "still.gif"]
)
def test_it_is_told_whether_white_shows_through(tmp_path: Path, name: str) -> None:
    assert media.probe(see_through(tmp_path / name, 0)).clear is True
    (tmp_path / "opaque").mkdir()
    assert media.probe(see_through(tmp_path / "opaque" / name, 255)).clear is False


def test_subtitles_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream, titles = container.add_stream("libx264", rate=24), container.add_stream("srt")
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        titles.codec_context.subtitle_header = b"[Script Info]\n"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert media.not_kept(path) == ("a.mkv: its subtitles are not kept",)


def test_high_dynamic_range_has_more_bits_too(tmp_path: Path) -> None:
    lines = media.not_kept(encode(tmp_path / "a.mp4", codec="libx265", pix_fmt="yuv420p10le", curve=16))
    assert [("10-bit colours" in line, "high dynamic range" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]


def test_of_a_picture_only_its_sides_matter(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((31, 64, 3), np.uint8)).save(tmp_path / "a.png")
    (line,) = media.not_kept(tmp_path / "a.png")
    assert "64x31" in line
