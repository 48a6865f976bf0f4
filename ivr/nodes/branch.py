"""A decision by what is known of the caller, the time and the queues."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.calendar import Validity
from ivr.conditions import When
from ivr.model import Assignments, NodeId


@dataclass(frozen=True, slots=True)
class Case:
    """One way of a branch: taken if ``when`` holds."""

    when: When
    goto: NodeId
    sets: Assignments = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """The first case that holds is taken, else ``otherwise``. The caller hears nothing of it."""

    id: NodeId
    cases: tuple[Case, ...]
    otherwise: NodeId
    validity: Validity | None = None
    fallback: NodeId | None = None
