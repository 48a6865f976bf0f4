"""What the YAML form of every node has."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from sites.schema import Id
from sites.schema_hours import ValidityPart


class NodeBase(ValidityPart):
    """What every node may say: when it is there, and where callers go ``instead``."""

    instead: Id | None = None


def wrong(found: str, expected: str) -> PydanticCustomError:
    """Make a validation error in our words."""
    return PydanticCustomError("expected", "{expected}", {"found": found, "expected": expected})
