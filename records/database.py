"""The reporting database: how it is opened, and how its tables come to the newest version.

SQLite (``sqlite:////var/lib/line1555/reports.db``) or PostgreSQL (``postgresql+psycopg://user@host/name``).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from .steps import make_private

if TYPE_CHECKING:
    from alembic.config import Config

SQLITE_BUSY_S = 10.0
# An unreachable server must be noticed soon, also when packets just vanish: the tailer waits in this thread.
POSTGRES = {"connect_timeout": 5, "tcp_user_timeout": 15_000, "application_name": "line1555"}


def open_engine(url: str | URL) -> Engine:
    """An engine for ``url``, not connected yet; dispose of it when done. Raises SQLAlchemy's ``ArgumentError``."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, connect_args=dict(POSTGRES), pool_pre_ping=True, pool_size=2)
    if parsed.database and parsed.database != ":memory:":
        _make_file(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": SQLITE_BUSY_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(path)


def _prepare_sqlite(connection: Any, _: object) -> None:
    """``secure_delete``: what a confidential call erases is overwritten. Transactions are ours, DDL included."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def opened(url: str | URL) -> Iterator[Engine]:
    """An engine that is disposed of at the end."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings without a file: the scripts lie beside this module, wherever it is installed."""
    from alembic.config import Config  # half a second that only an upgrade should pay for

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the connection it works on in module globals: two threads would share one."""


def upgrade(url: str | URL | Engine) -> None:
    """Bring the tables to the newest version; nothing happens where they are. All or nothing.

    Raises SQLAlchemy's ``OperationalError`` where the database is away.
    """
    if not isinstance(url, Engine):
        with opened(url) as engine:
            upgrade(engine)
        return
    from alembic import command

    with _ONE_AT_A_TIME, url.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Two programs that start together must not both make the tables.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1555)")
        command.upgrade(alembic_config(connection), "head")
