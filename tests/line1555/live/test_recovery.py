"""A line that starts again remembers: state and figures of the day come back from the journal alone."""

from __future__ import annotations

import logging
import pickle
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from calls import CallId, facts
from calls import commands as c
from calls import events as e
from engine import CallbackRules, Line
from line1555.live.checkpoint import CODEC, freeze
from line1555.live.recovery import Recovery, recover
from metrics import LineState, view
from records import Journal
from records.state_codec import MAGIC
from tests.line import GENERAL, PENSIONS, Hand, changed, menus, settings

_FACTS = get_args(facts.Fact)


def keep(recovery: Recovery, hand: Hand, since: int = 0) -> None:
    for now, event, out in hand.steps[since:]:
        recovery.append(now, event, [fact for fact in out if isinstance(fact, _FACTS)])


def busy_hand(line: Line) -> Hand:
    hand = Hand(line).open().ready("a1", "a2")
    hand.call("c1")
    hand.talk("c1")
    hand.call("c2", "1555")
    hand.do(e.KeyPressed(CallId("c2"), "1"))
    hand.call("c3")
    hand.wait(20.0)
    hand.call("c4")
    return hand


@pytest.mark.parametrize("checkpointed", [False, True])
def test_the_state_comes_back(tmp_path: Path, checkpointed: bool) -> None:
    wanted = settings(2)
    with Journal(tmp_path / "journal.db") as journal:
        recovery, last = recover(journal, wanted, LineState(), "1")
        assert last == 0.0
        hand = busy_hand(recovery.line)
        half = len(hand.steps) // 2 if not checkpointed else len(hand.steps)
        keep(recovery, hand)
        if checkpointed:
            recovery.checkpoint(hand.now)
            hand.call("c5")
            keep(recovery, hand, half)
        before = view.snapshot(recovery.state, hand.now)
    with Journal(tmp_path / "journal.db") as journal:
        again, last = recover(journal, wanted, LineState(), "1")
    assert last == recovery.line._state.now
    assert set(again.line._state.calls) == set(recovery.line._state.calls)
    assert [c.stage for c in again.line._state.calls.values()] == [c.stage for c in recovery.line._state.calls.values()]
    assert view.snapshot(again.state, hand.now) == before
    assert again.line.next_deadline() == recovery.line.next_deadline()


def test_a_fact_that_cannot_be_counted_keeps_nothing_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with the figures is told; the step is kept, and its commands are still sent."""
    monkeypatch.setattr(LineState, "apply", lambda *_: 1 / 0)
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        keep(recovery, Hand(recovery.line).open())
        assert journal.last_seq > 0
    assert "is not counted; the line goes on" in caplog.text


def test_another_versions_state_is_taken_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = busy_hand(recovery.line)
        keep(recovery, hand)
        recovery.checkpoint(hand.now)
        before = view.snapshot(recovery.state, hand.now)
    with caplog.at_level(logging.WARNING), Journal(tmp_path / "journal.db") as journal:
        again, last = recover(journal, settings(2), LineState(), "2")
    assert freeze(again.line) == freeze(recovery.line) and last == hand.now and not again.promised
    assert view.snapshot(again.state, hand.now) == before
    assert "a state of version 1 (format" in caplog.text and "is taken up by 2" in caplog.text


UNREADABLE = {
    "pickle": (pickle.dumps((14, {"calls": {}})), "not a state of this kind"),
    "newer": (MAGIC + msgspec.msgpack.encode({"format": 1000, "by": "9.1", "state": {}}), "written by version 9.1"),
    "damaged": (MAGIC + b"\xc1", "a damaged state"),
    "other": (MAGIC + msgspec.msgpack.encode({"format": CODEC.format, "by": "9.1", "state": [7]}), "Checkpoint"),
}


def not_read(recovery: Recovery, now: float, state: bytes = UNREADABLE["pickle"][0]) -> None:
    """The newest checkpoint is one that this version cannot read."""
    recovery.checkpoint(now)
    recovery.journal.checkpoint(now, state, "0.0.9")


@pytest.mark.parametrize("how", UNREADABLE)
def test_a_state_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    state, why = UNREADABLE[how]
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = busy_hand(recovery.line)
        keep(recovery, hand)
        not_read(recovery, hand.now, state)
    with caplog.at_level(logging.ERROR), Journal(tmp_path / "journal.db") as journal:
        again, last = recover(journal, settings(2), LineState(), "1")
    assert not again.line._state.calls and last == hand.now and not again.promised
    assert "starting empty" in caplog.text and why in caplog.text


def test_the_banner_outlives_a_state_that_cannot_be_read(tmp_path: Path) -> None:
    known = settings(2, menu=replace(menus(), banners=("emergency.strike", "emergency.storm")))
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, known, LineState(), "1")
        hand = Hand(recovery.line).open()
        for prompt in ("emergency.storm", "", "emergency.strike"):
            hand.do(e.BannerSwitched(prompt))
        keep(recovery, hand)
        not_read(recovery, hand.now)
        assert view.snapshot(recovery.state, hand.now)["banner"] == "emergency.strike"
    with Journal(tmp_path / "journal.db") as journal:
        again, _ = recover(journal, known, LineState(), "2")
    assert again.promised == [e.BannerSwitched("emergency.strike")]


def test_promises_outlive_a_state_that_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of five citizens one was served, one given up by a supervisor, one moved; the times are kept."""
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = Hand(recovery.line).open()
        hand.do(e.CallbackAsked("6941234561", GENERAL, "el"))
        hand.ready("a1")
        hand.do(e.OfferAnswered(hand.all(c.Ring)[-1].offer))
        hand.do(e.CallbackAnswered(hand.all(c.CallBack)[-1].call))
        hand.do(e.Bridged(hand.all(c.CallBack)[-1].call, hand.all(c.Ring)[-1].offer))
        for n in range(2, 6):
            hand.do(e.CallbackAsked(f"694123456{n}", GENERAL, "en", hand.now + 600.0 if n > 3 else None), 1.0)
        backs = [fact.callback for fact in hand.all(facts.CallbackPromised)]
        hand.do(e.CallWithdrawn(backs[1]))
        hand.do(e.CallMoved(backs[2], PENSIONS))
        keep(recovery, hand)
        not_read(recovery, hand.now)
    with caplog.at_level(logging.WARNING), Journal(tmp_path / "journal.db") as journal:
        again, last = recover(journal, settings(2), LineState(), "2")
    assert again.promised == [
        e.CallbackAsked("6941234563", PENSIONS, "en", None),
        e.CallbackAsked("6941234564", GENERAL, "en", 602.0),
        e.CallbackAsked("6941234565", GENERAL, "en", 603.0),
    ]
    assert "3 promised callbacks" in caplog.text and "694" not in caplog.text
    again.line.handle(e.LineStarted("n1", 1_700_000_000.0, "2"), last)
    for promise in again.promised:
        again.line.handle(promise, last)
    assert not {promise.call for promise in again.line.view.calls.callback_requests()} & set(backs), "new ids"


