"""The router that is measured joins the same callers at the same instants as the comparing floor and the engine."""

from __future__ import annotations

import pytest

from benchmarks.routing.case import Case, draw
from benchmarks.routing.cases import equal, erlang, unequal_handle_times
from benchmarks.routing.floor import Floor
from benchmarks.routing.ours import Ours, router_waits
from benchmarks.simulator.systems import SYSTEMS, System, engine_waits
from benchmarks.simulator.systems import router_waits as waits_of

CASES = [erlang(140.0, 600.0), equal(), unequal_handle_times()]


@pytest.mark.parametrize("policy", ["longest_idle", "balanced"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wait_is_the_same(case: Case, policy: str) -> None:
    short = case.lasting(0.5)
    callers = draw(short, 7, 0)
    floor = Floor(short.staff(), callers, Ours(short, policy, {}, 120.0, ""))
    waits = router_waits(short, callers, policy, 120.0)
    assert sum(wait > 0 for wait in waits) > 50
    assert waits == floor.run().waited


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_every_wait_is_that_of_the_whole_engine(system: System) -> None:
    """To the last bit: the engine adds nothing to what the router decides, and takes nothing from it."""
    waits = waits_of(system, 2000, 7)
    assert sum(wait > 0 for wait in waits) > 50
    assert waits == engine_waits(system, 2000, 7)
