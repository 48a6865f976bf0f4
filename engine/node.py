"""One Asterisk as the engine knows it. Plain data: it is stored with the state."""

from __future__ import annotations

from typing import final

from calls import AgentId


@final
class Node:
    """One Asterisk. ``reachable``: agents whose phones are registered there.

    ``in_use``: agents whose phones carry a call there that is none of the line's.
    ``started``: its start, in its own words; another one has none of the old calls. ``suspects``: differences that the
    last audit found.
    """

    name: str
    linked: bool = False
    started: str = ""
    suspects: frozenset[str] = frozenset()
    reachable: set[AgentId]
    in_use: set[AgentId]

    def __init__(self, name: str, reachable: set[AgentId] | None = None, in_use: set[AgentId] | None = None) -> None:
        self.name = name
        self.reachable = set() if reachable is None else reachable
        self.in_use = set() if in_use is None else in_use

    def rings(self, agent: AgentId) -> bool:
        """Tell whether the agent's phone can be rung here."""
        return self.linked and agent in self.reachable
