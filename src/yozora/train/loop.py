"""Run a training: batches in, weights out, stopped by the clock and resumed where it was.

Knows nothing of what is trained: a `Task` says what a batch and a loss are. Every random draw of step k comes from
(stream, k), so a run that is resumed goes on with the very numbers that it would have seen. Of several processes
(`train.parallel`) each takes its own batches, and the first one keeps the clock and writes all files.
"""

import math
import re
import signal
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from yozora.films.sheet import write_png
from yozora.train import parallel
from yozora.train.curve import Losses, draw
from yozora.train.muon import Muon
from yozora.train.pieces import split_file

CHECKPOINT, LOSSES, CURVE = "checkpoint.pt", "losses.jsonl", "curve.png"
HIDDEN = re.compile(r"blocks\.\d+\.(?!modulation)")  # layers of the transformer, the codec and the parser
Batch = TypeVar("Batch")


class Task(Protocol[Batch]):
    """What is trained. `batch` may run in another thread and depends on nothing but the step."""

    name: str
    model: nn.Module

    def batch(self, step: int) -> Batch: ...

    def loss(self, batch: Batch, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]: ...

    def sample(self, model: nn.Module, folder: Path, step: int) -> None: ...

    def export(self, model: nn.Module, path: Path, facts: dict[str, object]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How long and how fast. Exactly one of `minutes` and `steps` bounds the run; the learning rate follows it."""

    minutes: float | None = None
    steps: int | None = None
    lr: float = 1e-3
    muon_lr: float = 0.0  # above 0: matrices of hidden layers are trained by Muon at this rate
    weight_decay: float = 0.01
    warmup: float = 0.03  # fractions of the run
    cooldown: float = 0.3
    clip: float = 1.0
    ema: float = 0.999
    seed: int = 0
    checkpoint_seconds: float = 60.0
    sample_seconds: float = 300.0
    # Not in the repr, which tells plans apart: these leave what is learnt as it is.
    export_seconds: float = field(default=45.0, repr=False)
    split_mib: int | None = field(default=None, repr=False)  # weights are written as parts of so many MiB too

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise ValueError("a plan is bounded by either minutes or steps")

    def done(self, step: int, seconds: float) -> float:
        """Fraction of the run that is over, 0..1."""
        if self.steps is not None:
            return min(1.0, step / self.steps)
        assert self.minutes is not None
        return min(1.0, seconds / (60.0 * self.minutes)) if self.minutes else 1.0

    def rate(self, done: float) -> float:
        """Learning rate relative to its peak: up, constant, linearly down to zero."""
        return max(0.0, min(1.0, (done + 1e-3) / max(self.warmup, 1e-3), (1.0 - done) / max(self.cooldown, 1e-9)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One finished step."""

    step: int
    done: float
    seconds: float
    loss: float
    facts: dict[str, float]


class Average:
    """Exponential moving average of a module's parameters (Karras et al. 2022 warm it up the same way)."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.values = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        state = model.state_dict()
        moving = [name for name, value in state.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.values[n] for n in moving], [state[n].detach() for n in moving], 1.0 - decay)

    def swapped(self, model: nn.Module) -> "Swapped":
        return Swapped(model, self.values)


class Swapped:
    """`with average.swapped(model):` the model holds the average."""

    def __init__(self, model: nn.Module, values: dict[str, Tensor]) -> None:
        self.model, self.values = model, values

    def __enter__(self) -> nn.Module:
        self.kept = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.values)
        return self.model.eval()

    def __exit__(self, *_: object) -> None:
        self.model.load_state_dict(self.kept)
        self.model.train()


def optimisers(model: nn.Module, plan: TrainingPlan) -> list[torch.optim.Optimizer]:
    """AdamW for everything, or Muon for hidden layers (see `HIDDEN`) and AdamW for the rest."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    hidden = [
        p for name, p in trained if plan.muon_lr and p.ndim >= 2 and min(p.flatten(1).shape) > 1 and HIDDEN.search(name)
    ]
    ids = {id(p) for p in hidden}
    rest = [p for _, p in trained if id(p) not in ids]
    made: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=plan.lr, betas=(0.9, 0.95), weight_decay=plan.weight_decay)
    ]
    if hidden:
        made.append(Muon(hidden, lr=plan.muon_lr, weight_decay=plan.weight_decay))
    for optimiser in made:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return made


