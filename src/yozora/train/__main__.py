"""`python -m yozora.train RECIPE`: run a recipe, or some of its stages, on this machine; `torchrun -m yozora.train
RECIPE` on several GPUs of it.
"""

import argparse
import shutil
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from yozora.errors import ArgumentParser, UserError


def main(argv: list[str] | None = None) -> int:
    """Parse arguments and run; 0 when the recipe has run, 2 with one line when it cannot, 130 or 143 with one line
    when it was stopped.
    """
    parser = ArgumentParser(prog="yozora train", description="Train mini with a recipe, for a given time.")
    parser.add_argument("recipe", help="mini-cpu, mini-gpu or smoke")
    parser.add_argument("--minutes", type=float, help="shared by the stages that run (default: the recipe's)")
    parser.add_argument("--stage", action="append", help="only this stage (may be repeated)")
    parser.add_argument("--out", type=Path, help="folder of checkpoints and weights (default: runs/RECIPE)")
    parser.add_argument("--resume", type=Path, help="folder of an earlier run to continue")
    parser.add_argument("--from-nothing", action="store_true", help="train codec and text encoder too")
    parser.add_argument("--threads", type=int, help="CPU threads to use")
    parser.add_argument("--compile", action="store_true", help="fuse layers: slow to start, then faster (C++ compiler)")
    parser.add_argument("--split-mib", type=int, help="write files in parts of at most this many MiB")
    try:
        return start(parser.parse_args(argv))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # between two stages
        print("stopped", file=sys.stderr)
        return 130


def start(arguments: argparse.Namespace) -> int:
    from yozora.train import parallel
    from yozora.train.loop import TrainingStopped
    from yozora.train.pieces import join_files, split_files
    from yozora.train.recipes import RECIPES
    from yozora.train.run import STAGES, run, set_threads

    _check(arguments, RECIPES)
    recipe = RECIPES[arguments.recipe]()
    recipe = replace(recipe, compile=recipe.compile or arguments.compile)
    out, split = arguments.out or Path("runs") / arguments.recipe, arguments.split_mib
    code, stages = 0, tuple(arguments.stage or STAGES)
    parallel.start(recipe.device)
    try:
        if parallel.first():
            _prepare(out, arguments.resume)
            join_files(out)
        parallel.wait()
        set_threads(arguments.threads)
        try:
            run(
                recipe,
                out,
                stages=stages,
                minutes=arguments.minutes,
                split_mib=split,
                from_nothing=arguments.from_nothing,
            )
        except TrainingStopped as stopped:
            code = stopped.code
            if parallel.first():
                print(stopped, file=sys.stderr)
        if split is not None and parallel.first():
            split_files(out, split)
    finally:
        parallel.stop()
    return code


def _check(arguments: argparse.Namespace, recipes: Collection[str]) -> None:
    """Raises `UserError` for what no run can be asked for."""
    if arguments.recipe not in recipes:
        raise UserError(
            f"The recipe {arguments.recipe!r} is not known.",
            f"Use one of: {', '.join(recipes)}.",
            code="unknown_recipe",
        )
    if arguments.minutes is not None and not 0 < arguments.minutes < float("inf"):
        raise UserError("--minutes must be above 0.", code="value_out_of_range")
    if arguments.threads is not None and arguments.threads < 1:
        raise UserError("--threads must be 1 or more.", code="value_out_of_range")
    if arguments.split_mib is not None and arguments.split_mib < 1:
        raise UserError("--split-mib must be 1 or more.", code="value_out_of_range")


def _prepare(out: Path, resume: Path | None) -> None:
    """The folder of a run, with what is in that of an earlier one."""
    if resume and resume.resolve() != out.resolve():
        if not resume.is_dir():
            raise UserError(
                f"{resume} is not a folder.", "Pass the --out folder of an earlier run.", code="run_not_found"
            )
        if not any(path.suffix in (".pt", ".safetensors", ".part00") for path in resume.rglob("*")):
            raise UserError(
                f"{resume} has no training run.", "Pass the --out folder of an earlier run.", code="run_not_found"
            )
        _copied(resume, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Cannot train in {str(out)!r}: {error.strerror}.",
            "Choose another folder with --out.",
            code="output_unwritable",
        ) from error


def _copied(run: Path, out: Path) -> None:
    """An earlier run, in a new folder."""
    try:
        shutil.copytree(run, out, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(
            f"Cannot copy {run} to {out}.", "Choose another folder with --out.", code="output_unwritable"
        ) from error


if __name__ == "__main__":
    raise SystemExit(main())
