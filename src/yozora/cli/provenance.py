"""Commands on where films come from: check a file, and look after the keys that sign and mark films."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yozora.cli.working import Json, path, say_json, working

if TYPE_CHECKING:
    from yozora.provenance.settings import Provenance
    from yozora.provenance.verify import Claim, Mark, Verification

provenance = typer.Typer(help="Show, export and renew the keys that sign films.", no_args_is_help=True)

SHORT = 12  # digits of a hash that a person is shown
PROBLEMS = {
    "Hash.mismatch": "the film is not the one that was signed",
    "hashedURI.mismatch": "what is said of it was changed",
    "claimSignature": "the signature does not fit",
    "signingCredential.expired": "the certificate had run out",
    "damaged": "the credentials cannot be read",
}


def verify(
    file: Annotated[Path, typer.Argument(parser=path, metavar="FILE", help="A film or a picture.")],
    as_json: Json = False,
) -> None:
    """Check the origin of a file: who signed it, how it was made, from which sources, and whether it was changed.

    Exit codes: 0 ours and unchanged, 1 nothing found, 2 unreadable, 3 ours but changed, 4 our watermark without
    credentials, 5 signed by others.
    """
    from yozora.provenance.settings import load
    from yozora.provenance.verify import verify as verified

    with working(f"looking at {printable(file.name)}"):
        verdict = verified(file, load())
    if as_json:
        say_json(verdict.to_json())
    else:
        for line in card(file.name, verdict):
            typer.echo(printable(line))
    raise typer.Exit(verdict.exit_code)


@provenance.command()
def show(as_json: Json = False) -> None:
    """Show who signs films here, until when, and where the keys are. Creates none."""
    from yozora.provenance import authority
    from yozora.provenance.settings import load

    settings = load()
    if as_json:
        say_json(_describe_keys(settings))
        return
    typer.echo(f"folder       {settings.folder}")
    if settings.certificate is not None:
        typer.echo(f"signs with   {settings.certificate}, {settings.key or ' '.join(settings.signer)}")
    roots = authority.certificates(authority.known_roots(settings.folder))
    for k, root in enumerate(roots):
        said = f"{authority.fingerprint(root)}, until {authority.valid_until(root):%Y-%m-%d}"
        typer.echo(f"{'root' if k == 0 else 'earlier root':<12} {said}")
    if not roots:
        typer.echo("root         none yet: the first film creates one")
    marked = "here" if authority.known_key(settings.folder) else "none yet: the first film makes one"
    typer.echo(f"mark's key   {marked}")


@provenance.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", parser=path, metavar="FILE", help="Default: print it.")
    ] = None,
) -> None:
    """Export the root's certificate, for those who should trust films made here. It is no secret."""
    from yozora.errors import UserError
    from yozora.media import whole_file
    from yozora.provenance import authority
    from yozora.provenance.settings import load

    settings = load()
    root = authority.load_or_make(settings.folder, settings.title).root
    if output is None:
        typer.echo(root, nl=False)
        return
    try:
        with whole_file(output.resolve()) as part:
            part.write_text(root, encoding="ascii")
    except OSError as error:
        raise UserError(
            f"Cannot write {str(output)!r}: {error.strerror}.",
            "Choose another place with -o.",
            code="output_unwritable",
        ) from error
    typer.echo(f"{output}: root {authority.fingerprint(root)}")


@provenance.command()
def rotate(as_json: Json = False) -> None:
    """Sign with a new root from now on. Earlier films still count as ours; the old root's private key is destroyed."""
    from yozora.provenance import authority
    from yozora.provenance.settings import load

    settings = load()
    made = authority.rotate(settings.folder, settings.title)
    if as_json:
        say_json({"root": authority.fingerprint(made.root)})
        return
    typer.echo(f"root {authority.fingerprint(made.root)} signs new films. Export it: yozora keys provenance export")


