"""What ``menus.yaml`` may say: every type of node, its shapes and ranges only; whether it fits is ``checker.py``'s."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .schema import Id, Key, Number, Prompts, Sets, Strict
from .schema_hours import TermPart


class ChoicePart(TermPart):
    """What a key means. ``prompts`` are said after the menu's own while the choice is there."""

    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()
    prompts: Prompts = []


class NodeBase(TermPart):
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
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = 5.0
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    silence: ChoicePart | None = None


class QueueNodePart(NodeBase):
    type: Literal["queue"]
    queue: Id | None = None
    closed: Id | None = None
    prompts: Prompts = []


class TransferPart(NodeBase):
    type: Literal["transfer"]
    number: Number
    otherwise: Id
    confidential: bool = False
    prompts: Prompts = []


class GoodbyePart(NodeBase):
    type: Literal["goodbye"]
    prompts: Prompts = []


NodePart = Annotated[SayPart | MenuPart | QueueNodePart | TransferPart | GoodbyePart, Field(discriminator="type")]


class MenusFile(Strict):
    """``menus.yaml``: the nodes callers walk through."""

    nodes: Annotated[dict[Id, NodePart], Field(min_length=1, max_length=5000)]
