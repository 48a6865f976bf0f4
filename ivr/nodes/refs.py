"""What a node may refer to: other nodes, prompts, queues and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from calls.commands import Prompt
from ivr.calendar import Validity

Keys = tuple[str | int, ...]


class RefKind(StrEnum):
    """The kind of thing that is named."""

    NODE = "node"
    PROMPT = "prompt"
    QUEUE = "queue"
    NUMBER = "number"
    HOURS = "hours"
    ENTRY = "entry"
    VARIABLE = "variable"
    LOOKUP = "lookup"


class Ref(NamedTuple):
    """``name`` is named at ``keys`` below the node. ``by_itself``: a caller who does nothing may be led this way.

    ``said``: what leads a caller to a node, for the picture.
    """

    keys: Keys
    kind: RefKind
    name: str
    by_itself: bool = False
    said: str = ""


def prompt_refs(keys: Keys, prompts: Iterable[Prompt]) -> Iterator[Ref]:
    """List the prompts of a node, or of a part of it at ``keys``."""
    for index, prompt in enumerate(prompts):
        yield Ref((*keys, "prompts", index), RefKind.PROMPT, prompt.id)


def validity_refs(keys: Keys, validity: Validity | None) -> Iterator[Ref]:
    """List the opening hours that a part at ``keys`` depends on."""
    if validity is not None and validity.hours:
        yield Ref((*keys, "hours"), RefKind.HOURS, validity.hours)
