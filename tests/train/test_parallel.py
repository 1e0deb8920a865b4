"""Two processes with half batches learn what one learns with whole batches, and stop together.

This file is also the program that the processes run: `python test_parallel.py FOLDER CASE ...`.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from yozora.train import parallel
from yozora.train.__main__ import main
from yozora.train.loop import CHECKPOINT, TrainingPlan, TrainingStopped, train
from yozora.train.watching import watch

HALF = 8  # samples of a half batch


class Slope:
    """Two layers and one that only odd batches use in case "rare"; `parts` half batches a step."""

    name = "slope"

    def __init__(self, parts: int, case: str, seed: int = 0) -> None:
        torch.manual_seed(seed)
        layers = [nn.Linear(6, 12), nn.Linear(12, 6)]
        self.model: nn.Module = nn.ModuleDict({"blocks": nn.ModuleList(layers), "rare": nn.Linear(6, 1)})
        self.parts, self.case = parts, case

    def batch(self, step: int) -> tuple[Tensor, Tensor, bool]:
        """Half batches `parts * step` and on."""
        halves = [torch.Generator().manual_seed(self.parts * step + part) for part in range(self.parts)]
        x_BC = torch.cat([torch.randn(HALF, 6, generator=generator) for generator in halves])
        weight_B = torch.cat([torch.rand(HALF, generator=generator) ** 4 for generator in halves])
        return x_BC, weight_B, self.case == "rare" and step % 2 == 1

    def loss(self, batch: tuple[Tensor, Tensor, bool], generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        x_BC, weight_B, rare = batch
        first, second = self.model["blocks"]  # type: ignore[index]
        error_B = (second(torch.tanh(first(x_BC))) - x_BC.flip(1)).square().mean(1)
        if rare:
            error_B = error_B + 0.1 * (self.model["rare"](x_BC)[:, 0] - 1).square()  # type: ignore[index]
        if self.case != "weighted":
            return error_B.mean(), {}
        return parallel.world() * (error_B * weight_B).sum() / parallel.total(weight_B.sum()), {}

    def sample(self, model: nn.Module, folder: Path, step: int) -> None:
        (folder / f"sample_{parallel.rank()}").touch()

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None:
        save_file(model.state_dict(), path)


def plan() -> TrainingPlan:
    return TrainingPlan(steps=10, lr=0.02, muon_lr=0.05, clip=0.5, checkpoint_seconds=0.0)


def launch(folder: Path, *cases: str) -> list[subprocess.Popen[str]]:
    """Two processes as `torchrun` starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []
    for rank in range(2):
        told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        environment = {**os.environ, **{key: str(value) for key, value in told.items()}, "OMP_NUM_THREADS": "1"}
        environment["GLOO_SOCKET_IFNAME"] = "lo"
        command = [sys.executable, __file__, str(folder), *cases]
        started.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
    return started


def finish(started: list[subprocess.Popen[str]]) -> list[tuple[str, str, int]]:
    return [(*process.communicate(timeout=120), process.returncode) for process in started]


CASES = ("mean", "weighted", "rare")


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, int]]]:
    """What two processes leave, a folder a case, and how they end: in the last case they are asked to stop."""
    folder = tmp_path_factory.mktemp("two")
    started = launch(folder, *CASES, "stop")
    assert started[0].stdout is not None
    started[0].stdout.readline()  # the other cases print nothing: some steps of the last one are done
    for process in started[::-1]:
        process.send_signal(signal.SIGTERM)
    return folder, finish(started)


@pytest.fixture
def two(ended: tuple[Path, list[tuple[str, str, int]]]) -> Path:
    return ended[0]


