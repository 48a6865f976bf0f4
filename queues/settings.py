"""What can be said about a queue (a waiting line with its rules)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, final

from calls import Need, QueueId, Requirement, Stored, both, either, requirement

from .words import OverflowAction, OverflowTrigger

CAP_S: Final = 120.0
"""Waited so long, a call goes before every call that has not, whatever their priorities."""


AT_ENTRY: Final = frozenset(OverflowTrigger) - {OverflowTrigger.WAITED, OverflowTrigger.OFFERED}
WHILE_WAITING: Final = frozenset({OverflowTrigger.WAITED, OverflowTrigger.NOBODY, OverflowTrigger.CLOSED})


@final
@dataclass(frozen=True)
class Relax(Stored):
    """One step that widens what a call asks for: from then on agents who satisfy ``requires`` may take it as well.

    Exactly one of: ``after_s`` waited since queue entry, ``ahead`` calls before it in its queue, ``wait_s`` expected.
    A step that was taken stays taken. ``language``: the caller's language is required on top, as ever.
    """

    requires: Requirement
    after_s: float | None = None
    ahead: int | None = None
    wait_s: float | None = None
    language: bool = True

    def widened(self, language: str) -> Requirement:
        """The alternative this step adds for a caller of this language."""
        return _in_language(self.requires, language) if self.language else self.requires


@final
@dataclass(frozen=True)
class OverflowRule(Stored):
    """One rule: at ``trigger`` (``at``: its number) the call goes ``action``, to ``target`` (queue, prompt or
    number)."""

    trigger: OverflowTrigger
    action: OverflowAction
    target: str = ""
    at: float = 0.0

    @property
    def tried(self) -> str:
        """What is remembered of a call that went this way: it is not sent there twice."""
        return self.target or self.action.value


@final
@dataclass(frozen=True)
class QueueSettings(Stored):
    """One queue. Times in seconds.

    ``requires`` is asked of every agent on top of the caller's language. ``priority`` is points that its calls start
    with, ``ageing`` points per second waited: at 1 a priority of 60 means to be served as if a minute older.
    ``cap_s`` bounds what priority can do. Announcements: ``announce_first_s`` after entry, then ``announce_every_s``.
    """

    id: QueueId
    label: str
    requires: Requirement
    priority: float = 0.0
    ageing: float = 1.0
    cap_s: float = CAP_S
    policy: str = "balanced"
    policy_settings: Mapping[str, float] = field(default_factory=dict)
    role_points: Mapping[str, float] = field(default_factory=dict)
    number_points: Mapping[str, float] = field(default_factory=dict)
    relax: tuple[Relax, ...] = ()
    overflow: tuple[OverflowRule, ...] = ()
    last_agent_s: float = 0.0
    ring_s: float = 15.0
    wrap_up_s: float = 30.0
    ring_ahead_s: float = 0.0
    announce_first_s: float = 10.0
    announce_every_s: float = 45.0
    estimate: bool = True
    music: str = "default"

    at_entry: tuple[OverflowRule, ...] = field(init=False, repr=False, compare=False)
    while_waiting: tuple[OverflowRule, ...] = field(init=False, repr=False, compare=False)
    """The rules of ``overflow`` for an item that comes, and for one that waits."""
    _needs: dict[str, Requirement] = field(default_factory=dict, init=False, repr=False, compare=False)
    _widest: dict[str, Requirement] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Both by language, worked out once: every call asks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_entry", tuple([rule for rule in self.overflow if rule.trigger in AT_ENTRY]))
        waits = tuple([rule for rule in self.overflow if rule.trigger in WHILE_WAITING])
        object.__setattr__(self, "while_waiting", waits)

    def needs(self, language: str) -> Requirement:
        """What a call of this queue in this language asks of an agent at first."""
        known = self._needs.get(language)
        if known is None:
            known = self._needs[language] = _in_language(self.requires, language)
        return known

    def widest(self, language: str) -> Requirement:
        """The same when every step is taken: who does not satisfy this can never take the call."""
        known = self._widest.get(language)
        if known is None:
            known = self.needs(language)
            for step in self.relax:
                known = either(known, step.widened(language))
            self._widest[language] = known
        return known

    def points(self, role: str | None, number: str) -> float:
        """Priority of a call at entry: the queue's, and what its role and its dialled number add."""
        return self.priority + self.role_points.get(role or "", 0.0) + self.number_points.get(number, 0.0)


@lru_cache(maxsize=1024)
def _in_language(needed: Requirement, language: str) -> Requirement:
    return both(needed, requirement(Need(f"lang.{language}", 1)))
