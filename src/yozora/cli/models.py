"""Commands on models: which there are, what they can do, whether they run here; and fetching their weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yozora.cli.working import Json, say_json, working
from yozora.errors import UserError
from yozora.families import presets

if TYPE_CHECKING:
    from yozora.families.presets import Preset
    from yozora.memory.catalogue import ModelEntry
    from yozora.weights.pulling import DownloadPlan, Told

Name = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="A model, or a folder or file of weights.", show_default=False),
]


def models(name: Name = None, as_json: Json = False) -> None:
    """List the models: size, licence, inputs, and whether they are downloaded and run on this machine."""
    from yozora.memory import catalogue

    found = catalogue.entries() if name is None else [catalogue.ModelEntry(preset=presets.find(name))]
    if as_json:
        lines = [_facts(entry) for entry in found]
        say_json(lines if name is None else lines[0])
        return
    for entry in found:
        for line in card(entry):
            typer.echo(line)


def card(entry: "ModelEntry") -> Iterator[str]:
    """What a person is told of a model, a line at a time."""
    from yozora.memory import abilities, catalogue

    preset, verdict = entry.preset, entry.verdict()
    sizes = ", ".join(f"{width}x{height}" for width, height in preset.sizes)
    low = "" if preset.low_guidance is None else f",{preset.low_guidance:g}"
    yield f"{preset.name}{', the default' if preset.name == presets.DEFAULT else ''}: {preset.summary}"
    yield f"  given      {entry.given}"
    yield f"  makes      {'; '.join(abilities.ways(preset)) or '-'}"
    yield f"  made for   {sizes} at {preset.fps:g} fps, {preset.seconds:g} seconds (at most {preset.max_seconds:g})"
    yield f"  defaults   {preset.steps} steps, guidance {preset.guidance:g}{low}"
    yield f"  licence    {preset.licence}{f', {preset.hub}' if preset.hub else ''}"
    yield f"  weights    {weights(entry)}"
    needs = f" (about {catalogue.in_gb(verdict.needs)} of memory)" if verdict.runs and verdict.needs is not None else ""
    yield f"  runs here  {'yes, ' if verdict.runs else 'no: '}{verdict.how}{needs}"


def weights(entry: "ModelEntry") -> str:
    """Whether they are here, or how they get here."""
    from yozora.memory import catalogue

    if entry.is_here:
        return f"here, {catalogue.in_gb(entry.size)} in {_common_folder(entry)}"
    if not entry.preset.hub:
        return f"missing from {entry.preset.folder}"
    about = f" about {catalogue.in_gb(entry.sizes.fetched)}" if entry.sizes else " it"
    return f"not here: yozora pull {entry.preset.name} fetches{about}"


def _common_folder(entry: "ModelEntry") -> Path:
    """The folder that all its files are in."""
    import os

    return Path(os.path.commonpath([str(path.parent) for path in entry.files.values()]))


def _facts(entry: "ModelEntry") -> dict[str, object]:
    """A model, for scripts. Sizes are in bytes."""
    from yozora.memory import abilities

    preset, verdict = entry.preset, entry.verdict()
    return {
        "name": preset.name,
        "default": preset.name == presets.DEFAULT,
        "summary": preset.summary,
        "family": preset.family,
        "licence": preset.licence,
        "repository": preset.hub or None,
        "sizes": [list(size) for size in preset.sizes],
        "fps": preset.fps,
        "seconds": preset.seconds,
        "max_seconds": preset.max_seconds,
        "steps": preset.steps,
        "guidance": preset.guidance,
        "low_guidance": preset.low_guidance,
        "known": list(preset.known),
        "makes": abilities.ways(preset),
        "weights": str(_common_folder(entry)) if entry.is_here else None,
        "available": entry.is_here,
        "bytes": entry.size if entry.is_here else None,
        "fetch_bytes": entry.sizes.fetched if entry.sizes else None,
        "memory_bytes": verdict.needs,
        "runs": verdict.runs,
        "runs_how": verdict.how,
    }


def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of `yozora models`.")],
    revision: Annotated[
        str | None,
        typer.Option(
            "--revision", metavar="R", help="A branch, tag or commit of the repository. [default: the newest]"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a model's weights into the Hugging Face cache (HF_HOME), and verify them.

    An interrupted pull continues where it stopped. HF_ENDPOINT names another hub.
    """
    from yozora.memory import catalogue
    from yozora.weights import hub, pulling

    preset = presets.named(name)
    if not preset.hub:
        raise UserError(f"{preset.name} comes with the package.", "Use it: yozora generate ...", code="model_built_in")
    with working(f"asking for {preset.name}"):
        plans = plans_of(preset, revision)
    pulling.check_room(plans)
    size = sum(plan.size for plan in plans)
    typer.echo(f"fetching {preset.name}: {catalogue.in_gb(size)} from {preset.hub} to {hub.cache()}", err=True)
    for plan in plans:
        with bar(plan) as lines:
            place = pulling.fetch(plan, lines)
    if as_json:
        say_json({"name": preset.name, "revision": plans[0].commit, "bytes": size, "folder": str(place)})
        return
    typer.echo(f"{preset.name}: {catalogue.in_gb(size)}, verified; {preset.hub} at {plans[0].commit[:12]}")


def plans_of(preset: "Preset", revision: str | None) -> "list[DownloadPlan]":
    """What is to be fetched, of each repository that has a part of the model."""
    from yozora.weights import hub, pulling

    added: dict[str, list[str]] = {}
    for each in preset.added:
        added.setdefault(each.hub, []).append(each.file)
    loras = [pulling.planned(repository, None, names) for repository, names in added.items()]
    if not preset.hub_file:
        return [pulling.planned(preset.hub, revision), *loras]
    own = pulling.planned(preset.hub, revision, (preset.hub_file,))
    return [own, pulling.planned(preset.base, None, hub.REST), *loras]


@contextmanager
def bar(plan: "DownloadPlan") -> "Iterator[Told]":
    """How far it is, on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as shown:
        task = shown.add_task(plan.repository, total=plan.size)
        yield lambda done, total: shown.update(task, completed=done, total=total)
