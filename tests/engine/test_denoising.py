"""Guidance in one pass of two rows, or in two passes where memory is short."""

import numpy as np
import pytest
import torch
from torch import Tensor

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.engine import denoising
from yozora.engine.denoising import PASS, is_roomy
from yozora.engine.engine import Engine
from yozora.families.presets import Preset


@pytest.fixture
def engine(toy: Preset) -> Engine:
    return Engine(toy, "cpu", torch.float32)


def film(engine: Engine) -> tuple[list[int], np.ndarray]:
    """Rows of each forward of a film, and its frames."""
    rows: list[int] = []

    def note(module: object, given: tuple[Tensor, ...], out: Tensor) -> None:
        rows.append(len(out))

    hook = engine.transformer.register_forward_hook(note)  # type: ignore[arg-type]
    request = engine.preset.ask("a red car", {"seed": 3, "negative_prompt": "a boat"})
    frames = engine.films(Order.of(request, Generate(seconds=request.seconds))).frames
    hook.remove()
    return rows, frames


def test_where_memory_is_short_guidance_takes_two_passes_and_the_film_is_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, frames = film(engine)
    monkeypatch.setattr(denoising, "memory", lambda device: 1000)
    apart, same = film(engine)
    assert set(at_once) == {2}
    assert apart == [1, 1] * len(at_once)
    assert np.abs(frames.astype(int) - same).max() <= 1


def test_room_is_counted_by_tokens_and_width(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, transformer = torch.device("cpu"), engine.transformer
    need = 2 * 100 * transformer.config.dim * PASS
    for there, roomy in ((need + 1, True), (need, False), (0, True)):  # 0: nobody knows
        monkeypatch.setattr(denoising, "memory", lambda device, there=there: there)
        assert is_roomy(transformer, 100, cpu) is roomy
    monkeypatch.setattr(denoising, "memory", lambda device: need + 1)
    assert not is_roomy(transformer, 101, cpu)
