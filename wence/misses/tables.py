"""The tables of missed questions, for whatever database SQLAlchemy speaks to, and the connection to it.

misses       one row for each missed question
reasons      why it was missed, each reason once
forgotten    up to when nothing of a hashed sender may be kept, whatever still waits to be stored
turn_counts  how many turns a day, channel, status and facet had, as each record of turns counts them
turn_sources up to which change each record of turns has been copied
layout       the version of all this

connect(settings)    the engine, with the tables in place; MissStoreError when that is impossible
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from wence.misses.errors import MissStoreError
from wence.settings import Settings

TITLE = "答漏数据库"
VERSION = 1
BUSY_SECONDS = 5.0

_METADATA = sa.MetaData()

misses = sa.Table(
    "misses",
    _METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("asked", sa.Float(53), nullable=False, index=True),
    sa.Column("channel", sa.String(64), nullable=False),
    # Empty where the texts have been removed.
    sa.Column("sender", sa.String(64), nullable=False, index=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("understood", sa.JSON(none_as_null=True)),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("knowledge", sa.String(64), nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True)),
    # Whether it is still open if the citizen leaves.
    sa.Column("waits", sa.Boolean, nullable=False, index=True),
    sa.Column("removed", sa.Boolean, nullable=False),
)
reasons = sa.Table(
    "reasons",
    _METADATA,
    sa.Column("miss", sa.ForeignKey("misses.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("why", sa.String(32), primary_key=True, index=True),
    sa.Column("time", sa.Float(53), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)
forgotten = sa.Table(
    "forgotten",
    _METADATA,
    sa.Column("sender", sa.String(64), primary_key=True),
    sa.Column("until", sa.Float(53), nullable=False),
)
turn_counts = sa.Table(
    "turn_counts",
    _METADATA,
    # The file that counts, by the name it gave itself: each machine has its own.
    sa.Column("source", sa.String(32), primary_key=True),
    # As 2026-11-25, where the policy holds.
    sa.Column("day", sa.String(10), primary_key=True, index=True),
    sa.Column("channel", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(32), primary_key=True),
    sa.Column("facet", sa.String(64), primary_key=True),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("helpful", sa.Integer, nullable=False),
    sa.Column("not_helpful", sa.Integer, nullable=False),
)
turn_sources = sa.Table(
    "turn_sources",
    _METADATA,
    sa.Column("source", sa.String(32), primary_key=True),
    sa.Column("change", sa.Integer, nullable=False),
)
layout = sa.Table("layout", _METADATA, sa.Column("version", sa.Integer, primary_key=True))


def connect(settings: Settings) -> Engine:
    """Open the database of the settings, with its tables; MissStoreError when that is impossible."""
    place = "WENCE_DATABASE" if settings.database else str(settings.misses_file)
    try:
        engine = _engine(settings)
        # In one transaction, because the writer and a command may both find a new file.
        with engine.execution_options(writes=True).begin() as connection:
            _METADATA.create_all(connection)
            found = connection.execute(sa.select(layout.c.version)).scalars().all()
            if not found:
                connection.execute(sa.insert(layout).values(version=VERSION))
    # A driver that is not installed is an ImportError.
    except (OSError, ImportError, ValueError, SQLAlchemyError) as error:
        raise MissStoreError(f"{TITLE} {place} 无法使用（{_told(error)}）。请检查它的权限和设置。") from error
    if found and found != [VERSION]:
        raise MissStoreError(f"{TITLE} {place} 的版本是 {found[0]}，本程序只能使用版本 {VERSION}。")
    if engine.dialect.name == "sqlite" and engine.url.database:
        with contextlib.suppress(OSError):
            pathlib.Path(engine.url.database).chmod(0o600)
    return engine


def _engine(settings: Settings) -> Engine:
    if settings.database:
        url = make_url(settings.database)
    else:
        settings.misses_file.parent.mkdir(parents=True, exist_ok=True)
        url = URL.create("sqlite", database=str(settings.misses_file))
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = sa.create_engine(
        url,
        future=True,
        pool_pre_ping=not is_sqlite,
        hide_parameters=True,  # an error names no word of a citizen
        json_serializer=_json,
        connect_args={"timeout": BUSY_SECONDS} if is_sqlite else {},
    )
    if is_sqlite:
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # else Python's sqlite3 decides by itself where a transaction begins
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # what is stored is on the disk before the spool lets it go
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # Who reads first and writes then is refused where somebody else wrote in between, instead of waiting.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def transaction(engine: Engine, writes: bool = False) -> Iterator[Connection]:
    """Make all changes of the block or none; MissStoreError when the database fails."""
    try:
        with engine.execution_options(writes=writes).begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise MissStoreError(f"{TITLE}读写失败（{_told(error)}）。") from error


def leave_no_trace(engine: Engine) -> None:
    """Have SQLite write what was deleted over, in its log of changes as well."""
    if engine.dialect.name == "sqlite":
        # Outside of any transaction; where a reader is in the way, the next one does it.
        with contextlib.suppress(SQLAlchemyError, sqlite3.Error), engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _told(error: Exception) -> str:
    """The cause in one line; that of an error of the driver, without what SQLAlchemy adds to it."""
    return str(getattr(error, "orig", None) or error).strip().replace("\n", " ")
