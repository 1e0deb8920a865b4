"""How processes of this machine find each other and form groups. With one machine there is no network to configure."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import torch
from torch import distributed

from yozora.engine.distributed.calls import State

MEETING = timedelta(minutes=2)
"""Within which all of them have come."""
TIMEOUT = timedelta(minutes=10)
"""Within which each has done its share of a step; where one does not, all of them end."""


def join(folder: Path, rank: int, ranks: int, device: torch.device) -> State:
    """Meet the others in a folder that only this user reads: over NCCL on GPUs, over Gloo on a CPU."""
    if device.type == "cuda":
        torch.cuda.set_device(device.index or 0)
    # Its functions take the group that exists when it is first imported as a default argument, and such a group is
    # never destroyed: its threads then end the interpreter with an abort.
    import_module("torch.distributed.nn.functional")
    store = distributed.FileStore(  # type: ignore[attr-defined] # it is in none of its lists
        str(folder / "meeting"), ranks
    )
    store.set_timeout(MEETING)
    with on_this_machine():
        distributed.init_process_group(
            "nccl" if device.type == "cuda" else "gloo", store=store, rank=rank, world_size=ranks, timeout=TIMEOUT
        )
        state = State(rank=rank, ranks=ranks, device=device)
        if ranks % 2 == 0:
            halves = [range(ranks // 2), range(ranks // 2, ranks)]
            groups = [distributed.new_group(list(half), timeout=TIMEOUT) for half in halves]
            state.half = groups[rank // (ranks // 2)]
    return state


def leave() -> None:
    """Leave the others."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


@contextmanager
def on_this_machine() -> Iterator[None]:
    """Gloo asks for the address of this machine's name; those who are on one machine need none. And torch puts a rank
    before each line of this process's tracebacks, from then on: that is undone.
    """
    name, loopback = "GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0"
    before, told = os.environ.get(name), sys.excepthook
    os.environ.setdefault(name, loopback)
    try:
        yield
    finally:
        sys.excepthook = told
        if before is None:
            os.environ.pop(name, None)
