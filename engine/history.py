"""What the line remembers of a number after the call is over. Bounded: who was heard of longest ago is forgotten."""

from __future__ import annotations

from typing import Any

MOST_KEPT = 20_000


def remember(memory: dict[str, Any], number: str, what: Any) -> None:
    """From now on this is the latest of the number."""
    memory.pop(number, None)
    memory[number] = what
    if len(memory) > MOST_KEPT:
        del memory[next(iter(memory))]