def test_what_new_settings_change_is_told(tmp_path: Path) -> None:
    """A number that may no longer be dialled: its callback ends for all readers."""
    wanted = settings(2)
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, wanted, LineState(), "1")
        hand = Hand(recovery.line).open()
        hand.do(e.CallbackAsked("6941234561", GENERAL, "el"))
        keep(recovery, hand)
        recovery.checkpoint(hand.now)
    none = replace(wanted, callbacks=CallbackRules(numbers=()))
    with Journal(tmp_path / "journal.db") as journal:
        again, last = recover(journal, none, LineState(), "1")
        assert not again.line.view.calls.callback_requests() and not again.state.calls
        again.checkpoint(last)
    with Journal(tmp_path / "journal.db") as journal:
        assert not recover(journal, none, LineState(), "1")[0].state.calls


def places(recovery: Recovery) -> list[tuple[str, str, str, int]]:
    calls = recovery.line._state.calls.values()
    return [(call.id, call.stage, call.walk.node if call.visit else "", call.menus.version) for call in calls]


def three_publications(hand: Hand) -> None:
    """Calls before, between and after; each version does what the one before did not."""
    known = hand.line._state.settings
    hand.publish(changed(known, pensions={"wrap_up_s": 90.0, "priority": 40.0}), "maria")
    hand.call("c5", "1555")
    hand.wait(5.0)
    polyglots = {name: replace(agent, skills={**agent.skills, "lang.en": 9}) for name, agent in known.agents.items()}
    hand.publish(replace(known, agents=polyglots), "nikos")
    hand.do(e.KeyPressed(CallId("c5"), "1"))
    hand.wait(30.0)
    hand.publish(replace(changed(known, general={"ring_s": 5.0}), menus=replace(menus(), version=3)), "maria")
    hand.call("c6", "1555")
    hand.wait(60.0)


@pytest.mark.parametrize("checkpointed", [False, True])
def test_a_journal_is_replayed_across_three_publications(
    tmp_path: Path, checkpointed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = busy_hand(recovery.line)
        keep(recovery, hand)
        if checkpointed:
            recovery.checkpoint(hand.now)
        first = len(hand.steps)
        three_publications(hand)
        keep(recovery, hand, first)
        assert sum(isinstance(event, e.SettingsPublished) for _, event, _ in hand.steps) == 3
        newest = recovery.line._state.settings
    with caplog.at_level(logging.WARNING), Journal(tmp_path / "journal.db") as journal:
        again, _ = recover(journal, newest, LineState(), "1")
    assert "other facts" not in caplog.text and "starting empty" not in caplog.text
    assert again.steps == len(hand.steps) - first + (0 if checkpointed else first + 1)  # and the first publication
    assert again.line._state.settings == newest and again.line._state.digest == recovery.line._state.digest
    assert places(again) == places(recovery)
    assert view.snapshot(again.state, hand.now) == view.snapshot(recovery.state, hand.now)


def test_another_version_of_the_site_is_published_at_the_start(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        recover(journal, settings(2), LineState(), "1")
    with Journal(tmp_path / "journal.db") as journal:
        again, _ = recover(journal, settings(3), LineState(), "1")
        assert len(list(again.line._state.roster)) == 3
    with Journal(tmp_path / "journal.db") as journal:
        events = [step[1] for step in journal.restore().steps]
    assert [type(event) for event in events] == [e.SettingsPublished, e.SettingsPublished]


def test_settings_that_are_gone_are_no_reason_not_to_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "journal.db"
    with Journal(file) as journal:
        recovery, _ = recover(journal, settings(2), LineState(), "1")
        hand = Hand(recovery.line).open()
        hand.publish(settings(3))
        keep(recovery, hand)
    with sqlite3.connect(file) as db:
        db.execute("DELETE FROM settings")
    db.close()
    with caplog.at_level(logging.ERROR), Journal(file) as journal:
        again, _ = recover(journal, settings(3), LineState(), "1")
    assert "no settings" in caplog.text and len(list(again.line._state.roster)) == 3
