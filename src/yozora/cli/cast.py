"""Commands on characters: add one, list them, remove one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yozora.cli.working import Json, path, say_json, working

if TYPE_CHECKING:
    from yozora.story.characters import StoredCharacter

cast = typer.Typer(help="Manage characters, which prompts name as @NAME.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name in prompts, without the @.")]


@cast.command()
def add(
    name: Name,
    clip: Annotated[Path, typer.Argument(parser=path, metavar="CLIP", help="A film or a picture that shows it.")],
    second: Annotated[float, typer.Option("--at", metavar="S", help="Second of the film that shows it best.")] = 0.0,
    consent: Annotated[
        bool, typer.Option("--consent", help="The person shown agrees, or no consent is needed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Store the person or thing in a film or a picture as a character, for @NAME in prompts."""
    from yozora.story import characters

    with working(f"reading {clip.name}"):
        made = characters.add(name, clip, second=second, consent=consent)
    if as_json:
        say_json(_character_to_dict(made))
        return
    typer.echo(f'@{made.name}: saved. Try: yozora generate "@{made.name} walking left in a park"')


@cast.command(name="list")
def list_all(as_json: Json = False) -> None:
    """List the stored characters."""
    from yozora.story import characters

    if as_json:
        broken: list[dict[str, object]] = [{"name": name, "broken": True} for name in characters.broken()]
        say_json([*map(_character_to_dict, characters.load_all()), *broken])
        return
    for character in characters.load_all():
        typer.echo(f"@{character.name}  from {character.source} at {character.second:g} s, {character.added}")
    for name in characters.broken():
        typer.echo(f"@{name}  cannot be read. Remove it: yozora character remove {name}")


@cast.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Delete a character and its picture."""
    from yozora.story import characters

    characters.remove(name)
    if as_json:
        say_json({"name": name, "removed": True})
        return
    typer.echo(f"@{name}: removed")


def _character_to_dict(character: "StoredCharacter") -> dict[str, object]:
    """A character, for scripts."""
    return {
        "name": character.name,
        "picture": str(character.picture),
        "source": character.source,
        "second": character.second,
        "added": character.added,
        "broken": False,
    }
