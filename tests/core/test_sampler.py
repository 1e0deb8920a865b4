"""The sampler in a world where the answer is known: correlated Gaussians, whose velocity field is exact.

Tokens are x0 ~ N(mean, cov), correlated over tokens; every channel is a world of its own, so a canvas with many
channels is many samples at once.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from yozora.core.canvas import Canvas, blank, paste, refer
from yozora.core.sampler import (
    FLOW_SHIFT,
    Denoise,
    Solver,
    Step,
    draw,
    euler,
    fill,
    fill_batch,
    follow,
    guide,
    noisy,
    renoise,
    rolling_times,
    times,
    unipc,
)
from yozora.core.schedules import even

GRID = (3, 1, 2)
N = 6
SAMPLES = 20_000
EACH_SOLVER = pytest.mark.parametrize("solver", [euler, unipc])


def sigmas_of(steps: int, shift: float = FLOW_SHIFT) -> Tensor:
    return even(steps, shift).sigmas_S


class GaussianWorld:
    """N(mean, cov) over tokens, and the velocity E[noise - x0 | x_t] for any time of each token."""

    def __init__(self, tokens: int = N, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        root = torch.randn(tokens, tokens, generator=generator, dtype=torch.float64) / tokens**0.5
        self.cov = 0.8 * root @ root.T + 0.1 * torch.eye(tokens, dtype=torch.float64)
        self.mean = torch.randn(tokens, generator=generator, dtype=torch.float64)

    def sample(self, count: int, seed: int) -> Tensor:
        noise = torch.randn(len(self.mean), count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        return self.mean[:, None] + torch.linalg.cholesky(self.cov) @ noise

    def denoise(self, x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        rows = [self.velocity(x, t) for x, t in zip(x_BNC.double(), t_BN.double(), strict=True)]
        return torch.stack(rows).to(x_BNC)

    def velocity(self, x_NC: Tensor, t_N: Tensor) -> Tensor:
        keep, blur = torch.diag(1 - t_N), torch.diag(t_N)
        cov_x = keep @ self.cov @ keep + blur @ blur
        surprise = torch.linalg.solve(cov_x, x_NC - keep @ self.mean[:, None])
        return blur @ surprise - (self.mean[:, None] + self.cov @ keep @ surprise)

    def given(self, known: Sequence[int], values: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and covariance of the other tokens, given these ones."""
        free = [n for n in range(len(self.mean)) if n not in known]
        known = list(known)
        gain = self.cov[free][:, known] @ torch.linalg.inv(self.cov[known][:, known])
        mean = self.mean[free] + gain @ (values - self.mean[known])
        return mean, self.cov[free][:, free] - gain @ self.cov[known][:, free]


WORLD = GaussianWorld()


def known_canvas(values: Tensor, at: int) -> Canvas:
    """A canvas whose tokens from frame `at` on are these values in every sample."""
    return paste(blank(GRID, SAMPLES), values.float()[:, None].expand(-1, SAMPLES).T.reshape(SAMPLES, -1, 1, 2), at=at)


def last(steps: Iterator[Step]) -> Tensor:
    *_, step = steps
    return step.tokens_NC


def check_law(tokens_NC: Tensor, mean: Tensor, cov: Tensor) -> None:
    """Sample mean and covariance agree with the law's to five standard errors, and a thousandth for the solver."""
    count = tokens_NC.shape[1]
    spread = torch.outer(cov.diag(), cov.diag())
    off_mean = (tokens_NC.double().mean(1) - mean).abs()
    off_cov = (torch.cov(tokens_NC.double()) - cov).abs()
    assert (off_mean < 5 * (cov.diag() / count).sqrt() + 1e-3).all(), off_mean
    assert (off_cov < 5 * ((spread + cov**2) / count).sqrt() + 1e-3).all(), off_cov


# --- the law of what is invented


