"""The commands of the server: `yozora serve`, and `yozora worker` for more machines."""

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.provenance.settings import Provenance
    from yozora.server.settings import Limits, Settings

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}

Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="sqlite:///PATH or postgresql://... [default: a file in the data folder]"),
]
Storage = Annotated[
    str | None,
    typer.Option(metavar="URL", help="A folder, s3://BUCKET/PREFIX and others. [default: in the data folder]"),
]
Alias = Annotated[
    list[str] | None,
    typer.Option("--model-alias", metavar="NAME=MODEL", help="A name that clients may ask for; may be repeated."),
]
Policy = Annotated[Path | None, typer.Option(metavar="FILE", help="Moderation rules (YAML) in place of ours.")]
Expires = Annotated[str, typer.Option(metavar="TIME", help="Remove videos so long after they are made, such as 7d.")]
Presign = Annotated[
    str,
    typer.Option(
        metavar="TIME", help="Send downloads to the store itself, by addresses good for so long, such as 10m."
    ),
]
PrivateHooks = Annotated[
    bool, typer.Option("--private-webhooks", help="Webhooks may go to addresses in private networks.")
]
Limit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit", metavar="NAME=N", help="A limit of docs/operations.md, such as queued=50; may be repeated."
    ),
]
NoCredentials = Annotated[bool, typer.Option("--no-credentials", help="Do not sign what is made.")]
NoWatermark = Annotated[bool, typer.Option("--no-watermark", help="Put no invisible mark into films.")]
VisibleMark = Annotated[str, typer.Option(metavar="TEXT", help="A small text that moves over each film.")]
Certificate = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Sign with this (PEM) and not with a local authority.")
]
CertificateKey = Annotated[Path | None, typer.Option(metavar="FILE", help="The private key of the certificate (PEM).")]
Trusted = Annotated[
    Path | None, typer.Option(metavar="FILE", help="More roots whose films are ours (PEM), such as the certificate's.")
]
TimestampUrl = Annotated[
    str, typer.Option(metavar="URL", help="A service that says when films were signed (RFC 3161).")
]
JsonLogs = Annotated[bool, typer.Option("--json-logs", help="One line of JSON for each event on stderr.")]


def serve(
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 is any free one.")] = 8000,
    workers: Annotated[
        int, typer.Option(metavar="N", min=0, max=64, help="Processes that make films here; each loads the model.")
    ] = 1,
    database: Database = None,
    storage: Storage = None,
    model_alias: Alias = None,
    insecure: Annotated[
        bool, typer.Option("--insecure-no-auth", help="Ask nobody for a key; on loopback only.")
    ] = False,
    fetch_urls: Annotated[
        bool, typer.Option("--fetch-urls", help="Fetch pictures from public addresses that clients name.")
    ] = False,
    private_webhooks: PrivateHooks = False,
    policy: Policy = None,
    limit: Limit = None,
    expires: Expires = "",
    presign: Presign = "",
    no_credentials: NoCredentials = False,
    no_watermark: NoWatermark = False,
    visible_mark: VisibleMark = "",
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
    trusted: Trusted = None,
    timestamp_url: TimestampUrl = "",
    json_logs: JsonLogs = False,
) -> None:
    """Serve the Videos API, and make its films, on this machine.

    Clients of the closed service need its base URL and a key: yozora keys create NAME. What waits or is being made
    when the server stops is made when it starts again.
    """
    from yozora.server import logs, serving

    settings = settings_of(
        database=database,
        storage=storage,
        aliases=model_alias,
        limits=limit,
        expires=expires,
        presign=parse_time(presign) if presign else 0.0,
        fetch=fetch_urls,
        webhooks_private=private_webhooks,
        policy=policy,
        insecure=insecure,
        provenance=provenance_of(
            credentials=not no_credentials,
            watermark=not no_watermark,
            visible=visible_mark,
            certificate=certificate,
            key=certificate_key,
            trusted=trusted,
            timestamp_url=timestamp_url,
        ),
    )
    logs.configure(json_logs)
    serving.serve(settings, host, port, workers=workers, json_logs=json_logs)


