"""The same seed gives the same figures, on every Python: kept ones, to be written anew when the engine changes.

    UPDATE=1 .venv/bin/pytest tests/simulator/run/test_golden.py

Rounded to nine digits: the last ones of a logarithm are the processor's own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from simulator.ask import tables
from simulator.run import runs
from tests.simulator.scenarios import PLAIN, SITE, plan_of

KEPT = Path(__file__).parent / "golden.json"


def rounded(value: Any) -> Any:
    """Figures as they are kept."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


MORNING = SITE.replace(
    "per_day: 6000", f"per_day: 6000\n      curve: [{', '.join(['0.1'] * 10 + ['0.3'] * 38)}]"
).replace('numbers: {"1555": 1}', 'weekdays: {mon: 1.3, sat: 0.2, sun: 0.1}\n      numbers: {"1555": 1}')
"""The line with its menus, people in shifts, and calls that follow weights."""


@pytest.mark.parametrize(("name", "text", "count"), [("plain", PLAIN, 3), ("site", MORNING, 1)])
def test_as_kept(tmp_path: Path, name: str, text: str, count: int) -> None:
    with runs.workers(1) as pool:
        result = runs.run(plan_of(tmp_path, text), runs.RunRequest(count, 1555), pool, 1)
    found = rounded({part: of for part, of in tables.plain(result).items() if part in ("line", "queues")})
    kept = json.loads(KEPT.read_text("utf-8"))
    if os.environ.get("UPDATE"):
        KEPT.write_text(json.dumps(kept | {name: found}, indent=1) + "\n", "utf-8")
        return
    assert found == kept[name]
