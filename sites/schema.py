"""What each YAML file of a site may say. Shapes and ranges only: whether it makes sense together is ``checker.py``.

Every model forbids unknown keys; every refusal says what would have been right, in words an admin uses.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from calls import ExpressionError, parse
from ivr import spoken
from queues import QueueSettings, Relax

from .defaults import default_of
from .findings import one_of


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Matching:
    """Text that fits a pattern; otherwise the complaint says what was ``expected``, and so does the editor's schema."""

    def __init__(self, pattern: str, expected: str) -> None:
        self.fits, self.expected = re.compile(pattern), expected

    def check(self, value: str) -> str:
        """Return the text as it is. Raises ``PydanticCustomError`` if it does not fit."""
        if not self.fits.fullmatch(value):
            raise PydanticCustomError("expected", "{expected}", {"expected": self.expected})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write the pattern for editors, which use JavaScript's: one with Python's flags is left out, \\w differs."""
        pattern = self.fits.pattern
        editor = {} if pattern.startswith("(?s)") else {"pattern": f"^(?:{pattern})$"}
        return {**handler(schema), **editor, "description": self.expected}


def matching(pattern: str, expected: str) -> Any:
    """Make the type of text that fits ``pattern``: see ``Matching``."""
    return Matching(pattern, expected)


_ID = r"[a-z][a-z0-9_]{0,39}"
Id = Annotated[str, matching(_ID, "a name of small letters, digits and _")]
# No part of a prompt's id starts with a digit: ``<id>.<number>`` names the file of a spoken number.
PromptId = Annotated[str, matching(rf"{_ID}(\.{_ID}){{0,3}}", "names of small letters, digits and _, joined by dots")]
SkillId = Annotated[str, matching(rf"{_ID}(\.{_ID})?", "a skill such as topic.pensions or lang.el")]
Language = Annotated[str, matching(r"[a-z]{2}", "a language code of two small letters, e.g. el")]
Number = Annotated[str, matching(r"\+?[0-9]{2,15}", "a telephone number in quotes: digits, + allowed in front")]
Pattern = Annotated[str, matching(r"[0-9]{1,15}#{0,14}", 'digits, then # for any digit: "69########"')]
Key = Annotated[str, matching(r"[0-9*#]", 'one telephone key in quotes: "0" to "9", "*" or "#"')]
OptionalKey = Annotated[str, matching(r"[0-9*#]?", 'one telephone key in quotes, or "" for none')]
# Shown on phones: without the characters that mean something to SIP and to Asterisk's files.
Label = Annotated[str, matching(r"[^\x00-\x1f\x7f\"<>;\\]{1,60}", 'a text of 1 to 60 characters, without " < > ; \\')]
Speech = Annotated[
    str, matching(r"(?s)(?=.*\w)[^\x00-\x09\x0b-\x1f\x7f{}]{1,1000}", "a text of at most 1,000 characters, without { }")
]


def _known_places(text: str) -> str:
    """Check that all places in braces are known, e.g. ``{n:minutes}``."""
    for place in spoken.places(text):
        if place not in spoken.PLACES:
            raise PydanticCustomError(
                "expected", "{expected}", {"found": repr(place), "expected": one_of(spoken.PLACES, place)}
            )
    return text


def _has_place(text: str) -> str:
    if not spoken.places(text):
        expected = "a text with {n}, or a form of it such as {n:minutes}, where the number is spoken"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected})
    return text


NumberSpeech = Annotated[
    str,
    matching(
        r"(?s)(?=.*\w)([^\x00-\x09\x0b-\x1f\x7f{}]|\{[^{}]{0,40}\}){1,1000}",
        "a text of at most 1,000 characters, braces in pairs",
    ),
    AfterValidator(_known_places),
]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Level = Annotated[int, Field(ge=1, le=10)]
Points = Annotated[float, Field(ge=-600, le=600, allow_inf_nan=False)]
Prompts = Annotated[list[PromptId], Field(max_length=10)]


_KNOWN = ("caller", "dialled", "language", "topic", "role", "notice")
Variable = Annotated[str, matching(rf"(?!({'|'.join(_KNOWN)})$){_ID}", f"a name other than {', '.join(_KNOWN)}")]
Value = Annotated[str, matching(r"[^\x00-\x1f\x7f]{0,100}", "a text of at most 100 characters")]


Notice = Annotated[str, matching(r"[A-Za-z0-9_.-]{1,40}", 'a version of the privacy notice, e.g. "2026-12"')]


class Sets(Strict):
    """What is known about a caller from here on."""

    language: Language | None = None
    topic: Id | None = None
    role: Id | None = None
    notice: Notice | None = None
    variables: dict[Variable, Value] = {}


LONGEST_EXPRESSION = 2000

TEXT, MAPPING = "[text]", "[mapping]"
"""Which of two forms a value has. In brackets: marks of pydantic's locations that are no keys of the file."""


