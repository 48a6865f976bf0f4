"""Wait estimates of one run: what each of several formulas says when a caller has to wait, and what came.

A `Watched` floor rule decides nothing: it passes all on to the rule it wraps and tells the formulas what they may know.

- app_queue (Asterisk 22, `apps/app_queue.c`): `recalc_holdtime` (3 * old + new) / 4 in whole seconds, `say_position`
  |average + 30 - waited|; the 30 s are there for its rounding to minutes, so its bare average is shown as well;
- LES, the wait of the last caller to enter service, and HOL, the time the head of the line has waited (Ibrahim, Whitt
  2009, "Real-time delay estimation based on delay history", M&SOM 11(3); where nobody waits HOL says what LES says);
- plain Erlang-A: the true means, the queue's own line, all agents who could serve it as if they did nothing else;
- ours: `queues.WaitEstimator` with `queues.share`, which are told only what the engine knows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from queues import Forecast, Pool, Share, Waiter, WaitEstimate, WaitEstimator, expected_wait_s, share

from .case import Case
from .floor import Rule


@dataclass(slots=True)
class AppQueue:
    """One queue of Asterisk's app_queue."""

    average_s: int = 0

    def connected(self, waited_s: float) -> None:
        self.average_s = (3 * self.average_s + int(waited_s)) // 4

    def wait_s(self, waited_s: float = 0.0) -> float:
        return abs(self.average_s + 30 - waited_s)


@dataclass(slots=True)
class LastEntered:
    """LES of one queue."""

    last_s: float = 0.0

    def connected(self, waited_s: float) -> None:
        self.last_s = waited_s

    def wait_s(self) -> float:
        return self.last_s


class Learner(Protocol):
    """What is told of each connection."""

    def connected(self, waited_s: float) -> None: ...


@dataclass(slots=True)
class Said:
    """What was said to one caller who had to wait: by whom, how long (s); our range if it was told; the wait."""

    kind: int
    at: float
    likely_s: dict[str, float]
    range_s: tuple[float, float] | None
    waited_s: float | None = None


@dataclass(slots=True)
class Waiting:
    """A caller in the line."""

    at: float
    kind: int
    waiter: Waiter
    said: Said


@dataclass(slots=True)
class Line:
    """One class of callers: who waits (indices ascend with time), and what has been learnt of it."""

    callers: list[int] = field(default_factory=list)
    ours: WaitEstimator = field(default_factory=WaitEstimator)
    app_queue: AppQueue = field(default_factory=AppQueue)
    last: LastEntered = field(default_factory=LastEntered)


