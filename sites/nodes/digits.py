"""``type: digits``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ivr import Collect, Digits, Node, NodeId
from ivr.digits import LENGTHS, NAMES
from ivr.model import CommonPrompts
from sites.defaults import default_of
from sites.parts import prompts
from sites.schema import Id, Prompts, Variable

from .base import NodeBase, Validities, wrong

MOST_DIGITS = 20


class DigitsPart(NodeBase):
    """A number that the caller types into the variable ``into``. ``min``, ``max``: how many digits, of kind number."""

    MODEL = Collect

    type: Literal["digits"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    kind: Literal["afm", "amka", "date", "number"]
    into: Variable
    next: Id
    otherwise: Id
    min: Annotated[int, Field(ge=1, le=20)] | None = None
    max: Annotated[int, Field(ge=1, le=20)] | None = None
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Collect, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Collect, "tries")
    confirm: bool = default_of(Collect, "confirm")

    @model_validator(mode="after")
    def _lengths(self) -> DigitsPart:
        given = self.min is not None or self.max is not None
        if given and self.kind != "number":
            raise wrong(f"min or max with {self.kind}", "neither: its length is known")
        if (self.min or 1) > (self.max or 20):
            raise wrong(f"min {self.min} and max {self.max}", "a min that is not above the max")
        return self

    def build(self, name: NodeId, topics: Validities) -> Node:
        kind = Digits(self.kind)
        length = LENGTHS.get(kind)
        least, most = (length, length) if length else (self.min or 1, self.max or MOST_DIGITS)
        said, ways = prompts(self.prompts), (self.next, self.otherwise)
        return Collect(name, said, kind, self.into, *ways, least, most, self.timeout_s, self.tries, self.confirm)

    @staticmethod
    def needs(common: CommonPrompts) -> tuple[str, ...]:
        spoken = (f"digit.{name}" for name in NAMES)
        return (common.wrong_number.id, common.read_back.id, common.confirm.id, *spoken)
