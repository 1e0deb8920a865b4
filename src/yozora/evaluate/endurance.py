"""A film in a process of its own: what it took of memory and how its frames were, without any of them being kept."""

import multiprocessing
import resource
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.core.modes import Generate
from yozora.core.order import Order
from yozora.core.request import Request
from yozora.engine.engine import Engine
from yozora.errors import UserError
from yozora.evaluate.figures import SHOTS, qualities
from yozora.families.presets import Preset

STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EnduranceFigures:
    """What a film took and gave."""

    memory: int  # bytes, the most that the process held
    on_device: int  # bytes, the most that was held on a GPU; 0 without one
    quality_T3: NDArray[np.float64]  # of each frame, see `qualities`
    shots: NDArray[np.uint8]  # a few of the frames
    seconds: NDArray[np.uint8]  # the frame at the end of each second, the first of all before them


def measure_film(engine: Engine, request: Request) -> EnduranceFigures:
    """Make a film with an engine like this one, from words, in a fresh process.

    Raises `UserError` where the process does not come to its end.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    job = (engine.preset, engine.device, engine.dtype, torch.get_num_threads(), request, theirs)
    process = context.Process(target=_work, args=job, daemon=True)
    process.start()
    theirs.close()
    try:
        found = ours.recv()
    except EOFError:
        message = f"The process that made a film of {request.seconds:g} seconds ended early."
        raise UserError(message, "Check that there is enough memory.", code="film_process_ended") from None
    finally:
        process.join()
        ours.close()
    assert isinstance(found, EnduranceFigures)
    return found


def _work(
    preset: Preset, device: torch.device, dtype: torch.dtype, threads: int, request: Request, pipe: Connection
) -> None:
    torch.set_num_threads(threads)
    pipe.send(measured(Engine(preset, str(device), dtype), request))
    pipe.close()


def measured(engine: Engine, request: Request) -> EnduranceFigures:
    """The film, frame by frame."""
    wanted = set(np.linspace(0, engine.preset.frames(request.seconds) - 1, SHOTS).round().astype(int).tolist())
    quality: list[tuple[float, float, float]] = []
    shots: list[NDArray[np.uint8]] = []
    seconds: list[NDArray[np.uint8]] = []
    for progress in engine.run(Order.of(request, Generate(seconds=request.seconds))):
        for frame in () if progress.frames is None else progress.frames:
            if len(quality) in wanted:
                shots.append(frame.copy())
            if len(quality) % round(request.fps) == 0:
                seconds.append(frame.copy())
            quality.append(qualities(frame))
    cuda = engine.device.type == "cuda"
    return EnduranceFigures(
        memory=peak_memory(),
        on_device=torch.cuda.max_memory_allocated(engine.device) if cuda else 0,
        quality_T3=np.array(quality),
        shots=np.stack(shots),
        seconds=np.stack(seconds),
    )


def peak_memory() -> int:
    """Bytes that this process held at most.

    Linux lets ru_maxrss begin with what the parent held when it started the process, so VmHWM is read there.
    """
    if STATUS.is_file():
        for line in STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
