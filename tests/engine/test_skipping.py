"""Steps that are estimated: in a world where the answer is known, and in films of a toy."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from yozora.core.canvas import Canvas, blank, paste
from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.core.quality import SAVINGS, Quality, Saving
from yozora.core.sampler import Denoise, fill, guide
from yozora.core.schedules import even
from yozora.engine.denoising import DenoiseInputs, denoiser
from yozora.engine.engine import Engine
from yozora.engine.parts import Experts, Parts
from yozora.engine.skipping import Skipping, StepHistory, expected_change, extrapolated, guide_sparingly, log_snr
from yozora.families.preset import FilmSettings
from yozora.families.presets import Preset

STEPS = 20
SAVING = Saving(change=0.2, most=3)
MEAN, SPREAD = 0.5, 0.4


class World:
    """Every number of a clean film is N(0.5, 0.4**2) by itself; counts how often it is asked, and in how many rows."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def __call__(self, x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        self.rows.append(len(x_BNC))
        t = t_BN.double()[..., None]
        gain = SPREAD**2 * (1 - t) / (SPREAD**2 * (1 - t) ** 2 + t**2)
        clean_BNC = MEAN + gain * (x_BNC.double() - (1 - t) * MEAN)
        return torch.where(t > 0, (x_BNC.double() - clean_BNC) / t.clamp(min=1e-9), 0.0).to(x_BNC)


def skipping(saving: Saving, world: Denoise, steps: int = STEPS) -> Denoise:
    state = Skipping(saving, steps)
    return lambda x_BNC, t_BN: state.velocity(world, x_BNC, t_BN)


def canvas(known: bool = True) -> Canvas:
    """Three frames of two tokens; the middle one is repainted, and the last one kept."""
    free = blank((3, 1, 2), 64)
    if not known:
        return free
    half = paste(free, torch.full((64, 1, 1, 2), 0.7), at=1, strength=0.6)
    return paste(half, torch.full((64, 1, 1, 2), 0.3), at=2, strength=0.0)


def filled(denoise: Denoise, where: Canvas, steps: int = STEPS) -> Tensor:
    *_, last = fill(where, denoise, steps=steps, seed=3)
    return last.tokens_NC


@pytest.mark.parametrize("known", [False, True])
def test_most_steps_are_estimated_and_the_film_is_nearly_the_same(known: bool) -> None:
    exact, asked = World(), World()
    truth_NC = filled(exact, canvas(known))
    near_NC = filled(skipping(SAVING, asked), canvas(known))
    assert len(exact.rows) == STEPS
    assert 4 <= len(asked.rows) <= STEPS * 0.6
    assert float((near_NC - truth_NC).norm() / truth_NC.norm()) < 0.05
    assert not torch.equal(near_NC, truth_NC)


def test_what_is_kept_stays_to_the_bit() -> None:
    where = canvas()
    found_NC = filled(skipping(SAVING, World()), where)
    assert torch.equal(found_NC[4:], where.known_NC[4:])
    assert bool(found_NC.isfinite().all())


