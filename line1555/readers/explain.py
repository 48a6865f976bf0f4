"""Why a call waited and who got it, folded from the facts of its journal. Decides nothing, reads no files.

Every wait of the call with what it asked for and what was relaxed, every offer with its reasons and its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from calls import AgentId, CallId, mask
from calls import facts as f
from metrics import Stay, Sum, Tracker

Steps = Iterable[tuple[float, Iterable[f.Fact]]]
"""The ``now`` of each step and the facts it told."""

Local = Callable[[float], str]
"""A ``now`` as local time for people."""


STILL_WAITING = "still waiting"


@dataclass(slots=True)
class Attempt:
    """One offer, why, and what became of it. ``key``: tier (0 due, 1 not yet) and value; the lower goes first."""

    offer: str
    at: str
    waited_s: float
    agent: str
    rule: str
    key: tuple[float, float]
    eligible_count: int
    eligible: tuple[str, ...]
    excluded: tuple[f.Excluded, ...]
    result: str = "open"
    ring_s: float | None = None
    detail: str = ""
    connected: bool = False


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A change of what the waiting call asked for, why, by whose order; ``waited_s`` since it came into the line."""

    waited_s: float
    queue: str
    requires: str
    priority: float
    why: str
    by: str = ""


@dataclass(slots=True)
class Wait:
    """One place in the waiting room, through however many queues. ``agents_in``: logged in and able at entry."""

    queue: str
    entered_at: str
    requires: str
    key: tuple[float, float]
    position: int
    agents_in: int
    relaxes: tuple[str, ...]
    kept_for: str | None
    changes: list[PlaceChange] = field(default_factory=list)
    offers: list[Attempt] = field(default_factory=list)
    ended: str = STILL_WAITING
    ended_by: str = ""
    """The supervisor who took it out of the line."""
    wait_s: float | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class OverflowStep:
    """A limit of a queue that the call met: where it was sent, or that nobody could ever take it."""

    at: str
    queue: str
    limit: str
    found: float | None
    goes: str


@dataclass(frozen=True, slots=True)
class Missed:
    """The citizen was dialled in vain; ``again_s``: until the next attempt, None where it was the last."""

    at: str
    agent: str
    result: str
    detail: str
    again_s: float | None


@dataclass(slots=True)
class Story:
    """One call, as far as the journal goes back. The caller's number is masked.

    ``callback``: the line calls the citizen, in the place of ``callback_of`` or as a supervisor (``promised_by``)
    promised, not before ``due_at``. ``called_back_as``: the callback that took the place of this call.
    """

    call: str
    ani: str = ""
    dnis: str = ""
    started_at: str = ""
    callback: bool = False
    callback_of: str | None = None
    promised_by: str = ""
    due_at: str | None = None
    called_back_as: str | None = None
    missed: list[Missed] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    turns: list[OverflowStep] = field(default_factory=list)
    outcome: str = "not over"
    total_s: float | None = None


def explain(call: str, steps: Steps, local: Local) -> Story:
    """The story of ``call``; facts of other calls are passed over."""
    teller = _Teller(Story(call), local)
    for now, facts in steps:
        for fact in facts:
            if call in (getattr(fact, "call", None), getattr(fact, "callback", None)):
                teller.take(now, fact)
    return teller.story


