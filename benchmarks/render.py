"""How fast films are rendered: films a second of one core, by part and by kind of film, by both painters.

    python benchmarks/render.py                         # 40 films of 256 x 144, 33 frames
    python benchmarks/render.py --scenes 16 --frames 1  # stills
    python benchmarks/render.py --torch 32              # the painter in torch as well, in batches of so many
    python benchmarks/render.py --against OTHER/src     # and a checkout from before, film by film in turn

Scenes are new ones of the distributions that `mini` learns from; what a long run keeps (cut-outs,
tiles, sprites) is there from others. Times are of the processor, of one thread; least and median are over films.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import yozora.world.render as painter
from yozora.world.distributions import LIVELY_SCENES, LONE_SCENES
from yozora.world.draw import draw_scene
from yozora.world.scene import Scene
from yozora.world.torch_render import render_batch

PARTS: dict[str, tuple[object, str]] = {
    "stage": (painter, "stage"),
    "sheets in the picture": (painter.Backdrop, "draw"),
    "actors": (painter, "_player"),
    "cut-outs sampled": (painter._Quad, "patch"),
    "cut-outs laid": (painter.Picture, "lay"),
    "shadows": (painter.Picture, "shade"),
    "weather": (painter._Film, "_air"),
    "bytes and style": (painter.Picture, "develop"),
}


def scenes(first: int, count: int) -> list[Scene]:
    """Scenes of both distributions in turn."""
    distributions = (LIVELY_SCENES, LONE_SCENES)
    return [
        draw_scene(np.random.default_rng([77, number]), distributions[number % 2])
        for number in range(first, first + count)
    ]


def seconds(work: Callable[[], object]) -> float:
    """Processor time of something."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def parts(films: list[Scene], size: dict[str, int]) -> dict[str, float]:
    """Milliseconds a film in each part."""
    spent = dict.fromkeys(PARTS, 0.0)
    kept = {name: getattr(owner, function) for name, (owner, function) in PARTS.items()}

    def timed(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            begin = time.process_time()
            try:
                return kept[name](*arguments, **named)
            finally:
                spent[name] += time.process_time() - begin

        return call

    for name, (owner, function) in PARTS.items():
        setattr(owner, function, timed(name))
    for scene in films:
        painter.render(scene, **size)
    for name, (owner, function) in PARTS.items():
        setattr(owner, function, kept[name])
    return {name: 1e3 * total / len(films) for name, total in spent.items()}


WORKER = """
import sys, time
import numpy as np
from yozora.world.distributions import LIVELY_SCENES, LONE_SCENES
from yozora.world.draw import draw_scene
from yozora.world.render import render
width, height, frames = map(int, sys.argv[1:])
for line in sys.stdin:
    number = int(line)
    scene = draw_scene(np.random.default_rng([77, number]), (LIVELY_SCENES, LONE_SCENES)[number % 2])
    begin = time.process_time()
    render(scene, width=width, height=height, frames=frames)
    print(time.process_time() - begin, flush=True)
"""


class Other:
    """A process that renders with the code of another checkout."""

    def __init__(self, source: Path, size: dict[str, int]) -> None:
        command = [sys.executable, "-c", WORKER, *(str(size[name]) for name in ("width", "height", "frames"))]
        environment = {**os.environ, "PYTHONPATH": str(source.resolve())}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __call__(self, number: int) -> float:
        """Seconds for the scene of that number."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{number}\n")
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def told(name: str, seconds_N: np.ndarray) -> None:
    """Print the figures of some films."""
    if len(seconds_N):
        least, middle, mean = (
            1e3 * float(value) for value in (seconds_N.min(), np.median(seconds_N), seconds_N.mean())
        )
        print(
            f"{name:28}{len(seconds_N):5} films  least {least:7.2f} ms  median {middle:7.2f} ms  mean {mean:7.2f} ms"
            f"  {1e3 / mean:7.1f} a second"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--height", type=int, default=144)
    parser.add_argument("--frames", type=int, default=33)
    parser.add_argument("--torch", type=int, default=0, help="films in a batch of the painter in torch; 0: without it")
    parser.add_argument("--against", type=Path, help="the source folder of another checkout")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    size = {"width": arguments.width, "height": arguments.height, "frames": arguments.frames}
    films, other = scenes(0, arguments.scenes), Other(arguments.against, size) if arguments.against else None
    before = 60  # scenes that fill what is kept
    for number, scene in enumerate(scenes(10_000, before)):
        painter.render(scene, **{**size, "frames": 1})
        if other is not None:
            other(10_000 + number)
    times = np.zeros((len(films), 2))
    for number, scene in enumerate(films):
        times[number, 0] = seconds(lambda scene=scene: painter.render(scene, **size))
        times[number, 1] = other(number) if other is not None else 0.0
    still = np.array([scene.camera == "static" for scene in films])
    for name, chosen in (("all", still | True), ("camera at rest", still), ("camera that moves", ~still)):
        told(name, times[chosen, 0])
        if other is not None and chosen.any():
            told(f"{name}, the other", times[chosen, 1])
            ratio = times[chosen, 1] / times[chosen, 0]
            together = times[chosen, 1].sum() / times[chosen, 0].sum()
            print(
                f"{'':28}times as fast: least {ratio.min():.2f}, median {np.median(ratio):.2f}, in all {together:.2f}"
            )
    if other is not None:
        other.close()
    for name, spent in parts(films, size).items():
        print(f"{name:28}{spent:7.2f} ms a film")
    for start in range(0, len(films) if arguments.torch else 0, arguments.torch or 1):
        batch = films[start : start + arguments.torch]
        once = seconds(lambda batch=batch: render_batch(batch, **size))
        again = seconds(lambda batch=batch: render_batch(batch, **size))
        plain = times[start : start + arguments.torch, 0].sum()
        print(
            f"torch, batch of {len(batch):3}: {1e3 * once / len(batch):7.2f} ms a film, with its stages kept "
            f"{1e3 * again / len(batch):7.2f}; the other painter {1e3 * plain / len(batch):7.2f}"
        )


if __name__ == "__main__":
    main()
