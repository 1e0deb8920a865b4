"""The database: transactions that are what they seem, on SQLite or Postgres.

Knows no table's meaning, and not how tables come to their newest form (`upgrades`).
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.extras import require
from yozora.server.store import tables
from yozora.server.store.reserve import Reserve

BUSY_SECONDS = 30.0  # that commands wait for a SQLite database which others write to, or have locked
PRIVATE = 0o600
_POSTGRES = {"connect_timeout": 10, "tcp_user_timeout": 15_000}  # seconds; milliseconds until a silent server is gone
IDLE_SECONDS = 20.0
"""After this, PostgreSQL ends a transaction whose process does nothing, as one that was stopped, and frees its rows."""
HEADER = b"SQLite format 3\x00"
POSTGRES_FULL, POSTGRES_IDLE = "53100", "25P03"  # SQLSTATE disk_full, idle_in_transaction_session_timeout
RESERVE_BYTES = 16 << 20
CHECKED_BYTES = 256 << 20
"""A file of up to this size is read through before it is used; a larger one only at its start."""


T = TypeVar("T")


class Database:
    """An engine, and the kinds of transaction. Any thread may use it. `turn_seconds`: how long a thread waits for the
    other writers of its process, see `begin`.
    """

    def __init__(
        self, engine: sa.Engine, url: str, reserve: Reserve | None = None, turn_seconds: float = BUSY_SECONDS
    ) -> None:
        self.engine, self.turn_seconds = engine, turn_seconds
        self.url = url  # as SQLAlchemy takes it, with its password
        self.reserve = reserve  # of SQLite's disk
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that writes: committed at the end, rolled back by an exception. Never one inside another.

        SQLite has one writer: it is begun IMMEDIATE, so that it waits at its start and cannot fail in the middle, and
        the threads of a process take turns (SQLite's own waiting is a sleep, and not in order).
        """
        with self._my_turn(), self.engine.connect() as connection:
            connection = connection.execution_options(yozora_writes=True)
            with connection.begin():
                yield connection

    def make_room(self, write: Callable[[sa.Connection], T]) -> T:
        """What `write` returns, called in a transaction as `begin` has it: one that deletes or ends something.

        Where SQLite's disk is full, it is called again, in the room that is kept for this; Postgres keeps its own.
        """
        try:
            with self.begin() as connection:
                return write(connection)
        except sa.exc.OperationalError as error:
            if self.reserve is None or not is_full(error):
                raise
        with self.reserve.given_up():
            with self.begin() as connection:
                result = write(connection)
            self._shorten_log()
        return result

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, and sees one state of the database. It waits for no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    def _shorten_log(self) -> None:
        """Give back what SQLite's log has grown by, unless a process is reading it."""
        with closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self.turn_seconds):
            raise TimeoutError("waited too long for other writers of this process")
        try:
            yield
        finally:
            self._turn.release()


def is_full(error: BaseException) -> bool:
    """Whether a database says that its disk is full."""
    said = getattr(error, "orig", None)
    full = getattr(said, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(said, "sqlstate", None) == POSTGRES_FULL


def open_database(
    url: str, reserve: int = RESERVE_BYTES, busy: float = BUSY_SECONDS, idle: float = IDLE_SECONDS
) -> Database:
    """`sqlite:///path` or `postgresql://...`; nothing is connected to yet. Raises `UserError` for another kind.

    `reserve`: bytes of disk for `Database.make_room`, which the server keeps with `Database.reserve.keep`. `busy`:
    seconds that SQLite is waited for while another process writes to it or has it locked; after that a transaction
    raises `OperationalError`, or `TimeoutError` where it was a thread of this process. `idle`: seconds that a
    transaction may do nothing on PostgreSQL; its next statement raises `OperationalError`.
    """
    parsed = parsed_url(url)
    room: Reserve | None = None
    if parsed.get_backend_name() == "sqlite":
        # A connection is cheap, and a request in the thread pool must never wait for one that another thread holds.
        path = Path(parsed.database or "")
        room = Reserve(path.with_name(f"{path.name}-reserve"), reserve)
        engine = sa.create_engine(parsed, pool_size=40, max_overflow=-1, connect_args={"timeout": busy})
        sa.event.listen(engine, "connect", _pragmas)
        sa.event.listen(engine, "begin", _begin_transaction)
    else:
        require("postgres", "A database of PostgreSQL")
        engine = sa.create_engine(parsed, pool_size=10, max_overflow=30, pool_pre_ping=True, connect_args=_POSTGRES)
        sa.event.listen(engine, "connect", partial(_bound_idleness, round(1000 * idle)))
        sa.event.listen(engine, "handle_error", _ended_by_postgres)
    return Database(engine, parsed.render_as_string(hide_password=False), room, busy)


def copy(url: str, target: Path) -> int:
    """Copy a SQLite database as it is at one moment, no matter who writes to it; the copy's size in bytes.

    Raises `UserError` where that cannot be; a target that exists is not touched.
    """
    parsed = parsed_url(url)
    path = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite":
        raise UserError(
            "Only SQLite databases can be copied to a file.", "For PostgreSQL, use pg_dump.", code="backup_needs_sqlite"
        )
    if not path.exists():
        raise UserError(f"The database {path} does not exist.", "Check --database.", code="database_not_found")
    check_file(path)
    try:
        target.touch(mode=PRIVATE, exist_ok=False)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as made:
            source.backup(made)
    except (OSError, sqlite3.DatabaseError) as error:
        raise UserError(
            f"The database cannot be copied to {target}: {error}.", "Choose another file.", code="backup_failed"
        ) from error
    return target.stat().st_size


def make_private(path: Path) -> None:
    """Only its user reads a database, which is made if it is not there, and what SQLite lays beside it: it gives
    that the database's own rights. A file of another user stays as it is.
    """
    try:
        path.touch(mode=PRIVATE, exist_ok=True)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
            with suppress(FileNotFoundError, PermissionError):
                path.with_name(name).chmod(PRIVATE)
    except OSError as error:
        raise UserError(
            f"The database {path} cannot be written: {error.strerror or error}.",
            "Check the disk's free space and the permissions.",
            code="database_unwritable",
        ) from error


def check_file(path: Path) -> None:
    """Raise `UserError` for a file that is damaged or another program's, or a folder that cannot be written to.

    Makes the folder; the file itself is only read, and need not exist.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (path.parent / f".{path.name}-{secrets.token_hex(4)}").open("xb") as probe:
            Path(probe.name).unlink()
        if not path.exists() or not path.stat().st_size:
            return
        with path.open("rb") as file:
            header = file.read(len(HEADER))
    except OSError as error:
        raise UserError(
            f"The database {path} cannot be written: {error.strerror or error}.",
            "Check the disk's free space and the permissions.",
            code="database_unwritable",
        ) from error
    if header != HEADER:
        raise UserError(
            f"{path} is not a SQLite database, or it is damaged. It was not changed.",
            _REPAIR,
            code="database_not_sqlite",
        )
    try:
        names = _read_table_names(path)
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"The database {path} is damaged ({error}). It was not changed.", _REPAIR, code="database_damaged"
        ) from error
    if names and "alembic_version" not in names:
        raise UserError(
            f"{path} belongs to another program. It was not changed.",
            "Choose another --database.",
            code="database_of_other_program",
        )


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that may say what becomes of a row that is there already, as the database at hand has it."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # long to import, and needless where SQLite is used

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def upsert(
    connection: sa.Connection, table: sa.Table, row: Mapping[str, Any], where: sa.ColumnElement[bool] | None = None
) -> bool:
    """Write a row, over the one with its primary key if there is one and `where` holds for it; False where not."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    written = (
        insert(connection, table).values(**row).on_conflict_do_update(index_elements=keys, set_=changed, where=where)
    )
    return connection.execute(written.returning(*table.primary_key)).first() is not None


