"""What the tables say about a call, without any database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

import pytest
from sqlalchemy import inspect

from calls import AgentId, AgentState, CallId, CallStage, ContractError, OfferId, Outcome, Party, QueueId
from calls import facts as f
from records.projection import Projector
from records.steps import Gap, Meta, facts_text
from records.tables import AgentSpell, Anomaly, CallRow, Segment
from records.told import TEXT_LIMIT, StepFacts, tell

from .stories import ANCHOR, MARIA, NIKOS, PENSIONS, Steps, abandoned, called_back, confided, served

CALL = CallId("n1-9")


def booked(steps: Steps) -> Projector:
    projector = Projector(Meta("j", "n1", ANCHOR))
    for seq, (now, facts) in enumerate(steps, 1):
        projector.apply(tell((seq, 1, now, None, facts_text(facts), None, None)))
    return projector


def journey(projector: Projector, call: str) -> list[tuple[Any, ...]]:
    return [(s.kind, s.name, s.result, s.duration_s, s.agent) for s in projector.segments[call]]


def since(instant: datetime) -> float:
    return round(instant.timestamp() - ANCHOR, 3)


def test_a_served_call() -> None:
    projector = booked(served())
    call = projector.calls["n1-1"]
    assert (call.ani, call.dnis, call.language, call.topic, call.role) == ("6941234567", "1555", "el", "pensions", None)
    assert (call.queue, call.agent, call.offers, call.outcome, call.hung_up_by) == (
        PENSIONS,
        NIKOS,
        2,
        "handled",
        "caller",
    )
    assert (call.wait_s, call.ring_s, call.talk_s, call.hold_s, call.wrap_up_s) == (13.0, 3.0, 50.0, 10.0, 20.0)
    assert call.queued_at and call.ended_at and (since(call.queued_at), since(call.ended_at)) == (5.0, 78.1)
    assert call.stage == "talking" and call.exact and not call.confidential and call.left_queue is None


def test_the_journey_of_a_served_call() -> None:
    assert journey(booked(served()), "n1-1") == [
        ("menu", "language", "el", 2.0, None),
        ("menu", "topic", "pensions", 3.0, None),
        ("waiting", "pensions", "connected", 13.0, None),
        ("ringing", "pensions", "no_answer", 10.0, "maria"),
        ("ringing", "pensions", "answered", 3.0, "nikos"),
        ("conversation", "pensions", "caller", 60.0, "nikos"),
        ("hold", None, "", 10.0, "nikos"),
    ]


def test_the_reason_of_an_offer_is_kept() -> None:
    offer = booked(served()).offers["n1-1", "n1-1-o1"]
    assert (offer.result, offer.ring_s, offer.agent) == ("no_answer", 10.0, "maria")
    assert offer.reason["eligible"] == ["maria", "nikos"] and offer.reason["excluded"][0]["rule"] == "skill"


def test_agent_history() -> None:
    projector = booked(served())
    spells = [s for s in projector.added if isinstance(s, AgentSpell) and s.agent == "nikos"]
    assert [(s.seq, s.state, s.duration_s) for s in spells] == [
        (1, "ready", 60.0), (2, "ringing", 3.0), (3, "talking", 60.1), (4, "wrap_up", 20.0), (5, "ready", None),
    ]  # fmt: skip
    marias = [(s.state, s.reason) for s in projector.added if isinstance(s, AgentSpell) and s.agent == MARIA]
    assert marias == [("ready", ""), ("ringing", ""), ("not_ready", "rona"), ("ready", "")]


def test_a_lost_change_of_an_agent_is_put_in() -> None:
    changes: Steps = [
        (10.0, [f.AgentChanged(MARIA, AgentState.NOT_READY, AgentState.READY, "", 5.0)]),
        (90.0, [f.AgentChanged(MARIA, AgentState.TALKING, AgentState.WRAP_UP, "", 30.0)]),
    ]
    spells = [s for s in booked(changes).added if isinstance(s, AgentSpell)]
    assert [(s.state, s.duration_s) for s in spells] == [
        ("not_ready", 5.0), ("ready", 50.0), ("talking", 30.0), ("wrap_up", None),
    ]  # fmt: skip


def test_an_abandoned_call() -> None:
    call = booked(abandoned()).calls["n1-2"]
    assert (call.outcome, call.left_queue, call.wait_s, call.agent, call.talk_s) == (
        "abandoned",
        "abandoned",
        30.0,
        None,
        None,
    )


def test_a_confidential_transfer_leaves_nothing_behind() -> None:
    projector = booked(confided())
    call = projector.calls["n1-3"]
    assert (call.ani, call.topic, call.language, call.role, call.confidential) == (None, None, None, None, True)
    assert journey(projector, "n1-3") == [("transfer", None, "not_answered", 7.0, None)]
    assert [o.detail for o in projector.added if isinstance(o, Anomaly)] == [""]
    assert [s.kind for s in projector.added if isinstance(s, Segment)] == ["transfer"]
    assert call.outcome == "left_in_menu" and call.dnis == "1555"


def test_an_open_transfer_keeps_its_target() -> None:
    steps: Steps = [
        (0.0, [f.CallStarted(CALL, "1", "1555"), f.NodeEntered(CALL, "ergani")]),
        (0.0, [f.TransferStarted(CALL, "2103333333", False)]),
        (9.0, [f.TransferEnded(CALL, True, 5.0)]),
        (9.0, [f.CallEnded(CALL, Outcome.TRANSFERRED, CallStage.TRANSFERRING, Party.CALLER, 9.0)]),
    ]
    assert journey(booked(steps), CALL) == [
        ("menu", "ergani", "", 0.0, None),
        ("transfer", "2103333333", "answered", 9.0, None),
    ]


def test_each_agents_part_of_a_call_that_was_handed_over_and_sent_on() -> None:
    """The caller waited once as far as the call's row goes; the second wait is a part of the journey."""
    one, two = OfferId("o1"), OfferId("17.9")
    steps: Steps = [
        (0.0, [f.CallStarted(CALL, "1", "1555"), f.Queued(CALL, PENSIONS, "", 0, 1, 1)]),
        (5.0, [f.Connected(CALL, one, MARIA, PENSIONS, 5.0, 1.0)]),
        (15.0, [f.Held(CALL, MARIA, True)]),
        (20.0, [f.ConversationEnded(CALL, one, MARIA, PENSIONS, 10.0, 5.0, Party.AGENT, True)]),
        (20.0, [f.HandedOver(CALL, two, NIKOS, PENSIONS, MARIA)]),
        (50.0, [f.ConversationEnded(CALL, two, NIKOS, PENSIONS, 30.0, 0.0, Party.AGENT, True)]),
        (50.0, [f.SentOn(CALL, NIKOS, "other"), f.Queued(CALL, QueueId("other"), "", 0, 1, 1)]),
        (60.0, [f.QueueLeft(CALL, QueueId("other"), Outcome.ABANDONED, 10.0)]),
        (60.0, [f.CallEnded(CALL, Outcome.HANDLED, CallStage.WAITING, Party.CALLER, 60.0)]),
    ]
    projector = booked(steps)
    parts = [(s.kind, s.agent, s.duration_s) for s in projector.segments[CALL]]
    assert parts == [
        ("waiting", None, 5.0),
        ("conversation", MARIA, 15.0),
        ("hold", MARIA, 5.0),
        ("conversation", NIKOS, 30.0),
        ("waiting", None, 10.0),
    ]
    call = projector.calls[CALL]
    assert (call.outcome, call.left_queue, call.wait_s, call.agent) == ("handled", "abandoned", 5.0, NIKOS)
    assert (call.talk_s, call.hold_s) == (40.0, 5.0)


