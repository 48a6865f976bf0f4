"""``agents.yaml``: ranges of agents and single ones, with what each can, and the codes that they dial."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agents import AgentSettings
from calls import AgentId, Problem, Skills

from . import schema
from .loader import Loaded

MAX_AGENTS = 5000

_RANGE = re.compile(r"([a-z]+)([0-9]+)-([a-z]+)([0-9]+)")


def _is_odd(entry: str) -> bool:
    """Tell whether it is a range that makes no sense."""
    if (ends := _RANGE.fullmatch(entry)) is None:
        return False
    name, first, name_again, last = ends.groups()
    return name != name_again or len(first) != len(last) or not 0 < int(last) - int(first) < MAX_AGENTS


def _members(entry: str) -> list[str]:
    """The agents of ``agent001-agent040``."""
    ends = _RANGE.fullmatch(entry)
    name, first, _, last = ends.groups() if ends else (entry, "0", entry, "0")
    return [f"{name}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]


def _ranges(file: schema.AgentsFile) -> Iterator[tuple[str, list[str]]]:
    """The entries that are ranges and can be understood, with their members; none after there are too many of these."""
    agents = 0
    for entry in file.agents:
        if "-" in entry and not _is_odd(entry) and agents <= MAX_AGENTS:
            members = _members(entry)
            agents += len(members)
            yield entry, members


def _home(file: schema.AgentsFile) -> dict[str, str]:
    """Give the range that each agent is in."""
    return {member: entry for entry, members in _ranges(file) for member in members}


def _merged(base: schema.AgentPart | None, own: schema.AgentPart) -> Skills:
    """The range's skills with the agent's own on top; level 0 takes one away."""
    skills = {**(base.skills if base else {}), **own.skills}
    return {skill: level for skill, level in skills.items() if level > 0}


def settings_of(file: schema.AgentsFile, language: str) -> Mapping[AgentId, AgentSettings]:
    """Give the settings of all agents, whose own entry counts before their range. ``language``: the default."""
    home = _home(file)
    singles = [entry for entry in file.agents if "-" not in entry]
    people: dict[AgentId, AgentSettings] = {}
    for name in sorted({*home, *singles}):
        base = file.agents[home[name]] if name in home else None
        own = file.agents.get(name, schema.AgentPart())
        spoken = own.language or (base.language if base else None) or language
        called = own.name or (base.name if base else None) or name
        people[AgentId(name)] = AgentSettings(AgentId(name), called, _merged(base, own), spoken, _by_itself(base, own))
    return people


def _by_itself(base: schema.AgentPart | None, own: schema.AgentPart) -> bool:
    """Tell whether the agent's phone answers by itself; their own setting counts before their range's."""
    said = own.auto_answer if own.auto_answer is not None or base is None else base.auto_answer
    return bool(said)


def skills_by_entry(file: schema.AgentsFile) -> dict[str, Skills]:
    """Give the skills of each entry as it is written; of one in a range with the range's."""
    home = _home(file)
    return {
        entry: _merged(file.agents[home[entry]] if entry in home else None, own) for entry, own in file.agents.items()
    }


def problems(loaded: Loaded[schema.AgentsFile]) -> Iterator[Problem]:
    """Yield what is wrong with ranges and short codes; nothing if the file could not be read."""
    if loaded.model is None:
        return
    yield from _range_problems(loaded, loaded.model)
    yield from _code_problems(loaded, loaded.model)


def _range_problems(loaded: Loaded[schema.AgentsFile], file: schema.AgentsFile) -> Iterator[Problem]:
    understood = dict(_ranges(file))
    seen: dict[str, str] = {}
    for entry, members in understood.items():
        if doubled := next((name for name in members if name in seen), None):
            found = f"{doubled}, who is in {seen[doubled]} too"
            yield loaded.problem(("agents", entry), found, "each agent in one range")
        seen |= dict.fromkeys(members, entry)
    if len(seen) > MAX_AGENTS:
        yield loaded.problem(("agents",), f"{len(seen):,} agents", f"at most {MAX_AGENTS:,}")
    for entry in filter(_is_odd, file.agents):
        yield loaded.problem(("agents", entry), "a range that makes no sense", "e.g. agent001-agent040")


def _code_problems(loaded: Loaded[schema.AgentsFile], file: schema.AgentsFile) -> Iterator[Problem]:
    for code, part in file.codes.items():
        if part.action == "not_ready" and not part.reason:
            yield loaded.problem(("codes", code, "reason"), "nothing", "the reason this code stands for")
        if part.action != "not_ready" and part.reason:
            yield loaded.problem(("codes", code, "reason"), repr(part.reason), "no reason: only not_ready has one")
