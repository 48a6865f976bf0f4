"""To which Asterisk a command goes: to that of the call, the leg or the code it names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from calls import CallId, node_of
from calls import commands as c

from .names import channel_of, is_callback

MOST_CALLBACKS: Final = 2_000
"""Callbacks whose last node is remembered."""


class Routes:
    """Nodes by command. A callback has the node of the agent who was rung for it last."""

    def __init__(self, nodes: Collection[str]) -> None:
        self._nodes = nodes
        self._callbacks: dict[CallId, str] = {}

    def nodes(self, command: c.Command) -> Collection[str]:
        """Give the nodes that carry the command out; none where its node is not under this engine (any more)."""
        if len(self._nodes) == 1:
            return self._nodes
        match command:
            case c.Membership():
                return self._nodes
            case c.Ring(offer=offer, call=call):
                if is_callback(channel_of(call)):
                    self._note(call, node_of(offer))
                return self._known(node_of(offer))
            case c.CancelRing(offer=offer) | c.Connect(offer=offer):
                return self._known(node_of(offer))
            case c.Confirm(session=session):
                return self._known(node_of(session))
        return self._known(self.of_call(command.call))

    def of_call(self, call: CallId) -> str:
        """Give the node of a call's channel."""
        if len(self._nodes) == 1:
            return next(iter(self._nodes))
        return self._callbacks.get(call) or node_of(call)

    def _note(self, call: CallId, node: str) -> None:
        self._callbacks.pop(call, None)
        self._callbacks[call] = node
        if len(self._callbacks) > MOST_CALLBACKS:
            del self._callbacks[next(iter(self._callbacks))]

    def _known(self, node: str) -> Collection[str]:
        return (node,) if node in self._nodes else ()
