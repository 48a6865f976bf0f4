"""The fold against hand-made stories and against an oracle on thousands of generated ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls import (
    AgentId,
    AgentState,
    Attribute,
    CallId,
    CallStage,
    OfferId,
    OfferResult,
    Outcome,
    Party,
    QueueId,
    facts,
)
from metrics import Calendar, LineState, Period, Tally, offset_of, view
from metrics.view import hide_numbers
from tests.kept import fold_again

from .stories import MOVES, QUEUES, Story, told_by

C, A, OFFER, Q = CallId("n1-1732394567.12"), AgentId("a1"), OfferId("o1"), QueueId("pensions")
ANCHOR = 1_772_402_400.0  # 2026-03-02 00:00 in Athens


def line(*told: tuple[float, facts.Fact], interval_s: int = 1800) -> LineState:
    state = LineState(Calendar(interval_s, offset_of(ZoneInfo("Europe/Athens"))))
    state.apply(0.0, facts.LineOpened("n1", ANCHOR, "1"))
    for now, fact in told:
        state.apply(now, fact)
    return state


def queued(now: float, call: CallId = C, queue: QueueId = Q) -> list[tuple[float, facts.Fact]]:
    return [
        (now - 5, facts.CallStarted(call, "6941234567", "1555")),
        (now, facts.AttributeSet(call, Attribute.TOPIC, "pension")),
        (now, facts.Queued(call, queue, "el", 0, 1, 3)),
    ]


def answered(now: float, wait_s: float) -> list[tuple[float, facts.Fact]]:
    return [
        (now, facts.OfferEnded(OFFER, C, A, Q, OfferResult.ANSWERED, 2.0, "")),
        (now, facts.Connected(C, OFFER, A, Q, wait_s, 2.0)),
    ]


def served(now: float, talk_s: float) -> list[tuple[float, facts.Fact]]:
    return [
        (now, facts.ConversationEnded(C, OFFER, A, Q, talk_s, 0.0, Party.CALLER, True)),
        (now, facts.CallEnded(C, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, now)),
        (now + 10, facts.WrapUpDone(C, A, Q, 10.0)),
    ]


def test_a_call_on_its_way() -> None:
    state = line()
    stages: list[tuple[facts.Fact, str]] = [
        (facts.CallStarted(C, "6941234567", "1555"), "menu"),
        (facts.Queued(C, Q, "el", 0, 1, 3), "waiting"),
        (facts.OfferMade(OFFER, C, A, Q, 0.0, "idle", (0.0,), 1, (A,), ()), "waiting"),
        (facts.OfferEnded(OFFER, C, A, Q, OfferResult.BUSY, 0.0, "486"), "waiting"),
        (facts.OfferEnded(OFFER, C, A, Q, OfferResult.ANSWERED, 2.0, ""), "connecting"),
        (facts.Connected(C, OFFER, A, Q, 9.0, 2.0), "talking"),
        (facts.ConversationEnded(C, OFFER, A, Q, 60.0, 0.0, Party.AGENT, True), "leaving"),
        (facts.TransferStarted(C, "", True), "transferring"),
        (facts.TransferEnded(C, True, 5.0), "leaving"),
        (facts.NodeEntered(C, "survey"), "menu"),
    ]
    for now, (fact, stage) in enumerate(stages):
        state.apply(float(now), fact)
        found = view.snapshot(state, float(now))["calls"]
        assert found[stage] == found["total"] == 1, fact
    state.apply(99.0, facts.CallEnded(C, Outcome.HANDLED, CallStage.LEAVING, Party.CALLER, 99.0))
    assert view.snapshot(state, 99.0)["calls"]["total"] == 0


def test_a_handled_call_counts_everywhere_once() -> None:
    state = line(*queued(100), *answered(115, 15.0), *served(175, 60.0))
    seen = view.snapshot(state, 200)
    rows = [seen["today"], seen["interval"], seen["queues"][Q]["today"], seen["topics"]["pension"]]
    for row in rows:
        assert (row["offered"], row["handled"], row["handled_within_t"]) == (1, 1, 1)
        assert (row["service_level"], row["asa_s"], row["aht_s"]) == (1.0, 15.0, 70.0)
    assert seen["agents"] == {} and seen["today"]["arrived"] == 1


def test_a_call_that_is_handed_over_counts_once_for_the_queue_and_for_each_agent() -> None:
    colleague = AgentId("a2")
    state = line(
        *queued(100),
        *answered(115, 15.0),
        (145, facts.ConversationEnded(C, OFFER, A, Q, 20.0, 10.0, Party.AGENT, True)),
        (145, facts.HandedOver(C, OfferId("17.9"), colleague, Q, A)),
        (155, facts.WrapUpDone(C, A, Q, 10.0)),
        (185, facts.ConversationEnded(C, OfferId("17.9"), colleague, Q, 40.0, 0.0, Party.CALLER, True)),
        (185, facts.CallEnded(C, Outcome.HANDLED, CallStage.TALKING, Party.CALLER, 90)),
        (205, facts.WrapUpDone(C, colleague, Q, 20.0)),
    )
    seen = view.snapshot(state, 300)
    for row in (seen["today"], seen["queues"][Q]["today"]):
        assert (row["offered"], row["handled"], row["aht_s"]) == (1, 1, 100.0)
    (period, *_) = state.ledger.periods(ANCHOR + 100)
    told = {name: (row.handled, row.talk_s, row.hold_s, row.wrap_up_s) for name, row in period.agents.items()}
    assert told == {A: (1, 20.0, 10.0, 10.0), colleague: (1, 40.0, 0.0, 20.0)}


def test_a_call_counts_in_the_interval_where_it_was_offered() -> None:
    """Offered at 09:59:50, answered at 10:00:20, wrapped up a minute later: all of it belongs to 09:30."""
    offered = 9 * 3600 + 59 * 60 + 50
    state = line(*queued(offered), *answered(offered + 30, 30.0), *served(offered + 90, 60.0))
    (day,) = state.ledger.days.values()
    intervals = state.ledger.intervals(day)
    half_past_nine = intervals[ANCHOR + 9.5 * 3600].line
    assert (half_past_nine.offered, half_past_nine.handled, half_past_nine.talk_s) == (1, 1, 60.0)
    assert half_past_nine.wrap_up_s == 10.0
    assert all(period.line.offered == 0 for start, period in intervals.items() if start > ANCHOR + 9.5 * 3600)


def test_today_begins_at_local_midnight() -> None:
    midnight = 86_400.0
    state = line(*queued(midnight - 10), *answered(midnight + 5, 15.0))
    assert view.snapshot(state, midnight - 1)["today"]["offered"] == 1
    after = view.snapshot(state, midnight + 5)
    assert after["today"]["since"] == "2026-03-03T00:00:00+02:00"
    assert (after["today"]["offered"], after["today"]["handled"], after["today"]["service_level"]) == (0, 0, None)
    assert state.ledger.whole.line.handled == 1


@pytest.mark.parametrize(
    ("wait_s", "within_t", "short"), [(0.0, 1, 1), (4.9, 1, 1), (5.0, 1, 0), (20.0, 1, 0), (20.1, 0, 0)]
)
def test_an_abandoned_call(wait_s: float, within_t: int, short: int) -> None:
    left = facts.QueueLeft(C, Q, Outcome.ABANDONED, wait_s)
    ended = facts.CallEnded(C, Outcome.ABANDONED, CallStage.WAITING, Party.CALLER, 9.0)
    row = view.snapshot(line(*queued(100), (100 + wait_s, left), (100 + wait_s, ended)), 200)["today"]
    assert (row["abandoned"], row["abandoned_within_t"], row["short_abandoned"]) == (1, within_t, short)
    assert row["service_level"] == (None if within_t else 0.0)


def test_an_overflowed_call_is_two_entries_of_queues_and_one_call_of_the_line() -> None:
    general = QueueId("general")
    moved: list[tuple[float, facts.Fact]] = [
        (130.0, facts.QueueLeft(C, Q, Outcome.OVERFLOWED, 30.0)),
        (130.0, facts.Queued(C, general, "el", 0, 1, 3)),
    ]
    state = line(*queued(100), *moved, (140, facts.Connected(C, OFFER, A, general, 10.0, 2.0)))
    seen = view.snapshot(state, 150)
    first, second, whole = seen["queues"][Q]["today"], seen["queues"][general]["today"], seen["today"]
    assert (first["offered"], first["overflowed"], first["handled"]) == (1, 1, 0)
    assert (second["offered"], second["handled"], second["asa_s"]) == (1, 1, 10.0)
    assert (whole["offered"], whole["overflowed"], whole["handled"], whole["asa_s"]) == (1, 0, 1, 40.0)


def test_a_call_that_overflows_to_a_message_has_overflowed() -> None:
    left = facts.QueueLeft(C, Q, Outcome.OVERFLOWED, 30.0)
    state = line(*queued(100), (130, left))
    assert view.snapshot(state, 131)["today"]["overflowed"] == 0  # another queue may still take it
    state.apply(140, facts.CallEnded(C, Outcome.OVERFLOWED, CallStage.LEAVING, Party.LINE, 45.0))
    assert view.snapshot(state, 141)["today"]["overflowed"] == 1


def test_refused_at_the_door_counts_as_offered() -> None:
    started = facts.CallStarted(C, "6941234567", "1555")
    refused = facts.QueueLeft(C, Q, Outcome.REFUSED, 0.0)
    row = view.snapshot(line((1, started), (2, refused)), 3)["queues"][Q]["today"]
    assert (row["offered"], row["refused"], row["service_level"]) == (1, 1, 0.0)


def test_facts_about_the_unknown_change_nothing() -> None:
    empty = view.snapshot(line(), 50)
    story = [(40.0, fact) for _, fact in served(40, 60.0)]
    story += [(40.0, facts.QueueLeft(C, Q, Outcome.ABANDONED, 1.0)), (40.0, facts.NodeEntered(C, "x"))]
    assert view.snapshot(line(*story), 50) == empty


def test_a_call_that_could_not_be_joined_waits_again() -> None:
    """No fact says so by itself: the agent who answered is not talking any more."""
    answered = facts.OfferEnded(OFFER, C, A, Q, OfferResult.ANSWERED, 2.0, "")
    talks = facts.AgentChanged(A, AgentState.RINGING, AgentState.TALKING, "", 2.0)
    state = line(*queued(100), (102, answered), (102, talks))
    assert view.snapshot(state, 103)["queues"][Q]["connecting"] == 1
    state.apply(107, facts.AgentChanged(A, AgentState.TALKING, AgentState.READY, "", 5.0))
    queue = view.snapshot(state, 110)["queues"][Q]
    assert (queue["connecting"], queue["waiting"], queue["longest_wait_s"]) == (0, 1, 10.0)


def test_longest_wait_grows_with_now() -> None:
    later = CallId("n1-2.2")
    state = line(*queued(100), *queued(130, later))
    queue = view.snapshot(state, 160)["queues"][Q]
    assert (queue["waiting"], queue["longest_wait_s"], queue["waiting_since"]) == (2, 60.0, "2026-03-02T00:01:40+02:00")
    assert view.snapshot(state, 170)["longest_wait_s"] == 70.0


def test_rona_counts_and_is_noticed() -> None:
    made = facts.OfferMade(OFFER, C, A, Q, 0.0, "idle", (0.0,), 1, (A,), ())
    rang = facts.OfferEnded(OFFER, C, A, Q, OfferResult.NO_ANSWER, 15.0, "")
    seen = view.snapshot(line(*queued(100), (100, made), (115, rang)), 116)
    assert (seen["today"]["offers"], seen["today"]["rona"], seen["notice_counts"]) == (1, 1, {"rona": 1})
    assert seen["notices"][0]["subject"] == A and seen["calls"]["waiting"] == 1


def test_agents_by_state_and_their_occupancy() -> None:
    moves = [
        (0.0, AgentState.LOGGED_OUT, AgentState.READY, "", 0.0),
        (40.0, AgentState.READY, AgentState.TALKING, "", 40.0),
        (90.0, AgentState.TALKING, AgentState.WRAP_UP, "", 50.0),
        (100.0, AgentState.WRAP_UP, AgentState.NOT_READY, "break", 10.0),
    ]
    state = line(*((now, facts.AgentChanged(A, *rest)) for now, *rest in moves))  # type: ignore[arg-type]
    seen = view.snapshot(state, 400)
    agent = seen["agents"][A]
    assert (agent["state"], agent["reason"], agent["in_state_s"]) == ("not_ready", "break", 300.0)
    assert agent["today"]["state_s"] == {"ready": 40.0, "talking": 50.0, "wrap_up": 10.0, "not_ready": 300.0}
    assert agent["today"]["occupancy"] == seen["today"]["occupancy"] == 0.6
    assert seen["not_ready"] == {"break": 1} and seen["agents_by_state"]["not_ready"] == 1


def test_state_time_is_cut_at_interval_bounds() -> None:
    ready = facts.AgentChanged(A, AgentState.LOGGED_OUT, AgentState.READY, "", 0.0)
    state = line((1700, ready), interval_s=900)
    state.settle(2800)
    (day,) = state.ledger.days.values()
    spent = {start - ANCHOR: p.staff.state_s for start, p in state.ledger.intervals(day).items()}
    ready_s = AgentState.READY
    assert spent == {900.0: {ready_s: 100.0}, 1800.0: {ready_s: 900.0}, 2700.0: {ready_s: 100.0}}
    assert state.ledger.whole.staff.state_s == {ready_s: 1100.0}


def test_those_known_beforehand_are_shown_from_the_start() -> None:
    state = LineState(queues=[Q], agents=[A])
    state.apply(5.0, facts.LineOpened("n1", ANCHOR, "1"))
    seen = view.snapshot(state, 15.0)
    assert seen["queues"][Q]["waiting"] == 0
    assert (seen["agents"][A]["state"], seen["agents"][A]["in_state_s"]) == ("logged_out", 10.0)


def test_a_second_run_with_another_anchor_goes_on() -> None:
    """After a crash the journal is folded, then the new run's clock begins at 0."""
    state = line(*queued(100))
    state.apply(0.0, facts.LineOpened("n1", ANCHOR + 150, "1"))
    assert view.snapshot(state, 10.0)["queues"][Q]["longest_wait_s"] == 60.0


