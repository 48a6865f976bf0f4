"""Whatever happens to the journal's file, the line starts, says so, and stores checkpoints again."""

from __future__ import annotations

import logging
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import create_engine, text

from calls import AgentState, CallId, facts
from calls import events as e
from line1555.live.recovery import Recovery, recover
from metrics import LineState
from records import Journal, Reader
from records.damage import aside
from records.steps import FORMAT
from records.tailer import Tailer
from tests.line import Hand, settings

_FACTS = get_args(facts.Fact)
PAGE = 4096
DAMAGES = 60
VERSION = "1"

Damage = Callable[[Path, random.Random], None]


class Written(list[Any]):
    """Steps that go into the memory as the driver gives them: each before the next one happens."""

    def __init__(self, recovery: Recovery) -> None:
        super().__init__()
        self._recovery = recovery

    def append(self, step: Any) -> None:
        now, event, outs = step
        self._recovery.append(now, event, [out for out in outs if isinstance(out, _FACTS)])
        super().append(step)


def hand_of(recovery: Recovery, after_s: float = 1.0) -> Hand:
    hand = Hand(recovery.line)
    hand.now, hand.steps = recovery.line._state.now + after_s, Written(recovery)
    return hand


def work(recovery: Recovery, first: int, last: int) -> None:
    """A morning of calls, written as the driver writes it."""
    hand = hand_of(recovery)
    if not first:
        hand.open().ready("a1", "a2")
    for n in range(first, last):
        hand.call(f"c{n}")
        hand.talk(f"c{n}")
        hand.do(e.CallerLeft(CallId(f"c{n}")), 30.0)
        hand.wait(60.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with two checkpoints and steps after them."""
    folder = tmp_path_factory.mktemp("whole")
    with Journal(folder / "journal.db", wall=lambda: 1_772_400_000.0) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), VERSION)
        recovery.checkpoint(0.0)
        for first in (0, 20, 40):
            work(recovery, first, first + 20)
            if first < 40:
                recovery.checkpoint(recovery.line._state.now)
    return folder


def zero_page(file: Path, dice: random.Random) -> None:
    _overwrite(file, dice.randrange(file.stat().st_size // PAGE) * PAGE, bytes(PAGE))


def garbage_page(file: Path, dice: random.Random) -> None:
    _overwrite(file, dice.randrange(file.stat().st_size // PAGE) * PAGE, dice.randbytes(PAGE))


def cut(file: Path, dice: random.Random) -> None:
    with file.open("r+b") as handle:
        handle.truncate(dice.randrange(1, file.stat().st_size))


def flip_bits(file: Path, dice: random.Random) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(dice.choice((1, 8, 200))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    file.write_bytes(data)


def _overwrite(file: Path, offset: int, data: bytes) -> None:
    with file.open("r+b") as handle:
        handle.seek(offset)
        handle.write(data)


def change(statement: str) -> Damage:
    def damage(file: Path, dice: random.Random) -> None:
        with sqlite3.connect(file) as db:
            seqs = [row[0] for row in db.execute("SELECT seq FROM step ORDER BY seq DESC LIMIT 150")]
            db.execute(statement, {"seq": dice.choice(seqs), "n": dice.randrange(1 << 30), "junk": dice.randbytes(40)})

    return damage


ROWS = (
    change("UPDATE step SET facts = :junk WHERE seq = :seq"),
    change("UPDATE step SET event = 'garbage' WHERE seq = :seq"),
    change("UPDATE step SET now = now + :n WHERE seq = :seq"),
    change("DELETE FROM step WHERE seq = :seq"),
    change("UPDATE checkpoint SET state = :junk"),
    change("UPDATE checkpoint SET state = :junk WHERE id = (SELECT max(id) FROM checkpoint)"),
    change("UPDATE checkpoint SET seq = seq - 7 WHERE id = (SELECT max(id) FROM checkpoint)"),
    change("DELETE FROM meta"),
    change("DROP TABLE meta"),
    change("DROP TABLE checkpoint"),
    change("INSERT INTO step (seq, run, now, facts) VALUES (9223372036854775807, 1, 1, 'x')"),
)
KINDS: tuple[Damage, ...] = (zero_page, garbage_page, cut, flip_bits, *ROWS)


def start(folder: Path) -> int:
    """Start, work, checkpoint, start again, and give the records what there is; the checkpoints that are kept."""
    for _ in range(2):
        with Journal(folder / "journal.db", wall=lambda: 1_772_500_000.0) as journal:
            recovery, _ = recover(journal, settings(2), LineState(), VERSION)
            first = journal.last_seq
            recovery.checkpoint(recovery.line._state.now)
            hand = hand_of(recovery, 100.0).open()
            recovery.checkpoint(hand.now)
            assert journal.health.ok and not journal.health.dropped, journal.health
            assert journal.last_seq > first
    with Journal(folder / "journal.db") as journal:
        restored = journal.restore()
        assert restored.complete and restored.checkpoint is not None
        assert restored.last_now == hand.now or journal.moved_aside is not None
    return 2


@pytest.mark.parametrize("seed", range(DAMAGES))
def test_the_line_starts_whatever_was_damaged(
    whole: Path, tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    folder = Path(shutil.copytree(whole, tmp_path / "run"))
    KINDS[seed % len(KINDS)](folder / "journal.db", dice)
    with caplog.at_level(logging.ERROR):
        start(folder)
    if aside(folder / "journal.db"):
        assert "THE JOURNAL WAS DAMAGED" in caplog.text and ".damaged-" in caplog.text


@pytest.mark.parametrize("damage", [KINDS[4], KINDS[6], KINDS[9], KINDS[12]], ids=["row", "time", "state", "meta"])
def test_the_state_is_that_of_the_last_whole_checkpoint(whole: Path, tmp_path: Path, damage: Damage) -> None:
    """The agents at work are known again: the agents are still logged in, which an empty start would not know."""
    folder = Path(shutil.copytree(whole, tmp_path / "run"))
    damage(folder / "journal.db", random.Random(7))
    with Journal(folder / "journal.db", wall=lambda: 1_772_500_000.0) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), VERSION)
        assert journal.moved_aside is not None and journal.anchor == 1_772_400_000.0
    assert all(
        agent.state is not AgentState.LOGGED_OUT for agent in recovery.line._state.roster if agent.id in ("a1", "a2")
    )


def test_a_page_lost_while_the_line_runs(whole: Path, tmp_path: Path) -> None:
    """The writer or the tailer meets it: the next step goes into a new file, and a checkpoint with it."""
    folder = Path(shutil.copytree(whole, tmp_path / "run"))
    with Journal(folder / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), VERSION)
        tailer = Tailer(folder / "journal.db", f"sqlite:///{folder / 'records.db'}", on_damage=journal.suspect)
        journal.suspect("somebody has seen a zeroed page")
        work(recovery, 60, 61)
        assert journal.moved_aside is not None and journal.health.ok and journal.health.spoiled == 1
        assert journal.restore().checkpoint is not None and not recovery.journal.wants_checkpoint
        before = recovery.line._state.now
        carried = tailer.sync_once()
        tailer.stop()
    with Journal(folder / "journal.db") as journal:
        again, last = recover(journal, settings(2), LineState(), VERSION)
        assert journal.moved_aside is None and last == before
    assert set(again.line._state.calls) == set(recovery.line._state.calls)
    assert carried > 350, "the reports have what stands in the damaged file"
    engine = create_engine(f"sqlite:///{folder / 'records.db'}")
    with engine.connect() as db:
        assert db.execute(text("SELECT count(*) FROM call WHERE outcome = 'handled'")).scalar_one() == 61
        (detail,) = db.execute(text("SELECT detail FROM oddity WHERE kind = 'journal_gap'")).scalars()
        assert "0 steps lost" in detail and ".damaged-" in detail
    engine.dispose()


def test_a_disk_that_spoils_every_file_is_not_filled_up(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        for n in range(50):
            journal.suspect("again")
            journal.append(float(n), None, [])
        assert journal.health.spoiled == 1 and journal.health.buffered > 0
        journal.append(100.0, None, [])
        journal.retry(200.0)
    assert len(aside(tmp_path / "journal.db")) == 2


SINCE = {
    3: ("DROP TABLE settings",),
    2: (
        "ALTER TABLE step DROP COLUMN sum",
        "ALTER TABLE checkpoint DROP COLUMN sum",
        "ALTER TABLE checkpoint DROP COLUMN meta",
    ),
}
"""What takes away from a file that its format, and no older one, has."""


@pytest.mark.parametrize("format", [1, 2])
def test_a_journal_of_an_older_format_is_read_and_taken_over(whole: Path, tmp_path: Path, format: int) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "run"))
    with sqlite3.connect(folder / "journal.db") as db:
        for newer in range(FORMAT, format, -1):
            for statement in SINCE[newer]:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {format}")
    with Reader(folder / "journal.db") as reader:
        rows = len(reader.read(0, 10_000))
    with Journal(folder / "journal.db") as journal:
        assert journal.moved_aside is None and journal.last_seq == rows
        assert journal.restore().complete and journal.restore().checkpoint is not None
    start(folder)
    with Reader(folder / "journal.db") as reader:
        assert len(reader.read(0, 10_000)) > rows
