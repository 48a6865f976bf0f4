"""State machines as tables, ``{state: {event: Row}}``: the events a state takes, the action, the next states.

An event is the type of an event from outside, a timer of the engine, or something that happens elsewhere in the line.
An event that a state's row does not have is late, doubled or impossible: a fact ``Unexpected``, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from calls import Word

State = TypeVar("State", bound=Word)
Allowed = Mapping[State, frozenset[State | None]]
"""The states that may follow each state; None: the end."""


class OfferState(Word):
    """State of an offer. CLOSING: decided, but the agent's leg still has to go."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TALKING = "talking"
    CLOSING = "closing"


class Elsewhere(Word):
    """What happens to a call or an offer other than by its own events and timers."""

    AGENT_ANSWERED = "the agent answers"
    JOINED = "joined with the agent"
    NOT_JOINED = "not joined"
    AGENT_LEFT = "the agent left"
    LIMIT = "a limit of the queue"
    CALLER_GONE = "the caller is gone"
    RECONCILED = "Asterisk's channels differ"


class Row(NamedTuple):
    """A field of a table. ``action`` None: the event is normal and changes nothing. ``goals``: None is the end."""

    action: Callable[..., Any] | None
    goals: tuple[Any, ...] = ()


def to(action: Callable[..., Any] | None, *goals: Word | None) -> Row:
    """Make a field of a table: the action, and the states it may lead to."""
    return Row(action, goals)


NOTHING: Final = Row(None)
"""The event is normal here and changes nothing."""


def allowed(table: Mapping[State, Mapping[Any, Row]]) -> dict[State, frozenset[State | None]]:
    """Give every move that a table declares."""
    return {state: frozenset(goal for field in row.values() for goal in field.goals) for state, row in table.items()}
