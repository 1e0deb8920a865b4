"""Keys: shown once, kept hashed, found, revoked."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from yozora.cli.keys import keys as commands
from yozora.errors import UserError
from yozora.server.accounts import keys
from yozora.server.store import tables
from yozora.server.store.database import Database, open_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'yozora.db'}")
    tables.metadata.create_all(opened.engine)
    yield opened
    opened.close()


def test_a_key_is_found_by_its_secret_alone(database: Database) -> None:
    made, secret = keys.create(database, "laptop")
    other, _ = keys.create(database, "laptop")  # names may repeat
    assert made != other
    assert keys.find(database, secret) == made
    assert keys.find(database, secret) == made  # from memory
    for wrong in ("", "yz-", secret[:-1], secret + "x", secret.swapcase(), "sk-" + secret[3:], "yz-\udcff", "yz-" * 99):
        assert keys.find(database, wrong) is None


def test_a_secret_has_256_bits_and_only_its_hash_is_kept(database: Database) -> None:
    _, secret = keys.create(database, "laptop")
    assert secret.startswith("yz-")
    assert len(secret) == len("yz-") + 43  # 32 bytes in base64
    with database.read() as connection:
        (row,) = connection.execute(sa.select(tables.keys))
    assert row.hash == sha256(secret.encode()).hexdigest()
    assert row.hint == secret[-4:]
    assert not any(secret in str(value) for value in row)


def test_a_revoked_key_opens_nothing(database: Database) -> None:
    made, secret = keys.create(database, "laptop")
    assert keys.find(database, secret) == made
    keys.revoke(database, made)
    assert keys.find(database, secret) is None
    (key,) = keys.listed(database)
    assert key.revoked_at is not None
    keys.revoke(database, made)  # again: nothing changes
    assert keys.listed(database) == [key]
    with pytest.raises(UserError, match="There is no key 'key_none'"):
        keys.revoke(database, "key_none")


def test_elsewhere_revoked_is_noticed_in_seconds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made, secret = keys.create(database, "laptop")
    assert keys.find(database, secret) == made
    with database.begin() as connection:  # as another process does
        connection.execute(tables.keys.update().values(revoked_at=1))
    assert keys.find(database, secret) == made
    later = keys.time.monotonic() + keys.TRUSTED_SECONDS
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert keys.find(database, secret) is None


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\nb"])
def test_a_key_needs_a_name(database: Database, name: str) -> None:
    with pytest.raises(UserError, match="A key needs a name"):
        keys.create(database, name)


def test_the_commands(tmp_path: Path) -> None:
    where = ["--database", f"sqlite:///{tmp_path / 'yozora.db'}"]
    made = CliRunner().invoke(commands, ["create", "my laptop", *where])
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()  # nothing else: it can be piped
    database = open_database(where[1])
    owner = keys.find(database, secret)
    database.close()
    assert owner is not None
    assert owner in made.stderr
    shown = CliRunner().invoke(commands, ["list", *where]).stdout
    assert owner in shown
    assert "my laptop" in shown
    assert secret not in shown
    assert CliRunner().invoke(commands, ["revoke", owner, *where]).stdout == f"{owner}: revoked\n"
    assert "revoked 20" in CliRunner().invoke(commands, ["list", *where]).stdout
    refused = CliRunner().invoke(commands, ["revoke", "key_none", *where])
    assert isinstance(refused.exception, UserError)
