"""Which limit is broken first: in the order of the settings, never back where the call has been."""

from __future__ import annotations

import pytest

from queues import OverflowAction, OverflowRule, OverflowTrigger, TriggeredRule, first_triggered

LENGTH = OverflowRule(OverflowTrigger.LENGTH, OverflowAction.QUEUE, "second", 10)
WAITED = OverflowRule(OverflowTrigger.WAITED, OverflowAction.NUMBER, "210", 60.0)
NOBODY = OverflowRule(OverflowTrigger.NOBODY, OverflowAction.MESSAGE, "sorry")


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        ({}, None),
        ({OverflowTrigger.LENGTH: 9.0}, None),
        ({OverflowTrigger.LENGTH: 10.0}, TriggeredRule(LENGTH, 10.0)),
        ({OverflowTrigger.WAITED: 61.0}, TriggeredRule(WAITED, 61.0)),
        ({OverflowTrigger.LENGTH: 11.0, OverflowTrigger.WAITED: 61.0}, TriggeredRule(LENGTH, 11.0)),
        ({OverflowTrigger.NOBODY: 0.0}, None),
        ({OverflowTrigger.NOBODY: 1.0}, TriggeredRule(NOBODY, 1.0)),
    ],
)
def test_the_first_limit_that_is_reached(found: dict[OverflowTrigger, float], broken: TriggeredRule | None) -> None:
    assert first_triggered((LENGTH, WAITED, NOBODY), found.get) == broken


def test_no_way_is_taken_twice() -> None:
    found = {OverflowTrigger.LENGTH: 11.0, OverflowTrigger.WAITED: 61.0}
    assert first_triggered((LENGTH, WAITED), found.get, ("second",)) == TriggeredRule(WAITED, 61.0)
    assert first_triggered((LENGTH, WAITED), found.get, ("second", "210")) is None


@pytest.mark.parametrize("limit", [OverflowTrigger.NOBODY, OverflowTrigger.CLOSED])
def test_yes_and_no_have_no_number(limit: OverflowTrigger) -> None:
    rule = OverflowRule(limit, OverflowAction.MESSAGE, "sorry", at=0.0)
    assert first_triggered((rule,), lambda _: 0.0) is None
    assert first_triggered((rule,), lambda _: 1.0) == TriggeredRule(rule, 1.0)


@pytest.mark.parametrize("entered_at", [0.1, 0.7, 1.1, 4093.3, 86399.9])
def test_rounding_does_not_hide_that_it_is_time(entered_at: float) -> None:
    for at in (0.1, 0.2, 0.3, 29.9, 60.1):
        rule = OverflowRule(OverflowTrigger.WAITED, OverflowAction.MESSAGE, "sorry", at)
        timer_at = entered_at + at
        assert first_triggered((rule,), lambda _, waited=timer_at - entered_at: waited) is not None  # type: ignore[misc]