def test_no_number_leaves_in_the_snapshot() -> None:
    lost = facts.CommandLost("Transfer", C, "no route to +302106241888.", "back to the queue")
    state = line(*queued(100), (101, lost), (102, facts.LinkChanged(False, "6941234567")))
    text = json.dumps(view.snapshot(state, 103))
    assert "6241888" not in text and "6941234567" not in text and C in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call 6941234567 now", "call 694****567 now"),
        ("sip:2106241888@proxy", "sip:210****888@proxy"),
        ("n1-1732394567.12", "n1-1732394567.12"),
        ("1732394567.12", "1732394567.12"),
        ("486 Busy", "486 Busy"),
    ],
)
def test_hide_numbers(text: str, shown: str) -> None:
    assert hide_numbers(text) == shown


def test_a_fold_kept_on_disk_goes_on_as_if_nothing_had_been() -> None:
    """Rows that are one in memory (a call's and its interval's) are one again."""
    whole = line(*queued(100), *answered(115, 15.0))
    kept = fold_again(line(*queued(100)))
    for now, fact in answered(115, 15.0):
        kept.apply(now, fact)
    assert view.snapshot(kept, 200) == view.snapshot(whole, 200)


EXITS = frozenset(Outcome) - {Outcome.HANDLED}
MOVE = st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 7), st.integers(0, 400).map(float))


