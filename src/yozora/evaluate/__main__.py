"""`python -m yozora.evaluate`: evaluate weights on a machine that has torch, numpy, safetensors and rich."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from yozora.errors import ArgumentParser, UserError


def main(argv: list[str] | None = None) -> int:
    """Parse arguments and evaluate; 0 when it is done, 2 with one line when it cannot be."""
    parser = ArgumentParser(prog="yozora eval", description="Read back from generated films what was asked for.")
    parser.add_argument("--prompts", type=int, default=200, help="films to make")
    parser.add_argument("--renders", type=int, default=400, help="held-out renders to measure the ceiling on")
    parser.add_argument(
        "--modes", nargs="*", metavar="MODE", help="measure the creation modes instead: all, or those named"
    )
    parser.add_argument("--codec", action="store_true", help="measure the autoencoder alone, on --clips films")
    parser.add_argument("--clips", type=int, default=100, help="clips to measure the modes on")
    parser.add_argument("--seed", type=int, default=0, help="of the prompts")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG) here")
    parser.add_argument("--model", default="mini", help="a preset, or a folder of weights")
    parser.add_argument("--weights", type=Path, help="folder with other weights of that preset")
    parser.add_argument("--steps", type=int, help="of the sampler (default: the preset's)")
    parser.add_argument("--guidance", type=float, help="default: the preset's")
    parser.add_argument("--device", default=None, help="cpu or cuda")
    try:
        start(parser.parse_args(argv))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def start(arguments: argparse.Namespace) -> None:
    from yozora.engine import Engine
    from yozora.evaluate.codec import evaluate_codec
    from yozora.evaluate.films import film_of, round_trip, vocabulary
    from yozora.evaluate.modes import bench_of, evaluate_modes, known_parts
    from yozora.evaluate.report import Size
    from yozora.evaluate.run import Options, evaluate
    from yozora.parts import load_autoencoder
    from yozora.presets import Settings, find

    preset = find(arguments.model)
    settings: Settings = {}
    if arguments.steps is not None:
        settings["steps"] = arguments.steps
    if arguments.guidance is not None:
        settings["guidance"] = arguments.guidance
    request = preset.ask("a red car", settings)
    size = Size(width=request.width, height=request.height, frames=request.frames, fps=request.fps)
    options = Options(
        prompts=arguments.clips if arguments.codec or arguments.modes is not None else arguments.prompts,
        renders=arguments.renders,
        seed=arguments.seed,
        json=arguments.json,
        sheet=arguments.sheet,
        size=size,
    )
    if arguments.weights:
        preset = replace(preset, folder=arguments.weights)
    if arguments.codec:
        codec = load_autoencoder(preset.files["autoencoder"])
        evaluate_codec(codec, options.prompts, options.json, options.sheet)
        return
    parts = known_parts(arguments.modes or ())
    engine = Engine(preset, arguments.device)
    nouns = vocabulary(preset.files["transformer"])
    if arguments.modes is not None:
        evaluate_modes(bench_of(engine, nouns, settings, options.seed), options, parts)
        return
    evaluate(film_of(engine, settings), nouns, options, round_trip(engine))


if __name__ == "__main__":
    raise SystemExit(main())
