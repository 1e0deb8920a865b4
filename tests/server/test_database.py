import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.server.conftest import until

from yozora.errors import UserError
from yozora.server.store import migrations, tables
from yozora.server.store import upgrades as module
from yozora.server.store.database import Database, copy, mark, new_id, now, open_database
from yozora.server.store.upgrades import HEAD, migrate
from yozora.server.work.retry_policy import AWAY


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'yozora.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def either(database_url: str) -> Iterator[Database]:
    """On SQLite, and on PostgreSQL."""
    migrate(database_url)
    opened = open_database(database_url)
    yield opened
    opened.close()


def key(name: str) -> dict[str, object]:
    return {"id": name, "name": name, "hash": name, "hint": "abcd", "created_at": now()}


def test_a_fresh_database_has_our_tables_and_the_queues(database: Database) -> None:
    names = set(sa.inspect(database.engine).get_table_names())
    assert set(tables.metadata.tables) <= names
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_the_second_time_nothing_is_done_and_nothing_heavy_imported(database: Database, url: str) -> None:
    with database.begin() as connection:
        connection.execute(tables.keys.insert().values(key("kept")))
    code = f"import sys; from yozora.server.store.upgrades import migrate; migrate({url!r})\n"
    code += "print([name for name in ('alembic', 'torch', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with database.read() as connection:
        assert connection.execute(sa.select(tables.keys.c.id)).scalars().all() == ["kept"]


def test_processes_may_migrate_at_once(database_url: str) -> None:
    code = f"from yozora.server.store.upgrades import migrate; migrate({database_url!r})"
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    database = open_database(database_url)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    database.close()