def test_the_same_steps_give_the_same_decisions() -> None:
    first, second = (filled(skipping(SAVING, World()), canvas()) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("most", [1, 3])
def test_the_first_two_and_the_last_are_computed_and_never_too_many_in_a_row_are_not(most: int) -> None:
    computed: list[int] = []
    state = Skipping(Saving(change=1e9, most=most), STEPS)
    world = World()
    for step, t in enumerate(even(STEPS, 5.0).sigmas_S[:-1].tolist()):
        before = len(world.rows)
        state.velocity(world, torch.ones(1, 2, 3), torch.full((1, 2), t))
        computed += [step] * (len(world.rows) - before)
    assert computed[:2] == [0, 1]
    assert computed[-1] == STEPS - 1
    assert max(b - a for a, b in pairwise(computed)) == most + 1


def test_a_film_that_changes_is_computed() -> None:
    world = World()
    filled(skipping(Saving(change=1e-9, most=9), world), canvas())
    assert len(world.rows) == STEPS


def test_another_model_s_estimates_are_forgotten() -> None:
    state, world = Skipping(Saving(change=1e9, most=9), STEPS), World()
    sigmas = even(STEPS, 5.0).sigmas_S.tolist()
    for t in sigmas[:6]:
        state.velocity(world, torch.ones(1, 2, 3), torch.full((1, 2), t))
    assert len(world.rows) == 2
    state.forget()
    for t in sigmas[6:10]:
        state.velocity(world, torch.ones(1, 2, 3), torch.full((1, 2), t))
    assert len(world.rows) == 4


def past(t: float, value: float) -> StepHistory:
    return StepHistory(torch.full((1, 2), t), torch.full((1, 2, 3), value))


def test_an_estimate_lies_on_the_line_through_the_last_two_in_log_snr() -> None:
    before, last, t_BN = past(0.8, 1.0), past(0.7, 2.0), torch.tensor([[0.65, 0.7]])
    ratio = (log_snr(t_BN)[0, 0] - log_snr(last.t_BN)[0, 0]) / (log_snr(last.t_BN) - log_snr(before.t_BN))[0, 0]
    found_BNC = extrapolated(before, last, t_BN)
    assert torch.allclose(found_BNC[0, 0], 2.0 + ratio)
    assert torch.equal(found_BNC[0, 1], last.clean_BNC[0, 1])
    assert torch.equal(extrapolated(before, last, torch.zeros(1, 2))[0, 0], torch.full((3,), 4.0))  # no further


def test_what_is_expected_to_change_grows_with_time_and_with_what_changed() -> None:
    slow, quick = (expected_change(past(0.8, 1.0), past(0.7, 1.0 + by), 0.6) for by in (0.01, 0.1))
    assert 0 < slow < quick
    assert expected_change(past(0.8, 1.0), past(0.7, 1.1), 0.65) < quick
    assert expected_change(past(0.7, 1.0), past(0.7, 1.0), 0.6) == float("inf")
    assert expected_change(past(0.8, 0.0), past(0.7, 0.0), 0.6) == float("inf")


# --- guidance


def pulling(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
    """The second half is one less than the first."""
    return x_BNC - torch.arange(len(x_BNC))[:, None, None]


def test_guidance_is_taken_over_between_two_calls() -> None:
    asked: list[int] = []

    def denoise(x_BNC: Tensor, t_BN: Tensor) -> Tensor:
        asked.append(len(x_BNC))
        return pulling(x_BNC, t_BN)

    sparing = guide_sparingly(denoise, 3.0, (0.0, 1.0), 2)
    whole = guide(pulling, 3.0)
    x_BNC, t_BN = torch.randn(1, 4, 2), torch.tensor([[0.5, 0.5, 0.2, 0.0]])
    for _ in range(4):
        assert torch.equal(sparing(x_BNC, t_BN), whole(x_BNC, t_BN))
    assert asked == [2, 1, 2, 1]
    unguided = guide_sparingly(denoise, 1.0, (0.0, 1.0), 2)
    assert torch.equal(unguided(x_BNC, t_BN), x_BNC)
    outside = guide_sparingly(denoise, 3.0, (0.9, 1.0), 2)
    assert torch.equal(outside(x_BNC, t_BN), x_BNC)


# --- films


@pytest.fixture
def engine(toy: Preset) -> Engine:
    return Engine(toy, "cpu", torch.float32)


def order_of(engine: Engine, quality: Quality, steps: int = 16, **settings: object) -> Order:
    asked: FilmSettings = {"seed": 3, "steps": steps, **settings}  # type: ignore[typeddict-item]
    request = replace(engine.preset.ask("a red car", asked), quality=quality)
    return Order.of(request, Generate(seconds=request.seconds))


def forwards(engine: Engine, order: Order) -> tuple[list[int], np.ndarray]:
    """Rows of each forward of a film, and its frames."""
    rows: list[int] = []

    def note(module: object, given: tuple[Tensor, object, object, object], out: Tensor) -> None:
        rows.append(len(out))

    hook = engine.transformer.register_forward_hook(note)  # type: ignore[arg-type]
    try:
        return rows, engine.films(order).frames
    finally:
        hook.remove()


@pytest.mark.parametrize("quality", ["balanced", "fast"])
def test_a_film_takes_fewer_forwards_and_is_the_same_each_time(engine: Engine, quality: Quality) -> None:
    rows, exact = forwards(engine, order_of(engine, "exact"))
    fewer, film = forwards(engine, order_of(engine, quality))
    assert set(rows) == {2}
    assert len(fewer) < len(rows)
    assert set(fewer) == ({1, 2} if quality == "fast" else {2})
    forwards(engine, order_of(engine, quality, seed=9))  # nothing stays behind
    assert np.array_equal(forwards(engine, order_of(engine, quality))[1], film)
    assert not np.array_equal(film, exact)


@pytest.mark.parametrize("quality", ["balanced", "fast"])
def test_below_eight_steps_a_film_is_exact(engine: Engine, quality: Quality) -> None:
    films = [engine.films(order_of(engine, each, steps=7)).frames for each in ("exact", quality)]  # type: ignore[arg-type]
    assert np.array_equal(*films)


def test_weights_that_get_noise_in_each_step_are_exact(toy: Preset) -> None:
    engine = Engine(replace(toy, solver="renoise"), "cpu", torch.float32)
    assert len(set(map(len, (forwards(engine, order_of(engine, each))[0] for each in SAVINGS)))) == 1


def test_estimated_steps_are_shown_and_can_be_stopped(engine: Engine) -> None:
    steps = [each for each in engine.run(order_of(engine, "fast")) if each.stage == "denoise"]
    assert len(steps) == 2 * 16  # the first frame, and the film
    assert all(each.preview is not None and each.preview().shape == (64, 64, 3) for each in steps[::5])
    work = engine.run(order_of(engine, "fast"))
    for _ in range(8):
        next(work)
    work.close()
    assert np.array_equal(*(engine.films(order_of(engine, "fast")).frames for _ in range(2)))


def test_each_expert_s_estimates_are_its_own(engine: Engine) -> None:
    """Of two experts each computes its first two steps."""
    one = engine.transformer
    experts = Experts(lambda: one, lambda: one, boundary=0.8)
    parts = Parts(text=engine.parts.text, transformers=experts, autoencoder=engine.parts.autoencoder)
    calls: list[float] = []
    one.register_forward_hook(lambda module, given, out: calls.append(float(given[1].values_U.max())))
    free = blank((3, 2, 2), engine.layout.token_channels)
    where = replace(free, prompts=("a car",), reads_NP=torch.ones(12, 1, dtype=torch.bool))
    saving, schedule = Saving(change=1e9, most=99), even(STEPS, 5.0)
    told = DenoiseInputs(canvas=where, negative="", scales=(2.0, 2.0), schedule=schedule, saving=saving)
    with torch.inference_mode():
        filled(denoiser(parts, engine.preset, told), where)
    first_low = next(t for t in schedule.sigmas_S.tolist() if t < 0.8)
    assert [t >= 0.8 for t in calls] == [True, True, False, False, False]
    assert calls[2] == pytest.approx(first_low)
