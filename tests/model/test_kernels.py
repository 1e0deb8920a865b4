"""The fastest kernel is taken, once for each shape; here kernels and clocks are made up."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from yozora.model import kernels
from yozora.model.kernels import Chosen, Kernel, fastest

QKV = tuple(torch.randn(1, 6, 2, 4) for _ in range(3))


def made(seconds: dict[str, float]) -> tuple[dict[str, Kernel], Callable[..., float]]:
    """Kernels by the time that each takes, below 0 for one that cannot; and a clock that tells it."""
    called: list[str] = []

    def kernel(name: str) -> Kernel:
        def run(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            called.append(name)
            if seconds[name] < 0:
                raise RuntimeError("No available kernel.")
            return kernels.usual(q, k, v)

        return run

    def clock(call: Callable[[], object], device: torch.device) -> float:
        call()
        return seconds[called[-1]]

    return {name: kernel(name) for name in seconds}, clock


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({"usual": 3.0, "cudnn": 1.0, "flash": 2.0}, "cudnn"),
        ({"usual": 3.0, "cudnn": -1.0, "flash": 2.0}, "flash"),
        ({"usual": 1.0, "cudnn": 0.99, "flash": 2.0}, "usual"),  # no gain
        ({"usual": -1.0, "cudnn": 5.0}, "cudnn"),
        ({"usual": -1.0, "cudnn": -1.0}, "usual"),  # which then says what is wrong
    ],
)
def test_the_fastest_that_runs_is_taken(seconds: dict[str, float], best: str) -> None:
    tried, clock = made(seconds)
    assert fastest(tried, *QKV, clock=clock) == best


def test_each_shape_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried, clock = made({"usual": 2.0, "cudnn": 1.0})
    measured = []

    def choose(_: object, *given: Tensor) -> str:
        measured.append(given[0].shape)
        return fastest(tried, *given, clock=clock)

    monkeypatch.setattr(kernels, "kernels", lambda: tried)
    monkeypatch.setattr(kernels, "fastest", choose)
    chosen = Chosen()
    long = tuple(torch.randn(1, 9, 2, 4) for _ in range(3))
    for q, k, v in (QKV, long, QKV, long):
        torch.testing.assert_close(chosen.attend(q, k, v), kernels.usual(q, k, v))
    assert measured == [(1, 6, 2, 4), (1, 9, 2, 4)]
    assert list(chosen.names.values()) == ["cudnn", "cudnn"]


def test_kernels_of_torch_are_known() -> None:
    names = list(kernels.kernels())
    assert names[:4] == ["usual", "cudnn", "flash", "efficient"]
