"""A recorded day as callers and agents to replay, from the facts of a journal.

Known values are taken as they were: each call's time, topic, talk and wrap-up time, and when each agent was at work.
The patience of callers who were answered is unknown: it is drawn, beyond the time they did wait, from the day's mean
patience (time waited by all over calls abandoned: no memory).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import fsum, inf

from agents import AgentSettings
from calls import AgentId, AgentState, Attribute, CallId, NotReady, Outcome
from calls import facts as f
from ivr import Menus
from metrics import Stay, Sum, Tracker
from simulator.model.citizens import CallerTable
from simulator.model.paths import CallerGoal, path_for
from simulator.model.people import Duty, Staff
from simulator.model.streams import Streams
from simulator.run.figures import INTERVAL_S

TYPICAL_KEY_S = 4.0
NO_DUTY = frozenset({NotReady.LOGIN, NotReady.RONA, NotReady.PHONE, NotReady.UNREACHABLE, NotReady.PHONE_BACK})
"""Reasons of not being ready that are no breaks of the agent's own."""

Steps = Iterable[tuple[float, Iterable[f.Fact]]]


@dataclass(slots=True)
class RecordedCall:
    """One call of the day. Times in seconds of the recording; ``queued_at``, ``wait_s``: of its first offering."""

    at: float
    number: str
    language: str = ""
    topic: str = ""
    role: str = ""
    queued_at: float | None = None
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float = 0.0
    wrap_up_s: float = 0.0
    outcome: Outcome | None = None

    @property
    def handled(self) -> bool:
        return self.outcome is Outcome.HANDLED


@dataclass(slots=True)
class Recorded:
    """A day as it was. ``first``: the start of its first half hour, ``ends_at``: of the one after its last call.

    ``anchor``: epoch seconds of the recording's time 0.
    """

    calls: list[RecordedCall]
    duties: list[Duty]
    pick_up_s: float
    misses: float
    first: float
    ends_at: float
    anchor: float = 0.0

    @property
    def length_s(self) -> float:
        return self.ends_at - self.first

    def within(self, seconds: float) -> float:
        """Give the share of the offered calls that were answered within these seconds, as recorded."""
        offered = [call for call in self.calls if call.queued_at is not None]
        soon = sum(call.handled and (call.wait_s or 0.0) <= seconds for call in offered)
        return soon / len(offered) if offered else 1.0


class _Day:
    """The tracker's reader: what it tells of the calls that began on this day, and of everybody's offers."""

    def __init__(self) -> None:
        self.tracker = Tracker(self)
        self.calls: dict[CallId, RecordedCall] = {}
        self.agents: dict[AgentId, list[tuple[float, AgentState, str]]] = {}
        self.rings: list[float] = []
        self.offers = self.missed = 0

    def entered(self, stay: Stay, before: Stay | None) -> None:
        if stay.number == 1 and stay.call in self.calls:
            self.calls[stay.call].queued_at = stay.since

    def left(self, stay: Stay) -> None:
        pass

    def settled(self, stay: Stay) -> None:
        if stay.offering == 1 and stay.call in self.calls:
            self.calls[stay.call].wait_s = stay.line_wait_s

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        self.offers += what == "offers"
        self.missed += what == "rona"
        call = self.calls.get(stay.call)
        if call is None:
            return
        if what == "ring_s":
            call.ring_s = amount
            self.rings.append(amount)
        elif what in ("talk_s", "hold_s"):
            call.talk_s += amount
        elif what == "wrap_up_s":
            call.wrap_up_s += amount

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        pass


def recorded(steps: Steps, only: Callable[[float], bool] | None = None, anchor: float = 0.0) -> Recorded:
    """Make the day of these facts; ``only``: whether a call of that time belongs to it.

    Agents may have been at work since long before. Raises ``ValueError`` where there is no call.
    """
    day = _Day()
    end = 0.0
    for now, facts in steps:
        end = now
        for fact in facts:
            if only is None or not isinstance(fact, f.CallStarted) or only(now):
                _take(day, now, fact)
    # A callback has no arrival of its own: its citizen is the one whose call it stands for.
    duties = [duty for agent, moves in day.agents.items() for duty in _duties(agent, moves, end)]
    return of_calls(list(day.calls.values()), duties, day.rings, day.missed / max(1, day.offers), anchor)


def of_calls(
    calls: list[RecordedCall], duties: list[Duty], rings: list[float], misses: float = 0.0, anchor: float = 0.0
) -> Recorded:
    """Make the day of these calls, in any order. Raises ``ValueError`` if there is none."""
    if not calls:
        raise ValueError("no call in this recording")
    calls = sorted(calls, key=lambda call: call.at)
    first = calls[0].at - calls[0].at % INTERVAL_S
    ends_at = calls[-1].at - calls[-1].at % INTERVAL_S + INTERVAL_S
    pick_up_s = fsum(rings) / len(rings) if rings else 0.0
    return Recorded(calls, duties, pick_up_s, misses, first, ends_at, anchor)