def form(value: object) -> str:
    """Give the form of a value: ``TEXT`` or ``MAPPING``."""
    return MAPPING if isinstance(value, dict) else TEXT


def _readable(text: str) -> str:
    if len(text) > LONGEST_EXPRESSION:
        expected = f"a skill expression of at most {LONGEST_EXPRESSION:,} characters"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected})
    try:
        parse(text)
    except ExpressionError as error:
        expected = f"a skill expression such as topic.pensions >= 3 and lang.en >= 2 ({error})"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected}) from None
    return text


Expression = Annotated[str, AfterValidator(_readable)]
Requires = Annotated[
    Annotated[Expression, Tag(TEXT)] | Annotated[dict[SkillId, Level], Tag(MAPPING)], Discriminator(form)
]
"""Skills with least levels, all of them; or an expression with ``and``, ``or`` and brackets."""


def _exactly_one(part: BaseModel, keys: tuple[str, ...]) -> None:
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        context = {"found": " and ".join(given) or "none of them", "expected": f"exactly one of {', '.join(keys)}"}
        raise PydanticCustomError("expected", "{expected}", context)


class RelaxPart(Strict):
    """A step that lets more agents take a waiting call. ``language: false``: also who does not speak the caller's."""

    after_s: Seconds | None = None
    ahead: Annotated[int, Field(ge=1, le=1000)] | None = None
    wait_s: Seconds | None = None
    requires: Requires
    language: bool = default_of(Relax, "language")

    @model_validator(mode="after")
    def _when(self) -> RelaxPart:
        _exactly_one(self, ("after_s", "ahead", "wait_s"))
        return self


MEASURED = ("length", "longest_wait", "expected_wait", "waited")
"""The limits of an overflow rule that are a number."""


class OverflowPart(Strict):
    """One rule: ``when`` the limit is reached the call goes to another queue, hears a message, goes to a number, or
    the caller may be called back instead (``callback: true``)."""

    when: Literal["length", "longest_wait", "expected_wait", "waited", "nobody", "closed"]
    at: Annotated[float, Field(ge=1, le=100_000, allow_inf_nan=False)] | None = None
    queue: Id | None = None
    message: PromptId | None = None
    number: Number | None = None
    callback: Literal[True] | None = None

    @model_validator(mode="after")
    def _where(self) -> OverflowPart:
        _exactly_one(self, ("queue", "message", "number", "callback"))
        if (self.when in MEASURED) != (self.at is not None):
            found = f"{self.when} {'without' if self.at is None else 'with'} at"
            expected = f"at: a number with {', '.join(MEASURED)}, and only with these"
            raise PydanticCustomError("expected", "{expected}", {"found": found, "expected": expected})
        return self

    @property
    def goes(self) -> tuple[Literal["queue", "message", "number", "callback"], str]:
        """Give the action and its target."""
        if self.callback:
            return "callback", ""
        if self.queue is not None:
            return "queue", self.queue
        return ("message", self.message) if self.message is not None else ("number", self.number or "")


