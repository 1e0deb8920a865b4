"""Uploads: taken for what they hold, refused in one line, looked at by a process that can do little harm."""

import io
import os
import struct
import subprocess
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from yozora.errors import UserError
from yozora.films.film import Film
from yozora.provenance import confined
from yozora.server.bounds import Limits
from yozora.server.errors import ApiError
from yozora.server.safety import inspection, uploads

LIMITS = Limits()
PICTURES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tiff", "AVIF": "avif"}


def picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, kind)
    return out.getvalue()


@pytest.fixture
def film(tmp_path: Path, make_film: Callable[..., Film]) -> bytes:
    return make_film(frames=5).save(tmp_path / "made.mp4").read_bytes()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A PNG of one bit a pixel: a hundred kilobytes that would unfold to gigabytes."""
    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    data = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "hello")
    return out.getvalue()


def written(folder: Path, data: bytes, name: str = "upload.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refused(path: Path) -> str:
    """What the inspector says, run in this process."""
    with pytest.raises(UserError) as caught:
        inspection.inspect_file(path, inspection.sniffed(path))
    return confined.without(caught.value.message, str(path))


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_known_by_their_content(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, picture(kind))
    found = inspection.inspect_file(path, inspection.sniffed(path))
    assert (found["kind"], found["width"], found["height"], found["frames"]) == ("picture", 64, 48, 1)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_is_a_film(tmp_path: Path, kind: str) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), color) for color in ("red", "green", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    path = written(tmp_path, out.getvalue())
    found = inspection.inspect_file(path, inspection.sniffed(path))
    assert (found["kind"], found["frames"]) == ("film", 3)
    assert found["seconds"] == pytest.approx(0.3, abs=0.02)


def test_fault_12_the_process_reads_large_photos_and_heic(tmp_path: Path, make_heic: Callable[..., bytes]) -> None:
    pytest.importorskip("pi_heif")
    found = uploads.inspect(written(tmp_path, make_heic(np.zeros((128, 192, 3), np.uint8))), LIMITS)
    assert (found.kind, found.width, found.height) == ("picture", 192, 128)
    out = io.BytesIO()
    Image.new("RGB", (12_000, 8_400), (200, 100, 50)).save(out, "JPEG")
    path = written(tmp_path, out.getvalue())
    assert uploads.inspect(path, LIMITS).width == 12_000
    assert Image.open(io.BytesIO(uploads.still(path, LIMITS))).size == (512, 358)


def test_the_process_looks_and_shows(tmp_path: Path, film: bytes) -> None:
    path = written(tmp_path, film, "photo.jpg")
    found = uploads.inspect(path, LIMITS)
    assert (found.kind, found.width, found.height, found.frames, found.has_sound) == ("film", 96, 64, 5, False)
    assert found.seconds == pytest.approx(5 / 16, abs=0.01)
    large = written(tmp_path, picture("PNG", (1200, 300)))
    shown = Image.open(io.BytesIO(uploads.still(large, LIMITS)))
    assert (shown.format, shown.size) == ("PNG", (512, 128))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"hello, this is text", "The file is neither a picture nor a film."),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "The file is an SVG drawing."),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "The file is a playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "The file is a playlist"),
        (b"\xef\xbb\xbf\n<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>", "The file is a playlist"),
        (archive(), "The file is an archive."),
        (b"%PDF-1.7\n", "The file is neither a picture nor a film."),
        (b"\x7fELF" + bytes(100), "The file is neither a picture nor a film."),
        (b"RIFF\x10\0\0\0WAVEfmt " + bytes(100), "The file is neither a picture nor a film."),
        (b"OggS" + bytes(100), "The file is neither a picture nor a film."),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    message = refused(written(tmp_path, data, "photo.png"))
    assert message.startswith(told)
    assert message.endswith("a film an MP4, MOV, WebM, MKV, AVI or GIF.")


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_was_cut_short_is_refused(tmp_path: Path, kind: str) -> None:
    data = picture(kind)
    for part in (len(data) // 2, len(data) - 3, 30, 12):
        told = refused(written(tmp_path, data[:part]))
        assert told == "The file is damaged. Its end is missing. Send the whole file." or kind == "TIFF"


def test_a_film_that_was_cut_short_is_refused(tmp_path: Path, film: bytes) -> None:
    for part in (len(film) // 2, len(film) - 20, 40, 20):
        assert "end is missing" in refused(written(tmp_path, film[:part]))
    broken = film[:8] + os.urandom(len(film) - 8)
    assert refused(written(tmp_path, broken))


@pytest.mark.parametrize("container", ["matroska", "webm", "avi"])
def test_other_containers_have_to_be_whole_too(tmp_path: Path, container: str) -> None:
    path = tmp_path / "film"
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("libvpx" if container == "webm" else "mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode())
    found = inspection.inspect_file(path, inspection.sniffed(path))
    assert (found["kind"], found["width"], found["frames"]) == ("film", 64, 5)
    path.write_bytes(path.read_bytes()[:-30])
    assert "end is missing" in refused(path)


def test_a_jpeg_needs_its_own_end_not_the_thumbnail_s(tmp_path: Path) -> None:
    whole = picture("JPEG")
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + len(whole)) + whole
    nested = whole[:2] + thumbnail + whole[2:]
    inspection.sniffed(written(tmp_path, nested))
    assert "end is missing" in refused(written(tmp_path, nested[:-2]))


@pytest.mark.parametrize("kind", PICTURES)
def test_two_kinds_in_one_file_are_refused(tmp_path: Path, kind: str) -> None:
    assert refused(written(tmp_path, picture(kind) + archive())).startswith("The file is of two types at once.")


def test_a_picture_that_is_also_a_page_is_refused(tmp_path: Path) -> None:
    data = picture("JPEG")
    comment = b"<html><script>alert(1)</script>"
    page = data[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment + data[2:]
    assert "two types" in refused(written(tmp_path, page))


def test_bombs_are_refused_in_bounded_time(tmp_path: Path) -> None:
    path = written(tmp_path, bomb(30_000))
    assert path.stat().st_size < 1 << 20
    began = time.monotonic()
    with pytest.raises(ApiError) as caught:
        uploads.inspect(path, LIMITS)
    assert time.monotonic() - began < 30
    assert (caught.value.status, caught.value.code) == (400, "invalid_file")
    assert "larger than 128 megapixels" in caught.value.message
    assert str(tmp_path) not in caught.value.message


def test_a_gif_that_claims_a_huge_screen_is_refused(tmp_path: Path) -> None:
    data = bytearray(picture("GIF"))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    assert refused(written(tmp_path, bytes(data)))


def test_too_many_pixels_in_all_are_refused(tmp_path: Path, film: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MAX_WORK", 1000)
    assert refused(written(tmp_path, film)) == "The film is too large: 5 frames of 96x64. Shorten it or scale it down."


def test_ten_hours_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for second in (0, 36_000):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts = second * 10
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    assert "is longer than 30 minutes" in refused(path)


def test_an_operator_decides_how_long_a_film_may_be(tmp_path: Path, film: bytes) -> None:
    with pytest.raises(ApiError, match=r"The film has 0\.3 seconds, and 0\.1 is the limit\."):
        uploads.inspect(written(tmp_path, film), replace(LIMITS, upload_seconds=0.1))
    with pytest.raises(ApiError) as caught:
        uploads.inspect(written(tmp_path, film), replace(LIMITS, upload_bytes=100))
    assert (caught.value.status, caught.value.code) == (413, "file_too_large")


def test_memory_and_time_are_bounded(tmp_path: Path) -> None:
    path = written(tmp_path, picture("PNG", (3000, 3000)))
    for less in (replace(LIMITS, decode_bytes=150 << 20), replace(LIMITS, decode_bytes=60 << 20)):
        with pytest.raises(ApiError, match=r"damaged, or|memory") as caught:
            uploads.inspect(path, less)
        assert caught.value.status == 400
    with pytest.raises(ApiError, match=r"takes more than 0\.01 seconds"):
        uploads.inspect(path, replace(LIMITS, decode_seconds=0.01))


def test_what_it_starts_dies_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        shell = ["/bin/sh", "-c", f"sleep 60 & echo $! > {tmp_path / 'child'}; wait"]
        started.append(real(shell, **options))  # type: ignore[call-overload]
        return started[-1]

    real = subprocess.Popen
    monkeypatch.setattr(confined.subprocess, "Popen", start)
    with pytest.raises(ApiError, match="more than 2 seconds"):
        uploads.inspect(written(tmp_path, picture("PNG")), replace(LIMITS, decode_seconds=2))
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child lives")
    assert started[0].poll() is not None


def test_it_inherits_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    assert set(confined.bare()) == {"PYTHONPATH", "LANG", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"}


def test_it_gives_up_what_it_does_not_need() -> None:
    """Limits that hold, and no file larger than its answer."""
    code = (
        "from yozora.server.safety import inspection as i; import resource as r; i.give_up(1 << 30, 5, 1 << 20);"
        "print([r.getrlimit(k)[1] for k in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)]);"
        "import sys; print(*[m for m in ('torch', 'numpy', 'av', 'fastapi', 'sqlalchemy') if m in sys.modules])"
    )
    command = [confined.sys.executable, "-S", "-s", "-P", "-c", code]
    done = subprocess.run(command, env=confined.bare(), capture_output=True, text=True, check=True)
    assert done.stdout == f"{[1 << 30, 5, 1 << 20, 0]}\n\n"
