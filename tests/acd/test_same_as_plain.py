"""On random floors: the quick choice and the counts kept by change are what the plain formula says."""

from __future__ import annotations

from random import Random

import pytest

from acd import Distributor
from acd.policies.balanced import Balanced
from agents import Agent, AgentEvent, AgentSettings, Availability, RequestRefused, Roster
from calls import AgentId, AgentState, CallId, QueueId, Skills, either, parse
from queues import QueueSettings, WaitingRoom
from tests.kept import distributor_again

from . import plain

E, S = AgentEvent, AgentState
NEEDS = [parse(text) for text in ("a", "b", "c", "d", "e", "f", "a and b", "a or c", "b>=2", "d>=2 and e", "anybody")]
QUEUES = [QueueSettings(QueueId(name), "", needs) for name in ("q", "r") for needs in NEEDS]
NEXT = {S.LOGGED_OUT: E.LOG_IN, S.NOT_READY: E.READY, S.TALKING: E.CALL_ENDED, S.WRAP_UP: E.WRAP_UP_OVER}
POLICIES = [Balanced(), Balanced(beta=1.0), Balanced(beta=0.3)]


class RandomFloor:
    """Agents who come, work, pause and go; calls of classes that come one after the other; new settings at times."""

    def __init__(self, seed: int) -> None:
        self.dice, self.now, self.calls = Random(seed), 0.0, 0
        self.chosen = 0  # of several groups
        self.policy = POLICIES[seed % len(POLICIES)]
        self.people = [self.person(n) for n in range(self.dice.choice((16, 40)))]
        roster = Roster(self.people, 0.0)
        self.acd = Distributor.of(roster, WaitingRoom(), {queue.id: self.policy for queue in QUEUES})
        for agent in roster:
            agent.reachable = True
            for event in self.dice.choice(((), (E.LOG_IN,), (E.LOG_IN, E.READY), (E.LOG_IN, E.READY))):
                roster.apply(agent, event, self.now)

    def person(self, n: int) -> AgentSettings:
        return AgentSettings(AgentId(f"a{n}"), "", self.skills())

    def skills(self) -> Skills:
        return {skill: self.dice.randint(1, 2) for skill in "abcdef" if self.dice.random() < 0.4}

    def step(self) -> None:
        self.now += self.dice.choice((0.0, 1.0, 7.0))
        happens = [self.call, self.caller_leaves, self.agent_moves, self.phone, self.settings_change, self.thaw]
        self.dice.choices(happens, (60, 20, 300, 8, 1, 2))[0]()
        self.settle()

    def call(self) -> None:
        self.calls += 1
        queue = self.dice.choice(QUEUES[: 1 + self.calls // 4])
        needs = either(queue.requires, self.dice.choice(NEEDS)) if self.dice.random() < 0.1 else queue.requires
        keeper = self.dice.choice(self.people).id if self.dice.random() < 0.05 else None
        room = self.acd.eligibility.room
        place = room.enter(CallId(f"c{self.calls}"), queue, needs, 0.0, self.now, preferred_agent=keeper)
        self.acd.entered(place)

    def caller_leaves(self) -> None:
        room = self.acd.eligibility.room
        if room.places:
            room.leave(self.dice.choice(list(room.places)))

    def agent_moves(self) -> None:
        """Do the next thing of some agent; one who is ready mostly stays so."""
        agent = self.anybody()
        if agent.state is S.READY and self.dice.random() < 0.9:
            return
        event = NEXT.get(agent.state, E.NOT_READY) if self.dice.random() < 0.99 else E.LOG_OUT
        if agent.state is S.TALKING:
            self.acd.handled(self.dice.choice(QUEUES).id, agent, 10.0 * self.dice.randint(1, 9))
        try:
            self.acd.eligibility.roster.apply(agent, event, self.now)
        except RequestRefused:
            return
        self.acd.agent_free(agent)

    def phone(self) -> None:
        agent = self.anybody()
        agent.in_use = not agent.in_use
        self.acd.eligibility.roster.refresh(agent)
        self.acd.agent_free(agent)

    def settings_change(self) -> None:
        """One is new, one has learnt something."""
        self.people.append(self.person(len(self.people)))
        self.people[0] = AgentSettings(self.people[0].id, "", self.skills())
        self.acd.eligibility.roster.reload(self.people, self.now)
        self.acd.everything_changed()

    def thaw(self) -> None:
        self.acd = distributor_again(self.acd)

    def anybody(self) -> Agent:
        return self.dice.choice(list(self.acd.eligibility.roster))

    def settle(self) -> None:
        while (choice := self.acd.next(self.now)) is not None:
            floor, place = self.acd.eligibility, choice.place
            if place.preferred_agent is None:
                assert choice.agent is plain.balanced(self.acd, self.policy, place)
                self.chosen += sum(bool(group.ready) for group in floor.link(place.of).groups) > 1
            assert self.acd.reasons(place) == plain.reasons(self.acd, place)
            floor.room.leave(place.item)
            for event in (E.OFFERED, E.ANSWERED):
                floor.roster.apply(choice.agent, event, self.now)

    def counts(self) -> None:
        floor = self.acd.eligibility
        for of in floor.room.classes:
            mine = [agent.availability for agent in plain.able(floor, of.requires)]
            assert floor.counts(of) == {availability: mine.count(availability) for availability in Availability}
            assert self.acd.present(of) == len(mine) - mine.count(Availability.LOGGED_OUT)


@pytest.mark.parametrize("seed", range(9))
def test_the_quick_choice_is_the_plain_one(seed: int) -> None:
    floor = RandomFloor(seed)
    for _ in range(10):
        for _ in range(40):
            floor.step()
        floor.counts()
    assert floor.chosen > 25