def test_what_is_invented_from_nothing_has_the_law_of_the_world() -> None:
    tokens = last(fill(blank(GRID, SAMPLES), WORLD.denoise, steps=60, seed=1, shift=2.0))
    check_law(tokens, WORLD.mean, WORLD.cov)


@pytest.mark.parametrize(("at", "known"), [(0, (0, 1)), (2, (4, 5)), (1, (2, 3))], ids=["start", "end", "middle"])
def test_what_is_invented_has_the_law_given_what_is_known(at: int, known: tuple[int, ...]) -> None:
    values = torch.tensor([1.3, -0.7], dtype=torch.float64)
    tokens = last(fill(known_canvas(values, at), WORLD.denoise, steps=60, seed=2, shift=2.0))
    free = [n for n in range(N) if n not in known]
    check_law(tokens[free], *WORLD.given(known, values))
    assert torch.equal(tokens[list(known)], values.float()[:, None].expand(-1, SAMPLES))


def test_both_ends_known() -> None:
    values = torch.tensor([1.0, 0.0, -1.0, 0.5], dtype=torch.float64)
    canvas = paste(
        known_canvas(values[:2], 0), values[2:].float()[:, None].expand(-1, SAMPLES).T.reshape(SAMPLES, 1, 1, 2), at=2
    )
    tokens = last(fill(canvas, WORLD.denoise, steps=60, seed=3, shift=2.0))
    check_law(tokens[2:4], *WORLD.given((0, 1, 4, 5), values))


def test_tokens_that_only_inform_the_picture_are_known_too() -> None:
    world = GaussianWorld(tokens=N + 2)
    values = torch.tensor([0.9, -1.1], dtype=torch.float64)
    reference = values.float()[:, None].expand(-1, SAMPLES).T.reshape(SAMPLES, 1, 1, 2)
    canvas = refer(blank(GRID, SAMPLES), reference, at=7.5)
    tokens = last(fill(canvas, world.denoise, steps=60, seed=4, shift=2.0))
    check_law(tokens[:N], *world.given((N, N + 1), values))


def test_repainting_at_mixed_strengths_stays_in_the_world() -> None:
    """x_t = (1 - s t) x0 + s t noise follows one flow whatever each token's s: out of samples come samples."""
    clips = WORLD.sample(SAMPLES, seed=5).float()
    strength = torch.tensor([[[0.0, 0.3]], [[0.7, 1.0]], [[0.5, 0.0]]])
    canvas = paste(blank(GRID, SAMPLES), clips.T.reshape(SAMPLES, *GRID), strength=strength)
    tokens = last(fill(canvas, WORLD.denoise, steps=60, seed=6, shift=2.0))
    check_law(tokens, WORLD.mean, WORLD.cov)
    moved = (tokens - clips).double().square().mean(1).sqrt()
    assert moved[0] == moved[5] == 0
    assert 0 < moved[1] < moved[2] < moved[3]


def test_rolling_film_has_the_law_of_the_world() -> None:
    canvas = blank(GRID, SAMPLES)
    t_SN = rolling_times(sigmas_of(40, 2.0), canvas.strength_N, canvas.pos_N3[:, 0], lag=13)
    x_NC = noisy(canvas, t_SN[0], draw(canvas, seed=7))
    tokens = last(follow(x_NC[None], t_SN[:, None], WORLD.denoise, unipc))[0]
    check_law(tokens, WORLD.mean, WORLD.cov)


@EACH_SOLVER
def test_a_frame_that_has_arrived_stays_while_others_roll_on(solver: Solver) -> None:
    canvas = blank(GRID, 40)
    t_SN = rolling_times(sigmas_of(5), canvas.strength_N, canvas.pos_N3[:, 0], lag=2)
    x_NC = noisy(canvas, t_SN[0], draw(canvas, seed=7))
    steps = [step.tokens_NC[0] for step in follow(x_NC[None], t_SN[:, None], WORLD.denoise, solver)]
    assert len(steps) == 9
    assert all(torch.equal(tokens[2:], x_NC[2:]) for tokens in steps[:2]), "the second frame waits for its turn"
    assert all(torch.equal(tokens[:2], steps[4][:2]) for tokens in steps[5:]), "the first frame is done"
    assert not torch.equal(steps[3][:2], steps[4][:2])