def worker(
    database: Database = None,
    storage: Storage = None,
    model_alias: Alias = None,
    private_webhooks: PrivateHooks = False,
    policy: Policy = None,
    limit: Limit = None,
    expires: Expires = "",
    no_credentials: NoCredentials = False,
    no_watermark: NoWatermark = False,
    visible_mark: VisibleMark = "",
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
    trusted: Trusted = None,
    timestamp_url: TimestampUrl = "",
    json_logs: JsonLogs = False,
) -> None:
    """Make films for a server on another machine, which shares its database and storage.

    As many may run as there are GPUs. Give them the options that the server has.
    """
    from yozora.server import logs
    from yozora.server.worker import run

    settings = settings_of(
        database=database,
        storage=storage,
        aliases=model_alias,
        limits=limit,
        expires=expires,
        webhooks_private=private_webhooks,
        policy=policy,
        provenance=provenance_of(
            credentials=not no_credentials,
            watermark=not no_watermark,
            visible=visible_mark,
            certificate=certificate,
            key=certificate_key,
            trusted=trusted,
            timestamp_url=timestamp_url,
        ),
    )
    logs.configure(json_logs)
    run(settings)


def settings_of(
    *,
    database: str | None,
    storage: str | None,
    aliases: list[str] | None,
    limits: list[str] | None,
    expires: str,
    **choices: Any,
) -> "Settings":
    """The settings that options mean. Raises `UserError` for what cannot be, before anything is started."""
    from yozora.server import policy
    from yozora.server.settings import at_home

    said = {"database": database, "storage": storage}
    settings = at_home(**{name: value for name, value in said.items() if value is not None}, **choices)
    if expires:
        settings = _with(settings, expires=parse_time(expires))
    for alias in aliases or []:
        name, equals, model = alias.partition("=")
        if not (name.strip() and equals):
            raise UserError(f"{alias!r} is no alias.", "Write NAME=MODEL, such as sora-2=mini.")
        settings.preset(model.strip())
        settings = _with(settings, aliases={**settings.aliases, name.strip(): model.strip()})
    for limit in limits or []:
        settings = _with(settings, limits=_limited(settings.limits, limit))
    policy.load(settings.policy)
    return settings


def provenance_of(*, credentials: bool, watermark: bool, **said: Any) -> "Provenance":
    """This machine's settings of provenance, and over them what options say: they can take away, and name more."""
    from yozora.provenance.settings import load

    settings = load()
    chosen: dict[str, Any] = {name: value for name, value in said.items() if value}
    chosen |= {"credentials": settings.credentials and credentials, "watermark": settings.watermark and watermark}
    return replace(settings, **chosen)


def _limited(limits: "Limits", said: str) -> "Limits":
    """The limits with one of them changed, as "queued=50" says."""
    name, _, number = said.partition("=")
    known = {field.name: type(getattr(limits, field.name)) for field in fields(limits)}
    if name.strip() not in known:
        raise UserError(f"There is no limit {name.strip()!r}.", f"Known limits: {', '.join(known)}.")
    try:
        value = known[name.strip()](number)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise UserError(f"{said!r} is no limit.", f"Write a number above 0, such as {name.strip()}=50.")
    return replace(limits, **{name.strip(): value})


def parse_time(text: str) -> float:
    """Seconds out of "90", "12h" or "7d". Raises `UserError` for what is no time."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip())
    if match is None or not int(match[1]):
        raise UserError(f"{text!r} is no time.", "Write a number of seconds, or one with m, h or d, such as 7d.")
    return float(int(match[1]) * UNITS[match[2] or "s"])


def _with(settings: "Settings", **changes: Any) -> "Settings":
    return replace(settings, **changes)
