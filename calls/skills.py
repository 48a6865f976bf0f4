"""What a call needs and what an agent can: skills with levels (1-10, higher is better)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Skills = Mapping[str, int]
"""Skill name -> level, e.g. ``{"topic.pensions": 5, "lang.el": 10}``."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """One skill at a least level."""

    skill: str
    level: int

    def __str__(self) -> str:
        return f"{self.skill}>={self.level}"


Requirement = tuple[Need, ...]
"""All of these at once. Sorted, so that equal requirements are equal: the call's class."""


def requirement(*needs: Need) -> Requirement:
    """The needs as one requirement; the higher level counts where a skill is named twice."""
    highest: dict[str, int] = {}
    for need in needs:
        highest[need.skill] = max(need.level, highest.get(need.skill, 0))
    return tuple(sorted(Need(skill, level) for skill, level in highest.items()))


def satisfies(skills: Skills, needed: Requirement) -> bool:
    return all(skills.get(need.skill, 0) >= need.level for need in needed)


def expression(needed: Requirement) -> str:
    """``lang.en>=2 and topic.pensions>=3``; ``anybody`` where nothing is needed."""
    return " and ".join(map(str, needed)) or "anybody"
