"""The desk's tables, in the database of missed questions, and the way to it.

users       who has an account
links       one-time links, by their hash: the first set-up, and passwords to be set
sessions    who is signed in, by the hash of the cookie
attempts    log-ins that failed, or are being checked
audit       who did what, when; the database itself refuses to change or delete a row

METADATA            every table of the desk; a part that has its own declares them with this
open_database(settings)   the engine, with all tables in place; MissStoreError when that is impossible
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from wence.misses import tables as misses_tables
from wence.settings import Settings

METADATA = sa.MetaData()

users = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    # The name as it is compared: case and width aside.
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    # Empty until a password has been set.
    sa.Column("password", sa.String(256), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("seen", sa.Float(53)),
)
links = sa.Table(
    "links",
    METADATA,
    sa.Column("hash", sa.String(64), primary_key=True),
    # Nobody yet: the link that makes the first admin.
    sa.Column("user", sa.ForeignKey("users.id", ondelete="CASCADE"), unique=True),
    sa.Column("until", sa.Float(53), nullable=False),
)
sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53), nullable=False, index=True),
    # What is to be said on the next page.
    sa.Column("notices", sa.JSON, nullable=False),
)
attempts = sa.Table(
    "attempts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.Float(53), nullable=False, index=True),
    sa.Column("address", sa.String(64), nullable=False, index=True),
    # A hash: people type their password where the name belongs.
    sa.Column("name", sa.String(64), nullable=False, index=True),
)
audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.Float(53), nullable=False, index=True),
    # The name as it was then.
    sa.Column("who", sa.String(64), nullable=False, index=True),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
    sqlite_autoincrement=True,
)

_REFUSE_SQLITE = """
CREATE TRIGGER audit_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'audit can only be added to'); END
"""
_REFUSE_POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''audit can only be added to''; END'
""",
    """
CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()
""",
)
for _verb in ("UPDATE", "DELETE"):
    _trigger = sa.DDL(_REFUSE_SQLITE.format(verb=_verb)).execute_if(dialect="sqlite")
    sa.event.listen(audit, "after_create", _trigger)
for _statement in _REFUSE_POSTGRESQL:
    sa.event.listen(audit, "after_create", sa.DDL(_statement).execute_if(dialect="postgresql"))


def open_database(settings: Settings) -> Engine:
    """Open the database of the settings with the desk's tables; MissStoreError when that is impossible."""
    engine = misses_tables.connect(settings)
    with misses_tables.transaction(engine, writes=True) as connection:
        METADATA.create_all(connection)
    return engine
