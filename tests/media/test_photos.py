"""Photos as phones and cameras give them: large, turned, deep, in wide colours, in HEIC."""

import io
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from yozora import media
from yozora.errors import UserError
from yozora.media import photos

LARGE = """
import re, sys, time
from pathlib import Path
from yozora import media
start = time.process_time()
found = media.probe(Path(sys.argv[1]))
(picture,) = media.open(Path(sys.argv[1]), width=224, height=128, fps=16).frames()
memory = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(found.width, found.height, *picture[64, 112], memory)
"""


def first(path: Path, width: int, height: int, fit: str = "crop") -> np.ndarray:
    return next(media.open(path, width=width, height=height, fps=16, fit=fit).frames())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing says how much memory was used")
@pytest.mark.parametrize(("name", "most"), [("a.jpg", 250_000), ("a.png", 550_000)])
def test_fault_12_a_photo_of_100_megapixels_takes_little_memory(tmp_path: Path, name: str, most: int) -> None:
    Image.new("RGB", (12_000, 8_400), (200, 100, 50)).save(tmp_path / name, compress_level=1)
    command = [sys.executable, "-c", LARGE, str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    width, height, red, green, blue, memory = (int(word) for word in done.stdout.split())
    assert (width, height) == (12_000, 8_400)
    assert np.abs(np.array([red, green, blue]) - (200, 100, 50)).max() <= 2
    assert memory < most  # kB; with four bytes a pixel, and once more, it would be 800 MB


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tiff", "a.gif", "a.avif"])
def test_fault_12_a_large_picture_of_every_kind_looks_as_a_small_one(tmp_path: Path, name: str) -> None:
    small = np.random.default_rng(3).integers(0, 256, (4, 8, 3), np.uint8)
    Image.fromarray(small.repeat(600, 0).repeat(600, 1)).save(tmp_path / name)
    found = media.probe(tmp_path / name)
    assert (found.width, found.height, found.still) == (4800, 2400, True)
    seen = first(tmp_path / name, 80, 40)[5::10, 5::10].astype(int)
    assert np.abs(seen - small).max() <= (40 if name == "a.gif" else 6)  # a GIF has few colours


def test_a_picture_above_128_megapixels_is_refused(tmp_path: Path) -> None:
    Image.new("1", (16_000, 8_100)).save(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"16000x8100, larger than 128 megapixels. Scale it down."):
        media.probe(tmp_path / "a.png")


def test_nothing_changes_where_nothing_is_to_be_done(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    assert np.array_equal(first(tmp_path / "a.png", 128, 96), noise)


def test_a_large_photo_is_set_upright(tmp_path: Path) -> None:
    picture = np.zeros((2000, 3000, 3), np.uint8)
    picture[:, :1500] = 250
    exif = Image.Exif()
    exif[0x0112] = 6  # turned right: what is left comes to the top
    Image.fromarray(picture).save(tmp_path / "a.jpg", exif=exif)
    found = media.probe(tmp_path / "a.jpg")
    assert (found.width, found.height) == (2000, 3000)
    seen = first(tmp_path / "a.jpg", 20, 30)
    assert seen[5].min() > 240
    assert seen[25].max() < 15


def test_fault_12_heic_is_read(tmp_path: Path, make_heic: Callable[..., bytes]) -> None:
    """Of the same kind: what a phone takes by itself, as it is and turned."""
    pytest.importorskip("pi_heif")
    picture = np.zeros((128, 192, 3), np.uint8)
    picture[:, :96] = (200, 60, 20)
    (tmp_path / "a.heic").write_bytes(make_heic(picture))
    (tmp_path / "b.heic").write_bytes(make_heic(picture, quarter_turns=1))
    assert np.abs(first(tmp_path / "a.heic", 192, 128)[64, 48].astype(int) - (200, 60, 20)).max() <= 6
    found = media.probe(tmp_path / "b.heic")
    assert (found.width, found.height, found.still) == (128, 192, True)
    turned = first(tmp_path / "b.heic", 128, 192)
    assert turned[48, 64].max() <= 12  # to the left: what was on the left is below
    assert turned[144, 64, 0] > 190


def test_without_pi_heif_a_line_says_what_to_do(
    tmp_path: Path, make_heic: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "knows_heic", lambda: False)
    (tmp_path / "a.heic").write_bytes(make_heic(np.zeros((64, 64, 3), np.uint8)))
    with pytest.raises(UserError, match=r"is a HEIC photo\. Run: pip install pi-heif"):
        media.probe(tmp_path / "a.heic")


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_sixteen_bits_are_scaled(tmp_path: Path, kind: str) -> None:
    values = (np.linspace(0, 65535, 256).reshape(16, 16)).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / f"a.{kind}")
    assert np.abs(first(tmp_path / f"a.{kind}", 16, 16)[..., 0] - values / 257).max() <= 1


def test_sixteen_bits_of_colour_are_scaled(tmp_path: Path) -> None:
    rgb48 = np.linspace(0, 65535, 16 * 16 * 3).reshape(16, 16, 3).astype(np.uint16)
    (tmp_path / "a.png").write_bytes(png48(rgb48))
    assert np.abs(first(tmp_path / "a.png", 16, 16) - rgb48 / 257).max() <= 1


def png48(picture_HWC: np.ndarray) -> bytes:
    frame = av.VideoFrame.from_ndarray(picture_HWC, format="rgb48le").reformat(format="rgb48be")
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = 16, 16, "rgb48be", Fraction(1)
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


def test_colours_of_a_wide_profile_are_brought_to_srgb(tmp_path: Path) -> None:
    """A profile whose red and green are exchanged: what comes out shows whether anybody looked at it."""
    profile = exchanged_profile()
    Image.new("RGB", (32, 32), (200, 60, 20)).save(tmp_path / "a.png", icc_profile=profile)
    Image.new("RGB", (32, 32), (200, 60, 20)).save(tmp_path / "a.jpg", icc_profile=profile, quality=100, subsampling=0)
    Image.new("RGBA", (32, 32), (200, 60, 20, 255)).save(tmp_path / "b.png", icc_profile=profile)
    for name in ("a.png", "a.jpg", "b.png"):
        assert np.abs(first(tmp_path / name, 32, 32)[0, 0].astype(int) - (60, 200, 20)).max() <= 4, name


def test_a_profile_that_makes_no_sense_is_passed_over(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), (200, 60, 20)).save(tmp_path / "a.png", icc_profile=b"no profile" * 20)
    assert first(tmp_path / "a.png", 32, 32)[0, 0].tolist() == [200, 60, 20]


def exchanged_profile() -> bytes:
    """sRGB as an ICC profile, with the tags of red and green exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    text = "sRGB".encode("utf-16-be")
    while text in data:
        at = data.index(text)
        data[at : at + len(text)] = "test".encode("utf-16-be")
    return bytes(data)


def test_cmyk_is_read(tmp_path: Path) -> None:
    Image.new("CMYK", (32, 32), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=100)
    red, green, blue = first(tmp_path / "a.jpg", 32, 32)[0, 0].tolist()
    assert red > 200
    assert max(green, blue) < 60


def test_a_photo_that_breaks_off_shows_what_is_there(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 100, 50)).save(out, "JPEG", quality=95)
    (tmp_path / "a.jpg").write_bytes(out.getvalue()[:-400])
    assert media.probe(tmp_path / "a.jpg").width == 640
