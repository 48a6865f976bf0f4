"""The same seed gives the same figures, on every Python: kept ones, to be written anew when the engine changes.

    UPDATE=1 .venv/bin/pytest tests/simulator/test_golden.py

Rounded to nine digits: the last ones of a logarithm are the processor's own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from simulator import runs, tables

from .scenarios import PLAIN, plan_of

KEPT = Path(__file__).parent / "golden.json"


def rounded(value: Any) -> Any:
    """Figures as they are kept."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_as_kept(tmp_path: Path) -> None:
    with runs.workers(1) as pool:
        result = runs.run(plan_of(tmp_path, PLAIN), runs.Order(3, 1555), pool, 1)
    found = rounded({name: part for name, part in tables.plain(result).items() if name in ("line", "queues")})
    if os.environ.get("UPDATE"):
        KEPT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    assert found == json.loads(KEPT.read_text("utf-8"))
