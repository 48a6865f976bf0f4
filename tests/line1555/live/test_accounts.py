"""What Asterisk served alone gets one row each, whatever dies while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from calls import AgentId, CallId, CallStage, Outcome, Party
from calls import events as e
from calls import facts as f
from engine import Line
from line1555.live.accounts import FILE, MOST_BYTES, Accounts
from metrics import LineState
from records import Journal
from records.steps import connect
from tests.line import Hand, settings
from tests.telephony.test_account import SERVED, SHORT

NOON = 1_000.0
"""The rows were written in the minute after it."""
SERVED_ID, SHORT_ID = CallId("n1-1000.0"), CallId("n1-1000.7")
AGENTS = frozenset({AgentId("agent001")})


class Run:
    """A run directory with a journal, in which engines come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, LineState()
        (folder / FILE).parent.mkdir(parents=True)
        self.journal = Journal(folder / "journal.db", wall=lambda: NOON)
        self.hand = Hand(Line(settings())).open()
        self.wall_at = NOON + 60.0
        self.accounts = self.anew()
        self.tell(f.LineOpened("n1", NOON, "x"), now=0.0)

    def write(self, text: str) -> None:
        with (self.folder / FILE).open("a", encoding="utf-8") as file:
            file.write(text)

    def anew(self) -> Accounts:
        return Accounts(self.folder, "n1", lambda: AGENTS, lambda: self.wall_at)

    def tell(self, *facts: f.Fact, now: float = 60.0) -> None:
        self.journal.append(now, None, facts)
        self.accounts.note(now, facts)
        for fact in facts:
            self.state.apply(now, fact)

    async def read(self, living: frozenset[str] | None = frozenset(), *, die_after: int | None = None) -> list[CallId]:
        """What is told to the engine; it may be killed after so many."""
        told = []
        for event in (await self.accounts.missing(living))[:die_after]:
            told.append(event.call)
            self.tell(*[out for out in self.hand.do(event) if isinstance(out, f.Survived | f.Unexpected)])
        return told

    def killed(self) -> None:
        self.accounts = self.anew()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    run.journal.close()


async def test_each_call_is_told_once(run: Run) -> None:
    run.write(SERVED + SHORT)
    assert await run.read() == [SERVED_ID, SHORT_ID]
    assert await run.read() == []
    run.killed()
    assert await run.read() == []
    assert (run.state.ledger.whole.line.arrived, run.state.ledger.whole.line.ended) == (2, {Outcome.SURVIVED: 2})


async def test_a_kill_while_reading_tells_nothing_twice(run: Run) -> None:
    run.write(SERVED + SHORT)
    assert await run.read(die_after=1) == [SERVED_ID]
    run.killed()
    assert await run.read() == [SHORT_ID]
    assert run.state.ledger.whole.line.arrived == 2


@pytest.mark.parametrize("restart", [True, False])
async def test_what_the_engine_had_is_not_told_again(run: Run, restart: bool) -> None:
    run.tell(f.CallStarted(SHORT_ID, "", "1555"), now=0.5)
    run.tell(f.CallEnded(SHORT_ID, Outcome.LEFT_IN_MENU, CallStage.MENU, Party.CALLER, 1.0), now=1.5)
    if restart:
        run.killed()
    run.write(SERVED + SHORT)
    assert await run.read() == [SERVED_ID]


@pytest.mark.parametrize("restart", [True, False])
async def test_of_a_call_that_was_rescued_the_rest_is_told(run: Run, restart: bool) -> None:
    run.tell(f.CallStarted(SERVED_ID, "2101234567", "11320"), now=0.5)
    run.tell(f.CallEnded(SERVED_ID, Outcome.SURVIVED, CallStage.WAITING, Party.UNKNOWN, 9.0), now=9.5)
    if restart:
        run.killed()
    run.write(SERVED)
    (event,) = await run.accounts.missing(frozenset())
    assert (event.booked, event.agent, event.talk_s) == (True, "agent001", 20.5)
    assert await run.read() == [SERVED_ID]
    assert await run.read() == []
    assert run.state.ledger.whole.line.arrived == 1


async def test_a_call_that_goes_on_is_told_when_it_is_over(run: Run) -> None:
    rows = SERVED.splitlines(keepends=True)
    run.write("".join(rows[:-2]))
    assert await run.read(frozenset({"1000.0", "1000.1"})) == []
    run.write("".join(rows[-2:]))
    assert await run.read(None) == [SERVED_ID]


async def test_a_call_that_asterisk_took_with_it_is_told_the_second_time_it_is_missed(run: Run) -> None:
    run.write("".join(SERVED.splitlines(keepends=True)[:-2]))
    assert [await run.read(), await run.read(), await run.read()] == [[], [SERVED_ID], []]


async def test_the_file_is_bounded_and_nothing_is_lost_by_it(run: Run) -> None:
    rows = SERVED.splitlines(keepends=True)
    run.write("".join(rows[:-2]) + '"ANSWER","1.0","9.9","9.9","x","","","",""\n' * (MOST_BYTES // 30))
    assert await run.read(frozenset({"1000.0"})) == []
    assert not (run.folder / FILE).exists()
    run.write("".join(rows[-2:]))
    assert await run.read(None) == [SERVED_ID]


async def test_an_engine_that_has_the_call_keeps_it(run: Run) -> None:
    run.hand.call(SERVED_ID)
    event = e.CallSurvived(SERVED_ID, "", "1555", None, None, 0.0, 0.0, 1.0, 0.0, Party.LINE)
    assert run.hand.do(event) == [f.Unexpected("CallSurvived", SERVED_ID, CallStage.WAITING)]


async def test_a_call_that_has_just_ended_may_be_ours(run: Run) -> None:
    """Its events are on their way: of a busy engine they come later than the row."""
    run.wall_at = NOON + 35.0
    run.write(SERVED + SHORT)
    assert await run.read() == [SHORT_ID]
    run.tell(f.CallStarted(SERVED_ID, "2101234567", "11320"))
    run.wall_at = NOON + 60.0
    assert await run.read() == []


async def test_a_call_that_the_journal_has_forgotten_is_not_told_anew(run: Run) -> None:
    """Its row was made long ago; steps go after some days, the account of a quiet line is older."""
    run.write(SERVED)
    assert await run.read() == [SERVED_ID]
    run.tell(f.LinkChanged(True, ""), now=3_600.0)
    with closing(connect(run.folder / "journal.db", "rw")) as db:
        db.execute("DELETE FROM step WHERE now < 3600")
    run.killed()
    assert await run.read() == []


async def test_without_a_file_nothing_is_missing(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    assert await run.read() == []
    assert not caplog.text
