"""Secrets that have to be read again, such as those of webhooks, are encrypted where they are stored (Fernet).

The key is in the environment, or in a file that only its user can read. With SQLite, which is one machine's, the file
is made when it is first needed. Several machines have to be given the same key, and until they are, secrets stay plain.
Several keys may be there, one a line or apart by commas: the first one encrypts, all are tried to decrypt.
"""

import logging
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from yozora import paths
from yozora.errors import UserError
from yozora.server.store import tables
from yozora.server.store.database import Database

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SEALED: Final = "fernet:"  # before what is encrypted; whatever has it not is plain, of an earlier release
COLUMNS: Final = ("secret", "previous_secret")

log = logging.getLogger(__name__)


def seal(connection: sa.Connection, plain: str) -> str:
    """A secret as it is stored in that database. Raises `UserError` where a key cannot be read or made."""
    if not _has_key(connection.dialect.name):
        log.warning("a webhook's secret is stored without encryption: give all machines the same %s", paths.SECRETS_KEY)
        return plain
    return SEALED + _load_keys().encrypt(plain.encode()).decode("ascii")


def unseal(stored: str) -> str:
    """The secret again. Raises `UserError` where it was encrypted with a key that is not here."""
    if not stored.startswith(SEALED):
        return stored
    from cryptography.fernet import InvalidToken

    try:
        return _load_keys().decrypt(stored.removeprefix(SEALED)).decode()
    except InvalidToken as error:
        hint = f"Give every machine the same {paths.SECRETS_KEY}, or the same {paths.secrets_key()}."
        raise UserError(
            "The key that encrypts a webhook's secret is missing.", hint, code="webhook_key_missing"
        ) from error


def seal_all(database: Database) -> int:
    """Encrypt what an earlier release has left as plain text; how many webhooks that were."""
    if not _has_key(database.engine.dialect.name):
        return 0
    table = tables.webhooks
    plain = ~table.c.secret.startswith(SEALED, autoescape=True)
    with database.read() as connection:
        if connection.execute(sa.select(table.c.id).where(plain).limit(1)).first() is None:
            return 0
    with database.begin() as connection:
        rows = connection.execute(sa.select(table).where(plain).with_for_update()).all()
        for row in rows:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(_sealed(connection, row)))
    return len(rows)


def _sealed(connection: sa.Connection, row: sa.Row[Any]) -> dict[str, str]:
    said = {name: getattr(row, name) for name in COLUMNS}
    return {name: seal(connection, value) for name, value in said.items() if value and not value.startswith(SEALED)}


def _has_key(dialect: str) -> bool:
    """Whether there is a key, or one may be made: only where no other machine would need it."""
    return dialect == "sqlite" or bool(os.environ.get(paths.SECRETS_KEY)) or paths.secrets_key().exists()


def _load_keys() -> "MultiFernet":
    return _fernets(os.environ.get(paths.SECRETS_KEY) or _load_key_file(paths.secrets_key()))


@lru_cache(maxsize=4)
def _fernets(text: str) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(key) for key in text.replace(",", " ").split()])
    except ValueError as error:
        hint = "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        raise UserError(
            "The key that encrypts the secrets of webhooks cannot be read.", hint, code="webhook_key_unreadable"
        ) from error


def _load_key_file(path: Path) -> str:
    """What the file of keys says; it is made where there is none. The first process makes it, whole or not at all."""
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii")
    from cryptography.fernet import Fernet

    made = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise UserError(
            f"The key file {path} cannot be created: {error.strerror or error}. Check its folder.",
            code="key_file_unwritable",
        ) from error
    finally:
        made.unlink(missing_ok=True)
