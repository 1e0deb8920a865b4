"""Fill a canvas: carry every token along its own path from noise to picture.

Knows nothing of prompts, modes, video files or the insides of models. A model arrives as `denoise(x_BNC, t_BN)`, which
returns the velocity (noise - clean) of x_t = (1 - t) * clean + t * noise, every token at its own time t in [0, 1].
Time is a matrix `t_SN`: row s holds every token's time at step s. A token whose time does not change does not move.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from yozora.core.canvas import Canvas
from yozora.core.schedules import Schedule, even

Denoise = Callable[[Tensor, Tensor], Tensor]
Noise = Callable[[int], Tensor]
"""Fresh noise `[B, N, C]` for a step of that index, from 1."""
Solver = Callable[[Denoise, Tensor, Tensor, Noise], Iterator[tuple[Tensor, Tensor]]]
Past = tuple[Tensor, Tensor, Tensor]  # times, tokens and clean estimate of a step

FLOW_SHIFT = 5.0
STEP_STRIDE = 7_368_787  # between the seeds of two steps' noise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """What `fill` has after each evaluation of the model; `index` counts from 1 to `steps`."""

    index: int
    steps: int
    tokens_NC: Tensor  # where every token is now; after the last step, the film
    clean_NC: Tensor  # where the model expects every token to end: a preview


def fill(
    canvas: Canvas,
    denoise: Denoise,
    *,
    steps: int,
    seed: int,
    shift: float = FLOW_SHIFT,
    solver: Solver | None = None,
    schedule: Schedule | None = None,
) -> Iterator[Step]:
    """Invent what a canvas leaves free, in `steps` evaluations of `denoise` with a batch of one.

    Tokens of strength 0 come out bit-identical. The same canvas, seed and settings on the same machine give the same
    film. `solver` is one of SOLVERS, by default "unipc"; a `schedule` goes before `steps` and `shift`.
    """
    schedule = schedule or even(steps, shift)
    for step in fill_batch([canvas], denoise, schedule=schedule, seeds=[seed], solver=solver):
        yield Step(index=step.index, steps=step.steps, tokens_NC=step.tokens_NC[0], clean_NC=step.clean_NC[0])


def fill_batch(
    canvases: Sequence[Canvas],
    denoise: Denoise,
    *,
    schedule: Schedule,
    seeds: Sequence[int],
    solver: Solver | None = None,
) -> Iterator[Step]:
    """`fill` for several canvases of one shape at once; the tensors of its steps have a leading batch axis."""
    t_SBN = torch.stack([times(schedule.sigmas_S, canvas.strength_N) for canvas in canvases], dim=1)
    x_BNC = torch.stack([noisy(c, t, draw(c, s)) for c, t, s in zip(canvases, t_SBN[0], seeds, strict=True)])

    def noise(index: int) -> Tensor:
        return torch.stack([draw(c, s, index) for c, s in zip(canvases, seeds, strict=True)])

    yield from follow(x_BNC, t_SBN, denoise, solver or unipc, noise)


def no_noise(index: int) -> Tensor:
    """Of samplers that add none."""
    raise ValueError("this solver adds noise: it has to be told where from")


def follow(x_BNC: Tensor, t_SBN: Tensor, denoise: Denoise, solver: Solver, noise: Noise = no_noise) -> Iterator[Step]:
    """Carry tokens through any matrix of times, from x at its first row to its last row.

    `t_SBN` (float64, on the CPU) has one row more than there are steps and falls, or rests, from row to row.
    """
    if bool((t_SBN.diff(dim=0) > 0).any()) or bool(((t_SBN < 0) | (t_SBN > 1)).any()):
        raise ValueError("times are in [0, 1] and never rise from one step to the next")
    steps = len(t_SBN) - 1
    for index, (tokens_BNC, clean_BNC) in enumerate(solver(denoise, x_BNC, t_SBN, noise), start=1):
        yield Step(index=index, steps=steps, tokens_NC=tokens_BNC, clean_NC=clean_BNC)


# --- times and noise


def times(sigmas_S: Tensor, strength_N: Tensor) -> Tensor:
    """The matrix `t_SN`, float64 on the CPU, by default: all tokens keep step, each as far as its strength lets it.

    A token of strength s starts at time s, which is SDEdit (Meng et al. 2021, arXiv 2108.01073) token by token.
    """
    return torch.outer(sigmas_S, strength_N.to("cpu", torch.float64))


def rolling_times(sigmas_S: Tensor, strength_N: Tensor, frame_N: Tensor, lag: int) -> Tensor:
    """The matrix `t_SN` of a film that rolls: each frame sets off `lag` steps after the one before.

    `frame_N` (integers from 0) says which frame a token belongs to. Every token takes the steps of `sigmas_S`, so there
    are lag * (frames - 1) rows more (Ruhe et al. 2024, arXiv 2402.09470).
    """
    delay_N = lag * frame_N.to("cpu", torch.int64)
    rows = len(sigmas_S) + int(delay_N.max())
    step_SN = (torch.arange(rows)[:, None] - delay_N).clamp(0, len(sigmas_S) - 1)
    return sigmas_S[step_SN] * strength_N.to("cpu", torch.float64)


def draw(canvas: Canvas, seed: int, step: int = 0) -> Tensor:
    """Noise `[N, C]`, float32: of seed and step alone, whatever the device, and the picture's whatever informs it."""
    generator = torch.Generator("cpu").manual_seed((seed + STEP_STRIDE * step) % 2**63)
    N, C = canvas.known_NC.shape
    counts = (canvas.picture_tokens, N - canvas.picture_tokens)
    noise_NC = torch.cat([torch.randn(n, C, generator=generator) for n in counts])
    return noise_NC.to(canvas.known_NC.device)