class Watched:
    """A rule with estimates. ``said`` is what came of it."""

    def __init__(self, case: Case, rule: Rule) -> None:
        self.name, self.case, self.rule = rule.name, case, rule
        self.lines = [Line() for _ in case.classes]
        self.able = [len(case.levels(kind)) for kind in range(len(case.classes))]
        self.groups = _groups(case)
        self.waiting: dict[int, Waiting] = {}
        self.busy: dict[int, tuple[int, float]] = {}
        self.new: tuple[int, int] | None = None
        self.said: list[Said] = []

    def arrived(self, caller: int, kind: int, now: float) -> None:
        self.new = (caller, kind)
        self.rule.arrived(caller, kind, now)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        found = list(self.rule.pairs(now))
        for caller, agent in found:
            self._connected(caller, agent, now)
        if not found and self.new is not None:
            self._enter(*self.new, now)
            self.new = None
        return found

    def abandoned(self, caller: int, now: float) -> None:
        gone = self.waiting.pop(caller)
        before = self._share(gone.kind, caller)
        self.lines[gone.kind].ours.abandoned(gone.waiter, before.ahead, before.servers, now)
        self.lines[gone.kind].callers.remove(caller)
        self.rule.abandoned(caller, now)

    def freed(self, agent: int, now: float) -> None:
        if agent in self.busy:
            kind, since = self.busy.pop(agent)
            self.lines[kind].ours.handled(now - since)
        self.rule.freed(agent, now)

    def gone(self, agent: int, now: float) -> None:
        self.rule.gone(agent, now)

    def next_at(self) -> float | None:
        return self.rule.next_at()

    def tick(self, now: float) -> None:
        self.rule.tick(now)

    def _enter(self, caller: int, kind: int, now: float) -> None:
        line, before = self.lines[kind], self._share(kind, caller)
        waiter = line.ours.enter(before.ahead, before.servers, now)
        forecast = line.ours.forecast(before.ahead, before.servers, now)
        told = line.ours.announce(Waiter(now), before.ahead, before.servers, now)
        said = Said(kind, now, self._likely_s(line, kind, forecast, now), _range(told))
        self.waiting[caller] = Waiting(now, kind, waiter, said)
        line.callers.append(caller)
        self.said.append(said)

    def _likely_s(self, line: Line, kind: int, ours: Forecast | None, now: float) -> dict[str, float]:
        topic = self.case.classes[kind]
        plain = expected_wait_s(len(line.callers), self.able[kind], topic.handle_s, topic.patience_s)
        head = self.waiting[line.callers[0]].at if line.callers else now - line.last.wait_s()
        asterisk, last_s = line.app_queue, line.last.wait_s()
        known = {"app_queue": asterisk.wait_s(), "its average": float(asterisk.average_s)}
        known |= {"LES": last_s, "HOL": now - head, "Erlang-A": plain}
        return known if ours is None else {"ours": ours.mean_s} | known

    def _share(self, kind: int, caller: int) -> Share:
        ahead = {n: bisect_left(line.callers, caller) for n, line in enumerate(self.lines) if line.callers}
        kinds = [kind, *(n for n, count in ahead.items() if count and n != kind)]
        pools = [Pool(count, [i for i, n in enumerate(kinds) if n in serves]) for count, serves in self.groups]
        times = [self.lines[n].ours.handle.value or 240.0 for n in kinds]
        return share(0, [ahead.get(n, 0) for n in kinds], pools, times)

    def _connected(self, caller: int, agent: int, now: float) -> None:
        if self.new is not None and self.new[0] == caller:
            kind, waited_s, self.new = self.new[1], 0.0, None
        else:
            served = self.waiting.pop(caller)
            kind, waited_s = served.kind, now - served.at
            served.said.waited_s = waited_s
            self.lines[kind].callers.remove(caller)
            self.lines[kind].ours.served(served.waiter, now)
        self.busy[agent] = (kind, now)
        learners: tuple[Learner, ...] = (self.lines[kind].app_queue, self.lines[kind].last)
        for learner in learners:
            learner.connected(waited_s)


def _groups(case: Case) -> list[tuple[int, tuple[int, ...]]]:
    """Agents with the same skills: how many, and what they serve. All are taken to be on shift."""
    counted: dict[tuple[int, ...], int] = {}
    for seat in case.seats:
        kinds = tuple(sorted(kind for kind, _ in seat.skills))
        counted[kinds] = counted.get(kinds, 0) + 1
    return [(count, kinds) for kinds, count in counted.items()]


def _range(told: WaitEstimate | None) -> tuple[float, float] | None:
    return None if told is None else (told.low_s, told.high_s)


@dataclass(frozen=True, slots=True)
class Score:
    """Of callers who waited and were served (s): mean absolute error and mean error (said - came) of each formula.

    ``coverage``: share of our told ranges that held; ``silent``: share of callers to whom ours told none.
    """

    callers: int
    mean_wait_s: float
    error_s: Mapping[str, float]
    bias_s: Mapping[str, float]
    coverage: float
    silent: float


def score(said: Iterable[Said]) -> Score | None:
    """None where nobody waited who was served."""
    served = [(one, one.waited_s) for one in said if one.waited_s is not None and "ours" in one.likely_s]
    if not served:
        return None
    names, count = served[0][0].likely_s, len(served)
    errors = {name: [one.likely_s[name] - waited_s for one, waited_s in served] for name in names}
    told = [(one.range_s, waited_s) for one, waited_s in served if one.range_s is not None]
    held = sum(low_s <= waited_s <= high_s for (low_s, high_s), waited_s in told)
    return Score(
        count,
        sum(waited_s for _, waited_s in served) / count,
        {name: sum(map(abs, values)) / count for name, values in errors.items()},
        {name: sum(values) / count for name, values in errors.items()},
        held / len(told) if told else 0.0,
        1 - len(told) / count,
    )
