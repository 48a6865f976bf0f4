"""What judges of a site share: what is judged, what is wrong with it, and the names that were most likely meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from calls import QueueId, Requirement, Skills
from ivr import Menus
from ivr.texts import Texts

Keys = tuple[str | int, ...]

LINE, MENUS, PROMPTS, QUEUES, AGENTS = "line.yaml", "menus.yaml", "prompts.yaml", "queues.yaml", "agents.yaml"

MOST_COMPARED = 2000


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something wrong at ``keys`` of one of the files."""

    file: str
    keys: Keys
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What a queue refers to. ``widest``: by language what is asked in the end, all steps taken; ``overflow``: ways
    and targets in order; ``roles``, ``numbers``: those with points of their own; ``steps``: the skills of each step."""

    widest: Mapping[str, Requirement] = field(default_factory=dict)
    steps: Sequence[frozenset[str]] = ()
    overflow: Sequence[tuple[Literal["queue", "message", "number", "callback"], str]] = ()
    roles: Collection[str] = ()
    numbers: Collection[str] = ()
    hours: str = ""
    closes: bool = False
    """Whether a rule says where callers go while it is closed."""


@dataclass(frozen=True, slots=True)
class CheckInput:
    """All that is judged together. ``queues``: what each asks at first, without the language; ``rules``: the rest.

    ``agents`` has the skills of each entry of ``agents.yaml`` (a person or a range), ``named`` those written there.
    ``broken`` has, by section, names that exist but could not be read: nothing that refers to them is wrong for that.
    """

    menus: Menus
    roles: Collection[str] | None = ()
    texts: Texts | None = None
    queues: Mapping[QueueId, Requirement] | None = None
    rules: Mapping[QueueId, QueueRules] = field(default_factory=dict)
    agents: Mapping[str, Skills] | None = None
    named: Mapping[str, Collection[str]] = field(default_factory=dict)
    external: Collection[str] | None = None
    lookups: Collection[str] | None = None
    broken: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def lost(self, *sections: str) -> frozenset[str]:
        """Give the names of these sections that could not be read, so that nobody calls them unknown."""
        return frozenset().union(*(self.broken.get(section, frozenset()) for section in sections))


def one_of(names: Collection[str], meant: str) -> str:
    """``one of ...``, the nearest first; long lists are cut, and names no message can show are left out."""
    names = [name for name in names if name.isprintable() and len(name) <= 60]
    near = nearest(meant, names)
    rest = [name for name in sorted(names) if name not in near]
    shown = [*near, *rest][:12]
    return f"one of {', '.join(shown)}{', ...' if len(names) > len(shown) else ''}" if shown else "nothing here"


def nearest(meant: str, names: Collection[str]) -> list[str]:
    """The name that was most likely meant; none where there are too many to compare."""
    return get_close_matches(meant, names, n=1) if len(names) <= MOST_COMPARED else []