def _take(day: _Day, now: float, fact: f.Fact) -> None:
    day.tracker.take(now, fact)
    match fact:
        case f.CallStarted(call, _, dnis):
            day.calls[call] = RecordedCall(now, dnis)
        case f.AttributeSet(call, attribute, value) if call in day.calls:
            setattr(day.calls[call], _COLUMN[attribute], value)
        case f.CallEnded(call, outcome) if call in day.calls:
            day.calls[call].outcome = outcome
        case f.AgentChanged(agent, _, new, reason):
            day.agents.setdefault(agent, []).append((now, new, reason))


_COLUMN = {Attribute.LANGUAGE: "language", Attribute.TOPIC: "topic", Attribute.ROLE: "role"}


def _duties(agent: AgentId, moves: list[tuple[float, AgentState, str]], end: float) -> Iterator[Duty]:
    """List the duties: from the first ready after a login to the logout, with the breaks between."""
    begins: float | None = None
    pause_at: float | None = None
    breaks: list[tuple[float, float]] = []
    for now, state, reason in [*moves, (end, AgentState.LOGGED_OUT, "")]:
        if pause_at is not None and state is not AgentState.NOT_READY:
            breaks.append((pause_at, now - pause_at))
            pause_at = None
        if state is AgentState.READY and begins is None:
            begins = now
        elif state is AgentState.NOT_READY and begins is not None and reason not in NO_DUTY and pause_at is None:
            pause_at = now
        elif state is AgentState.LOGGED_OUT and begins is not None:
            yield Duty(agent, begins, inf if now == end and moves[-1][1] is not state else now, tuple(breaks))
            begins, breaks = None, []


# --- to be replayed ---------------------------------------------------------------------------------------------------


def citizens_of(day: Recorded, menus: Menus, streams: Streams) -> CallerTable:
    """Give the day's callers on the run's time scale, for these menus, in order of arrival."""
    chance, patience_s = streams.of("patience beyond"), _patience_s(day)
    rows = [_row(call, day, menus, patience_s, float(chance.standard_exponential())) for call in day.calls]
    columns = zip(*rows, strict=True)
    return CallerTable(*(list(column) for column in columns))


def _row(call: RecordedCall, day: Recorded, menus: Menus, patience_s: float, chance: float) -> tuple[object, ...]:
    waited = call.wait_s or 0.0
    gave_up = call.outcome is Outcome.ABANDONED
    patience = waited if gave_up else waited + (patience_s * chance if patience_s < inf else inf)
    never_queued = call.queued_at is None
    return (
        call.at - day.first,
        call.topic or _topic(call, menus),
        call.number,
        call.language or menus.default_language,
        call.role,
        patience,
        call.talk_s,
        call.wrap_up_s,
        _key_s(call, menus),
        0.0 if never_queued else 1.0,
        1.0,
        1.0,
        0.0,
        1.0,
        1.0,
    )


def _topic(call: RecordedCall, menus: Menus) -> str:
    """Give the call's topic; any topic of its queue if unknown (left in the menus, or sent to an agent anyway)."""
    return next(
        (topic for topic, queue in menus.topics.items() if queue == menus.operator_queue), next(iter(menus.topics))
    )


def _key_s(call: RecordedCall, menus: Menus) -> float:
    """Give the caller's pace in the menus of that day (s per key)."""
    if call.queued_at is None:
        return TYPICAL_KEY_S
    path = path_for(menus, CallerGoal(call.number, call.language or menus.default_language, call.topic, call.role))
    return (call.queued_at - call.at) / max(1, len(path or ()))


def _patience_s(day: Recorded) -> float:
    given_up = sum(call.outcome is Outcome.ABANDONED for call in day.calls)
    waited = fsum(call.wait_s or 0.0 for call in day.calls)
    return waited / given_up if given_up else inf


def people_of(day: Recorded, agents: dict[AgentId, AgentSettings]) -> tuple[Staff, list[AgentId]]:
    """Give the day's people who are in these settings, and those who are not."""
    known = [duty for duty in day.duties if duty.agent in agents]
    missing = sorted({duty.agent for duty in day.duties} - agents.keys())
    moved = [_moved(duty, -day.first) for duty in known]
    people = Staff(agents, sorted(moved, key=lambda d: (d.begins, d.agent)), dict.fromkeys(agents, 1.0), len(agents))
    return people, missing


def _moved(duty: Duty, by: float) -> Duty:
    breaks = tuple((begins + by, seconds) for begins, seconds in duty.breaks)
    return Duty(duty.agent, max(0.0, duty.begins + by), duty.ends + by, breaks)
