"""What a decision of the distributor costs: `python -m benchmarks.distributor`.

One decision: an agent comes free and takes a call, or a call comes and takes an agent; all that is asked of the
distributor until it has nothing more to join, and in a second column with the explanation that each offer leaves.
Two houses: 140 agents, and 10,000 agents in 1,000 groups with 100,000 calls waiting. The yardstick, in the same
process: a plain loop that takes the oldest call and the longest idle agent from two heaps. Memory: tracemalloc's.

The same steps are taken in several rounds and each counts with its least time, so that a busy machine does not make the
99th percentile. ``--rounds 1`` shows what passed on the clock.
"""

from __future__ import annotations

import argparse
import gc
import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from time import perf_counter

from acd import Distributor, Match, policy_of
from agents import AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId, Need, QueueId, requirement
from queues import QueueSettings, WaitingRoom


@dataclass(frozen=True, slots=True)
class House:
    """``topics`` x 2 languages are the classes; every group has ``known`` topics."""

    agents: int
    groups: int
    topics: int
    known: int
    waiting: int


WARM_UP = 1_000
SMALL = House(140, 24, 7, 3, 200)
LARGE = House(10_000, 1_000, 50, 3, 100_000)


class Bench:
    """A house in motion: every step frees one agent, who takes a call, and brings one new call."""

    def __init__(self, house: House, policy: str) -> None:
        self.house, self.dice, self.now, self.made = house, Random(1555), 0.0, 0
        self.deciding_s = 0.0
        topics = [QueueId(f"t{n}") for n in range(house.topics)]
        self.queues = [QueueSettings(t, "", requirement(Need(f"topic.{t}", 1)), policy=policy) for t in topics]
        people = [AgentSettings(AgentId(f"a{n}"), "", self._skills(n % house.groups)) for n in range(house.agents)]
        self.roster, self.room = Roster(people, 0.0), WaitingRoom()
        chosen = policy_of(policy, {})
        self.acd = Distributor.of(self.roster, self.room, dict.fromkeys(topics, chosen))
        for agent in self.roster:
            agent.reachable = True

    def _skills(self, group: int) -> dict[str, int]:
        known = Random(group).sample(range(self.house.topics), self.house.known)
        return (
            {"lang.el": 5} | {f"topic.t{n}": 1 + group % 10 for n in known} | ({"lang.en": 3} if group % 4 == 0 else {})
        )

    def call(self) -> None:
        self.made += 1
        queue = self.dice.choice(self.queues)
        needs = queue.needs("en" if self.dice.random() < 0.1 else "el")
        self.acd.entered(self.room.enter(CallId(f"c{self.made}"), queue, needs, 0.0, self.now))

    def log_in(self) -> None:
        for agent in self.roster:
            self.roster.apply(agent, AgentEvent.LOG_IN, self.now)
            self.roster.apply(agent, AgentEvent.READY, self.now)
            self.acd.agent_free(agent)

    def decide(self, *, explain: bool = False) -> list[AgentId]:
        """Join what can be joined."""
        served: list[AgentId] = []
        self.deciding_s = 0.0
        while (choice := self._next(explain)) is not None:
            self.room.leave(choice.place.item)
            agent = choice.agent
            self.roster.apply(agent, AgentEvent.OFFERED, self.now)
            self.roster.apply(agent, AgentEvent.ANSWERED, self.now)
            served.append(agent.id)
        return served

    def _next(self, explain: bool) -> Match | None:
        began = perf_counter()
        choice = self.acd.next(self.now)
        if explain and choice is not None:
            self.acd.reasons(choice.place)
        self.deciding_s += perf_counter() - began
        return choice

    def free(self, agent_id: AgentId) -> None:
        agent = self.roster[agent_id]
        self.roster.apply(agent, AgentEvent.CALL_ENDED, self.now)
        self.roster.apply(agent, AgentEvent.WRAP_UP_OVER, self.now)
        self.acd.handled(self.dice.choice(self.queues).id, agent, self.dice.uniform(60, 400))
        self.acd.agent_free(agent)


