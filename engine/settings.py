"""All settings of the engine in one immutable value. A change of settings is a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, final

from acd import Policy, policy_of
from agents import AgentSettings, Code
from calls import AgentId, QueueId, Stored, fits, national
from ivr import Hours, Menus, Zone
from queues import QueueSettings

RETURNED: Final = "returned"
"""The name in ``shown`` of the mark for a call that comes back to its sender."""
AGENT_EXTRAS: Final = frozenset({"agent.missed", "agent.no_phone"})


@final
@dataclass(frozen=True)
class CallbackRules(Stored):
    """Which numbers the line may call back, and how often it tries.

    ``numbers`` are patterns in national form, ``#`` for any digit. A caller's number can be false, so nothing else is
    ever dialled. A number has at most one callback promised, and callers are asked only while fewer than ``most``
    are promised.
    """

    numbers: tuple[str, ...] = ("2#########", "69########")
    attempts: int = 3
    again_s: float = 900.0
    ring_s: float = 30.0
    most: int = 200

    def dialled(self, number: str) -> str | None:
        """Give what to dial for a caller's number; None if the line may not dial it."""
        if not number:
            return None
        plain = national(number)
        return plain if any(fits(plain, pattern) for pattern in self.numbers) else None


@final
@dataclass(frozen=True)
class PhoneRules(Stored):
    """Time limits (s) for agents whose phone cannot be reached.

    After ``gone_after_s`` they are not ready and not counted (``grace_s`` after a restart of Asterisk, or when it was
    out of reach: phones need time to register); within ``back_within_s`` the phone's return makes them ready again;
    after ``log_out_after_s`` more they are logged out. ``node_lost_after_s``: a node of several that is out of reach
    for so long has lost its calls.
    """

    gone_after_s: float = 5.0
    grace_s: float = 60.0
    back_within_s: float = 900.0
    log_out_after_s: float = 1800.0
    node_lost_after_s: float = 15.0


@final
@dataclass(frozen=True)
class LineSettings(Stored):
    """Menus, queues, agents and feature codes of one line. ``queue_hours`` has the queues that are not always open."""

    menus: Menus
    queues: Mapping[QueueId, QueueSettings]
    agents: Mapping[AgentId, AgentSettings]
    codes: Mapping[str, Code]
    callbacks: CallbackRules = field(default=CallbackRules())
    zone: Zone = field(default=Zone())
    queue_hours: Mapping[QueueId, Hours] = field(default_factory=dict)
    most_calls: int | None = None
    """Citizens admitted at once; None: no limit."""
    phones: PhoneRules = field(default=PhoneRules())
    shown: Mapping[str, str] = field(default_factory=dict)
    """Short words for agents' displays: of topics, of roles, and ``returned``."""
    agent_extras: frozenset[str] = AGENT_EXTRAS
    """Prompts for agents that the site has, of those that it may leave out."""

    def policies(self) -> dict[QueueId, Policy]:
        """Make the routing policy of each queue."""
        return {queue.id: policy_of(queue.policy, queue.policy_settings) for queue in self.queues.values()}
