"""Row 14: nobody else on the machine reads what is stored, and no secret lies in it as plain text."""

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from starlette.testclient import TestClient
from typer.testing import CliRunner

from yozora import paths
from yozora.cli import app
from yozora.errors import UserError
from yozora.server.http.service import Service
from yozora.server.store import sealing, tables
from yozora.server.store.database import Database, copy, open_database
from yozora.server.store.upgrades import migrate
from yozora.server.work import webhooks

HOOK = {"url": "https://hooks.example.com/x", "name": "mine"}


@pytest.fixture(autouse=True)
def usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An umask as systems have it, and a home without a key."""
    monkeypatch.setenv("YOZORA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(paths.SECRETS_KEY, raising=False)
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_row_14_nobody_else_reads_the_database_and_its_copies(tmp_path: Path) -> None:
    path = tmp_path / "yozora.db"
    url = f"sqlite:///{path}"
    migrate(url)
    with closing(open_database(url)) as database:
        with database.begin() as connection:
            connection.execute(sa.text("CREATE TABLE x (y)"))
        beside = sorted(one.name for one in tmp_path.glob("yozora.db*"))
        assert {"yozora.db", "yozora.db-wal", "yozora.db-shm"} <= {*beside}
        assert {rights(tmp_path / name) for name in beside} == {0o600}
        copy(url, tmp_path / "copy.db")
        assert rights(tmp_path / "copy.db") == 0o600
        for name in beside:  # as an earlier release has left them
            (tmp_path / name).chmod(0o644)
        migrate(url)
        assert {rights(tmp_path / name) for name in beside} == {0o600}


def stored(database: Database) -> sa.Row[object]:
    with database.read() as connection:
        return connection.execute(sa.select(tables.webhooks)).one()


def test_row_14_secrets_are_stored_encrypted(client: TestClient, service: Service) -> None:
    made = client.post("/v1/webhooks", json=HOOK).json()
    row = stored(service.database)
    assert row.secret.startswith(sealing.SEALED)
    assert sealing.unseal(row.secret) == made["signing_secret"]
    assert (
        client.get(f"/v1/webhooks/{made['id']}").json()["signing_secret_hint"]
        == f"whsec_...{made['signing_secret'][-4:]}"
    )
    new = client.post(f"/v1/webhooks/{made['id']}/rotate", json={}).json()["signing_secret"]
    row = stored(service.database)
    assert [sealing.unseal(one) for one in (row.secret, row.previous_secret)] == [new, made["signing_secret"]]
    signed = dict(webhooks.headers_of(row, "evt_1", 100, "{}"))["webhook-signature"]
    assert signed == " ".join(webhooks.sign(one, "evt_1", 100, "{}") for one in (new, made["signing_secret"]))
    held = Path(service.settings.database.removeprefix("sqlite:///"))
    everything = b"".join(one.read_bytes() for one in held.parent.glob("yozora.db*"))
    assert new.encode() not in everything
    assert made["signing_secret"].encode() not in everything
    assert rights(paths.secrets_key()) == 0o600


def test_what_an_earlier_release_has_left_is_encrypted(client: TestClient, service: Service) -> None:
    made = client.post("/v1/webhooks", json=HOOK).json()
    plain = made["signing_secret"]
    with service.database.begin() as connection:
        connection.execute(sa.update(tables.webhooks).values(secret=plain, previous_secret="whsec_b2xk"))
    assert dict(webhooks.headers_of(stored(service.database), "e", 1, ""))["webhook-signature"]
    done = CliRunner().invoke(app, ["db", "upgrade", "--database", service.settings.database, "--json"])
    assert json.loads(done.stdout)["revision"]
    row = stored(service.database)
    assert row.secret.startswith(sealing.SEALED)
    assert [sealing.unseal(one) for one in (row.secret, row.previous_secret)] == [plain, "whsec_b2xk"]
    assert sealing.seal_all(service.database) == 0


def test_many_machines_are_given_one_key(
    client: TestClient, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Fernet.generate_key().decode() for _ in range(2))
    monkeypatch.setenv(paths.SECRETS_KEY, first)
    client.post("/v1/webhooks", json=HOOK)
    assert not paths.secrets_key().exists()
    row = stored(service.database)
    monkeypatch.setenv(paths.SECRETS_KEY, f"{second},{first}")  # a new key, and the old one is still known
    assert sealing.unseal(row.secret).startswith("whsec_")
    monkeypatch.setenv(paths.SECRETS_KEY, second)
    with pytest.raises(UserError, match="secret is missing"):
        sealing.unseal(row.secret)
    done = webhooks.deliver(row, {"id": "evt_1"}, 1, private=True)
    assert (done.status, done.reason) == (None, "The server cannot read this webhook's secret.")
    monkeypatch.setenv(paths.SECRETS_KEY, "nonsense")
    with pytest.raises(UserError, match="cannot be read"):
        sealing.unseal(row.secret)


def test_on_postgres_nobody_makes_a_key_of_its_own(database_url: str) -> None:
    """Other machines could not read what it encrypts."""
    migrate(database_url)
    with closing(open_database(database_url)) as database, database.begin() as connection:
        sealed = sealing.seal(connection, "whsec_YQ==")
        assert (
            sealed.startswith(sealing.SEALED) == (connection.dialect.name == "sqlite") == paths.secrets_key().exists()
        )
        assert sealing.unseal(sealed) == "whsec_YQ=="


def test_a_copy_is_a_database(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'yozora.db'}")
    copy(f"sqlite:///{tmp_path / 'yozora.db'}", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT count(*) FROM videos").fetchone() == (0,)