def save_checkpoint(path: Path, state: dict[str, object]) -> None:
    """Write beside and rename, so that a killed run always leaves a whole checkpoint."""
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


class TrainingStopped(Exception):  # noqa: N818 - it is no error
    """The run was asked to stop, and it has saved what it learnt. `code` is the exit code of the signal."""

    def __init__(self, signum: int, message: str = "") -> None:
        super().__init__(message)
        self.signum, self.code = signum, 128 + signum


class Chore:
    """Work that is done every few seconds, and more rarely where it would take more than a `share` of the time."""

    def __init__(self, work: Callable[[], None], seconds: float, share: float = 1.0) -> None:
        self.work, self.seconds, self.share = work, seconds, share
        self.last, self.rest = time.monotonic(), seconds

    def look(self) -> None:
        """Do the work if it is time."""
        began = time.monotonic()
        if began - self.last > self.rest:
            self.work()
            self.last = time.monotonic()
            self.rest = max(self.seconds, (self.last - began) * (1 / self.share - 1))


class TrainingRun(Generic[Batch]):
    """A training under way: a model, its average and its optimisers, and how far they have come."""

    def __init__(self, task: Task[Batch], plan: TrainingPlan, out: Path, facts: Mapping[str, object]) -> None:
        self.task, self.plan, self.out, self.facts = task, plan, out, facts
        self.model = task.model.train()
        parallel.spread(self.model)
        self.device = next(self.model.parameters()).device
        self.optimisers = optimisers(self.model, plan)
        self.average = Average(self.model, plan.ema)
        self.step, self.began, self.before = 0, 0, 0.0
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the plan has run, in this process and earlier ones."""
        return self.before + time.monotonic() - self.start

    @property
    def done(self) -> float:
        return self.plan.done(self.step - self.began, self.seconds)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same task, and with the plan where it is the same."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.values = state["average"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            rates = [group["peak"] for group in optimiser.param_groups]
            optimiser.load_state_dict(saved)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["peak"] = rate
        self.step = self.began = state["step"]
        if state["plan"] == repr(self.plan):
            self.began, self.before = state["began"], state["seconds"]
        self.start = time.monotonic()

    def learn(self, batch: Batch, done: float) -> tuple[float, dict[str, float]]:
        """One step, `done` of the run being over; the loss, and what the task tells of it."""
        seed = self.plan.seed * 1_000_003 + parallel.number(self.step)
        generator = torch.Generator(self.device).manual_seed(seed)
        loss, told = self.task.loss(batch, generator)
        loss.backward()
        parallel.average_gradients(self.model)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * self.plan.rate(done)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.average.update(self.model, self.step)
        self.step += 1
        return float(parallel.mean(loss)), told

    def save(self) -> None:
        """Write the checkpoint."""
        state: dict[str, object] = {
            "model": self.model.state_dict(),
            "average": self.average.values,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": self.step,
            "began": self.began,
            "seconds": self.seconds,
            "plan": repr(self.plan),
        }
        save_checkpoint(self.out / CHECKPOINT, state)

    def export(self) -> None:
        """Write the averaged weights, whole and in parts."""
        path = self.out / f"{self.task.name}.safetensors"
        with self.average.swapped(self.model) as smooth:
            self.task.export(smooth, path, {"steps": self.step, "seed": self.plan.seed, **self.facts})
        if self.plan.split_mib is not None:
            split_file(path, self.plan.split_mib)

    def sample(self) -> None:
        with self.average.swapped(self.model) as smooth:
            self.task.sample(smooth, self.out, self.step)


def train(
    task: Task[Batch],
    plan: TrainingPlan,
    out: Path,
    resume: Path | None = None,
    facts: Mapping[str, object] | None = None,
) -> Generator[Report, None, None]:
    """Train until the plan is done; yields a report a step and leaves `checkpoint.pt`, the exported weights,
    `losses.jsonl` and `curve.png` in `out`, where they are also written every few seconds on the way.

    `resume` is a folder with a checkpoint of the same task; its step, average and optimisers go on. The plan goes on
    too where it is the same; another plan starts at its beginning. Where the checkpoint is that of its end (a run was
    killed while it wrote its last files) they are written and one report comes, without a loss. Without a checkpoint
    the run begins at step 0 with the weights that the task's model has. `TrainingStopped`, thrown into the generator,
    ends the run early.

    Raises:
        TrainingStopped: after the checkpoint and the weights are written, where the run was asked to stop.
    """
    out.mkdir(parents=True, exist_ok=True)
    run = TrainingRun(task, plan, out, facts or {})
    known = resume / CHECKPOINT if resume is not None and (resume / CHECKPOINT).exists() else None
    if known is not None:
        run.resume(known)
    writer = RunWriter(run, known is not None) if parallel.first() else None
    first = run.step
    done, stopping, asked = yield from _steps(run, writer)
    if writer is not None:
        writer.finish(sample=not stopping)
    parallel.wait()
    if stopping:
        left = f"{task.name}: stopped at step {run.step}; its checkpoint and weights are in {out}."
        raise TrainingStopped(asked.signum if asked else signal.SIGTERM, left)
    if run.began < run.step == first:
        yield Report(step=run.step, done=done, seconds=run.seconds, loss=math.nan, facts={})


def _steps(
    run: TrainingRun[Batch], writer: "RunWriter | None"
) -> Generator[Report, None, tuple[float, float, TrainingStopped | None]]:
    """Learn until the plan is done or it is stopped; the next batch is made meanwhile.

    Returns how much of the plan is done, whether a process is to stop, and what was thrown into this one.
    """
    asked: TrainingStopped | None = None
    with ThreadPoolExecutor(1, initializer=parallel.use_device) as ahead:
        coming = ahead.submit(run.task.batch, parallel.number(run.step))
        while True:
            done, stopping = parallel.agree(run.done, float(asked is not None))
            if done >= 1.0 or stopping:
                break
            batch = coming.result()
            coming = ahead.submit(run.task.batch, parallel.number(run.step + 1))
            loss, told = run.learn(batch, done)
            report = Report(step=run.step, done=done, seconds=run.seconds, loss=loss, facts=told)
            if writer is not None:
                writer.note(report)
            try:
                yield report
            except TrainingStopped as stopped:
                asked = stopped
        coming.cancel()
    return done, stopping, asked


class RunWriter:
    """Writes the files of a run on its way and at its end."""

    def __init__(self, run: TrainingRun[Batch], resumed: bool) -> None:
        self.save, self.export, self.sample = run.save, run.export, run.sample
        self.curve, self.title = run.out / CURVE, f"{run.task.name}: losses"
        self.losses = Losses(run.out / LOSSES, run.step if resumed else None)
        self.last: Report | None = None
        self.chores = (
            Chore(run.save, run.plan.checkpoint_seconds),
            Chore(run.export, run.plan.export_seconds, share=0.1),
            Chore(self.look, run.plan.sample_seconds),
        )

    def note(self, report: Report) -> None:
        """A step is done."""
        self.last = report
        self.losses.add(report.step, report.seconds, report.loss, report.facts)
        for chore in self.chores:
            chore.look()

    def look(self) -> None:
        """Samples and the curve."""
        self.sample()
        self.draw()

    def draw(self) -> None:
        write_png(self.curve, draw(self.losses.points, self.title))

    def finish(self, sample: bool) -> None:
        """The run is over; where it was stopped there is no time for samples."""
        self.save()
        if sample:
            self.sample()
        self.export()
        if self.last is not None:
            self.losses.write(self.last.step, self.last.seconds)
            self.draw()


def shares_of(stages: Iterable[str], shares: Mapping[str, float]) -> dict[str, float]:
    """What part of the time each of some stages has, 0..1 and 1 together; stages without a share have none."""
    chosen = {stage: shares[stage] for stage in stages if shares.get(stage, 0.0) > 0}
    return {stage: share / sum(chosen.values()) for stage, share in chosen.items()}
