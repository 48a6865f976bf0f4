"""docs/states.md shows the tables of today."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from engine import CALL_TABLE, OFFER_TABLE

from .test_tables import CALL_MOVES, OFFER_MOVES, Moves

ROOT = Path(__file__).resolve().parents[2]
DRAWN: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "draw_states.py"))


def test_the_page_is_up_to_date() -> None:
    drawn = DRAWN["page"]()
    assert (ROOT / "docs" / "states.md").read_text() == drawn, "run scripts/draw_states.py"


@pytest.mark.parametrize(
    ("table", "moves"), [(CALL_TABLE, CALL_MOVES), (OFFER_TABLE, OFFER_MOVES)], ids=["call", "offer"]
)
def test_the_goals_are_where_the_tests_of_the_tables_went(table: Any, moves: Moves) -> None:
    for (state, event), (goal, _) in moves.items():
        assert goal in table[state][event].goals, (state, event)
