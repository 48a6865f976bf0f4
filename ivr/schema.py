"""What each YAML file of a site may say. Shapes and ranges only: whether it makes sense together is ``checker.py``.

Every model forbids unknown keys; every refusal says what would have been right, in words an admin uses.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """No unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def matching(pattern: str, expected: str) -> Any:
    """Text that fits ``pattern``; otherwise the complaint says ``expected``."""
    fits = re.compile(pattern)

    def check(value: str) -> str:
        if not fits.fullmatch(value):
            raise PydanticCustomError("expected", "{expected}", {"expected": expected})
        return value

    return AfterValidator(check)


_ID = r"[a-z][a-z0-9_]{0,39}"
Id = Annotated[str, matching(_ID, "a name of small letters, digits and _")]
# No part of a prompt's id starts with a digit: ``<id>.<number>`` names the file of a spoken number.
PromptId = Annotated[str, matching(rf"{_ID}(\.{_ID}){{0,3}}", "names of small letters, digits and _, joined by dots")]
SkillId = Annotated[str, matching(rf"{_ID}(\.{_ID})?", "a skill such as topic.pensions or lang.el")]
Language = Annotated[str, matching(r"[a-z]{2}", "a language code of two small letters, e.g. el")]
Number = Annotated[str, matching(r"\+?[0-9]{2,15}", "a telephone number in quotes: digits, + allowed in front")]
Key = Annotated[str, matching(r"[0-9*#]", 'one telephone key in quotes: "0" to "9", "*" or "#"')]
OptionalKey = Annotated[str, matching(r"[0-9*#]?", 'one telephone key in quotes, or "" for none')]
# Shown on phones: without the characters that mean something to SIP and to Asterisk's files.
Label = Annotated[str, matching(r"[^\x00-\x1f\x7f\"<>;\\]{1,60}", 'a text of 1 to 60 characters, without " < > ; \\')]
Speech = Annotated[
    str, matching(r"(?s)(?=.*\w)[^\x00-\x09\x0b-\x1f\x7f{}]{1,1000}", "a text of at most 1,000 characters, without { }")
]
NumberSpeech = Annotated[
    str,
    matching(
        r"(?s)(?=.*\{n\})([^\x00-\x09\x0b-\x1f\x7f{}]|\{n\}){1,1000}", "a text with {n} where the number is spoken"
    ),
]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]
Level = Annotated[int, Field(ge=1, le=10)]
Priority = Annotated[int, Field(ge=-100, le=100)]
Prompts = Annotated[list[PromptId], Field(max_length=10)]


class Sets(Strict):
    """What is known about a caller from here on."""

    language: Language | None = None
    topic: Id | None = None
    role: Id | None = None


class KeysPart(Strict):
    repeat: OptionalKey = "#"
    back: OptionalKey = "*"
    operator: OptionalKey = "0"


class EntryPart(Strict):
    start: Id
    sets: Sets = Sets()


class LineFile(Strict):
    """``line.yaml``: numbers, languages, topics and who answers them."""

    languages: Annotated[list[Language], Field(min_length=1, max_length=10)]
    keys: KeysPart = KeysPart()
    numbers: Annotated[dict[Number, EntryPart], Field(min_length=1)]
    roles: list[Id] = []
    topics: dict[Id, Id]
    operator_queue: Id


class ChoicePart(Strict):
    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()


class SayPart(Strict):
    type: Literal["say"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    next: Id


class MenuPart(Strict):
    type: Literal["menu"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    choices: dict[Key, ChoicePart]
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = 5.0
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    silence: ChoicePart | None = None


class QueueNodePart(Strict):
    type: Literal["queue"]
    queue: Id | None = None
    prompts: Prompts = []


class TransferPart(Strict):
    type: Literal["transfer"]
    number: Number
    otherwise: Id
    confidential: bool = False
    prompts: Prompts = []


class GoodbyePart(Strict):
    type: Literal["goodbye"]
    prompts: Prompts = []


NodePart = Annotated[SayPart | MenuPart | QueueNodePart | TransferPart | GoodbyePart, Field(discriminator="type")]


class MenusFile(Strict):
    """``menus.yaml``: the nodes callers walk through."""

    nodes: Annotated[dict[Id, NodePart], Field(min_length=1)]


class QueueDefaults(Strict):
    priority: Priority = 0
    ring_s: Annotated[float, Field(ge=3, le=120, allow_inf_nan=False)] = 15.0
    wrap_up_s: Seconds = 30.0
    announce_first_s: Seconds = 10.0
    announce_every_s: Annotated[float, Field(ge=10, le=3600, allow_inf_nan=False)] = 45.0
    estimate: bool = True
    music: Id = "default"


class QueuePart(QueueDefaults):
    """What a queue leaves out it takes from ``defaults``."""

    label: Label
    requires: dict[SkillId, Level] = {}


class QueuesFile(Strict):
    """``queues.yaml``."""

    defaults: QueueDefaults = QueueDefaults()
    queues: Annotated[dict[Id, QueuePart], Field(min_length=1)]


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
    language: Language | None = None
    skills: dict[SkillId, Annotated[int, Field(ge=0, le=10)]] = {}


class AgentsFile(Strict):
    """``agents.yaml``: people by ranges, single ones on top, and the codes their phones may dial."""

    codes: dict[Code, CodePart]
    agents: Annotated[dict[AgentKey, AgentPart], Field(min_length=1)]


class NumberedText(Strict):
    each: NumberSpeech
    more: Speech
    only: dict[Annotated[str, matching(r"[1-9][0-9]{0,2}", "a number")], Speech] = {}


class NumberedPart(Strict):
    upto: Annotated[int, Field(ge=1, le=200)]
    texts: dict[Language, NumberedText]


class PromptsFile(Strict):
    """``prompts.yaml``: every text the line says, in every language."""

    prompts: Annotated[dict[PromptId, dict[Language, Speech]], Field(min_length=1)]
    numbered: dict[PromptId, NumberedPart] = {}
