"""One citizen out of Asterisk's own account of calls: the number is not left in it, and does not come back from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from calls import AgentId, CallId
from calls import events as e
from calls import facts as f
from control import status
from line1555.cli.default_site import DEFAULT_SITE
from line1555.cli.main import app
from line1555.live import erasing
from line1555.live import person as whole
from line1555.live.accounts import FILE, Accounts
from line1555.live.recovery import Recovery, recover
from metrics import LineState
from records import Journal, Reader, erasure
from records.tailer import Tailer
from tests.line import settings
from tests.telephony.test_account import SERVED, SHORT

from .test_person import NUMBER, everything, hand_of

THEIRS = SERVED.replace("2101234567", NUMBER)
"""Rows of a call of ours that Asterisk served alone."""
SPOKEN = THEIRS.replace(f'0","{NUMBER}"', '0","+30-694-123-4567"', 1)
"""The same as a phone may write the number: until the call is answered it stands there as it came."""
CALL = CallId("n1-1000.0")
NOON = 1_000.0


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with the journal of a line that has seen nothing of the account."""
    run = tmp_path / "run"
    (run / FILE).parent.mkdir(parents=True)
    with up(run):
        pass
    return run


@contextmanager
def up(run: Path) -> Any:
    """The line's memory of this run directory, as long as it is up."""
    with Journal(run / "journal.db", wall=lambda: NOON) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        if not journal.last_seq:
            hand_of(recovery).open()
        yield recovery


def reads(recovery: Recovery, run: Path) -> list[str]:
    """What the line is told from the account, and enters: the number of each call."""
    accounts = Accounts(run, "n1", lambda: frozenset({AgentId("agent001")}), lambda: NOON + 100.0)
    hand, told = hand_of(recovery), []
    for event in asyncio.run(accounts.missing(frozenset())):
        hand.do(event)
        told.append(event.ani)
    return told


def carry(run: Path) -> None:
    tailer = Tailer(run / "journal.db", f"sqlite:///{run / 'records.db'}")
    tailer.sync_once()
    tailer.stop()


def erase(run: Path) -> Any:
    words = ["person", "erase", NUMBER, "--yes", "--run", str(run), "--site", str(DEFAULT_SITE), "--json"]
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize("rows", [THEIRS, SPOKEN], ids=["digits", "as a phone writes it"])
@pytest.mark.parametrize("file", [FILE, FILE.with_name(FILE.name + ".1")], ids=["account", "the one before"])
def test_what_asterisk_served_alone_is_told_without_the_number(run: Path, file: Path, rows: str) -> None:
    (run / file).write_text(SHORT + rows)
    found = erase(run)
    assert found.exit_code == 0 and json.loads(found.stdout)["logs"] == 1, found.output
    assert SHORT in (run / file).read_text() and len((run / file).read_text()) == len(SHORT + rows)
    with up(run) as recovery:
        assert NUMBER not in "".join(reads(recovery, run))
    carry(run)
    assert NUMBER.encode() not in everything(run) and b"694-123-4567" not in everything(run)
    with Reader(run / "journal.db") as reader:
        told = [fact for step in reader.read(0, 100) for fact in step.facts if isinstance(fact, f.Survived)]
    assert [(fact.call, fact.dnis) for fact in told] == [("n1-1000.7", "1555"), (CALL, "11320")]


def test_what_was_told_before_goes_with_the_rest_and_is_not_told_again(run: Path) -> None:
    (run / FILE).write_text(THEIRS)
    with up(run) as recovery:
        assert reads(recovery, run) == [NUMBER]
    carry(run)
    assert json.loads(erase(run).stdout)["calls"] == 1
    with up(run) as recovery:
        assert reads(recovery, run) == []
    carry(run)
    assert NUMBER.encode() not in everything(run)


def test_whoever_asterisk_has_alone_is_on_the_line(run: Path) -> None:
    """The row of the end holds the number as well."""
    rows = THEIRS.splitlines(keepends=True)
    (run / FILE).write_text("".join(rows[:-2]))
    refused = erase(run)
    assert refused.exit_code == 1 and f"has this number on the line: {CALL};" in " ".join(refused.output.split())
    assert NUMBER in (run / FILE).read_text()
    with (run / FILE).open("a") as more:
        more.writelines(rows[-2:])
    assert erase(run).exit_code == 0
    assert NUMBER.encode() not in everything(run)


def test_a_call_that_asterisk_died_with_is_accounted_for_first(run: Path) -> None:
    (run / FILE).write_text("".join(THEIRS.splitlines(keepends=True)[:-2]))
    assert erase(run).exit_code == 1
    accounts = Accounts(run, "n1", frozenset, lambda: NOON + 100.0)
    with up(run) as recovery:
        for _ in range(2):
            for event in asyncio.run(accounts.missing(frozenset())):
                hand_of(recovery).do(event)
    carry(run)
    assert erase(run).exit_code == 0
    assert NUMBER.encode() not in everything(run)


def test_a_call_of_the_engines_own_is_not_asterisks(run: Path) -> None:
    """Its rows are in the account as well; whether it is over the engine knows."""
    (run / FILE).write_text("".join(THEIRS.splitlines(keepends=True)[:-2]))
    with up(run) as recovery:
        hand = hand_of(recovery)
        hand.call(CALL, ani=NUMBER)
        hand.do(e.CallerLeft(CALL), 5.0)
    assert erase(run).exit_code == 0


async def test_the_line_reads_the_account_while_it_is_erased(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the worst moment: the steps are rewritten already."""
    (run / FILE).write_text(THEIRS)
    with up(run) as recovery:
        tailer = Tailer(run / "journal.db", f"sqlite:///{run / 'records.db'}", poll_s=0.05)
        tailer.start()

        async def execute(order: Mapping[str, Any], by: str) -> Mapping[str, Any]:
            event = erasing.wanted(order)
            assert event is not None
            return erasing.forget(recovery, hand_of(recovery).do, event)

        erased = erasure.erase
        told: list[str] = []

        def erase_and_read(*how: Any) -> int:
            changed = erased(*how)
            told.extend(reads(recovery, run))
            return changed

        monkeypatch.setattr(whole, "erase", erase_and_read)
        server = await status.serve(run, dict, execute)
        found = await asyncio.to_thread(erase, run)
        assert found.exit_code == 0, found.output
        server.close()
        while len(asyncio.all_tasks()) > 1:  # the conversation ends
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)  # and its socket is closed
        tailer.stop()
    assert told and NUMBER.encode() not in everything(run)


def test_a_file_that_is_renamed_meanwhile_is_found(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asterisk's logger and the bound of the account rename files at any moment."""
    (run / FILE).write_text(THEIRS)
    listed = whole._logs

    def renamed_after(folder: Path) -> Any:
        found = list(listed(folder))
        if (run / FILE).exists():
            (run / FILE).rename(run / FILE.with_name("account.csv.1"))
        return found

    monkeypatch.setattr(whole, "_logs", renamed_after)
    assert json.loads(erase(run).stdout)["logs"] == 1
    assert NUMBER.encode() not in everything(run)
