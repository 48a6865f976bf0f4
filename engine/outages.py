"""An Asterisk goes out of reach, and is lost for good if it does not come back while others go on.

A line with one node waits for it: its callers are where they were. With others in reach a node that stays away counts
as one that has nothing: conversations are over, their agents are free for the other nodes, and who waited keeps their
place for when they call again.
"""

from __future__ import annotations

from calls import events as e
from calls import facts as f

from . import phones, reach, reconcile
from .state import EngineState
from .timers import TimerKind


def link_up(w: EngineState, event: e.LinkUp) -> None:
    """Note the connection; a snapshot follows, and nothing is offered before it."""
    w.timers.cancel(TimerKind.NODE_LOST, reach.named(w, event.node).name)
    w.tell(f.LinkChanged, True, "", event.node)


def link_down(w: EngineState, event: e.LinkDown) -> None:
    """Offer nothing to the node's callers, and ring no phone there."""
    node = reach.named(w, event.node)
    reach.link(w, node, False)
    w.tell(f.LinkChanged, False, event.reason, event.node)
    if reach.several(w):
        w.set_timer(TimerKind.NODE_LOST, node.name, w.settings.phones.node_lost_after_s)
        if w.linked:
            for agent in w.roster:
                phones.judge(w, agent)


def node_lost(w: EngineState, name: str) -> None:
    """Handle the NODE_LOST timer: the node has been out of reach for too long."""
    node = w.nodes.get(name)
    if node is None or node.linked:
        return
    if not w.linked:  # with no node in reach the line itself may be cut off: wait until another is back
        w.set_timer(TimerKind.NODE_LOST, name, w.settings.phones.node_lost_after_s)
        return
    calls = sum(reach.home(w, call.work) == name for call in w.calls.values())
    w.tell(f.NodeLost, name, calls)
    node.reachable.clear()
    node.in_use.clear()
    reconcile.nothing_left(w, node)
