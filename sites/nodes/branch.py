"""``type: branch``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calls import Attribute, QueueId
from ivr import Branch, Case, Node, NodeId, QueueState, When
from sites.parts import assignments, validity
from sites.schema import Id, Language, Number, Pattern, Sets, Strict, Value
from sites.schema_hours import ValidityPart

from .base import NodeBase, Validities, wrong


def at_least_one(part: Strict, *keys: str) -> None:
    """Refuse a part that asks nothing."""
    if not any(getattr(part, key) or getattr(part, key) is False for key in keys):
        shown = ", ".join(key for key in keys if key != "from_")
        raise wrong("no condition", f"one of {shown}")


class QueueStatePart(Strict):
    """Least values of a queue; without ``name``: that of the caller's topic."""

    name: Id | None = None
    waiting: Annotated[int, Field(ge=1, le=10_000)] = 0
    agents_in: Annotated[int, Field(ge=1, le=10_000)] = 0
    expected_wait_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _asks(self) -> QueueStatePart:
        at_least_one(self, "waiting", "agents_in", "expected_wait_s")
        return self

    def state(self) -> QueueState:
        """Make the least values of the model."""
        queue = QueueId(self.name) if self.name else None
        return QueueState(queue, self.waiting, self.agents_in, self.expected_wait_s)


class WhenPart(ValidityPart):
    """Conditions, all of which must hold. ``hours``: open now; ``closed``: not open now."""

    caller: Annotated[list[Pattern], Field(max_length=50)] = []
    anonymous: bool | None = None
    dialled: Annotated[list[Number], Field(max_length=50)] = []
    language: Annotated[list[Language], Field(max_length=10)] = []
    topic: Annotated[list[Id], Field(max_length=50)] = []
    role: Annotated[list[Id], Field(max_length=50)] = []
    variables: Annotated[
        dict[Id, Annotated[list[Value], Field(min_length=1, max_length=50)]], Field(max_length=10)
    ] = {}
    closed: Id | None = None
    queue: QueueStatePart | None = None
    banner: bool | None = None
    called_within_h: Annotated[float, Field(gt=0, le=24 * 30, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _asks(self) -> WhenPart:
        at_least_one(self, *type(self).model_fields)
        return self

    def condition(self) -> When:
        """Make the conditions of the model."""
        given = ((Attribute.LANGUAGE, self.language), (Attribute.TOPIC, self.topic), (Attribute.ROLE, self.role))
        return When(
            callers=tuple(self.caller),
            anonymous=self.anonymous,
            dialled=tuple(self.dialled),
            attributes=tuple((attribute, tuple(values)) for attribute, values in given if values),
            variables=tuple((name, tuple(values)) for name, values in self.variables.items()),
            validity=validity(self),
            closed=self.closed or "",
            queue=self.queue.state() if self.queue else None,
            banner=self.banner,
            called_within_s=None if self.called_within_h is None else self.called_within_h * 3600.0,
        )


class CasePart(Strict):
    when: WhenPart
    goto: Id
    sets: Sets = Sets()


class BranchPart(NodeBase):
    MODEL = Branch

    type: Literal["branch"]
    cases: Annotated[list[CasePart], Field(min_length=1, max_length=30)]
    otherwise: Id

    def build(self, name: NodeId, topics: Validities) -> Node:
        cases = (Case(case.when.condition(), case.goto, assignments(case.sets)) for case in self.cases)
        return Branch(name, tuple(cases), self.otherwise)
