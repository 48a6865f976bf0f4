"""Facts folded to the present state of the line and to its tallies: the one reader behind board, metrics and MQTT.

It decides what counts where; it knows no clock (``now`` is the engine's, in seconds), no storage and no formula.
Instants inside are epoch seconds (anchor + now), so a run that starts again with another anchor needs no care.

Two questions are answered apart. A *queue* counts its own entries: a call that overflows leaves one queue and is
offered to the next. The *line* (and a topic) counts the call once, from its first queue entry to its connection or its
way out of the last queue: the citizen waited once, however often we moved him.

A callback is not offered again: the call it was promised to was, and has overflowed. It is counted apart, where its
turn in the line began; once the citizen has spoken with an agent his call is one like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from calls import AgentId, AgentState, CallId, CallStage, OfferResult, Outcome, Party, QueueId, facts

from . import view
from .intervals import Calendar
from .tally import DAYS_KEPT, AgentTally, Ledger, Periods, Rules, Tally

NOTICES_KEPT = 20
NOTICES = (
    "link", "trunk", "clock", "rona", "offer_failed", "line_fault", "lost_media_agent", "lost_media_caller",
    "discrepancy", "command_lost", "prompt_lost", "unexpected",
)  # fmt: skip
"""The kinds of notices; each is exported from the start, so that an alert sees the first one."""
UNCOUNTED_STATES = frozenset({AgentState.LOGGED_OUT})
FAILED_OFFERS = frozenset(OfferResult) - {OfferResult.ANSWERED, OfferResult.NO_ANSWER, OfferResult.WITHDRAWN}


@dataclass(slots=True, eq=False)
class Stay:
    """A call's stand in the lines. ``since`` is its entry to the present queue, ``line_since`` to its first one."""

    queue: QueueId
    since: float
    line_since: float
    periods: Periods
    line_rows: tuple[Tally, ...]
    queue_rows: tuple[Tally, ...]
    left: Outcome | None = None
    """How it left its queue, while it stands in no other yet: the next takes it on, or its end makes it final."""
    left_wait_s: float = 0.0
    callback: bool = False
    """A callback's: nobody is offered a second time, and its wait was not spent on the phone."""

    def line_wait_s(self, at: float, wait_s: float) -> float:
        """The wait since the first queue entry, where ``wait_s`` is the one in the present queue."""
        return wait_s if self.since == self.line_since else at - self.line_since

    def agent_rows(self, agent: AgentId) -> Iterator[AgentTally]:
        for period in self.periods:
            yield period.staff
            yield period.agent(agent)


@dataclass(slots=True, eq=False)
class Call:
    """A call on the line now. ``rows`` are the tallies of its arrival, ``stay`` its stand in the lines.

    ``promised_to``: it is a callback, and this the queue in which it will stand.
    """

    stage: CallStage
    rows: tuple[Tally, ...]
    topic: str = ""
    stay: Stay | None = None
    promised_to: QueueId | None = None

    @property
    def queue(self) -> QueueId | None:
        """Where it stands, or will stand where its time has not come."""
        if self.stay is None:
            return self.promised_to
        return None if self.stay.left else self.stay.queue


@dataclass(slots=True, eq=False)
class Agent:
    """An agent now. ``counted_to`` is the instant up to which their state time is in the tallies."""

    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""
    since: float = 0.0
    counted_to: float = 0.0
    reachable: bool | None = None
    in_use: bool = False