def test_a_call_that_overflows_waited_once() -> None:
    first, second = QueueId("first"), QueueId("second")
    steps: Steps = [
        (0.0, [f.CallStarted(CALL, "1", "1555"), f.Queued(CALL, first, "", 0, 1, 1)]),
        (60.0, [f.QueueLeft(CALL, first, Outcome.OVERFLOWED, 60.0), f.Queued(CALL, second, "", 0, 1, 1)]),
        (75.0, [f.QueueLeft(CALL, second, Outcome.ABANDONED, 15.0)]),
    ]
    projector = booked(steps)
    assert [s[:4] for s in journey(projector, CALL)] == [
        ("waiting", "first", "overflowed", 60.0), ("waiting", "second", "abandoned", 15.0),
    ]  # fmt: skip
    assert (projector.calls[CALL].wait_s, projector.calls[CALL].left_queue, projector.calls[CALL].queue) == (
        75.0,
        "abandoned",
        "second",
    )


def test_a_call_that_is_moved_waited_once() -> None:
    first, second = QueueId("first"), QueueId("second")
    steps: Steps = [
        (0.0, [f.CallStarted(CALL, "1", "1555"), f.Queued(CALL, first, "", 0, 1, 1)]),
        (10.0, [f.PlaceChanged(CALL, first, "", 9, "priority set")]),
        (60.0, [f.PlaceChanged(CALL, second, "", 0, "moved")]),
        (75.0, [f.QueueLeft(CALL, second, Outcome.ABANDONED, 75.0)]),
    ]
    projector = booked(steps)
    assert [s[:3] for s in journey(projector, CALL)] == [
        ("waiting", "first", "overflowed"), ("waiting", "second", "abandoned"),
    ]  # fmt: skip
    assert (projector.calls[CALL].wait_s, projector.calls[CALL].queue) == (75.0, "second")


