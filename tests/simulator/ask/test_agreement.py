"""Real and simulated waits side by side, by hand."""

from __future__ import annotations

import pytest

from simulator.ask.agreement import Agreement, figures

REAL = {0: (0.0, True), 1: (10.0, True), 2: (30.0, True), 3: (8.0, False)}
SIMULATED = {0: (0.5, True), 1: (10.0, True), 2: (26.0, True), 3: (12.0, True)}


def test_figures() -> None:
    found = figures(REAL, 20.0)
    assert found == {
        "offered": 4.0, "abandoned": 0.25, "within": 0.5, "mean_wait_s": 12.0, "p50_s": 9.0,
        "p95_s": pytest.approx(27.0), "longest_s": 30.0,
    }  # fmt: skip


def test_of_nobody() -> None:
    assert figures({}, 20.0)["offered"] == figures({}, 20.0)["abandoned"] == figures({}, 20.0)["mean_wait_s"] == 0.0
    assert Agreement({}, {}, []).same_end() == 1.0 and Agreement({}, {}, []).apart_s(0.5) == 0.0


def test_difference_and_range() -> None:
    moved = [{**SIMULATED, 2: (46.0, True)}, {**SIMULATED, 2: (6.0, True)}]
    rows = {row.name: row for row in Agreement(REAL, SIMULATED, moved).rows()}
    row = rows["mean_wait_s"]
    assert (row.real, row.simulated, row.difference) == (12.0, 12.125, -0.125)
    assert (row.low, row.high) == (7.125, 17.125)
    assert rows["abandoned"].difference == 0.25


def test_caller_by_caller() -> None:
    """Of those who were handled both times; a caller who was seen only once counts for nothing."""
    found = Agreement({**REAL, 9: (99.0, True)}, SIMULATED, [])
    assert found.apart_s(0.5) == 0.5 and found.apart_s(1.0) == 4.0
    assert found.same_end() == 0.75
