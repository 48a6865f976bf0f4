"""What a call needs and what an agent can: skills with levels (1-10, higher is better).

A requirement is kept as a list of alternatives, each a list of needs: *any* of the alternatives, *all* of its needs.
There is no "not": more skill never makes an agent unfit, and one more alternative never makes a fit agent unfit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import NamedTuple

Skills = Mapping[str, int]
"""Skill name -> level, e.g. ``{"topic.pensions": 5, "lang.el": 10}``."""

MOST_ALTERNATIVES = 32
"""An expression that spreads into more is a mistake."""
DEEPEST = 20
KNOWN = 1024
"""So many results are kept: a line asks for the same few with every call."""


class Need(NamedTuple):
    """One skill at a least level. A tuple, because requirements are looked up for every call."""

    skill: str
    level: int

    def __str__(self) -> str:
        return f"{self.skill}>={self.level}"


Needs = tuple[Need, ...]
"""All of these at once, sorted by skill, each skill once."""

Requirement = tuple[Needs, ...]
"""Any of these. Sorted and without what another alternative covers, so that equal requirements are equal."""

ANYBODY: Requirement = ((),)


def requirement(*needs: Need) -> Requirement:
    """All the needs at once; the higher level counts where a skill is named twice."""
    return (_all(needs),)


def requirement_of(said: str | Mapping[str, int]) -> Requirement:
    """A requirement as settings say it: an expression, or skills with least levels. Raises ``ExpressionError``."""
    if isinstance(said, str):
        return parse(said)
    return requirement(*(Need(skill, level) for skill, level in said.items()))


@lru_cache(maxsize=KNOWN)
def both(first: Requirement, second: Requirement) -> Requirement:
    """What satisfies the one and the other."""
    return _shortest(_all((*one, *other)) for one, other in product(first, second))


@lru_cache(maxsize=KNOWN)
def either(first: Requirement, second: Requirement) -> Requirement:
    """What satisfies the one or the other."""
    return _shortest((*first, *second))


def satisfies(skills: Skills, needed: Requirement) -> bool:
    """Whether an agent with these skills may take a call that needs this."""
    return any(all(skills.get(need.skill, 0) >= need.level for need in needs) for needs in needed)


def skills_in(needed: Requirement) -> frozenset[str]:
    """Every skill the requirement names."""
    return frozenset(need.skill for needs in needed for need in needs)


@lru_cache(maxsize=KNOWN)
def expression(needed: Requirement) -> str:
    """``lang.en>=2 and topic.pensions>=3``; alternatives behind ``or``; ``anybody`` where nothing is needed."""
    return " or ".join(" and ".join(map(str, needs)) or "anybody" for needs in needed)


def _all(needs: tuple[Need, ...]) -> Needs:
    highest: dict[str, int] = {}
    for need in needs:
        highest[need.skill] = max(need.level, highest.get(need.skill, 0))
    return tuple(sorted(Need(skill, level) for skill, level in highest.items()))


def _shortest(alternatives: Iterable[Needs]) -> Requirement:
    """Sorted, without those that a weaker one covers (who has them has the weaker one as well)."""
    distinct = sorted(set(alternatives))
    return tuple(a for a in distinct if not any(b != a and _covers(b, a) for b in distinct))


def _covers(weaker: Needs, stronger: Needs) -> bool:
    return satisfies({need.skill: need.level for need in stronger}, (weaker,))


# --- the text form ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:(?P<skill>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)|(?P<number>[0-9]+)|(?P<sign>>=|[()]))")
_WORDS = frozenset({"and", "or", "anybody"})


class ExpressionError(ValueError):
    """A skill expression that cannot be read; the text says where and what was expected."""


def parse(text: str) -> Requirement:
    """Read ``topic.pensions>=3 and (lang.en>=2 or lang.fr>=2)``; a skill alone means level 1; ``anybody`` means all.

    ``and`` binds closer than ``or``. Raises ``ExpressionError``.
    """
    reader = _Reader(text)
    needed = reader.alternatives()
    reader.expect_end()
    return needed


def _allow(alternatives: int) -> None:
    """Before they are made: comparing thousands of them with each other would take minutes."""
    if alternatives > MOST_ALTERNATIVES:
        raise ExpressionError(f"spreads into {alternatives} alternatives: at most {MOST_ALTERNATIVES}")


class _Reader:
    """Recursive descent over the tokens: alternatives = terms {or terms}; terms = term {and term}."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text.rstrip(), 0, 0

    def alternatives(self) -> Requirement:
        """Read terms joined by ``or``.

        Raises ``ExpressionError`` for a text that is none, or one with too many alternatives.
        """
        needed = self._terms()
        while self._take("or"):
            other = self._terms()
            _allow(len(needed) + len(other))
            needed = either(needed, other)
        return needed

    def _terms(self) -> Requirement:
        needed = self._term()
        while self._take("and"):
            other = self._term()
            _allow(len(needed) * len(other))
            needed = both(needed, other)
        return needed

    def _term(self) -> Requirement:
        if self._take("("):
            self.depth += 1
            if self.depth > DEEPEST:
                raise ExpressionError(f"brackets in brackets {self.depth} deep: at most {DEEPEST}")
            needed = self.alternatives()
            self.depth -= 1
            if not self._take(")"):
                raise self._wrong("`)`")
            return needed
        if self._take("anybody"):
            return ANYBODY
        return (self._need(),)

    def _need(self) -> Needs:
        skill = self._next()
        if skill is None or not skill[0].isalpha() or skill in _WORDS:
            raise self._wrong("a skill, e.g. topic.pensions")
        self.at = self._end_of_token()
        if not self._take(">="):
            return (Need(skill, 1),)
        return (Need(skill, self._level()),)

    def _level(self) -> int:
        word = self._next() or ""
        if not word.isdigit() or not 1 <= int(word) <= 10:
            raise self._wrong("a level, 1 to 10")
        self.at = self._end_of_token()
        return int(word)

    def expect_end(self) -> None:
        """Raise ``ExpressionError`` if anything is left of the text."""
        if self.at < len(self.text):
            raise self._wrong("`and`, `or` or the end")

    def _take(self, word: str) -> bool:
        if self._next() != word:
            return False
        self.at = self._end_of_token()
        return True

    def _next(self) -> str | None:
        token = _TOKEN.match(self.text, self.at)
        return token[token.lastgroup or 0] if token else None

    def _end_of_token(self) -> int:
        token = _TOKEN.match(self.text, self.at)
        return token.end() if token else self.at

    def _wrong(self, expected: str) -> ExpressionError:
        rest = self.text[self.at : self.at + 60].strip()
        return ExpressionError(
            f"{rest!r} at character {self.at + 1}: expected {expected}"
            if rest
            else f"it ends too early: expected {expected}"
        )
