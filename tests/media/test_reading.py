import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Film
from yozora.media import sources

MakeFilm = Callable[..., Film]
Frames = NDArray[np.uint8]


def ramp(count: int, height: int = 48, width: int = 64) -> Frames:
    """Grey pictures that get lighter, 10 steps each."""
    return np.stack([np.full((height, width, 3), 10 * (index + 1), np.uint8) for index in range(count)])


def quarters(height: int = 32, width: int = 64) -> Frames:
    """One picture with a colour in each corner: red, green; blue, white."""
    picture = np.zeros((1, height, width, 3), np.uint8)
    picture[:, : height // 2, : width // 2] = (200, 40, 40)
    picture[:, : height // 2, width // 2 :] = (40, 180, 60)
    picture[:, height // 2 :, : width // 2] = (40, 60, 200)
    picture[:, height // 2 :, width // 2 :] = (240, 240, 240)
    return picture


def encode(
    path: Path,
    frames: Frames,
    *,
    codec: str = "libx264",
    rate: int = 16,
    pix_fmt: str = "yuv420p",
    times: Sequence[int] = (),
    options: dict[str, str] | None = None,
    change: Callable[[Any], None] = lambda stream: None,
    **settings: Any,
) -> Path:
    """Write frames with PyAV; `times` are presentation times in milliseconds."""
    with av.open(str(path), "w", **settings) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        change(stream)
        for index, picture in enumerate(frames):
            rgb = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(picture), format="rgba" if picture.shape[-1] == 4 else "rgb24"
            )
            frame = rgb.reformat(format=pix_fmt)
            if times:
                frame.pts, frame.time_base = times[index], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def levels(footage: media.Footage) -> list[int]:
    """Which of the ramp's pictures are shown."""
    return [round(float(picture[8:-8, 8:-8].mean()) / 10) - 1 for picture in footage.frames()]


def shown(path: Path, fps: float = 16, width: int = 64, height: int = 48, fit: str = "crop") -> media.Footage:
    return media.open(path, width=width, height=height, fps=fps, fit=fit)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "options"),
    [
        ("a.mp4", "libx264", "yuv420p", {"bf": "3"}),
        ("a.mp4", "libx265", "yuv420p10le", {"x265-params": "log-level=none"}),
        ("a.mp4", "libx264", "yuv444p", {}),
        ("a.mp4", "libx264", "yuv422p10le", {}),
        ("a.mov", "prores_ks", "yuv422p10le", {}),
        ("a.mkv", "ffv1", "yuv420p", {}),
        ("a.mkv", "libx264", "yuv420p", {"bf": "3"}),
        ("a.webm", "libvpx", "yuv420p", {}),
        ("a.webm", "libvpx-vp9", "yuv420p", {}),
        ("a.avi", "mpeg4", "yuv420p", {"bf": "2", "b": "4000000"}),
        ("a.avi", "libx264", "yuv420p", {"bf": "3"}),
        ("a.avi", "mjpeg", "yuvj420p", {}),
        ("a.ts", "libx264", "yuv420p", {"bf": "3"}),
        ("a.h264", "libx264", "yuv420p", {"bf": "3"}),
    ],
)
def test_films_of_every_kind_are_read_frame_by_frame(
    tmp_path: Path, name: str, codec: str, pix_fmt: str, options: dict[str, str]
) -> None:
    path = encode(tmp_path / name, ramp(20), codec=codec, pix_fmt=pix_fmt, options=options)
    footage = shown(path)
    assert levels(footage) == list(range(20))
    assert levels(footage) == list(range(20)), "it starts anew"
    assert (footage.count, footage.seconds, footage.native_size) == (20, pytest.approx(1.25, abs=0.002), (64, 48))
    found = media.probe(path)
    assert (found.width, found.height, found.frames, found.still, found.has_sound) == (64, 48, 20, False, False)
    assert (found.fps, found.seconds) == (pytest.approx(16, rel=0.01), pytest.approx(1.25, abs=0.002))


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (16.0, [0, 1, 2, 3, 4, 5, 6, 7]),
        (8.0, [0, 2, 4, 6]),
        (32.0, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]),
        (24.0, [0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7]),
        (4.0, [0, 4]),
        (1.0, [0]),
    ],
)
def test_at_each_moment_the_nearest_frame_is_shown(tmp_path: Path, fps: float, expected: list[int]) -> None:
    footage = shown(encode(tmp_path / "a.mp4", ramp(8)), fps)
    assert levels(footage) == expected
    assert footage.count == len(expected)


