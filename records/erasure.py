"""A citizen's data out of the journal: a token in the place of their number, made-up digits in the place of what they
typed, and a word in the place of what services answered about them. Every step stays, with its checksum made anew, so a
replay tells equal facts of everybody else.

It works beside a running line: few rows at a time, each batch holds the writer up for about a millisecond.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from calls import ContractError

from .person import Person
from .state_codec import is_state, replaced
from .steps import Row, connect, intact, pages, state_sum, summed, transaction

BATCH = 200
PAUSE_S = 0.005
ERASED = "erased"
TRIES = 100


@dataclass(frozen=True, slots=True)
class Others:
    """Substitutes for what was typed and answered. ``digits``: of a kind (``DigitsTaken.kind``) so many
    that are right, and nobody's. Values that services answer stay where they are ``kept``: the menus name them."""

    digits: Callable[[str, int], str]
    kept: frozenset[str] = frozenset()


Plain = dict[str, Any]


@dataclass(slots=True)
class Traces:
    """Places of a person in a journal: their calls (callbacks too), their messages on tape, rows with their number."""

    calls: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    rows: int = 0


def traces(path: Path, person: Person) -> Traces:
    """Read the whole journal for a person. Raises ``sqlite3.Error`` where there is none."""
    found = Traces()
    for row in _rows(path):
        if _names(row, person):
            found.rows += 1
            for one in _messages(row):
                if person.pattern.search(json.dumps(one)):
                    found.calls.update(str(one[key]) for key in ("call", "callback") if one.get(key))
    for row in _rows(path) if found.calls else ():
        found.messages.update(
            str(one["file"]) for one in _messages(row) if one["type"] == "MessageLeft" and one["call"] in found.calls
        )
    return found


def steps_of(path: Path, person: Person, calls: Collection[str]) -> Iterator[tuple[float, list[Plain]]]:
    """Give what the journal says of a person: ``now``, and the events and facts that name them or a call of theirs."""
    for row in _rows(path):
        told = [one for one in _messages(row) if _is_about(one, calls) or person.pattern.search(json.dumps(one))]
        if told:
            yield row[2], told


def erase(path: Path, person: Person, calls: Collection[str], token: str, other: Others) -> int:
    """Rewrite the steps that tell of the person or of their ``calls``; how many. Raises ``sqlite3.Error``."""
    eraser = _Eraser(person, frozenset(calls), token, other)
    changed = 0
    with closing(connect(path, "rw")) as db:
        db.execute("PRAGMA secure_delete = ON")
        batch: list[Row] = []
        for row in _rows(path):
            batch += eraser.rewritten(row)
            if len(batch) >= BATCH:
                changed += _store(db, batch)
                batch.clear()
        changed += _store(db, batch + eraser.rest())
        changed += _erase_states(db, person, token)
        with suppress(sqlite3.Error):  # the log still holds the pages of before; where it is busy it starts over soon
            db.execute("PRAGMA busy_timeout = 2000")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed


def _rows(path: Path) -> Iterator[Row]:
    return (row for row in pages(path, 0, 1 << 62) if intact(row))


def _names(row: Row, person: Person) -> bool:
    core = person.core
    found = core in row[4] or (row[3] is not None and core in row[3])
    return found and bool(person.pattern.search(f"{row[3]} {row[4]}"))


def _messages(row: Row) -> list[Plain]:
    """The event and the facts of a step, plain."""
    event = [json.loads(row[3])] if row[3] is not None else []
    return [*event, *json.loads(row[4])]


def _is_about(one: Plain, calls: Collection[str]) -> bool:
    return one.get("call") in calls or one.get("callback") in calls


def _store(db: sqlite3.Connection, rows: list[Row]) -> int:
    for first in range(0, len(rows), BATCH):
        part = [(row[3], row[4], summed(*row[:6])[6], row[0]) for row in rows[first : first + BATCH]]
        _patiently(db, "UPDATE step SET event = ?, facts = ?, sum = ? WHERE seq = ?", part)
        time.sleep(PAUSE_S)
    return len(rows)


