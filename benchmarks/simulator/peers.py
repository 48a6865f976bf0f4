"""The same two models in SimPy 4 and in Ciw 3, as their users would write them.

M/M/140+M: one class, 140 servers, 35 calls a minute, mean service 240 s, mean patience 600 s. The multi-skill model:
seven equal classes, 140 servers in seven groups, each of which serves its own class and the next (a chain), 132 erlang,
mean patience 824 s; the oldest compatible call, any free compatible server. Ciw has no skills: a node of ours gives
its servers some, with Ciw's own queue and records.
"""

from __future__ import annotations

from collections.abc import Generator
from random import Random
from typing import Any

AGENTS, HANDLE_S, PATIENCE_S, PER_SECOND = 140, 240.0, 600.0, 35 / 60
TYPES, SKILLED_ERLANG, SKILLED_PATIENCE_S = 7, 132.0, 824.0


def simpy_erlang(calls: int, seed: int) -> float:
    """The mean wait (s) of about so many callers."""
    import simpy

    env, dice = simpy.Environment(), Random(seed)
    agents = simpy.Resource(env, AGENTS)
    waits: list[float] = []

    def caller() -> Generator[Any, Any, None]:
        came = env.now
        with agents.request() as turn:
            yield turn | env.timeout(dice.expovariate(1 / PATIENCE_S))
            waits.append(env.now - came)
            if turn.triggered:
                yield env.timeout(dice.expovariate(1 / HANDLE_S))

    def source() -> Generator[Any, Any, None]:
        for _ in range(calls):
            yield env.timeout(dice.expovariate(PER_SECOND))
            env.process(caller())

    env.process(source())
    env.run()
    return sum(waits) / len(waits)


def ciw_erlang(calls: int, seed: int) -> float:
    """The same in Ciw."""
    import ciw

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(PER_SECOND)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(calls / PER_SECOND)
    return _mean_wait(simulation)


def ciw_skills(calls: int, seed: int) -> float:
    """Seven classes, each server with two of them."""
    import ciw

    ciw.seed(seed)
    rate = SKILLED_ERLANG / HANDLE_S
    names = [f"type{n}" for n in range(TYPES)]
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(rate / TYPES)] for name in names},
        service_distributions={name: [ciw.dists.Exponential(1 / HANDLE_S)] for name in names},
        reneging_time_distributions={name: [ciw.dists.Exponential(1 / SKILLED_PATIENCE_S)] for name in names},
        number_of_servers=[AGENTS],
    )
    simulation = ciw.Simulation(network, node_class=_skill_node(ciw, names))
    simulation.simulate_until_max_time(calls / rate)
    return _mean_wait(simulation)


def _skill_node(ciw: Any, names: list[str]) -> Any:
    """A node whose server n serves class n % 7 and the one after it."""

    class SkillNode(ciw.Node):  # type: ignore[misc,name-defined]
        def serves(self, server: Any, individual: Any) -> bool:
            own = names.index(individual.customer_class)
            return own in (server.id_number % TYPES, (server.id_number + 1) % TYPES)

        def start(self, server: Any, individual: Any) -> None:
            self.attach_server(server, individual)
            individual.service_start_date = self.now
            individual.service_time = self.get_service_time(individual)
            individual.service_end_date = self.now + individual.service_time
            server.next_end_service_date = individual.service_end_date
            self.number_in_service += 1

        def begin_service_if_possible_accept(self, next_individual: Any) -> None:
            next_individual.arrival_date = self.now
            next_individual.reneging_date = self.get_reneging_date(next_individual)
            free = (server for server in self.servers if not server.busy and self.serves(server, next_individual))
            server = next(free, None)
            if server is not None:
                self.start(server, next_individual)

        def begin_service_if_possible_release(self, next_individual: Any, newly_free_server: Any) -> None:
            for line in self.individuals:
                for individual in line:
                    if not individual.server and self.serves(newly_free_server, individual):
                        self.start(newly_free_server, individual)
                        return

    return SkillNode


def _mean_wait(simulation: Any) -> float:
    waits = [record.waiting_time for record in simulation.get_all_records() if record.record_type in _SEEN]
    return sum(waits) / len(waits)


_SEEN = ("service", "renege")