def busy(house: House, policy: str, steps: int, *, explain: bool) -> list[float]:
    """Seconds of each decision while calls wait: an agent comes free and takes one; a new one comes."""
    bench = Bench(house, policy)
    bench.log_in()
    for _ in range(house.agents + house.waiting):
        bench.call()
        bench.decide()
    talking = [agent.id for agent in bench.roster if agent.state == "talking"]
    return [_timed(bench, bench.dice.choice(talking), explain=explain) for _ in range(steps)]


def _timed(bench: Bench, agent: AgentId, *, explain: bool) -> float:
    bench.now += 1.0
    bench.free(agent)
    served = bench.decide(explain=explain)
    took = bench.deciding_s
    assert served == [agent], served
    bench.call()
    bench.decide()
    return took


def idle(house: House, policy: str, steps: int, *, explain: bool) -> list[float]:
    """Seconds of each decision while agents wait: a call comes and takes one; another agent comes free."""
    bench = Bench(house, policy)
    bench.log_in()
    talking: list[AgentId] = []
    took: list[float] = []
    for _ in range(WARM_UP + steps):  # who can serve whom is worked out when the first call of a class comes
        bench.now += 1.0
        bench.call()
        talking += bench.decide(explain=explain)
        took.append(bench.deciding_s)
        if len(talking) > house.agents // 2:
            bench.free(talking.pop(bench.dice.randrange(len(talking))))
            talking += bench.decide()
    return took[WARM_UP:]


def least(rounds: Iterable[list[float]]) -> list[float]:
    """The least time of each step."""
    return [min(times) for times in zip(*rounds, strict=True)]


def plain(steps: int, waiting: int) -> list[float]:
    """The yardstick: oldest call, longest idle agent, two heaps, nothing else."""
    calls, agents = [(float(n), n) for n in range(waiting)], [(0.0, 0)]
    took: list[float] = []
    for n in range(steps):
        began = perf_counter()
        _, agent = heappop(agents)
        heappop(calls)
        heappush(agents, (float(n), agent))
        heappush(calls, (float(waiting + n), waiting + n))
        took.append(perf_counter() - began)
    return took


def at(values: list[float], share: float) -> float:
    """That percentile, in microseconds."""
    return sorted(values)[int(share * (len(values) - 1))] * 1e6


def memory(house: House) -> tuple[float, float]:
    """Bytes per agent, bytes per waiting call."""
    gc.collect()
    tracemalloc.start()
    bench = Bench(house, "longest_idle")
    people, _ = tracemalloc.get_traced_memory()
    for _ in range(house.waiting):
        bench.call()
    both, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return people / house.agents, (both - people) / house.waiting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", default="balanced")
    parser.add_argument("--steps", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    loop = at(plain(asked.steps, 200), 0.5)
    print(f"plain heap loop: p50 {loop:.2f} us")
    print(
        f"{'policy ' + asked.policy:34} {'p50 us':>8} {'p99 us':>8} {'p50/loop':>9}   with the explanation: p50, p99 us"
    )
    for name, house in (("140 agents", SMALL), ("10,000 agents, 100,000 waiting", LARGE)):
        for what, run in (("calls wait", busy), ("agents wait", idle)):
            bare, told = (
                least(run(house, asked.policy, asked.steps, explain=explain) for _ in range(asked.rounds))
                for explain in (False, True)
            )
            label = f"{house.agents:,} agents, {what}"
            print(
                f"{label:34} {at(bare, 0.5):8.1f} {at(bare, 0.99):8.1f} {at(bare, 0.5) / loop:9.0f}   "
                f"{at(told, 0.5):.1f}, {at(told, 0.99):.1f}"
            )
        per_agent, per_call = memory(house)
        print(f"{name}: {per_agent:,.0f} bytes per agent, {per_call:,.0f} per waiting call")


if __name__ == "__main__":
    main()
