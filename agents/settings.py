"""What can be said about an agent, and the codes every agent's phone may dial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from calls import AgentAction, AgentId, Skills, Stored


@final
@dataclass(frozen=True)
class AgentSettings(Stored):
    """One person with one SIP phone. The id is the SIP user as well.

    ``auto_answer``: their phone is asked to take calls by itself.
    """

    id: AgentId
    name: str
    skills: Skills
    language: str = "el"
    auto_answer: bool = False


@final
@dataclass(frozen=True)
class Code(Stored):
    """What a feature code asks for. ``reason`` is for not-ready codes."""

    action: AgentAction
    reason: str = ""
