"""Facts folded to the present state of the line and to its tallies: the one reader behind board, metrics and MQTT.

It knows no clock (``now`` is the engine's, in seconds), no storage, no formula and no rule of counting (``tracker``).
Instants inside are epoch seconds (anchor + now), so a run that starts again with another anchor needs no care.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from calls import AgentId, AgentState, CallId, OfferResult, Outcome, QueueId, facts

from .counts import Counts, KeptRows
from .intervals import Calendar
from .lives import Life
from .rows import Stay
from .stages import KeptStages, Stages, TrackedCall
from .tally import DAYS_KEPT, CountingRules, KeptLedger, Ledger
from .tracker import Tracker

NOTICES_KEPT = 20
NOTICES = (
    "link", "trunk", "clock", "rona", "offer_failed", "line_fault", "lost_media_agent", "lost_media_caller",
    "discrepancy", "command_lost", "prompt_lost", "unexpected", "order",
)  # fmt: skip
"""The kinds of notices; each is exported from the start, so that an alert sees the first one."""
UNCOUNTED_STATES = frozenset({AgentState.LOGGED_OUT})
BEGINNINGS = (facts.CallStarted, facts.Queued, facts.Connected, facts.CallbackPromised, facts.Survived)
"""Facts that are counted also where they are the first of their call."""
FAILED_OFFERS = frozenset(OfferResult) - {OfferResult.ANSWERED, OfferResult.NO_ANSWER, OfferResult.WITHDRAWN}


@dataclass(slots=True, eq=False)
class TrackedAgent:
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


@dataclass(slots=True)
class KeptFold:
    """What a checkpoint keeps of a ``LineState``; what has the same name there is the same object.

    ``marks``: where each stay of ``lives`` counts.
    """

    ledger: KeptLedger
    lives: dict[CallId, Life]
    marks: dict[CallId, tuple[KeptRows, ...]]
    stages: KeptStages
    notices: tuple[Notice, ...]
    trunk: bool | None
    called_at: float
    node: str
    version: str
    anchor: float
    link: Link
    banner: str
    edition: int
    agents: dict[AgentId, TrackedAgent]
    queues: dict[QueueId, int]
    notice_counts: dict[str, int]
    turned_away: dict[str, int]
    links: dict[str, Link] = field(default_factory=dict)
    trunks: dict[str, bool] = field(default_factory=dict)


WIRED: dict[tuple[type, str], Callable[[], Any]] = {(Stay, "mark"): lambda: None}
"""What is not written, by class and field, and what stands there until ``LineState.take_up``."""
FORMED = ("ledger", "lives", "marks", "stages", "notices")
"""Fields that have a form of their own."""
SAME = tuple(kept.name for kept in fields(KeptFold) if kept.name not in FORMED)
"""Fields that are kept as they are."""


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
        rules: CountingRules | None = None,
        queues: Iterable[QueueId] = (),
        agents: Iterable[AgentId] = (),
    ) -> None:
        self.calendar = calendar or Calendar()
        self.rules = rules or CountingRules()
        self.ledger = Ledger(self.calendar)
        self.node, self.version, self.anchor = "", "", 0.0
        self.link = Link()
        """Up while every Asterisk can be reached; ``links`` and ``trunks`` say it of each."""
        self.links: dict[str, Link] = {}
        self.trunks: dict[str, bool] = {}
        self.banner = ""
        self.edition = 0
        self._counts = Counts(self.ledger, self.rules)
        self.tracker = Tracker(self._counts)
        self.stages = Stages(self.ledger, self.tracker)
        self.agents: dict[AgentId, TrackedAgent] = {name: TrackedAgent() for name in agents}
        self.queues: dict[QueueId, int] = dict.fromkeys(queues, 0)
        """Queues seen so far with the agents that were in at the last queue entry."""
        self.notices: deque[Notice] = deque(maxlen=NOTICES_KEPT)
        self.notice_counts: dict[str, int] = {}
        self.turned_away: dict[str, int] = {}
        """Calls that were not let in since the start, by why."""

    @property
    def calls(self) -> dict[CallId, TrackedCall]:
        """The calls on the line now."""
        return self.stages.calls

    def kept(self) -> KeptFold:
        """Give what a checkpoint keeps; valid until the next fact."""
        lives = self.tracker.lives
        marks = {name: tuple(self._counts.kept(stay) for stay in life.stays) for name, life in lives.items()}
        same = {name: getattr(self, name) for name in SAME}
        return KeptFold(self.ledger.kept(), lives, marks, self.stages.kept(), tuple(self.notices), **same)

    def take_up(self, kept: KeptFold) -> None:
        """Go on from what was kept, which is the fold's own from now on. Calendar and rules are those of this fold."""
        self.ledger.take_up(kept.ledger)
        self.tracker.lives = kept.lives
        for call, marks in kept.marks.items():
            for stay, mark in zip(kept.lives[call].stays, marks, strict=True):
                self._counts.mark(stay, mark)
        self.stages.take_up(kept.stages)
        self.notices.extend(kept.notices)
        for name in SAME:
            setattr(self, name, getattr(kept, name))

    def apply(self, now: float, fact: facts.Fact) -> None:
        """Fold one fact. A fact about something unknown is ignored, never an error: readers do not judge."""
        at = self.anchor + now
        if isinstance(fact, BEGINNINGS) or getattr(fact, "call", None) in self.tracker.lives:
            self.tracker.take(at, fact)
            if queue := getattr(fact, "queue", None):
                self.queues.setdefault(queue, 0)
        self.stages.apply(at, fact)
        fold = _FOLDS.get(type(fact))
        if fold:
            fold(self, at, fact)

    def settle(self, now: float) -> float:
        """Count the agents' state time up to ``now``; returns the epoch instant of ``now``."""
        at = self.anchor + now
        for name, agent in self.agents.items():
            self.spend(name, agent, at)
        return at

    def notice(self, at: float, kind: str, subject: str, detail: str) -> None:
        """Keep something that a supervisor should see."""
        self.notices.append(Notice(at, kind, subject, detail))
        self.notice_counts[kind] = self.notice_counts.get(kind, 0) + 1

    def spend(self, name: AgentId, agent: TrackedAgent, at: float) -> None:
        """Count the agent's time in the present state up to ``at``."""
        start = max(agent.counted_to, at - DAYS_KEPT * 86_400)
        agent.counted_to = at
        if agent.state in UNCOUNTED_STATES:
            return
        for periods, piece_s in self.ledger.pieces(start, at):
            for period in periods:
                period.staff.spend(agent.state, piece_s)
                period.agent(name).spend(agent.state, piece_s)


