"""Names that films are written to: what they become, and what becomes of what was there."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from yozora import media
from yozora.errors import UserError
from yozora.films.film import Film, Origin, Parent, Sound
from yozora.media import comments
from yozora.media.targets import whole_frames

MakeFilm = Callable[..., Film]
TONE = Sound(samples=np.sin(np.arange(8000) * 0.2).astype(np.float32)[:, None] * 0.3, rate=8000)


def shown(path: Path, film: Film) -> np.ndarray:
    height, width = film.frames.shape[1:3]
    return np.stack(list(media.open(path, width=width, height=height, fps=film.fps).frames()))


@pytest.mark.parametrize(
    ("name", "begins", "most", "voiced"),
    [
        ("a.mp4", b"ftypisom", 3, True),
        ("a.MOV", b"ftypqt  ", 3, True),
        ("a.webm", b"webm", 6, True),  # half of the colours' resolution, at hard edges
        ("a.gif", b"GIF89a", 1, False),
        ("a.webp", b"WEBPVP8X", 8, False),
    ],
)
def test_the_name_says_what_is_written(
    tmp_path: Path, make_film: MakeFilm, name: str, begins: bytes, most: float, voiced: bool
) -> None:
    film = replace(make_film(frames=13), sound=TONE)
    if voiced:
        path = film.save(tmp_path / name)
    else:
        with pytest.warns(UserWarning, match="has no sound, so it was left out"):
            path = film.save(tmp_path / name)
    assert begins in path.read_bytes()[:64]
    found, seen = media.probe(path), shown(path, film)
    assert (found.width, found.height, found.frames, found.still, found.has_sound) == (96, 64, 13, False, voiced)
    assert found.seconds == pytest.approx(13 / 16, abs=0.011)
    assert np.abs(seen.astype(int) - film.frames).mean() < most
    assert found.facts == film.facts
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
@pytest.mark.filterwarnings("ignore:.*a PNG is a still")
def test_how_it_was_made_is_in_files_of_pictures(tmp_path: Path, make_film: MakeFilm, kind: str, frames: int) -> None:
    cards = [{"text": "a «red» car 红 🚗 " * 900, "stop": k + 0.5} for k in range(8)]  # 120 kB
    film = replace(make_film(frames=frames, prompt="红"), order={"mode": "storyboard", "options": {"cards": cards}})
    path = film.save(tmp_path / f"a.{kind}")
    assert media.probe(path).facts == film.facts
    assert np.abs(shown(path, film)[0].astype(int) - film.frames[0]).mean() < 8
    with Image.open(path) as image:
        assert image.size == (96, 64)
        assert getattr(image, "n_frames", 1) == (1 if kind == "png" else frames)


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"II*\0", b"MM\0*\0\0\0\x08" + b"\xff" * 40, b"x" * 99])
def test_exif_that_makes_no_sense_says_nothing(tmp_path: Path, make_film: MakeFilm, exif: bytes) -> None:
    assert comments.in_exif(exif) == ""
    path = make_film(frames=3).save(tmp_path / "a.webp")
    data = path.read_bytes()
    at = data.index(b"EXIF")
    path.write_bytes(data[:at] + b"EXIF" + len(exif).to_bytes(4, "little") + exif)
    assert media.probe(path).facts == {}


@pytest.mark.parametrize("name", ["", " "])
def test_a_name_that_is_empty_is_none(
    tmp_path: Path, make_film: MakeFilm, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="the name is empty"):
        make_film(frames=1).save(name)
    assert list(tmp_path.iterdir()) == []


def test_the_first_frame_stands_for_a_folder(tmp_path: Path, make_film: MakeFilm) -> None:
    folder = make_film(frames=3).save(f"{tmp_path}/a/")
    make_film(frames=3).save(tmp_path / "x_%03d.png")
    Image.new("RGB", (8, 8)).save(folder / "0000.png")
    assert media.first_frame(folder) == folder / "0001.png"
    assert media.first_frame(tmp_path / "x_%03d.png") == tmp_path / "x_001.png"
    assert media.first_frame(tmp_path / "none.mp4") == tmp_path / "none.mp4"
    (tmp_path / "empty").mkdir()
    for nothing in (tmp_path / "empty", tmp_path / "y_%d.png"):
        with pytest.raises(UserError, match="has no frames from Yozora"):
            media.first_frame(nothing)


def test_a_png_is_the_first_frame(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(prompt="a «red» car 红")
    with pytest.warns(UserWarning, match=r"a\.png: a PNG is a still, so only the first of 17 frames was written"):
        path = film.save(tmp_path / "a.png")
    assert np.array_equal(shown(path, film), film.frames[:1])
    assert media.probe(path).facts == film.facts


@pytest.mark.parametrize(("name", "folder", "first"), [("a/", "a", "0001.png"), ("x_%03d.png", ".", "x_001.png")])
def test_frames_go_to_a_folder_and_replace_those_of_an_earlier_film(
    tmp_path: Path, make_film: MakeFilm, name: str, folder: str, first: str
) -> None:
    film, shorter = make_film(), make_film(frames=5)
    target = os.fspath(tmp_path) + "/" + name
    assert film.save(target) == (tmp_path / folder).resolve()
    assert len(list((tmp_path / folder).iterdir())) == 17
    shorter.save(target)
    written = sorted((tmp_path / folder).iterdir())
    assert (len(written), written[0].name) == (5, first)
    for path, frame in zip(written, shorter.frames, strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), frame)


def test_a_folder_that_exists_needs_no_slash(tmp_path: Path, make_film: MakeFilm) -> None:
    (tmp_path / "out").mkdir()
    make_film(frames=2).save(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0001.png", "0002.png"]


@pytest.mark.parametrize("name", ["", "holiday_%04d.png"])
def test_fault_16_what_is_no_frame_of_ours_is_never_removed(tmp_path: Path, make_film: MakeFilm, name: str) -> None:
    """Of the same kind: a folder of photos, and a pattern that names them."""
    photo = tmp_path / "holiday_0001.png"
    Image.new("RGB", (8, 8)).save(photo)
    before = photo.read_bytes()
    with pytest.raises(UserError, match=r"'holiday_0001\.png' in it is not a frame of an earlier film"):
        make_film().save(os.fspath(tmp_path) + "/" + name)
    assert photo.read_bytes() == before
    assert list(tmp_path.iterdir()) == [photo]


def test_frames_that_break_off_leave_what_was_there(tmp_path: Path, make_film: MakeFilm) -> None:
    folder = make_film(frames=3).save(os.fspath(tmp_path / "a") + "/")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def broken() -> None:
        with media.Writer(os.fspath(folder) + "/", 96, 64, 16.0, {}) as writer:
            writer.add(make_film(frames=2, prompt="other").frames)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(ValueError, match="enough"), whole_frames(media.check_target(os.fspath(tmp_path / "b") + "/")):
        raise ValueError("enough")
    assert not (tmp_path / "b").exists()


def made_of(film: Film, source: Path) -> Film:
    origin = Origin(
        mode="extend",
        model="toy",
        preset="0" * 64,
        seed=1,
        prompt="",
        identifier=1,
        made=datetime.now(UTC),
        parents=(Parent(source=source, title=source.name, relation="parentOf"),),
    )
    return replace(film, origin=origin)


@pytest.mark.parametrize("name", ["dog.mp4", "link.mp4", "hard.mp4", "folder/../dog.mp4"])
def test_fault_16_a_source_is_never_replaced(tmp_path: Path, make_film: MakeFilm, name: str) -> None:
    source = make_film().save(tmp_path / "dog.mp4")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.mp4").symlink_to(source)
    os.link(source, tmp_path / "hard.mp4")
    before = source.read_bytes()
    with pytest.raises(UserError, match="it is a source of the film"):
        made_of(make_film(), source).save(tmp_path / name)
    assert source.read_bytes() == before


def test_fault_16_a_frame_that_is_a_source_is_never_replaced(tmp_path: Path, make_film: MakeFilm) -> None:
    folder = make_film(frames=3).save(os.fspath(tmp_path) + "/frames/")
    film = made_of(make_film(), folder / "0002.png")
    for name in ("frames/", "frames", "frames/%04d.png"):
        with pytest.raises(UserError, match="it is a source of the film"):
            film.save(os.fspath(tmp_path) + "/" + name)
    assert len(list(folder.iterdir())) == 3


def test_a_default_name_is_the_next_free_one(tmp_path: Path) -> None:
    assert media.free_name(tmp_path / "film.mp4").name == "film.mp4"
    (tmp_path / "film.mp4").symlink_to("nowhere")
    (tmp_path / "film-2.mp4").write_text("")
    assert media.free_name(tmp_path / "film.mp4").name == "film-3.mp4"


def test_what_has_no_even_size_is_written_where_that_is_possible(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(width=97, frames=3)
    for name in ("a.gif", "a.webp"):
        assert media.probe(film.save(tmp_path / name)).width == 97
    for name in ("a.mp4", "a.mov", "a.webm"):
        with pytest.raises(UserError, match="a side is odd"):
            film.save(tmp_path / name)


@pytest.mark.parametrize("fps", [1.0, 23.976, 60.0, 100.0])
def test_a_gif_runs_as_long_as_the_film(tmp_path: Path, make_film: MakeFilm, fps: float) -> None:
    found = media.probe(make_film(frames=20, fps=fps).save(tmp_path / "a.gif"))
    assert found.seconds == pytest.approx(20 / fps, abs=0.02)


def test_the_same_film_gives_the_same_bytes_in_every_container(tmp_path: Path, make_film: MakeFilm) -> None:
    film = make_film(frames=9)
    for name in ("a.mov", "a.webm", "a.gif", "a.webp"):
        assert film.save(tmp_path / name).read_bytes() == film.save(tmp_path / name).read_bytes()
