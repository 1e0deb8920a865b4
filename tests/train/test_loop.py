"""The loop on a world of one line: it learns, resumes bit-exactly, keeps to its clock and survives a kill."""

import io
import itertools
import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from yozora.errors import UserError
from yozora.train.loop import (
    CHECKPOINT,
    CURVE,
    LOSSES,
    Chore,
    Report,
    TrainingPlan,
    TrainingStopped,
    optimisers,
    save_checkpoint,
    shares_of,
    train,
)
from yozora.train.pieces import join_files
from yozora.train.watching import watch

INTERRUPTS: dict[int, int] = {}  # signals that the process gets while a batch is made


class Line:
    """y = 3 x - 1 with noise of its own a step."""

    name = "line"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model: nn.Module = nn.ModuleDict({"blocks": nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 1)])})
        self.sampled: list[int] = []
        self.exported: list[int] = []

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        if step in INTERRUPTS:
            os.kill(os.getpid(), INTERRUPTS[step])
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
        self.exported.append(int(str(facts["steps"])))
        save_file(model.state_dict(), path, {key: str(value) for key, value in facts.items()})


def finish(plan: TrainingPlan, out: Path, resume: Path | None = None, stop_after: int | None = None) -> list[Report]:
    return list(itertools.islice(train(Line(), plan, out, resume), stop_after))


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "line.safetensors")


@pytest.mark.parametrize("muon_lr", [0.0, 0.1])
def test_it_learns(tmp_path: Path, muon_lr: float) -> None:
    reports = finish(TrainingPlan(steps=300, lr=0.03, muon_lr=muon_lr), tmp_path)
    assert reports[-1].loss < 0.1 * reports[0].loss


@pytest.mark.parametrize("muon_lr", [0.0, 0.01])
def test_a_run_that_is_cut_and_resumed_ends_bit_equal(tmp_path: Path, muon_lr: float) -> None:
    plan = TrainingPlan(steps=40, lr=0.02, muon_lr=muon_lr, checkpoint_seconds=0.0)
    finish(plan, tmp_path / "whole")
    finish(plan, tmp_path / "cut", stop_after=17)
    resumed = finish(plan, tmp_path / "cut", tmp_path / "cut")
    assert len(resumed) == 40 - 17
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_the_clock_stops_it(tmp_path: Path) -> None:
    reports = finish(TrainingPlan(minutes=0.02), tmp_path)
    assert 1.0 <= reports[-1].seconds < 3.0
    assert (tmp_path / CHECKPOINT).exists()
    assert (tmp_path / "line.safetensors").exists()


def test_the_rate_warms_up_and_cools_down() -> None:
    plan = TrainingPlan(steps=100)
    rates = [plan.rate(plan.done(step, 0.0)) for step in range(101)]
    assert rates[0] < 0.1
    assert rates[50] == 1.0
    assert rates[100] == 0.0
    assert rates[85] == pytest.approx(0.5)


def test_a_plan_has_one_bound() -> None:
    with pytest.raises(ValueError, match="either"):
        TrainingPlan()
    with pytest.raises(ValueError, match="either"):
        TrainingPlan(minutes=1, steps=1)


def test_muon_takes_hidden_matrices_only() -> None:
    adam, muon = optimisers(Line().model, TrainingPlan(steps=1, muon_lr=0.02))
    assert [p.ndim for group in muon.param_groups for p in group["params"]] == [2]
    assert [tuple(p.shape) for group in adam.param_groups for p in group["params"]] == [(4,), (1, 4), (1,)]


def test_a_checkpoint_is_whole_or_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    save_checkpoint(path, {"step": 1})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, {"step": lambda: 2})
    assert torch.load(path)["step"] == 1


def test_weights_are_exported_on_the_way_in_parts_too(tmp_path: Path) -> None:
    task = Line()
    task.model["large"] = nn.Linear(700, 400, bias=False)  # type: ignore[operator]
    plan = TrainingPlan(steps=30, export_seconds=0.0, split_mib=1)
    reports = train(task, plan, tmp_path)
    next(reports)
    assert task.exported == [1]
    assert (tmp_path / "line.safetensors.part01").exists()
    whole = (tmp_path / "line.safetensors").read_bytes()
    (tmp_path / "line.safetensors").unlink()  # as where large files are not kept
    join_files(tmp_path)
    assert (tmp_path / "line.safetensors").read_bytes() == whole
    list(reports)
    assert task.exported[-1] == 30
    join_files(tmp_path)
    assert torch.equal(weights(tmp_path)["blocks.0.weight"], average_of(tmp_path)["blocks.0.weight"])


