"""The calls that are counted: who they are, and their stays in queues. A reader is told of every change.

The rules by which stays begin and end are in ``tracker``.
"""

from __future__ import annotations

from typing import Protocol, final

from calls import AgentId, Attribute, CallId, Outcome, QueueId

from .rows import Amount, Stay, Sum


class Reader(Protocol):
    """What makes something of the stays; told of each change when it has been made."""

    def entered(self, stay: Stay, before: Stay | None) -> None:
        """A stay began; ``before``: the one that it goes on from, None where the line is offered the call anew."""

    def left(self, stay: Stay) -> None:
        """It is over: ``stay.served``, or ``stay.outcome``."""

    def settled(self, stay: Stay) -> None:
        """So it is for the line: no other queue takes the call on."""

    def added(self, stay: Stay, what: Sum, amount: Amount) -> None:
        """So much more of one of the stay's ``STAY_SUMS``."""

    def worked(self, stay: Stay, agent: AgentId, what: Sum, amount: Amount) -> None:
        """So much more of one of the agent's ``PART_SUMS`` in it."""


@final
class Life:
    """One call as far as it is counted. ``at_work``: wrap-ups that are still to come."""

    call: CallId
    topic: str = ""
    dnis: str = ""
    callback: bool = False
    confidential: bool = False
    ended: bool = False
    at_work: int = 0
    stays: list[Stay]

    def __init__(self, call: CallId, stays: list[Stay] | None = None) -> None:
        self.call, self.stays = call, [] if stays is None else stays

    @property
    def stay(self) -> Stay | None:
        """The one that is not over."""
        if not self.stays:
            return None
        last = self.stays[-1]
        return None if last.served or last.outcome is not None else last

    def served_by(self, agent: AgentId) -> Stay | None:
        """The last stay in which this agent had the call."""
        for stay in reversed(self.stays):
            part = stay.parts.get(agent)
            if part is not None and part.handled:
                return stay
        return None


class Lives:
    """The calls that are counted, by id.

    ``keeps``: also those that are over. ``agents``: whether what each agent did is kept and told.
    """

    def __init__(self, reader: Reader, *, keeps: bool = False, agents: bool = True) -> None:
        self.reader, self.keeps, self.agents = reader, keeps, agents
        self.lives: dict[CallId, Life] = {}

    def move_clock(self, by_s: float) -> None:
        """The scale of ``at`` moved: what goes on is told by the new one, from its beginning."""
        for life in self.lives.values():
            for stay in life.stays:
                stay.since, stay.place_since = stay.since + by_s, stay.place_since + by_s
                stay.line_since += by_s

    def life(self, call: CallId) -> Life:
        """The call as far as it is counted, new where it was never told of."""
        life = self.lives.get(call)
        if life is None:
            life = self.lives[call] = Life(call)
        return life

    def forget(self, life: Life) -> None:
        """Let go of a call for which nothing more can come."""
        if life.ended and not life.at_work and not self.keeps:
            del self.lives[life.call]

    def enter(self, life: Life, queue: QueueId, at: float, place_since: float) -> Stay:
        """Begin a stay; it goes on from one that the line has not settled."""
        last = life.stays[-1] if life.stays else None
        before = last if last is not None and not last.settled else None
        if before is None:
            callback = life.callback and not any(stay.served for stay in life.stays)
            offering = 1 if last is None else last.offering + 1
            topic, dnis, line_since = life.topic, life.dnis, place_since
        else:
            callback, offering = before.callback, before.offering
            topic, dnis, line_since = before.topic, before.dnis, before.line_since
        stay = Stay(
            life.call,
            len(life.stays) + 1,
            queue,
            topic,
            dnis,
            offering,
            before is None,
            callback,
            at,
            place_since,
            line_since,
        )
        life.stays.append(stay)
        self.reader.entered(stay, before)
        return stay

    def leave(self, stay: Stay, outcome: Outcome, place_wait_s: float) -> None:
        """End a stay in which nobody served the call."""
        stay.outcome = outcome
        stay.end_wait(place_wait_s)
        self.reader.left(stay)

    def settle(self, stay: Stay) -> None:
        """So it is for the line: no other queue takes the call on."""
        stay.settled = True
        self.reader.settled(stay)

    def both(self, stay: Stay, agent: AgentId, what: Sum, amount: Amount) -> None:
        """Add to a sum of the stay and of the agent's part in it."""
        self.add(stay, what, amount)
        self.work(stay, agent, what, amount)

    def add(self, stay: Stay, what: Sum, amount: Amount) -> None:
        """Add to one of the stay's sums, and tell the reader."""
        setattr(stay, what, getattr(stay, what) + amount)
        self.reader.added(stay, what, amount)

    def work(self, stay: Stay, agent: AgentId, what: Sum, amount: Amount) -> None:
        """Add to one of the agent's sums in the stay, and tell the reader."""
        if not self.agents:
            return
        part = stay.part(agent)
        setattr(part, what, getattr(part, what) + amount)
        self.reader.worked(stay, agent, what, amount)

    def served(self, call: CallId, agent: AgentId) -> Stay | None:
        """The last stay in which this agent had the call."""
        life = self.lives.get(call)
        return life.served_by(agent) if life is not None else None

    # -- who calls ---

    def started(self, call: CallId, dnis: str) -> None:
        """A call has begun, to this number."""
        self.life(call).dnis = dnis

    def attribute_set(self, call: CallId, attribute: Attribute, value: str) -> None:
        """The menus have found something out: what the call is about counts."""
        if attribute is Attribute.TOPIC:
            life = self.life(call)
            life.topic = "" if life.confidential else value

    def promised(self, callback: CallId, call: CallId | None) -> None:
        """A callback: what the call was about that it was promised to, and that nobody is offered twice."""
        life, asked = self.life(callback), self.lives.get(call) if call else None
        life.callback = True
        if asked is not None:
            life.topic, life.dnis = asked.topic, asked.dnis
            life.confidential = life.confidential or asked.confidential
        if life.confidential:
            life.topic = ""

    def made_confidential(self, call: CallId) -> None:
        """Nobody may read in a report what this caller chose."""
        life = self.life(call)
        life.confidential, life.topic = True, ""
        for stay in life.stays:
            stay.topic = ""
