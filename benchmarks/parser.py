"""How well the evaluation's parser reads held-out renders, as they are and through mini's codec, and how fast.

python benchmarks/parser.py [--weights FILE] [--renders 400] [--coded 100] [--misread]
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from yozora.engine.parts import Autoencoder, load_autoencoder
from yozora.evaluate.ceiling import RenderReading, ceilings, read_all, scenes, shown, table
from yozora.evaluate.parser import WEIGHTS, load
from yozora.model.codec import KeyframeCodec
from yozora.train.data import to_frames, to_video
from yozora.world.scene import Scene

CODEC = WEIGHTS.parent / "codec" / "autoencoder.safetensors"


@torch.inference_mode()
def again(codec: Autoencoder | KeyframeCodec, scene: Scene) -> NDArray[np.uint8]:
    """The render of a scene through a codec and back."""
    return to_frames(codec.decode(codec.encode(to_video(shown(scene))[None]))[0])


def misread(readings: Sequence[RenderReading]) -> str:
    """The commonest mistakes of each slot."""
    lines = []
    for slot in readings[0].told:
        wrong = Counter(f"{r.true[slot]} > {r.told[slot]}" for r in readings if r.true[slot] != r.told[slot])
        lines.append(f"{slot}: " + ", ".join(f"{what} ({count})" for what, count in wrong.most_common(12)))
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--weights", type=Path, default=WEIGHTS)
    options.add_argument("--renders", type=int, default=400)
    options.add_argument("--coded", type=int, default=100)
    options.add_argument("--codec", type=Path, default=CODEC)
    options.add_argument("--misread", action="store_true", help="also print the commonest mistakes")
    arguments = options.parse_args()
    torch.set_num_threads(1)
    parser, chosen = load(arguments.weights), scenes(arguments.renders)
    films = [shown(scene) for scene in chosen[:20]]
    start = time.process_time()
    parser.read(films)
    print(f"{len(films) / (time.process_time() - start):.1f} films a second on one core")
    readings = read_all(parser, chosen)
    coded = None
    if arguments.coded:
        codec = load_autoencoder(arguments.codec)
        coded = ceilings(read_all(parser, chosen[: arguments.coded], partial(again, codec)))
    Console(width=100).print(table(ceilings(readings), coded))
    if arguments.misread:
        print(misread(readings))


if __name__ == "__main__":
    main()