def average_of(folder: Path) -> dict[str, Tensor]:
    average: dict[str, Tensor] = torch.load(folder / CHECKPOINT)["average"]
    return average


def test_an_export_that_takes_long_is_made_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    now, done = 0.0, list[float]()
    monkeypatch.setattr("yozora.train.loop.time.monotonic", lambda: now)

    def work() -> None:
        nonlocal now
        done.append(now)
        now += 20.0

    chore = Chore(work, seconds=45.0, share=0.1)
    while now < 800.0:
        now += 1.0
        chore.look()
    assert done == [46.0, 46.0 + 201.0, 46.0 + 402.0, 46.0 + 603.0]


def test_how_often_files_are_written_is_no_other_plan() -> None:
    plan = TrainingPlan(steps=3)
    assert repr(replace(plan, export_seconds=1.0, split_mib=15)) == repr(plan)


def test_without_a_checkpoint_a_run_begins_with_the_weights_of_its_task(tmp_path: Path) -> None:
    finish(TrainingPlan(steps=30, lr=0.03), tmp_path)
    (tmp_path / CHECKPOINT).unlink()
    task = Line()
    task.model.load_state_dict(weights(tmp_path))
    reports = train(task, TrainingPlan(steps=5, ema=1.0, lr=0.0, checkpoint_seconds=0.0), tmp_path, tmp_path)
    assert next(reports).step == 1
    assert all(torch.equal(value, weights(tmp_path)[name]) for name, value in average_of(tmp_path).items())
    list(reports)
    steps = [json.loads(line)["step"] for line in (tmp_path / LOSSES).read_text().splitlines()]
    assert steps == [30, 35]  # the curve goes on


def test_a_run_that_was_killed_when_it_had_learnt_all_is_resumed_at_its_end(tmp_path: Path) -> None:
    plan = TrainingPlan(steps=6, checkpoint_seconds=0.0)
    finish(plan, tmp_path / "whole")
    finish(plan, tmp_path / "cut", stop_after=6)  # its last weights are not exported
    assert not (tmp_path / "cut" / "line.safetensors").exists()
    (report,) = finish(plan, tmp_path / "cut", tmp_path / "cut")
    assert (report.step, report.done) == (6, 1.0)
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(whole[name], cut[name]) for name in whole)
    with pytest.raises(UserError, match="too short"):
        watch(train(Line(), TrainingPlan(minutes=0), tmp_path / "none"), "line", console=Console(file=io.StringIO()))


def test_losses_go_on_where_the_checkpoint_is(tmp_path: Path) -> None:
    plan = TrainingPlan(steps=20, checkpoint_seconds=0.0)
    finish(plan, tmp_path, stop_after=8)
    with (tmp_path / LOSSES).open("a") as file:
        file.write('{"step": 5, "seconds": 1.0, "loss": 2.0}\n{"step": 9, "seconds": 1.0, "loss": 2.0}\n{"ste')
    finish(plan, tmp_path, tmp_path)
    assert [json.loads(line)["step"] for line in (tmp_path / LOSSES).read_text().splitlines()] == [5, 20]
    assert (tmp_path / CURVE).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_saves_and_goes_on_bit_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    plan = TrainingPlan(steps=40, lr=0.02, muon_lr=0.01)
    finish(plan, tmp_path / "whole")
    before = signal.getsignal(number)
    with monkeypatch.context() as patch:
        patch.setitem(INTERRUPTS, 10, number)
        with pytest.raises(
            TrainingStopped, match=r"line: stopped at step \d+; its checkpoint and weights are in"
        ) as stopped:
            watch(train(Line(), plan, tmp_path / "cut"), "line", console=Console(file=io.StringIO()))
    assert stopped.value.code == 128 + number
    assert signal.getsignal(number) == before
    step = torch.load(tmp_path / "cut" / CHECKPOINT)["step"]
    assert 9 <= step <= 12
    assert (tmp_path / "cut" / "line.safetensors").exists()
    finish(plan, tmp_path / "cut", tmp_path / "cut")
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


# --- time of stages

SHARES = {"keys": 0.2, "motion": 0.1, "between": 0.1, "text": 0.1, "stills": 0.2, "films": 0.3}


def test_stages_that_run_share_all_of_the_time() -> None:
    assert shares_of(SHARES, SHARES) == pytest.approx(SHARES)
    assert shares_of(("samples", "stills", "films"), SHARES) == pytest.approx({"stills": 0.4, "films": 0.6})
    assert shares_of(("films",), SHARES) == {"films": 1.0}
    assert shares_of(("samples",), SHARES) == {}
