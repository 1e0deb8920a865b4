"""The commands that make films: one for each mode, made of its declaration. Knows no mode by name."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.cli.arguments import STDIN, command_of, from_stdin, given_options, parameter, written, written_slot
from yozora.cli.producing import OUTPUT, output_of, produce
from yozora.core.modes import Mode
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.films.orders import LocalOrder

SEVERAL = "Several prompts, or --variations, make several films; each uses the next seed."
LATIN = "\u2e80"  # letters before it are of scripts that part words by spaces, as good as all


def film_command(mode: Mode) -> Any:
    """The command of a mode: its sources, prompts, and all options that it takes."""
    needed = [written_slot(slot) for slot in mode.slots if slot.needed]
    more = [written_slot(slot) for slot in mode.slots if not slot.needed]
    options = [written(option) for option in mode.takes]
    parameters = [*needed, _prompt(mode), *more, *options, *OUTPUT]
    return command_of(mode.name, f"{mode.summary} {SEVERAL}", parameters, partial(run, mode))


def run(mode: Mode, given: dict[str, Any]) -> None:
    """Make the films that a command asks for."""
    output = output_of(given)
    prompts = prompts_of(given.pop("prompt"))
    sources = {slot.name: given.pop(slot.name) for slot in mode.slots}
    produce(list(orders_of(mode, prompts, sources, given_options(given))), output)


def orders_of(
    mode: Mode, prompts: Sequence[str | None], sources: dict[str, Any], requested: dict[str, Any]
) -> "Iterator[LocalOrder]":
    """An order for each prompt, all with one seed."""
    from yozora.films.orders import ask

    for prompt in prompts:
        asked = ask(mode.name, prompt, sources, requested)
        requested = {**requested, "seed": asked.order.request.seed}
        yield asked


def prompts_of(prompts: Sequence[str] | None) -> list[str | None]:
    """What is to be seen, a film each. Raises `UserError` where one prompt was written without quotes."""
    if not prompts:
        return [None]
    if len(prompts) > 1 and all(_is_word(text) for text in prompts):
        hint = "Put it in quotes. For several films, pass several quoted prompts, each of two or more words."
        raise UserError(f"The prompt is {len(prompts)} separate words.", hint, code="prompt_unquoted")
    return [from_stdin(text) for text in prompts]


def _is_word(text: str) -> bool:
    return not any(letter.isspace() or letter >= LATIN for letter in text.strip())


def _prompt(mode: Mode) -> Any:
    text, mark, default = mode.prompt_help.rstrip(".").partition(" [default")
    help_text = f"{text}; {STDIN}{mark}{default}"
    if mode.prompt_flag:
        kind: Any = Annotated[
            list[str] | None, typer.Option("--prompt", metavar="TEXT", help=help_text, show_default=False)
        ]
        return parameter("prompt", kind, None)
    if mode.prompt == "needed":
        return parameter("prompt", Annotated[list[str], typer.Argument(metavar="PROMPT", help=help_text)])
    argument = typer.Argument(metavar="PROMPT", help=help_text, show_default=False)
    return parameter("prompt", Annotated[list[str] | None, argument], None)