@dataclass(slots=True)
class Link:
    """The link to the switch; ``since`` is ``None`` before the first word of it."""

    up: bool = False
    reason: str = ""
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a supervisor should see: kind (``rona``, ``line_fault``, ``link``, ...), who, and a few words."""

    at: float
    kind: str
    subject: str
    detail: str


class LineState:
    """The present state and the tallies: give every fact of a step to ``apply`` with the step's ``now``.

    ``queues`` and ``agents`` are those to show from the start; others join when a fact first names them.
    """

    trunk: bool | None = None
    """Whether the trunk answers OPTIONS; None where nobody asks it, or nothing was heard yet."""
    called_at: float = 0.0
    """When the last call arrived, or, before the first one, when the line was opened; epoch seconds."""

    def __init__(
        self,
        calendar: Calendar | None = None,
        rules: Rules | None = None,
        queues: Iterable[QueueId] = (),
        agents: Iterable[AgentId] = (),
    ) -> None:
        self.calendar = calendar or Calendar()
        self.rules = rules or Rules()
        self.ledger = Ledger(self.calendar)
        self.node, self.version, self.anchor = "", "", 0.0
        self.link = Link()
        self.banner = ""
        self.edition = 0
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {name: Agent() for name in agents}
        self.queues: dict[QueueId, int] = dict.fromkeys(queues, 0)
        """Queues seen so far with the agents that were in at the last queue entry."""
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.notice_counts: dict[str, int] = {}
        self.turned_away: dict[str, int] = {}
        """Calls that were not let in since the start, by why."""
        self._served: dict[AgentId, tuple[CallId, Stay]] = {}
        self._answered: dict[AgentId, Call] = {}
        """Calls that an agent has answered and does not hear yet."""

    def apply(self, now: float, fact: facts.Fact) -> None:
        """Fold one fact. A fact about something unknown is ignored, never an error: readers do not judge."""
        fold = _FOLDS.get(type(fact))
        if fold:
            fold(self, self.anchor + now, fact)

    def snapshot(self, now: float) -> dict[str, Any]:
        """The present state, JSON-ready and without a telephone number (docs/measures.md shows it)."""
        return view.snapshot(self, self.settle(now))

    def settle(self, now: float) -> float:
        """Count the agents' state time up to ``now``; returns the epoch instant of ``now``."""
        at = self.anchor + now
        for name, agent in self.agents.items():
            self._spend(name, agent, at)
        return at

    # the line

    def _opened(self, at: float, fact: facts.LineOpened) -> None:
        at += fact.anchor - self.anchor
        self.node, self.anchor, self.version = fact.node, fact.anchor, fact.version
        self.called_at = max(self.called_at, at)
        for agent in self.agents.values():
            agent.since = agent.since or at
            agent.counted_to = agent.counted_to or at

    def _clock_set(self, at: float, fact: facts.ClockSet) -> None:
        """Instants of what still goes on are told by the new clock; what was counted stays where it was."""
        self.settle(at - self.anchor)
        self.anchor = fact.anchor
        self.ledger.forget_after(at + fact.by_s)
        for agent in self.agents.values():
            agent.since, agent.counted_to = agent.since + fact.by_s, agent.counted_to + fact.by_s
        for stay in {id(call.stay): call.stay for call in self.calls.values() if call.stay}.values():
            stay.since, stay.line_since = stay.since + fact.by_s, stay.line_since + fact.by_s
        if self.link.since is not None:
            self.link.since += fact.by_s
        self._notice(at + fact.by_s, "clock", "set", f"{fact.by_s:+.1f} s")

    def _edition(self, _at: float, fact: facts.EditionTaken) -> None:
        self.edition = fact.edition

    def _banner(self, _at: float, fact: facts.BannerChanged) -> None:
        self.banner = fact.prompt

    def _link(self, at: float, fact: facts.LinkChanged) -> None:
        self.link = Link(fact.up, fact.reason, at)
        self._notice(at, "link", "up" if fact.up else "down", fact.reason)

    def _trunk(self, at: float, fact: facts.TrunkChanged) -> None:
        self.trunk = fact.reachable
        self._notice(
            at, "trunk", "up" if fact.reachable else "down", "answers" if fact.reachable else "does not answer"
        )

    def _notice(self, at: float, kind: str, subject: str, detail: str) -> None:
        self.notices.append(Notice(at, kind, subject, detail))
        self.notice_counts[kind] = self.notice_counts.get(kind, 0) + 1

    def _unexpected(self, at: float, fact: facts.Unexpected) -> None:
        self._notice(at, "unexpected", fact.subject, f"{fact.event} in {fact.state}")

    def _discrepancy(self, at: float, fact: facts.Discrepancy) -> None:
        self._notice(at, "discrepancy", fact.subject, f"{fact.engine} / {fact.switch}: {fact.done}")

    def _command_lost(self, at: float, fact: facts.CommandLost) -> None:
        kind = "prompt_lost" if fact.command == "Prompt" else "command_lost"
        self._notice(at, kind, fact.subject, f"{fact.command}: {fact.error}; {fact.done}")

    # calls

    def _call(self, at: float, name: CallId) -> Call:
        call = self.calls.get(name)
        if call is None:
            rows = tuple(period.line for period in self.ledger.periods(at))
            for row in rows:
                row.arrived += 1
            call = self.calls[name] = Call(CallStage.MENU, rows)
        return call

    def _turned(self, _at: float, fact: facts.TurnedAway) -> None:
        self.turned_away[fact.why] = self.turned_away.get(fact.why, 0) + fact.calls

    def _started(self, at: float, fact: facts.CallStarted) -> None:
        self.called_at = at
        self._call(at, fact.call)

    def _node_entered(self, _at: float, fact: facts.NodeEntered) -> None:
        call = self.calls.get(fact.call)
        if call and (call.stay is None or call.stay.left):
            call.stage = CallStage.MENU

    def _attribute(self, _at: float, fact: facts.AttributeSet) -> None:
        call = self.calls.get(fact.call)
        if call and fact.attribute == "topic":
            call.topic = fact.value

    def _queued(self, at: float, fact: facts.Queued) -> None:
        self.queues[fact.queue] = fact.agents_in
        call = self._call(at, fact.call)
        if call.stage is not CallStage.PROMISED:
            call.stage = CallStage.WAITING
        stay = call.stay
        if stay is None or stay.left or stay.queue != fact.queue:
            self._enter(at, call, fact.queue)

    def _place_changed(self, at: float, fact: facts.PlaceChanged) -> None:
        call = self.calls.get(fact.call)
        if call and call.stay and not call.stay.left and call.stay.queue != fact.queue:
            self._enter(at, call, fact.queue)
        elif call and call.stay is None and call.promised_to:
            call.promised_to = fact.queue
            self.queues.setdefault(fact.queue, 0)

    def _enter(self, at: float, call: Call, queue: QueueId) -> Stay:
        periods = self.ledger.periods(at)
        queue_rows = tuple(period.queue(queue) for period in periods)
        if call.stay is None:
            line_rows = (*(p.line for p in periods), *(p.topic(call.topic) for p in periods))
            call.stay = Stay(queue, at, at, periods, line_rows, queue_rows, callback=call.promised_to is not None)
            _came(line_rows, call.stay)
        else:
            self._leave_queue(call.stay, Outcome.OVERFLOWED, at - call.stay.since, at)
            call.stay.queue, call.stay.since, call.stay.queue_rows = queue, at, queue_rows
            call.stay.left = None
        self.queues.setdefault(queue, 0)
        _came(queue_rows, call.stay)
        return call.stay

    def _leave_queue(self, stay: Stay, outcome: Outcome, wait_s: float, at: float) -> None:
        if stay.left:
            return
        stay.left, stay.left_wait_s = outcome, stay.line_wait_s(at, wait_s)
        self._count_exit(stay.queue_rows, stay, outcome, wait_s)

    def _count_exit(self, rows: Iterable[Tally], stay: Stay, outcome: Outcome, wait_s: float) -> None:
        for row in rows:
            if stay.callback:
                row.unreached += outcome is Outcome.UNREACHED
            else:
                row.leave(outcome, wait_s, self.rules)

    def _queue_left(self, at: float, fact: facts.QueueLeft) -> None:
        call = self.calls.get(fact.call)
        if call is None:
            return
        stay = call.stay
        if stay is None or (stay.left and stay.queue != fact.queue):
            # Refused at the door of a full or closed queue, the call was never queued; it was offered all the same.
            stay = self._enter(at, call, fact.queue)
        if stay.queue == fact.queue:
            call.stage = CallStage.LEAVING
            self._leave_queue(stay, fact.outcome, fact.wait_s, at)

    def _offer_made(self, _at: float, fact: facts.OfferMade) -> None:
        if fact.call in self.calls and self.calls[fact.call].stage is not CallStage.PROMISED:
            self._stage(fact.call, CallStage.WAITING)
        for row in self._offer_rows(fact.call, fact.agent):
            row.offers += 1

    def _offer_ended(self, at: float, fact: facts.OfferEnded) -> None:
        call = self.calls.get(fact.call)
        if call and call.stay:
            steps = _ANSWERED if fact.result is OfferResult.ANSWERED else _NOT_ANSWERED
            call.stage = steps.get(call.stage, steps[CallStage.WAITING])
            if fact.result is OfferResult.ANSWERED:
                self._answered[fact.agent] = call
        if fact.result is OfferResult.NO_ANSWER:
            for row in self._offer_rows(fact.call, fact.agent):
                row.rona += 1
            self._notice(at, "rona", fact.agent, f"{fact.call} {fact.ring_s:.0f} s")
        elif fact.result in FAILED_OFFERS:
            kind = "line_fault" if fact.result is OfferResult.FAILED else "offer_failed"
            self._notice(at, kind, fact.agent, f"{fact.call} {fact.result} {fact.detail}".rstrip())

    def _offer_rows(self, name: CallId, agent: AgentId) -> Iterator[Tally | AgentTally]:
        call = self.calls.get(name)
        if call and call.stay:
            yield from call.stay.line_rows
            yield from call.stay.queue_rows
            yield from call.stay.agent_rows(agent)

    def _connected(self, at: float, fact: facts.Connected) -> None:
        call = self._call(at, fact.call)
        stay = call.stay or self._enter(at, call, fact.queue)
        for rows, wait_s in ((stay.queue_rows, fact.wait_s), (stay.line_rows, stay.line_wait_s(at, fact.wait_s))):
            for row in rows:
                if stay.callback:
                    row.call_back(fact.ring_s)
                else:
                    row.answer(wait_s, fact.ring_s, self.rules)
        for mine in stay.agent_rows(fact.agent):
            mine.handled += 1
            mine.ring_s += fact.ring_s
        call.stage, call.stay, call.promised_to = CallStage.TALKING, None, None
        self._answered.pop(fact.agent, None)
        self._served[fact.agent] = (fact.call, stay)

    def _conversation_ended(self, _at: float, fact: facts.ConversationEnded) -> None:
        call = self.calls.get(fact.call)
        if call and call.stage is CallStage.TALKING:
            call.stage = CallStage.LEAVING
        for row in self._served_rows(fact.call, fact.agent):
            row.talk_s += fact.talk_s
            row.hold_s += fact.hold_s
            if isinstance(row, Tally):
                row.lost_media += fact.by is Party.LOST_MEDIA

    def _media_lost(self, at: float, fact: facts.MediaLost) -> None:
        side = "agent" if fact.agent else "caller"
        for row in self._served_rows(fact.call, fact.agent):
            if isinstance(row, AgentTally):
                row.lost_media_agent += 1
        self._notice(at, f"lost_media_{side}", fact.agent or fact.call, f"{fact.call}: gone without hanging up")

    def _handed_over(self, _at: float, fact: facts.HandedOver) -> None:
        """The same stay in the queue is now the colleague's: their talk counts there, and nobody waited again."""
        served, stay = self._served.get(fact.by, ("", None))
        self._stage(fact.call, CallStage.TALKING)
        if stay and served == fact.call:
            self._served[fact.agent] = (fact.call, stay)
            for row in stay.agent_rows(fact.agent):
                row.handled += 1

    def _wrap_up_done(self, _at: float, fact: facts.WrapUpDone) -> None:
        for row in self._served_rows(fact.call, fact.agent):
            row.wrap_up_s += fact.wrap_up_s
        self._served.pop(fact.agent, None)

    def _served_rows(self, call: CallId, agent: AgentId) -> Iterator[Tally | AgentTally]:
        """The rows of the call the agent served last; wrap-up ends after the call is gone."""
        served, stay = self._served.get(agent, ("", None))
        if stay and served == call:
            yield from stay.line_rows
            yield from stay.queue_rows
            yield from stay.agent_rows(agent)

    def _transfer_started(self, _at: float, fact: facts.TransferStarted) -> None:
        self._stage(fact.call, CallStage.TRANSFERRING)

    def _transfer_ended(self, _at: float, fact: facts.TransferEnded) -> None:
        self._stage(fact.call, CallStage.LEAVING)

    def _stage(self, name: CallId, stage: CallStage) -> None:
        call = self.calls.get(name)
        if call:
            call.stage = stage

    def _call_ended(self, at: float, fact: facts.CallEnded) -> None:
        call = self.calls.pop(fact.call, None)
        if call is None:
            return
        for row in call.rows:
            row.end(fact.outcome)
        stay = call.stay
        if stay:
            self._leave_queue(stay, fact.outcome, at - stay.since, at)
            self._count_exit(stay.line_rows, stay, stay.left or fact.outcome, stay.left_wait_s)

    def _survived(self, at: float, fact: facts.Survived) -> None:
        """Asterisk served it alone: counted where it began, as one that was offered and not handled by the line."""
        if fact.booked:
            return
        began = at - fact.ago_s - fact.total_s
        periods = self.ledger.periods(began)
        for row in (period.line for period in periods):
            row.arrived += 1
            row.end(Outcome.SURVIVED)
        if fact.queue:
            offered = tuple(row for p in periods for row in (p.line, p.topic(""), p.queue(fact.queue)))
            for row in offered:
                row.offered += 1
                row.leave(Outcome.SURVIVED, fact.wait_s, self.rules)
            self.queues.setdefault(fact.queue, 0)
            if fact.agent:
                for mine in (mine for p in periods for mine in (p.staff, p.agent(fact.agent))):
                    mine.handled += 1
                    mine.talk_s += fact.talk_s

    # callbacks

    def _promised(self, _at: float, fact: facts.CallbackPromised) -> None:
        asked = self.calls.get(fact.call) if fact.call else None
        topic = asked.topic if asked else ""
        self.calls[fact.callback] = Call(CallStage.PROMISED, (), topic, promised_to=fact.queue)
        self.queues.setdefault(fact.queue, 0)

    def _missed(self, _at: float, fact: facts.CallbackMissed) -> None:
        self._stage(fact.callback, CallStage.PROMISED)

    def _announced(self, _at: float, fact: facts.Announced) -> None:
        """A caller who hears their position is on the phone: also a citizen we called whose agent went away."""
        call = self.calls.get(fact.call)
        if call and call.stage in (CallStage.PROMISED, CallStage.DIALLING):
            call.stage = CallStage.WAITING

    # agents

    def _agent_changed(self, at: float, fact: facts.AgentChanged) -> None:
        agent = self.agents.get(fact.agent)
        if agent is None:
            agent = self.agents[fact.agent] = Agent(counted_to=at - fact.lasted_s)
        agent.state = fact.old
        self._spend(fact.agent, agent, at)
        agent.state, agent.reason, agent.since = fact.new, fact.reason, at
        if fact.new is not AgentState.TALKING:
            self._not_joined(fact.agent)

    def _not_joined(self, agent: AgentId) -> None:
        """An agent who answered went away before the two heard each other: the call waits again."""
        call = self._answered.pop(agent, None)
        if call:
            call.stage = _NOT_JOINED.get(call.stage, call.stage)

    def _spend(self, name: AgentId, agent: Agent, at: float) -> None:
        start = max(agent.counted_to, at - DAYS_KEPT * 86_400)
        agent.counted_to = at
        if agent.state in UNCOUNTED_STATES:
            return
        for periods, piece_s in self.ledger.pieces(start, at):
            for period in periods:
                period.staff.spend(agent.state, piece_s)
                period.agent(name).spend(agent.state, piece_s)

    def _phone(self, at: float, fact: facts.PhoneChanged) -> None:
        agent = self.agents.get(fact.agent)
        if agent is None:
            agent = self.agents[fact.agent] = Agent(since=at, counted_to=at)
        agent.reachable, agent.in_use = fact.reachable, fact.in_use


