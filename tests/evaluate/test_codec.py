"""The figures of an autoencoder: perfect where nothing is lost, finite where much is, and in a file where asked for."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import Tensor

from yozora.engine.parts import load_autoencoder
from yozora.evaluate import codec as measured
from yozora.evaluate.__main__ import main
from yozora.evaluate.codec import CodecScores, held_back, measure, psnr, streaming_error, timed
from yozora.model.codec import KeyframeCodec
from yozora.train.recipes import smoke
from yozora.train.recipes.mini import mini_cpu
from yozora.weights.files import facts, save


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WIDTH", 96), ("HEIGHT", 64), ("FRAMES", 9), ("TIMED", 2)):
        monkeypatch.setattr(measured, name, value)


class Lossless:
    """Pixels are latents."""

    def encode(self, frames_BCTHW: Tensor) -> Tensor:
        return frames_BCTHW

    def decode(self, latents_BZNhw: Tensor) -> Tensor:
        return latents_BZNhw

    def encode_stream(self, chunks: Any) -> Iterator[Tensor]:
        yield from chunks

    def decode_stream(self, latents_BZNhw: Tensor, chunk: int = 1) -> Iterator[Tensor]:
        yield from latents_BZNhw.split(1, dim=2)


class Blurred(Lossless):
    """Frames between keyframes are off by a tenth."""

    def decode(self, latents_BZNhw: Tensor) -> Tensor:
        off = latents_BZNhw + 0.1
        off[:, :, ::4] = latents_BZNhw[:, :, ::4]
        return off


def a_codec() -> KeyframeCodec:
    torch.manual_seed(0)
    return KeyframeCodec(smoke().codec.config).eval().requires_grad_(False)


def test_every_second_film_has_a_moving_camera_and_training_never_sees_them() -> None:
    films = list(held_back(4))
    assert [moving for _, _, moving in films] == [False, True, False, True]
    for frames, actors, _ in films:
        assert frames.shape == (9, 64, 96, 3)
        assert actors.shape == (9, 64, 96)
    assert measured.STREAM >= 1000
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(films, held_back(4), strict=True))


def test_what_loses_nothing_is_perfect() -> None:
    figures, shown = measure(Lossless(), 2)
    assert min(figures.keyframes, figures.whole, figures.actors) > 100
    assert figures.streaming == 0
    assert len(shown) == 4
    assert np.array_equal(shown[0], shown[1])


def test_an_error_of_a_tenth_between_keyframes_is_26_dB_there() -> None:
    figures, _ = measure(Blurred(), 2)
    assert figures.keyframes > 100
    assert figures.actors == pytest.approx(20 * math.log10(2 / 0.1), abs=0.01)
    assert figures.whole == pytest.approx(20 * math.log10(2 / 0.1) + 10 * math.log10(9 / 6), abs=0.01)
    assert figures.streaming == pytest.approx(0.1, abs=1e-3)
    assert psnr(torch.tensor(4.0)) == 0


def test_the_figures_of_a_codec_are_finite_and_it_streams() -> None:
    figures, _ = measure(a_codec(), 2)
    assert all(math.isfinite(value) for value in asdict(figures).values())
    assert figures.films == 2
    assert figures.streaming < 1e-4
    assert figures.seconds <= figures.seconds_median
    assert figures.actors == pytest.approx((figures.actors_static + figures.actors_moving) / 2)
    assert streaming_error(a_codec(), torch.rand(1, 3, 9, 16, 16)) < 1e-4


def test_the_first_decoding_is_not_timed() -> None:
    ticks = iter([0.0, 9.0, 10.0, 11.0, 20.0, 22.0])
    assert timed(Lossless(), torch.zeros(1, 3, 1, 8, 8), clock=lambda: next(ticks)) == [1.0, 2.0]


def test_the_command_writes_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codec = a_codec()
    save(tmp_path / "autoencoder.safetensors", codec, replace(codec.config))
    named = [str(tmp_path / name) for name in ("figures.json", "films.png")]
    arguments = ["--codec", "--weights", str(tmp_path), "--clips", "2", "--json", named[0], "--sheet", named[1]]
    assert main(arguments) == 0
    said = json.loads(Path(named[0]).read_text())
    assert CodecScores(**said).films == 2
    assert Path(named[1]).read_bytes().startswith(b"\x89PNG")
    assert "actors moving" in capsys.readouterr().out
    assert main(["--codec", "--weights", str(tmp_path / "none"), "--clips", "2"]) == 2
    assert "No weights" in capsys.readouterr().err
    assert main([*arguments, "--clips", "0"]) == 2


def test_the_given_codec_carries_films_that_it_never_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("WIDTH", 256), ("HEIGHT", 144), ("FRAMES", 17)):
        monkeypatch.setattr(measured, name, value)
    given = mini_cpu().given["autoencoder"]
    figures, _ = measure(load_autoencoder(given), 4, Console(quiet=True))
    assert facts(given)["stages"] == ["keys", "motion", "between"]
    assert figures.keyframes > 34
    assert figures.whole > 31
    assert figures.actors > 25
    assert figures.streaming < 1e-4