# -- the line ---


def _opened(state: LineState, at: float, fact: facts.LineOpened) -> None:
    at += fact.anchor - state.anchor
    state.node, state.anchor, state.version = fact.node, fact.anchor, fact.version
    state.links, state.trunks = {}, {}
    state.called_at = max(state.called_at, at)
    for agent in state.agents.values():
        agent.since = agent.since or at
        agent.counted_to = agent.counted_to or at


def _clock_set(state: LineState, at: float, fact: facts.ClockSet) -> None:
    """Instants of what still goes on are told by the new clock; what was counted stays where it was."""
    state.settle(at - state.anchor)
    state.anchor = fact.anchor
    state.ledger.forget_after(at + fact.by_s)
    for agent in state.agents.values():
        agent.since, agent.counted_to = agent.since + fact.by_s, agent.counted_to + fact.by_s
    state.tracker.move_clock(fact.by_s)
    if state.link.since is not None:
        state.link.since += fact.by_s
    state.notice(at + fact.by_s, "clock", "set", f"{fact.by_s:+.1f} s")


def _edition(state: LineState, _at: float, fact: facts.EditionTaken) -> None:
    state.edition = fact.edition


def _banner(state: LineState, _at: float, fact: facts.BannerChanged) -> None:
    state.banner = fact.prompt


def _link(state: LineState, at: float, fact: facts.LinkChanged) -> None:
    state.links[fact.node] = Link(fact.up, fact.reason, at)
    down = {node: link.reason for node, link in state.links.items() if not link.up}
    state.link = Link(not down, _by_node(state, down), at)
    state.notice(at, "link", "up" if fact.up else "down", _by_node(state, {fact.node: fact.reason}))


def _by_node(state: LineState, texts: Mapping[str, str]) -> str:
    """Say which node each text is of, where there are several."""
    if len(state.links) < 2:
        return "".join(texts.values())
    return "; ".join(f"{node}: {text}" if text else node for node, text in texts.items())


def _node_lost(state: LineState, at: float, fact: facts.NodeLost) -> None:
    state.notice(at, "link", "lost", f"{fact.node}: {fact.calls} calls")


