"""What ``menus.yaml`` may say: every type of node. Shapes and ranges only: whether it fits is ``checker.py``'s to say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .schema import Id, Key, Number, Prompts, Sets, Strict


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

    nodes: Annotated[dict[Id, NodePart], Field(min_length=1, max_length=5000)]
