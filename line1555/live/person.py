"""One citizen in everything that a line keeps: out of it as files, or away.

Journal (checkpoints too), reporting database, messages, Asterisk's and our own logs. With the line up it does its own
part (``erasing.py``); with the line down the journal's lock is held meanwhile, so that none starts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

from sqlalchemy.exc import DBAPIError

from calls import events as e
from calls import facts as f
from calls import mask
from control import status
from control.refusals import NotDone, done
from ivr.digits import LENGTHS, DigitsKind, example
from records import Journal, JournalError, Reader
from records.damage import aside, remove_aside
from records.database import opened
from records.erasure import Others, Traces, erase, steps_of, traces
from records.numbers import calls_of, erase_person
from records.person import Person, new_token
from records.queries import Reports
from records.tailer import Tailer
from sites import Site

from . import audit, erasing, promised
from .accounts import Accounts

RECORDS_WITHIN_S = 60.0
TABLES_WITHIN_S = 5.0
"""Seconds after which tables that cannot be read are a failure, not a line that is still starting."""
MESSAGES, LOG, JOURNAL = "messages", "log", "journal.db"
MOST_LOG_BYTES = 1 << 30


class ErasureRefused(Exception):
    """Nothing, or not everything, could be done; the text says why and how to go on."""


@dataclass(slots=True)
class Done:
    """Counts of all that was changed: steps of the journal, rows of the database, files of messages and logs."""

    token: str
    calls: int = 0
    steps: int = 0
    rows: int = 0
    messages: int = 0
    logs: int = 0
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PersonStores:
    """Places in which a line keeps what it keeps."""

    run: Path
    url: str
    site: Site

    @classmethod
    def of(cls, site: Site, run: Path) -> PersonStores:
        """Find a line's stores; its records are SQLite in ``run`` unless the site names another database."""
        return cls(run, site.settings.records.url or f"sqlite:///{(run / 'records.db').resolve()}", site)

    @property
    def journal(self) -> Path:
        return self.run / JOURNAL

    def traces(self, person: Person) -> Traces:
        """In the journal, and the calls that only the database knows by now. Raises ``sqlite3.Error``, SQLAlchemy's."""
        found = traces(self.journal, person) if self.journal.exists() else Traces()
        with opened(self.url) as engine:
            found.calls.update(calls_of(engine, person))
        return found

    def message_files(self, found: Traces) -> Iterator[Path]:
        """Yield the files of the messages that were found; never one outside the folder of messages."""
        folder = (self.run / MESSAGES).resolve()
        for name in sorted(found.messages):
            for file in folder.glob(f"{name}*") if not name.startswith("/") else ():
                if file.is_file() and file.resolve().is_relative_to(folder):
                    yield file


def export(place: PersonStores, person: Person, folder: Path) -> dict[str, int]:
    """Everything that is kept of the person into ``folder`` (made, 0700): ``person.json`` and the messages they left.

    Raises ``ErasureRefused`` where the folder holds something already; ``sqlite3.Error``, ``SQLAlchemyError``,
    ``OSError``.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ErasureRefused(f"{folder} holds something already: give another --to")
    audit.note(place.run, "person export", mask(person.core))
    found = place.traces(person)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    files = list(place.message_files(found))
    for file in files:
        shutil.copyfile(file, folder / file.name, follow_symlinks=False)
        (folder / file.name).chmod(0o600)
    kept = {
        "number": person.core,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "calls": _journeys(place, found),
        "journal": _steps(place, person, found),
        "messages": [file.name for file in files],
    }
    handle = os.open(folder / "person.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(kept, out, ensure_ascii=False, indent=1, default=str)
    return {"calls": len(found.calls), "steps": len(kept["journal"]), "messages": len(files)}


def _journeys(place: PersonStores, found: Traces) -> list[dict[str, Any]]:
    with Reports(place.url, zone=place.site.settings.zone) as reports:
        asked = (reports.journey(call) for call in sorted(found.calls))
        return [journey for journey in asked if journey is not None]


def _steps(place: PersonStores, person: Person, found: Traces) -> list[dict[str, Any]]:
    if not place.journal.exists():
        return []
    with Reader(place.journal) as reader:
        clock = reader.clock()
    return [
        {"at": clock.local(now, UTC).isoformat(), "told": told}
        for now, told in steps_of(place.journal, person, found.calls)
    ]


def forget(place: PersonStores, person: Person, by: str) -> Done:
    """A token in the place of the person's number everywhere; their messages are removed. May be repeated.

    Raises ``ErasureRefused`` while they are on the line, or where a part of the line is away; ``sqlite3.Error``,
    ``SQLAlchemyError``, ``OSError``.
    """
    done = Done(new_token(person.core))
    audit.note(place.run, "person erase", done.token, by)
    with ExitStack() as stack:
        _refuse_unended(place, person)
        is_up = _tell_line(place, person, done.token, by, stack)
        # Before the journal: what the line may still read from Asterisk's account goes into it.
        done.logs = _erase_logs(place.run, person, done.token)
        if is_up:
            _wait_for_records(place)
        found = place.traces(person)
        done.calls = len(found.calls)
        if place.journal.exists():
            done.steps = erase(place.journal, person, found.calls, done.token, _others(place.site))
        for file in aside(place.journal):  # what is damaged cannot be rewritten
            remove_aside(file)
            done.removed.append(file.name)
        with opened(place.url) as engine:
            done.rows = erase_person(engine, person, done.token)
        for file in list(place.message_files(found)):
            file.unlink()
            done.messages += 1
    return done


def _refuse_unended(place: PersonStores, person: Person) -> None:
    """The row of such a call's end would bring the number back. A line that runs accounts for all others."""
    if not place.journal.exists():
        return
    with Reader(place.journal) as reader:
        node = reader.meta.node
    accounts = Accounts(place.run, node, lambda: frozenset(place.site.line.agents))
    if calls := accounts.unended(person):
        again = "try again when the call is over, or, where Asterisk died with it, after the line was up for a minute"
        raise ErasureRefused(f"Asterisk alone has this number on the line: {', '.join(calls)}; {again}")


