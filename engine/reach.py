"""Which Asterisks can be reached, and at which of them each agent's phone can be rung.

A call lives on one node and its agent is rung there, so no conversation crosses nodes. A line with one node has no such
rule: its places name no node, and what is told of phones while the node is out of reach stays as it was.
"""

from __future__ import annotations

from agents import Agent
from calls import AgentId, OfferId, node_of

from .node import Node
from .state import EngineState
from .timers import TimerKind
from .work import WorkItem


def begin(w: EngineState, names: tuple[str, ...]) -> None:
    """Start with these nodes, none of which is linked yet. Waiting calls and agents follow.

    A node that is no longer named and still has calls counts as one that is away, and is lost after the usual time.
    """
    wanted = names or (w.node,)
    busy = {call.work.node for call in w.calls.values()}
    left = [name for name in w.nodes if name in busy and name not in wanted]
    w.nodes = {name: w.nodes.get(name) or Node(name) for name in (*wanted, *left)}
    for node in w.nodes.values():
        node.linked = False
    for name in left:
        w.set_timer(TimerKind.NODE_LOST, name, w.settings.phones.node_lost_after_s)
    w.linked = False
    renew(w)


def named(w: EngineState, name: str) -> Node:
    """Give the node of an event; without a name it is the line's only one."""
    if not name and len(w.nodes) == 1:
        return next(iter(w.nodes.values()))
    known = w.nodes.get(name or w.node)
    if known is None:
        known = w.nodes[name or w.node] = Node(name or w.node)
    return known


def several(w: EngineState) -> bool:
    """Tell whether the line has more than one node."""
    return len(w.nodes) > 1


def home(w: EngineState, item: WorkItem) -> str:
    """Give the node of the item's channel; empty where agents at any node will do."""
    return item.node if several(w) else ""


def reached(w: EngineState, item: WorkItem) -> bool:
    """Tell whether the item's channel can be told anything now."""
    at = home(w, item)
    return w.nodes[at].linked if at in w.nodes else w.linked


def rung_at(w: EngineState, agent: Agent, wanted: str) -> str:
    """Give the node at which to ring the agent: the one wanted, or the first at which their phone can be rung."""
    if wanted or not several(w):
        return wanted or w.node
    return next(name for name, node in w.nodes.items() if node.rings(agent.id))


def of_offer(w: EngineState, offer: OfferId) -> Node:
    """Give the node of an agent's leg."""
    return named(w, node_of(offer)) if several(w) else named(w, "")


def link(w: EngineState, node: Node, linked: bool) -> None:
    """Note whether the node can be reached."""
    node.linked = linked
    w.linked = any(one.linked for one in w.nodes.values())


def phone(w: EngineState, agent: AgentId) -> tuple[bool, bool]:
    """Tell whether the agent's phone can be rung anywhere, and whether it carries a call of its own.

    With no node in reach, what was told last counts.
    """
    if not several(w):
        node = named(w, "")
        return agent in node.reachable, agent in node.in_use
    nodes = [node for node in w.nodes.values() if node.linked or not w.linked]
    return any(agent in node.reachable for node in nodes), any(agent in node.in_use for node in nodes)


def rings(w: EngineState, agent: AgentId) -> tuple[str, ...]:
    """Give the nodes at which the agent can be rung, if the line has several."""
    return tuple(name for name, node in w.nodes.items() if node.rings(agent)) if several(w) else ()


def regroup(w: EngineState, agent: Agent) -> bool:
    """Put the agent into the group of those who are missing at the same nodes. Returns whether anything changed.

    An agent who can be rung nowhere stays where they are: nobody chooses them.
    """
    there = rings(w, agent.id)
    missing = frozenset(w.nodes.keys() - there) if there else frozenset()
    if missing == agent.missing or (several(w) and not there):
        return False
    w.roster.miss(agent, missing)
    w.distributor.eligibility.forget()
    w.distributor.agent_free(agent)
    return True


def renew(w: EngineState) -> None:
    """Give each waiting call the node of its channel: there are other nodes than before."""
    for call in w.calls.values():
        settle(w, call.work)
    for agent in w.roster:
        regroup(w, agent)
    w.distributor.everything_changed()


def settle(w: EngineState, item: WorkItem) -> None:
    """Let only agents at the node of its channel take the item, if it waits."""
    place = w.room.places.get(item.id)
    if place is not None and place.node != home(w, item):
        w.room.change(place, place.changed(node=home(w, item)))
