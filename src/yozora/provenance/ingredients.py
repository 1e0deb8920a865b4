"""What a film was made from, as its credentials hold it: by name, and with credentials of its own where it has some.

Knows files and c2pa; nothing of who signs, and of films in memory.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from yozora.provenance import trust
from yozora.provenance.places import UNKNOWN, kind_of, store_beside
from yozora.provenance.settings import Provenance

if TYPE_CHECKING:
    import c2pa

Said = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Credentials beside a file that fit it: the manifest `store`, the label of its `active` manifest, and what
    c2pa found when it checked them against the file.
    """

    store: bytes
    active: str
    results: Mapping[str, Any]


def add(builder: "c2pa.Builder", facts: Said, path: Path, settings: Provenance) -> None:
    """One more ingredient. `facts` is its title, its relationship and its label; a file that is gone, or whose
    credentials cannot be read, is told by name alone.
    """
    try:
        with path.open("rb") as file:
            kind, found = kind_of(file), None
            held = None if kind is None else holds(file, kind)
            if not held:
                found = loose(path, file, settings)
            if found is not None:
                _add_loose(builder, facts, found)
            elif kind is not None and held is not None:
                builder.add_ingredient(dict(facts), kind, file)
            else:
                _add_name(builder, facts)
    except OSError:  # gone since the film was made
        _add_name(builder, facts)


def tells(path: Path, settings: Provenance) -> bool:
    """Whether a file has credentials that can be read, in it or beside it; they need not be valid. Raises `OSError`."""
    with path.open("rb") as file:
        kind = kind_of(file)
        return bool(kind is not None and holds(file, kind)) or loose(path, file, settings) is not None


def holds(file: IO[bytes], kind: str) -> bool | None:
    """Whether there are credentials in a file; None where there are some that cannot be read."""
    import c2pa

    try:
        with c2pa.Context.from_dict(trust.c2pa_settings()) as context:
            reader = c2pa.Reader.try_create(kind, file, context=context)
    except c2pa.C2paError:
        return None
    finally:
        file.seek(0)
    if reader is not None:
        reader.close()
    return reader is not None


def loose(path: Path, file: IO[bytes], settings: Provenance) -> Loose | None:
    """The credentials beside a file. Nothing but the hash in them says that they belong together, so None where it is
    that of another file, or of this one before it was changed.
    """
    import c2pa

    store = store_beside(path)
    if store is None:
        return None
    try:
        with (
            c2pa.Context.from_dict(trust.c2pa_settings(settings)) as context,
            c2pa.Reader(kind_of(file) or UNKNOWN, file, manifest_data=store, context=context) as reader,
        ):
            said = json.loads(reader.json())
    except (c2pa.C2paError, ValueError):
        return None
    finally:
        file.seek(0)
    active, results = said.get("active_manifest"), said.get("validation_results") or {}
    checked = results.get("activeManifest") or {}
    if not active or not any(str(each.get("code")).endswith("Hash.match") for each in checked.get("success") or ()):
        return None
    return Loose(store=store, active=active, results=results)


def _add_loose(builder: "c2pa.Builder", facts: Said, found: Loose) -> None:
    name = f"{facts['label']}.c2pa"
    builder.add_resource(name, BytesIO(found.store))
    own = {
        "active_manifest": found.active,
        "validation_results": found.results,
        "manifest_data": {"format": "application/c2pa", "identifier": name},
    }
    builder.add_ingredient({**facts, **own}, UNKNOWN, BytesIO())


def _add_name(builder: "c2pa.Builder", facts: Said) -> None:
    builder.add_ingredient(dict(facts), UNKNOWN, BytesIO())
