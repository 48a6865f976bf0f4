"""The router alone: the product's room, roster and distributor under a virtual clock, and nothing else of the line.

Plain Python that mypyc compiles together with them, so that a benchmark measures the router and not its harness. Its
rules are those of `floor.py` without shifts and hold-backs; every wait is the same (`tests/benchmarks/test_router.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final, final

from acd import Distributor, Policy
from agents import Agent, AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId
from queues import QueueSettings, WaitingRoom

_WAITS: Final = -1.0


@final
class Caller:
    """One caller. ``work``: the service takes this times the agent's mean for the class. ``waited``: -1 until known."""

    def __init__(self, number: int, at: float, kind: int, patience_s: float, work: float) -> None:
        self.id = CallId(str(number))
        self.at = at
        self.kind = kind
        self.patience_s = patience_s
        self.work = work
        self.waited: float = _WAITS


@final
class Seat:
    """An agent's seat. ``handle_s``: their mean by class. ``caller``: whom they serve, since when."""

    def __init__(self, number: int, agent: Agent, handle_s: Sequence[float]) -> None:
        self.number = number
        self.agent = agent
        self.handle_s: list[float] = list(handle_s)
        self.caller: Caller | None = None
        self.since: float = 0.0


@final
class Event:
    """A conversation that ends at a seat, or a caller who gives up. At one instant ends come first, then by number."""

    def __init__(self, at: float, seat: Seat | None, caller: Caller | None, number: int) -> None:
        self.at = at
        self.seat = seat
        self.caller = caller
        self.number = number

    def before(self, other: Event) -> bool:
        """Tell whether it comes before the other."""
        if self.at != other.at:
            return self.at < other.at
        if (self.seat is None) != (other.seat is None):
            return self.seat is not None
        return self.number < other.number


@final
class Calendar:
    """Events to come, as a binary heap."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def next_at(self) -> float:
        """Give when the next event comes; infinite if none does."""
        return self._events[0].at if self._events else inf

    def push(self, event: Event) -> None:
        """Plan an event."""
        events, at = self._events, len(self._events)
        events.append(event)
        while at > 0:
            above = (at - 1) >> 1
            if not event.before(events[above]):
                break
            events[at] = events[above]
            at = above
        events[at] = event

    def pop(self) -> Event:
        """Take the next event out."""
        events = self._events
        first, last = events[0], events.pop()
        size, at, below = len(events), 0, 1
        if not size:
            return first
        while below < size:
            if below + 1 < size and events[below + 1].before(events[below]):
                below += 1
            if not events[below].before(last):
                break
            events[at] = events[below]
            at, below = below, 2 * below + 1
        events[at] = last
        return first


@final
class Router:
    """One run: callers come, wait, and are served or give up."""

    def __init__(
        self,
        callers: list[Caller],
        people: Sequence[AgentSettings],
        handle_s: Sequence[Sequence[float]],
        queues: Sequence[QueueSettings],
        policy: Policy,
    ) -> None:
        self._callers = callers
        self._queues = list(queues)
        self._roster, self._room = Roster(people, 0.0), WaitingRoom()
        self._acd = Distributor.of(self._roster, self._room, {queue.id: policy for queue in queues})
        self._needs = [queue.requires for queue in queues]
        self._by_id: dict[str, Caller] = {caller.id: caller for caller in callers}
        self._seats: dict[AgentId, Seat] = {}
        for number, (person, means) in enumerate(zip(people, handle_s, strict=True)):
            self._seats[person.id] = Seat(number, self._roster[person.id], means)
        self._calendar = Calendar()
        self._waiting: int = 0

    def run(self) -> list[float]:
        """Play everything; give every caller's wait (s)."""
        for seat in self._seats.values():
            seat.agent.reachable = True
            self._roster.apply(seat.agent, AgentEvent.LOG_IN, 0.0)
            self._roster.apply(seat.agent, AgentEvent.READY, 0.0)
            self._acd.agent_free(seat.agent)
        callers, calendar, seen = self._callers, self._calendar, 0
        while seen < len(callers) or self._waiting:
            coming_at = callers[seen].at if seen < len(callers) else inf
            if calendar.next_at() <= coming_at:
                event = calendar.pop()
                if event.seat is not None:
                    self._done(event.seat, event.at)
                elif event.caller is not None:
                    self._give_up(event.caller, event.at)
            else:
                self._arrive(callers[seen], seen)
                seen += 1
        return [caller.waited for caller in callers]

    def _arrive(self, caller: Caller, number: int) -> None:
        now, kind = caller.at, caller.kind
        self._waiting += 1
        self._acd.entered(self._room.enter(caller.id, self._queues[kind], self._needs[kind], 0.0, now))
        self._settle(now)
        if caller.waited < 0.0 and caller.patience_s < inf:
            self._calendar.push(Event(now + caller.patience_s, None, caller, number))

    def _give_up(self, caller: Caller, now: float) -> None:
        if caller.waited < 0.0:
            caller.waited = now - caller.at
            self._waiting -= 1
            self._room.leave(caller.id)
            self._settle(now)

    def _done(self, seat: Seat, now: float) -> None:
        caller = seat.caller
        if caller is not None:
            self._acd.handled(self._queues[caller.kind].id, seat.agent, now - seat.since)
        self._roster.apply(seat.agent, AgentEvent.CALL_ENDED, now)
        self._roster.apply(seat.agent, AgentEvent.WRAP_UP_OVER, now)
        seat.caller = None
        self._acd.agent_free(seat.agent)
        self._settle(now)

    def _settle(self, now: float) -> None:
        """Join what can be joined."""
        while (match := self._acd.next(now)) is not None:
            place, agent = self._room.leave(match.place.item), match.agent
            self._roster.apply(agent, AgentEvent.OFFERED, now)
            self._roster.apply(agent, AgentEvent.ANSWERED, now)
            caller, seat = self._by_id[place.item], self._seats[agent.id]
            seat.caller, seat.since = caller, now
            caller.waited = now - caller.at
            self._waiting -= 1
            self._calendar.push(Event(now + caller.work * seat.handle_s[caller.kind], seat, None, seat.number))