# --- solvers


def flow_error(solver: Solver, steps: int) -> float:
    """RMS distance to the exact end of the flow, mean + cov^(1/2) noise."""
    values, vectors = torch.linalg.eigh(WORLD.cov)
    noise = torch.randn(N, 64, generator=torch.Generator().manual_seed(8), dtype=torch.float64)
    exact = WORLD.mean[:, None] + vectors @ torch.diag(values.sqrt()) @ vectors.T @ noise
    t_SBN = times(sigmas_of(steps, 1.0), torch.ones(N))[:, None]
    return float((last(follow(noise[None], t_SBN, WORLD.denoise, solver))[0] - exact).square().mean().sqrt())


def test_euler_is_of_first_order_and_unipc_of_second() -> None:
    first = [flow_error(euler, steps) for steps in (16, 32, 64, 128)]
    second = [flow_error(unipc, steps) for steps in (16, 32, 64, 128)]
    assert all(1.8 < coarse / fine < 2.3 for coarse, fine in pairwise(first)), first
    assert second[1] / second[3] > 3.5**2, second
    assert all(b < a / 4 for a, b in zip(first, second, strict=True)), (first, second)


def test_unipc_agrees_with_diffusers() -> None:
    scheduling = pytest.importorskip("diffusers.schedulers.scheduling_unipc_multistep")
    scheduler = scheduling.UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, solver_type="bh2", solver_order=2
    )
    sigmas = sigmas_of(9, 3.0)
    sigmas[0] = 0.98  # its log-SNR is finite only below 1
    scheduler.set_timesteps(9)
    scheduler.sigmas, scheduler.timesteps = sigmas, sigmas[:-1] * 1000
    x = torch.randn(N, 16, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    theirs = x
    for timestep, sigma in zip(scheduler.timesteps, sigmas, strict=False):
        velocity = WORLD.velocity(theirs, sigma.expand(N))
        theirs = scheduler.step(velocity, timestep, theirs).prev_sample
    ours = last(follow(x[None], sigmas[:, None, None].expand(-1, 1, N), WORLD.denoise, unipc))[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_fresh_noise_leads_to_the_samples_of_the_model() -> None:
    """A clean estimate noised again is a sample where the model's own estimate is one: a point of the world."""
    canvas = paste(blank(GRID, SAMPLES), torch.randn(SAMPLES, 1, *GRID[1:]), at=0)
    steps = list(fill(canvas, WORLD.denoise, steps=4, seed=3, solver=renoise))
    again = last(fill(canvas, WORLD.denoise, steps=4, seed=3, solver=renoise))
    other = last(fill(canvas, WORLD.denoise, steps=4, seed=4, solver=renoise))
    known = canvas.strength_N == 0
    assert torch.equal(steps[-1].tokens_NC, again)
    assert not torch.equal(again, other)
    assert all(torch.equal(step.tokens_NC[known], canvas.known_NC[known]) for step in steps)
    assert torch.equal(steps[-1].tokens_NC, steps[-1].clean_NC), "the last step ends where it aims"
    t = float(sigmas_of(4)[1])
    fresh = draw(canvas, 3, 1)
    torch.testing.assert_close(steps[0].tokens_NC[~known], ((1 - t) * steps[0].clean_NC + t * fresh)[~known])


def test_every_step_has_noise_of_its_own() -> None:
    canvas = blank(GRID, 5)
    assert torch.equal(draw(canvas, 7), draw(canvas, 7, 0))
    assert not torch.equal(draw(canvas, 7, 1), draw(canvas, 7, 2))


@EACH_SOLVER
def test_a_point_is_hit_in_one_step(solver: Solver) -> None:
    """Where the clean estimate never changes, every solver is exact, however few its steps."""
    target = torch.randn(N, 4)

    def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        return (x_BNC - target) / t_BN[..., None]

    for steps in (1, 2, 3, 7):
        tokens = last(fill(blank(GRID, 4), denoise, steps=steps, seed=0, solver=solver))
        torch.testing.assert_close(tokens, target, rtol=0, atol=1e-5)


@EACH_SOLVER
@pytest.mark.parametrize("shift", [0.2, 1.0, 5.0, 100.0])
def test_numbers_stay_sound_next_to_both_ends_of_time(solver: Solver, shift: float) -> None:
    strengths = torch.tensor([1.0, 1 - 2**-24, 0.999, 1e-3, 1e-20, 0.0]).reshape(GRID)
    clip = WORLD.sample(50, seed=11).float()
    canvas = paste(blank(GRID, 50), clip.T.reshape(50, *GRID), strength=strengths)
    for steps in (1, 2, 200):
        for step in fill(canvas, WORLD.denoise, steps=steps, seed=12, shift=shift, solver=solver):
            assert step.tokens_NC.isfinite().all()
            assert step.clean_NC.isfinite().all()
            assert step.tokens_NC.abs().max() < 10
        torch.testing.assert_close(step.tokens_NC[4:], clip[4:], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(step.tokens_NC[3], clip[3], rtol=0, atol=0.02)


@EACH_SOLVER
def test_a_half_precision_model_does_not_lower_the_precision_of_tokens(solver: Solver) -> None:
    def rough(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        return WORLD.denoise(x_BNC, t_BN).bfloat16()

    tokens = last(fill(blank(GRID, 500), rough, steps=20, seed=0, solver=solver))
    fine = last(fill(blank(GRID, 500), WORLD.denoise, steps=20, seed=0, solver=solver))
    assert tokens.dtype == torch.float32
    torch.testing.assert_close(tokens, fine, rtol=0, atol=0.05)


# --- what is kept, and what is the same


@EACH_SOLVER
def test_kept_tokens_are_bit_identical_whatever_the_model_says(solver: Solver) -> None:
    clip = torch.tensor([0.1, -0.0, 1e-42, -3e38, 1.0, 2.0, 3.0, 1 / 3]).reshape(4, 1, 1, 2)
    canvas = refer(paste(blank(GRID, 4), clip, at=1), clip, at=9.0)

    def wild(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        return torch.where(t_BN[..., None] == 0, torch.nan, -0.5 * x_BNC)

    kept = [2, 3, 6, 7]
    for step in fill(canvas, wild, steps=5, seed=0, solver=solver):
        for tokens in (step.tokens_NC, step.clean_NC):
            assert torch.equal(tokens[kept].view(torch.int32), canvas.known_NC[kept].view(torch.int32))
            assert tokens.isfinite().all()


@EACH_SOLVER
def test_strength_0_everywhere_gives_back_the_source(solver: Solver) -> None:
    clip = torch.randn(7, *GRID)
    canvas = paste(blank(GRID, 7), clip)
    for step in fill(canvas, WORLD.denoise, steps=3, seed=0, solver=solver):
        assert torch.equal(step.tokens_NC, canvas.known_NC)
        assert torch.equal(step.clean_NC, canvas.known_NC)


@EACH_SOLVER
def test_tokens_are_a_bag(solver: Solver) -> None:
    """Tokens in another order come out in that order."""
    order = torch.randperm(N, generator=torch.Generator().manual_seed(13))
    shuffled = GaussianWorld()
    shuffled.mean, shuffled.cov = WORLD.mean[order], WORLD.cov[order][:, order]
    strength = torch.tensor([[[0.0, 1.0]], [[0.4, 1.0]], [[1.0, 0.9]]])
    canvas = paste(blank(GRID, 9), torch.randn(9, *GRID), strength=strength)
    t_SN = times(sigmas_of(8), canvas.strength_N)
    x_NC = noisy(canvas, t_SN[0], draw(canvas, seed=14)).double()
    straight = last(follow(x_NC[None], t_SN[:, None], WORLD.denoise, solver))[0]
    mixed = last(follow(x_NC[order][None], t_SN[:, order][:, None], shuffled.denoise, solver))[0]
    torch.testing.assert_close(mixed, straight[order], rtol=1e-9, atol=1e-9)


def test_the_same_seed_gives_the_same_film_and_touches_no_global_state() -> None:
    state = torch.get_rng_state()
    one, same, other = (last(fill(blank(GRID, 30), WORLD.denoise, steps=4, seed=seed)) for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)
    last(fill(blank(GRID, 30), WORLD.denoise, steps=1, seed=2**63 - 1))


def test_noise_of_the_picture_does_not_depend_on_what_informs_it() -> None:
    canvas = blank(GRID, 5)
    more = refer(canvas, torch.zeros(5, 1, 2, 3), at=1.0)
    assert torch.equal(draw(more, seed=3)[:N], draw(canvas, seed=3))
    assert draw(more, seed=3).shape == (12, 5)


def test_a_batch_is_filled_as_each_alone() -> None:
    canvases = [blank(GRID, 30), paste(blank(GRID, 30), torch.randn(30, 1, 1, 2), at=0, strength=0.25)]
    *_, together = fill_batch(canvases, WORLD.denoise, schedule=even(6, FLOW_SHIFT), seeds=[1, 2])
    for row, (canvas, seed) in enumerate(zip(canvases, (1, 2), strict=True)):
        alone = last(fill(canvas, WORLD.denoise, steps=6, seed=seed))
        torch.testing.assert_close(together.tokens_NC[row], alone)


def test_filling_is_lazy_counts_its_steps_and_previews_the_end() -> None:
    calls = []

    def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        calls.append(t_BN)
        return WORLD.denoise(x_BNC, t_BN)

    steps = fill(blank(GRID, 30), denoise, steps=7, seed=0)
    assert calls == []
    seen = [next(steps), next(steps)]
    assert len(calls) == 2
    seen += steps
    assert [(step.index, step.steps) for step in seen] == [(n, 7) for n in range(1, 8)]
    assert len(calls) == 7
    assert all(t_BN.dtype == torch.float32 and t_BN.shape == (1, N) for t_BN in calls)
    far = [(step.clean_NC - seen[-1].tokens_NC).square().mean().item() for step in seen]
    assert far == sorted(far, reverse=True), "the preview comes nearer with every step"
    assert far[-1] == 0, "the last step ends where it aims"


def test_a_model_under_training_leaves_no_graph_behind() -> None:
    weight = torch.ones((), requires_grad=True)
    tokens = last(fill(blank(GRID, 3), lambda x_BNC, t_BN: weight * x_BNC, steps=2, seed=0))
    assert not tokens.requires_grad


# --- times


def test_each_token_goes_as_far_as_its_strength_lets_it() -> None:
    t_SN = times(sigmas_of(2, 1.0), torch.tensor([1.0, 0.5, 0.0]))
    assert t_SN.tolist() == [[1, 0.5, 0], [0.5, 0.25, 0], [0, 0, 0]]


def test_repainting_starts_from_what_is_known() -> None:
    canvas = paste(blank((1, 1, 2), 3), torch.ones(3, 1, 1, 2), strength=torch.tensor([0.25, 1.0]))
    x_NC = noisy(canvas, torch.tensor([0.25, 1.0]), torch.full((2, 3), 5.0))
    assert x_NC.tolist() == [[0.75 + 1.25] * 3, [5.0] * 3]


def test_rolling_frames_set_off_one_after_the_other() -> None:
    t_SN = rolling_times(sigmas_of(2, 1.0), torch.tensor([1.0, 0.5, 1.0]), torch.tensor([0, 0, 1]), lag=1)
    assert t_SN.tolist() == [[1, 0.5, 1], [0.5, 0.25, 1], [0, 0, 0.5], [0, 0, 0]]


def test_times_that_rise_or_leave_their_range_are_refused() -> None:
    for column in ([0.5, 0.6], [1.1, 0.0], [0.5, -0.1]):
        with pytest.raises(ValueError, match="never rise"):
            next(follow(torch.zeros(1, 1, 2), torch.tensor(column)[:, None, None], WORLD.denoise, euler))


# --- guidance


class TwoPrompts:
    """A model whose first half of the batch hears one prompt and the second half another; it counts its rows."""

    def __init__(self, alone: int = 1) -> None:
        self.rows: list[int] = []
        self.alone = alone

    def __call__(self, x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        self.rows.append(len(x_BNC))
        heard = torch.where(torch.arange(len(x_BNC)) < self.alone, 1.0, -2.0)
        return x_BNC * t_BN[..., None] + heard[:, None, None]


X, T = torch.randn(1, N, 4), torch.tensor([[0.0, 0.1, 0.3, 0.5, 0.9, 1.0]])


def test_guidance_pushes_away_from_the_other_prompt_in_one_pass() -> None:
    model = TwoPrompts()
    guided = guide(model, 4.0)(X, T)
    plain = model(X, T)
    assert model.rows == [2, 1]
    torch.testing.assert_close(guided[:, 1:], plain[:, 1:] + 3.0 * 3.0)
    assert torch.equal(guided[:, 0], plain[:, 0]), "a token at time 0 needs none"


def test_scale_0_is_the_other_prompt() -> None:
    unconditional = TwoPrompts(alone=0)(X, T)
    torch.testing.assert_close(guide(TwoPrompts(), 0.0)(X, T)[:, 1:], unconditional[:, 1:])


def test_scale_1_is_the_model_itself() -> None:
    model = TwoPrompts()
    assert torch.equal(guide(model, 1.0)(X, T), TwoPrompts()(X, T))
    assert model.rows == [1]


def test_guidance_keeps_to_its_interval_token_by_token() -> None:
    model = TwoPrompts()
    pushed = guide(model, 2.0, (0.3, 0.9))(X, T) - TwoPrompts()(X, T)
    torch.testing.assert_close(pushed[0, :, 0], torch.tensor([0.0, 0.0, 3.0, 3.0, 3.0, 0.0]))
    assert guide(model, 2.0, (0.6, 0.8))(X, T).shape == X.shape
    assert model.rows == [2, 1], "outside the interval there is no second pass"


def test_guidance_of_a_batch() -> None:
    model = TwoPrompts(alone=3)
    torch.testing.assert_close(
        guide(model, 2.0)(X.expand(3, -1, -1), T.expand(3, -1))[2, 1:], TwoPrompts()(X, T)[0, 1:] + 3.0
    )
    assert model.rows == [6]


def test_guidance_in_half_precision_adds_up_in_full() -> None:
    guided = guide(lambda x_BNC, t_BN: TwoPrompts()(x_BNC, t_BN).bfloat16(), 2.0)(X, T)
    assert guided.dtype == torch.float32


def test_a_guided_film_differs_from_an_unguided_one_only_where_it_is_free() -> None:
    canvas = paste(blank(GRID, 4), torch.randn(4, 1, 1, 2))
    films: list[Tensor] = []
    for denoise in (TwoPrompts(), guide(TwoPrompts(), 3.0)):
        model: Denoise = denoise
        films.append(last(fill(canvas, model, steps=4, seed=0)))
    assert torch.equal(films[0][:2], films[1][:2])
    assert (films[0][2:] != films[1][2:]).all()
