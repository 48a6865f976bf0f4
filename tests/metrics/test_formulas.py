"""Each formula against hand-counted values, and ``None`` where nothing is defined."""

from __future__ import annotations

import pytest

from metrics import Waits, formulas


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (formulas.service_level(handled_within_t=80, offered=110, abandoned_within_t=10), 0.8),
        (formulas.service_level(0, 3, 0), 0.0),
        (formulas.service_level(0, 0, 0), None),
        (formulas.service_level(0, 4, 4), None),
        (formulas.asa(wait_s=90.0, handled=10), 9.0),
        (formulas.asa(0.0, 0), None),
        (formulas.aht(talk_s=2000.0, hold_s=100.0, wrap_up_s=300.0, handled=10), 240.0),
        (formulas.aht(0.0, 0.0, 0.0, 0), None),
        (formulas.occupancy(talk_and_hold_s=60.0, wrap_up_s=15.0, ring_s=5.0, ready_s=20.0), 0.8),
        (formulas.occupancy(0.0, 0.0, 0.0, 0.0), None),
        (formulas.abandon_share(abandoned=12, short_abandoned=2, offered=102), 0.1),
        (formulas.abandon_share(2, 2, 2), None),
        (formulas.rona_share(rona=1, offers=20), 0.05),
        (formulas.rona_share(0, 0), None),
    ],
)
def test_formula(figure: float | None, expected: float | None) -> None:
    assert figure == expected


def test_published_share_of_the_line() -> None:
    """The ministry's own figures to October 2023: 7,010,544 answered of 7,342,103, published as 95.5 %."""
    assert formulas.ratio(7_010_544, 7_342_103) == pytest.approx(0.955, abs=0.0005)


def test_quantiles_stay_within_their_bucket() -> None:
    waits = Waits()
    for second in range(1, 1001):
        waits.add(float(second))
    assert waits.quantile(0.5) == pytest.approx(500, abs=1)
    assert waits.quantile(0.95) == pytest.approx(950, abs=25)
    assert waits.quantile(1.0) == waits.max_s == 1000


@pytest.mark.parametrize("wait_s", [0.0, 0.4, 20.0, 5000.0])
def test_quantile_of_one_call_never_exceeds_it(wait_s: float) -> None:
    waits = Waits()
    waits.add(wait_s)
    assert (waits.quantile(0.95) or 0.0) <= wait_s


def test_no_calls_no_quantile() -> None:
    assert Waits().quantile(0.5) is None
