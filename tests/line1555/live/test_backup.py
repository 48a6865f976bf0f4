"""Backups: databases that are being written, what is left out, what is refused, and nothing half done."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import tarfile
from pathlib import Path

import pytest

from line1555.live.backup import BackupError, back_up, restore


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    for folder in ("versions/1", "messages/box", "sounds", "log", "etc"):
        (run / folder).mkdir(parents=True)
    (run / "versions/1/line.yaml").write_text("x")
    (run / "messages/box/m.wav").write_text("sound")
    (run / "secrets.json").write_text("{}")
    (run / "sounds/big.wav").write_text("said again")
    with contextlib.closing(sqlite3.connect(run / "journal.db")) as db:
        db.executescript("pragma journal_mode=wal; create table step (n integer); insert into step values (1), (2);")
    return run


def test_a_database_is_whole_though_somebody_writes(run: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(run / "journal.db", isolation_level=None)) as writer:
        writer.execute("insert into step values (3)")  # in the WAL only: a copied file would lack it
        writer.execute("begin immediate")
        writer.execute("insert into step values (4)")
        back_up(run, tmp_path / "b.tar.gz")
        writer.execute("rollback")
    restore(tmp_path / "b.tar.gz", tmp_path / "again")
    with contextlib.closing(sqlite3.connect(tmp_path / "again/journal.db")) as db:
        assert db.execute("select n from step").fetchall() == [(1,), (2,), (3,)]


def test_what_cannot_be_made_again_is_in_it_and_nothing_else(run: Path, tmp_path: Path) -> None:
    back_up(run, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", tmp_path / "again")
    found = {str(path.relative_to(tmp_path / "again")) for path in (tmp_path / "again").rglob("*") if path.is_file()}
    assert found == {"journal.db", "secrets.json", "versions/1/line.yaml", "messages/box/m.wav"}
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600


def test_a_failed_backup_leaves_the_last_one(run: Path, tmp_path: Path) -> None:
    back_up(run, tmp_path / "b.tar.gz")
    before = (tmp_path / "b.tar.gz").read_bytes()
    (run / "journal.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(BackupError, match="was not written"):
        back_up(run, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_bytes() == before and not list(tmp_path.glob("*.new"))


def test_what_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="no run directory"):
        back_up(tmp_path / "nowhere", tmp_path / "b.tar.gz")
    back_up(run, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "b.tar.gz", run)
    (tmp_path / "damaged").write_bytes((tmp_path / "b.tar.gz").read_bytes()[:200])
    with pytest.raises(BackupError, match="not restored"):
        restore(tmp_path / "damaged", tmp_path / "again")


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_hostile_file_writes_nothing_outside(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("journal.db"), io.BytesIO())
        outside = tarfile.TarInfo("../outside" if kind in (tarfile.REGTYPE, tarfile.DIRTYPE) else "inside")
        outside.type, outside.linkname = kind, "journal.db"
        archive.addfile(outside)
    with pytest.raises(BackupError, match="not restored"):
        restore(tmp_path / "evil.tar.gz", tmp_path / "again")
    assert not (tmp_path / "outside").exists() and not (tmp_path / "again").exists()
