"""Names of calls, legs and codes: the node and Asterisk's unique id of the channel, so that no two nodes share any."""

from __future__ import annotations

import re
from typing import NamedTuple

from calls import CallId, OfferId, SessionId

OFFER_ID = re.compile(r"[^-]+-o\d+-\d+")
"""Channel ids that the engine gives to the legs of the agents it rings: the offer's own name."""
CALLBACK_ID = re.compile(r"cb\d+-\d+")
"""Channel ids that the engine gives to the citizens it calls back; Asterisk's own hold a dot."""


class Names(NamedTuple):
    """Names what a node's channels are. ``line``: the engine's name, in the names of its callbacks."""

    node: str = "n1"
    line: str = "n1"

    def call(self, channel: str) -> CallId:
        """Name a caller's channel. A callback is the line's own, at whichever node the citizen is dialled."""
        return call_id(self.line if is_callback(channel) else self.node, channel)

    def offer(self, channel: str) -> OfferId:
        """Name an agent's leg, also one that the engine has not ordered: a colleague took the call over."""
        return OfferId(channel if OFFER_ID.fullmatch(channel) else f"{self.node}-{channel}")

    def session(self, channel: str) -> SessionId:
        """Name an agent's own short call."""
        return SessionId(f"{self.node}-{channel}")


def call_id(node: str, channel: str) -> CallId:
    """The call of a caller's channel: unique over all nodes."""
    return CallId(f"{node}-{channel}")


def channel_of(name: CallId | OfferId | SessionId) -> str:
    """Give the channel's unique id."""
    return name if OFFER_ID.fullmatch(name) else name.split("-", 1)[-1]


def is_callback(channel: str) -> bool:
    """Tell whether the engine has given this channel its id, to call a citizen back."""
    return CALLBACK_ID.fullmatch(channel) is not None
