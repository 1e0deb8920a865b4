"""What a small transformer learns of stills in a quarter of an hour: ten nouns, 128x128, 4 million parameters.

    python benchmarks/stills.py --start FOLDER --out FOLDER [--minutes 14] [--threads 1]

FOLDER of --start holds autoencoder.safetensors and text.safetensors. Writes a sheet of ten prompts and three seeds,
and prints how many nouns the evaluation's parser reads right in 100 stills of other prompts, beside true renders of the
same scenes as the codec shows them.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from yozora.evaluate.parser import load as load_parser
from yozora.films.sheet import contact_sheet, write_png
from yozora.train.canvases import Canvases
from yozora.train.data import prompt, to_frames, to_video
from yozora.train.recipes.mini import mini_cpu, transformer
from yozora.train.run import load_codec, run, set_threads, task_of
from yozora.train.takes import TakesRecipe
from yozora.train.transformer import TransformerTask, student
from yozora.weights.files import load
from yozora.world.distributions import LONE_SCENES
from yozora.world.draw import draw_scene
from yozora.world.render import render

NOUNS = ("car", "bird", "cat", "umbrella", "dog", "elephant", "man", "boat", "bus", "balloon")
PROMPTS = (
    *("a red car on a city street", "a blue bird over the sea", "an orange cat in a room"),
    *("a purple umbrella in the snow", "a white dog in a park", "a black elephant in the desert"),
    *("a man on a beach", "a red boat on the sea at sunset", "an orange bus in the city at night"),
    "a pink balloon in the mountains",
)
SCENES = replace(
    LONE_SCENES, nouns=NOUNS, max_actors=1, empty=0.0, cameras=(("static", 1.0),), styles=(("paper", 1.0),)
)
STREAM = 1060
"""Of the scenes that are judged: training never draws them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=14.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--judged", type=int, default=100)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in ("autoencoder", "text"):
        shutil.copy(arguments.start / f"{name}.safetensors", arguments.out)
    set_threads(arguments.threads)
    base = mini_cpu()
    recipe = replace(
        base,
        transformer=transformer(192, 6, base.text.config, base.codec.config),
        preset=replace(base.preset, sizes=((128, 128),), steps=40, still_guidance=3.0),
        nouns=NOUNS,
        takes=TakesRecipe(distributions=((SCENES, 1.0),), sizes=((128, 128),), size_weights=(1.0,), stream=60),
        stills=Canvases(frames=32),
        plans={**base.plans, "stills": replace(base.plans["stills"], cooldown=0.6, sample_seconds=1e9)},
    )
    run(recipe, arguments.out, stages=("stills",), minutes=arguments.minutes)
    task = task_of(replace(recipe, takes=replace(recipe.takes, workers=0)), "stills", arguments.out)
    assert isinstance(task, TransformerTask)
    _, state = load(arguments.out / "transformer.safetensors", dtype=torch.float32)
    student(task.model).dit.load_state_dict(state)
    judge(task, arguments.out, arguments.judged)


def judge(task: TransformerTask, out: Path, count: int) -> None:
    """Write the sheet and print the figures."""
    model, reader, codec = student(task.model.eval()), load_parser(), load_codec(out)
    with torch.inference_mode():
        rows = [task.shown(task.still(model, words, seed)) for seed in range(3) for words in PROMPTS]
        write_png(out / "stills.png", contact_sheet(rows, shots=1, columns=len(PROMPTS)))
        right = {"made": 0, "renders": 0}
        for number in range(count):
            rng = np.random.default_rng([STREAM, number])
            scene = draw_scene(rng, SCENES)
            take = to_video(render(scene, width=128, height=128, frames=1).frames_THWC)[None]
            shown = {
                "made": task.shown(task.still(model, prompt(scene, rng), number)),
                "renders": to_frames(codec.decode(codec.encode(take))[0]),
            }
            for kind, frames in shown.items():
                right[kind] += reader.read([frames], {"noun": NOUNS})[0]["noun"] == scene.actors[0].noun
    print({kind: found / count for kind, found in right.items()})


if __name__ == "__main__":
    main()
