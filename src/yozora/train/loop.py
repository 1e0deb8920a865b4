"""Run a training: batches in, weights out, stopped by the clock and resumed where it was.

Knows nothing of what is trained: a `Task` says what a batch and a loss are. Every random draw of step k comes from
(stream, k), so a run that is resumed goes on with the very numbers that it would have seen.
"""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from torch import Tensor, nn

from yozora.errors import UserError
from yozora.train.muon import Muon

CHECKPOINT = "checkpoint.pt"
HIDDEN = re.compile(r"blocks\.\d+\.(?!modulation)|^decoder\.")  # layers of the transformer and of the decoder
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
class Plan:
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


def optimisers(model: nn.Module, plan: Plan) -> list[torch.optim.Optimizer]:
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


def train(
    task: Task[Batch], plan: Plan, out: Path, resume: Path | None = None, facts: dict[str, object] | None = None
) -> Iterator[Report]:
    """Train until the plan is done; yields a report a step and leaves `checkpoint.pt` and the exported weights in
    `out`.

    `resume` is a folder with a checkpoint of the same task; its step, average and optimisers go on. The plan goes on
    too where it is the same; another plan starts at its beginning.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = task.model.train()
    device = next(model.parameters()).device
    made = optimisers(model, plan)
    average = Average(model, plan.ema)
    step, began, before = 0, 0, 0.0
    if resume is not None and (resume / CHECKPOINT).exists():
        state = torch.load(resume / CHECKPOINT, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        average.values = state["average"]
        for optimiser, saved in zip(made, state["optimisers"], strict=True):
            rates = [group["peak"] for group in optimiser.param_groups]
            optimiser.load_state_dict(saved)
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["peak"] = rate
        step = began = state["step"]
        if state["plan"] == repr(plan):
            began, before = state["began"], state["seconds"]
    start = time.monotonic()
    saved_at = sampled_at = start

    def state_now() -> dict[str, object]:
        return {
            "model": model.state_dict(),
            "average": average.values,
            "optimisers": [optimiser.state_dict() for optimiser in made],
            "step": step,
            "began": began,
            "seconds": before + time.monotonic() - start,
            "plan": repr(plan),
        }

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(task.batch, step)
        while (done := plan.done(step - began, before + time.monotonic() - start)) < 1.0:
            batch = coming.result()
            coming = ahead.submit(task.batch, step + 1)
            generator = torch.Generator(device).manual_seed(plan.seed * 1_000_003 + step)
            loss, told = task.loss(batch, generator)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
            for optimiser in made:
                for group in optimiser.param_groups:
                    group["lr"] = group["peak"] * plan.rate(done)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
            average.update(model, step)
            step += 1
            now = time.monotonic()
            if now - saved_at > plan.checkpoint_seconds:
                save_checkpoint(out / CHECKPOINT, state_now())
                saved_at = time.monotonic()
            if now - sampled_at > plan.sample_seconds:
                with average.swapped(model) as smooth:
                    task.sample(smooth, out, step)
                sampled_at = time.monotonic()
            yield Report(step=step, done=done, seconds=before + now - start, loss=float(loss.detach()), facts=told)
        coming.cancel()
    save_checkpoint(out / CHECKPOINT, state_now())
    with average.swapped(model) as smooth:
        task.sample(smooth, out, step)
        task.export(smooth, out / f"{task.name}.safetensors", {"steps": step, "seed": plan.seed, **(facts or {})})


def watch(reports: Iterator[Report], name: str, every: float = 10.0, console: Console | None = None) -> float:
    """Follow a run: a live bar on a terminal, else a line every few seconds, as fits a log file. Returns the smoothed
    loss.
    """
    console = console or Console(soft_wrap=True)
    smooth, shown = None, time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[facts]}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        line = bar.add_task(name, total=1.0, facts="")
        for report in reports:
            smooth = report.loss if smooth is None else 0.97 * smooth + 0.03 * report.loss
            left = report.seconds / max(report.done, 1e-6) * (1 - report.done) / 60
            told = "  ".join(f"{key} {value:.3f}" for key, value in report.facts.items())
            facts = f"step {report.step}  loss {smooth:.4f}  {told}  {left:.1f} min left"
            bar.update(line, completed=report.done, facts=facts)
            if not console.is_terminal and time.monotonic() - shown > every:
                shown = time.monotonic()
                console.print(f"{name} {report.done:4.0%}  {facts}", highlight=False)
    if smooth is None:
        raise UserError(f"{name}: there was no time for a single step.", "Give --minutes to go on, or another --out.")
    return smooth