def _tell_line(place: PersonStores, person: Person, token: str, by: str, stack: ExitStack) -> bool:
    """Make the running line forget; where none runs, hold its journal for so long. Whether one runs."""
    event = e.PersonErased(person.spellings, token, by)
    order = {"order": erasing.ORDER, "numbers": list(person.spellings), "token": token, "by": by}
    try:
        done(status.ask(place.run, order))
    except status.Silent as error:
        raise ErasureRefused(str(error)) from error
    except status.NotRunning:
        _tell_journal(place, person, event, stack)
        return False
    except NotDone as refused:
        raise ErasureRefused(str(refused)) from refused
    return True


def _tell_journal(place: PersonStores, person: Person, event: e.PersonErased, stack: ExitStack) -> None:
    if not place.journal.exists():
        return
    try:
        journal = stack.enter_context(Journal(place.journal))
    except JournalError as error:
        raise ErasureRefused(f"{error}, which does not answer: try again, or stop it") from error
    found = promised.outstanding([place.journal])
    if any(person.pattern.fullmatch(promise.number) for promise in found):
        raise ErasureRefused(
            "this number is promised a callback: start the line and withdraw it, or let it be called first"
        )
    journal.append(journal.restore().last_now, event, [f.Erased(event.token, event.by)])
    if not journal.health.ok:
        raise ErasureRefused(f"the journal cannot be written ({journal.health.reason}): nothing was erased")
    tailer = Tailer(place.journal, place.url)
    try:
        tailer.sync_once()
    finally:
        tailer.stop()


def _wait_for_records(place: PersonStores) -> None:
    """Wait until the tables have all steps of now: what the tailer carries over later would bring the number back."""
    begun = time.monotonic()
    with Reader(place.journal) as reader:
        seq, _ = reader.last()
    while True:
        try:
            if _carried(place, seq):
                return
        except DBAPIError:  # a line that has just started makes the tables
            if time.monotonic() > begun + TABLES_WITHIN_S:
                raise
        if time.monotonic() > begun + RECORDS_WITHIN_S:
            raise ErasureRefused(
                "the reporting database is behind the journal (`line1555 status`): try again when it is not"
            )
        time.sleep(0.2)


def _carried(place: PersonStores, seq: int) -> bool:
    """Whether the tables have this step of the journal, and so all before it."""
    with Reader(place.journal) as reader, Reports(place.url, zone=place.site.settings.zone) as reports:
        name = reader.meta.journal
        return any(row["journal"] == name and row["seq"] >= seq for row in reports.progress())


def _others(site: Site) -> Others:
    """Right numbers that are nobody's, and the words that the menus compare answers with."""

    def digits(kind: str, length: int) -> str:
        fixed = LENGTHS.get(DigitsKind(kind))
        return example(DigitsKind(kind), fixed) if fixed is not None else "1" * length

    return Others(digits, frozenset(re.findall(r"'([^']*)'", repr(site.line.menus))))


def _erase_logs(run: Path, person: Person, token: str) -> int:
    """Overwrite the number in all logs; how many had it. One that is renamed meanwhile is found by its new name."""
    seen: set[int] = set()
    changed = 0
    while fresh := [file for file, inode in _logs(run) if inode not in seen]:
        for file in fresh:
            with suppress(FileNotFoundError), file.open("r+b") as handle:
                seen.add(os.fstat(handle.fileno()).st_ino)
                changed += _overwrite(handle, file, person, token)
    return changed


def _logs(run: Path) -> Iterator[tuple[Path, int]]:
    """Each file of the logs and its inode."""
    for file in sorted((run / LOG).rglob("*")):
        with suppress(FileNotFoundError):
            told = file.lstat()
            if S_ISREG(told.st_mode):
                yield file, told.st_ino


def _overwrite(handle: BinaryIO, file: Path, person: Person, token: str) -> bool:
    """In place, byte for byte: whoever writes the file goes on writing at its end."""
    if os.fstat(handle.fileno()).st_size > MOST_LOG_BYTES:
        raise ErasureRefused(f"{file} is too large to be searched: rotate it, then try again")
    before = handle.read()
    after = person.overwritten(before, token)
    if after == before:
        return False
    for found in person.bytes_pattern.finditer(before):
        handle.seek(found.start())
        handle.write(after[found.start() : found.end()])
    return True


Errors = (sqlite3.Error, OSError)
