"""What simulated callers do: they press keys, listen, lose patience, talk, hang up and call again.

What each of them is like was drawn before (``model/citizens.py``); the way through the menus is found in the menus
(``model/paths.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

from calls import AgentId, CallId, CallStage, OfferId, Outcome
from calls import commands as c
from calls import events as e
from calls import facts as f
from engine import LineView
from ivr import MenuPosition, Menus
from simulator.model.citizens import CallDraw, CallerTable, first_turn, turn_again
from simulator.model.paths import LISTEN, CallerGoal, Path, may_surprise, path_for, path_on
from simulator.model.streams import Streams
from simulator.scenario import Plan

from .course import CALLS, ENDED, GIVES_UP, HEARD, KEY, WRAPPED, Course

NODE: Final = "sim"
LEAVES: Final = frozenset({CallStage.WAITING, CallStage.CONNECTING})
HEARS: Final = frozenset({CallStage.MENU, CallStage.WAITING, CallStage.LEAVING})
"""Stages in which a caller hears prompts and may give up."""
STILL_RINGS_S: Final = 1.0
"""Time (s) after which a caller without patience whose agent's phone rings decides again."""


class UnreachableError(Exception):
    """The menus have no way for citizens of the scenario."""


@dataclass(slots=True)
class SimulatedCaller:
    """One caller on the line. ``row``: in the drawn columns; ``own``: what this call brings.

    ``ways``: those found so far for all who want the same, by the place they were led to.

    ``leaves``: before the last key (served, or lost). ``waits``: how often the call has come to wait in a queue: once,
    and once more where an agent has sent it on.
    """

    row: int
    call: CallId
    goal: CallerGoal
    path: Path
    ways: dict[MenuPosition, Path]
    leaves: bool
    redials: int
    own: CallDraw
    step: int = 0
    waits: int = 0
    offer: OfferId | None = None
    talk_again: bool = False

    @property
    def queued(self) -> bool:
        return self.waits > 0


class KnownPaths:
    """The paths through the menus found so far; all callers who want the same share them."""

    def __init__(self, menus: Menus) -> None:
        self.menus, self.surprises = menus, may_surprise(menus)
        self.paths: dict[CallerGoal, Path] = {}
        self.later: dict[CallerGoal, dict[MenuPosition, Path]] = {}

    def of(self, goal: CallerGoal) -> tuple[Path, dict[MenuPosition, Path]]:
        """Give the path from the start, and those from other places. Raises ``UnreachableError`` without any."""
        if goal not in self.paths:
            path = path_for(self.menus, goal)
            if path is None:
                raise UnreachableError(f"no way through the menus for {goal}")
            self.paths[goal], self.later[goal] = path, {}
        return self.paths[goal], self.later[goal]

    def on(self, view: LineView, citizen: SimulatedCaller) -> Path:
        """Give the caller's path from where the menus have led them; without any path they only listen."""
        here = view.calls.menu_position(citizen.call)
        if here is None:
            return ()
        if here not in citizen.ways:
            citizen.ways[here] = path_on(self.menus, here, citizen.goal) or ()
        return citizen.ways[here]


class Turns:
    """What later calls of the callers bring: a redial, or a second talk."""

    def __init__(self, plan: Plan, streams: Streams, topics: list[str]) -> None:
        self.plan, self.streams, self.topics = plan, streams, topics
        self.places: dict[int, int] = {}
        """Each caller's place among those of the topic; made when it is first needed."""

    def again(self, row: int, *turn: object, at: float) -> CallDraw:
        """Draw another call of a caller, by the caller's place among those of the topic."""
        if not self.places:
            counts: dict[str, int] = {}
            for number, topic in enumerate(self.topics):
                self.places[number] = counts[topic] = counts.get(topic, -1) + 1
        return turn_again(self.plan, self.streams, self.topics[row], self.places[row], *turn, at=at)


