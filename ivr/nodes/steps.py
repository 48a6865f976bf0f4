"""Steps of a walk that several types of nodes make."""

from __future__ import annotations

from typing import Final

from calls import Attribute
from calls.commands import Prompt
from calls.facts import AttributeSet, InputMissed
from ivr.model import Assignments, NodeId
from ivr.walk import Acts, JoinQueue, Leave, WalkState

from .base import Walk


def assign(walk: Walk, sets: Assignments) -> None:
    """Set attributes of the caller, and variables."""
    for name, value in sets:
        if isinstance(name, Attribute):
            walk.known.attributes[name] = value
            walk.tell(AttributeSet, walk.call, name, value)
        else:
            walk.known.variables[name] = value


def missed(walk: Walk, key: str = "") -> int:
    """Count a wrong key, or silence, at the present node. Returns the number of misses there."""
    walk.misses += 1
    walk.tell(InputMissed, walk.call, walk.node, key, walk.misses)
    return walk.misses


def to_agent(walk: Walk, prompts: tuple[Prompt, ...] = ()) -> Acts:
    """Send the caller to the queue of their topic."""
    walk.state = WalkState.DONE
    return [JoinQueue(walk.menus.queue_for(walk.known.topic), prompts)]


def give_up(walk: Walk) -> Acts:
    """Send a caller who presses nothing to an agent: an old telephone, someone confused or hurt."""
    walk.hurried = False
    missed(walk)
    return to_agent(walk, (walk.menus.prompts.agent_anyway,))


def leave(walk: Walk) -> Acts:
    """End the call: the menus have nothing more to say."""
    walk.state = WalkState.DONE
    return LEAVE


def skip(walk: Walk, goal: NodeId, key: str) -> Acts:
    """Cut an announcement short; the key counts for what comes next, if that asks for one."""
    acts = walk.go_to(goal)
    early = walk.present.take(walk, "early", key)
    return acts if early is None else early


LEAVE: Final[Acts] = [Leave()]
