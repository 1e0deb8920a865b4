"""Keys: shown once, kept hashed, found, revoked."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    with pytest.raises(UserError, match="The key 'key_none' is not known"):
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
    with pytest.raises(UserError, match="The name of the key is empty"):
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


def test_a_key_ends_when_its_time_is_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made, secret = keys.create(database, "guest", keys.Grant(expires_at=keys.now() + 100))
    assert keys.find(database, secret) == made
    later = keys.now() + 101
    monkeypatch.setattr(keys, "now", lambda: later)
    assert keys.find(database, secret) is None  # also one that is remembered
    (key,) = keys.listed(database)
    assert key.over
    keys.change(database, made, keys.Grant())
    assert keys.find(database, secret) == made


def test_what_a_key_may_do_is_kept_and_changed(database: Database) -> None:
    grant = keys.Grant(
        scopes=("read",), limits={"concurrent": "2", "stored_bytes": 1e9}, weight=2.5, expires_at=1 << 35
    )
    made, secret = keys.create(database, "x", grant)
    found = keys.recognise(database, secret)
    assert found is not None
    assert found.grant == grant
    assert dict(grant.limits) == {"concurrent": 2, "stored_bytes": 1e9}
    assert keys.limits_of(database, made) == grant.limits
    assert found.grant.allows == {"read"}
    assert keys.Grant(scopes=("create", "admin")).allows == {"read", "create", "admin"}
    changed = keys.change(database, made, keys.Grant(scopes=("admin",)))
    assert (changed.grant.scopes, changed.grant.limits, changed.grant.weight) == (("admin",), {}, 1.0)
    assert keys.recognise(database, secret) == changed  # at once


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"scopes": ("write",)}, "The scope 'write' is not known"),
        ({"scopes": ()}, "A key needs a scope"),
        ({"limits": {"body_bytes": 5}}, "limit 'body_bytes' cannot be set for a key"),
        ({"limits": {"concurrent": 0}}, "concurrent=0 is not a limit"),
        ({"limits": {"concurrent": "two"}}, "concurrent=two is not a limit"),
        ({"weight": 0}, "The priority 0 is out of range"),
        ({"weight": float("nan")}, "The priority nan is out of range"),
        ({"expires_at": -1}, "cannot expire at -1"),
    ],
)
def test_what_a_key_cannot_be(said: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        keys.Grant(**said)


def test_what_a_newer_release_wrote_lets_nobody_do_more(database: Database) -> None:
    _, secret = keys.create(database, "x")
    with database.begin() as connection:
        connection.execute(tables.keys.update().values(scopes=["telepathy"], limits={"telepathy": 5, "files": 3}))
    found = keys.recognise(database, secret)
    assert found is not None
    assert (found.grant.scopes, found.grant.limits) == (("read",), {"files": 3})


def test_the_last_use_is_written_once_a_minute_and_by_no_request(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, secret = keys.create(database, "x")
    moment = keys.now()

    def used(after: int) -> int | None:
        monkeypatch.setattr(keys, "now", lambda: moment + after)
        keys.find(database, secret)
        keys.write_uses(database)
        return keys.listed(database)[0].last_used_at

    keys.find(database, secret)
    assert keys.listed(database)[0].last_used_at is None
    assert used(0) == moment
    assert used(59) == moment
    assert used(60) == moment + 60
    keys.write_uses(database)  # nothing was used since
    assert keys.listed(database)[0].last_used_at == moment + 60


def test_uses_are_not_forgotten_while_the_database_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = keys.create(database, "x")
    keys.find(database, secret)
    with monkeypatch.context() as away:
        away.setattr(database, "begin", lambda: (_ for _ in ()).throw(TimeoutError))
        with pytest.raises(TimeoutError):
            keys.write_uses(database)
    keys.write_uses(database)
    assert keys.listed(database)[0].last_used_at is not None


def test_the_commands_of_what_a_key_may_do(tmp_path: Path) -> None:
    where = ["--database", f"sqlite:///{tmp_path / 'yozora.db'}"]
    said = [
        "create",
        "x",
        "--expires",
        "30d",
        "--scope",
        "create",
        "--limit",
        "concurrent=2",
        "--priority",
        "2",
        "--json",
    ]
    made = json.loads(CliRunner().invoke(commands, [*said, *where]).stdout)
    assert (made["scopes"], made["limits"], made["weight"]) == (["create"], {"concurrent": 2}, 2.0)
    assert made["expires_at"] == pytest.approx(keys.now() + 30 * 86_400, abs=60)
    shown = CliRunner().invoke(commands, ["list", *where]).stdout
    assert "priority 2, concurrent=2" in shown
    again = CliRunner().invoke(commands, ["change", made["id"], "--scope", "admin", "--expires", "0", "--json", *where])
    changed = json.loads(again.stdout)
    assert (changed["scopes"], changed["expires_at"], changed["limits"]) == (["admin"], None, {"concurrent": 2})
    for wrong in (["--limit", "concurrent"], ["--limit", "seconds=5"], ["--scope", "all"], ["--expires", "soon"]):
        refused = CliRunner().invoke(commands, ["create", "x", *wrong, *where])
        assert isinstance(refused.exception, UserError), wrong
