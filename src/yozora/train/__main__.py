"""`python -m yozora.train RECIPE`: run a recipe, or some of its stages, on this machine."""

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from yozora.errors import ArgumentParser, UserError


def main(argv: list[str] | None = None) -> int:
    """Parse arguments and run; 0 when the recipe has run, 2 with one line when it cannot."""
    parser = ArgumentParser(prog="yozora train", description="Train mini by a recipe; stops by the clock.")
    parser.add_argument("recipe", help="mini-cpu, mini-gpu or smoke")
    parser.add_argument("--minutes", type=float, help="for all trained stages together (default: the recipe's)")
    parser.add_argument("--stage", action="append", help="only this stage (may be repeated)")
    parser.add_argument("--out", type=Path, help="folder of checkpoints and weights (default: runs/RECIPE)")
    parser.add_argument("--resume", type=Path, help="folder of an earlier run to go on from")
    parser.add_argument("--threads", type=int, help="CPU threads to use")
    parser.add_argument("--compile", action="store_true", help="fuse layers: slow to start, then faster (C++ compiler)")
    parser.add_argument("--split-mib", type=int, help="split written files into parts of at most so many MiB")
    try:
        start(parser.parse_args(argv))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def start(arguments: argparse.Namespace) -> None:
    from yozora.recipes import RECIPES
    from yozora.train.run import STAGES, join_files, run, set_threads, split_files

    if arguments.recipe not in RECIPES:
        raise UserError(f"unknown recipe {arguments.recipe!r}.", f"Known: {', '.join(RECIPES)}.")
    if arguments.minutes is not None and not 0 < arguments.minutes < float("inf"):
        raise UserError("--minutes must be above 0.")
    if arguments.threads is not None and arguments.threads < 1:
        raise UserError("--threads must be 1 or more.")
    out = arguments.out or Path("runs") / arguments.recipe
    if arguments.resume and arguments.resume.resolve() != out.resolve():
        if not arguments.resume.is_dir():
            raise UserError(f"{arguments.resume} is not a folder.", "Give the --out folder of an earlier run.")
        if not any(path.suffix in (".pt", ".safetensors", ".part00") for path in arguments.resume.rglob("*")):
            raise UserError(f"There is no run in {arguments.resume}.", "Give the --out folder of an earlier run.")
        _copied(arguments.resume, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Cannot train in {str(out)!r}: {error.strerror}.", "Choose another folder with --out."
        ) from error
    join_files(out)
    set_threads(arguments.threads)
    recipe = RECIPES[arguments.recipe]()
    recipe = replace(recipe, compile=recipe.compile or arguments.compile)
    run(recipe, out, stages=tuple(arguments.stage or STAGES), minutes=arguments.minutes)
    if arguments.split_mib:
        split_files(out, arguments.split_mib)


def _copied(run: Path, out: Path) -> None:
    """An earlier run, in a new folder."""
    try:
        shutil.copytree(run, out, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot copy {run} to {out}.", "Choose another folder with --out.") from error


if __name__ == "__main__":
    raise SystemExit(main())
