"""The command that films a storyboard: what it has beside the options of its mode is the board."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.cli.arguments import STDIN, Parameters, command_of, from_stdin, given_options, parameter, written
from yozora.cli.producing import OUTPUT, Output, output_of, produce
from yozora.core.modes import Mode
from yozora.core.options import ArgumentError, Option, read
from yozora.core.request import MAX_SECONDS
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.story.board import Board

SECONDS = Option(
    name="seconds",
    kind="number",
    help="Length of the film that --from-prompt makes [default: 2 for each sentence].",
    unit="seconds",
    low=0.0,
    high=MAX_SECONDS,
    above=True,
)
OWN: Parameters = [
    parameter(
        "board",
        Annotated[str | None, typer.Argument(metavar="BOARD", help="A YAML file with cards (docs/storyboard.md).")],
        None,
    ),
    parameter(
        "prompt",
        Annotated[
            str | None,
            typer.Option(
                "--from-prompt", metavar="TEXT", help=f"Make the board from a prompt of several sentences; {STDIN}"
            ),
        ],
        None,
    ),
    written(SECONDS),
    parameter(
        "director",
        Annotated[
            str,
            typer.Option(
                metavar="URL", help="An OpenAI-compatible endpoint that writes the board instead.", show_default=False
            ),
        ],
        "",
    ),
    parameter(
        "director_model",
        Annotated[str, typer.Option(metavar="NAME", help="The model of that endpoint.", show_default=False)],
        "",
    ),
    parameter(
        "save",
        Annotated[
            str | None,
            typer.Option(metavar="FILE", help="Where the new board is saved. [default: board.yaml, board-2.yaml, ...]"),
        ],
        None,
    ),
    parameter("force", Annotated[bool, typer.Option("--force", help="Let --save replace an existing board.")], False),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a board is made of: a file, or a prompt that a model divides into cards."""

    board: str | None
    prompt: str | None
    seconds: float | None
    director: str
    director_model: str
    save: str | None
    force: bool


def board_command(mode: Mode) -> Any:
    """The command of the mode that takes cards."""
    options = [written(option) for option in mode.takes if option.kind != "cards"]
    parameters = [*OWN, *options, *OUTPUT]
    summary = f"{mode.summary} --variations makes several films, each with the next seed."
    return command_of(mode.name, summary, parameters, partial(run, mode))


def run(mode: Mode, given: dict[str, Any]) -> None:
    """Film a board."""
    output = output_of(given)
    script = script_of({each.name: given.pop(each.name) for each in OWN})
    requested = given_options(given)
    if script.board is not None:
        from yozora.story import board as boards

        film(boards.load(script.board), mode, requested, output)
        return
    target = target_of(script)
    check(mode, requested)
    film(board_of(script), mode, requested, output, target)


def script_of(given: dict[str, Any]) -> Script:
    """What was said of the board. Raises `UserError` where that is nothing, or two things."""
    given["prompt"] = from_stdin(given["prompt"])
    seconds = given.pop("seconds")
    script = Script(**given, seconds=None if seconds is None else read(SECONDS, seconds))
    if (script.board is None) == (not script.prompt):
        raise UserError("Exactly one board is needed.", "Pass either BOARD or --from-prompt.", code="board_or_prompt")
    if script.board is not None and seconds is not None:
        raise ArgumentError(
            "seconds",
            "The cards of a board set its length.",
            "Leave out --seconds, or change the cards.",
            code="seconds_with_board",
        )
    return script


def film(board: "Board", mode: Mode, requested: dict[str, Any], output: Output, keep: Path | None = None) -> None:
    """Make the board's films; with `keep`, the board is shown and saved there once nothing speaks against filming
    it.
    """
    from yozora.films.orders import ask_board

    asked = ask_board(board, requested)
    if keep is not None:
        show_board(board, None if output.dry_run else keep)
    produce([asked], output)


def check(mode: Mode, requested: dict[str, Any]) -> None:
    """Raises `UserError` for what cannot be, before a board is written."""
    from yozora.core.ordering import format_of, values
    from yozora.families import presets

    said = values(mode, {**requested, "cards": ()})
    format_of(mode, said, (), presets.find(said.get("model", presets.DEFAULT)))


def target_of(script: Script) -> Path:
    """Where the new board is saved. Raises `UserError` for a name that is taken, or that no board has."""
    from yozora import media

    target = media.free_name(Path("board.yaml")) if script.save is None else Path(script.save)
    if script.save is not None and not script.save.strip():
        raise UserError(
            "The file name of the board is empty.", "Use a name such as board.yaml.", code="output_name_empty"
        )
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(
            f"{str(target)!r} is not the name of a board.", "Use a name such as board.yaml.", code="output_not_board"
        )
    if target.exists() and not script.force:
        raise UserError(
            f"{str(target)!r} exists already.",
            "Choose another name, or replace the file with --force.",
            code="output_exists",
        )
    return target


def board_of(script: Script) -> "Board":
    """A board made of a prompt."""
    from yozora.language.sentences import takes
    from yozora.story import board as boards
    from yozora.story.director import direct

    prompt = script.prompt or ""
    length = 2.0 * max(1, len(takes(prompt))) if script.seconds is None else script.seconds
    if script.director:
        return direct(script.director, prompt, length, model=script.director_model or None)
    return boards.split(prompt, length)


def show_board(made: "Board", target: Path | None) -> None:
    """Show a board and save it, before it is filmed."""
    from yozora import media
    from yozora.story import board as boards

    text = boards.dump(made)
    typer.echo(text, nl=False, err=True)
    if target is None:
        return
    try:
        with media.whole_file(target.resolve()) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write the board {str(target)!r}: {error.strerror}.",
            "Choose another file with --save.",
            code="output_unwritable",
        ) from error
    typer.echo(f"{target}: {len(made.cards)} cards, {made.seconds:g} seconds", err=True)
