"""Whether films can be signed and marked here: tried once on a small picture, before any film is made.

A timestamp service is not asked: it may be away for a moment.
"""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from yozora.films.film import Origin
from yozora.media import stills
from yozora.provenance import authority
from yozora.provenance.settings import Provenance
from yozora.provenance.stamp import stamp_of
from yozora.server.store import tables
from yozora.server.store.database import Database, mark, now
from yozora.server.work.finish import FULL

SIDE = 64
KEY = "watermark"
"""In `marks`: which key this installation's films are marked with, as the start of a hash of it."""


def preflight(settings: Provenance, folder: Path) -> None:
    """Sign and mark a grey picture in `folder`, and remove it. Raises `UserError` where that cannot be done."""
    origin = Origin(mode="text", model="", preset="", seed=0, prompt="", identifier=0, made=datetime.now(UTC))
    stamp = stamp_of(origin, (SIDE, SIDE), 1.0, replace(settings, timestamp_url=""))
    if stamp is None:
        return
    path = folder / "rehearsal.jpg"
    try:
        path.write_bytes(stills.jpeg(stamp.mark(np.full((1, SIDE, SIDE, 3), 128, np.uint8))[0]))
        stamp.still(path)
    except OSError as error:
        if (
            error.errno not in FULL
        ):  # a disk that is full says nothing of keys, and fails each film by a code of its own
            raise
    finally:
        path.unlink(missing_ok=True)


def shares_key(database: Database, settings: Provenance) -> bool:
    """Whether films are marked here with the key that the first worker of the installation had."""
    if not settings.watermark:
        return True
    name = sha256(authority.watermark_key(settings.folder)).hexdigest()[:16]
    with database.begin() as connection:
        mark(connection, KEY, name, now(), unless_since=0)
        known = connection.execute(sa.select(tables.marks.c.value).where(tables.marks.c.name == KEY)).scalar_one()
    return bool(known == name)
