"""What films keep of their sources, as the command line makes them; and rates that are asked for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.cli.running import Yozora, one_line

from yozora import media
from yozora.films.film import Film


def luma_psnr(a_THWC: np.ndarray, b_THWC: np.ndarray) -> float:
    """In decibels."""
    error = np.mean(((a_THWC.astype(float) - b_THWC) @ np.array([0.2126, 0.7152, 0.0722])) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_fault_2_a_last_picture_that_is_not_there_is_said(yozora: Yozora) -> None:
    assert "Cannot read 'none.png': No such file" in one_line(yozora("generate", "a car", "--last", "none.png"))


def test_fault_9_a_film_goes_on_at_its_own_size_and_rate(
    toy_yozora: Yozora, make_film: Callable[..., Film], tmp_path: Path
) -> None:
    film = make_film(frames=10, height=360, width=640, fps=30.0)
    media.write(tmp_path / "bars.mp4", film)
    source = media.read(tmp_path / "bars.mp4").frames
    done = toy_yozora("extend", "bars.mp4", "--seconds", "0.2", "-o", "on.mp4")
    assert done.returncode == 0, done.stderr
    made = media.read(tmp_path / "on.mp4")
    assert (made.frames.shape, made.fps) == ((16, 360, 640, 3), 30.0)
    assert luma_psnr(made.frames[:10], source) >= 45
    assert "new frames are made at 64x64 and 16 fps, then converted to 640x360 and 30 fps" in done.stderr


def test_fault_9_native_keeps_the_model_s_size_and_rate(
    toy_yozora: Yozora, make_film: Callable[..., Film], tmp_path: Path
) -> None:
    media.write(tmp_path / "bars.mp4", make_film(frames=10, height=96, width=96, fps=30.0))
    assert toy_yozora("loop", "bars.mp4", "--native", "--seconds", "0.25", "-o", "on.mp4").returncode == 0
    made = media.probe(tmp_path / "on.mp4")
    assert (made.width, made.height, made.fps) == (64, 64, 16.0)


def test_fault_7_an_edit_changes_its_region(toy_yozora: Yozora, make_film: Callable[..., Film], tmp_path: Path) -> None:
    media.write(tmp_path / "bars.mp4", make_film(frames=8, height=96, width=160))
    source = media.read(tmp_path / "bars.mp4").frames
    region = f"{40 / 160},{30 / 96},{22 / 160},{13 / 96}"
    assert toy_yozora("edit", "bars.mp4", "a car", "--region", region, "-o", "e/%02d.png").returncode == 0
    pictures = [media.read(tmp_path / "e" / f"{k:02d}.png").frames[0] for k in range(1, 9)]
    outside = np.ones((96, 160), np.bool_)
    outside[30:43, 40:62] = False
    off = np.abs(np.stack(pictures)[:, outside].astype(int) - source[:, outside])
    assert (off.max() <= 16, off.mean() <= 1.5) == (True, True)  # of 255: the invisible mark on changed frames


def test_fault_10_a_rate_that_is_asked_for_is_that_of_the_film(toy_yozora: Yozora, tmp_path: Path) -> None:
    assert toy_yozora("generate", "a car", "--seconds", "0.5", "--fps", "30").returncode == 0
    made = media.read(tmp_path / "film.mp4")
    assert (len(made.frames), made.fps) == (16, 30.0)
