"""The benchmark of large dialplans runs, and its targets hold by far."""

from __future__ import annotations

from pathlib import Path

from benchmarks.dialplan import MOST_S, MOST_US, grown, measure


def test_a_thousand_menus(tmp_path: Path) -> None:
    figures = measure(grown(tmp_path / "site", 1000), 5000)
    assert figures["nodes"] > 1000
    assert figures["load_ms"] < MOST_S * 1000
    assert figures["step_p50_us"] < MOST_US
