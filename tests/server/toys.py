"""The real server and the real worker, with a toy's weights and with accidents on order.

    python toys.py serve PORT WORKERS    # settings as `WorkerConfiguration` on stdin
    python toys.py worker                # configuration on stdin

A toy is a dictionary, as JSON in the environment's TOY: `folder` of the weights; `slow`, seconds that each step takes
longer; `die`, a moment at which the process kills itself, as long as fewer than `deaths` files lie in `graves`, and
`hang`, one at which it hangs instead; `lose`, an answer of the database that is lost once; `scratch`, the folder that
films are made in.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from yozora.families import presets

TOY: dict[str, Any] = {}
MOMENTS = ("taken", "encode", "denoise", "finish", "upload", "completed")


def moment(name: str) -> None:
    """Die here, if that is wanted and has not happened often enough yet."""
    if name not in (TOY.get("die"), TOY.get("hang"), TOY.get("lose")):
        return
    graves = Path(TOY["graves"])
    if len(list(graves.iterdir())) >= TOY.get("deaths", 1):
        return
    (graves / f"{time.time_ns()}").touch()
    if TOY.get("die") == name:
        os.kill(os.getpid(), signal.SIGKILL)
    if TOY.get("lose") == name:
        raise TimeoutError("the answer was lost")
    threading.Event().wait()


def after(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that is followed by a moment, unless it found nothing to do."""

    def followed(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **kwargs)
        if result is not None or name == "completed":
            moment(name)
        return result

    return followed


def arrange() -> None:
    """Put the moments into a worker."""
    from yozora.server.store import objects
    from yozora.server.work import attempts, making

    steps = making.Making.steps

    def slow_steps(self: making.Making, engine: Any) -> Iterator[making.FilmStep]:
        for step in steps(self, engine):
            time.sleep(TOY.get("slow", 0.0))
            moment(step.stage)
            yield step

    making.Making.steps = slow_steps  # type: ignore[method-assign]
    attempts.Attempt.take_up = after("taken", attempts.Attempt.take_up)  # type: ignore[method-assign]
    attempts.Attempt.complete = after("completed", attempts.Attempt.complete)  # type: ignore[method-assign]
    objects.Objects.put = after("upload", objects.Objects.put)  # type: ignore[method-assign]


def play(toy: dict[str, Any]) -> None:
    """This process has the toy for its model."""
    TOY.update(toy)
    tempfile.tempdir = TOY["scratch"]
    mini = replace(presets.PRESETS["mini"], folder=Path(TOY["folder"]), sizes=((64, 64),))
    presets.PRESETS = {"mini": replace(mini, seconds=0.3, steps=3, guidance=2.0)}


def nothing_is_allowed(frames: list[Any]) -> str:
    """What an operator's own function may be, which looks at finished frames."""
    height, width = frames[0].shape[:2]
    return f"{len(frames)} frames of {width}x{height} are too many"


def work(line: bytes, toy: dict[str, Any], log: str) -> None:
    """A worker in a process that was forked off one which had imported everything: importing takes far longer."""
    import torch

    from yozora.server import logs
    from yozora.server.work import worker
    from yozora.server.work.worker_configuration import WorkerConfiguration

    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    torch.set_num_threads(1)
    play(toy)
    arrange()
    logs.configure()
    configuration = WorkerConfiguration.from_line(line)
    worker.run(configuration.settings, name=configuration.name)


def main() -> int:
    play(json.loads(os.environ["TOY"]))
    if sys.argv[1] == "worker":
        import torch

        from yozora.server.work import worker

        torch.set_num_threads(1)
        arrange()
        moment("start")
        return worker.main()
    from yozora.errors import UserError
    from yozora.server import logs, serving
    from yozora.server.work.worker_configuration import WorkerConfiguration

    logs.configure()
    configuration = WorkerConfiguration.read()
    command = (sys.executable, __file__, "worker")
    try:
        serving.serve(configuration.settings, port=int(sys.argv[2]), workers=int(sys.argv[3]), command=command)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