def test_a_callback_is_a_call_of_its_own() -> None:
    projector = booked(called_back())
    asked, back = projector.calls["n1-5"], projector.calls["n1-5-cb"]
    assert (asked.callback, asked.outcome, asked.left_queue, asked.attempts) == (
        False,
        "overflowed",
        "overflowed",
        None,
    )
    assert (back.callback, back.callback_of, back.attempts, back.due_at) == (True, "n1-5", 1, None)
    assert (back.ani, back.dnis, back.language, back.topic) == ("6941234567", "11320", "el", "pensions")
    assert (back.outcome, back.agent, back.talk_s, back.wrap_up_s, back.offers) == ("handled", "nikos", 60.0, 20.0, 2)
    assert journey(projector, "n1-5-cb") == [
        ("waiting", "pensions", "connected", 1036.0, None),
        ("ringing", "pensions", "answered", 3.0, "nikos"),
        ("dialling", "pensions", "busy", 30.0, "nikos"),
        ("ringing", "pensions", "answered", 3.0, "nikos"),
        ("dialling", "pensions", "answered", 8.0, "nikos"),
        ("conversation", "pensions", "caller", 60.0, "nikos"),
    ]
    assert [s.detail for s in projector.segments["n1-5-cb"] if s.kind == "dialling"] == ["17", None]


def test_a_callback_that_is_given_up() -> None:
    projector = booked(called_back(reached=False))
    back = projector.calls["n1-5-cb"]
    assert (back.outcome, back.left_queue, back.attempts, back.agent) == ("unreached", "unreached", 2, None)
    assert journey(projector, "n1-5-cb")[-1] == ("dialling", "pensions", "no_answer", 30.0, "nikos")


def test_an_agent_gone_while_the_citizen_is_rung() -> None:
    told = called_back()[:5]
    again = f.OfferMade(OfferId("o9"), CallId("n1-5-cb"), MARIA, PENSIONS, 1.0, "", (), 1, (), ())
    found = journey(booked([*told, (110.0, [again])]), "n1-5-cb")
    assert found[2] == ("dialling", "pensions", "", 7.0, "nikos") and found[3][0] == "ringing"


