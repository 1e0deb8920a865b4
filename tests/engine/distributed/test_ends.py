"""Programs that make films on several devices leave nothing behind, however they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys, tempfile
tempfile.tempdir = sys.argv[2]
import yozora
film = yozora.generate("a red ball", device="cpu", gpus=2, seconds=0.5, steps=2, seed=1)  # without a guard of __main__
from yozora.engine.distributed import parts
print(*(process.pid for ranks in parts._RUNNING for process in ranks.processes), film.frames.shape, flush=True)
assert sys.excepthook is sys.__excepthook__  # torch's prefixes each line
if sys.argv[1]:
    os.kill(os.getpid(), int(sys.argv[1]))
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("end", ["", str(int(signal.SIGKILL))])
def test_no_process_is_left(tmp_path: Path, end: str) -> None:
    command = [sys.executable, "-c", PROGRAM, end, str(tmp_path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)
    pid, _, shape = done.stdout.partition(" ")
    assert shape.strip() == "(9, 128, 224, 3)", done.stderr
    stop = time.monotonic() + 60
    while is_running(int(pid)) and time.monotonic() < stop:
        time.sleep(0.1)
    assert not is_running(int(pid))
    assert done.returncode == (-int(end) if end else 0), done.stderr
    if not end:
        assert done.stderr == ""
        assert list(tmp_path.iterdir()) == []
