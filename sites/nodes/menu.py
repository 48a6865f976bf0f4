"""``type: menu``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr import Menu
from sites.defaults import default_of
from sites.schema import Id, Key, Prompts, Sets, Strict
from sites.schema_hours import ValidityPart

from .base import NodeBase


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


class MenuPart(NodeBase):
    type: Literal["menu"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    choices: dict[Key, ChoicePart]
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Menu, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Menu, "tries")
    silence: SilencePart | None = None
