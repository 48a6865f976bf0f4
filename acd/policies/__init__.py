"""The routing policies, by the names that queues.yaml uses. A new one is a new file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from acd.policy import Policy

from .balanced import Balanced
from .best_skilled import BestSkilled
from .cmu import GeneralisedCmu
from .idleness_ratio import IdlenessRatio
from .least_occupied import LeastOccupied
from .longest_idle import LongestIdle
from .specialists_first import SpecialistsFirst
from .weighted_index import WeightedIndex

POLICIES: Final[dict[str, Any]] = {
    "balanced": Balanced,
    "longest_idle": LongestIdle,
    "least_occupied": LeastOccupied,
    "best_skilled": BestSkilled,
    "specialists_first": SpecialistsFirst,
    "weighted_index": WeightedIndex,
    "idleness_ratio": IdlenessRatio,
    "cmu": GeneralisedCmu,
}

DEFAULT: Final = "balanced"


def policy_of(name: str, settings: Mapping[str, float]) -> Policy:
    """Make the policy of that name with these settings; a setting left out has the default of the policy.

    Raises ``ValueError`` if the name or a setting is unknown.
    """
    if name not in POLICIES:
        raise ValueError(f"unknown policy {name!r}: one of {', '.join(POLICIES)}")
    kind = POLICIES[name]
    if unknown := sorted(settings.keys() - set(kind.NUMBERS)):
        raise ValueError(f"{name} has no setting {unknown[0]!r}: {', '.join(sorted(kind.NUMBERS)) or 'it has none'}")
    made: Policy = kind(**settings)
    return made
