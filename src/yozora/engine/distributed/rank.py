"""The program that each process but the first runs: it does what that one tells it, until that one is gone.

python -m yozora.engine.distributed.rank SOCKET RANK RANKS DEVICE THREADS FOLDER
"""

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch

from yozora import families
from yozora.engine.distributed import groups, messages
from yozora.engine.distributed.calls import CALLS, State
from yozora.engine.distributed.messages import Held
from yozora.engine.distributed.strips import strips_of

ORPHANED, FAILED = 3, 1  # exit codes
SHORT = 300  # letters of an error that are told


def main(arguments: list[str]) -> int:
    """Follow the first process. What goes wrong is told to it, and ends this one."""
    socket, rank, ranks, device, threads, folder = arguments
    for number in (signal.SIGINT, signal.SIGHUP):  # their sender means the first process, which ends this one
        signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(int(threads))
    first = Connection(int(socket))
    inbox: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=listen, args=(first, inbox), daemon=True).start()
    try:
        first.send("here")
        follow(groups.join(Path(folder), int(rank), int(ranks), torch.device(device)), first, inbox)
    except Exception as error:  # at the border of the process: the first one is told
        first.send(f"{type(error).__name__}: {error}"[:SHORT])
        return FAILED
    groups.leave()
    return 0


def listen(first: Connection, inbox: "SimpleQueue[bytes]") -> None:
    """Take messages as they come; where the first process is gone, so is this one, whatever it waits for."""
    try:
        while True:
            inbox.put(first.recv_bytes())
    except (EOFError, OSError):
        os._exit(ORPHANED)


def follow(state: State, first: Connection, inbox: "SimpleQueue[bytes]") -> None:
    """Do what comes, one after the other, until it is "stop"."""
    held = Held()
    while True:
        message, tensors = messages.read(inbox.get(), state.device, held)
        messages.broadcast(tensors)
        name, values = message
        if name == "stop":
            return
        if name == "hold":
            held.put(values[0])
        elif name == "load":
            load(state, *values)
            first.send("loaded")
        else:
            CALLS[name](state, *values)


def load(state: State, number: int, preset: Any, dtype: torch.dtype) -> None:
    """A model's transformers and its autoencoder; the first process alone reads prompts and pictures."""
    parts = families.FAMILIES[preset.family].build(preset, state.device, dtype)
    state.models[number] = parts.transformers, strips_of(parts, state.rank, state.ranks)
    del parts
    if state.device.type == "cuda":
        torch.cuda.empty_cache()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
