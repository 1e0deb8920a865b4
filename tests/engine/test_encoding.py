"""Sources in latents: all of their frames, from the beginning or to the end, and no more than is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from yozora.core.painters import lead
from yozora.engine.encoding import Encoded, First, standing
from yozora.engine.engine import Engine
from yozora.families.presets import Preset

Frames = NDArray[np.uint8]


@dataclass(kw_only=True)
class Tape:
    """Grey frames, each as bright as its number; it counts how many are read."""

    count: int
    read: list[int] = field(default_factory=list)

    def frames(self) -> Iterator[Frames]:
        for k in range(self.count):
            self.read.append(k)
            yield shade(k)

    def closing(self, count: int) -> Iterator[Frames]:
        return islice(self.frames(), self.count - min(count, self.count), None)


def shade(k: int) -> Frames:
    return np.full((64, 64, 3), k, np.uint8)


@pytest.fixture(scope="module")
def engine(toy_folder: object) -> Engine:
    from dataclasses import replace

    from yozora.families.presets import PRESETS

    preset: Preset = replace(PRESETS["mini"], folder=toy_folder)  # type: ignore[arg-type]
    return Engine(preset, "cpu", torch.float32)


def encoded(engine: Engine, count: int) -> Encoded:
    return engine.encoded(Tape(count=count))


def latents(engine: Engine, numbers: list[int]) -> torch.Tensor:
    """Frames of these numbers through the autoencoder, as a film begins."""
    video = torch.from_numpy(np.stack([shade(k) for k in numbers])).permute(3, 0, 1, 2).float().div(127.5).sub(1)[None]
    with torch.inference_mode():
        return engine.autoencoder.encode(video)[0]


@pytest.mark.parametrize("count", range(1, 11))
def test_a_clip_of_any_length_is_encoded_whole(engine: Engine, count: int) -> None:
    numbers, clip = list(range(count)), encoded(engine, count)
    same(clip.opening(), latents(engine, numbers[: (count - 1) // 4 * 4 + 1]))
    same(clip.opening(whole=True), latents(engine, numbers + [count - 1] * lead(count, 4)))
    same(clip.closing(), latents(engine, [0] * lead(count, 4) + numbers))
    same(clip.ongoing(whole=True), latents(engine, [0, *numbers] + [count - 1] * (-count % 4))[:, 1:])
    cut = numbers[: count // 4 * 4] if count >= 4 else numbers + [count - 1] * (-count % 4)
    same(clip.ongoing(), latents(engine, [0, *cut])[:, 1:])
    same(clip.first().opening(), latents(engine, [0]))
    same(clip.first().ongoing(), latents(engine, [0] * 5)[:, 1:])


def same(a: torch.Tensor, b: torch.Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_of_a_long_clip_no_more_is_read_than_is_asked_for(engine: Engine) -> None:
    for ask, read in (
        (lambda clip: clip.opening(head=2), range(5)),
        (lambda clip: clip.ongoing(head=2), range(8)),
        (lambda clip: clip.first().opening(), range(1)),
        (lambda clip: clip.first().ongoing(), range(1)),
    ):
        tape = Tape(count=100)
        ask(engine.encoded(tape))
        assert max(tape.read) <= read[-1] + 1
    clip = encoded(engine, 100)
    same(clip.closing(tail=3), latents(engine, list(range(91, 100))))
    assert clip.opening(head=2).shape[1] == clip.ongoing(head=2).shape[1] == 2
    assert clip.frames == 100


def test_a_first_frame_is_a_clip_of_one() -> None:
    first = First(Tape(count=7))
    assert first.count == 1
    assert [frame[0, 0, 0] for frame in first.frames()] == [frame[0, 0, 0] for frame in first.closing(5)] == [0]


def test_the_last_frame_stands() -> None:
    assert [int(frame[0, 0, 0]) for frame in standing(Tape(count=3).frames(), 6)] == [0, 1, 2, 2, 2, 2]
    assert [int(frame[0, 0, 0]) for frame in standing(Tape(count=3).frames(), 2)] == [0, 1]
