"""A copy of a run directory that was taken while the line ran, and a run directory made from one.

Databases are copied by SQLite's own backup, so each is whole as of one moment; files that are replaced by renaming are
whole anyway. Sounds, logs, sockets and what is rendered for Asterisk are left out: a start makes them again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

DATABASES = ("journal.db", "records.db", "var/astdb.sqlite3")
FILES = ("secrets.json",)
FOLDERS = ("versions", "messages")
WAIT_S = 30.0


class BackupError(Exception):
    """The backup was not made or not restored; the text says why, and nothing is half done."""


def back_up(run_dir: Path, target: Path) -> list[str]:
    """Writes ``target`` (a .tar.gz for its owner alone) by one rename; returns the names in it. Raises ``BackupError``.

    The records come first: what they lack, the journal has.
    """
    if not (run_dir / "journal.db").exists():
        raise BackupError(f"{run_dir} is no run directory: it has no journal.db")
    fresh = target.with_name(target.name + ".new")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
                for name, path in _parts(run_dir, Path(folder)):
                    archive.add(path, name)
            with tarfile.open(fresh) as written:
                names = written.getnames()
        fresh.replace(target)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        fresh.unlink(missing_ok=True)
        raise BackupError(f"{target} was not written: {error}") from error
    return names


def _parts(run_dir: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for name in reversed(DATABASES):
        if (run_dir / name).exists():
            copy = folder / name.replace("/", "_")
            _copy_database(run_dir / name, copy)
            yield name, copy
    for name in (*FILES, *FOLDERS):
        if (run_dir / name).exists():
            yield name, run_dir / name


def _copy_database(source: Path, copy: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=WAIT_S)) as read,
        contextlib.closing(sqlite3.connect(copy)) as written,
    ):
        read.backup(written)


def restore(source: Path, run_dir: Path) -> list[str]:
    """Fills a run directory that is new or empty; the names of what is in it. Raises ``BackupError``."""
    if run_dir.exists() and any(run_dir.iterdir()):
        raise BackupError(f"{run_dir} is not empty: move it away first, or choose another --run")
    fresh = run_dir.with_name(run_dir.name + ".restoring")
    try:
        fresh.mkdir(mode=0o700, parents=True)
        with tarfile.open(source) as archive:
            names = archive.getnames()
            if "journal.db" not in names:
                raise BackupError(f"{source} is no backup of a line: it has no journal.db")
            _unpack(archive, fresh.resolve())
        if run_dir.exists():
            run_dir.rmdir()
        fresh.replace(run_dir)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupError(f"{source} was not restored: {error}; what came of it is in {fresh}") from error
    return names


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Files and folders for us alone, no links, no names that lead out of it. Raises TarError.

    Not `extractall`: its filter is not in Python 3.11.2, which Debian 12 has.
    """
    for member in archive:
        path = (folder / member.name).resolve()
        if not path.is_relative_to(folder) or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name!r} is no file of a line")
        (path if member.isdir() else path.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
        packed = archive.extractfile(member)
        if packed is not None:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(packed, file)
            os.utime(path, (member.mtime, member.mtime))
