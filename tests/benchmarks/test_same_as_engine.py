"""The distributor on the benchmark's floor and the whole engine join the same callers with the same agents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from benchmarks.routing.case import Case, draw
from benchmarks.routing.cases import two_languages, unequal_handle_times
from benchmarks.routing.floor import Booked, Floor, Rule
from benchmarks.routing.ours import CAP_S, Ours
from calls import AgentAction, AgentId, CallId, OfferId
from calls import commands as c
from calls import events as e
from engine import Line, LineSettings, Output
from ivr import Enqueue, Entry, Menus


class WholeEngine:
    """The engine as a rule: numbers that lead straight into queues, phones that answer at once, no wrap-up."""

    name = "engine"

    def __init__(self, case: Case, policy: str) -> None:
        self.line = Line(_settings(Ours(case, policy, {}, CAP_S, "")))
        self.offers: dict[int, tuple[CallId, OfferId]] = {}
        self.rings: list[c.Ring] = []
        self.now = 0.0
        self._do(e.LineStarted("n1", 0.0, "test"), 0.0)
        people = tuple(self.line._state.settings.agents)
        self._do(e.Snapshot((), (), people, (), final=True), 0.0)

    def _do(self, event: e.Event, now: float) -> None:
        self._take(self.line.tick(now))
        self._take(self.line.handle(event, now))
        self._take(self.line.tick(now))

    def _take(self, outputs: list[Output]) -> None:
        self.rings += [output for output in outputs if isinstance(output, c.Ring)]

    def arrived(self, caller: int, kind: int, now: float) -> None:
        self._do(e.CallArrived(CallId(str(caller)), "", str(kind)), now)

    def abandoned(self, caller: int, now: float) -> None:
        self._do(e.CallerLeft(CallId(str(caller))), now)

    def freed(self, agent: int, now: float) -> None:
        if agent not in self.offers:
            for wish in (AgentAction.LOG_IN, AgentAction.READY):
                self._do(e.AgentAsked(AgentId(f"a{agent}"), wish), now)
            return
        call, offer = self.offers.pop(agent)
        self._do(e.CallerLeft(call), now)
        self._do(e.AgentLeft(offer), now)

    def gone(self, agent: int, now: float) -> None:
        self._do(e.AgentAsked(AgentId(f"a{agent}"), AgentAction.LOG_OUT), now)

    def pairs(self, now: float) -> Iterable[tuple[int, int]]:
        while self.rings:
            ring = self.rings.pop(0)
            self.offers[int(ring.agent[1:])] = (ring.call, ring.offer)
            self._do(e.OfferAnswered(ring.offer), now)
            self._do(e.Bridged(ring.call, ring.offer), now)
            yield int(ring.call), int(ring.agent[1:])

    def next_at(self) -> float | None:
        return self.line.next_deadline()

    def tick(self, now: float) -> None:
        self._take(self.line.tick(now))


def _settings(ours: Ours) -> LineSettings:
    people = [replace(agent.settings, skills={**agent.settings.skills, "lang.el": 1}) for agent in ours.agents]
    queues = {queue.id: replace(queue, wrap_up_s=0.0, estimate=False) for queue in ours.queues}
    menus = Menus(
        {queue: Entry(queue, queue) for queue in queues},
        {queue: Enqueue(queue, queue) for queue in queues},
        ("el",),
        {},
        next(iter(queues)),
    )
    return LineSettings(menus, queues, {agent.id: agent for agent in people}, {})


def run(case: Case, rule: Rule) -> Booked:
    return Floor(case.staff(), draw(case, 7, 0), rule).run()


@pytest.mark.parametrize("policy", ["balanced", "longest_idle"])
@pytest.mark.parametrize("case", [unequal_handle_times(), two_languages()], ids=lambda case: case.name)
def test_the_same_pairs(case: Case, policy: str) -> None:
    short = case.lasting(0.2)
    alone, whole = run(short, Ours(short, policy, {}, CAP_S, "")), run(short, WholeEngine(short, policy))
    assert sum(waited > 0 for waited in alone.waited) > 50
    assert whole.agent == alone.agent
    assert whole.waited == pytest.approx(alone.waited)
