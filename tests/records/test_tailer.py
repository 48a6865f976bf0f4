"""From the journal to the tables, on SQLite and on a real PostgreSQL: each step once, whatever happens on the way."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from alembic import command
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from calls import CallId, annotations_of
from calls import facts as f
from records import Journal, TailerLag
from records.database import alembic_config, opened, upgrade
from records.steps import connect
from records.tables import Anomaly, CallRow, Progress
from records.tailer import Tailer

from .conftest import NewDatabase, Postgres
from .stories import ANCHOR, Steps, abandoned, confided, journal_of, merged, served, stored

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
STORY = merged(
    served(), abandoned(start=3.0), confided(start=4.0), served("n1-7", start=200.0), abandoned("n1-8", 205.0)
)


def sync(journal: Path, url: str, batch: int = 500) -> int:
    with closing_tailer(journal, url, batch) as tailer:
        return tailer.sync_once()


def closing_tailer(journal: Path, url: str, batch: int = 500) -> closing[Tailer]:  # type: ignore[type-var]
    tailer = Tailer(journal, url, batch=batch)
    tailer.close = tailer.stop  # type: ignore[attr-defined]
    return closing(tailer)  # type: ignore[type-var]


def rows(url: str) -> dict[str, list[dict[str, object]]]:
    with opened(url) as engine:
        return stored(engine)


def wait_for(what: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_models_and_migrations_agree(url: str) -> None:
    upgrade(url)
    upgrade(url)
    with opened(url) as engine:
        with engine.begin() as db:
            command.check(alembic_config(db))
        with engine.begin() as db:
            command.downgrade(alembic_config(db), "base")
        upgrade(engine)


def test_whatever_the_batches_the_rows_are_equal(new_database: NewDatabase, tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "steps.db", STORY)
    whole, single = new_database(), new_database()
    assert sync(journal, whole) == len(STORY)
    assert sync(journal, single, batch=1) == len(STORY)
    assert rows(whole) == rows(single)
    assert len(rows(whole)["call"]) == 5 and sync(journal, whole) == 0


CALLS = st.sampled_from(["n1-1", "n1-2"])
AGENTS = st.sampled_from(["maria", "nikos"])
WHOLE = st.integers(-(2**31), 2**31 - 1)  # what the column of every store holds


def any_of(kind: type[f.Fact], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[f.Fact]:
    numbers = {name: WHOLE for name, hint in annotations_of(kind).items() if hint is int}
    return st.builds(kind, **numbers | ({"call": CALLS} if "call" in annotations_of(kind) else {}) | fields)


FACTS = st.lists(
    st.one_of(
        *(
            any_of(kind)
            for kind in (
                f.CallStarted, f.NodeEntered, f.KeyTaken, f.InputMissed, f.AttributeSet, f.Queued, f.QueueLeft,
                f.OfferMade, f.OfferEnded, f.Connected, f.Held, f.ConversationEnded, f.HandedOver, f.WrapUpDone,
                f.TransferEnded, f.CallEnded,
            )
        ),
        any_of(f.TransferStarted),
        any_of(f.CallbackPromised, callback=CALLS, call=st.none() | CALLS),
        any_of(f.CallbackMissed, callback=CALLS, attempts=st.integers(0, 1000)),
        any_of(f.AgentChanged, agent=AGENTS, lasted_s=st.floats(0, 1000)),
        any_of(f.CommandLost, subject=CALLS),
    ),
    max_size=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that has the tables."""
    path = tmp_path_factory.mktemp("made") / "reports.db"
    upgrade(f"sqlite:///{path}")
    return path


# A failure is shown as found: each try fills two databases, shrinking would take minutes.
@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(steps=st.lists(FACTS, min_size=1, max_size=12), sizes=st.lists(st.integers(1, 5), min_size=12, max_size=12))
def test_any_facts_in_any_batches(
    made: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[list[f.Fact]], sizes: list[int]
) -> None:
    """Also facts in an order that no call could have: the same rows, and never a step refused."""
    home = tmp_path_factory.mktemp("any")
    for name in ("whole.db", "parts.db"):
        shutil.copy(made, home / name)
    journal = journal_of(home / "steps.db", [(float(n), facts) for n, facts in enumerate(steps)])
    whole, parts = f"sqlite:///{home}/whole.db", f"sqlite:///{home}/parts.db"
    sync(journal, whole)
    with closing_tailer(journal, parts) as tailer:
        for size in sizes:
            tailer._batch_steps = size
            tailer._advance()
    found = rows(whole)
    assert found == rows(parts)
    assert not [odd for odd in found["oddity"] if odd["kind"] == "unreadable"]