@pytest.mark.parametrize("case", ["mean", "weighted"])
def test_two_processes_learn_what_one_learns(two: Path, tmp_path: Path, case: str) -> None:
    losses = [report.loss for report in train(Slope(2, case), plan(), tmp_path)]
    whole, halves = (torch.load(folder / CHECKPOINT) for folder in (tmp_path, two / case))
    for part in ("model", "average"):
        for name, value in whole[part].items():
            torch.testing.assert_close(halves[part][name], value, atol=1e-5, rtol=0, msg=f"{part} {name}")
    assert torch.load(two / case / "losses0.pt") == pytest.approx(losses, abs=1e-5)
    assert torch.load(two / case / "losses1.pt") == pytest.approx(losses, abs=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_both_hold_the_same_weights_and_the_first_writes(two: Path, case: str) -> None:
    state, other = torch.load(two / case / CHECKPOINT), load_file(two / case / "rank1.safetensors")
    assert all(torch.equal(value, other[name]) for name, value in state["model"].items())
    assert (two / case / "slope.safetensors").exists()
    assert [path.name for path in (two / case).glob("sample_*")] == ["sample_0"]


def test_a_gradient_that_one_process_lacks_is_zero_there(two: Path) -> None:
    """In case "rare" the second process alone uses a layer."""
    learnt, begun = torch.load(two / "rare" / CHECKPOINT)["model"], Slope(1, "rare").model.state_dict()
    assert not torch.equal(learnt["rare.weight"], begun["rare.weight"])


def test_all_stop_when_the_first_is_asked_to(two: Path, ended: tuple[Path, list[tuple[str, str, int]]]) -> None:
    (_, errors, first), (_, _, second) = ended[1]
    assert (first, second) == (143, 143), ended
    assert "slope: stopped at step" in errors
    state, other = torch.load(two / "stop" / CHECKPOINT), load_file(two / "stop" / "rank1.safetensors")
    assert all(torch.equal(value, other[name]) for name, value in state["model"].items())


def test_with_one_process_nothing_changes() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert (parallel.total(x) == x).all()
    assert not parallel.total(x).requires_grad
    assert (parallel.world(), parallel.rank(), parallel.first(), parallel.number(7)) == (1, 0, True, 7)
    assert parallel.agree(0.25, 1.0) == [0.25, 1.0]
    parallel.wait()


def test_files_are_split_while_processes_still_know_which_is_the_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []

    def run(*_: object, **__: object) -> None:
        done.append("run")
        raise TrainingStopped(signal.SIGTERM, "stopped")

    monkeypatch.setattr("yozora.train.run.run", run)
    monkeypatch.setattr("yozora.train.pieces.split_files", lambda *_: done.append("split"))
    monkeypatch.setattr(parallel, "stop", lambda: done.append("stop"))
    assert main(["smoke", "--out", str(tmp_path), "--split-mib", "1"]) == 143
    assert done == ["run", "split", "stop"]


def test_buckets_keep_order_types_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "BUCKET", 10)
    sizes = [4, 6, 1, 30, 2, 3]
    tensors = [torch.zeros(size, dtype=torch.float64 if size == 3 else torch.float32) for size in sizes]
    assert [[t.numel() for t in bucket] for bucket in parallel.buckets(tensors)] == [[4, 6], [1], [30], [2], [3]]


def program(folder: Path, cases: list[str]) -> int:
    """One of two processes; the second begins with other weights, which the first one's replace."""
    torch.set_num_threads(1)
    parallel.start("cpu")
    code = 0
    for case in cases:
        task = Slope(1, case, seed=parallel.rank())
        try:
            if case == "stop":
                watch(train(task, TrainingPlan(minutes=2.0), folder / case), "slope", every=0.0)
            losses = [report.loss for report in train(task, plan(), folder / case)]
            torch.save(losses, folder / case / f"losses{parallel.rank()}.pt")
        except TrainingStopped as stopped:
            print(stopped, file=sys.stderr)
            code = stopped.code
        if parallel.rank() == 1:
            save_file(task.model.state_dict(), folder / case / "rank1.safetensors")
    parallel.stop()
    left = [name.read_text().strip() for name in Path("/proc/self/task").glob("*/comm")]
    assert not any("gloo" in name for name in left), left  # such threads abort the interpreter when it ends
    return code


if __name__ == "__main__":
    sys.exit(program(Path(sys.argv[1]), sys.argv[2:]))