class _Teller:
    """The tracker's reader: it says how each wait ended. A stay's mark is its ``Wait``; at a door there was none."""

    def __init__(self, story: Story, local: Local) -> None:
        self.story, self.local = story, local
        self.tracker = Tracker(self)
        self.entered_at = self.waited_s = 0.0

    def entered(self, stay: Stay, before: Stay | None) -> None:
        """Moved, the call keeps its place: the same wait goes on."""
        if before is not None and stay.place_since < stay.since and before.mark is not None:
            stay.mark = before.mark
            stay.mark.ended, stay.mark.wait_s = STILL_WAITING, None

    def left(self, stay: Stay) -> None:
        if stay.mark is not None:
            stay.mark.ended = "connected" if stay.outcome is None else stay.outcome.value
            stay.mark.wait_s = stay.since - stay.place_since + stay.wait_s

    def settled(self, stay: Stay) -> None:
        pass

    def added(self, stay: Stay, what: Sum, amount: float) -> None:
        pass

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: float) -> None:
        if what == "handled" and stay.mark is not None and stay.mark.agent is None:
            stay.mark.agent = agent

    def take(self, now: float, fact: f.Fact) -> None:
        """Take the call's next fact into its story."""
        self.tracker.take(now, fact)
        match fact:
            case f.CallStarted():
                self.story.ani, self.story.dnis = mask(fact.ani), fact.dnis
                self.story.started_at = self.local(now)
            case f.Overflowed():
                goes = f"{fact.way} {fact.target}".strip()
                self.story.turns.append(OverflowStep(self.local(now), fact.queue, fact.limit, fact.found, goes))
            case f.CallbackOffered():
                turn = OverflowStep(self.local(now), fact.queue, fact.limit, fact.found, "callback offered")
                self.story.turns.append(turn)
            case f.CallbackPromised():
                self._promised(now, fact)
            case f.CallbackMissed():
                detail = _masked(fact.detail)
                missed = Missed(self.local(now), fact.agent, fact.result.value, detail, fact.again_s)
                self.story.missed.append(missed)
            case f.NobodyCan():
                self.story.turns.append(OverflowStep(self.local(now), fact.queue, "nobody", None, fact.rule))
            case f.CallEnded():
                self.story.outcome, self.story.total_s = fact.outcome.value, fact.total_s
            case f.Queued():
                self._queued(now, fact)
            case _ if self.story.waits:
                self._waiting(now, self.story.waits[-1], fact)

    def _promised(self, now: float, fact: f.CallbackPromised) -> None:
        """The kept place has waited already; what is told of it later is told of the callback."""
        if fact.call == self.story.call:
            self.story.called_back_as = fact.callback
            return
        self.story.callback, self.story.callback_of = True, fact.call
        self.story.ani, self.story.started_at = mask(fact.number), self.local(now)
        self.story.promised_by = fact.by
        self.story.due_at = None if fact.due_s is None else self.local(now + fact.due_s)
        self.waited_s = fact.waited_s

    def _queued(self, now: float, fact: f.Queued) -> None:
        self.entered_at, self.waited_s = now - self.waited_s, 0.0
        wait = Wait(
            fact.queue,
            self.local(now),
            fact.requires,
            (1.0, 0.0 - fact.priority),
            fact.position,
            fact.agents_in,
            fact.relaxes,
            fact.kept_for,
        )
        self.story.waits.append(wait)
        if (stay := self.tracker.lives[CallId(self.story.call)].stay) is not None:
            stay.mark = wait

    def _waiting(self, now: float, wait: Wait, fact: f.Fact) -> None:
        match fact:
            case f.PlaceChanged():
                waited_s = now - self.entered_at
                changed = PlaceChange(waited_s, fact.queue, fact.requires, fact.priority, fact.why, fact.by)
                wait.changes.append(changed)
            case f.PlaceResumed():
                self.entered_at = now - fact.waited_s
                why = f"has the place of {fact.lost} again, which the line lost"
                wait.changes.append(PlaceChange(fact.waited_s, fact.queue, wait.requires, -wait.key[1], why, ""))
            case f.QueueLeft():
                wait.ended_by = fact.by
            case f.OfferMade():
                wait.offers.append(self._attempt(now, fact))
            case f.OfferEnded():
                for attempt in _of(wait, fact.offer):
                    attempt.result, attempt.ring_s, attempt.detail = (
                        fact.result.value,
                        fact.ring_s,
                        _masked(fact.detail),
                    )
            case f.Connected():
                for attempt in _of(wait, fact.offer):
                    attempt.connected = True
            case _:
                pass

    def _attempt(self, now: float, fact: f.OfferMade) -> Attempt:
        key = (fact.key[0], fact.key[1]) if len(fact.key) > 1 else (1.0, 0.0)
        return Attempt(
            fact.offer,
            self.local(now),
            fact.waited_s,
            fact.agent,
            fact.rule,
            key,
            fact.eligible_count,
            fact.eligible,
            fact.excluded,
        )


def _of(wait: Wait, offer: str) -> list[Attempt]:
    return [attempt for attempt in wait.offers if attempt.offer == offer]


_NUMBER = re.compile(r"\+?[0-9]{7,}")


def _masked(text: str) -> str:
    """Mask the numbers in what a switch says of a leg."""
    return _NUMBER.sub(lambda found: mask(found[0]), text)