def test_a_promised_time() -> None:
    back = CallId("n1-cb0-1")
    promise = f.CallbackPromised(back, None, PENSIONS, "2101234567", "en", 0.0, 600.0)
    moved = f.PlaceChanged(back, QueueId("general"), "", 0.0, "moved")
    call = booked([(10.0, [promise]), (20.0, [moved])]).calls[back]
    assert (call.callback_of, call.dnis, call.language, call.queue, call.queued_at) == (
        None,
        None,
        "en",
        "general",
        None,
    )
    assert call.due_at and since(call.due_at) == 610.0


def test_the_callback_of_a_confidential_call_is_confidential() -> None:
    asked, back = CallId("n1-3"), CallId("n1-cb0-1")
    promise = f.CallbackPromised(back, asked, PENSIONS, "6977777777", "en", 0.0, None)
    projector = booked([*confided()[:6], (9.5, [promise])])
    call = projector.calls[back]
    assert call.confidential and call.callback
    assert (call.ani, call.language, call.topic, call.callback_of) == (None, None, None, None)


def test_a_callback_that_becomes_confidential_does_not_name_the_call_it_came_from() -> None:
    back = CallId("n1-5-cb")
    call = booked([*called_back(), (1200.0, [f.TransferStarted(back, "", True)])]).calls[back]
    assert (call.ani, call.callback_of) == (None, None)


def test_a_call_refused_at_the_door_was_offered() -> None:
    projector = booked([(3.0, [f.QueueLeft(CALL, PENSIONS, Outcome.REFUSED, 0.0)])])
    call = projector.calls[CALL]
    assert call.queued_at is not None and (call.left_queue, call.wait_s) == ("refused", 0.0)


def test_a_call_without_a_beginning_gets_its_row() -> None:
    projector = booked(
        [(5.0, [f.ConversationEnded(CALL, cast(Any, "o"), MARIA, PENSIONS, 5.0, 0.0, Party.AGENT, False)])]
    )
    assert (projector.calls[CALL].ani, projector.calls[CALL].talk_s, projector.calls[CALL].exact) == (None, 5.0, False)


def test_oddities() -> None:
    projector = booked([(1.0, [
        f.LinkChanged(False, "gone"), f.Unexpected("Bridged", "o1", "closing"),
        f.Discrepancy("n1-1", "talking", "none", "ended"), f.CommandLost("Play", "n1-1", "no channel", "ended"),
        f.CallStarted(CALL, "1", "2"), f.CallStarted(CALL, "1", "2"),
        f.LineOpened("n1", ANCHOR + 60, "v"),
    ])])  # fmt: skip
    odd = [o for o in projector.added if isinstance(o, Anomaly)]
    assert [(o.number, o.kind) for o in odd] == list(
        enumerate(["link", "unexpected", "discrepancy", "command_lost", "doubled", "anchor"], 1)
    )


def test_a_gap_is_an_oddity() -> None:
    projector = Projector(Meta("j", "n1", ANCHOR))
    projector.apply(StepFacts(7, 9.0, (), Gap(12, 3.0, 9.0)))
    (odd,) = projector.added
    assert isinstance(odd, Anomaly) and odd.kind == "journal_gap" and odd.detail.startswith("12 steps lost")
    assert since(odd.at) == 3.0


def test_hostile_text_and_numbers_become_storable() -> None:
    hostile = "\0\ud800'; DROP TABLE call; -- Ωμέγα " + "x" * 1000
    fact = f.OfferMade(
        cast(Any, "o"), CALL, AgentId(hostile), PENSIONS, float("nan"), hostile, (float("inf"),), 1, (), ()
    )
    (kept,) = tell((1, 1, 0.0, None, facts_text([fact]), None, None)).facts
    assert isinstance(kept, f.OfferMade) and kept.waited_s == 0.0 and kept.key == (1.7976931348623157e308,)
    assert len(kept.agent) == TEXT_LIMIT and "\0" not in kept.agent and kept.agent.encode()
    assert "Ωμέγα" in kept.agent and kept.agent.startswith("\ufffd\ufffd'; DROP")


