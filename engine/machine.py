"""State machines as tables, ``{state: {event: Row}}``: what a state takes, what is done then, and where that may lead.

An event is the type of an event from outside, a timer of the engine, or something that happens elsewhere in the line.
What a state's row does not have is late, doubled or impossible: a fact ``Unexpected``, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

State = TypeVar("State", bound=StrEnum)
Allowed = Mapping[State, frozenset[State | None]]
"""The states that each state may be left for; None: the end."""


class OfferState(StrEnum):
    """One attempt to give one call to one agent. CLOSING: decided, but the agent's leg still has to go."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TALKING = "talking"
    CLOSING = "closing"


class Elsewhere(StrEnum):
    """What happens to a call or an offer through something else than an event or a timer of its own."""

    AGENT_ANSWERED = "the agent answers"
    JOINED = "joined with the agent"
    NOT_JOINED = "not joined"
    AGENT_LEFT = "the agent left"
    LIMIT = "a limit of the queue"
    CALLER_GONE = "the caller is gone"
    RECONCILED = "Asterisk's channels differ"


class Row(NamedTuple):
    """``action`` is None where the event is quite normal and means nothing. ``goals``: None is the end."""

    action: Callable[..., Any] | None
    goals: tuple[Any, ...] = ()


def to(action: Callable[..., Any] | None, *goals: StrEnum | None) -> Row:
    """A field of a table: what is done, and the states it may lead to."""
    return Row(action, goals)


NOTHING = Row(None)
"""The event is quite normal here, and means nothing."""


def allowed(table: Mapping[State, Mapping[Any, Row]]) -> dict[State, frozenset[State | None]]:
    """Every move that a table declares."""
    return {state: frozenset(goal for field in row.values() for goal in field.goals) for state, row in table.items()}
