"""The board as text: golden pictures in both languages, and that everything fits.

A changed picture is looked at and then kept: ``BOARD_GOLDEN=write pytest tests/line1555/readers/test_board.py``.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from calls import AgentId, AgentState, CallId, CallStage, OfferId, OfferResult, Outcome, Party, QueueId, facts
from line1555.readers.board import STATES, WORDS, Language, plain, render
from metrics import NOTICES, Calendar, LineState, offset_of, view

GOLDEN = Path(__file__).resolve().parent / "board"
QUEUES = [QueueId(q) for q in ("efka-insurance", "efka-pensions", "dypa", "opeka", "ergani", "solidarity", "general")]
ANCHOR = 1_772_436_600.0  # 2026-03-02 09:30 in Athens


def busy(agents: int) -> dict[str, Any]:
    """A line with some of everything."""
    state = LineState(Calendar(1800, offset_of(ZoneInfo("Europe/Athens"))), queues=QUEUES)
    state.apply(0.0, facts.LineOpened("n1", ANCHOR, "0.1"))
    state.apply(1.0, facts.LinkChanged(True, ""))
    for number in range(agents):
        _seat(state, number)
    for number in range(40):
        _call(state, number)
    for number in range(4):
        _callback(state, number)
    for number in range(3):
        state.apply(500.0, facts.CallStarted(CallId(f"n1-9{number}"), "6941234567", "1555"))
    offer = facts.OfferEnded(OfferId("o7"), CallId("n1-7"), AgentId("a003"), QUEUES[0], OfferResult.NO_ANSWER, 15.0, "")
    state.apply(590.0, offer)
    state.apply(595.0, facts.Discrepancy("n1-5", "talking", "gone", "ended"))
    return {**view.snapshot(state, 600.0), "journal": {"ok": True, "detail": ""}}


def _seat(state: LineState, number: int) -> None:
    agent = AgentId(f"a{number:03}")
    shown = list(AgentState)[1:] if number % 9 else [AgentState.LOGGED_OUT]
    now = shown[number % len(shown)]
    reason = ("break", "rona")[number % 2] if now is AgentState.NOT_READY else ""
    state.apply(10.0, facts.AgentChanged(agent, AgentState.LOGGED_OUT, AgentState.READY, "", 0.0))
    state.apply(300.0 + number, facts.AgentChanged(agent, AgentState.READY, now, reason, 290.0))
    state.apply(400.0, facts.PhoneChanged(agent, number % 11 != 5, False))


def _call(state: LineState, number: int) -> None:
    call, queue, agent = CallId(f"n1-{number}"), QUEUES[number % len(QUEUES)], AgentId(f"a{number % 7:03}")
    offer, wait_s = OfferId(f"o{number}"), float(number % 13 * 3)
    state.apply(20.0 + number, facts.CallStarted(call, "6941234567", "1555"))
    state.apply(25.0 + number, facts.Queued(call, queue, "el", 0, 1, 8))
    if number % 4 == 0:
        return
    if number % 4 == 1:
        state.apply(90.0, facts.QueueLeft(call, queue, Outcome.ABANDONED, wait_s))
        state.apply(90.0, facts.CallEnded(call, Outcome.ABANDONED, CallStage.WAITING, Party.CALLER, 30.0))
        return
    state.apply(100.0, facts.Connected(call, offer, agent, queue, wait_s, 3.0))
    if number % 4 == 2:
        state.apply(300.0, facts.ConversationEnded(call, offer, agent, queue, 200.0, 5.0, Party.CALLER, True))
        state.apply(300.0, facts.CallEnded(call, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 300.0))
        state.apply(330.0, facts.WrapUpDone(call, agent, queue, 30.0))


def _callback(state: LineState, number: int) -> None:
    """Accepted; the second is being called, the third was served, the fourth not reached."""
    call, back, queue, agent = CallId(f"n1-8{number}"), CallId(f"n1-cb0-{number}"), QUEUES[number % 2], AgentId("a010")
    offer = OfferId(f"ob{number}")
    state.apply(20.0, facts.CallStarted(call, "6941234567", "1555"))
    state.apply(25.0, facts.Queued(call, queue, "el", 0, 1, 8))
    state.apply(40.0, facts.QueueLeft(call, queue, Outcome.OVERFLOWED, 15.0))
    state.apply(40.0, facts.CallbackPromised(back, call, queue, "6941234567", "el", 15.0, None))
    state.apply(40.0, facts.Queued(back, queue, "el", 0, 1, 8))
    state.apply(45.0, facts.CallEnded(call, Outcome.OVERFLOWED, CallStage.WAITING, Party.LINE, 25.0))
    if number > 0:
        state.apply(150.0, facts.OfferEnded(offer, back, agent, queue, OfferResult.ANSWERED, 3.0, ""))
    if number == 2:
        state.apply(160.0, facts.Connected(back, offer, agent, queue, 125.0, 3.0))
        state.apply(280.0, facts.CallEnded(back, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 240.0))
    if number == 3:
        state.apply(180.0, facts.CallbackMissed(back, agent, OfferResult.BUSY, "17", 3, None))
        state.apply(180.0, facts.QueueLeft(back, queue, Outcome.UNREACHED, 155.0))
        state.apply(180.0, facts.CallEnded(back, Outcome.UNREACHED, CallStage.PROMISED, Party.UNKNOWN, 140.0))


def quiet() -> dict[str, Any]:
    return view.snapshot(LineState(), 0.0)


def broken() -> dict[str, Any]:
    state = LineState(queues=QUEUES[:1])
    state.apply(0.0, facts.LineOpened("n1", ANCHOR, "0.1"))
    state.apply(5.0, facts.LinkChanged(False, "connection refused"))
    return {**view.snapshot(state, 60.0), "journal": {"ok": False, "detail": "disk full"}}


def drawn(snapshot: dict[str, Any], language: Language, width: int = 100) -> str:
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(render(snapshot, language))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


PICTURES = {
    "busy_12": lambda: busy(12),
    "busy_140": lambda: busy(140),
    "quiet": quiet,
    "broken": broken,
}


def same_as_kept(name: str, text: str) -> None:
    kept = GOLDEN / f"{name}.txt"
    if os.environ.get("BOARD_GOLDEN") == "write":
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("picture", PICTURES)
def test_the_board_looks_as_kept(picture: str, language: Language) -> None:
    same_as_kept(f"{picture}.{language}", drawn(PICTURES[picture](), language))


@pytest.mark.parametrize("language", get_args(Language))
def test_plain_looks_as_kept(language: Language) -> None:
    same_as_kept(f"plain.{language}", plain(busy(12), language) + "\n" + plain(broken(), language) + "\n")


@pytest.mark.parametrize("language", get_args(Language))
def test_140_agents_fit_100_by_40(language: Language) -> None:
    lines = drawn(busy(140), language).splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 100


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_every_logged_in_agent_is_shown_at_any_width(width: int) -> None:
    snapshot = busy(140)
    text = drawn(snapshot, "en", width)
    assert all(name in text for name, one in snapshot["agents"].items() if one["state"] != "logged_out")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_cut_at_any_width(width: int, language: Language) -> None:
    """Reasons, details of events, figures: what is too long goes on in the next line."""
    snapshot, reason, detail = busy(12), "σύσκεψη με τον προϊστάμενο", "no route to the carrier " * 5
    snapshot["agents"]["a010"]["reason"] = reason
    snapshot["notices"][-1]["detail"] = detail
    for name, queue in snapshot["queues"].items():
        queue["label"], queue["today"]["offered"] = f"Γενικές πληροφορίες {name}", 123_456
    text = " ".join(drawn(snapshot, language, width).split())
    assert "…" not in text and text.count("123456") == len(QUEUES)
    assert f"N {reason} 1: a010 4:50" in text and " ".join(detail.split()) in text
    assert all(f"{WORDS[language]['a_' + state]} " in text for state in STATES)


def test_a_line_for_each_reason_names_who() -> None:
    lines = drawn(busy(140), "en").splitlines()
    (away,) = (at for at, line in enumerate(lines) if line.startswith("N break 12: a010, "))
    assert lines[away + 1].startswith("N rona 12: ") and "a005?" in lines[away + 1]


def test_it_reads_without_colour() -> None:
    """Every state has a letter of its own, and what is wrong stands there as a word."""
    assert len({letter for letter, _ in STATES.values()}) == len(STATES) == len(AgentState)
    text = " ".join(drawn(broken(), "en").split())
    assert "LINK DOWN" in text and "connection refused" in text and "JOURNAL FAULT disk full" in text


def test_both_languages_have_all_words() -> None:
    assert WORDS["el"].keys() == WORDS["en"].keys()


def test_every_notice_has_words() -> None:
    state, call, offer = LineState(), CallId("n1-1"), OfferId("o1")
    results = (OfferResult.NO_ANSWER, OfferResult.BUSY, OfferResult.FAILED)
    told: list[facts.Fact] = [
        facts.ClockSet(ANCHOR, 5.0), facts.LinkChanged(False, ""), facts.TrunkChanged(False),
        facts.MediaLost(call, AgentId("a001")), facts.MediaLost(call, AgentId("")),
        facts.CommandLost("Prompt", call, "missing", "left out"), facts.CommandLost("Transfer", call, "no route", ""),
        facts.Unexpected("Bridged", "o1", "closing"), facts.Discrepancy("n1-1", "talking", "none", "ended"),
        facts.Ordered("move", call, "general", "maria"),
        *(facts.OfferEnded(offer, call, AgentId("a001"), QUEUES[0], result, 1.0, "") for result in results),
    ]  # fmt: skip
    for fact in told:
        state.apply(1.0, fact)
    assert state.notice_counts == dict.fromkeys(NOTICES, 1)
    for language in get_args(Language):
        assert state.notice_counts.keys() <= WORDS[language].keys()
    assert {"set", "up", "down"} <= WORDS["en"].keys()


def test_no_number_is_shown() -> None:
    assert "694" not in drawn(busy(12), "el") + plain(busy(12))


def test_who_is_not_let_in_is_shown() -> None:
    state = LineState()
    assert "Not let in" not in plain(view.snapshot(state, 0.0), "en")
    state.apply(1.0, facts.TurnedAway("caller", 195))
    state.apply(2.0, facts.TurnedAway("caller", 5))
    state.apply(2.0, facts.TurnedAway("full", 1))
    assert "Not let in: 200 one number's, 1 for want of room" in plain(view.snapshot(state, 3.0), "en")
    assert "Δεν δέχθηκε" in drawn(view.snapshot(state, 3.0), "el")
