"""What the YAML forms of all nodes share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic_core import PydanticCustomError

from ivr import Node, NodeId, Validity
from ivr.model import CommonPrompts
from sites.findings import CheckInput, Finding
from sites.parts import validity
from sites.schema import Id
from sites.schema_hours import ValidityPart

Validities = Mapping[str, Validity]
"""Validity of topics: it holds for every choice that sets the topic."""
Hints = tuple[tuple[str, str], ...]
"""Patterns of ``key: found ..., expected ...``, and what to do then."""


class NodeBase(ValidityPart):
    """What every node may say: when it is there, and where callers go ``instead``."""

    MODEL: ClassVar[type[Node]]
    """What is made of it."""
    HINTS: ClassVar[Hints] = ()
    """How to repair what is wrong with a node of this type alone."""

    instead: Id | None = None

    def node(self, name: NodeId, topics: Validities) -> Node:
        """Make the node of the model."""
        made, there = self.build(name, topics), validity(self)
        return replace(made, validity=there, fallback=self.instead) if there or self.instead else made

    def build(self, name: NodeId, topics: Validities) -> Node:
        """Make what is the type's own."""
        raise NotImplementedError

    @staticmethod
    def check(subject: CheckInput, node: Any) -> Iterator[Finding]:
        """Find what is wrong with a node of this type, beyond names that do not exist."""
        yield from ()

    @staticmethod
    def needs(common: CommonPrompts) -> tuple[str, ...]:
        """Give the prompts that nodes of this type say beyond their own."""
        return ()


def wrong(found: str, expected: str) -> PydanticCustomError:
    """Make a validation error in our words."""
    return PydanticCustomError("expected", "{expected}", {"found": found, "expected": expected})