def inside(story: Story, queue: QueueId | None = None) -> int:
    waiting = [c.queue for c in story.callers if c.queue and c.connected is None and not c.callback]
    return sum(queue in (None, stands) for stands in waiting)


def left(tally: Tally) -> int:
    return tally.handled + sum(tally.exits.values())


def periods(state: LineState) -> Iterable[Period]:
    yield state.ledger.whole
    yield from state.ledger.days.values()


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVE, max_size=150))
def test_every_way_out_is_counted(moves: list[tuple[int, int, float]]) -> None:
    """offered = handled + every way out + still waiting or connecting, per queue and for the line."""
    story = told_by(moves)
    state = LineState()
    for now, fact in story.told:
        state.apply(now, fact)
    whole = state.ledger.whole
    for queue in QUEUES:
        tally = whole.queue(queue)
        assert tally.offered == story.count["offered", queue] == left(tally) + inside(story, queue)
        assert (tally.handled, tally.rona) == (story.count["handled", queue], story.count["rona", queue])
        assert {way: tally.exits.get(way, 0) for way in EXITS} == {way: story.count[way, queue] for way in EXITS}
        told = (story.count["callbacks", queue], story.count["called_back", queue], story.count["given_up", queue])
        assert (tally.callbacks, tally.called_back, tally.unreached) == told
    assert whole.line.offered == left(whole.line) + inside(story)
    here = sum(call.arrived is not None for call in state.calls.values())
    assert whole.line.arrived == sum(whole.line.ended.values()) + here
    assert sum(whole.line.ended.values()) == sum(n for (what, _), n in story.count.items() if what == "ended")