class PolicyPart(BaseModel):
    """A routing policy with numbers of its own; which there are is known where the policies are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, Annotated[float, Field(allow_inf_nan=False)]]

    name: Id

    @property
    def settings(self) -> dict[str, float]:
        return dict(self.__pydantic_extra__ or {})


Policy = Annotated[Annotated[Id, Tag(TEXT)] | Annotated[PolicyPart, Tag(MAPPING)], Discriminator(form)]


class QueueDefaults(Strict):
    priority: Points = default_of(QueueSettings, "priority")
    ageing: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = default_of(QueueSettings, "ageing")
    cap_s: Annotated[float, Field(ge=10, le=3600, allow_inf_nan=False)] = default_of(QueueSettings, "cap_s")
    policy: Policy = default_of(QueueSettings, "policy")
    last_agent_s: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] = default_of(QueueSettings, "last_agent_s")
    ring_ahead_s: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = default_of(QueueSettings, "ring_ahead_s")
    ring_s: Annotated[float, Field(ge=3, le=120, allow_inf_nan=False)] = default_of(QueueSettings, "ring_s")
    wrap_up_s: Seconds = default_of(QueueSettings, "wrap_up_s")
    announce_first_s: Seconds = default_of(QueueSettings, "announce_first_s")
    announce_every_s: Annotated[float, Field(ge=10, le=3600, allow_inf_nan=False)] = default_of(
        QueueSettings, "announce_every_s"
    )
    estimate: bool = default_of(QueueSettings, "estimate")
    music: Id = default_of(QueueSettings, "music")


Short = Annotated[str, matching(r"[0-9]{2,6}", "a short code in quotes: 2 to 6 digits")]
Prefix = Annotated[str, matching(r"[0-9]{0,3}", 'up to 3 digits in quotes, or "" for none')]


class QueuePart(QueueDefaults):
    """What a queue leaves out it takes from ``defaults``."""

    label: Label
    short: Short | None = None
    requires: Requires = {}
    hours: Id | None = None
    roles: dict[Id, Points] = {}
    numbers: dict[Number, Points] = {}
    relax: Annotated[list[RelaxPart], Field(max_length=10)] = []
    overflow: Annotated[list[OverflowPart], Field(max_length=20)] = []


class QueuesFile(Strict):
    """``queues.yaml``."""

    defaults: QueueDefaults = QueueDefaults()
    short_prefix: Prefix = "80"
    queues: Annotated[dict[Id, QueuePart], Field(min_length=1, max_length=200)]


AgentKey = Annotated[
    str,
    matching(
        r"[a-z]{1,20}[0-9]{1,6}(-[a-z]{1,20}[0-9]{1,6})?|[a-z][a-z0-9_]{0,39}",
        "an agent such as agent001, or a range such as agent001-agent040",
    ),
]
Code = Annotated[str, matching(r"\*[0-9]{2,4}", 'a feature code in quotes: "*" and 2 to 4 digits')]
Action = Literal["log_in", "log_out", "ready", "not_ready", "end_wrap_up"]


class CodePart(Strict):
    action: Action
    reason: Id | None = None


class AgentPart(Strict):
    """One agent or a range. Level 0 takes away a skill that the range gave."""

    name: Label | None = None
    short: Short | None = None
    language: Language | None = None
    auto_answer: bool | None = None
    skills: dict[SkillId, Annotated[int, Field(ge=0, le=10)]] = {}


class AgentsFile(Strict):
    """``agents.yaml``: people by ranges, single ones on top, and the codes their phones may dial."""

    codes: Annotated[dict[Code, CodePart], Field(max_length=100)]
    short_prefix: Prefix = "7"
    agents: Annotated[dict[AgentKey, AgentPart], Field(min_length=1, max_length=5000)]


class NumberedText(Strict):
    """What is said with a number: see ``ivr.texts.Numbered``."""

    each: Annotated[NumberSpeech, AfterValidator(_has_place)]
    more: NumberSpeech
    only: dict[Annotated[str, matching(r"[1-9][0-9]{0,2}", "a number")], NumberSpeech] = {}


class NumberedPart(Strict):
    upto: Annotated[int, Field(ge=1, le=200)]
    texts: dict[Language, NumberedText]


class PromptsFile(Strict):
    """``prompts.yaml``: every text the line says, in every language."""

    prompts: Annotated[dict[PromptId, dict[Language, Speech]], Field(min_length=1, max_length=20_000)]
    numbered: Annotated[dict[PromptId, NumberedPart], Field(max_length=200)] = {}
