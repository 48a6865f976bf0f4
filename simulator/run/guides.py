"""Guides: the ways through the menus of all callers who want the same, found once and shared."""

from __future__ import annotations

from typing import final

from calls import CallId, OfferId
from engine import LineView
from ivr import MenuPosition, Menus
from simulator.model.citizens import CallerTable
from simulator.model.draws import CallDraw
from simulator.model.paths import NOWHERE, CallerGoal, Path, Route, may_surprise, route_for, route_on, tell_by_node


class UnreachableError(Exception):
    """The menus have no way for citizens of the scenario."""


@final
class Guide:
    """What callers want, their route from the start, and those from where menus have led some of them."""

    def __init__(self, goal: CallerGoal, start: Route) -> None:
        self.goal, self.start = goal, start
        self.later: dict[MenuPosition, Route] = {}


@final
class SimulatedCaller:
    """One caller on the line. ``row``: in the drawn columns; ``own``: what this call brings.

    ``path``, ``nodes``: their present route; ``step``: how far they are on it. ``leaves``: before the last key (served,
    or lost). ``waits``: how often the call has come to wait in a queue: once, and once more where an agent has sent it
    on. ``offer``: of the conversation since then.
    """

    def __init__(self, row: int, call: CallId, guide: Guide, leaves: bool, redials: int, own: CallDraw) -> None:
        self.row, self.call, self.guide = row, call, guide
        self.path: Path = guide.start.path
        self.nodes: tuple[str, ...] = guide.start.nodes
        self.step, self.waits = 0, 0
        self.leaves, self.redials, self.own = leaves, redials, own
        self.offer: OfferId | None = None
        self.talk_again = False


@final
class Guides:
    """The guides so far, by what callers want. ``drawn``: what each caller wants."""

    def __init__(self, menus: Menus, drawn: CallerTable) -> None:
        self.menus, self.drawn = menus, drawn
        self.surprises, self.sure = may_surprise(menus), tell_by_node(menus)
        self.known: dict[tuple[str, str, str, str], Guide] = {}

    def of(self, row: int) -> Guide:
        """Give the guide of a caller. Raises ``UnreachableError`` where no way leads to what they want."""
        drawn = self.drawn
        wanted = (drawn.number[row], drawn.language[row], drawn.topic[row], drawn.role[row])
        guide = self.known.get(wanted)
        if guide is None:
            goal = CallerGoal(*wanted)
            route = route_for(self.menus, goal)
            if route is None:
                raise UnreachableError(f"no way through the menus for {goal}")
            guide = self.known[wanted] = Guide(goal, route)
        return guide

    def lead(self, view: LineView, caller: SimulatedCaller) -> None:
        """Give a caller who hears a prompt the route from where they are; without any they only listen.

        It is the one they are on, if they are where its next step is taken: then nothing has to be looked up.
        """
        nodes, step = caller.nodes, caller.step
        if self.sure and step < len(nodes) and view.calls.is_at(caller.call, nodes[step]):
            return
        here = view.calls.menu_position(caller.call)
        if here is None:
            route = NOWHERE
        else:
            later = caller.guide.later
            if here not in later:
                later[here] = route_on(self.menus, here, caller.guide.goal) or NOWHERE
            route = later[here]
        caller.path, caller.nodes, caller.step = route.path, route.nodes, 0