@settings(max_examples=25, deadline=None)
@given(st.lists(MOVE, max_size=150))
def test_rows_add_up(moves: list[tuple[int, int, float]]) -> None:
    """Topics add up to the line, agents to the handled calls, intervals to their day."""
    state = LineState()
    for now, fact in told_by(moves).told:
        state.apply(now, fact)
    for period in periods(state):
        assert sum(t.offered for t in period.topics.values()) == period.line.offered
        assert sum(t.talk_s for t in period.topics.values()) == period.line.talk_s
        assert sum(a.handled for a in period.agents.values()) == period.staff.handled == period.line.served
        assert sum(t.called_back for t in period.topics.values()) == period.line.called_back
    for day in state.ledger.days.values():
        assert sum(i.line.offered for i in state.ledger.intervals(day).values()) == day.line.offered


DAYS = 259_200.0


@pytest.mark.parametrize("by_s", [5.0, 3_600.0, DAYS, -3_600.0, -DAYS])
def test_a_clock_that_is_set_moves_no_wait_and_no_state(by_s: float) -> None:
    ready = facts.AgentChanged(A, AgentState.NOT_READY, AgentState.READY, "", 1.0)
    state = line((36_000.0, ready), *queued(36_010.0), (36_020.0, facts.ClockSet(ANCHOR + by_s, by_s)))
    snap = view.snapshot(state, 36_030.0)
    assert (snap["longest_wait_s"], snap["queues"][Q]["longest_wait_s"]) == (20.0, 20.0)
    assert snap["agents"][A]["in_state_s"] == 30.0
    assert snap["time"] == state.calendar.label(ANCHOR + by_s + 36_030.0)
    whole = state.ledger.whole
    assert whole.agents[A].state_s[AgentState.READY] == pytest.approx(30.0)
    assert (whole.line.arrived, whole.line.offered) == (1, 1)
    assert snap["notice_counts"]["clock"] == 1