class Callers:
    """All callers of a replication. ``drawn``: what they are like; ``pace``: how fast each agent works."""

    def __init__(
        self, course: Course, plan: Plan, drawn: CallerTable, streams: Streams, pace: Mapping[AgentId, float]
    ) -> None:
        self.course, self.drawn, self.pace = course, drawn, pace
        self.habits, self.ends_at = plan.scenario.callers, plan.ends_at
        self.paths, self.turns = KnownPaths(plan.settings.menus), Turns(plan, streams, drawn.topic)
        self.citizens: dict[CallId, SimulatedCaller] = {}
        self.made = 0

    def planned(self) -> dict[int, Callable[[Any, Any], None]]:
        """Give what is done when a plan of a kind is due."""
        return {
            ENDED: self._talk_ends, GIVES_UP: self._gives_up, HEARD: self._heard, KEY: self._key, CALLS: self.calls,
        }  # fmt: skip

    def reads(self) -> dict[type, Callable[[Any], None]]:
        """Give what is done with each kind of output."""
        return {
            c.Play: self._play, c.Record: self._record, f.Queued: self._queued, f.Connected: self._connected,
            f.ConversationEnded: self._conversation_ended, f.CallEnded: self._call_ended,
        }  # fmt: skip

    def calls(self, row: int, redials: int) -> None:
        """Let the caller of this row call; ``redials``: how often they have called before."""
        drawn = self.drawn
        if self.course.now >= self.ends_at:
            return
        self.made += 1
        call = CallId(f"{NODE}-{self.made}")
        goal = CallerGoal(drawn.number[row], drawn.language[row], drawn.topic[row], drawn.role[row])
        leaves = drawn.fate[row] < self.habits.served_in_menus + self.habits.lost_in_menus
        own = self.turns.again(row, redials, at=self.course.now) if redials else first_turn(drawn, row)
        self.citizens[call] = SimulatedCaller(row, call, goal, *self.paths.of(goal), leaves, redials, own)
        self.course.collector.who[call] = row
        self.course.collector.count("redials" if redials else "first_calls", self.course.now)
        self.course.do(e.CallArrived(call, "", goal.number))  # not the caller's own number: no callback is promised

    def _play(self, output: c.Play) -> None:
        """Let the caller hear the prompt to its end, press their next key, or give up."""
        citizen = self.citizens.get(output.call)
        if citizen is None:
            return
        if self.paths.surprises and not citizen.queued:
            citizen.path, citizen.step = self.paths.on(self.course.view, citizen), 0
        if citizen.queued or citizen.step >= len(citizen.path):
            self.course.plan(self.habits.prompt_s, HEARD, output.call, output.play)
            return
        step, citizen.step = citizen.path[citizen.step], citizen.step + 1
        if citizen.leaves and citizen.step == len(citizen.path):
            self.course.plan(citizen.own.key_s, GIVES_UP, citizen)
        elif step == LISTEN:
            self.course.plan(self.habits.prompt_s, HEARD, output.call, output.play)
        else:
            self.course.plan(citizen.own.key_s, KEY, output.call, step)

    def _heard(self, name: CallId, play: int) -> None:
        if self.course.view.calls.saying(name) == play and self.course.view.calls.stage(name) in HEARS:
            self.course.do(e.PromptEnded(name, play))

    def _key(self, call: CallId, keys: str) -> None:
        if call in self.citizens:
            for key in keys:
                self.course.do(e.KeyPressed(call, key))

    def _gives_up(self, citizen: SimulatedCaller, wait: int) -> None:
        """Let the caller give up: in a queue only in the wait whose patience is over; in the menus always."""
        if citizen.waits != wait and not citizen.leaves:
            return
        stage = self.course.view.calls.stage(citizen.call)
        if stage is not None and not citizen.own.patience_s and self.course.view.calls.is_offered(citizen.call):
            self.course.plan(STILL_RINGS_S, GIVES_UP, citizen, wait)  # a caller who finds a free agent does not wait
        elif stage in LEAVES or (stage is CallStage.MENU and citizen.leaves):
            if not citizen.queued:
                served = self.drawn.fate[citizen.row] < self.habits.served_in_menus
                self.course.collector.count("served_in_menus" if served else "lost_in_menus", self.course.now)
            self.course.do(e.CallerLeft(citizen.call))

    def _queued(self, fact: f.Queued) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self.course.collector.take(self.course.now, fact)
        if citizen.leaves and not citizen.queued:
            self.course.plan(0.0, GIVES_UP, citizen)  # menus without keys: the caller is gone before they wait
        if citizen.offer is not None or not citizen.queued:
            citizen.waits, citizen.offer = citizen.waits + 1, None
            if not citizen.leaves and isfinite(patience_s := citizen.own.patience_s):
                self.course.plan(patience_s, GIVES_UP, citizen, citizen.waits)

    def _connected(self, fact: f.Connected) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self.course.collector.take(self.course.now, fact)
        citizen.offer = fact.offer
        self.course.plan(citizen.own.talk_s * self.pace[fact.agent], ENDED, citizen, fact.offer)

    def _talk_ends(self, citizen: SimulatedCaller, offer: OfferId) -> None:
        """End the conversation: one side hangs up, or the agent sends the caller to another topic's queue, once."""
        if citizen.offer != offer or citizen.call not in self.citizens:
            return
        if citizen.own.sent_on < self.habits.sent_on and not citizen.talk_again:
            citizen.talk_again = True
            again = self.turns.again(citizen.row, citizen.redials, "sent on", at=self.course.now)
            citizen.own = replace(again, patience_s=citizen.own.patience_s)
            self.course.collector.count("sent_on", self.course.now)
            self.course.do(e.AgentTransferred(citizen.call, self._other_queue(citizen)))
        elif citizen.own.hangs_up < self.habits.hangs_up_first:
            self.course.do(e.CallerLeft(citizen.call))
        else:
            self.course.do(e.AgentLeft(offer))
            self.course.do(e.CallerLeft(citizen.call))

    def _other_queue(self, citizen: SimulatedCaller) -> str:
        """Give the next topic's queue in the order of the line."""
        menus = self.paths.menus
        queues = list(dict.fromkeys(menus.topics.values()))
        own = menus.queue_for(self.drawn.topic[citizen.row])
        return queues[(queues.index(own) + 1) % len(queues)] if own in queues else queues[0]

    def _conversation_ended(self, fact: f.ConversationEnded) -> None:
        citizen = self.citizens.get(fact.call)
        if citizen is None:
            return
        self.course.plan(citizen.own.wrap_up_s * self.pace[fact.agent], WRAPPED, fact.agent, fact.call)
        if citizen.own.ticket < self.habits.tickets:
            self.course.collector.count("tickets", self.course.now)

    def _call_ended(self, fact: f.CallEnded) -> None:
        citizen = self.citizens.pop(fact.call, None)
        if citizen is None:
            return
        self.course.collector.take(self.course.now, fact)
        del self.course.collector.who[fact.call]
        redial = self.habits.redial
        again = redial is not None and fact.outcome is Outcome.ABANDONED and citizen.redials < redial.most
        if redial and again and citizen.own.redials < redial.share:
            self.course.plan(citizen.own.redial_s, CALLS, citizen.row, citizen.redials + 1)

    def _record(self, output: c.Record) -> None:
        """Let the caller speak their message, as long as a prompt takes."""
        self.course.plan(self.habits.prompt_s, HEARD, output.call, output.play)
