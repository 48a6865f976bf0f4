"""One line, a twin of it and a record of every step: takes a step and checks everything that must hold after it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from calls import AgentId, Attribute, CallId, OfferResult, decode, encode, parse
from calls import events as e
from engine import CallbackRules, Line, LineSettings, Output, Shelf
from ivr import Entry
from line1555.live.checkpoint import freeze, thaw
from queues import OverflowAction, OverflowRule, OverflowTrigger, Relax
from tests.line import GENERAL, PENSIONS, queue, settings

from .checks import check, check_idleness, check_order, free_places, idle_since
from .ledger import Ledger
from .switch import Channel, Switch

Input = e.Event | None
"""An event, new settings, or None: the time came."""


ANY_LANGUAGE = Relax(parse("topic.pensions"), after_s=8.0, language=False)
CALL_BACK = OverflowRule(OverflowTrigger.WAITED, OverflowAction.CALLBACK, at=4.0)
TO_GENERAL = OverflowRule(OverflowTrigger.CLOSED, OverflowAction.QUEUE, GENERAL)
TO_PENSIONS = OverflowRule(OverflowTrigger.CLOSED, OverflowAction.QUEUE, PENSIONS)
RULES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    (
        {
            "relax": (ANY_LANGUAGE, Relax(parse("topic.general"), ahead=2), Relax(parse("topic.general"), wait_s=30.0)),
            "overflow": (
                OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "sorry", 4),
                CALL_BACK,
                OverflowRule(OverflowTrigger.WAITED, OverflowAction.QUEUE, GENERAL, 20.0),
            ),
        },
        {"ageing": 1.0, "overflow": (OverflowRule(OverflowTrigger.WAITED, OverflowAction.QUEUE, PENSIONS, 25.0),)},
    ),
    (
        {"last_agent_s": 12.0, "ring_ahead_s": 20.0, "policy": "balanced", "ageing": 1.0, "cap_s": 30.0},
        {
            "last_agent_s": 5.0,
            "ring_ahead_s": 10.0,
            "wrap_up_s": 12.0,
            "policy": "specialists_first",
            "overflow": (CALL_BACK,),
        },
    ),
    (
        {
            "policy": "weighted_index",
            "ageing": 1.0,
            "cap_s": 40.0,
            "overflow": (
                OverflowRule(OverflowTrigger.NOBODY, OverflowAction.CALLBACK),
                OverflowRule(OverflowTrigger.NOBODY, OverflowAction.NUMBER, "2101234567"),
                OverflowRule(OverflowTrigger.WAITED, OverflowAction.NUMBER, "2101111111", 15.0),
            ),
        },
        {
            "policy": "weighted_index",
            "policy_settings": {"keep_s": 6.0},
            "relax": (Relax(parse("lang.el"), after_s=3.0),),
            "overflow": (OverflowRule(OverflowTrigger.CLOSED, OverflowAction.MESSAGE, "closed"),),
        },
    ),
    (
        {
            "policy": "cmu",
            "overflow": (TO_GENERAL, OverflowRule(OverflowTrigger.EXPECTED_WAIT, OverflowAction.QUEUE, GENERAL, 20.0)),
        },
        {
            "policy": "idleness_ratio",
            "overflow": (TO_PENSIONS, OverflowRule(OverflowTrigger.LONGEST_WAIT, OverflowAction.QUEUE, PENSIONS, 20.0)),
        },
    ),
    (
        {
            "policy": "least_occupied",
            "ageing": 2.0,
            "last_agent_s": 30.0,
            "relax": (ANY_LANGUAGE,),
            "ring_ahead_s": 29.0,
        },
        {
            "policy": "least_occupied",
            "overflow": (TO_PENSIONS, OverflowRule(OverflowTrigger.WAITED, OverflowAction.MESSAGE, "sorry", 30.0)),
        },
    ),
    (
        {
            "overflow": (
                OverflowRule(OverflowTrigger.LENGTH, OverflowAction.CALLBACK, at=0),
                OverflowRule(OverflowTrigger.LENGTH, OverflowAction.MESSAGE, "sorry", 4),
                OverflowRule(OverflowTrigger.LONGEST_WAIT, OverflowAction.QUEUE, GENERAL, 40.0),
            ),
            "relax": (ANY_LANGUAGE,),
            "cap_s": 60.0,
        },
        {
            "ageing": 1.0,
            "last_agent_s": 5.0,
            "overflow": (
                CALL_BACK,
                OverflowRule(OverflowTrigger.CLOSED, OverflowAction.CALLBACK),
                OverflowRule(OverflowTrigger.WAITED, OverflowAction.QUEUE, PENSIONS, 25.0),
            ),
        },
    ),
]
CALLBACKS = CallbackRules(attempts=2, again_s=20.0, ring_s=10.0, most=5)
NO_MOBILES = replace(CALLBACKS, numbers=("2#########",))


def house(agents: int, polyglots: int, rules: int = 0, callbacks: CallbackRules = CALLBACKS) -> LineSettings:
    """So many agents, the first few of whom speak English; one number is for callers in English.

    ``rules`` is one of ``RULES``: what the two queues do beyond the plainest.
    """
    plain = settings(agents)
    english = Entry("8001", "by_topic", ((Attribute.LANGUAGE, "en"), (Attribute.TOPIC, "pensions")))
    asked = "how" if rules % 2 else None
    menus = replace(plain.menus, entries={**plain.menus.entries, english.number: english}, after_call=asked)
    greek = {"topic.pensions": 5, "topic.general": 1, "lang.el": 9}
    skills = [greek, {"topic.pensions": 5, "lang.en": 5, "lang.el": 5}]
    people = [replace(a, skills=skills[n < polyglots]) for n, a in enumerate(plain.agents.values())]
    pensions, general = RULES[rules]
    queues = {q.id: q for q in (queue(PENSIONS, priority=1, **pensions), queue(GENERAL, **general))}
    return replace(plain, menus=menus, queues=queues, agents={a.id: a for a in people}, callbacks=callbacks)


class Driver:
    """``take`` is one step. ``steps`` counts those of all drivers."""

    steps = 0

    def __init__(self, first: LineSettings | None = None, now: float = 0.0) -> None:
        self.first = first or house(5, 2)
        self.library = Shelf()
        self.line, self.twin = (Line(self.first, library=self.library) for _ in range(2))
        self.switch, self.ledger = Switch(), Ledger()
        self.now, self.began, self.calls = now, now, 0
        self.since: dict[AgentId, float] = dict.fromkeys(self.first.agents, 0.0)
        self.record: list[tuple[float, Input, list[Output]]] = []
        self.take(e.LineStarted("n1", 1_700_000_000.0, "test"))
        self.switch.reachable = set(self.first.agents)
        self.take(self.switch.snapshot(final=True))

    def take(self, given: Input) -> list[Output]:
        before, idle = free_places(self.line._state), idle_since(self.line._state)
        out = feed(self.line, given, self.now)
        assert feed(self.twin, given, self.now) == out, "the thawed line goes another way"
        self.record.append((self.now, given, out))
        self.ledger.take(out, self.now)
        self.switch.execute(out)
        check(self.line, self.ledger)
        check_order(self.line, before, out)
        check_idleness(self.line, idle, out, list(self.line._state.room))
        self._clock(given)
        Driver.steps += 1
        return out

    def tell(self, event: e.Event) -> list[Output]:
        assert decode(json.loads(json.dumps(encode(event)))) == event
        if isinstance(event, e.Snapshot):
            self.ledger.strays.update(seen.offer for seen in event.offers)
        return self.take(event)

    def _clock(self, given: Input) -> None:
        at = self.line.next_deadline()
        assert at is None or at > self.now or (given is not None and at >= self.line._state.now)

    def arrive(self, dnis: str) -> CallId:
        """Many callers have one number, some none that could be called back."""
        self.calls += 1
        call = CallId(f"c{self.calls}")
        self.switch.channels[call] = Channel()
        anis = ("6941234567", f"69{self.calls:08}", f"+302{self.calls:09}", "", "100")
        self.tell(e.CallArrived(call, anis[self.calls % len(anis)], dnis))
        return call

    def reload(self, wanted: LineSettings) -> None:
        """New settings. Agents that are gone are no longer accounted for."""
        self.tell(e.SettingsPublished(self.library.add(wanted)))
        here = {agent.id for agent in self.line._state.roster}
        for agent in here - set(self.since):
            self.since[agent] = self.line._state.now
        for agent in set(self.since) - here:
            del self.since[agent]
            self.ledger.agents.pop(agent, None)

    def jump(self) -> bool:
        """Let the time pass to the next deadline, if there is one."""
        at = self.line.next_deadline()
        if at is None:
            return False
        self.now = max(at, self.now)
        self.take(None)
        return True

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass, each timer at its own instant."""
        end = self.now + seconds
        while (at := self.line.next_deadline()) is not None and at <= end:
            self.jump()
        self.now = end

    def thaw(self) -> None:
        """From here on the twin is what a restart would be."""
        self.twin = thaw(freeze(self.line), self.library, self.first)

    def replay(self) -> None:
        """A fresh line that is told the same tells the same."""
        line = Line(self.first, library=self.library)
        for now, given, out in self.record:
            assert feed(line, given, now) == out

    def clear(self, *, seen: bool) -> None:
        """Every channel and leg goes, seen or unseen, and promises are taken back; after a while nothing is left."""
        calls, legs, rung = list(self.switch.channels), list(self.switch.legs), list(self.switch.dialling)
        for call in (*calls, *rung):
            self.switch.drop_call(call)
        for leg in legs:
            self.switch.drop_leg(leg)
        if seen:
            for call in calls:
                self.tell(e.CallerLeft(call))
            for call in rung:
                self.tell(e.CallbackFailed(call, OfferResult.NO_ANSWER))
            for leg in legs:
                self.tell(e.AgentLeft(leg))
        self.tell(self.switch.snapshot(final=True))
        self._wait_until_quiet()
        for call in list(self.line._state.promised.values()):
            self.tell(e.CallWithdrawn(call))
        self._wait_until_quiet()
        self.check_clean()

    def _wait_until_quiet(self) -> None:
        for _ in range(1_000):
            if not self.line._state.timers.next_at() or not self.jump():
                break

    def check_clean(self) -> None:
        w = self.line._state
        assert not (w.calls or w.offers or w.wrap_ups or w.room.places or any(of.free for of in w.room.classes))
        assert {agent.state.value for agent in w.roster} <= {"logged_out", "not_ready", "ready"}
        assert not self.ledger.calls and not self.ledger.offers
        self.ledger.balance(0)
        self.ledger.sums(self.now, self.since)


def feed(line: Line, given: Input, now: float) -> list[Output]:
    return line.tick(now) if given is None else line.handle(given, now)
