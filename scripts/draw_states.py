"""Draws the state tables of agents, engine and menus into docs/states.md, as mermaid. Exit 1 with --check if stale."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from agents import TABLE as AGENTS  # noqa: E402
from engine import CALL_TABLE, OFFER_TABLE, THEORY, Row  # noqa: E402
from ivr import TABLE as WALK  # noqa: E402

PAGE = ROOT / "docs" / "states.md"
HEAD = """# States

Every state table of the code as a diagram. `scripts/draw_states.py` draws this page from the tables, and a test
compares: change the table, then run the script again.
"""
Edge = tuple[str, str, str]
END = "[*]"
PROMISES: Edge = (END, "promised", "a caller accepts a callback, a supervisor promises one")


def agents() -> Iterator[Edge]:
    """State, next state, and the event with what it means beyond a move."""
    for state, row in AGENTS.items():
        for event, (goal, action) in row.items():
            yield state, goal, event if action == "move" else f"{event} ({action})"


def diagram(edges: Iterable[Edge], first: str) -> list[str]:
    """One arrow for each pair of states, with all that leads that way."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for state, goal, label in edges:
        arrows.setdefault((state, goal), []).append(label)
    drawn = [f"    {state} --> {goal}: {', '.join(labels)}" for (state, goal), labels in arrows.items()]
    return ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {first}", *drawn, "```"]


def table(rows: dict[str, dict[str, str]]) -> list[str]:
    """Events down, states across, the action in the field; empty where the event cannot be."""
    events = list(dict.fromkeys(event for row in rows.values() for event in row))
    lines = [["", *(f"**{state}**" for state in rows)], ["---"] * (len(rows) + 1)]
    lines += [[f"`{event}`", *(row.get(event, "") for row in rows.values())] for event in events]
    return ["| " + " | ".join(line) + " |" for line in lines]


def moves(rows: Mapping[Any, Mapping[Any, Row]], begins: Iterable[Edge]) -> Iterator[Edge]:
    """The arrows of an engine table that lead to another state, after those that begin elsewhere."""
    yield from begins
    for state, row in rows.items():
        for event, field in row.items():
            for goal in field.goals:
                if goal is not state:
                    yield str(state), END if goal is None else str(goal), _name(event)


def _name(event: Any) -> str:
    """Of an event, a timer, or something that happens elsewhere."""
    if isinstance(event, type):
        return event.__name__
    return f"{event.name.lower()} (timer)" if isinstance(event, IntEnum) else str(event)


def actions(rows: Mapping[Any, Mapping[Any, Row]]) -> dict[str, dict[str, str]]:
    """What is done in each field: the function's room and name."""
    return {
        str(state): {_name(event): _action(field) for event, field in row.items() if not isinstance(event, StrEnum)}
        for state, row in rows.items()
    }


def _action(field: Row) -> str:
    if field.action is None:
        return "nothing"
    return f"{field.action.__module__.rpartition('.')[2]}.{field.action.__name__}"


def named(rows: object) -> dict[str, dict[str, str]]:
    assert isinstance(rows, dict)
    return {str(state): {getattr(e, "__name__", str(e)): a for e, a in row.items()} for state, row in rows.items()}


def page() -> str:
    calls, offers, walk = actions(CALL_TABLE), actions(OFFER_TABLE), named(WALK)
    parts = [
        [
            "## Agent (`agents/state.py`)",
            "",
            "`defer`: the agent's request waits until the call is over. "
            "`resume`: unless such a request waits; then it is done. "
            "An agent who would become ready while their phone is gone is not ready (`unreachable`) instead.",
        ],
        diagram(agents(), "logged_out"),
        ["## The engine's machines", "", THEORY],
        [
            "## Call (`engine/stages.py`)",
            "",
            "An empty field: the event is late, doubled or impossible there; it becomes a fact `Unexpected`.",
        ],
        diagram(moves(CALL_TABLE, [PROMISES]), "menu"),
        table(calls),
        ["## Offer (`engine/stages.py`)"],
        diagram(moves(OFFER_TABLE, []), "ringing"),
        table(offers),
        ["## Walk through the menus (`ivr/walk.py`)", "", "The node's type decides what a step leads to."],
        table(walk),
    ]
    return HEAD + "".join("\n" + "\n".join(part) + "\n" for part in parts)


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.exists() and PAGE.read_text() == text else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
