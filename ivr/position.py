"""A caller's position in the menus as a value: all that decides which ways they have."""

from __future__ import annotations

from typing import NamedTuple

from .model import NodeId
from .session import Session
from .walk import WalkState


class MenuPosition(NamedTuple):
    """A caller's position: callers in equal positions have the same ways. It can be a dictionary key.

    ``names``: the known attributes, joined by line ends, because hashing each is a call into ``enum``;
    ``values``: their values, in the same order. ``returns``: where the fragments lead that the caller is in.
    """

    node: NodeId
    reading_back: bool
    hidden: frozenset[str]
    returns: tuple[NodeId, ...]
    names: str
    values: tuple[str, ...]

    @property
    def known(self) -> dict[str, str]:
        """Give what is known of the caller, by attribute."""
        return dict(zip(self.names.split("\n"), self.values, strict=True))


def position_of(session: Session) -> MenuPosition:
    """Give the present position of a walk."""
    known, reading_back = session.known.attributes, session.state is WalkState.READING_BACK
    returns, names, values = tuple(session.returns), "\n".join(known), tuple(known.values())
    return MenuPosition(session.node, reading_back, session.hidden, returns, names, values)
