"""Random walks of the distributor alone, with every policy: what must hold of each choice, by brute force.

Time runs in quarters of a second, so that sums are exact and ties happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, product
from random import Random
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from acd import POLICIES, Distributor, Match, policy_of
from agents import Agent, AgentEvent, AgentSettings, Availability, Roster
from calls import ANYBODY, AgentId, AgentState, CallId, QueueId, WorkItemId, either, parse, satisfies
from queues import Place, QueueSettings, WaitingRoom
from tests.kept import distributor_again

T = TypeVar("T")
E, S = AgentEvent, AgentState
PICK = st.integers(0, 255)
LEVELS = [dict(zip("abc", levels, strict=True)) for levels in ((1, 0, 0), (0, 2, 0), (1, 1, 0), (2, 2, 2), (0, 0, 1))]
PEOPLE = [AgentSettings(AgentId(f"a{n}"), "", LEVELS[n % len(LEVELS)]) for n in range(8)]
EVERY_SKILL = [dict(zip("abc", levels, strict=True)) for levels in product(range(4), repeat=3)]
NEEDS = [parse(text) for text in ("a", "b", "c", "a and b", "a or c", "b>=2", "a>=2 and c>=2", "anybody")]
QUEUES = [
    QueueSettings(QueueId("strict"), "", NEEDS[0], ageing=0.0, cap_s=60.0),
    QueueSettings(QueueId("mild"), "", NEEDS[0], ageing=1.0, cap_s=30.0),
    QueueSettings(QueueId("fast"), "", NEEDS[0], ageing=2.0, cap_s=12.0),
]


def pick(from_: Sequence[T], number: int) -> T:
    return from_[number % len(from_)]


class Floor(RuleBasedStateMachine):
    """``policy``: of all queues; None: each queue another one."""

    policy: str | None = None
    steps = 0
    choices = 0

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.number = count()
        self.room, self.roster = WaitingRoom(), Roster(PEOPLE, 0.0)
        self.acd = Distributor.of(self.roster, self.room, {})
        self.offers: dict[WorkItemId, AgentId] = {}
        self.talking: dict[AgentId, QueueId] = {}
        self.together = 0

    @initialize(n=PICK, ready=st.integers(0, 8))
    def open(self, n: int, ready: int) -> None:
        names = [self.policy or pick(list(POLICIES), n + 3 * k) for k in range(len(QUEUES))]
        self.acd.take_policies({queue.id: policy_of(name, {}) for queue, name in zip(QUEUES, names, strict=True)})
        for k in range(ready):
            self.agent_moves(n + k)
            self.agent_moves(n + k)

    # -- what is there ---

    def agent(self, n: int) -> Agent:
        return self.roster[pick(PEOPLE, n).id]

    def free(self) -> list[Place]:
        return [place for place in self.room if place.item not in self.offers]

    def able(self, place: Place) -> list[Agent]:
        """List the agents who could take the call now, in the plainest words."""
        here = [a for a in self.roster if a.state is S.READY and a.reachable and not a.in_use and a.offer is None]
        mine = [a for a in here if satisfies(a.settings.skills, place.requires)]
        return [a for a in mine if place.preferred_agent in (None, a.id)]

    # -- what happens ---

    @rule(n=PICK, points=st.sampled_from((-20.0, 0.0, 0.0, 5.0, 300.0)), promise_s=st.sampled_from((5.0, 900.0, 900.0)))
    def enter(self, n: int, points: float, promise_s: float) -> None:
        call, queue = CallId(f"c{next(self.number)}"), pick(QUEUES, n)
        keeper = self.agent(n).id if n % 8 == 0 else None
        requires = ANYBODY if keeper else pick(NEEDS, n // 3)
        promised_at = self.now + promise_s
        place = self.room.enter(
            call, queue, requires, points, self.now, promised_at=promised_at, preferred_agent=keeper
        )
        self.acd.entered(place)
        self.settle()

    @precondition(lambda self: self.room.places)
    @rule(n=PICK)
    def leave(self, n: int) -> None:
        call = pick(list(self.room.places), n)
        self.room.leave(call)
        if call in self.offers:
            self.end(self.offers.pop(call), E.WITHDRAWN)
        self.settle()

    @precondition(lambda self: self.room.places)
    @rule(n=PICK, needs=st.sampled_from(NEEDS))
    def relax(self, n: int, needs: object) -> None:
        place = pick(list(self.room), n)
        wider = place.changed(requires=either(place.requires, needs))
        for skills in EVERY_SKILL:
            assert satisfies(skills, wider.requires) or not satisfies(skills, place.requires)
        self.change(place, wider)

    @precondition(lambda self: self.room.places)
    @rule(n=PICK, points=st.sampled_from((-100.0, 0.0, 7.0, 500.0)))
    def reprioritise(self, n: int, points: float) -> None:
        place = pick(list(self.room), n)
        self.change(place, place.changed(points=points))

    @precondition(lambda self: any(place.preferred_agent for place in self.room))
    @rule(n=PICK)
    def keep_no_longer(self, n: int) -> None:
        place = pick([place for place in self.room if place.preferred_agent], n)
        self.change(place, place.kept_for(None))

    def change(self, place: Place, changed: Place) -> None:
        new = self.room.change(place, changed)
        assert (new.entered_at, new.number) == (place.entered_at, place.number)
        if self.room.is_free(place.item):
            self.acd.item_free(new)
        self.settle()

    @rule(n=PICK)
    def agent_moves(self, n: int) -> None:
        """Do the next thing of an agent: log in, get ready, take a break, hang up, end the wrap-up."""
        agent = self.agent(n)
        agent.reachable = True
        match agent.state:
            case S.TALKING:
                self.end(agent.id, E.CALL_ENDED)
                self.acd.handled(self.talking.pop(agent.id), agent, 10.0 + n)
            case S.RINGING:
                pass
            case state:
                event = {S.LOGGED_OUT: E.LOG_IN, S.NOT_READY: E.READY, S.WRAP_UP: E.WRAP_UP_OVER, S.READY: E.NOT_READY}
                self.end(agent.id, event[state])
        self.settle()

    @rule(n=PICK)
    def phone(self, n: int) -> None:
        agent = self.agent(n)
        agent.in_use = not agent.in_use
        self.roster.refresh(agent)
        self.acd.agent_free(agent)
        self.settle()

    @precondition(lambda self: self.offers)
    @rule(n=PICK, taken=st.sampled_from((True, True, False)))
    def offer_ends(self, n: int, taken: bool) -> None:
        call, agent = pick(list(self.offers.items()), n)
        del self.offers[call]
        if taken:
            self.talking[agent] = self.room.leave(call).queue
            self.end(agent, E.ANSWERED)
        else:
            self.room.release(call)
            self.acd.item_free(self.room.place(call))
            self.end(agent, E.MISSED)
        self.settle()

    def end(self, agent: AgentId, event: AgentEvent) -> None:
        self.roster.apply(self.roster[agent], event, self.now)
        self.acd.agent_free(self.roster[agent])

    @rule(quarters=st.sampled_from((0, 1, 4, 30, 60, 200)))
    def time_passes(self, quarters: int) -> None:
        """Look at agents who were kept for something better, when they need not be kept any more."""
        self.together = 0
        self.settle()
        end = self.now + quarters / 4
        while (at := self.acd.holdback_ends_at(self.now)) is not None and at <= end:
            assert at > self.now
            self.now = at
            self.acd.everything_changed()
            self.settle()
        self.now = end

    @rule(steps=st.integers(2, 6))
    def much_at_once(self, steps: int) -> None:
        """The next so many things happen before the distributor is asked."""
        self.together = steps

    # -- what must hold ---

    def settle(self) -> None:
        Floor.steps += 1
        self.together = max(0, self.together - 1)
        if self.together:
            return
        self.whatever_the_order()
        while (choice := self.acd.next(self.now)) is not None:
            Floor.choices += 1
            self.check(choice)
            self.room.reserve(choice.place.item)
            self.offers[choice.place.item] = choice.agent.id
            self.end(choice.agent.id, E.OFFERED)
        self.nobody_is_left()

    def check(self, choice: Match) -> None:
        place, agent = choice.place, choice.agent
        assert place is self.room.place(place.item)
        assert place.item not in self.offers and agent.id not in self.offers.values(), "at most one offer"
        assert agent in self.able(place) and agent.availability is Availability.AVAILABLE
        for other in self.free():
            alike = (other.queue, other.requires, other.preferred_agent) == (
                place.queue,
                place.requires,
                place.preferred_agent,
            )
            first = other.key(self.now) < place.key(self.now)
            assert not (alike and first), "order within a class"
            passed = first and other.is_due(self.now) and agent in self.able(other)
            assert not passed, f"{other} is due and passed by {place}"

    def nobody_is_left(self) -> None:
        """Work conservation, unless the policy keeps agents: then there is an alarm, and it is not about who is due."""
        holdback_ends_at = self.acd.holdback_ends_at(self.now)
        for place in self.free():
            if self.able(place):
                kept = self.acd.policy(place.queue).holds_back and place.preferred_agent is None
                assert kept and not place.is_due(self.now - 0.25), f"{place} waits for {self.able(place)}"
                assert holdback_ends_at is not None and self.now < holdback_ends_at <= place.due_at + 0.25

    def whatever_the_order(self) -> None:
        """The same calls and agents, stored in another order, are joined in the same pairs."""
        first, second = (pairs(shuffled(distributor_again(self.acd), Random(n)), self.now) for n in (1, 2))
        assert first == second


def shuffled(acd: Distributor, dice: Random) -> Distributor:
    """Everything that has an order of coming in another order; what has a law keeps it."""
    room = acd.eligibility.room
    dice.shuffle(room.classes)
    for number, of in enumerate(room.classes):
        of.number = number
    dice.shuffle(acd._agents)
    dice.shuffle(acd._links)
    acd.eligibility._links.sort(key=lambda link: link.of.number)
    for stored in (room.places, room.by_preferred_agent, room.by_queue):
        entries = list(stored.items())
        dice.shuffle(entries)
        stored.clear()
        stored.update(entries)  # type: ignore[arg-type]
    acd.eligibility.forget()
    return acd


def pairs(acd: Distributor, now: float) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    while (choice := acd.next(now)) is not None:
        acd.eligibility.room.reserve(choice.place.item)
        acd.eligibility.roster.apply(choice.agent, E.OFFERED, now)
        acd.agent_free(choice.agent)
        found.append((choice.place.item, choice.agent.id, choice.rule))
    return found


@pytest.mark.parametrize("policy", [*POLICIES, None])
def test_whatever_happens_on_the_floor(policy: str | None, walks: tuple[int, int, int]) -> None:
    number, examples, length = walks
    profile = settings(
        max_examples=max(10, examples // 15),
        stateful_step_count=length,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    Floor.steps = Floor.choices = 0
    walk = type("Walk", (Floor,), {"policy": policy})
    run_state_machine_as_test(seed(number)(walk), settings=profile)
    print(f"{Floor.steps} steps, {Floor.choices} choices")
    assert Floor.choices >= profile.max_examples // 2, "walks in which nobody is given a call prove nothing"
