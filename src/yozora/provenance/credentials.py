"""Content credentials (C2PA 2.2): a signed manifest in a film or a picture that says how it came to be.

Knows the facts of an `Origin` and a `CredentialSigner`; nothing of watermarks, encoders and who may be trusted. Nothing
here asks the network, but for a timestamp service where one is named.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

import yozora
from yozora.errors import UserError
from yozora.films.film import Origin, Parent, Unsaved
from yozora.provenance import authority, ingredients, trust
from yozora.provenance.origin import Converted, Taken
from yozora.provenance.places import UNKNOWN, kind_of
from yozora.provenance.settings import Provenance

if TYPE_CHECKING:
    import c2pa

Sign = Callable[[bytes], bytes]
Story = Origin | Taken | Converted

FACTS = "yozora.film"  # label of the assertion with our own facts
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
INVENTED, COMPOSITE = SOURCES + "trainedAlgorithmicMedia", SOURCES + "compositeWithTrainedAlgorithmicMedia"
MINING = ("cawg.data_mining", "cawg.ai_training", "cawg.ai_generative_training", "cawg.ai_inference")
SIGNER_SECONDS = 60.0  # that an external signer may take
ROOM = 1 << 20  # bytes that credentials may take

SETTINGS = {
    "builder": {
        "thumbnail": {"enabled": False},
        "created_assertion_labels": ["c2pa.actions", "c2pa.actions.v2", "cawg.training-mining", FACTS],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSigner:
    """Who signs: a certificate `chain` (PEM, without the root) and either its private `key` (PEM, PKCS#8) or `sign`,
    which is given the bytes to sign and returns their signature, DER or raw.
    """

    chain: str
    algorithm: str = "es256"
    key: str = ""
    sign: Sign | None = None
    timestamp_url: str = ""


def signer_of(settings: Provenance) -> CredentialSigner:
    """The signer that the settings name, or the local authority's, which is made where there is none.

    Raises `UserError` for files that cannot be read.
    """
    if settings.certificate is None:
        local = authority.load_or_make(settings.folder, settings.title)
        return CredentialSigner(chain=local.chain, key=local.key, timestamp_url=settings.timestamp_url)
    return CredentialSigner(
        chain=trust.pem(settings.certificate),
        key=trust.pem(settings.key) if settings.key is not None else "",
        sign=commanded(settings.signer) if settings.signer else None,
        algorithm=settings.algorithm,
        timestamp_url=settings.timestamp_url,
    )


def commanded(command: tuple[str, ...]) -> Sign:
    """An external signer: a command that reads what is to be signed and writes the signature. Nothing else leaves."""

    def sign(data: bytes) -> bytes:
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=SIGNER_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserError(
                f"The signer {command[0]!r} failed: {error}.", "See docs/provenance.md.", code="signer_failed"
            ) from error
        if done.returncode or not done.stdout:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            reason = (
                said[-1] if said else f"it ended with exit code {done.returncode} and printed {len(done.stdout)} bytes"
            )
            raise UserError(
                f"The signer {command[0]!r} failed: {reason}.", "See docs/provenance.md.", code="signer_failed"
            )
        return done.stdout

    return sign


def sign(path: Path, story: Story, signer: CredentialSigner, settings: Provenance) -> None:
    """Put credentials into a film or picture in place: it is whole and signed, or as it was.

    Raises `UserError` where it cannot be signed, `OSError` where there is no room for a copy.
    """
    from yozora.media import whole_file

    if shutil.disk_usage(path.parent).free < path.stat().st_size + ROOM:  # c2pa would not say why it failed
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with path.open("rb") as source, whole_file(path) as part, part.open("w+b") as target:
        sign_stream(source, target, story, signer, settings)


def sign_beside(path: Path, credentials: Path, story: Story, signer: CredentialSigner, settings: Provenance) -> None:
    """Write credentials of a film that cannot hold them to a file of their own; see `beside`.

    Raises as `sign` does.
    """
    if shutil.disk_usage(path.parent).free < path.stat().st_size + ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with path.open("rb") as source, tempfile.TemporaryFile(dir=path.parent) as copy:
        credentials.write_bytes(_signed(source, copy, UNKNOWN, story, signer, settings))


def sign_stream(
    source: IO[bytes], target: IO[bytes], story: Story, signer: CredentialSigner, settings: Provenance
) -> None:
    """What `sign` does, of a file that is open for reading to one that is open for reading and writing."""
    kind = kind_of(source)
    if kind is None:
        raise UserError(
            "This file type cannot have credentials.",
            "Use MP4, MOV, JPEG, PNG, GIF or WebP.",
            code="credentials_unsupported",
        )
    _signed(source, target, kind, story, signer, settings)


def _signed(
    source: IO[bytes], target: IO[bytes], kind: str, story: Story, signer: CredentialSigner, settings: Provenance
) -> bytes:
    """The credentials; but for those of an `UNKNOWN` kind of file they are in the target, too."""
    import c2pa

    known = trust.c2pa_settings(settings) | SETTINGS
    with (
        _report_signing_errors() as failures,
        c2pa.Context.from_dict(known) as context,
        c2pa.Builder(manifest(story, settings), context=context) as builder,
        _open_c2pa_signer(signer, failures) as native,
    ):
        for k, parent in enumerate(story.parents):
            _add(builder, parent, _label(k), signer, settings)
        if kind == UNKNOWN:
            builder.set_no_embed()
        made: bytes = builder.sign(native, kind, source, target)
        return made


def manifest(story: Story, settings: Provenance) -> dict[str, object]:
    """All that is signed but the picture's hash and the parents' own credentials."""
    if isinstance(story, Origin):
        title, done, told = f"{story.mode} film", actions(story, settings), facts(story, settings)
    elif isinstance(story, Taken):
        title, done, told = "still", taking(story), {"second": story.second, "made": story.made.isoformat()}
    else:
        number = {} if story.identifier is None else {"identifier": f"{story.identifier:012x}"}
        title, done, told = "converted film", converting(story), {"made": story.made.isoformat(), **number}
    entries = {use: {"use": settings.mining} for use in MINING}
    return {
        "claim_generator_info": [{"name": "Yozora", "version": yozora.__version__}],
        "title": title,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": done}},
            {"label": "cawg.training-mining", "data": {"entries": entries}},
            {"label": FACTS, "data": told},
        ],
    }


def facts(origin: Origin, settings: Provenance) -> dict[str, object]:
    """What the credentials say in our own words. Of the prompt, only a hash, if it is not to be disclosed."""
    told = {"prompt_sha256": hashlib.sha256(origin.prompt.encode()).hexdigest()}
    if settings.disclose_prompt:
        told["prompt"] = origin.prompt
    return {
        "mode": origin.mode,
        "model": origin.model,
        "preset_sha256": origin.preset,
        "seed": origin.seed,
        "quality": origin.quality,
        "made": origin.made.isoformat(),
        "identifier": f"{origin.identifier:012x}",
        "watermark": settings.watermark,
        **told,
    }


def actions(origin: Origin, settings: Provenance) -> list[dict[str, object]]:
    """What was done, in order: C2PA wants the first to be that a film was created, or that its parent was opened."""
    agent = {"name": f"Yozora {origin.model}", "version": yozora.__version__}
    common = {"when": origin.made.isoformat(), "softwareAgent": agent}
    parents = [_label(k) for k, parent in enumerate(origin.parents) if parent.relation == "parentOf"]
    parts = [_label(k) for k, parent in enumerate(origin.parents) if parent.relation == "componentOf"]
    done: list[dict[str, object]]
    if parents:
        done = [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": parents}, **common},
            {"action": "c2pa.edited", "digitalSourceType": COMPOSITE, "description": origin.mode, **common},
        ]
    else:
        done = [{"action": "c2pa.created", "digitalSourceType": INVENTED, "description": origin.mode, **common}]
    done += [{"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}, **common} for label in parts]
    if settings.watermark:
        done.append({"action": "c2pa.watermarked.unbound", **common})
    return done


def taking(story: Taken) -> list[dict[str, object]]:
    """What was done for a still: what it is taken from was opened, and one picture of it written as a PNG."""
    agent = {"name": "Yozora", "version": yozora.__version__}
    common = {"when": story.made.isoformat(), "softwareAgent": agent}
    return [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": [_label(0)]}, **common},
        {"action": "c2pa.converted", "description": f"the picture at {story.second:g} s", **common},
    ]


def converting(story: Converted) -> list[dict[str, object]]:
    """What was done to a film: it was opened, and then changed."""
    agent = {"name": "Yozora", "version": yozora.__version__}
    common: dict[str, object] = {"when": story.made.isoformat(), "softwareAgent": agent}
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_label(0)]}, **common}
    return [opened, *({"action": name, "description": what, **common} for name, what in story.actions)]


def _label(index: int) -> str:
    return f"source-{index}"


def _add(builder: "c2pa.Builder", parent: Parent, label: str, signer: CredentialSigner, settings: Provenance) -> None:
    """One more ingredient, with its own credentials where it has any."""
    said = {"title": parent.title, "relationship": parent.relation, "label": label}
    if isinstance(parent.source, Unsaved):
        builder.add_ingredient(said, "image/jpeg", _sign_still(parent.source, signer, settings))
        return
    ingredients.add(builder, said, parent.source, settings)


def _sign_still(source: Unsaved, signer: CredentialSigner, settings: Provenance) -> BytesIO:
    """A picture that stands for a film in memory, signed with the film's facts where it has some."""
    from yozora.media.stills import jpeg

    plain, signed = BytesIO(jpeg(source.still)), BytesIO()
    if source.origin is None:
        return plain
    once = replace(signer, timestamp_url="")  # the film that is being signed says the time
    sign_stream(plain, signed, source.origin, once, settings)
    signed.seek(0)
    return signed


@contextmanager
def _open_c2pa_signer(signer: CredentialSigner, failures: list[UserError]) -> "Iterator[c2pa.Signer]":
    """The signer as c2pa wants it. What a callback raises is put into `failures`: c2pa itself only says that it did."""
    import c2pa

    url = signer.timestamp_url or None
    if signer.sign is None:
        told = (signer.algorithm.encode(), signer.chain.encode(), signer.key.encode(), url)
        with c2pa.Signer.from_info(c2pa.C2paSignerInfo(*told)) as native:
            yield native
        return
    asked = signer.sign

    def answered(data: bytes) -> bytes:
        try:
            return asked(data)
        except UserError as error:
            failures.append(error)
            return b""

    algorithm = c2pa.C2paSigningAlg[signer.algorithm.upper()]
    with c2pa.Signer.from_callback(answered, algorithm, signer.chain, url) as native:
        yield native


@contextmanager
def _report_signing_errors() -> Iterator[list[UserError]]:
    import c2pa

    failures: list[UserError] = []
    try:
        yield failures
    except c2pa.C2paError as error:
        if failures:
            raise failures[0] from error
        reason = " ".join(str(error).split())[:300]
        raise UserError(
            f"The film cannot be signed: {reason}.",
            "Run `yozora doctor`, or set YOZORA_PROVENANCE_CREDENTIALS=off.",
            code="signing_failed",
        ) from error
