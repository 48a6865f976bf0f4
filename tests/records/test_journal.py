"""The journal: what returned is kept, what cannot be kept is bounded and told, nothing raises into the call path."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import CallId
from calls.events import CallArrived, Event, KeyPressed
from calls.facts import CallStarted, Fact, KeyTaken
from records import Gap, Health, Journal, JournalError, Reader
from records import journal as journal_module
from records.upkeep import checkpoint_wal, wal_bytes

CALL = CallId("n1-1.1")
ARRIVED = CallArrived(CALL, "6941234567", "1555")
STARTED = CallStarted(CALL, "6941234567", "1555")


def key(n: int) -> tuple[Event, list[Fact]]:
    return KeyPressed(CALL, str(n)), [KeyTaken(CALL, "topic", str(n), "x" * 400)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "steps.db"


@pytest.fixture
def told() -> list[Health]:
    return []


@pytest.fixture
def journal(path: Path, told: list[Health]) -> Iterator[Journal]:
    with Journal(path, node="n1", wall=lambda: 1000.0, buffer_rows=50, on_trouble=told.append) as journal:
        yield journal


def fill(journal: Journal, pages: int = 0) -> None:
    """No room for more than ``pages`` further pages of the file."""
    db = database(journal)
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + pages}")


def make_room(journal: Journal) -> None:
    database(journal).execute("PRAGMA max_page_count = 1000000")


def database(journal: Journal) -> sqlite3.Connection:
    return cast(sqlite3.Connection, journal._db)


def append_until_trouble(journal: Journal, now: float = 1.0) -> int:
    """Appends steps at ``now``; how many were written before the disk was full."""
    before = journal.last_seq
    while journal.health.ok:
        journal.append(now, *key(1))
    return journal.last_seq - before


def test_a_step_is_read_back(journal: Journal, path: Path) -> None:
    journal.append(0.5, ARRIVED, [STARTED])
    journal.append(1.0, None, [])
    with Reader(path) as reader:
        first, second = reader.read()
        assert reader.meta.anchor == 1000.0 and reader.meta.node == "n1"
        assert reader.last() == (2, 1.0)
        assert [s.seq for s in reader.read(1, 5)] == [2]
    assert (first.seq, first.now, first.event, first.facts) == (1, 0.5, ARRIVED, (STARTED,))
    assert (second.seq, second.now, second.event, second.facts) == (2, 1.0, None, ())


def test_only_the_owner_may_read_it(journal: Journal, path: Path) -> None:
    journal.append(0.5, ARRIVED, [STARTED])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in path.parent.glob("steps.db*") if f.suffix != ".lock"} == {0o600}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=5))
def test_hostile_text_is_kept_as_it_came(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("j") / "steps.db"
    with Journal(path) as journal, Reader(path) as reader:
        for text in [*texts, "\ud800", "\0'; DROP TABLE step; --"]:
            journal.append(0.0, CallArrived(CALL, text, text), [])
            assert journal.health.ok
        assert [cast(CallArrived, s.event).ani for s in reader.read()][: len(texts)] == texts


def test_anchor_and_numbers_go_on_after_a_restart(path: Path) -> None:
    with Journal(path, wall=lambda: 1000.0) as journal:
        journal.append(5.0, ARRIVED, [STARTED])
        assert (journal.anchor, journal.run) == (1000.0, 1)
    with Journal(path, wall=lambda: 2000.0) as journal:
        assert (journal.anchor, journal.run, journal.last_seq) == (1000.0, 2, 1)
        journal.append(1001.0, None, [])
    with Reader(path) as reader:
        assert [(s.seq, s.run) for s in reader.read()] == [(1, 1), (2, 2)]


def test_a_second_engine_is_refused(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalError, match="in use"):
        Journal(path)
    journal.append(1.0, None, [])
    assert journal.health.ok


def test_a_newer_format_is_refused(path: Path) -> None:
    Journal(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer"):
        Journal(path)


def test_restore_gives_the_newest_checkpoint_and_what_came_after(journal: Journal) -> None:
    for n in range(9):
        journal.append(float(n), *key(n))
        if n % 2 == 0:
            assert journal.checkpoint(float(n), b"state %d" % n, "v1")
    journal.append(9.0, None, [])
    newest, older = journal.restore(), journal.restore(skip=1)
    assert (newest.checkpoint, newest.checkpoint_version, newest.last_now) == (b"state 8", "v1", 9.0)
    assert newest.complete and list(newest.steps) == [(9.0, None, ())]
    assert older.checkpoint == b"state 6" and [s[0] for s in older.steps] == [7.0, 8.0, 9.0]
    assert journal.restore(skip=2).checkpoint is None


def test_restore_of_nothing_is_empty_and_complete(journal: Journal) -> None:
    empty = journal.restore()
    assert empty.checkpoint is None and empty.complete and list(empty.steps) == [] and empty.anchor == 1000.0


def test_a_full_disk_is_told_once_and_the_steps_wait(journal: Journal, told: list[Health], path: Path) -> None:
    fill(journal, 2)
    written = append_until_trouble(journal)
    for n in range(10):
        journal.append(1.5, *key(n))
    assert [(h.ok, h.since) for h in told] == [(False, 1.0)] and "full" in told[0].reason
    assert journal.health.buffered == 11 and journal.checkpoint(1.6, b"", "v") is False
    make_room(journal)
    journal.append(1.9, None, [])
    assert not journal.health.ok, "the disk is left alone for a second"
    journal.append(2.0, None, [])
    assert journal.health == Health(True, None, "", 0, 0) and [h.ok for h in told] == [False, True]
    with Reader(path) as reader:
        steps = reader.read()
    assert [s.seq for s in steps] == list(range(1, written + 14)) and not any(s.gap for s in steps)


def test_what_does_not_fit_is_dropped_counted_and_marked(journal: Journal, path: Path) -> None:
    fill(journal)
    written = append_until_trouble(journal)
    for n in range(69):
        journal.append(1.0 + n / 1000, *key(n % 10))
    assert (journal.health.buffered, journal.health.dropped) == (50, 20)
    make_room(journal)
    journal.append(9.0, None, [])
    with Reader(path) as reader:
        steps = reader.read()
    assert len(steps) == written + 1 + 50
    assert steps[written].gap == Gap(21, 1.0, 1.0 + 19 / 1000)
    assert not journal.restore().complete
    assert journal.health.ok and journal.health.dropped == 21


def test_a_long_backlog_is_written_in_parts(path: Path) -> None:
    with Journal(path, buffer_rows=2000) as journal:
        fill(journal)
        written = append_until_trouble(journal)
        for _ in range(1300):
            journal.append(1.5, None, [])
        make_room(journal)
        sizes = []
        for n in range(4):
            journal.append(3.0 + n, None, [])
            sizes.append(journal.health.buffered)
        assert sizes == [802, 303, 0, 0] and journal.last_seq == written + 1305


def test_a_read_only_connection_is_survived(journal: Journal, told: list[Health]) -> None:
    database(journal).execute("PRAGMA query_only = ON")
    journal.append(1.0, None, [])
    journal.append(2.1, None, [])
    journal.append(3.2, None, [])
    assert journal.health.ok and journal.last_seq == 3 and len(told) == 2


def test_a_lock_held_by_somebody_passes(journal: Journal, path: Path, told: list[Health]) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(1.0, None, [])
    assert journal.health.buffered == 1 and journal.health.ok, "no trouble yet"
    other.execute("COMMIT")
    other.close()
    journal.append(1.1, None, [])
    assert journal.health.ok and journal.last_seq == 2 and not told


def test_a_long_lock_is_told_and_nobody_waits_for_it(journal: Journal, path: Path, told: list[Health]) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.perf_counter()
    for n in range(40):
        journal.append(n / 2, None, [])
        journal.checkpoint(n / 2, b"state", "v")
    assert time.perf_counter() - began < 1.0, "each step waited for the lock"
    assert [(h.ok, h.since) for h in told] == [(False, 0.0)] and journal.health.buffered == 40
    other.execute("COMMIT")
    other.close()
    journal.retry(20.0)
    assert [h.ok for h in told] == [False, True] and journal.last_seq == 40 and journal.restore().complete


def test_what_waits_is_bounded_in_bytes_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "BUFFER_BYTES", 10_000)
    with Journal(path, wall=lambda: 1000.0) as journal:
        fill(journal)
        written = append_until_trouble(journal)
        for n in range(100):
            journal.append(2.0 + n, *key(1))
        assert 5 < journal.health.buffered < 25 and journal.health.buffered + journal.health.dropped == 101
        make_room(journal)
        journal.retry(500.0)
        assert journal.health.ok and journal.wants_checkpoint, "no replay should cross the gap"
        assert journal.last_seq == written + 101 - journal.health.dropped + 1


def test_what_is_no_message_is_a_gap(journal: Journal, path: Path, told: list[Health]) -> None:
    journal.append(1.0, cast(Any, object()), [])
    journal.append(2.0, None, [])
    with Reader(path) as reader:
        assert [(s.now, s.gap) for s in reader.read()] == [(1.0, Gap(1, 1.0, 1.0)), (2.0, None)]
    assert [h.ok for h in told] == [False, True]


def test_the_operators_callback_may_fail(path: Path) -> None:
    def broken(_: Health) -> None:
        raise RuntimeError

    with Journal(path, on_trouble=broken) as journal:
        fill(journal)
        append_until_trouble(journal)
        assert not journal.health.ok


def test_a_file_that_cannot_be_opened_yet(tmp_path: Path) -> None:
    path = tmp_path / "steps.db"
    with Journal(path, wall=lambda: 1000.0) as journal:
        journal.append(10.0, None, [])
    hidden = path.rename(tmp_path / "hidden.db")
    path.mkdir()
    with Journal(path, wall=lambda: 1500.0) as journal:
        assert not journal.health.ok and not journal.restore().complete
        journal.append(0.5, None, [])
        path.rmdir()
        hidden.rename(path)
        journal.append(2.0, None, [])
        assert journal.health.ok
    with Reader(path) as reader:
        assert [(s.seq, s.run, s.now) for s in reader.read()] == [(1, 1, 10.0), (2, 2, 500.5), (3, 2, 502.0)]


def test_a_damaged_file_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 500)
    with Journal(path) as journal:
        journal.append(1.0, None, [])
        assert journal.health.ok and journal.last_seq == 2, "the first row tells of the damage"
        assert journal.moved_aside is not None and journal.moved_aside.read_bytes().startswith(b"this is")


def test_prune_keeps_what_the_tailer_and_a_restart_need(journal: Journal, path: Path) -> None:
    day = 86_400.0
    for n in range(1000):
        journal.append(n / 10 * day, None, [])
        if n in (500, 900):
            journal.checkpoint(n / 10 * day, b"", "v")
    assert journal.prune(before_seq=300) == 300, "not consumed yet"
    assert journal.prune(before_seq=1000) == 201, "the older checkpoint needs the rest"
    assert journal.restore(skip=1).complete and not journal.restore(skip=2).complete
    journal.checkpoint(99.9 * day, b"", "v")
    assert journal.prune(before_seq=1000) == 900 - 501 - 41, "younger than 14 days"
    assert journal.prune(before_seq=1000) == 0


def test_the_wal_is_brought_in_and_starts_over(journal: Journal, path: Path) -> None:
    for _ in range(200):
        journal.append(1.0, *key(1))
    size = wal_bytes(path)
    assert size > 200 * 4096 and checkpoint_wal(path, threshold=size + 1) is False
    assert checkpoint_wal(path, threshold=size) is True
    with Reader(path) as reader:
        # Paid for here: the writer finds a WAL that has begun anew.
        assert reader._db.execute("SELECT value FROM meta WHERE key = 'wal'").fetchone() == ("1",)
    for _ in range(100):
        journal.append(1.0, *key(1))
    assert wal_bytes(path) == size
