"""``type: menu``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from calls import Attribute
from ivr import Choice, Menu, Menus, Node, NodeId
from sites.defaults import default_of
from sites.findings import MENUS, CheckInput, Finding
from sites.parts import assignments, prompts, validity
from sites.schema import Id, Key, Prompts, Sets, Strict
from sites.schema_hours import ValidityPart

from .base import NodeBase, Validities


class ChoicePart(ValidityPart):
    """What a key means. ``prompts`` are said after the menu's own while the choice is there."""

    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()
    prompts: Prompts = []

    def choice(self, topics: Validities) -> Choice:
        """Make the choice of the model."""
        there = validity(self) or topics.get(self.sets.topic or "")
        return replace(_way(self), prompts=prompts(self.prompts), validity=there)


class SilencePart(Strict):
    """What no key at all means: always there, and nothing said of it."""

    goto: Id
    meaning: Id | None = None
    sets: Sets = Sets()


class MenuPart(NodeBase):
    MODEL = Menu
    HINTS = (
        (r"found no choices", "add choices with at least one key"),
        (r"expected another key", "use a free key, or switch the common one off in line.yaml: keys"),
    )

    type: Literal["menu"]
    prompts: Annotated[Prompts, Field(min_length=1)]
    choices: dict[Key, ChoicePart]
    timeout_s: Annotated[float, Field(ge=1, le=30, allow_inf_nan=False)] = default_of(Menu, "timeout_s")
    tries: Annotated[int, Field(ge=1, le=10)] = default_of(Menu, "tries")
    silence: SilencePart | None = None

    def build(self, name: NodeId, topics: Validities) -> Node:
        choices = {key: choice.choice(topics) for key, choice in self.choices.items()}
        silence = _way(self.silence) if self.silence else None
        return Menu(name, prompts(self.prompts), choices, self.timeout_s, self.tries, silence)

    @staticmethod
    def check(subject: CheckInput, node: Menu) -> Iterator[Finding]:
        here = ("nodes", node.id, "choices")
        if not node.choices:
            yield Finding(MENUS, here, "no choices", "at least one key")
        for key, choice in node.choices.items():
            if shadowed := _common_name(subject.menus, key):
                yield Finding(MENUS, (*here, key), f"key {key}", f"another key: this one means {shadowed}")
            if choice.comes_and_goes(subject.menus) and not choice.prompts:
                expected = "prompts of its own: the choice is not always there"
                yield Finding(MENUS, (*here, key, "prompts"), "nothing", expected)


def _way(part: ChoicePart | SilencePart) -> Choice:
    """Make a choice, named by its ``meaning``, by the values it sets, or by the node it leads to."""
    found_out = assignments(part.sets)
    attribute = next((value for name, value in found_out if isinstance(name, Attribute)), part.goto)
    meaning = part.meaning or attribute
    return Choice(meaning, part.goto, found_out)


def _common_name(menus: Menus, key: str) -> str:
    common = menus.keys
    return {common.repeat: "repeat", common.back: "back", common.operator: "operator"}.get(key, "")
