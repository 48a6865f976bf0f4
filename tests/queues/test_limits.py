"""Which limit is broken first: in the order of the settings, never back where the call has been."""

from __future__ import annotations

import pytest

from queues import Broken, Limit, Overflow, Way, first_broken

LENGTH = Overflow(Limit.LENGTH, Way.QUEUE, "second", 10)
WAITED = Overflow(Limit.WAITED, Way.NUMBER, "210", 60.0)
NOBODY = Overflow(Limit.NOBODY, Way.MESSAGE, "sorry")


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        ({}, None),
        ({Limit.LENGTH: 9.0}, None),
        ({Limit.LENGTH: 10.0}, Broken(LENGTH, 10.0)),
        ({Limit.WAITED: 61.0}, Broken(WAITED, 61.0)),
        ({Limit.LENGTH: 11.0, Limit.WAITED: 61.0}, Broken(LENGTH, 11.0)),
        ({Limit.NOBODY: 0.0}, None),
        ({Limit.NOBODY: 1.0}, Broken(NOBODY, 1.0)),
    ],
)
def test_the_first_limit_that_is_reached(found: dict[Limit, float], broken: Broken | None) -> None:
    assert first_broken((LENGTH, WAITED, NOBODY), found.get) == broken


def test_no_way_is_taken_twice() -> None:
    found = {Limit.LENGTH: 11.0, Limit.WAITED: 61.0}
    assert first_broken((LENGTH, WAITED), found.get, ("second",)) == Broken(WAITED, 61.0)
    assert first_broken((LENGTH, WAITED), found.get, ("second", "210")) is None


@pytest.mark.parametrize("limit", [Limit.NOBODY, Limit.CLOSED])
def test_yes_and_no_have_no_number(limit: Limit) -> None:
    rule = Overflow(limit, Way.MESSAGE, "sorry", at=0.0)
    assert first_broken((rule,), lambda _: 0.0) is None
    assert first_broken((rule,), lambda _: 1.0) == Broken(rule, 1.0)


@pytest.mark.parametrize("entered_at", [0.1, 0.7, 1.1, 4093.3, 86399.9])
def test_rounding_does_not_hide_that_it_is_time(entered_at: float) -> None:
    for at in (0.1, 0.2, 0.3, 29.9, 60.1):
        rule = Overflow(Limit.WAITED, Way.MESSAGE, "sorry", at)
        timer_at = entered_at + at
        assert first_broken((rule,), lambda _, waited=timer_at - entered_at: waited) is not None  # type: ignore[misc]
