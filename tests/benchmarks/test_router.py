"""The router that is measured joins the same callers at the same instants as the floor that compares policies."""

from __future__ import annotations

import pytest

from benchmarks.routing.case import Case, draw
from benchmarks.routing.cases import equal, erlang, unequal_handle_times
from benchmarks.routing.floor import Floor
from benchmarks.routing.ours import Ours, router

CASES = [erlang(140.0, 600.0), equal(), unequal_handle_times()]


@pytest.mark.parametrize("policy", ["longest_idle", "balanced"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_wait_is_the_same(case: Case, policy: str) -> None:
    short = case.lasting(0.5)
    callers = draw(short, 7, 0)
    floor = Floor(short.staff(), callers, Ours(short, policy, {}, 120.0, ""))
    waits = router(short, callers, policy, 120.0).run()
    assert sum(wait > 0 for wait in waits) > 50
    assert waits == floor.run().waited
