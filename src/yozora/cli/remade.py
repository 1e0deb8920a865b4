"""Commands on what films say of how they were made: show it, and make a film again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.cli.arguments import (
    STDIN,
    command_of,
    from_stdin,
    given_options,
    hidden_options,
    parameter,
    written,
)
from yozora.cli.producing import OUTPUT, output_of, produce
from yozora.cli.provenance import printable
from yozora.cli.working import Json, path, say_json
from yozora.core.modes import COMMON, MODES
from yozora.core.options import Option
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.core.order import Order
    from yozora.core.request import Lora
    from yozora.films.remaking import Remade

Film = Annotated[str, typer.Argument(metavar="FILM", help="A film that Yozora made.")]


def show(film: Film, as_json: Json = False) -> None:
    """Show how a film was made: mode, prompt, options, seed, size and sources.

    Anyone can write such data into a file; yozora verify says who signed it.
    """
    from yozora.films.remaking import read_record

    found = read_record(film)
    if as_json:
        say_json(dict(found.facts))
        return
    for line in card(found):
        typer.echo(printable(line))


def timeline(
    film: Film,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path, metavar="FILE", help="Default: the film's name with .xml."),
    ] = None,
) -> None:
    """Write a film's cards as clips of a timeline (FCP 7 XML), for Premiere, Resolve and other editors."""
    from yozora import media
    from yozora.films import xmeml

    found = xmeml.read_timeline(film)
    target = media.free_name(Path(film).with_suffix(".xml")) if output is None else output
    if target.suffix.lower() != ".xml" or (target.exists() and target.samefile(film)):
        raise UserError(
            f"{str(target)!r} is not the name of an XML file.", "Use a name such as film.xml.", code="output_not_xml"
        )
    text = xmeml.to_xml(found)
    try:
        with media.whole_file(target.resolve()) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"Cannot write {str(target)!r}: {error.strerror}.",
            "Choose another place with -o.",
            code="output_unwritable",
        ) from error
    typer.echo(f"{target}: {len(found.cuts)} clips, {found.frames} frames", err=True)


def again_command() -> Any:
    """The command that makes a film again, with any option of any mode."""
    own = [
        parameter("film", Film),
        parameter(
            "prompt",
            Annotated[
                str | None,
                typer.Option("--prompt", metavar="TEXT", help=f"Another prompt; {STDIN}", show_default=False),
            ],
            None,
        ),
        parameter(
            "source",
            Annotated[
                list[str] | None,
                typer.Option(
                    "--source",
                    metavar="FILE",
                    help="A source that is neither beside the film nor in this folder: a file, or its folder; may be "
                    "repeated.",
                    show_default=False,
                ),
            ],
            None,
        ),
    ]
    shared = [written(replace(option, help=_what(option), default=None)) for option in COMMON]
    known = [each.name for each in (*own, *shared)]
    summary = (
        "Make a film again as it was made, with other options if given. It also takes the options of the film's "
        "mode, such as --seconds: yozora show FILM lists them."
    )
    return command_of("again", summary, [*own, *shared, *OUTPUT, *hidden_options(known)], run_again)


def run_again(given: dict[str, Any]) -> None:
    """Make a film again."""
    from yozora.films.remaking import again

    output = output_of(given)
    film, sources, prompt = given.pop("film"), given.pop("source") or (), from_stdin(given.pop("prompt"))
    produce([again(film, prompt=prompt, sources=sources, requested=given_options(given))], output)


def _what(option: Option) -> str:
    """What an option is, without the default: that is what the film was made with."""
    return option.help.rstrip(".").partition(" [default")[0]


def card(film: "Remade") -> Iterator[str]:
    """What a person is told of a film, a line at a time."""
    facts, order = film.facts, film.order
    mode = "a film" if order is None else order.mode
    yield f"{film.path.name}: {mode} by {facts['model']}"
    yield f"  prompt     {facts['prompt'] or '-'}"
    yield f"  seed       {facts['seed']}"
    if order is None:
        yield "  its options and sources are not known: the version that made it did not store them"
        return
    request = order.request
    yield f"  film       {request.width}x{request.height} at {request.fps:.4g} fps, {request.seconds:.2f} s"
    yield f"  options    {' '.join(_options(order)) or '-'}"
    for source in order.sources:
        sha256 = f", SHA-256 {source.sha256[:12]}" if source.sha256 else ""
        yield f"  made of    {source.title} as {source.slot}{sha256}"
    for each in order.characters:
        yield f"  character  {each.title}"
    yield f"  again      yozora again {film.path.name}"


def _options(order: "Order") -> Iterator[str]:
    """The options as they would be typed; texts that are the model's own, such as its negative prompt, are left out."""
    from yozora.films.remaking import by_default, options_of

    said, defaults = options_of(order), by_default(order)
    for option in MODES[order.mode].takes:
        value = said.get(option.name)
        if option.name in ("seed", "size", "fps", "model") or value in (None, "", False, option.default):
            continue
        if option.kind == "text" and option.name in defaults:
            continue
        yield _typed(option, value)


def _expert(lora: "Lora") -> str:
    return "" if lora.expert == "both" else f"{lora.expert}="


def _typed(option: Option, value: Any) -> str:
    """An option with its value."""
    if option.kind == "flag":
        return option.flagged
    if option.kind == "cards":
        return f"{len(value)} cards"
    if option.kind == "spans":
        return " ".join(f"{option.flagged} {start:g}-{stop:g}" for start, stop in value)
    if option.kind == "region":
        return f"{option.flagged} {','.join(f'{part:g}' for part in value)}"
    if option.kind == "pair":
        return f"{option.flagged} {','.join(f'{part:g}' for part in value)}"
    if option.kind == "loras":
        return " ".join(f"{option.flagged} {_expert(lora)}{lora.at}:{lora.strength:g}" for lora in value)
    return f"{option.flagged} {value:g}" if isinstance(value, int | float) else f"{option.flagged} {value!r}"
