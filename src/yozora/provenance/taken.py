"""Stills taken out of films and pictures, as those of characters are: they keep the line of ancestors."""

from datetime import UTC, datetime
from pathlib import Path

from yozora.films.film import Parent, Unsaved
from yozora.provenance.origin import Taken
from yozora.provenance.settings import Provenance


def sign_taken(picture: Path, source: Path | Unsaved, title: str, second: float, settings: Provenance) -> bool:
    """Sign a picture in place as one that was taken out of `source`, where that says where it comes from; else, and
    where credentials are switched off, it stays as it is. Says whether it is signed.

    Raises `UserError` where it cannot be signed, and `OSError`.
    """
    from yozora.provenance import credentials, ingredients

    if not settings.credentials:
        return False
    if not (source.origin if isinstance(source, Unsaved) else ingredients.tells(source, settings)):
        return False
    parent = Parent(source=source, title=title, relation="parentOf")
    story = Taken(parent=parent, second=second, made=datetime.now(UTC).replace(microsecond=0))
    credentials.sign(picture, story, credentials.signer_of(settings), settings)
    return True
