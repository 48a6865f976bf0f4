"""A private PostgreSQL for the tests marked `services`, and both databases as one fixture."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from records.database import opened
from simulator.sip.ports import free_port

HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str:
    """Debian keeps the server's programs out of PATH."""
    found = next((str(home / name) for home in HOMES if (home / name).exists()), shutil.which(name))
    if found is None:
        pytest.fail(f"no PostgreSQL server here ({name} not found): apt-get install postgresql", pytrace=False)
    return found


@dataclass(frozen=True)
class Postgres:
    """A server of our own in ``home``: a port of its own on the loopback address, data that nobody needs."""

    home: Path
    port: int

    def start(self) -> None:
        options = f"-p {self.port} -k {self.home} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self.home / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def make(self) -> None:
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "line1555", "--no-sync", "-E", "UTF8")

    def url(self, name: str = "postgres") -> str:
        return f"postgresql+psycopg://line1555@127.0.0.1:{self.port}/{name}"

    def new_database(self, name: str) -> str:
        with opened(self.url()) as engine, engine.connect() as db:
            db.execution_options(isolation_level="AUTOCOMMIT").execute(text(f"CREATE DATABASE {name}"))
        return self.url(name)

    @property
    def _data(self) -> str:
        return str(self.home / "data")

    def _run(self, name: str, *arguments: str) -> None:
        # initdb and the server refuse to be root.
        user = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
        done = subprocess.run([*user, program(name), *arguments], cwd=self.home, capture_output=True, text=True)
        if done.returncode:
            pytest.fail(f"{name}: {done.stdout}{done.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the session; a test that stops it starts it again."""
    # Unix socket paths are short, and the user postgres cannot look into root's own temporary folders.
    home = Path(tempfile.mkdtemp(prefix="pg1555"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    server = Postgres(home, free_port())
    try:
        server.make()
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


NewDatabase = Callable[[], str]
_numbers = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Makes an empty database and gives its URL; a test that asks for it runs on both."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/reports{next(_numbers)}.db"
    server: Postgres = request.getfixturevalue("postgres")
    return lambda: server.new_database(f"reports{next(_numbers)}")


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database()
