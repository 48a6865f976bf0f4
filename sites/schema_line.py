"""What ``line.yaml`` may say: numbers, languages, keys, topics, opening hours, callbacks. Shapes and ranges only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from engine import CallbackRules
from ivr import CommonKeys

from .defaults import default_of
from .schema import MAPPING, TEXT, Id, Language, Number, OptionalKey, Pattern, PromptId, Sets, Strict, form, matching
from .schema_hours import HoursPart, ValidityPart


class KeysPart(Strict):
    repeat: OptionalKey = default_of(CommonKeys, "repeat")
    back: OptionalKey = default_of(CommonKeys, "back")
    operator: OptionalKey = default_of(CommonKeys, "operator")


class EntryPart(Strict):
    start: Id
    sets: Sets = Sets()


class CallbacksPart(Strict):
    """Numbers that the line may call back: ``numbers`` are patterns in national form, ``#`` for any digit."""

    numbers: Annotated[list[Pattern], Field(max_length=50)] = list(default_of(CallbackRules, "numbers"))
    attempts: Annotated[int, Field(ge=1, le=10)] = default_of(CallbackRules, "attempts")
    again_s: Annotated[float, Field(ge=60, le=86_400, allow_inf_nan=False)] = default_of(CallbackRules, "again_s")
    ring_s: Annotated[float, Field(ge=10, le=90, allow_inf_nan=False)] = default_of(CallbackRules, "ring_s")
    most: Annotated[int, Field(ge=0, le=100_000)] = default_of(CallbackRules, "most")


class TopicPart(ValidityPart):
    """A topic that is not always there: choices that set it are left out meanwhile."""

    queue: Id


Topic = Annotated[Annotated[Id, Tag(TEXT)] | Annotated[TopicPart, Tag(MAPPING)], Discriminator(form)]


Shown = Annotated[str, matching("[A-Za-z0-9\u0370-\u03ff .-]{1,12}", "1 to 12 Greek or Latin letters, figures, . or -")]


class LineFile(Strict):
    """``line.yaml``: numbers, languages, topics and who answers them."""

    languages: Annotated[list[Language], Field(min_length=1, max_length=10)]
    keys: KeysPart = KeysPart()
    numbers: Annotated[dict[Number, EntryPart], Field(min_length=1, max_length=200)]
    roles: Annotated[list[Id], Field(max_length=200)] = []
    topics: Annotated[dict[Id, Topic], Field(max_length=500)]
    operator_queue: Id
    after_call: Id | None = None
    banners: Annotated[list[PromptId], Field(max_length=50)] = []
    hours: Annotated[dict[Id, HoursPart], Field(max_length=100)] = {}
    callbacks: CallbacksPart = CallbacksPart()
    silent_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 36.0
    shown: Annotated[dict[Id, Shown], Field(max_length=700)] = {}
