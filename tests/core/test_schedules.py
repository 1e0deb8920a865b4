"""Times of steps: ours, and those of the references that films are compared with."""

import pytest
import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler

from yozora.core.schedules import GRIDS, Schedule, diffusers_euler, diffusers_unipc, distilled, even
from yozora.families import FAMILIES

SHIFTS = [1.0, 3.0, 5.0, 8.0, 12.0, 16.0]


@pytest.mark.parametrize("shift", [0.2, 0.5, 1.0, 3.0, 5.0, 12.0])
@pytest.mark.parametrize("steps", [1, 2, 20, 1000])
def test_a_schedule_falls_from_exactly_1_to_exactly_0(steps: int, shift: float) -> None:
    sigmas = even(steps, shift).sigmas_S
    assert sigmas.shape == (steps + 1,)
    assert sigmas[0] == 1
    assert sigmas[-1] == 0
    assert (sigmas.diff() < 0).all()
    assert (sigmas.float().diff() < 0).all()


def test_shift_is_the_familys() -> None:
    assert even(4, 1.0).sigmas_S.tolist() == [1, 0.75, 0.5, 0.25, 0]
    torch.testing.assert_close(even(2, 5.0).sigmas_S[1].item(), 5 * 0.5 / (1 + 4 * 0.5))


@pytest.mark.parametrize(("steps", "shift"), [(0, 1.0), (3, 0.0), (3, -1.0), (3, float("nan"))])
def test_what_is_no_schedule(steps: int, shift: float) -> None:
    with pytest.raises(ValueError, match="at least one step"):
        even(steps, shift)
    with pytest.raises(ValueError, match="never rise"):
        Schedule(sigmas_S=torch.tensor([0.5, 0.6]), model_times_S=torch.tensor([0.5]))


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 10, 30, 40, 50])
def test_unipcs_grid_is_that_of_diffusers(steps: int, shift: float) -> None:
    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift, num_train_timesteps=1000
    )
    scheduler.set_timesteps(steps)
    ours = diffusers_unipc(steps, shift)
    assert ours.sigmas_S.tolist() == scheduler.sigmas.double().tolist()
    assert (ours.model_times_S * 1000).round().long().tolist() == scheduler.timesteps.tolist()


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("steps", [1, 2, 4, 10, 50])
def test_eulers_grid_is_that_of_diffusers(steps: int, shift: float) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=shift)
    scheduler.set_timesteps(steps)
    ours = diffusers_euler(steps, shift)
    torch.testing.assert_close(ours.sigmas_S, scheduler.sigmas.double(), rtol=1e-6, atol=0)
    torch.testing.assert_close(ours.model_times_S * 1000, scheduler.timesteps.double(), rtol=1e-6, atol=0)


def test_the_last_time_is_the_references() -> None:
    """At 10 steps and shift 5 the three grids differ in the fourth digit."""
    assert round(float(diffusers_unipc(10, 5.0).sigmas_S[-2]), 4) == 0.3594
    assert round(float(even(10, 5.0).sigmas_S[-2]), 4) == 0.3571


def test_few_steps_have_times_of_their_own() -> None:
    schedule = distilled((1.0, 0.75, 0.5, 0.25), 5.0)
    assert [round(float(t) * 1000, 1) for t in schedule.model_times_S] == [1000, 937.5, 833.3, 625]
    assert float(schedule.sigmas_S[-1]) == 0


def test_a_token_is_told_its_own_time() -> None:
    schedule = diffusers_unipc(10, 5.0)
    step = 3
    t_BN = torch.tensor([[float(schedule.sigmas_S[step]), float(schedule.sigmas_S[step]) / 2, 0.0]])
    model_times = schedule.model_times(t_BN)[0]
    assert float(model_times[0]) == pytest.approx(float(schedule.model_times_S[step]), abs=1e-6)
    assert float(model_times[1]) == pytest.approx(float(schedule.model_times_S[step]) / 2, abs=1e-6)
    assert float(model_times[2]) == 0
    exact = even(10, 5.0)
    assert exact.model_times(t_BN) is t_BN


def test_presets_name_grids_that_there_are() -> None:
    presets = [preset for family in FAMILIES.values() for preset in family.presets.values()]
    assert {preset.grid for preset in presets} <= GRIDS.keys()