def test_days_of_a_clock_that_was_wrong_do_not_push_out_today() -> None:
    told: list[tuple[float, facts.Fact]] = [(10.0, facts.ClockSet(ANCHOR + DAYS, DAYS)), *queued(100.0)]
    told += [*queued(86_500.0, CallId("n1-2")), (86_600.0, facts.ClockSet(ANCHOR, -DAYS))]
    told += [*queued(86_700.0, CallId("n1-3")), *queued(90_000.0, CallId("n1-4"))]
    today = view.snapshot(line(*told), 93_000.0)["today"]
    assert today["arrived"] == 2


@pytest.mark.parametrize("booked", [True, False])
def test_a_call_that_asterisk_served_alone_counts_where_it_began(booked: bool) -> None:
    told = facts.Survived(C, "", "1555", Q, A, 3.0, 20.0, 33.0, 3_600.0, Party.CALLER, booked)
    state = line((36_000.0, told), interval_s=1800)
    whole, began = state.ledger.whole, ANCHOR + 36_000.0 - 3_633.0
    if booked:
        assert (whole.line.arrived, whole.line.ended, whole.line.offered) == (0, {}, 0)
        return
    assert (whole.line.arrived, whole.line.ended, whole.line.offered) == (1, {Outcome.SURVIVED: 1}, 1)
    assert (whole.queues[Q].exits, whole.agents[A].talk_s) == ({Outcome.SURVIVED: 1}, 20.0)
    (interval,) = (i for i in state.ledger.intervals(state.ledger.periods(began)[1]).values() if i.line.arrived)
    assert interval.start == state.calendar.interval_start(began)