def test_nothing_of_a_confidential_call_is_in_the_file(tmp_path: Path) -> None:
    journal, url = journal_of(tmp_path / "steps.db", confided()), f"sqlite:///{tmp_path}/reports.db"
    sync(journal, url, batch=1)
    with sqlite3.connect(tmp_path / "reports.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    kept = (tmp_path / "reports.db").read_bytes()
    assert b"n1-3" in kept and b"6977777777" not in kept and b"sos" not in kept and b"15900" not in kept


def test_hostile_text_reaches_both_databases(url: str, tmp_path: Path) -> None:
    hostile = "\0\ud800'; DROP TABLE call; -- %s {} Ωμέγα " + "x" * 5000
    call = CallId(hostile)
    steps: Steps = [(0.0, [f.CallStarted(call, hostile, hostile), f.NodeEntered(call, hostile)]), *served()]
    sync(journal_of(tmp_path / "steps.db", steps), url)
    found = rows(url)
    assert len(found["call"]) == 2 and not found["oddity"]


def test_a_step_that_cannot_be_entered_is_noted_and_passed_over(url: str, tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "steps.db", [*served(), (1e300, [f.LinkChanged(True, "")]), *abandoned()])
    with closing(connect(journal, "rw")) as db:
        db.execute('UPDATE step SET facts = \'[{"type": "Foreign", "ani": "694"}]\' WHERE seq = 2')
    assert sync(journal, url) == len(served()) + 1 + len(abandoned())
    odd = rows(url)["oddity"]
    assert [(o["kind"], o["detail"]) for o in odd] == [("unreadable", "ContractError"), ("unreadable", "OverflowError")]
    assert len(rows(url)["call"]) == 2


def test_missing_steps_are_noted(url: str, tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "steps.db", served())
    with closing(connect(journal, "rw")) as db:
        db.execute("DELETE FROM step WHERE seq <= 3")
    sync(journal, url)
    assert [str(o["detail"])[:12] for o in rows(url)["oddity"]] == ["3 steps lost"]


def test_a_failed_commit_leaves_no_trace(url: str, tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "steps.db", STORY)
    with closing_tailer(journal, url, batch=4) as tailer:
        tailer._advance()
        before = rows(url)

        def refuse(_: object) -> None:
            raise OperationalError("COMMIT", {}, Exception("gone"))

        event.listen(tailer._engine, "commit", refuse)
        with pytest.raises(OperationalError):
            tailer.sync_once()
        assert rows(url) == before
        event.remove(tailer._engine, "commit", refuse)
        assert tailer.sync_once() == len(STORY) - 4
    assert len(rows(url)["call"]) == 5


KILLED = "import sys; from records.tailer import Tailer; Tailer(sys.argv[1], sys.argv[2], batch=1).sync_once()"


@pytest.mark.services  # not for SQLite's sake: starting a process is too slow for the unit part
def test_killed_in_the_middle_each_step_counts_once(new_database: NewDatabase, tmp_path: Path) -> None:
    steps = merged(*(served(f"n1-{n}", n * 100.0) for n in range(60)))
    journal, url, whole = journal_of(tmp_path / "steps.db", steps), new_database(), new_database()
    upgrade(url)
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(journal), url], cwd=ROOT)
    with opened(url) as engine, Session(engine) as session:
        while (session.scalar(select(Progress.seq)) or 0) < 50:
            session.rollback()
            time.sleep(0.005)
    process.kill()
    process.wait()
    assert 0 < sync(journal, url) < len(steps)
    sync(journal, whole)
    assert rows(url) == rows(whole)


def test_it_follows_in_its_own_thread(url: str, tmp_path: Path) -> None:
    path = tmp_path / "steps.db"
    tailer = Tailer(path, url, poll_s=0.02, backoff_s=(0.02, 0.1))
    tailer.start()
    try:
        wait_for(lambda: "unable to open" in tailer.problem)
        with Journal(path, wall=lambda: ANCHOR) as journal:
            for now, facts in STORY:
                journal.append(now, None, facts)
            wait_for(lambda: tailer.reached == len(STORY))
            wait_for(lambda: tailer.problem == "")
            assert tailer.lag() == TailerLag(0, 0.0)
    finally:
        tailer.stop()
    assert len(rows(url)["call"]) == 5


