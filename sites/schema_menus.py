"""What ``menus.yaml`` may say: every type of node, its shapes and ranges only; whether it fits is ``checker.py``'s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr import Collect, DialOut, Lookup, Menu, Survey, Voicemail

from .defaults import default_of
from .schema import Id, Key, Language, Number, Pattern, Prompts, Sets, Strict, Value, Variable
from .schema_hours import ValidityPart


class ChoicePart(ValidityPart):
    """What a key means. ``prompts`` are said after the menu's own while the choice is there."""

    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()
    prompts: Prompts = []


class SilencePart(Strict):
    """What no key at all means: always there, and nothing said of it."""

    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()


class NodeBase(ValidityPart):
    """What every node may say: when it is there, and where callers go ``instead``."""

    instead: Id | None = None


class SayPart(NodeBase):
    type: Literal["say"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id


class MenuPart(NodeBase):
    type: Literal["menu"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    choices: dict[Key, ChoicePart]
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Menu, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Menu, "tries")
    silence: SilencePart | None = None


class DigitsPart(NodeBase):
    """A number that the caller types into the variable ``into``. ``min``, ``max``: how many digits, of kind number."""

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


class QueueNodePart(NodeBase):
    type: Literal["queue"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []


class TransferPart(NodeBase):
    type: Literal["transfer"]
    number: Number
    otherwise: Id
    confidential: bool = default_of(DialOut, "confidential")
    prompts: Prompts = []


class GoodbyePart(NodeBase):
    type: Literal["goodbye"]
    prompts: Prompts = []


def wrong(found: str, expected: str) -> PydanticCustomError:
    """Make a validation error in our words."""
    return PydanticCustomError("expected", "{expected}", {"found": found, "expected": expected})


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


class CasePart(Strict):
    when: WhenPart
    goto: Id
    sets: Sets = Sets()


class BranchPart(NodeBase):
    type: Literal["branch"]
    cases: Annotated[list[CasePart], Field(min_length=1, max_length=30)]
    otherwise: Id


class CallbackPart(NodeBase):
    """A queue whose caller is offered a callback at once."""

    type: Literal["callback"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []


class SurveyPart(NodeBase):
    type: Literal["survey"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Survey, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Survey, "tries")


class VoicemailPart(NodeBase):
    """A message for ``box``, of at most ``max_s`` seconds."""

    type: Literal["voicemail"]
    box: Id
    prompts: Annotated[Prompts, Field(min_length=1)]
    max_s: Annotated[float, Field(ge=5, le=300, allow_inf_nan=False)] = default_of(Voicemail, "max_s")
    next: Id


class FragmentPart(NodeBase):
    """A shared part of the menus: from ``start`` to a node of type return, then the caller goes on at ``next``."""

    type: Literal["fragment"]
    start: Id
    next: Id


class ReturnPart(NodeBase):
    type: Literal["return"]


class LookupPart(NodeBase):
    """``send``: what the service is told, by query name: a variable (or caller, dialled, language, topic, role).

    ``values``: variables, by each the name of its value in the answer.
    """

    type: Literal["lookup"]
    lookup: Id
    send: Annotated[dict[Id, Id], Field(max_length=10)] = {}
    values: Annotated[dict[Variable, Id], Field(max_length=10)] = {}
    prompts: Prompts = []
    within_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Lookup, "within_s")
    next: Id
    otherwise: Id


class BannerPart(NodeBase):
    type: Literal["banner"]
    next: Id


NodePart = Annotated[
    SayPart
    | MenuPart
    | DigitsPart
    | QueueNodePart
    | TransferPart
    | GoodbyePart
    | VoicemailPart
    | FragmentPart
    | ReturnPart
    | CallbackPart
    | SurveyPart
    | LookupPart
    | BranchPart
    | BannerPart,
    Field(discriminator="type"),
]


class MenusFile(Strict):
    """``menus.yaml``: the nodes callers walk through."""

    nodes: Annotated[dict[Id, NodePart], Field(min_length=1, max_length=5000)]