_ANSWERED = {CallStage.WAITING: CallStage.CONNECTING, CallStage.PROMISED: CallStage.DIALLING}
_NOT_ANSWERED = {CallStage.WAITING: CallStage.WAITING, CallStage.PROMISED: CallStage.PROMISED}
_NOT_JOINED = {CallStage.CONNECTING: CallStage.WAITING, CallStage.DIALLING: CallStage.PROMISED}


def _came(rows: tuple[Tally, ...], stay: Stay) -> None:
    for row in rows:
        if stay.callback:
            row.callbacks += 1
        else:
            row.offered += 1


_FOLDS: dict[type, Callable[[LineState, float, Any], None]] = {
    facts.LineOpened: LineState._opened,
    facts.ClockSet: LineState._clock_set,
    facts.TrunkChanged: LineState._trunk,
    facts.LinkChanged: LineState._link,
    facts.EditionTaken: LineState._edition,
    facts.BannerChanged: LineState._banner,
    facts.CallStarted: LineState._started,
    facts.TurnedAway: LineState._turned,
    facts.NodeEntered: LineState._node_entered,
    facts.AttributeSet: LineState._attribute,
    facts.Queued: LineState._queued,
    facts.PlaceChanged: LineState._place_changed,
    facts.QueueLeft: LineState._queue_left,
    facts.OfferMade: LineState._offer_made,
    facts.OfferEnded: LineState._offer_ended,
    facts.Connected: LineState._connected,
    facts.ConversationEnded: LineState._conversation_ended,
    facts.MediaLost: LineState._media_lost,
    facts.HandedOver: LineState._handed_over,
    facts.WrapUpDone: LineState._wrap_up_done,
    facts.TransferStarted: LineState._transfer_started,
    facts.TransferEnded: LineState._transfer_ended,
    facts.CallEnded: LineState._call_ended,
    facts.Survived: LineState._survived,
    facts.CallbackPromised: LineState._promised,
    facts.CallbackMissed: LineState._missed,
    facts.Announced: LineState._announced,
    facts.AgentChanged: LineState._agent_changed,
    facts.PhoneChanged: LineState._phone,
    facts.Unexpected: LineState._unexpected,
    facts.Discrepancy: LineState._discrepancy,
    facts.CommandLost: LineState._command_lost,
}
"""What each fact does; the facts that are not here (keys, questions, hold) change nothing that is shown."""
