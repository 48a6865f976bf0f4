"""Call selection: of the classes an agent can serve, the waiting call with the lowest key (priority, then age)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calls import CallId, Requirement
from queues import Key

NAME = "oldest call"


def choose(classes: Iterable[Requirement], free: Mapping[Requirement, list[tuple[Key, CallId]]]) -> CallId | None:
    """The head with the lowest key over all these classes."""
    heads = [free[requires][0] for requires in classes if free.get(requires)]
    return min(heads)[1] if heads else None
