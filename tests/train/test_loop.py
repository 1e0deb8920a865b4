"""The loop on a world of one line: it learns, resumes bit-exactly, keeps to its clock and survives a kill."""

import itertools
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from yozora.errors import UserError
from yozora.train.loop import CHECKPOINT, Plan, Report, optimisers, save_checkpoint, train, watch


class Line:
    """y = 3 x - 1 with noise of its own a step."""

    name = "line"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model: nn.Module = nn.ModuleDict({"blocks": nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 1)])})
        self.sampled: list[int] = []

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        x = torch.randn(16, 4, generator=torch.Generator().manual_seed(step))
        return x, 3 * x.sum(1, keepdim=True) - 1

    def loss(self, batch: tuple[Tensor, Tensor], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        x, y = batch
        noise = 0.01 * torch.randn(y.shape, generator=generator)
        first, second = self.model["blocks"]  # type: ignore[index]
        return (second(first(x)) - y - noise).square().mean(), {}

    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        self.sampled.append(step)

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save_file(model.state_dict(), path, {key: str(value) for key, value in facts.items()})


def finish(plan: Plan, out: Path, resume: Path | None = None, stop_after: int | None = None) -> list[Report]:
    return list(itertools.islice(train(Line(), plan, out, resume), stop_after))


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "line.safetensors")


@pytest.mark.parametrize("muon_lr", [0.0, 0.1])
def test_it_learns(tmp_path: Path, muon_lr: float) -> None:
    reports = finish(Plan(steps=300, lr=0.03, muon_lr=muon_lr), tmp_path)
    assert reports[-1].loss < 0.1 * reports[0].loss


@pytest.mark.parametrize("muon_lr", [0.0, 0.01])
def test_a_run_that_is_cut_and_resumed_ends_bit_equal(tmp_path: Path, muon_lr: float) -> None:
    plan = Plan(steps=40, lr=0.02, muon_lr=muon_lr, checkpoint_seconds=0.0)
    finish(plan, tmp_path / "whole")
    finish(plan, tmp_path / "cut", stop_after=17)
    resumed = finish(plan, tmp_path / "cut", tmp_path / "cut")
    assert len(resumed) == 40 - 17
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_the_clock_stops_it(tmp_path: Path) -> None:
    reports = finish(Plan(minutes=0.02), tmp_path)
    assert 1.0 <= reports[-1].seconds < 3.0
    assert (tmp_path / CHECKPOINT).exists()
    assert (tmp_path / "line.safetensors").exists()


def test_the_rate_warms_up_and_cools_down() -> None:
    plan = Plan(steps=100)
    rates = [plan.rate(plan.done(step, 0.0)) for step in range(101)]
    assert rates[0] < 0.1
    assert rates[50] == 1.0
    assert rates[100] == 0.0
    assert rates[85] == pytest.approx(0.5)


def test_a_plan_has_one_bound() -> None:
    with pytest.raises(ValueError, match="either"):
        Plan()
    with pytest.raises(ValueError, match="either"):
        Plan(minutes=1, steps=1)


def test_muon_takes_hidden_matrices_only() -> None:
    adam, muon = optimisers(Line().model, Plan(steps=1, muon_lr=0.02))
    assert [p.ndim for group in muon.param_groups for p in group["params"]] == [2]
    assert [tuple(p.shape) for group in adam.param_groups for p in group["params"]] == [(4,), (1, 4), (1,)]


def test_a_checkpoint_is_whole_or_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    save_checkpoint(path, {"step": 1})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"step": lambda: 2})
    assert torch.load(path)["step"] == 1


def test_watching_nothing_is_said() -> None:
    with pytest.raises(UserError, match="no time"):
        watch(iter(()), "line")
