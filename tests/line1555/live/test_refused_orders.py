"""Orders that the running line's own parts refuse: publishing, erasing, ending. The line is whole, not connected."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from calls import CallId
from calls import events as e
from calls import facts as f
from control.refusals import OrderRefused, Refusal
from line1555.live import app, erasing, switchover
from line1555.live.checkpoint import freeze
from line1555.live.recovery import recover
from line1555.live.running import Options, Running
from metrics import Calendar, LineState, offset_of
from records import Journal
from sites import Versions, callable_line, load_site
from sounds import VersionSounds
from telephony.ami import AmiSettings
from tests.sites.test_site import SHIPPED


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Running]:
    site = load_site(SHIPPED)
    with Journal(tmp_path / "journal.db") as journal:
        fresh = LineState(Calendar(offset=offset_of(ZoneInfo(site.settings.zone))))
        recovery, last_now = recover(journal, callable_line(site), fresh, "1")
        options = Options(tmp_path, AmiSettings("127.0.0.1", 9, "line", "secret"))
        yield app._assemble(site, options, recovery, last_now, VersionSounds(tmp_path), {})


async def test_followers_have_the_journals_numbers(line: Running, tmp_path: Path) -> None:
    """Also after a restart: what was told before has smaller ones."""
    runner, journal = line.runner, line.recovery.journal
    runner.read(line.followers.told)
    before = line.followers.step
    assert before == journal.last_seq
    for event in (e.LineStarted("n1", runner.clock.anchor, "1"), e.LinkDown("x"), e.BannerSwitched("nothing")):
        runner.step(event)
        assert line.followers.step == journal.last_seq
    assert line.followers.step == before + 3
    assert [entry.step for entry in line.followers._ring.after(before)] == [before + 1, before + 2, before + 3]
    await runner.stop()
    journal.close()
    with Journal(tmp_path / "journal.db") as again:
        recovery, last_now = recover(again, callable_line(line.site), LineState(), "1")
        new = app._assemble(line.site, line.options, recovery, last_now, VersionSounds(tmp_path), {})
        assert new.followers.step == again.last_seq >= line.followers.step and new.followers.run != line.followers.run


def test_an_asterisk_that_is_not_ours_is_not_ended(line: Running) -> None:
    with pytest.raises(OrderRefused) as caught:
        app._stop(line, {"order": "stop", "asterisk": True}, "maria")
    assert caught.value.told.id == Refusal.ASTERISK_NOT_OURS and not line.stopping.is_set()


async def test_a_version_that_is_not_there(line: Running) -> None:
    before = freeze(line.recovery.line)
    with pytest.raises(OrderRefused) as caught:
        await switchover.switch_over(line, 7, "maria")
    told = caught.value.told
    assert told.id == Refusal.VERSION_NOT_TAKEN
    assert told.details == {"version": 7, "problems": [told.message]} and "7" in told.message
    assert freeze(line.recovery.line) == before


async def test_one_version_at_a_time(line: Running) -> None:
    async with line.switching:
        with pytest.raises(OrderRefused) as caught:
            await switchover.switch_over(line, 7, "maria")
    assert (caught.value.told.id, caught.value.told.details) == (Refusal.VERSION_BUSY, {"version": 7})


async def test_every_problem_of_a_version_is_told(line: Running, tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    with versions.alone():
        version = versions.stage(SHIPPED, "maria", "for a test")
    for file in versions._staged(version.number).glob("*.yaml"):
        file.write_text("nothing: of: this\n")
    with pytest.raises(OrderRefused) as caught:
        await switchover.switch_over(line, version.number, "maria")
    assert caught.value.told.id == Refusal.VERSION_NOT_TAKEN and "changed files" in str(caught.value)
    assert caught.value.told.details["problems"] == [str(caught.value)]


def erase(line: Running) -> None:
    numbers, token = ["6941234567"], "694ghjk567"
    event = erasing.wanted({"order": "erase", "numbers": numbers, "token": token, "by": "maria"})
    assert event is not None
    erasing.forget(line.recovery, lambda event: step(line, event), event)


def step(line: Running, event: e.Event) -> None:
    recovery = line.recovery
    now = recovery.line.view.now
    recovery.append(
        now, event, [fact for fact in recovery.line.handle(event, now) if isinstance(fact, get_args(f.Fact))]
    )


def test_a_citizen_who_is_on_the_line_is_not_erased(line: Running) -> None:
    step(line, e.CallArrived(CallId("n1-1"), "6941234567", "1555"))
    with pytest.raises(OrderRefused) as caught:
        erase(line)
    assert (caught.value.told.id, caught.value.told.details) == (Refusal.PERSON_ON_THE_LINE, {"calls": ["n1-1"]})


def test_nothing_is_erased_while_the_journal_takes_no_steps(line: Running, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OrderRefused) as caught:
            erase(line)
    assert caught.value.told.id == Refusal.JOURNAL_NOT_WRITTEN and caught.value.told.details["reason"]
