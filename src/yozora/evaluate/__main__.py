"""`python -m yozora.evaluate`: evaluate weights on a machine that has torch, numpy, safetensors and rich."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from yozora.errors import ArgumentParser, UserError

if TYPE_CHECKING:
    from yozora.families.presets import FilmSettings

EPILOG = """
Results are kept in FILE.part beside --json FILE until FILE is written. The same command continues a stopped run.
docs/evaluation.md explains each figure.
"""


def parser() -> ArgumentParser:
    """All that can be said on the command line."""
    parser = ArgumentParser(
        prog="yozora eval", description="Measure how often films show what their prompts say.", epilog=EPILOG
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--modes", nargs="*", metavar="MODE", help="measure the creation modes instead: all, or those named"
    )
    what.add_argument(
        "--physics", nargs="*", metavar="LAW", help="measure whether films obey the world's laws: all, or those named"
    )
    what.add_argument(
        "--vbench", nargs="*", metavar="DIMENSION", help="measure VBench's prompts whose words the weights know"
    )
    what.add_argument("--codec", action="store_true", help="measure the autoencoder alone, on --clips films")
    parser.add_argument("--prompts", type=int, default=200, help="films to make, each scene in every language")
    parser.add_argument(
        "--languages",
        default="en,es,zh,ar",
        metavar="KEYS",
        help="of the prompts, apart by commas (default: %(default)s)",
    )
    parser.add_argument("--renders", type=int, default=400, help="held-out renders to measure the ceiling on")
    parser.add_argument(
        "--clips", type=int, default=100, help="clips for modes and physics; for VBench, the most of each dimension"
    )
    parser.add_argument(
        "--long",
        type=int,
        metavar="N",
        help="long films with an actor at rest, and a third as many with walkers (default: 3 %% of --clips)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the prompts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG) here")
    _add_weights(parser)
    return parser


def _add_weights(parser: argparse.ArgumentParser) -> None:
    """Which weights make the films, and how."""
    parser.add_argument("--model", default="mini", help="a preset, or a folder of weights")
    parser.add_argument("--weights", type=Path, help="folder with other weights of that preset")
    parser.add_argument("--seconds", type=float, help="of each film of a prompt (default: the preset's)")
    parser.add_argument("--steps", type=int, help="of the sampler (default: the preset's)")
    parser.add_argument("--guidance", type=float, help="default: the preset's")
    parser.add_argument("--device", default=None, help="cpu or cuda")
    parser.add_argument("--gpus", default=1, type=int, metavar="N", help="GPUs that make a film together")


def main(argv: list[str] | None = None) -> int:
    """Parse arguments and evaluate; 0 when it is done, 2 with one line when it cannot be."""
    try:
        start(parser().parse_args(argv))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def start(arguments: argparse.Namespace) -> None:
    from yozora.engine.engines import engine_of
    from yozora.engine.parts import load_autoencoder
    from yozora.evaluate.codec import evaluate_codec
    from yozora.evaluate.films import film_of, fingerprint, round_trip, vocabulary
    from yozora.evaluate.modes import SUITE as MODES
    from yozora.evaluate.modes import bench_of
    from yozora.evaluate.physics.suite import SUITE as PHYSICS
    from yozora.evaluate.report import Size
    from yozora.evaluate.run import Options, evaluate
    from yozora.evaluate.suite import measure
    from yozora.evaluate.vbench import SUITE as VBENCH
    from yozora.families.presets import find

    preset, settings = find(arguments.model), settings_of(arguments)
    request = preset.ask("a red car", settings)
    asked = {suite.name: getattr(arguments, suite.name) for suite in (MODES, PHYSICS, VBENCH)}
    suite = next((suite for suite in (MODES, PHYSICS, VBENCH) if asked[suite.name] is not None), None)
    size = Size(width=request.width, height=request.height, frames=preset.frames(request.seconds), fps=request.fps)
    films = arguments.clips if arguments.codec or suite else arguments.prompts
    same = {name: getattr(arguments, name) for name in ("renders", "long", "seed", "json", "sheet")}
    languages = tuple(key.strip() for key in arguments.languages.split(","))
    options = Options(prompts=films, size=size, languages=languages, **same)
    if arguments.weights:
        preset = replace(preset, folder=arguments.weights)
    if arguments.codec:
        codec = load_autoencoder(preset.files["autoencoder"])
        evaluate_codec(codec, options.prompts, options.json, options.sheet)
        return
    if suite:
        suite.known(asked[suite.name])
    engine = engine_of(preset, arguments.device, gpus=arguments.gpus)
    nouns = vocabulary(preset.files["transformer"])
    options = replace(options, made_with=f"{fingerprint(preset)} {json.dumps(settings)}")
    if suite:
        measure(suite, bench_of(engine, nouns, settings, options.seed), options, asked[suite.name])
    else:
        evaluate(film_of(engine, settings), nouns, options, round_trip(engine))


def settings_of(arguments: argparse.Namespace) -> "FilmSettings":
    """What is asked for beside the preset's defaults."""
    settings: FilmSettings = {}
    if arguments.seconds is not None:
        settings["seconds"] = arguments.seconds
    if arguments.steps is not None:
        settings["steps"] = arguments.steps
    if arguments.guidance is not None:
        settings["guidance"] = arguments.guidance
    return settings


if __name__ == "__main__":
    raise SystemExit(main())
