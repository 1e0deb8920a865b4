"""The commands of the server: `yozora serve`, and `yozora worker` for more machines.

Their options are made of the settings' declarations: `yozora.server.settings` says what there is.
"""

import inspect
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from yozora.extras import require
from yozora.server.configuration import Configuration, configured
from yozora.server.settings import FLAGS, Flag, Process, Settings

DEFAULTS = {each.name: each.default for kind in (Process, Settings) for each in fields(kind)}
TYPES: dict[str, Any] = {
    "text": str,
    "switch": bool,
    "whole": int,
    "time": str,
    "path": Path,
    "pairs": list[str],
    "texts": list[str],
}
File = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings (TOML), see docs/operations.md; options take precedence. [default: $YOZORA_CONFIG, or none]",
    ),
]


def server_command(run: Callable[[Configuration], None], *, worker: bool = False) -> Callable[..., None]:
    """A command out of a function that takes a configuration: `--config`, and an option for each setting."""
    flags = {parameter_of(flag): (name, flag) for name, flag in FLAGS.items() if flag.worker or not worker}

    def command(config: Path | None = None, **given: Any) -> None:
        require("server", f"yozora {command.__name__}")
        said = {flags[parameter][0]: value for parameter, value in given.items() if value not in (None, [])}
        run(configured(said, config))

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("config", kind, default=None, annotation=File)]
    for parameter, (name, flag) in flags.items():
        parameters.append(inspect.Parameter(parameter, kind, default=None, annotation=option(name, flag)))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # `inspect` reads it
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__name__, command.__doc__ = run.__name__.strip("_"), run.__doc__
    return command


def parameter_of(flag: Flag) -> str:
    """The name of a flag as Python has it: `visible_mark` of "--visible-mark"."""
    return flag.names.split("/")[0].strip("-").replace("-", "_")


def option(name: str, flag: Flag) -> Any:
    """A flag as typer takes it. What is not said is None, for the file may say it; the help tells the default."""
    default = DEFAULTS.get(name)
    shown = f" [default: {default}]" if default and isinstance(default, int | str) else ""
    about: dict[str, Any] = {"metavar": flag.metavar or None, "help": flag.help + shown, "show_default": False}
    if flag.kind == "whole":
        about |= {"min": flag.least, "max": flag.most}
    return Annotated[TYPES[flag.kind] | None, typer.Option(flag.names, **about)]


def _serve(configuration: Configuration) -> None:
    """Run the Videos API and make its films on this machine.

    Clients of the closed service need its base URL and a key: yozora keys create NAME. Queued and unfinished videos
    are made when the server starts again.
    """
    from yozora.server.loading import quickly

    with quickly():
        from yozora.server import logs, serving

    process, settings = configuration.process, configuration.settings
    if settings.policy is not None:
        from yozora.server.safety import policy

        policy.load(settings.policy)  # what an operator wrote is refused before anything starts
    logs.configure(process.json_logs)
    serving.serve(settings, process.host, process.port, workers=process.workers, json_logs=process.json_logs)


def _worker(configuration: Configuration) -> None:
    """Make films for a server on another machine, with the same database and storage.

    Run one for each GPU. Give each the settings of the server, such as the same file.
    """
    from yozora.server import logs
    from yozora.server.safety import policy
    from yozora.server.work.worker import run

    os.umask(0o077)  # no other user of this machine reads what is written
    policy.load(configuration.settings.policy)
    logs.configure(configuration.process.json_logs)
    run(configuration.settings)


serve = server_command(_serve)
worker = server_command(_worker, worker=True)
