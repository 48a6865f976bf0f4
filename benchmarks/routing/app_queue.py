"""Asterisk's app_queue as a rule: which waiting caller's own thread gets which member, and when.

Read from apps/app_queue.c of Asterisk's main branch (August 2026); the functions are named where they are modelled.

- One queue for each call class; its members are the agents who can serve it. The level of the skill becomes the
  member's penalty: primary 0, secondary 1.
- Nobody tells a caller that a member is free. Each caller's thread looks once a second, counted from its own entry
  (`wait_our_turn`, RECHECK), whether it stands among as many callers as members are available (`is_our_turn`; a caller
  who sleeps still holds their place). Only then it tries, at once, the members by the strategy's metric (`try_calling`,
  `ring_one`, `find_best`); if none may be rung it sleeps ``retry`` seconds (`wait_a_bit`) and looks again.
- Queues do not know each other: of two callers in different queues the one who looks first gets the agent. Two settings
  change that, both by refusing (`can_ring_entry`), which costs the refused caller ``retry`` seconds: queue weights
  (`compare_weight`) and ``force_longest_waiting_caller`` (`is_longest_waiting_caller`).

Simplified, in the peer's favour: autofill=yes (the code's default is no); shared_lastcall=yes unless said (default no);
all members answer at once, so `timeout` never passes, nobody goes unanswered, and without weights ``retry`` is never
slept; a device's new state is known to all queues at once; no announcements, no wrap-up, no `joinempty`, no limit.
Simplified, neither way: hash order of members is order of number; seconds are whole (time_t) where the code's are.
rrordered chooses as rrmemory does (`calc_metric` treats them alike), so it is not here twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from math import floor, inf
from random import Random

from .case import PRIMARY, Case
from .floor import Rule

RECHECK_S = 1.0
PENALTY = 1_000_000
"""What one step of penalty adds to the metric (`calc_metric`)."""


@dataclass(frozen=True, slots=True)
class Options:
    """As in queues.conf; ``weights``: whether the case's weights are set."""

    strategy: str
    retry_s: float = 5.0
    weights: bool = False
    force_longest: bool = False
    shared_lastcall: bool = True


@dataclass(slots=True)
class Queue:
    """`struct call_queue`. ``line``: caller -> when their thread last looked, or will wake from ``retry``; in order."""

    members: tuple[int, ...]
    penalty: dict[int, int]
    weight: int = 0
    line: dict[int, float] = field(default_factory=dict)
    lastcall: dict[int, int] = field(default_factory=dict)
    calls: dict[int, int] = field(default_factory=dict)
    available: int = 0
    rrpos: int = 0
    wrapped: bool = False
    wake_at: float = inf
    wakes: int = -1


def next_look(base: float, now: float) -> float:
    """The first of base, base + 1 s, base + 2 s, ... after now."""
    return base if base > now else base + (floor((now - base) / RECHECK_S) + 1) * RECHECK_S


