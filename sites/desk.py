"""Settings of what agents see and dial: words for their displays, short codes of queues and colleagues."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from calls import Problem
from engine import RETURNED

from . import schema, schema_line
from .loader import Loaded

EMERGENCY = frozenset({"100", "108", "112", "166", "199"})
"""Emergency numbers: an agent's phone that dials one must not reach a colleague."""
_NUMBER = re.compile(r"[0-9]{1,5}$")


def shown_problems(loaded: Loaded[schema_line.LineFile]) -> Iterator[Problem]:
    """Find words for values that no caller can have."""
    line = loaded.model
    for name in line.shown if line else ():
        if line and name not in (*line.topics, *line.roles, RETURNED):
            yield loaded.problem(("shown", name), repr(name), f"a topic, a role, or {RETURNED}")


def short_codes(
    queues: schema.QueuesFile, people: schema.AgentsFile, agents: Iterable[str], taken: Collection[str]
) -> dict[str, str]:
    """Map codes to queues or agents. Written codes go first; a default that is already taken is left out."""
    said = {part.short: name for name, part in queues.queues.items() if part.short}
    said |= {part.short: name for name, part in people.agents.items() if part.short}
    named = set(said.values())
    defaults = [(f"{queues.short_prefix}{n}", name) for n, name in enumerate(queues.queues, 1) if queues.short_prefix]
    numbered = [(found[0], name) for name in agents if (found := _NUMBER.search(name)) and people.short_prefix]
    defaults += [(people.short_prefix + number, name) for number, name in numbered]
    often = Counter(code for code, _ in defaults)
    free = {
        code: name
        for code, name in defaults
        if often[code] == 1 and code not in said and code not in EMERGENCY and code not in taken and name not in named
    }
    return {**said, **free}


def short_problems(
    queues: Loaded[schema.QueuesFile], people: Loaded[schema.AgentsFile], taken: Mapping[str, str]
) -> Iterator[Problem]:
    """Find codes that two have, that have another use, or that a whole range would share."""
    seen: dict[str, str] = {}
    entries: list[tuple[Loaded[Any], str, str, str | None]] = [
        *((queues, "queues", name, part.short) for name, part in (queues.model.queues if queues.model else {}).items()),
        *((people, "agents", name, part.short) for name, part in (people.model.agents if people.model else {}).items()),
    ]
    for loaded, table, name, short in entries:
        if short is None:
            continue
        keys = (table, name, "short")
        if "-" in name:
            yield loaded.problem(keys, repr(short), "a short code at an agent of its own: a range is many people")
        elif short in taken or short in EMERGENCY:
            what = taken.get(short, "an emergency number")
            yield loaded.problem(keys, f"{short!r}, which is {what}", "a code that is dialled for nothing else")
        elif short in seen:
            yield loaded.problem(keys, f"{short!r}, which {seen[short]} has", "a code for each")
        seen.setdefault(short, name)
