"""A virtual floor: callers come, wait, give up or are served. It decides nothing; a `Rule` says who speaks to whom.

How a rule is driven (all times are seconds of the run, callers and agents are indices):

    freed(agent, now)             the agent is ready: at 0 for all on shift, after each call, when a shift begins
    gone(agent, now)              a ready agent's shift ended (a busy one finishes the call and is then not freed)
    arrived(caller, kind, now)    a new caller; ``kind`` is the index of the call class in ``Case.classes``
    abandoned(caller, now)        a waiting caller gave up
    next_at() / tick(now)         when the rule wants to be woken, and waking it
    pairs(now)                    after each of the above, again and again until it decides nothing more

A pair handed out is final: the rule forgets both, the floor takes the agent at once and starts the service ``ring_s``
later (a caller does not give up while it rings). A pair of somebody busy, gone, unskilled or served raises
`ContractError`. Outside events come before timers at the same instant; among outside events ends of service, then
giving up, then shifts, then arrivals. A rule object lives for one run.

The service takes ``work`` of the caller (unit mean, the same for every rule) times ``handle_s`` of (agent, class).
After the last arrival the run goes on until nobody waits, or nothing can happen any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Protocol

from calls import ContractError

WAITING = -1.0
"""``waited`` of a caller whose wait has not ended (or not begun)."""

NOBODY = -1
"""``agent`` of a caller whom nobody has served."""

_DONE, _GIVE_UP, _BEGIN, _END = range(4)


class Rule(Protocol):
    """A rule that says who speaks to whom, and when. See the module's text for what each call means."""

    @property
    def name(self) -> str: ...
    def arrived(self, caller: int, kind: int, now: float) -> None: ...
    def abandoned(self, caller: int, now: float) -> None: ...
    def freed(self, agent: int, now: float) -> None: ...
    def gone(self, agent: int, now: float) -> None: ...
    def pairs(self, now: float) -> Iterable[tuple[int, int]]: ...
    def next_at(self) -> float | None: ...
    def tick(self, now: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Callers:
    """Everybody who calls in one run, by time of arrival. ``patience_s`` may be inf; ``work`` has unit mean."""

    at: Sequence[float]
    kind: Sequence[int]
    patience_s: Sequence[float]
    work: Sequence[float]


@dataclass(frozen=True, slots=True)
class Staff:
    """``handle_s[agent][kind]``: mean handle time, 0 = cannot. ``shifts[agent]``: half-open (from, to), disjoint."""

    handle_s: Sequence[Sequence[float]]
    shifts: Sequence[Sequence[tuple[float, float]]]


@dataclass(slots=True)
class Booked:
    """What became of each caller: seconds waited, and by whom served (`NOBODY`: gave up, or waits still)."""

    waited: list[float]
    agent: list[int]
    lost: list[bool] = field(default_factory=list)


class Floor:
    """One run of one rule. ``run()`` once."""

    def __init__(self, staff: Staff, callers: Callers, rule: Rule, ring_s: float = 0.0) -> None:
        self.staff, self.callers, self.rule, self.ring_s = staff, callers, rule, ring_s
        count, agents = len(callers.at), len(staff.handle_s)
        self.booked = Booked([WAITING] * count, [NOBODY] * count, [False] * count)
        self.on_shift, self.talking = [False] * agents, [False] * agents
        self.heap: list[tuple[float, int, int]] = [(inf, 0, 0)]
        self.waiting, self.seen = 0, 0
        self.on_event = (self._done, self._give_up, self._begin, self._end)
        for agent, shifts in enumerate(staff.shifts):
            self._plan(agent, shifts)

    def _plan(self, agent: int, shifts: Iterable[tuple[float, float]]) -> None:
        for begins, ends in shifts:
            heappush(self.heap, (begins, _BEGIN, agent))
            if ends < inf:
                heappush(self.heap, (ends, _END, agent))

    def run(self) -> Booked:
        """Everything that happens, in order of time."""
        rule, heap, at = self.rule, self.heap, [*self.callers.at, inf]
        now = 0.0
        while True:
            event_at, coming_at = heap[0][0], at[self.seen]
            outside_at = event_at if event_at <= coming_at else coming_at
            timer_at = rule.next_at()
            if timer_at is not None and timer_at < outside_at and (self.waiting or coming_at < inf):
                now = timer_at if timer_at > now else now
                rule.tick(now)
                self._settle(now)
            elif outside_at == inf or (coming_at == inf and not self.waiting):
                return self.booked
            elif event_at <= coming_at:
                now, kind, who = heappop(heap)
                if self.on_event[kind](who, now):
                    self._settle(now)
            else:
                now = coming_at
                self._arrive(now)

    def _arrive(self, now: float) -> None:
        caller, callers = self.seen, self.callers
        self.seen += 1
        self.waiting += 1
        self.rule.arrived(caller, callers.kind[caller], now)
        self._settle(now)
        if self.booked.waited[caller] < 0.0 and (patience_s := callers.patience_s[caller]) < inf:
            heappush(self.heap, (now + patience_s, _GIVE_UP, caller))

    def _settle(self, now: float) -> None:
        """Ask for pairs until there are none."""
        decided = True
        while decided:
            decided = False
            for caller, agent in self.rule.pairs(now):
                self._start(caller, agent, now)
                decided = True

    def _start(self, caller: int, agent: int, now: float) -> None:
        callers, booked = self.callers, self.booked
        mean = self.staff.handle_s[agent][callers.kind[caller]]
        allowed = mean > 0.0 and self.on_shift[agent] and not self.talking[agent]
        if not allowed or caller >= self.seen or booked.waited[caller] >= 0.0:
            raise ContractError(f"{self.rule.name}: caller {caller} to agent {agent} at {now}")
        self.waiting -= 1
        self.talking[agent] = True
        begins = now + self.ring_s
        booked.waited[caller] = begins - callers.at[caller]
        booked.agent[caller] = agent
        heappush(self.heap, (begins + callers.work[caller] * mean, _DONE, agent))

    def _done(self, agent: int, now: float) -> bool:
        self.talking[agent] = False
        if self.on_shift[agent]:
            self.rule.freed(agent, now)
        return self.on_shift[agent]

    def _give_up(self, caller: int, now: float) -> bool:
        booked = self.booked
        if booked.waited[caller] >= 0.0:
            return False
        booked.waited[caller] = now - self.callers.at[caller]
        booked.lost[caller] = True
        self.waiting -= 1
        self.rule.abandoned(caller, now)
        return True

    def _begin(self, agent: int, now: float) -> bool:
        self.on_shift[agent] = True
        if not self.talking[agent]:
            self.rule.freed(agent, now)
        return True

    def _end(self, agent: int, now: float) -> bool:
        self.on_shift[agent] = False
        if not self.talking[agent]:
            self.rule.gone(agent, now)
        return True