class AppQueue:
    """All queues of one case."""

    def __init__(self, name: str, options: Options, case: Case) -> None:
        self.name, self.options = name, options
        self.queues = [self._queue(case, kind) for kind in range(len(case.classes))]
        self.queues_of: list[list[Queue]] = [[q for q in self.queues if n in q.penalty] for n in range(len(case.seats))]
        self.free = [False] * len(case.seats)
        self.serving: list[Queue | None] = [None] * len(case.seats)
        self.of: dict[int, Queue] = {}
        self.start: dict[int, float] = {}
        self.linpos: dict[int, int] = {}
        self.dice = Random("app_queue")
        self.metric = METRICS[options.strategy]
        self.found: list[tuple[int, int]] = []
        self.wake_at = inf

    def _queue(self, case: Case, kind: int) -> Queue:
        levels = case.levels(kind)
        weight = case.classes[kind].weight if self.options.weights else 0
        return Queue(tuple(levels), {agent: PRIMARY - level for agent, level in levels.items()}, weight)

    def arrived(self, caller: int, kind: int, now: float) -> None:
        """`join_queue`, then the first look of `wait_our_turn`."""
        q = self.queues[kind]
        q.line[caller], self.of[caller], self.start[caller] = now, q, now
        if len(q.line) <= q.available:
            self._try_calling(q, caller, now)
        self._plan((q,), now)

    def abandoned(self, caller: int, now: float) -> None:
        q = self.of[caller]
        self._leave(q, caller)
        self._plan((q,), now)

    def _leave(self, q: Queue, caller: int) -> None:
        """`leave_queue`."""
        del q.line[caller], self.of[caller], self.start[caller]
        self.linpos.pop(caller, None)

    def freed(self, agent: int, now: float) -> None:
        """The device is not in use; `update_queue` books the call at its end. No caller hears of it."""
        if (served := self.serving[agent]) is not None:
            self.serving[agent] = None
            for q in self.queues_of[agent] if self.options.shared_lastcall else (served,):
                q.lastcall[agent] = int(now)
                q.calls[agent] = q.calls.get(agent, 0) + 1
        self._available(agent, True, now)

    def gone(self, agent: int, now: float) -> None:
        self._available(agent, False, now)

    def _available(self, agent: int, free: bool, now: float) -> None:
        self.free[agent] = free
        for q in self.queues_of[agent]:
            q.available += 1 if free else -1
        self._plan(self.queues_of[agent], now)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        if not self.found:
            return ()
        found, self.found = self.found, []
        return found

    def next_at(self) -> float | None:
        return None if self.wake_at == inf else self.wake_at

    def tick(self, now: float) -> None:
        """A caller's second (or ``retry``) is over: the next turn of `wait_our_turn`."""
        for q in self.queues:
            if q.wake_at <= now:
                caller = q.wakes
                q.line[caller] = now
                if caller in islice(q.line, q.available):
                    self._try_calling(q, caller, now)
                self._plan((q,), now)

    def _plan(self, changed: Iterable[Queue], now: float) -> None:
        """Looks of callers whose turn it is not change nothing, so only those of the first ``available`` are run."""
        for q in changed:
            q.wake_at = inf
            if q.line and q.available > 0:
                first = islice(q.line.items(), q.available)
                q.wake_at, q.wakes = min((next_look(base, now), caller) for caller, base in first)
        self.wake_at = min(q.wake_at for q in self.queues)

    def _try_calling(self, q: Queue, caller: int, now: float) -> None:
        """The members by metric; of equal ones `find_best` takes the last that the container gave."""
        metrics = ((self.metric(self, q, caller, pos, agent, now), -pos, agent) for pos, agent in self._looked_at(q))
        outgoing = sorted(metrics)
        tries = (n for n, entry in enumerate(outgoing) if self._can_ring_entry(q, caller, entry[2]))
        rung = next(tries, len(outgoing))
        self._store_next(q, caller, outgoing[rung + 1][0] if rung + 1 < len(outgoing) else None)
        if rung == len(outgoing):
            q.line[caller] = now + self.options.retry_s
            return
        agent = outgoing[rung][2]
        self._leave(q, caller)
        self.serving[agent] = q
        self.found.append((caller, agent))
        self._available(agent, False, now)

    def _looked_at(self, q: Queue) -> Iterable[tuple[int, int]]:
        """(position, agent). The busy matter only to the strategies that remember a position."""
        entries = enumerate(q.members)
        return entries if self.options.strategy in REMEMBER else (entry for entry in entries if self.free[entry[1]])

    def _can_ring_entry(self, q: Queue, caller: int, agent: int) -> bool:
        """Also `compare_weight` and `is_longest_waiting_caller`."""
        if not self.free[agent]:
            return False
        others = [other for other in self.queues_of[agent] if other is not q and other.line]
        if any(other.weight > q.weight and len(other.line) >= other.available for other in others):
            return False
        if not self.options.force_longest:
            return True
        heads = (next(iter(other.line)) for other in others if other.weight == q.weight)
        return all(int(self.start[head]) >= int(self.start[caller]) for head in heads)

    def _store_next(self, q: Queue, caller: int, best: int | None) -> None:
        """`store_next_rr` and `store_next_lin`: the best of those not tried is the next to begin with."""
        if self.options.strategy == "rrmemory":
            q.rrpos = best % 1000 if best is not None else 0 if q.wrapped else q.rrpos + 1
            q.wrapped = False
        elif self.options.strategy == "linear":
            after = 0 if len(q.members) - 1 > self.linpos.get(caller, 0) else self.linpos.get(caller, 0) + 1
            self.linpos[caller] = best % 1000 if best is not None else after


Metric = Callable[[AppQueue, Queue, int, int, int, float], int]
"""`calc_metric` for (all, queue, caller, position, agent, now): the lowest is rung first."""


def _rrmemory(room: AppQueue, q: Queue, caller: int, pos: int, agent: int, now: float) -> int:
    q.wrapped = q.wrapped or pos > q.rrpos
    return (1000 + pos if pos < q.rrpos else pos) + PENALTY * q.penalty[agent]


def _linear(room: AppQueue, q: Queue, caller: int, pos: int, agent: int, now: float) -> int:
    return (1000 + pos if pos < room.linpos.get(caller, 0) else pos) + PENALTY * q.penalty[agent]


def _leastrecent(room: AppQueue, q: Queue, caller: int, pos: int, agent: int, now: float) -> int:
    last = q.lastcall.get(agent, 0)
    return (PENALTY - (int(now) - last) if last else 0) + PENALTY * q.penalty[agent]


def _fewestcalls(room: AppQueue, q: Queue, caller: int, pos: int, agent: int, now: float) -> int:
    return q.calls.get(agent, 0) + PENALTY * q.penalty[agent]


def _random(room: AppQueue, q: Queue, caller: int, pos: int, agent: int, now: float) -> int:
    return room.dice.randrange(1000) + PENALTY * q.penalty[agent]


METRICS: dict[str, Metric] = {
    "rrmemory": _rrmemory,
    "leastrecent": _leastrecent,
    "fewestcalls": _fewestcalls,
    "random": _random,
    "linear": _linear,
}
REMEMBER = ("rrmemory", "linear")

VARIANTS: dict[str, Options] = {
    **{f"aq_{strategy}": Options(strategy) for strategy in METRICS},
    "aq_leastrecent_unshared": Options("leastrecent", shared_lastcall=False),
    "aq_longest_first": Options("leastrecent", force_longest=True),
    "aq_longest_first_retry1": Options("leastrecent", retry_s=1.0, force_longest=True),
    "aq_weights": Options("leastrecent", weights=True),
    "aq_weights_retry1": Options("leastrecent", retry_s=1.0, weights=True),
}
"""The last four are leastrecent with force_longest_waiting_caller or with queue weights: there ``retry`` matters."""

RULES: dict[str, Callable[[Case], Rule]] = {
    name: partial(AppQueue, name, options) for name, options in VARIANTS.items()
}