def test_the_tables_are_those_that_the_migrations_make(either: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name in tables.metadata.tables

    with either.read() as connection:
        options = {"include_name": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
    assert ScriptDirectory.from_config(migrations.config()).get_current_head() == HEAD


def test_an_older_database_is_brought_up_and_keeps_its_rows(
    database: Database, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a later revision than there is: the way that the next one will go."""
    with database.begin() as connection:
        connection.execute(tables.keys.insert().values(key("kept")))
    later = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, later)
    (later / "versions" / "r9999.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '9999', '{HEAD}'\n"
        "def upgrade():\n    op.add_column('keys', sa.Column('note', sa.Text))\n"
    )
    with monkeypatch.context() as patched:
        patched.setattr(module, "HEAD", "9999")
        patched.setattr(migrations, "__file__", str(later / "__init__.py"))
        migrate(url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id, note FROM keys").all() == [("kept", None)]
    with pytest.raises(UserError, match="newer Yozora"):
        migrate(url)


def test_a_migration_that_fails_changes_nothing(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, broken)
    (broken / "versions" / "r9999.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9999', '{HEAD}'\n"
        "def upgrade():\n    op.drop_table('keys')\n    op.execute('SELECT nonsense')\n"
    )
    migrate(url)
    with monkeypatch.context() as patched:
        patched.setattr(module, "HEAD", "9999")
        patched.setattr(migrations, "__file__", str(broken / "__init__.py"))
        with pytest.raises(UserError, match="cannot be used"):
            migrate(url)
    database = open_database(url)
    assert sa.inspect(database.engine).has_table("keys")
    database.close()
    migrate(url)


def test_a_damaged_file_is_refused_and_left_alone(url: str) -> None:
    migrate(url)
    path = Path(url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    damages = {
        "start": b"\x00" * 100 + whole[100:],
        "words": b"these are not the bytes you are looking for\n" * 99,
        "middle": whole[:4096] + b"\xaa" * 16_384 + whole[20_480:],
        "end": whole[: len(whole) // 2],
    }
    for name, bad in damages.items():
        path.write_bytes(bad)
        with pytest.raises(UserError, match="not changed") as error:
            migrate(url)
        assert "\n" not in str(error.value), name
        assert path.read_bytes() == bad, name


def test_a_copy_is_one_moment_of_a_database_in_use(database: Database, url: str, tmp_path: Path) -> None:
    with database.begin() as connection:
        connection.execute(tables.keys.insert().values(key("kept")))
    target = tmp_path / "copy.db"
    with database.begin() as connection:
        connection.execute(tables.keys.insert().values(key("not yet")))
        assert copy(url, target) == target.stat().st_size > 0
    with pytest.raises(UserError, match="exists"):
        copy(url, target)
    migrate(f"sqlite:///{target}")
    restored = open_database(f"sqlite:///{target}")
    with restored.read() as connection:
        assert connection.execute(sa.select(tables.keys.c.id)).scalars().all() == ["kept"]
    restored.close()


@pytest.mark.parametrize("said", ["sqlite:////nowhere/yozora.db", "postgresql://127.0.0.1:1/yozora"])
def test_what_cannot_be_copied(said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        copy(said, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_the_commands(url: str, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from yozora.cli.db import db

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(db, [*words, "--database", url])
        return done.exit_code, done.output

    assert run("check") == (1, f"The database is at revision none and needs {HEAD}. Run: yozora db upgrade\n")
    assert not Path(url.removeprefix("sqlite:///")).exists()
    assert run("upgrade") == (0, f"The database is at revision {HEAD}.\n")
    assert run("check") == (0, f"The database is intact and at revision {HEAD}.\n")
    code, said = run("backup", str(tmp_path / "copy.db"))
    assert (code, said.split(":")[0]) == (0, str(tmp_path / "copy.db"))


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE bookmarks (id)")
    other.close()
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(UserError, match="another program"):
        migrate(f"sqlite:///{tmp_path / 'other.db'}")
    assert (tmp_path / "other.db").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_a_persons_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "yozora.db", Path("/proc/yozora/yozora.db")):
        with pytest.raises(UserError, match="cannot be written"):
            migrate(f"sqlite:///{path}")


@pytest.mark.parametrize("said", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "somewhere", ""])
def test_other_databases_are_refused(said: str) -> None:
    with pytest.raises(UserError, match="postgresql://"):
        open_database(said)


def test_a_postgres_that_is_not_there_is_a_persons_error() -> None:
    with pytest.raises(UserError, match="cannot be used") as error:
        migrate("postgresql://me:secret@127.0.0.1:1/yozora")
    assert "secret" not in str(error.value)


def test_a_transaction_is_whole_or_not_at_all(database: Database) -> None:
    def broken() -> None:
        with database.begin() as connection:
            connection.execute(tables.keys.insert().values(key("lost")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.keys)).scalar() == 0


def test_a_savepoint_inside_a_transaction(either: Database) -> None:
    with either.begin() as connection:
        connection.execute(tables.keys.insert().values(key("a")))
        nested = connection.begin_nested()
        connection.execute(tables.keys.insert().values(key("b")))
        nested.rollback()
    with either.read() as connection:
        assert connection.execute(sa.select(tables.keys.c.id)).scalars().all() == ["a"]


def test_many_threads_and_two_databases_write_without_an_error(database: Database, url: str) -> None:
    """A read, then a write that depends on it: what fails, or is lost, where transactions are not begun for writing."""
    other = open_database(url)
    with database.begin() as connection:
        connection.execute(tables.keys.insert().values({**key("sum"), "created_at": 0}))

    def count(mine: Database) -> None:
        for _ in range(10):
            with mine.begin() as connection:
                was = connection.execute(sa.select(tables.keys.c.created_at)).scalar_one()
                connection.execute(tables.keys.update().values(created_at=was + 1))

    threads = [threading.Thread(target=count, args=(mine,)) for mine in [database, other] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with other.read() as connection:
        assert connection.execute(sa.select(tables.keys.c.created_at)).scalar() == 80
    other.close()


def test_a_reader_waits_for_no_writer(either: Database) -> None:
    with either.begin() as writer, either.read() as reader:
        writer.execute(tables.keys.insert().values(key("a")))
        assert reader.execute(sa.select(tables.keys)).all() == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_transaction_that_stands_still_is_ended_and_frees_its_rows(either: Database) -> None:
    """As of a worker whose process was stopped while it wrote: others must not wait for it for ever."""
    with either.begin() as connection:
        connection.execute(tables.keys.insert().values(key("a")))
    stopped = open_database(either.url, idle=0.2)

    def stand_still(statement: sa.Executable) -> None:
        with stopped.begin() as connection:
            connection.execute(tables.keys.update().values(hint="lost"))
            with either.begin() as other:
                other.execute(tables.keys.update().values(hint="kept"))  # waits for the one above to be ended
            connection.execute(statement)

    for statement in (sa.text("SELECT 1"), tables.keys.delete()):
        with pytest.raises(AWAY, match="idle-in-transaction"):
            stand_still(statement)
    with stopped.begin() as connection:  # goes on, over a new connection
        assert connection.execute(sa.select(tables.keys.c.hint)).scalars().all() == ["kept"]
    stopped.close()


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_transaction_that_stood_still_before_its_end_is_not_committed(either: Database) -> None:
    stopped = open_database(either.url, idle=0.2)

    def stand_still() -> None:
        with stopped.begin() as connection:
            connection.execute(tables.keys.insert().values(key("a")))
            until(lambda: gone(either), "the end of the connection")

    def gone(database: Database) -> bool:
        mine = "state = 'idle in transaction' AND datname = current_database()"
        idle = sa.text(f"SELECT count(*) FROM pg_stat_activity WHERE {mine}")
        with database.read() as connection:
            return connection.execute(idle).scalar() == 0

    with pytest.raises(AWAY):
        stand_still()
    with stopped.read() as connection:
        assert connection.execute(sa.select(tables.keys)).all() == []
    stopped.close()


def test_a_mark_is_set_once_in_its_time(either: Database) -> None:
    with either.begin() as connection:
        assert mark(connection, "swept", "a", 1000, unless_since=500)
        assert not mark(connection, "swept", "b", 1400, unless_since=1000)
        assert mark(connection, "swept", "c", 1600, unless_since=1001)
        assert mark(connection, "swept", "d", 1)
        assert connection.execute(sa.select(tables.marks).where(tables.marks.c.name == "swept")).one()[1:] == ("d", 1)


def test_names() -> None:
    assert new_id("video").startswith("video_")
    assert len(new_id("video")) == len("video_") + 32
    assert new_id("we_").startswith("we_")
    assert new_id("a") != new_id("a")