def _patiently(db: sqlite3.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    """In one transaction; the writer of a busy line always comes first."""
    for tries in range(TRIES):
        try:
            with transaction(db):
                db.executemany(statement, rows)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or tries == TRIES - 1:
                raise
        time.sleep(PAUSE_S)


def _without(person: Person, token: str, state: bytes) -> bytes:
    """The state with the token in the place of the number. One that no version reads any more keeps its length."""
    if not is_state(state):
        return person.overwritten(state, token)
    try:
        return replaced(state, lambda text: person.overwritten(text.encode(), token).decode()) or state
    except ContractError:
        return person.overwritten(state, token)


def _erase_states(db: sqlite3.Connection, person: Person, token: str) -> int:
    """Rewrite the checkpoints that have the number; how many."""
    changed = []
    for number, seq, now, version, state, meta in db.execute(
        "SELECT id, seq, now, version, state, meta FROM checkpoint"
    ).fetchall():
        fresh = _without(person, token, state)
        if fresh != state:
            changed.append((fresh, state_sum(seq, now, version, fresh, meta), number))
    if changed:
        _patiently(db, "UPDATE checkpoint SET state = ?, sum = ? WHERE id = ?", changed)
    return len(changed)


@dataclass(slots=True)
class _Eraser:
    """Goes through the steps in order. Rows with typed digits wait until it is known what the digits were."""

    person: Person
    calls: frozenset[str]
    token: str
    other: Others
    waiting: dict[str, list[tuple[Row, Plain]]] = field(default_factory=dict)

    def rewritten(self, row: Row) -> list[Row]:
        """The rows that are ready and have changed."""
        if not self._concerns(row):
            return []
        event, facts = (None if row[3] is None else json.loads(row[3])), json.loads(row[4])
        fresh = self._fresh(row, event, facts)
        if event is None or event.get("call") not in self.calls:
            return [*self._ended(facts), *([fresh] if fresh != row else [])]
        if event["type"] == "KeyPressed" and not any(fact["type"] == "KeyTaken" for fact in facts):
            self.waiting.setdefault(event["call"], []).append((fresh, event))
            return self._ended(facts)
        return [*self._ended(facts), *([fresh] if fresh != row else [])]

    def rest(self) -> list[Row]:
        """Give the rows of what was typed and led to nothing."""
        return list(chain.from_iterable(self._typed(call, None) for call in list(self.waiting)))

    def _concerns(self, row: Row) -> bool:
        return _names(row, self.person) or any(call in (row[3] or "") or call in row[4] for call in self.calls)

    def _fresh(self, row: Row, event: Plain | None, facts: list[Plain]) -> Row:
        if event is not None and event["type"] == "LookedUp" and event["call"] in self.calls:
            for pair in event["values"]:
                if pair["value"] not in self.other.kept:
                    pair["value"] = ERASED
        text = None if event is None else self.person.replaced(_text(event), self.token)
        return summed(row[0], row[1], row[2], text, self.person.replaced(row[4], self.token), row[5])

    def _ended(self, facts: list[Plain]) -> list[Row]:
        """Give the rows of calls whose typing ended by these facts, one way or the other."""
        ready: list[Row] = []
        for fact in facts:
            if fact["type"] in ("DigitsTaken", "InputMissed", "NodeEntered", "CallEnded"):
                ready += self._typed(fact.get("call", ""), fact["kind"] if fact["type"] == "DigitsTaken" else None)
        return ready

    def _typed(self, call: str, kind: str | None) -> list[Row]:
        """Other digits for the ones typed: right ones where they were right, zeros where not. ``*`` began anew."""
        rows = self.waiting.pop(call, [])
        keys = "".join(event["key"] for _, event in rows)
        begun = keys.rfind("*") + 1
        places = [n for n, key in enumerate(keys) if key.isdigit() and n >= begun]
        digits = self.other.digits(kind, len(places)) if kind and places else "0" * len(places)
        other = dict(zip(places, digits, strict=False))
        return [
            _with_key(row, event, other.get(n, "0" if key.isdigit() and n < begun else key))
            for n, ((row, event), key) in enumerate(zip(rows, keys, strict=True))
        ]


def _with_key(row: Row, event: Plain, key: str) -> Row:
    return summed(row[0], row[1], row[2], _text({**event, "key": key}), row[4], row[5])


def _text(plain: Plain) -> str:
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":"))
