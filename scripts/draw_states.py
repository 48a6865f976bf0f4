"""Draws the state tables of agents, engine and menus into docs/states.md, as mermaid. Exit 1 with --check if stale."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from agents import TABLE as AGENTS  # noqa: E402
from engine import CALL_TABLE, OFFER_TABLE  # noqa: E402
from ivr import TABLE as WALK  # noqa: E402

PAGE = ROOT / "docs" / "states.md"
HEAD = """# States

Drawn from the tables in the code by `scripts/draw_states.py`; a test compares. Change the table, then draw again.
"""
Edge = tuple[str, str, str]


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
    """States down, events across, the action in the field; empty where the event cannot be."""
    events = list(dict.fromkeys(event for row in rows.values() for event in row))
    lines = [[""] + [f"`{event}`" for event in events], ["---"] * (len(events) + 1)]
    lines += [[f"**{state}**", *(row.get(event, "") for event in events)] for state, row in rows.items()]
    return ["| " + " | ".join(line) + " |" for line in lines]


# Where an action of the engine may lead: the actions are code, so this is said here and tested against the tables.
CALL_GOALS: dict[str, tuple[str, ...]] = {
    "menu_key": ("menu", "waiting", "transferring", "leaving"),
    "menu_prompt_ended": ("menu", "waiting", "transferring", "leaving"),
    "menu_again": ("menu",),
    "looked_up": ("menu", "waiting", "transferring", "leaving"),
    "lookup_failed": ("menu", "waiting", "transferring", "leaving"),
    "wait_key": ("waiting",),
    "wait_prompt_ended": ("waiting",),
    "wait_again": ("waiting",),
    "moved": ("waiting", "promised"),
    "prioritised": ("waiting", "promised"),
    "withdrawn": ("leaving",),
    "connect_failed": ("waiting", "leaving"),
    "talk_back": ("leaving", "menu"),
    "sent_on": ("transferring", "waiting"),
    "handed_over": ("talking", "transferring"),
    "transfer_answered": ("transferring",),
    "transfer_back": ("leaving", "waiting", "menu", "transferring"),
    "last_words_said": ("leaving",),
    "farewell": ("leaving", "menu"),
    "reached": ("connecting",),
    "reached_too_late": ("promised",),
    "not_reached": ("promised", "[*]"),
    **dict.fromkeys(
        ("menu_left", "wait_left", "talk_left", "transfer_left", "gone", "rescued", "promise_withdrawn"), ("[*]",)
    ),
}
STAYS = ("moved", "prioritised")
OFFER_GOALS: dict[str, tuple[str, ...]] = {
    "rang": ("ringing",),
    "answered": ("answered",),
    "bridged": ("talking",),
    "hold": ("talking",),
    "cancel_again": ("closing",),
    **dict.fromkeys(("failed", "left_unbridged", "agent_left", "closed"), ("[*]",)),
}
# What happens without an event of its own: a timer, or something that happens to the other side.
CALL_ELSE: list[Edge] = [
    ("menu", "waiting", "silence (timer)"),
    ("waiting", "connecting", "the agent answers"),
    ("waiting", "leaving", "a limit of the queue: message"),
    ("waiting", "transferring", "a limit of the queue: number"),
    ("connecting", "talking", "Bridged"),
    ("connecting", "waiting", "not joined (timer), the agent left"),
    ("talking", "leaving", "AgentLeft"),
    ("leaving", "[*]", "not seen to go (timer)"),
    ("[*]", "promised", "a caller accepts a callback, a supervisor promises one"),
    ("promised", "dialling", "the agent answers"),
    ("dialling", "promised", "no answer (timer), the agent left"),
]
OFFER_ELSE: list[Edge] = [
    ("ringing", "closing", "no answer (timer), the caller left"),
    ("answered", "closing", "not joined (timer), the caller left"),
    ("talking", "closing", "the caller left"),
    ("closing", "[*]", "not seen to go (timer)"),
]


def moves(rows: dict[str, dict[str, str]], goals: dict[str, tuple[str, ...]]) -> Iterator[Edge]:
    """The arrows of an engine table that lead to another state. Orders for who waits leave him where he is."""
    for state, row in rows.items():
        for event, action in row.items():
            for goal in goals.get(action, ()):
                if goal != state and action not in STAYS:
                    yield state, goal, event


def named(rows: object) -> dict[str, dict[str, str]]:
    assert isinstance(rows, dict)
    return {str(state): {getattr(e, "__name__", str(e)): a for e, a in row.items()} for state, row in rows.items()}


def page() -> str:
    calls, offers, walk = named(CALL_TABLE), named(OFFER_TABLE), named(WALK)
    parts = [
        [
            "## Agent (`agents/state.py`)",
            "",
            "`resume`: unless a wish was put off. `defer`: put off until then. "
            "Whoever would become ready while the phone is gone is not ready (`unreachable`) instead.",
        ],
        diagram(agents(), "logged_out"),
        ["## Call (`engine/stages.py`)", "", "An empty field is late, doubled or impossible: a fact `Unexpected`."],
        diagram([*moves(calls, CALL_GOALS), *CALL_ELSE], "menu"),
        table(calls),
        ["## Offer (`engine/stages.py`)"],
        diagram([*moves(offers, OFFER_GOALS), *OFFER_ELSE], "ringing"),
        table(offers),
        ["## Walk through the menus (`ivr/walk.py`)", "", "What a step leads to is decided by the node's kind."],
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