@pytest.mark.parametrize("text", ["{", "[1]", '[{"type": "Nobody"}]', "null", json.dumps([{"type": "CallStarted"}])])
def test_a_foreign_row_is_refused(text: str) -> None:
    with pytest.raises(ContractError):
        tell((1, 1, 0.0, None, text, None, None))


def test_every_column_of_a_call_is_filled_somewhere() -> None:
    promise = f.CallbackPromised(CallId("n1-cb0-1"), CallId("n1-5"), PENSIONS, "6941234567", "el", 0.0, 600.0)
    calls = booked([*served(), *abandoned(), *called_back(), (0.0, [promise])]).calls.values()
    columns = {column.key for column in inspect(CallRow).column_attrs}
    assert {name for name in columns if all(getattr(call, name) is None for call in calls)} == {"role"}


@pytest.mark.parametrize("by_s", [5.0, 3_600.0, 259_200.0, -3_600.0, -259_200.0])
@pytest.mark.parametrize("at", [3.0, 16.0, 30.0, 50.0])
def test_a_call_during_which_the_clock_is_set_is_told_by_the_new_clock(by_s: float, at: float) -> None:
    """From its beginning, and its durations are what they were."""
    steps = served()
    where = next(number for number, (now, _) in enumerate(steps) if now >= at)
    set_then = booked([*steps[:where], (at, [f.ClockSet(ANCHOR + by_s, by_s)]), *steps[where:]])
    always = Projector(Meta("j", "n1", ANCHOR + by_s))
    for seq, (now, facts) in enumerate(steps, 1):
        always.apply(tell((seq, 1, now, None, facts_text(facts), None, None)))

    def plain(row: Any) -> dict[str, Any]:
        return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns}

    for call in ("n1-1",):
        assert plain(set_then.calls[call]) == plain(always.calls[call])
        assert [plain(s) for s in set_then.segments[call]] == [plain(s) for s in always.segments[call]]
    assert [plain(o) for o in set_then.offers.values()] == [plain(o) for o in always.offers.values()]
    (odd,) = [row for row in set_then.added if isinstance(row, Anomaly) and row.kind == "clock"]
    assert odd.detail == f"set by {by_s:+.1f} s"


def survived(booked: bool = False) -> f.Survived:
    return f.Survived(
        CALL, "2101234567", "1555", PENSIONS, NIKOS, 3.0, 20.0, 33.0, 60.0, Party.AGENT, booked
    )  # fmt: skip


def test_a_call_that_asterisk_served_alone_has_a_row_of_its_own_time() -> None:
    projector = booked([(100.0, [survived()])])
    call = projector.calls[CALL]
    assert (since(call.started_at), since(cast(datetime, call.ended_at)), call.total_s) == (7.0, 40.0, 33.0)
    assert (call.outcome, call.ani, call.dnis, call.queue, call.agent) == (
        "survived", "2101234567", "1555", PENSIONS, NIKOS,
    )  # fmt: skip
    assert (call.wait_s, call.talk_s, call.exact, call.hung_up_by) == (3.0, 20.0, False, "agent")
    assert journey(projector, CALL) == [
        ("waiting", PENSIONS, "survived", 3.0, None),
        ("conversation", PENSIONS, "agent", 20.0, NIKOS),
    ]


def test_what_the_engine_knew_of_a_rescued_call_stays() -> None:
    begun = f.CallStarted(CALL, "6940000000", "11320")
    ended = f.CallEnded(CALL, Outcome.SURVIVED, CallStage.MENU, Party.UNKNOWN, 5.0)
    projector = booked([(2.0, [begun]), (7.0, [ended]), (100.0, [survived(booked=True)])])
    call = projector.calls[CALL]
    assert (call.ani, call.dnis, since(call.started_at), call.total_s) == ("6940000000", "11320", 2.0, 38.0)
    assert (call.agent, call.talk_s, call.outcome) == (NIKOS, 20.0, "survived")