def _trunk(state: LineState, at: float, fact: facts.TrunkChanged) -> None:
    state.trunks[fact.node] = fact.reachable
    state.trunk = all(state.trunks.values())
    told = _by_node(state, {fact.node: "answers" if fact.reachable else "does not answer"})
    state.notice(at, "trunk", "up" if fact.reachable else "down", told)


def _unexpected(state: LineState, at: float, fact: facts.Unexpected) -> None:
    state.notice(at, "unexpected", fact.subject, f"{fact.event} in {fact.state}")


def _ordered(state: LineState, at: float, fact: facts.Ordered) -> None:
    state.notice(at, "order", fact.subject, " ".join(filter(None, (fact.order, fact.detail, f"by {fact.by}"))))


def _discrepancy(state: LineState, at: float, fact: facts.Discrepancy) -> None:
    state.notice(at, "discrepancy", fact.subject, f"{fact.engine} / {fact.switch}: {fact.done}")


def _command_lost(state: LineState, at: float, fact: facts.CommandLost) -> None:
    kind = "prompt_lost" if fact.command == "Prompt" else "command_lost"
    state.notice(at, kind, fact.subject, f"{fact.command}: {fact.error}; {fact.done}")


# -- calls ---


def _turned(state: LineState, _at: float, fact: facts.TurnedAway) -> None:
    state.turned_away[fact.why] = state.turned_away.get(fact.why, 0) + fact.calls


def _started(state: LineState, at: float, _: facts.CallStarted) -> None:
    state.called_at = at


def _queued(state: LineState, _at: float, fact: facts.Queued) -> None:
    state.queues[fact.queue] = fact.agents_in


def _offer_ended(state: LineState, at: float, fact: facts.OfferEnded) -> None:
    if fact.result is OfferResult.NO_ANSWER:
        state.notice(at, "rona", fact.agent, f"{fact.call} {fact.ring_s:.0f} s")
    elif fact.result in FAILED_OFFERS:
        kind = "line_fault" if fact.result is OfferResult.FAILED else "offer_failed"
        state.notice(at, kind, fact.agent, f"{fact.call} {fact.result} {fact.detail}".rstrip())


def _media_lost(state: LineState, at: float, fact: facts.MediaLost) -> None:
    side = "agent" if fact.agent else "caller"
    state.notice(at, f"lost_media_{side}", fact.agent or fact.call, f"{fact.call}: gone without hanging up")


def _survived(state: LineState, at: float, fact: facts.Survived) -> None:
    """Asterisk served it alone: it arrived where it began. What it was in a queue the tracker knows."""
    if not fact.booked:
        for period in state.ledger.periods(at - fact.ago_s - fact.total_s):
            period.line.arrived += 1
            period.line.end(Outcome.SURVIVED)


# -- agents ---


def _agent_changed(state: LineState, at: float, fact: facts.AgentChanged) -> None:
    agent = state.agents.get(fact.agent)
    if agent is None:
        agent = state.agents[fact.agent] = TrackedAgent(counted_to=at - fact.lasted_s)
    agent.state = fact.old
    state.spend(fact.agent, agent, at)
    agent.state, agent.reason, agent.since = fact.new, fact.reason, at


def _phone(state: LineState, at: float, fact: facts.PhoneChanged) -> None:
    agent = state.agents.get(fact.agent)
    if agent is None:
        agent = state.agents[fact.agent] = TrackedAgent(since=at, counted_to=at)
    agent.reachable, agent.in_use = fact.reachable, fact.in_use


_FOLDS: dict[type, Callable[[LineState, float, Any], None]] = {
    facts.LineOpened: _opened,
    facts.ClockSet: _clock_set,
    facts.TrunkChanged: _trunk,
    facts.LinkChanged: _link,
    facts.NodeLost: _node_lost,
    facts.EditionTaken: _edition,
    facts.Ordered: _ordered,
    facts.BannerChanged: _banner,
    facts.CallStarted: _started,
    facts.TurnedAway: _turned,
    facts.Queued: _queued,
    facts.OfferEnded: _offer_ended,
    facts.MediaLost: _media_lost,
    facts.Survived: _survived,
    facts.AgentChanged: _agent_changed,
    facts.PhoneChanged: _phone,
    facts.Unexpected: _unexpected,
    facts.Discrepancy: _discrepancy,
    facts.CommandLost: _command_lost,
}
"""What each fact does; what else they do the tracker and the stages know."""
