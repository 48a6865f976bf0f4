"""The product's distributor as a rule: the very `acd`, `agents` and `queues` code that routes the live calls.

One queue per class of the case, a skill per class; an agent's primary class is level 10, others level 5. The rule
learns handle times and demand as the line does, from the calls it has seen end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from heapq import heappop, heappush

from acd import Distributor, policy_of
from agents import AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId, Need, QueueId, requirement
from queues import QueueSettings, WaitingRoom

from .case import PRIMARY, Case
from .floor import Callers, Rule
from .router import Router

CAP_S = 120.0
LEVEL = {PRIMARY: 10}
SECOND_LEVEL = 5


class Ours:
    """``acd`` under the floor's clock. ``second_after_s``: so much later agents of the second level may be asked.

    ``points``: what a call of the class starts with, in seconds of wait.
    """

    def __init__(
        self, case: Case, policy: str, settings: Mapping[str, float], cap_s: float, name: str,
        second_after_s: Mapping[int, float] | None = None, points: Mapping[int, float] | None = None,
    ) -> None:  # fmt: skip
        self.name, self.second_after_s, self.points = name, second_after_s or {}, points or {}
        self.waking: list[tuple[float, CallId]] = []
        self.queues = [self._queue(kind, policy, settings, cap_s) for kind in range(len(case.classes))]
        people = [
            AgentSettings(AgentId(f"a{n}"), "", {f"k{k}": LEVEL.get(level, SECOND_LEVEL) for k, level in seat.skills})
            for n, seat in enumerate(case.seats)
        ]
        self.roster, self.room = Roster(people, 0.0), WaitingRoom()
        chosen = policy_of(policy, settings)
        self.acd = Distributor.of(self.roster, self.room, {queue.id: chosen for queue in self.queues})
        self.now = 0.0
        self.serving: dict[int, tuple[QueueId, float]] = {}
        self.agents = [self.roster[person.id] for person in people]
        for agent in self.agents:
            agent.reachable = True

    @staticmethod
    def _queue(kind: int, policy: str, settings: Mapping[str, float], cap_s: float) -> QueueSettings:
        needs = requirement(Need(f"k{kind}", 1))
        return QueueSettings(QueueId(str(kind)), "", needs, cap_s=cap_s, policy=policy, policy_settings=settings)

    def arrived(self, caller: int, kind: int, now: float) -> None:
        queue = self.queues[kind]
        needs = queue.requires
        if kind in self.second_after_s:
            needs = requirement(Need(f"k{kind}", LEVEL[PRIMARY]))
            heappush(self.waking, (now + self.second_after_s[kind], CallId(str(caller))))
        self.acd.entered(self.room.enter(CallId(str(caller)), queue, needs, self.points.get(kind, 0.0), now))

    def abandoned(self, caller: int, now: float) -> None:
        self.room.leave(CallId(str(caller)))

    def freed(self, agent: int, now: float) -> None:
        who = self.agents[agent]
        if agent in self.serving:
            queue, since = self.serving.pop(agent)
            self.acd.handled(queue, who, now - since)
            self.roster.apply(who, AgentEvent.CALL_ENDED, now)
            self.roster.apply(who, AgentEvent.WRAP_UP_OVER, now)
        else:
            self.roster.apply(who, AgentEvent.LOG_IN, now)
            self.roster.apply(who, AgentEvent.READY, now)
        self.acd.agent_free(who)

    def gone(self, agent: int, now: float) -> None:
        self.roster.apply(self.agents[agent], AgentEvent.LOG_OUT, now)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        self.now = now
        while (choice := self.acd.next(now)) is not None:
            place, who = self.room.leave(choice.place.item), choice.agent
            self.roster.apply(who, AgentEvent.OFFERED, now)
            self.roster.apply(who, AgentEvent.ANSWERED, now)
            agent = int(who.id[1:])
            self.serving[agent] = (place.queue, now)
            yield int(place.item), agent

    def next_at(self) -> float | None:
        holdback_ends_at = self.acd.holdback_ends_at(self.now)
        steps = self.waking[0][0] if self.waking else None
        return min((at for at in (holdback_ends_at, steps) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """Relaxation steps that are due; and agents who need not be kept back any more."""
        self.now = now
        while self.waking and self.waking[0][0] <= now:
            self._relax(heappop(self.waking)[1])
        if self.acd.policy(self.queues[0].id).holds_back:
            self.acd.everything_changed()

    def _relax(self, call: CallId) -> None:
        if call in self.room.places:
            place = self.room.place(call)
            wider = place.changed(requires=self.queues[int(place.queue)].requires)
            self.acd.item_free(self.room.change(place, wider))


def router_waits(case: Case, callers: Callers, policy: str, cap_s: float = CAP_S) -> list[float]:
    """The waits (s) of the callers on the router alone, for a case whose agents are equally fast and stay all day."""
    rule = Ours(case, policy, {}, cap_s, policy)
    means = [kind.handle_s for kind in case.classes]
    handle_s = [means[kind] * work for kind, work in zip(callers.kind, callers.work, strict=True)]
    columns = (list(callers.at), list(callers.kind), list(callers.patience_s), handle_s)
    needs = [queue.requires for queue in rule.queues]
    return Router(rule.queues, needs, rule.agents, rule.roster, rule.acd).run([columns])


def _rule(policy: str, settings: Mapping[str, float], cap_s: float, name: str, case: Case) -> Rule:
    return Ours(case, policy, settings, cap_s, name)


def rule(policy: str, cap_s: float = CAP_S, name: str = "", **settings: float) -> tuple[str, Callable[[Case], Rule]]:
    """Registry entry of a policy with these settings."""
    label = name or f"our_{policy}"
    return label, partial(_rule, policy, settings, cap_s, label)


RULES: dict[str, Callable[[Case], Rule]] = dict(
    [
        rule("balanced"),
        rule("longest_idle"),
        rule("least_occupied"),
        rule("specialists_first"),
        rule("idleness_ratio"),
        rule("cmu"),
        rule("weighted_index", keep_s=0.0),
        rule("best_skilled"),
        rule("balanced", name="our_shortest_first", power=6.0),
        rule("weighted_index", name="our_keeping", keep_s=10.0),
    ]
)
