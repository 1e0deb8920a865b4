"""Steps of the sampler that are estimated out of those before them, and guidance that is held: the lossy savings.

A step's outcome is where the model expects the film to end, its clean estimate. Where that has hardly changed, it is
extrapolated instead of computed, as TeaCache (arXiv 2411.19108) and MagCache (2506.09045) reuse residuals; here along
the line through the last two estimates in log-SNR, which is what a multistep solver's predictor does (DPM-Solver++,
2211.01095). Tokens are estimated each at its own time, and all of a canvas together or none. Knows no model, no modes
and no files.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from yozora.core.quality import Saving
from yozora.core.sampler import Denoise, is_guided

ALMOST = 1e-4  # log-SNR is counted no nearer to time 0 and to time 1
FURTHEST = 2.0  # an estimate goes no further than so many times as far as its two are apart


@dataclass(frozen=True, slots=True, eq=False)
class StepHistory:
    """A computed step: times `[B, N]`, and the clean estimate `[B, N, C]`, float32."""

    t_BN: Tensor
    clean_BNC: Tensor

    @property
    def highest(self) -> float:
        """The time of the noisiest token."""
        return float(self.t_BN.max())


class Skipping:
    """The steps of one canvas. It is asked for each step's velocity in turn, and asks the model for some of them.

    The first two steps and the last one are computed. Nothing is drawn: the same steps give the same decisions.
    """

    def __init__(self, saving: Saving, steps: int) -> None:
        self.saving, self.steps = saving, steps
        self.done = 0  # steps
        self.row = 0  # steps estimated since the last one that was computed
        self.past: tuple[StepHistory, ...] = ()  # the last two computed

    def forget(self) -> None:
        """Another model has its turn: nothing is known of its estimates."""
        self.past, self.row = (), 0

    def velocity(self, denoise: Denoise, x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        """The velocity of this step, computed by `denoise` or estimated."""
        self.done += 1
        t_BN1 = t_BN[..., None]
        if self._may_skip(float(t_BN.max())):
            self.row += 1
            before, last = self.past
            clean_BNC = extrapolated(before, last, t_BN)
            return torch.where(t_BN1 > 0, (x_BNC - clean_BNC) / t_BN1.clamp(min=ALMOST), 0.0)
        velocity_BNC = denoise(x_BNC, t_BN).float()
        self.row, self.past = 0, (*self.past[-1:], StepHistory(t_BN, x_BNC - t_BN1 * velocity_BNC))
        return velocity_BNC

    def _may_skip(self, t: float) -> bool:
        """Whether a step at this time is near enough to those that were computed."""
        if len(self.past) < 2 or self.row >= self.saving.most or self.done >= self.steps or t <= 0:
            return False
        before, last = self.past
        return expected_change(before, last, t) < self.saving.change


def expected_change(before: StepHistory, last: StepHistory, t: float) -> float:
    """How much of what a step at time `t` does would be wrong if the last clean estimate was taken for it.

    The estimate goes on changing, relative to itself, as it did between the last two; and a step moves the film towards
    it by a share of the way that grows with the time since, of which the root is counted: what is wrong in early, short
    steps is put right by later ones.
    """
    free_BN1 = (last.t_BN > 0)[..., None]
    change = torch.where(free_BN1, last.clean_BNC - before.clean_BNC, 0.0).abs().mean()
    size = torch.where(free_BN1, last.clean_BNC, 0.0).abs().mean()
    since, apart = last.highest - t, before.highest - last.highest
    if apart <= 0 or since <= 0 or not float(size) > 0:
        return math.inf
    return float(change / size) * since / apart * math.sqrt(since / t)


def extrapolated(before: StepHistory, last: StepHistory, t_BN: Tensor) -> Tensor:
    """The clean estimate at times `t_BN`, on the line through two of them in log-SNR."""
    now_BN, last_BN, before_BN = (log_snr(each) for each in (t_BN, last.t_BN, before.t_BN))
    apart_BN = last_BN - before_BN
    ratio_BN = torch.where(apart_BN > 0, (now_BN - last_BN) / apart_BN.clamp(min=ALMOST), 0.0).clamp(0, FURTHEST)
    return last.clean_BNC + ratio_BN[..., None] * (last.clean_BNC - before.clean_BNC)


def log_snr(t_BN: Tensor) -> Tensor:
    """Of times, but for the ends of them."""
    t_BN = t_BN.float().clamp(ALMOST, 1 - ALMOST)
    return torch.log1p(-t_BN) - torch.log(t_BN)


def guide_sparingly(denoise: Denoise, scale: float, interval: tuple[float, float], each: int) -> Denoise:
    """`sampler.guide` whose second pass is made in one of `each` calls, from the first on; the others take over how far
    the two passes were apart. `denoise` gets 2B rows as there, or the first B alone.
    """
    held: Tensor | None = None
    calls = 0

    def guided(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        nonlocal held, calls
        inside_BN = is_guided(t_BN, interval)
        if scale == 1 or not bool(inside_BN.any()):
            return denoise(x_BNC, t_BN)
        if held is None or calls % each == 0:
            both = denoise(torch.cat([x_BNC, x_BNC]), torch.cat([t_BN, t_BN]))
            conditional_BNC, unconditional_BNC = both.float().chunk(2)
            held = conditional_BNC - unconditional_BNC
        else:
            conditional_BNC = denoise(x_BNC, t_BN).float()
        calls += 1
        return conditional_BNC + torch.where(inside_BN, scale - 1.0, 0.0)[..., None] * held

    return guided
