"""Everything the engine must be told, in one immutable value. A change of settings is a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acd import Policy, policy_of
from agents import AgentSettings, Code
from calls import AgentId, QueueId, fits, national
from ivr import Hours, Menus, Zone
from queues import QueueSettings

RETURNED: Final = "returned"
"""The name in ``shown`` of what marks a call that comes back to who sent it on."""
AGENT_EXTRAS: Final = frozenset({"agent.missed", "agent.no_phone"})


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Whom the line may call back, and how often it tries.

    ``numbers`` are patterns in national form, ``#`` for any digit: what a caller claims as his number is the caller's
    own word, so nothing else is ever dialled. One callback is promised for a number, and callers are asked only while
    fewer than ``most`` stand promised.
    """

    numbers: tuple[str, ...] = ("2#########", "69########")
    attempts: int = 3
    again_s: float = 900.0
    ring_s: float = 30.0
    most: int = 200

    def dialled(self, number: str) -> str | None:
        """What to dial for a number as it came; None where the line may not."""
        if not number:
            return None
        plain = national(number)
        return plain if any(fits(plain, pattern) for pattern in self.numbers) else None


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """What becomes of agents whose phone cannot be reached, in seconds.

    After ``gone_after_s`` they are not ready and count for nothing (``grace_s`` where Asterisk was started anew or was
    out of reach: its phones need time to register); within ``back_within_s`` the phone's return makes them ready again;
    after ``log_out_after_s`` more they are logged out.
    """

    gone_after_s: float = 5.0
    grace_s: float = 60.0
    back_within_s: float = 900.0
    log_out_after_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Menus, queues, agents and feature codes of one line. ``queue_hours`` has the queues that are not always open."""

    menus: Menus
    queues: Mapping[QueueId, QueueSettings]
    agents: Mapping[AgentId, AgentSettings]
    codes: Mapping[str, Code]
    callbacks: CallbackRules = field(default=CallbackRules())
    zone: Zone = field(default=Zone())
    queue_hours: Mapping[QueueId, Hours] = field(default_factory=dict)
    most_calls: int | None = None
    """Citizens admitted at once; None: everybody."""
    phones: PhoneRules = field(default=PhoneRules())
    shown: Mapping[str, str] = field(default_factory=dict)
    """Short words for agents' displays: of topics, of roles, and ``returned``."""
    agent_extras: frozenset[str] = AGENT_EXTRAS
    """Prompts for agents that the site has, of those that it may leave out."""

    def policies(self) -> dict[QueueId, Policy]:
        """The routing policy of each queue."""
        return {queue.id: policy_of(queue.policy, queue.policy_settings) for queue in self.queues.values()}