def _describe_keys(settings: "Provenance") -> dict[str, object]:
    """What signs films, for scripts."""
    from yozora.provenance import authority

    roots = authority.certificates(authority.known_roots(settings.folder))
    own = settings.certificate
    return {
        "folder": str(settings.folder),
        "certificate": None if own is None else str(own),
        "roots": [
            {"fingerprint": authority.fingerprint(root), "valid_until": f"{authority.valid_until(root):%Y-%m-%d}"}
            for root in roots
        ],
        "mark_key": bool(authority.known_key(settings.folder)),
    }


def card(name: str, verdict: "Verification") -> Iterator[str]:
    """What a person is told of a file, a line at a time."""
    from yozora.provenance.verify import MEANINGS

    yield f"{name}: {MEANINGS[verdict.state]}"
    if verdict.claim is not None:
        yield from _describe_claim(verdict.claim)
    if verdict.mark is not None:
        yield f"  watermark    {_describe_mark(verdict.mark)}"


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor: it may come from any file."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _describe_claim(claim: "Claim") -> Iterator[str]:
    facts = claim.facts
    signed = f"{claim.signer or 'unknown'}{f' ({claim.issuer})' if claim.issuer else ''}"
    yield f"  signed by    {signed}{f', at {claim.signed_at}' if claim.signed_at else ''}"
    yield from (f"  problem      {_in_words(problem)}" for problem in claim.problems)
    if "second" in facts:
        yield f"  taken        {_when(facts.get('made'))}, {_describe_still(facts)}"
    elif facts:
        yield f"  made         {_when(facts.get('made'))}, mode {facts.get('mode', 'unknown')}"
        yield f"  model        {facts.get('model', 'unknown')}, preset {str(facts.get('preset_sha256', ''))[:SHORT]}"
        yield f"  seed         {facts.get('seed', 'unknown')}"
        if facts.get("quality", "exact") != "exact":
            yield f"  quality      {facts['quality']}"
        hidden = f"not disclosed, SHA-256 {str(facts.get('prompt_sha256', ''))[:SHORT]}"
        yield f"  prompt       {facts.get('prompt', hidden)}"
        yield f"  identifier   {facts.get('identifier', 'unknown')}"
    elif claim.tool:
        yield f"  made with    {claim.tool}"
    if claim.ancestors:
        yield "  made of"
        yield from _tree(claim, "    ")


def _when(moment: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(moment)).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return "unknown"


def _in_words(problem: str) -> str:
    """C2PA's name for what does not hold, as a person says it."""
    words = next((said for part, said in PROBLEMS.items() if part in problem), "")
    return f"{words} ({problem})" if words else problem


def _tree(claim: "Claim", indent: str) -> Iterator[str]:
    for ancestor in claim.ancestors:
        found = ancestor.claim
        yield f"{indent}{ancestor.title}{' (component)' if ancestor.relation == 'componentOf' else ''}: {_brief(found)}"
        if found is not None:
            yield from _tree(found, indent + "  ")


def _brief(claim: "Claim | None") -> str:
    if claim is None:
        return "without credentials"
    facts = claim.facts
    if "second" in facts:
        made = _describe_still(facts)
    else:
        made = f"{facts.get('mode')} by {facts.get('model')}, seed {facts.get('seed')}" if facts else claim.tool
    whose = "ours" if claim.ours else f"signed by {claim.signer or 'unknown'}"
    return f"{made}, {whose}{', changed before it was used' if claim.problems else ''}"


def _describe_still(facts: Mapping[str, object]) -> str:
    second = facts["second"]
    return f"a still at {f'{second:g}' if isinstance(second, int | float) else second} s"


def _describe_mark(mark: "Mark") -> str:
    from yozora.provenance.verify import hexadecimal

    if not mark.present:
        return f"not found (score {mark.score:g})"
    said = hexadecimal(mark.identifier) or "its number cannot be read"
    return f"found, {said} (score {mark.score:g})"
