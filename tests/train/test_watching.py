"""A run that somebody follows."""

import io
import os
import signal
from collections.abc import Generator

import pytest
from rich.console import Console

from yozora.errors import UserError
from yozora.train.loop import (
    Report,
    TrainingStopped,
)
from yozora.train.watching import watch


def test_watching_nothing_is_said() -> None:
    with pytest.raises(UserError, match="too short"):
        watch((report for report in list[Report]()), "line")


def test_a_request_to_stop_that_comes_at_the_end_is_heard() -> None:
    def reports() -> Generator[Report, None, None]:
        yield Report(step=1, done=0.5, seconds=1.0, loss=1.0, facts={})
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(TrainingStopped, match="line: stopped"):
        watch(reports(), "line", console=Console(file=io.StringIO()))