def noisy(canvas: Canvas, t_N: Tensor, noise_NC: Tensor) -> Tensor:
    """The canvas's known content at times `t_N`: itself, to the bit, at time 0 and nothing but noise at time 1."""
    t_N1 = t_N.to(canvas.known_NC)[:, None]
    return torch.where(t_N1 == 0, canvas.known_NC, (1 - t_N1) * canvas.known_NC + t_N1 * noise_NC)


# --- guidance


def guide(denoise: Denoise, scale: float, interval: tuple[float, float] = (0.0, 1.0)) -> Denoise:
    """Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598), both passes in one batch.

    The wrapped `denoise` gets 2B rows, of which the first B are conditioned by the canvas's prompts and the last B the
    negative prompt. Where no token needs guidance it gets the first B alone. Tokens are guided while their own time is
    within `interval`, both ends included (Kynkäänniemi et al. 2024, arXiv 2404.07724); scale 1 is no guidance, to the
    bit.
    """

    def guided(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        inside_BN = is_guided(t_BN, interval)
        if scale == 1 or not bool(inside_BN.any()):
            return denoise(x_BNC, t_BN)
        both = denoise(torch.cat([x_BNC, x_BNC]), torch.cat([t_BN, t_BN]))
        conditional_BNC, unconditional_BNC = both.float().chunk(2)
        weight_BN1 = torch.where(inside_BN, scale - 1.0, 0.0)[..., None]
        return conditional_BNC + weight_BN1 * (conditional_BNC - unconditional_BNC)

    return guided


def is_guided(t: Tensor, interval: tuple[float, float]) -> Tensor:
    """Whether guidance is applied at each time: within the interval, both ends included, but not at 0."""
    low, high = interval
    return (t >= low) & (t <= high) & (t > 0)


# --- solvers: generators of (tokens, clean estimate), one pair for each evaluation of the model


def euler(denoise: Denoise, x_BNC: Tensor, t_SBN: Tensor, noise: Noise = no_noise) -> Iterator[tuple[Tensor, Tensor]]:
    """First order. In flow form Euler, DDIM and DPM-Solver++(1) are one formula."""
    for now_BN, next_BN in pairwise(t_SBN):
        clean_BNC = _clean(denoise, x_BNC, now_BN)
        x_BNC = _towards(x_BNC, clean_BNC, now_BN, next_BN)
        yield x_BNC, clean_BNC


def unipc(denoise: Denoise, x_BNC: Tensor, t_SBN: Tensor, noise: Noise = no_noise) -> Iterator[tuple[Tensor, Tensor]]:
    """Second order, multistep, one evaluation a step: UniPC-2 with B2(h) (Zhao et al. 2023, arXiv 2302.04867).

    Its predictor is DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095); every evaluation then also corrects the step
    that gave it. All in log-SNR, per token and in float64. Where log-SNR is infinite (time 1 and time 0) or a token
    has no past yet, the order falls to one.
    """
    past: list[Past] = []  # the last two
    for now_BN, next_BN in pairwise(t_SBN):
        clean_BNC = _clean(denoise, x_BNC, now_BN)
        if past:
            x_BNC = _corrected(past, clean_BNC, now_BN)
        here, aim_BNC = (now_BN, x_BNC, clean_BNC), clean_BNC
        if past:
            before_BN, _, before_BNC = past[-1]
            ratio_BN = _ratio(before_BN, now_BN, next_BN)
            aim_BNC = clean_BNC + _column(ratio_BN / 2, x_BNC) * (clean_BNC - before_BNC)
        x_BNC = _towards(x_BNC, aim_BNC, now_BN, next_BN)
        past = [*past[-1:], here]
        yield x_BNC, clean_BNC


def renoise(denoise: Denoise, x_BNC: Tensor, t_SBN: Tensor, noise: Noise) -> Iterator[tuple[Tensor, Tensor]]:
    """Of weights distilled to a few steps: to the clean estimate, and from there to the next time with fresh noise
    (multistep consistency sampling, Song et al. 2023, arXiv 2303.01469, algorithm 1; as in DMD2, arXiv 2405.14867).
    """
    for index, (now_BN, next_BN) in enumerate(pairwise(t_SBN), start=1):
        clean_BNC = _clean(denoise, x_BNC, now_BN)
        next_BN1 = _column(next_BN, x_BNC)
        if bool((next_BN > 0).any()):
            aim_BNC = (1 - next_BN1) * clean_BNC + next_BN1 * noise(index).to(x_BNC)
        else:
            aim_BNC = clean_BNC
        x_BNC = torch.where(_column(now_BN == next_BN, x_BNC).bool(), x_BNC, aim_BNC)
        yield x_BNC, clean_BNC


SOLVERS: dict[str, Solver] = {"euler": euler, "unipc": unipc, "renoise": renoise}


def _corrected(past: list[Past], clean_BNC: Tensor, now_BN: Tensor) -> Tensor:
    """The last step again, now that the clean estimate at its end is known: UniC-2, and UniC-1 for want of a past."""
    (first_BN, _, first_BNC), (before_BN, before_x_BNC, before_BNC) = past[0], past[-1]
    h_BN = _log_snr(now_BN) - _log_snr(before_BN)
    sound_BN = h_BN.isfinite() & (h_BN > 0) & (len(past) > 1)
    ratio_BN = _ratio(first_BN, before_BN, now_BN)
    phi1_BN, phi2_BN, phi3_BN = _phis(torch.where(sound_BN, h_BN, 1.0))
    b1_BN, b2_BN = phi2_BN / phi1_BN, 2 * phi3_BN / phi1_BN
    bend_BN = (b1_BN - b2_BN) * ratio_BN / (1 + ratio_BN)
    end_BN = torch.where(sound_BN, b1_BN - bend_BN, 0.5)
    aim_BNC = before_BNC + _column(end_BN, clean_BNC) * (clean_BNC - before_BNC)
    aim_BNC = aim_BNC + _column(bend_BN * ratio_BN, clean_BNC) * (before_BNC - first_BNC)
    return _towards(before_x_BNC, aim_BNC, before_BN, now_BN)


def _phis(h_BN: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """phi_1 .. phi_3 of the paper's appendix, each times -h, in data prediction."""
    phi1_BN = torch.expm1(-h_BN)
    phi2_BN = -phi1_BN / h_BN - 1
    return phi1_BN, phi2_BN, -phi2_BN / h_BN - 0.5


def _clean(denoise: Denoise, x_BNC: Tensor, now_BN: Tensor) -> Tensor:
    """The clean estimate x - t * velocity; at time 0 x itself, whatever the model says."""
    with torch.no_grad():
        velocity_BNC = denoise(x_BNC, now_BN.to(x_BNC)).to(x_BNC.dtype)
    now_BN1 = _column(now_BN, x_BNC)
    return torch.where(now_BN1 == 0, x_BNC, x_BNC - now_BN1 * velocity_BNC)


def _towards(x_BNC: Tensor, aim_BNC: Tensor, now_BN: Tensor, next_BN: Tensor) -> Tensor:
    """x moved along the straight path that ends at `aim`; tokens whose time rests stay as they are, to the bit."""
    left_BN1 = _column(torch.where(now_BN == next_BN, 1.0, next_BN / now_BN), x_BNC)
    return torch.where(left_BN1 == 1, x_BNC, left_BN1 * x_BNC + (1 - left_BN1) * aim_BNC)


def _ratio(before_BN: Tensor, now_BN: Tensor, next_BN: Tensor) -> Tensor:
    """The step to come over the step behind, both in log-SNR; 0 where either is infinite or does not move."""
    behind_BN, ahead_BN = _log_snr(now_BN) - _log_snr(before_BN), _log_snr(next_BN) - _log_snr(now_BN)
    sound_BN = ahead_BN.isfinite() & (behind_BN > 0)  # over an infinite step it is 0 by itself
    return torch.where(sound_BN, ahead_BN / behind_BN, 0.0)


def _log_snr(t_BN: Tensor) -> Tensor:
    return torch.log1p(-t_BN) - torch.log(t_BN)


def _column(value_BN: Tensor, like_BNC: Tensor) -> Tensor:
    return value_BN.to(like_BNC)[..., None]
