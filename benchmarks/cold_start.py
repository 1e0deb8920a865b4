"""How long the default film takes from a cold start, and how much memory: fresh processes of `yozora generate`.

    python benchmarks/cold_start.py [--runs 7] [--against REVISION] [--prompt TEXT] [--warm]

With `--warm`, each process makes two films, and the second one's seconds are counted.

With `--against`, a working tree of that revision is made beside this one and both are measured in turn, one process of
each after the other, since the machine is not alike from minute to minute. Prints the minimum and the median of
seconds, and of the memory that the process and its children held at most; and their ratios.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROMPT = "a red car driving left on a city street at night in the snow"
LOOK_SECONDS = 0.02  # between two looks at the memory
COMMAND = "import sys; from yozora.cli import main; sys.argv = ['yozora', *sys.argv[1:]]; main()"
WARM = """
import sys, time, yozora
for _ in range(2):
    start = time.monotonic()
    yozora.generate(sys.argv[2], seed=0).save(sys.argv[-1])
print(time.monotonic() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--against", metavar="REVISION")
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--warm", action="store_true", help="count the second film of each process")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, trees(asked.against, Path(folder)) as found:
        measured: dict[str, list[tuple[float, int]]] = {name: [] for name in found}
        for run in range(asked.runs + 1):
            for name, tree in found.items():
                seconds, memory = once(tree, asked.prompt, Path(folder), warm=asked.warm)
                if run:  # the first run of each fills the machine's caches
                    measured[name].append((seconds, memory))
                    print(f"{name} {run}: {seconds:.2f} s, {memory >> 20} MiB", file=sys.stderr)
        report(measured)


@contextmanager
def trees(revision: str | None, folder: Path) -> Iterator[dict[str, Path]]:
    """The trees to measure, by name: of the revision, where there is one, and this one."""
    if revision is None:
        yield {"now": ROOT}
        return
    before = folder / "before"
    subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", before, revision], check=True)
    try:
        yield {"before": before, "now": ROOT}
    finally:
        subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", before], check=True)


def once(tree: Path, prompt: str, folder: Path, *, warm: bool) -> tuple[float, int]:
    """Seconds and bytes of a film, made by the code of that tree."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "YOZORA_HOME": str(folder / "home")}
    film = ("generate", prompt, "--seed", "0", "-o", str(folder / "film.mp4"))
    command = [sys.executable, "-c", WARM if warm else COMMAND, *film]
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(resident(pid) for pid in family(process.pid)))
        time.sleep(LOOK_SECONDS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[3:])} failed in {tree}")
    return float(process.communicate()[0]) if warm else time.monotonic() - start, most


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def report(measured: dict[str, list[tuple[float, int]]]) -> None:
    """Minimum and median, and the last over the first."""
    figures = {}
    for name, runs in measured.items():
        seconds, held = ([run[k] for run in runs] for k in (0, 1))
        figures[name] = (min(seconds), statistics.median(seconds), statistics.median(held))
        least, median, memory = figures[name]
        print(f"{name:<8} min {least:.2f} s  median {median:.2f} s  {memory / 2**20:.0f} MiB")
    if len(figures) == 2:
        before, now = figures.values()
        ratios = [b / a for a, b in zip(before, now, strict=True)]
        print(f"ratio    min {ratios[0]:.3f}    median {ratios[1]:.3f}    memory {ratios[2]:.3f}")


if __name__ == "__main__":
    main()
