"""The router on the bare floor and the whole engine, on the same line with the same callers.

Both systems have 140 agents and exponential times: M/M/140+M (one class, 140 erlang, patience 600 s), and seven classes
in a chain (132 erlang, patience 824 s; group n of agents knows class n and the next one), as the peers' models have.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from acd import Distributor
from agents import Roster
from benchmarks.routing.router import Columns, Router
from calls import facts as f
from line1555.cli.scenario_files import DIALPLANS, load_scenario
from queues import WaitingRoom
from simulator.model.citizens import CallerTable
from simulator.run.replication import Replication
from simulator.scenario import Plan

THOUSAND = 1000
LANGUAGE = "el"


@dataclass(frozen=True, slots=True)
class System:
    """``classes`` of callers, all alike: together so many erlang. ``skills``: known classes of an agent, in a chain.

    ``estimates``: those who wait are told for how long, as the default queue does.
    """

    classes: int
    policy: str
    erlang: float
    patience_s: float
    skills: int = 1
    agents: int = 140
    handle_s: float = 240.0
    estimates: bool = False

    @property
    def per_second(self) -> float:
        return self.erlang / self.handle_s

    def columns(self, calls: int, seed: int) -> Iterator[Columns]:
        """Draw the callers by the thousand: one at a time costs as much as a decision."""
        dice, at = np.random.default_rng(seed), 0.0
        for drawn in range(0, calls, THOUSAND):
            count = min(THOUSAND, calls - drawn)
            times = at + np.cumsum(dice.exponential(1 / self.per_second, count))
            at = float(times[-1])
            yield (
                times.tolist(), dice.integers(0, self.classes, count).tolist(),
                dice.exponential(self.patience_s, count).tolist(), dice.exponential(self.handle_s, count).tolist(),
            )  # fmt: skip

    def plan(self, hours: float = 1.0) -> Plan:
        """The line of this system, as a scenario of the simulator."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "system.yaml")
            file.write_text(yaml.safe_dump(self._scenario(hours)))
            return load_scenario(file, DIALPLANS)

    def _scenario(self, hours: float) -> dict[str, Any]:
        names = [f"type{n}" for n in range(self.classes)]
        per_hour = self.per_second * 3600 / self.classes
        return {
            "about": {"en": "A system of the speed benchmark"},
            "hours": hours,
            "warm_up_min": 0,
            "line": {"queues": {name: self._queue(name) for name in names}, "agents": list(self._groups(names))},
            "demand": {"topics": {name: {"per_hour": {"00:00": per_hour}} for name in names}},
            "callers": {
                "talk_s": {"all": {"exponential": {"mean": self.handle_s}}},
                "patience_s": {"all": {"exponential": {"mean": self.patience_s}}},
            },
        }

    def _queue(self, name: str) -> dict[str, Any]:
        never = {"announce_first_s": 3600, "announce_every_s": 3600, "estimate": False}
        known = {"label": name, "requires": {f"k.{name}": 1}, "policy": self.policy}
        return known if self.estimates else known | never

    def _groups(self, names: list[str]) -> Iterator[dict[str, Any]]:
        for n in range(self.classes):
            known = [f"k.{names[(n + step) % self.classes]}" for step in range(self.skills)]
            skills = {skill: 5 if place else 10 for place, skill in enumerate(known)}
            yield {"count": self.agents // self.classes, "skills": skills}


SYSTEMS = {
    "router": System(1, "longest_idle", 140.0, 600.0),
    "balanced": System(7, "balanced", 132.0, 824.0, skills=2),
}


def router(system: System) -> Router:
    """The router as the engine has it: its rooms made of the line's settings, agents coming in the engine's order."""
    settings = system.plan().settings
    roster, queues = Roster(settings.agents.values(), 0.0), list(settings.queues.values())
    acd = Distributor.of(roster, WaitingRoom(), settings.policies())
    agents = sorted(roster, key=lambda agent: agent.id)
    return Router(queues, [queue.needs(LANGUAGE) for queue in queues], agents, roster, acd)


def router_waits(system: System, calls: int, seed: int) -> list[float]:
    """The wait (s) of every caller on the bare floor."""
    return router(system).run(system.columns(calls, seed))


def engine_waits(system: System, calls: int, seed: int) -> list[float]:
    """The wait (s) of the same callers, each of them, in the simulation of the whole engine."""
    at, kind, patience_s, handle_s = (list(chain(*parts)) for parts in zip(*system.columns(calls, seed), strict=True))
    plan = system.plan(ceil(at[-1] / 3600 + 1))
    numbers, topics = list(plan.settings.menus.entries), list(plan.settings.queues)
    never, certain = [0.0] * calls, [1.0] * calls
    callers = CallerTable(
        at=at, topic=[topics[n] for n in kind], number=[numbers[n] for n in kind], language=[LANGUAGE] * calls,
        role=[""] * calls, patience_s=patience_s, talk_s=handle_s, wrap_up_s=never, key_s=never, fate=certain,
        hangs_up=never, redials=certain, redial_s=never, sent_on=certain, ticket=certain,
    )  # fmt: skip
    waits: dict[str, float] = {}

    def read(_: float, outputs: list[Any]) -> None:
        waits.update((fact.call, fact.wait_s) for fact in outputs if isinstance(fact, f.Connected | f.QueueLeft))

    Replication(plan, seed, 0, citizens=callers, reader=read).run()
    return [waits[f"sim-{n + 1}"] for n in range(calls)]


def unequal(system: System, calls: int, seed: int) -> int:
    """How many callers waited otherwise on the floor than in the whole engine, by the last bit."""
    pairs = zip(router_waits(system, calls, seed), engine_waits(system, calls, seed), strict=True)
    return sum(one != other for one, other in pairs)
