"""Options of the modes as arguments of commands: how they are written, and what --help says of them."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import typer

from yozora.core.finish import GRADES
from yozora.core.modes import MODES, Slot
from yozora.core.options import ArgumentError, Option
from yozora.core.request import MAX_PROMPT, MAX_SEED
from yozora.errors import UserError

STDIN = "- reads it from standard input."
METAVARS = {
    "number": "N",
    "pair": "N[,N]",
    "whole": "N",
    "text": "TEXT",
    "size": "WxH",
    "strength": "S",
    "region": "X,Y,W,H",
    "spans": "A-B",
    "loras": "FILE[:S]",
    "bytes": "SIZE",
}
Parameters = list[inspect.Parameter]

FLAGS = {option.flagged: option.name for mode in MODES.values() for option in mode.takes if option.kind != "cards"} | {
    f"--{slot.name}": slot.name for mode in MODES.values() for slot in mode.slots if not slot.needed
}
"""What modes take by a flag -> its name."""


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """An argument of a command."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def command_of(name: str, summary: str, parameters: Parameters, run: Callable[[dict[str, Any]], None]) -> Any:
    """A function that typer reads as a command of that name with such arguments, which are given to `run`."""

    def command(**given: Any) -> None:
        run(given)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # `inspect` reads it
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__name__, command.__doc__ = name, summary
    return command


def written(option: Option, *, hidden: bool = False) -> inspect.Parameter:
    """An option. It is read as text, for its value is checked where those of Python and the API are."""
    if option.kind == "flag":
        kind: Any = Annotated[bool, typer.Option(option.flagged, help=_help(option), hidden=hidden)]
        return parameter(option.name, kind, False)
    many = option.kind in ("spans", "loras")
    shape = list[str] | None if many else str | None
    metavar = "|".join(option.choices) if option.kind == "choice" else METAVARS.get(option.kind, "VALUE")
    metavar = "FILE" if option.local and option.kind == "text" else metavar
    typer_option = typer.Option(option.flagged, metavar=metavar, help=_help(option), hidden=hidden, show_default=False)
    if option.needed and not hidden:
        return parameter(option.name, Annotated[list[str] if many else str, typer_option])
    return parameter(option.name, Annotated[shape, typer_option], None)


def written_slot(slot: Slot) -> inspect.Parameter:
    """A source: needed ones have a place of their own, others are options."""
    if slot.needed:
        return parameter(slot.name, Annotated[str, typer.Argument(metavar=slot.metavar, help=slot.help)])
    typer_option = typer.Option(f"--{slot.name}", metavar=slot.metavar, help=slot.help)
    return parameter(slot.name, Annotated[str | None, typer_option], None)


def hidden_options(known: Iterable[str]) -> Iterator[inspect.Parameter]:
    """All options that any mode takes, not shown, but for the `known` ones."""
    seen = set(known)
    for option in (option for mode in MODES.values() for option in mode.takes):
        if option.name not in seen and option.kind != "cards":
            seen.add(option.name)
            yield written(option, hidden=True)


def refused(command: str, flag: str) -> UserError | None:
    """What is said of a flag that a mode's command does not have, and another's does; None where no command has it."""
    from yozora.core.ordering import unknown

    mode = MODES.get(command)
    if mode is None:
        return None
    if flag == "--prompt" and not any(option.kind == "cards" for option in mode.own):
        sources = "".join(f"{slot.metavar} " for slot in mode.slots if slot.needed)
        return UserError(
            f"{command} takes the prompt without {flag}.",
            f'Write: yozora {command} {sources}"..."',
            code="prompt_as_option",
        )
    return None if flag not in FLAGS else unknown(mode, FLAGS[flag])


def given_options(given: dict[str, Any]) -> dict[str, Any]:
    """What was said of all that can be: flags that were not given, and empty lists, are not said."""
    return {name: value for name, value in given.items() if value not in (None, False, [])}


def from_stdin(text: str | None) -> str | None:
    """A prompt, read from standard input where it is "-". Raises `UserError` where there is none."""
    if text is None or text.strip() != "-":
        return text
    hint = 'Pipe it in: echo "a red car" | yozora generate -'
    if sys.stdin is None or sys.stdin.isatty():
        raise UserError("The prompt - reads standard input, but that is a terminal.", hint, code="stdin_is_terminal")
    try:
        read = sys.stdin.buffer.read(4 * MAX_PROMPT + 4).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UserError("Standard input is not text.", "Write the prompt in UTF-8.", code="stdin_not_text") from error
    if not read:
        raise UserError("Standard input is empty, so there is no prompt.", hint, code="stdin_empty")
    return read


def as_typed(error: UserError) -> str:
    """An error in the command line's words: an argument is called by its flag."""
    text = str(error)
    if not isinstance(error, ArgumentError):
        return text
    flags = {name: flag for flag, name in FLAGS.items()} | {"variations": "--variations", "gpus": "--gpus"}
    flags |= {option.name: option.flagged for option in GRADES}
    flag = flags.get(error.argument, error.argument)
    text = re.sub(
        r"^(\w+) and (\w+) cannot be used together",
        lambda both: f"{flags.get(both[1], both[1])} and {flags.get(both[2], both[2])} cannot be used together",
        text,
    )
    text = re.sub(rf"^{re.escape(error.argument)}\b", flag, text)
    return re.sub(rf"^(\S+ takes no ){re.escape(error.argument)}\b", rf"\g<1>{flag}", text)


def _help(option: Option) -> str:
    """What it is, in which bounds, and its default."""
    text, _, default = option.help.rstrip(".").partition(" [default: ")
    default = default.rstrip(".]")
    if not default and option.default not in (None, "", False):
        default = f"{option.default:g}" if isinstance(option.default, float) else str(option.default)
    bounds = _format_bounds(option)
    return text + (f"; {bounds}" if bounds else "") + (f" [default: {default}]" if default else "") + "."


def _format_bounds(option: Option) -> str:
    unit = f" {option.unit}" if option.unit else ""
    if option.high is None or option.high >= MAX_SEED:
        return "" if option.low is None else f"{option.low:g}{unit} or more"
    if option.above or option.low is None:
        return f"up to {option.high:g}{unit}"
    return f"{option.low:g} to {option.high:g}{unit}"