def test_lag_in_steps_and_seconds(tmp_path: Path) -> None:
    with closing_tailer(tmp_path / "steps.db", f"sqlite:///{tmp_path}/r.db") as tailer:
        assert tailer.lag() == TailerLag(0, 0.0)
        with Journal(tmp_path / "steps.db") as journal:
            journal.append(1.0, None, [])
            tailer.sync_once()
            for n in range(5):
                journal.append(10.0 + n, None, [])
            assert tailer.lag() == TailerLag(5, 4.0)


def test_a_new_journal_begins_anew(url: str, tmp_path: Path) -> None:
    sync(journal_of(tmp_path / "one.db", served()), url)
    sync(journal_of(tmp_path / "two.db", abandoned()), url)
    with opened(url) as engine, Session(engine) as session:
        assert sorted(session.scalars(select(Progress.seq))) == [len(abandoned()), len(served())]
        assert len(session.scalars(select(CallRow)).all()) == 2 and not session.scalars(select(Anomaly)).all()


@pytest.mark.services
def test_the_server_goes_away_and_comes_back(postgres: Postgres, tmp_path: Path) -> None:
    url, path = postgres.new_database("away"), tmp_path / "steps.db"
    tailer = Tailer(path, url, poll_s=0.02, backoff_s=(0.02, 0.2), batch=3)
    with Journal(path, wall=lambda: ANCHOR) as journal:
        tailer.start()
        try:
            for now, facts in STORY[:10]:
                journal.append(now, None, facts)
            wait_for(lambda: tailer.lag().steps == 0)
            postgres.stop()
            for now, facts in STORY[10:]:
                journal.append(now, None, facts)
            wait_for(lambda: "OperationalError" in tailer.problem)
            assert tailer.lag().steps == len(STORY) - 10 and journal.health.ok
            postgres.start()
            wait_for(lambda: tailer.lag().steps == 0)
            wait_for(lambda: tailer.problem == "")
        finally:
            tailer.stop()
    assert len(cast(list[object], rows(url)["call"])) == 5


@pytest.mark.services
def test_two_tailers_do_not_count_twice(postgres: Postgres, tmp_path: Path) -> None:
    url, journal = postgres.new_database("two"), journal_of(tmp_path / "steps.db", STORY)
    tailers = [Tailer(journal, url, poll_s=0.02, batch=2) for _ in range(2)]
    for tailer in tailers:
        tailer.start()
    try:
        wait_for(lambda: all(t.reached == len(STORY) for t in tailers))
    finally:
        for tailer in tailers:
            tailer.stop()
    other = postgres.new_database("one")
    sync(journal, other)
    assert rows(url) == rows(other)
    with opened(url) as engine, engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM progress")).scalar_one() == 1


@pytest.mark.parametrize("batch", [1, 500])
def test_rows_follow_the_wall_clock(new_database: NewDatabase, tmp_path: Path, batch: int) -> None:
    """Set forward by three days in the middle of a call, and back during the next: both are dated by the clock of then.

    Also where the tailer starts anew in between, and knows the clock from the journal alone.
    """
    days = 259_200.0
    wrong, right = f.ClockSet(ANCHOR + days, days), f.ClockSet(ANCHOR, -days)
    first, second = served(), served("n1-7", start=200.0)
    parts: list[Steps] = [[*first[:5], (16.0, [wrong]), *first[5:]], [*second[:5], (216.0, [right]), *second[5:]]]
    url, journal = new_database(), tmp_path / "journal.db"
    for part in parts:
        with Journal(journal, wall=lambda: ANCHOR) as kept:
            for now, facts in sorted(part, key=lambda step: step[0]):
                kept.append(now, None, facts)
                for fact in facts:
                    if isinstance(fact, f.ClockSet):
                        kept.move_wall(fact.anchor)
        sync(journal, url, batch)
    told = {row["id"]: row for row in rows(url)["call"]}
    begun = {name: cast(datetime, row["started_at"]).timestamp() - ANCHOR for name, row in told.items()}
    assert begun == {"n1-1": days, "n1-7": 200.0}
    assert all(row["total_s"] == 78.1 for row in told.values())
    spans = [(cast(datetime, r["ended_at"]) - cast(datetime, r["started_at"])).total_seconds() for r in told.values()]
    assert spans == pytest.approx([78.1, 78.1])