def mark(connection: sa.Connection, name: str, value: str, at: int, *, unless_since: int | None = None) -> bool:
    """Write a row of `marks`. With `unless_since`, only where there is none as new as that; False where there is."""
    older = None if unless_since is None else tables.marks.c.at < unless_since
    return upsert(connection, tables.marks, {"name": name, "value": value, "at": at}, older)


def now() -> int:
    """Unix seconds."""
    return int(time.time())


def clock(connection: sa.Connection) -> float:
    """Unix seconds on the one clock that all processes of this database share."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(sa.select(sa.extract("epoch", sa.func.clock_timestamp()))).scalar_one())
    return time.time()


def new_id(prefix: str) -> str:
    """A name that cannot be guessed: `new_id("video")` is "video_" and 32 hexadecimal digits."""
    return f"{prefix.rstrip('_')}_{secrets.token_hex(16)}"


_REPAIR = "Move it away and restore a backup; docs/operations.md says how."


def parsed_url(url: str) -> sa.URL:
    """A database's URL with the driver for it. Raises `UserError` for another kind of database."""
    try:
        parsed = sa.make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as error:
        raise UserError(
            "The URL of the database is invalid.",
            "Write sqlite:///PATH or postgresql://...",
            code="database_url_malformed",
        ) from error
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise UserError(
            f"Databases of the kind {backend!r} are not supported.",
            "Write sqlite:///PATH or postgresql://...",
            code="database_kind_unsupported",
        )
    return parsed.set(drivername="sqlite")


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_transaction, not guessed from statements
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):  # the driver has set busy_timeout
        connection.execute(f"PRAGMA {pragma}").close()


def _bound_idleness(milliseconds: int, connection: Any, _record: object) -> None:
    """Said after connecting, since poolers do not take it as an option of the connection."""
    connection.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")
    connection.commit()


def _ended_by_postgres(context: sa.engine.ExceptionContext) -> Exception | None:
    """A transaction that was ended for doing nothing is a lost connection; the driver calls it an internal error."""
    if getattr(context.original_exception, "sqlstate", None) != POSTGRES_IDLE:
        return None
    context.is_disconnect = True
    return sa.exc.OperationalError(context.statement, None, context.original_exception)


def _begin_transaction(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("yozora_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _read_table_names(path: Path) -> set[str]:
    """The tables of a SQLite file, which is only read. Raises `sqlite3.DatabaseError` where it is damaged."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
        if path.stat().st_size <= CHECKED_BYTES:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(str(verdict).splitlines()[-1])
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@contextmanager
def refusals(url: sa.URL) -> Iterator[None]:
    """What the database itself refuses is for the operator to put right."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        hint = "Check that it runs, that the database exists, and that this user can create tables."
        hint = _REPAIR if url.get_backend_name() == "sqlite" else hint
        shown = url.render_as_string(hide_password=True)
        raise UserError(f"The database {shown} cannot be used: {reason}", hint, code="database_unavailable") from error
