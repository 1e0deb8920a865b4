"""A run that a person follows: a bar or lines, and a request to stop that is obeyed.

Knows nothing of what is trained.
"""

import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from yozora.errors import UserError
from yozora.train import parallel
from yozora.train.loop import Report, TrainingStopped


@contextmanager
def signals() -> Iterator[list[int]]:
    """A list to which an interrupt (Ctrl-C) and a request to terminate are added, instead of ending the process. In
    another thread than the main one nothing changes.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda signum, frame: asked.append(signum)) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(
    reports: Generator[Report, None, None], name: str, every: float = 10.0, console: Console | None = None
) -> float:
    """Follow a run: a live bar on a terminal, else a line every few seconds, as fits a log file; of several processes
    only the first one prints. Returns the smoothed loss.

    Raises:
        Stopped: once an interrupt or a request to terminate came and the run has saved what it learnt.
        UserError: there was no step at all.
    """
    console = console or Console(soft_wrap=True, quiet=not parallel.first())
    smooth, shown = None, time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[facts]}"))
    with signals() as asked, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
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
            if asked and parallel.first():  # else the others would leave the first one alone in the midst of a step
                reports.throw(TrainingStopped(asked[0]))
    if asked and parallel.first():
        raise TrainingStopped(asked[0], f"{name}: stopped when it was done.")
    if smooth is None:
        raise UserError(
            f"{name}: the time was too short for one step.",
            "Pass more --minutes, or another --out.",
            code="training_time_too_short",
        )
    return smooth
