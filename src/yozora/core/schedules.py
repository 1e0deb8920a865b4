"""The times of a sampler's steps: where each begins, and what the model is told of it.

Each is a grid of falling numbers, shifted towards noise; grids differ between reference implementations, by little, and
films made of the same noise with it. Knows no canvas and no model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

TRAINED = 1000
"""Times that Wan was trained with; the last digit of them is what grids of diffusers differ in."""
ALMOST = 1e-6
"""What diffusers takes off the first time, so that its signal-to-noise ratio is finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """The times of a film's steps.

    `sigmas_S`: float64 `[steps + 1]`, from 1 or almost to 0. `model_times_S` (`[steps]`): the times that the model is
    told at each step, which a reference may have rounded.
    """

    sigmas_S: Tensor
    model_times_S: Tensor

    def __post_init__(self) -> None:
        if len(self.sigmas_S) != len(self.model_times_S) + 1 or bool((self.sigmas_S.diff() > 0).any()):
            raise ValueError("a schedule has one time more than steps, and they never rise")

    @property
    def steps(self) -> int:
        """Evaluations of the model."""
        return len(self.model_times_S)

    def model_times(self, t_BN: Tensor) -> Tensor:
        """What the model is told where tokens are at these times: those of a step's own time as the schedule says,
        others in proportion."""
        starts_S, highest = self.sigmas_S[:-1], float(t_BN.max())
        if torch.equal(starts_S, self.model_times_S) or not highest:
            return t_BN
        step = int((starts_S - highest).abs().argmin())
        return t_BN * float(self.model_times_S[step] / starts_S[step])


def shifted(even_S: Tensor, shift: float) -> Tensor:
    """Times u moved towards noise: shift * u / (1 + (shift - 1) * u), in a form that rounds to 1 at 1.

    The more tokens a film has, the more noise it takes to hide it (Esser et al. 2024, arXiv 2403.03206, equation 23).
    """
    return shift * even_S / (shift * even_S + (1 - even_S))


def even(steps: int, shift: float) -> Schedule:
    """Times in even steps from exactly 1 to exactly 0, before the shift; the model is told them as they are."""
    if steps < 1 or not shift > 0:
        raise ValueError(f"a schedule has at least one step and a positive shift, not {steps} and {shift}")
    sigmas_S = shifted(1 - torch.arange(steps + 1, dtype=torch.float64) / steps, shift)
    return Schedule(sigmas_S=sigmas_S, model_times_S=sigmas_S[:-1])


def diffusers_unipc(steps: int, shift: float) -> Schedule:
    """The grid of diffusers' `UniPCMultistepScheduler` with flow sigmas: N + 1 times from 1 to 1 / 1000, of which the
    last becomes 0; in fp32, and told as whole thousandths, cut off.
    """
    sigmas_S = _as_written(np.linspace(1, 1 / TRAINED, steps + 1)[:-1], shift)
    if abs(float(sigmas_S[0]) - 1) < ALMOST:
        sigmas_S[0] -= ALMOST
    model_times_S = (sigmas_S * TRAINED).floor() / TRAINED
    return _append_zero(sigmas_S, model_times_S)


def diffusers_euler(steps: int, shift: float) -> Schedule:
    """The grid of diffusers' `FlowMatchEulerDiscreteScheduler`: N times from 1 to 1 / 1000, the last shifted, and then
    all of them."""
    lowest = float(torch.tensor(shift / TRAINED / (1 + (shift - 1) / TRAINED), dtype=torch.float32))
    sigmas_S = _as_written(np.linspace(TRAINED, lowest * TRAINED, steps) / TRAINED, shift)
    return _append_zero(sigmas_S, sigmas_S.float().double())


def distilled(times: Sequence[float], shift: float) -> Schedule:
    """The times that few-step weights were distilled at, shifted."""
    sigmas_S = shifted(torch.tensor(times, dtype=torch.float64), shift)
    return _append_zero(sigmas_S, sigmas_S)


def _as_written(even_S: NDArray[np.float64], shift: float) -> Tensor:
    """The shift in the operations of diffusers, since a last digit can decide which thousandth a time is."""
    return torch.from_numpy(shift * even_S / (1 + (shift - 1) * even_S))


def _append_zero(sigmas_S: Tensor, model_times_S: Tensor) -> Schedule:
    rounded_S = sigmas_S.float().double()
    return Schedule(sigmas_S=torch.cat((rounded_S, rounded_S.new_zeros(1))), model_times_S=model_times_S)


GRIDS: dict[str, Callable[[int, float], Schedule]] = {
    "even": even,
    "diffusers unipc": diffusers_unipc,
    "diffusers euler": diffusers_euler,
}