def test_a_variable_frame_rate_is_made_constant(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", ramp(5), times=[0, 100, 1000, 1100, 1200], rate=10)
    assert levels(shown(path, 10)) == [0, *[1] * 9, 2, 3, 4]


def test_time_starts_with_the_first_frame(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", ramp(4), times=[5000, 5100, 5200, 5300], rate=10)
    footage = shown(path, 10)
    assert levels(footage) == [0, 1, 2, 3]
    assert footage.seconds == pytest.approx(0.4, abs=0.002)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_rotation_flag_is_honoured(tmp_path: Path, degrees: int) -> None:
    path = encode(tmp_path / "a.mp4", quarters(), pix_fmt="yuv444p", change=lambda s: s.set_display_rotation(degrees))
    expected = np.rot90(quarters()[0], degrees // 90)
    height, width = expected.shape[:2]
    footage = shown(path, width=width, height=height)
    (picture,) = footage.frames()
    assert footage.native_size == (width, height) == (media.probe(path).width, media.probe(path).height)
    assert footage.aspect == width / height
    assert np.abs(picture.astype(int) - expected).max() <= 4


def test_a_mirror_flag_is_honoured(tmp_path: Path) -> None:
    path = encode(
        tmp_path / "a.mp4", quarters(), pix_fmt="yuv444p", change=lambda s: s.set_display_rotation(0, hflip=True)
    )
    (picture,) = shown(path, width=64, height=32).frames()
    assert np.abs(picture.astype(int) - quarters()[0, :, ::-1]).max() <= 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff"])
def test_a_photo_is_set_upright(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(quarters()[0]).save(tmp_path / name, exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(tmp_path / name)).convert("RGB")
    footage = shown(tmp_path / name, width=upright.width, height=upright.height)
    (picture,) = footage.frames()
    assert footage.native_size == upright.size
    assert np.abs(picture.astype(int)[4::8, 4::8] - np.asarray(upright)[4::8, 4::8]).max() <= 8


def test_pixels_need_not_be_square(tmp_path: Path) -> None:
    def wide(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(2)

    path = encode(tmp_path / "a.mp4", quarters(32, 32), change=wide)
    assert shown(path).native_size == (64, 32)
    assert media.probe(path).width == 64
    (picture,) = shown(path, width=64, height=64, fit="pad").frames()
    assert picture[:16].max() == picture[-16:].max() == 0
    assert picture[16:48].min() > 20


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.tiff", "a.gif", "misnamed.mp4"])
def test_a_still_is_one_frame(tmp_path: Path, name: str) -> None:
    Image.fromarray(quarters(48)[0]).save(tmp_path / name, format="PNG" if name == "misnamed.mp4" else None)
    footage = shown(tmp_path / name, 24)
    (picture,) = footage.frames()
    assert np.abs(picture.astype(int)[12::24, 8::16] - quarters(48)[0, 12::24, 8::16]).max() <= 6
    assert (footage.count, footage.seconds, footage.sound()) == (1, 1 / 24, None)
    found = media.probe(tmp_path / name)
    assert (found.still, found.frames, found.fps, found.seconds) == (True, 1, 0, 0)
    assert (found.width, found.height) == (64, 48)


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "LA", "RGBA"])
def test_stills_of_every_depth(tmp_path: Path, mode: str) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = Image.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(grey).convert(mode)
    image.save(tmp_path / "a.png")
    expected = grey if mode == "I;16" else np.asarray(image.convert("L"))
    (picture,) = shown(tmp_path / "a.png", width=16, height=16).frames()
    assert np.abs(picture.astype(int) - expected[..., None]).max() <= 1


ANIMATED = ["a.gif", "a.png", "a.webp"]


@pytest.mark.parametrize("name", ANIMATED)
def test_animations_are_shown_for_their_times(tmp_path: Path, name: str) -> None:
    first, *rest = (Image.fromarray(picture) for picture in ramp(4))
    first.save(tmp_path / name, save_all=True, append_images=rest, duration=[100, 300, 100, 200], lossless=True)
    footage = shown(tmp_path / name, 10)
    assert levels(footage) == levels(footage) == [0, 1, 1, 1, 2, 3, 3]
    assert footage.seconds == pytest.approx(0.7)
    found = media.probe(tmp_path / name)
    assert (found.frames, found.still, found.fps) == (4, False, pytest.approx(4 / 0.7))


def test_an_animated_webp_is_what_pillow_sees(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = []
    for index in range(6):
        picture = np.zeros((40, 60, 4), np.uint8)
        picture[5 * index : 5 * index + 12, 8 * index : 8 * index + 14] = rng.integers(0, 256, (12, 14, 4))
        images.append(Image.fromarray(picture))
    for settings in ({"lossless": True}, {"quality": 90}, {"lossless": True, "kmax": 0, "minimize_size": True}):
        images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=100, **settings)
        with Image.open(tmp_path / "a.webp") as stored:
            for index, picture in enumerate(shown(tmp_path / "a.webp", 10, width=60, height=40).frames()):
                stored.seek(index)
                frame = stored.convert("RGBA")
                expected = Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame).convert("RGB")
                assert np.abs(picture.astype(int) - np.asarray(expected)).mean() <= 1
    assert index == 5


@pytest.mark.parametrize("size", [(32, 16), (200, 100), (65, 33)], ids=str)
def test_an_animated_webp_has_any_width(tmp_path: Path, size: tuple[int, int]) -> None:
    images = [Image.new("RGB", size, (value, 90, 10)) for value in (20, 120, 220)]
    images[0].save(tmp_path / "a.webp", save_all=True, append_images=images[1:], duration=100, lossless=True)
    assert media.probe(tmp_path / "a.webp").frames == 3
    assert len(list(shown(tmp_path / "a.webp", 10, width=64, height=64).frames())) == 3


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    picture = np.zeros((1, 32, 32, 4), np.uint8)
    picture[:, :16] = (200, 0, 0, 255)
    picture[:, 16:, :16] = (0, 0, 200, 128)
    expected = {(8, 8): (200, 0, 0), (24, 8): (127, 127, 227), (24, 24): (255, 255, 255)}
    Image.fromarray(picture[0]).save(tmp_path / "a.png")
    Image.fromarray(picture[0]).save(tmp_path / "a.webp", lossless=True)
    encode(tmp_path / "a.mov", picture, codec="qtrle", pix_fmt="argb")
    encode(tmp_path / "b.mov", picture, codec="prores_ks", pix_fmt="yuva444p10le")
    for name in ("a.png", "a.webp", "a.mov", "b.mov"):
        (drawn,) = shown(tmp_path / name, width=32, height=32).frames()
        for (row, column), color in expected.items():
            assert np.abs(drawn[row, column].astype(int) - color).max() <= 5, (name, row, column)


LUMA = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("tag", "size"), [(1, 64), (5, 64), (9, 64), (2, 64), (2, 1040)])
def test_colours_follow_the_tagged_matrix_and_range(tmp_path: Path, tag: int, size: int, full: bool) -> None:
    y, u, v = 110, 100, 160
    frame = av.VideoFrame.from_ndarray(
        np.stack([np.full((64, size), value, np.uint8) for value in (y, u, v)]), format="yuv444p"
    )
    frame.color_range = 2 if full else 1
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=16, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = size, 64, "yuv444p"
        stream.codec_context.colorspace, stream.codec_context.color_range = tag, 2 if full else 1
        frame.colorspace = tag
        container.mux([*stream.encode(frame), *stream.encode()])
    red_part, blue_part = LUMA[{64: 5, 1040: 1}[size] if tag == 2 else tag]
    luma, chroma = (y / 255, 255) if full else ((y - 16) / 219, 224)
    red, blue = (luma + 2 * (1 - k) * (c - 128) / chroma for k, c in ((red_part, v), (blue_part, u)))
    green = (luma - red_part * red - blue_part * blue) / (1 - red_part - blue_part)
    (picture,) = shown(tmp_path / "a.mp4", width=size, height=64).frames()
    assert np.abs(picture[32, 32] - 255 * np.array([red, green, blue])).max() <= 2


@pytest.mark.parametrize(
    ("curve", "primaries", "expected"),
    [
        (16, 9, {0: 0, 74: 60, 130: 187, 148: 229, 255: 255}),  # PQ: 1, 100 and 203 candela, and more than a screen has
        (18, 9, {0: 0, 128: 137, 191: 228, 255: 255}),  # HLG: 191 is where BT.2408 has white
        (14, 9, {0: 0, 100: 100, 200: 200, 255: 255}),  # BT.2020 of usual range: a grey is a grey
    ],
)
def test_high_dynamic_range_is_brought_to_what_screens_show(
    tmp_path: Path, curve: int, primaries: int, expected: dict[int, int]
) -> None:
    def tag(stream: Any) -> None:
        codec = stream.codec_context
        codec.color_primaries, codec.color_trc, codec.colorspace = primaries, curve, 9

    greys = np.stack([np.full((48, 64, 3), value, np.uint8) for value in expected])
    path = encode(tmp_path / "a.mp4", greys, pix_fmt="yuv420p10le", options={"crf": "1"}, change=tag)
    seen = [int(picture[24, 32, 1]) for picture in shown(path).frames()]
    assert seen == pytest.approx(list(expected.values()), abs=3)


def test_wide_colours_are_brought_to_srgb(tmp_path: Path) -> None:
    def tag(stream: Any) -> None:
        codec = stream.codec_context
        codec.color_primaries, codec.color_trc, codec.colorspace = 9, 14, 9

    color = np.full((1, 48, 64, 3), (160, 120, 110), np.uint8)
    path = encode(tmp_path / "a.mp4", color, pix_fmt="yuv444p10le", options={"crf": "1"}, change=tag)
    (picture,) = shown(path).frames()
    assert int(picture[0, 0, 0]) - int(picture[0, 0, 1]) > 50  # the same numbers are a stronger colour there


@pytest.mark.parametrize(("codec", "name"), [("libvpx-vp9", "a.webm"), ("libvpx", "a.webm"), ("libvpx", "a.mkv")])
def test_fault_13_what_is_transparent_in_a_webm_is_white(tmp_path: Path, codec: str, name: str) -> None:
    picture = np.zeros((5, 48, 64, 4), np.uint8)
    picture[..., :3] = (10, 200, 30)  # the hidden colour
    picture[:, :24, :, 3] = 255
    path = encode(tmp_path / name, picture, codec=codec, pix_fmt="yuva420p", options={"auto-alt-ref": "0", "crf": "4"})
    drawn = list(shown(path).frames())
    assert len(drawn) == media.probe(path).frames == 5
    for frame in drawn:
        assert np.abs(frame[8, 32].astype(int) - (10, 200, 30)).max() <= 8
        assert frame[40, 32].min() >= 250


def test_fits(tmp_path: Path) -> None:
    Image.fromarray(quarters(32, 64)[0]).save(tmp_path / "a.png")
    cropped, padded, stretched = (
        next(shown(tmp_path / "a.png", width=32, height=32, fit=fit).frames()) for fit in ("crop", "pad", "stretch")
    )
    assert np.array_equal(cropped, quarters(32, 64)[0, :, 16:48])
    assert padded[:8].max() == padded[-8:].max() == 0
    assert np.array_equal(padded[8:-8], quarters(16, 32)[0])
    assert np.array_equal(stretched, quarters(32, 32)[0])
    tall = next(shown(tmp_path / "a.png", width=64, height=128, fit="pad").frames())
    assert tall[:48].max() == tall[-48:].max() == 0
    with pytest.raises(UserError, match="crop, pad, stretch"):
        shown(tmp_path / "a.png", fit="squeeze")


@pytest.mark.parametrize("size", [(1, 1), (4096, 1), (1, 4096), (3, 5), (301, 77)])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_any_size_fits_into_any_other(tmp_path: Path, size: tuple[int, int], fit: str) -> None:
    Image.new("RGB", size, (200, 100, 50)).save(tmp_path / "a.png")
    for width, height in ((64, 64), (224, 128), (64, 1024)):
        picture = next(shown(tmp_path / "a.png", width=width, height=height, fit=fit).frames())
        assert picture.shape == (height, width, 3)
        assert picture.dtype == np.uint8
        assert picture.flags.writeable
        assert picture.reshape(-1, 3).max(0).tolist() == [200, 100, 50]


def test_a_picture_that_shrinks_is_averaged(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    picture = next(shown(tmp_path / "a.png", width=24, height=16).frames())
    assert np.abs(picture - noise.reshape(16, 4, 24, 4, 3).mean((1, 3))).max() <= 1


def test_a_film_in_memory_is_shown_as_its_file_is(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(frames=9, fps=16.0)
    footage = media.shown(film, width=64, height=32, fps=12.0, fit="pad")
    stored = media.open(film.save(tmp_path / "a.mp4"), width=64, height=32, fps=12.0, fit="pad")
    assert (footage.count, footage.native_size, footage.aspect) == (stored.count, stored.native_size, stored.aspect)
    for one, other in zip(footage.frames(), stored.frames(), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 6
    same = media.shown(film, width=96, height=64, fps=16.0)
    assert np.array_equal(np.stack(list(same.frames())), film.frames)
    next(same.frames())[:] = 0
    assert film.frames.any(), "the arrays are the caller's own"
    assert same.sound() is None


def test_facts_are_found(tmp_path: Path, make_film: MakeFilm) -> None:
    assert media.probe(make_film().save(tmp_path / "a.mp4")).facts == {"prompt": "bars", "seed": 7, "model": "toy"}


def test_a_film_that_ends_early_is_used_up_to_there(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 64, 3), np.uint8)
    path = encode(
        tmp_path / "a.mp4", noise, options={"bf": "0", "g": "5"}, container_options={"movflags": "+faststart"}
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    footage = shown(path)
    assert 15 <= footage.count <= 25
    assert footage.count - 1 <= len(list(footage.frames())) <= footage.count
    path = encode(tmp_path / "a.mkv", noise, options={"g": "5"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 10 <= len(list(shown(path).frames())) <= 25


def test_a_damaged_middle_is_survived(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", ramp(24), options={"g": "6"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 60] = os.urandom(60)
    path.write_bytes(data)
    assert 1 <= len(list(shown(path).frames())) <= 24


def refused(path: Path, says: str) -> str:
    """What is told of a file that cannot be used, alike by all that open it."""
    told = set()
    for use in (media.probe, media.read, shown):
        with pytest.raises(UserError, match=says) as raised:
            use(path)
        told.add(str(raised.value))
    (line,) = told
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("text.mp4", b"words, and more of them" * 20, "not a video or a picture"),
        ("empty.mp4", b"", "it is empty"),
        ("zeros.mp4", bytes(10_000), "not a video or a picture"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is a playlist"),
        ("list.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n", "is a playlist"),
        ("list.mpd", b'<?xml version="1.0"?><MPD/>', "not a video or a picture"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(80), "HEIC"),
        ("sound.wav", b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0\x10\0data\0\0\0\0", "not a video"),
        ("half.webp", b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\x3f\0\0\x3f\0\0", "no picture that can be decoded"),
        ("half.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no picture that can be decoded"),
    ],
)
def test_what_is_no_film_is_told(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert name in refused(tmp_path / name, says)


def test_places_that_are_no_file_are_told(tmp_path: Path) -> None:
    refused(tmp_path, "it is a folder")
    refused(tmp_path / "missing.mp4", "No such file")
    refused(Path("/dev/zero"), "not a regular file")
    os.mkfifo(tmp_path / "pipe.mp4")
    refused(tmp_path / "pipe.mp4", "not a regular file")
    refused(Path("nul\0.mp4"), "Cannot read")
    refused(Path("https://example.org/film.mp4"), "is a URL")
    refused(Path("concat:a.mp4|b.mp4"), "No such file")


def test_a_name_is_never_a_pattern(tmp_path: Path) -> None:
    Image.fromarray(quarters()[0]).save(tmp_path / "%03d.png")
    assert media.probe(tmp_path / "%03d.png").still


def test_a_film_without_its_index_is_told(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", ramp(20))
    path.write_bytes(path.read_bytes()[:-200])
    refused(path, "its index is missing")


def test_a_film_of_sound_only_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 4800), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    refused(tmp_path / "a.mp4", "has no video")


def test_a_film_without_frames_is_told(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.avi", ramp(3), codec="mjpeg", pix_fmt="yuvj420p")
    data = path.read_bytes()
    (tmp_path / "b.avi").write_bytes(data[: data.index(b"movi") + 4])
    refused(tmp_path / "b.avi", "not a video or a picture|has no")
    with av.open(str(tmp_path / "c.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=16)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    refused(tmp_path / "c.mp4", "has no")


def test_an_8k_film_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mjpeg", rate=16)
        stream.width, stream.height, stream.pix_fmt = 7680, 4320, "yuvj420p"
        grey = np.full((4320 * 3 // 2, 7680), 128, np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="yuvj420p")))
        container.mux(stream.encode(None))
    with pytest.raises(UserError, match=r"larger than 4096x4096. Scale it down."):
        media.probe(tmp_path / "a.mp4")


# What getrusage says includes what the process that started this one took.
PEAK = """
import re, sys
from pathlib import Path
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
has_peak = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing says how much memory was used")

BOMB = f"""{PEAK}
from yozora import media
from yozora.errors import UserError
try:
    media.probe(Path(sys.argv[1]))
except UserError as error:
    print(error, peak(), sep="|")
"""


@has_peak
def test_a_bomb_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(20_000 * 300)))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b""))
    command = [sys.executable, "-c", BOMB, str(tmp_path / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    line, memory = done.stdout.split("|")
    assert "larger than 128 megapixels" in line
    assert int(memory) < 300_000  # kB; the picture would take 1.2 GB


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.gif"])
def test_a_film_of_three_hours_is_refused(tmp_path: Path, name: str) -> None:
    if name == "a.gif":
        first, second = (Image.fromarray(picture) for picture in ramp(2))
        first.save(tmp_path / name, save_all=True, append_images=[second, first] * 9, duration=600_000)
    elif name == "a.avi":
        encode(tmp_path / name, ramp(20), codec="mpeg4", rate=Fraction(1, 600))  # type: ignore[arg-type]
    else:
        encode(tmp_path / name, ramp(2), times=[0, 3 * 3600 * 1000])
    line = refused(tmp_path / name, "longer than 30 minutes")
    assert line.endswith("Shorten it.")


def test_too_many_frames_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FRAMES", 10)
    refused(encode(tmp_path / "a.mp4", ramp(11)), "more than 10 frames")


def test_a_cover_picture_is_no_film(tmp_path: Path) -> None:
    Image.fromarray(quarters()[0]).save(tmp_path / "cover.png")
    with av.open(str(tmp_path / "cover.png")) as cover, av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream_from_template(cover.streams.video[0])
        stream.disposition = av.stream.Disposition.attached_pic
        for packet in cover.demux():
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    refused(tmp_path / "a.mp4", "has no video")


MINUTE = f"""{PEAK}
from yozora import media
footage = media.open(Path(sys.argv[1]), width=320, height=180, fps=30.0)
pictures = footage.frames()
next(pictures)
before = peak()
print(sum(1 for _ in pictures), peak() - before)
assert "torch" not in sys.modules and "PIL" not in sys.modules
"""


@has_peak
def test_a_minute_takes_no_more_memory_than_a_few_frames(tmp_path: Path) -> None:
    still = quarters(180, 320)
    path = encode(
        tmp_path / "a.mp4", np.broadcast_to(still, (600, 180, 320, 3)), rate=10, options={"preset": "ultrafast"}
    )
    command = [sys.executable, "-c", MINUTE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = re.fullmatch(r"(\d+) (\d+)\n", done.stdout)
    assert found
    assert int(found[1]) == 1799
    assert int(found[2]) < 20 * 320 * 180 * 3 / 1024  # kB; the whole film is 311 MB


def test_a_pixel_format_that_nothing_converts_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.nut"), "w") as container:
        stream = container.add_stream("rawvideo", rate=16)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb4"
        container.mux([*stream.encode(av.VideoFrame(64, 48, "rgb4")), *stream.encode(None)])
    with pytest.raises(UserError, match="pixel format rgb4"):
        media.probe(tmp_path / "a.nut")


@pytest.mark.parametrize("width", [10, 5000])
def test_an_animated_webp_that_lies_about_a_size_is_survived(tmp_path: Path, width: int) -> None:
    first, *rest = (Image.fromarray(picture) for picture in ramp(4))
    first.save(tmp_path / "a.webp", save_all=True, append_images=rest, duration=100, lossless=True)
    data = bytearray((tmp_path / "a.webp").read_bytes())
    at = data.index(b"ANMF", data.index(b"ANMF") + 1) + 8 + 6
    data[at : at + 3] = width.to_bytes(3, "little")
    (tmp_path / "a.webp").write_bytes(data)
    assert 1 <= len(list(shown(tmp_path / "a.webp", 10).frames())) <= 4


def numbered(path: Path, count: int, rate: Fraction, **settings: Any) -> Path:
    """A film of pictures that all differ, with what encoders do to them."""
    rng = np.random.default_rng(count)
    frames = rng.integers(0, 255, (count, 6, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    return encode(path, frames, rate=rate, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(60)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_at_its_own_size_and_rate_a_film_comes_out_exactly(tmp_path: Path, rate: Fraction, name: str) -> None:
    for count in range(1, 10):
        path = numbered(tmp_path / name, count, rate)
        found, clip = media.probe(path), media.read(path)
        footage = media.open(path, width=found.width, height=found.height, fps=found.fps)
        assert (len(clip.frames), footage.count, footage.most) == (count, count, count)
        assert np.array_equal(np.stack(list(footage.frames())), clip.frames)
        assert np.array_equal(np.stack(list(footage.closing())), clip.frames)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("a.mp4", Fraction(24)),
        ("a.mp4", Fraction(30000, 1001)),
        ("a.mkv", Fraction(30000, 1001)),
        ("a.webm", Fraction(24)),
        ("a.ts", Fraction(24)),
        ("a.avi", Fraction(30000, 1001)),
    ],
)
def test_frames_from_a_second_on_are_those_that_come_then(tmp_path: Path, name: str, rate: Fraction) -> None:
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    options = {"g": "20", "bf": "3", "x264-params": "open-gop=1"} if codec == "libx264" else {"g": "20"}
    path = numbered(tmp_path / name, 130, rate, codec=codec, options=options)
    found = media.probe(path)
    footage = media.open(path, width=64, height=48, fps=found.fps)
    whole = list(footage.frames())
    for first in (1, 31, 77, 129):
        assert np.array_equal(list(footage.frames(first / found.fps)), whole[first:])
    assert list(footage.frames(200 / found.fps)) == []
    assert np.array_equal(list(footage.closing(30)), whole[-30:])


def test_what_lies_before_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = numbered(tmp_path / "a.mp4", 200, Fraction(20), options={"g": "20"})
    decoded = []
    real = sources.frames_of

    def watched(path: Path, after: float | None = None) -> Any:
        for frame in real(path, after):
            decoded.append(frame.pts)
            yield frame

    footage = media.open(path, width=64, height=48, fps=20.0)
    monkeypatch.setattr(sources, "frames_of", watched)
    assert len(list(footage.frames(9.0))) == 20
    assert len(decoded) <= 60
    decoded.clear()
    assert len(list(footage.closing(5))) == 5
    assert len(decoded) <= 60


def test_pictures_for_the_model_are_counted_back_from_the_last_one(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", ramp(20), rate=30, codec="ffv1")
    footage = shown(path, 16)
    assert footage.most == 11
    picked = [round(float(picture.mean()) / 10) - 1 for picture in footage.closing()]
    assert picked[-1] == 19
    assert np.abs(np.array(picked) - [19 - k * 30 / 16 for k in reversed(range(11))]).max() <= 0.5
    assert len(list(footage.closing(3))) == 3
    assert len(list(footage.first().closing())) == 1


def test_a_film_in_memory_and_a_still_end_too(make_film: MakeFilm, tmp_path: Path) -> None:
    film = make_film(frames=9, height=48, width=64)
    footage = media.shown(film, width=64, height=48, fps=16)
    assert np.array_equal(list(footage.closing(4)), film.frames[-4:])
    assert np.array_equal(list(footage.frames(0.25)), film.frames[4:])
    Image.fromarray(quarters()[0]).save(tmp_path / "a.png")
    still = media.open(tmp_path / "a.png", width=64, height=32, fps=16)
    assert np.array_equal(list(still.closing()), quarters())
    assert np.array_equal(list(still.frames()), quarters())
