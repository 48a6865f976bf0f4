"""The present state as one JSON-ready dictionary: what ``line1555 up --json``, the board and MQTT show.

No telephone number is in it: numbers inside free text are masked, and calls appear by their id only.
Shares are 0..1, durations end in ``_s`` (seconds, to the millisecond), instants are ISO local time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from calls import AgentId, AgentState, CallStage, Outcome, QueueId, mask

from . import formulas
from .fold import LineState, Notice, TrackedAgent
from .stages import TrackedCall
from .tally import AgentTally, CountingRules, Period, Tally

SERVICE_LEVEL = "handled within T / (offered - abandoned within T)"
_NUMBER = re.compile(r"(?<![\w.-])\+?\d{7,}(?!\w|\.\d)")


def snapshot(state: LineState, now: float) -> dict[str, Any]:
    """The whole state at ``now``, JSON-ready and without a telephone number (docs/measures.md shows it)."""
    at = state.settle(now)
    return {
        **line(state, at),
        "queues": queues(state, at),
        "topics": topics(state, at),
        "agents": {name: agent(state, name, at) for name in sorted(state.agents)},
    }


def line(state: LineState, at: float) -> dict[str, Any]:
    """The state of the line as a whole."""
    interval, day, _ = state.ledger.periods(at)
    return {
        "time": state.calendar.label(at),
        "node": state.node,
        "version": state.version,
        "link": _link(state),
        "nodes": {node: {"link": link.up, "trunk": state.trunks.get(node)} for node, link in state.links.items()},
        "trunk": state.trunk,
        "last_call": {"at": state.calendar.label(state.called_at), "ago_s": _ms(max(at - state.called_at, 0.0))},
        "edition": state.edition,
        "banner": state.banner,
        "calls": _stages(state.calls.values()),
        "turned_away": dict(sorted(state.turned_away.items())),
        "longest_wait_s": _ms(max((at - since for since in _waiting_since(state.calls.values())), default=0.0)),
        "agents_by_state": _by_state(state.agents.values()),
        "not_ready": _reasons(state.agents.values()),
        "service_level": {"formula": SERVICE_LEVEL, "t_s": state.rules.t_s, "short_abandon_s": state.rules.short_s},
        "today": {"since": state.calendar.label(day.start), **_all(day, state.rules)},
        "interval": {
            "since": state.calendar.label(interval.start),
            "length_s": state.calendar.interval_s,
            **_all(interval, state.rules),
        },
        "notices": [_notice(state, notice) for notice in state.notices],
        "notice_counts": dict(sorted(state.notice_counts.items())),
    }


def topics(state: LineState, at: float) -> dict[str, dict[str, Any]]:
    """Today by topic; calls that chose none stand under the empty name."""
    _, day, _ = state.ledger.periods(at)
    return {name: counts(tally, state.rules) for name, tally in sorted(day.topics.items())}


def queues(state: LineState, at: float) -> dict[str, dict[str, Any]]:
    """Every queue seen so far: who waits in it, and its figures."""
    inside: dict[QueueId, list[TrackedCall]] = {name: [] for name in sorted(state.queues)}
    for call in state.calls.values():
        if call.queue is not None:
            inside[call.queue].append(call)
    return {name: _queue(state, name, inside[name], at) for name in inside}


def _queue(state: LineState, name: QueueId, inside: list[TrackedCall], at: float) -> dict[str, Any]:
    interval, day, _ = state.ledger.periods(at)
    oldest = min((c.stay.since for c in inside if c.stay and waits(c)), default=None)
    return {
        "waiting": sum(call.stage is CallStage.WAITING for call in inside),
        "connecting": sum(call.stage is CallStage.CONNECTING for call in inside),
        "promised": sum(call.stage is CallStage.PROMISED for call in inside),
        "dialling": sum(call.stage is CallStage.DIALLING for call in inside),
        "longest_wait_s": 0.0 if oldest is None else _ms(at - oldest),
        "waiting_since": None if oldest is None else state.calendar.label(oldest),
        "agents_in": state.queues[name],
        "today": counts(day.queues.get(name, Tally()), state.rules),
        "interval": counts(interval.queues.get(name, Tally()), state.rules),
    }


def agent(state: LineState, name: AgentId, at: float) -> dict[str, Any]:
    """One agent now and today."""
    one = state.agents[name]
    return {
        "state": str(one.state),
        "reason": one.reason,
        "since": state.calendar.label(one.since),
        "in_state_s": _ms(at - one.since),
        "reachable": one.reachable,
        "in_use": one.in_use,
        "today": agent_counts(state.ledger.periods(at)[1].agents.get(name, AgentTally())),
    }


def counts(tally: Tally, rules: CountingRules) -> dict[str, Any]:
    """A tally with its measures; ``None`` where a measure is not defined."""
    exits, t = tally.exits, tally
    return {
        "offered": t.offered,
        "handled": t.handled,
        **{str(way): exits.get(way, 0) for way in QUEUE_EXITS},
        "other_exits": sum(n for way, n in exits.items() if way not in QUEUE_EXITS),
        "short_abandoned": t.short_abandoned,
        "handled_within_t": t.handled_within_t,
        "abandoned_within_t": t.abandoned_within_t,
        "service_level": _share(formulas.service_level(t.handled_within_t, t.offered, t.abandoned_within_t)),
        "abandon_share": _share(formulas.abandon_share(exits.get(Outcome.ABANDONED, 0), t.short_abandoned, t.offered)),
        "asa_s": _ms(formulas.asa(t.waits.sum_s, t.handled)),
        "wait_p50_s": _ms(t.waits.quantile(0.50)),
        "wait_p95_s": _ms(t.waits.quantile(0.95)),
        "wait_max_s": _ms(t.waits.max_s),
        "aht_s": _ms(formulas.aht(t.talk_s, t.hold_s, t.wrap_up_s, t.served)),
        "talk_s": _ms(t.talk_s),
        "hold_s": _ms(t.hold_s),
        "wrap_up_s": _ms(t.wrap_up_s),
        "ring_s": _ms(t.ring_s),
        "offers": t.offers,
        "rona": t.rona,
        "lost_media": t.lost_media,
        "callbacks": t.callbacks,
        "called_back": t.called_back,
        "unreached": t.unreached,
    }


QUEUE_EXITS = (Outcome.ABANDONED, Outcome.OVERFLOWED, Outcome.REFUSED, Outcome.SURVIVED, Outcome.LOST)
LINE_EXITS = (Outcome.LEFT_IN_MENU, Outcome.INFORMED, Outcome.TRANSFERRED)


def agent_counts(tally: AgentTally) -> dict[str, Any]:
    """An agent's figures."""
    return {
        "handled": tally.handled,
        "offers": tally.offers,
        "rona": tally.rona,
        "lost_media_agent": tally.lost_media_agent,
        "aht_s": _ms(formulas.aht(tally.talk_s, tally.hold_s, tally.wrap_up_s, tally.handled)),
        "occupancy": _share(occupancy(tally)),
        "state_s": {str(state): _ms(spent) for state, spent in sorted(tally.state_s.items())},
    }


def occupancy(tally: AgentTally) -> float | None:
    """Occupancy from the time really spent in each state in the period, 0..1."""
    return formulas.occupancy(
        talk_and_hold_s=tally.state_s.get(AgentState.TALKING, 0.0),
        wrap_up_s=tally.state_s.get(AgentState.WRAP_UP, 0.0),
        ring_s=tally.state_s.get(AgentState.RINGING, 0.0),
        ready_s=tally.state_s.get(AgentState.READY, 0.0),
    )


def _all(period: Period, rules: CountingRules) -> dict[str, Any]:
    line = period.line
    return {
        "arrived": line.arrived,
        **{str(way): line.ended.get(way, 0) for way in LINE_EXITS},
        **counts(line, rules),
        "occupancy": _share(occupancy(period.staff)),
    }


def _link(state: LineState) -> dict[str, Any]:
    since = state.link.since
    return {
        "up": state.link.up,
        "reason": hide_numbers(state.link.reason),
        "since": None if since is None else state.calendar.label(since),
    }


def _stages(calls: Iterable[TrackedCall]) -> dict[str, int]:
    """``total`` counts those on the phone: a promise is no call yet."""
    found = Counter(call.stage for call in calls)
    total = found.total() - found[CallStage.PROMISED]
    return {**{str(stage): found[stage] for stage in CallStage}, "total": total}


def waits(call: TrackedCall) -> bool:
    """Whether somebody waits on the phone, by their own call: these have their waiting time shown."""
    return call.stay is not None and call.stage is CallStage.WAITING and not call.stay.callback


def _waiting_since(calls: Iterable[TrackedCall]) -> Iterable[float]:
    return (call.stay.line_since for call in calls if call.stay and waits(call))


def _by_state(agents: Iterable[TrackedAgent]) -> dict[str, int]:
    found = Counter(agent.state for agent in agents)
    return {str(state): found[state] for state in AgentState}


def _reasons(agents: Iterable[TrackedAgent]) -> dict[str, int]:
    found = Counter(agent.reason for agent in agents if agent.state is AgentState.NOT_READY)
    return dict(sorted(found.items()))


def _notice(state: LineState, notice: Notice) -> dict[str, str]:
    return {
        "time": state.calendar.label(notice.at),
        "kind": notice.kind,
        "subject": hide_numbers(notice.subject),
        "detail": hide_numbers(notice.detail),
    }


def hide_numbers(text: str) -> str:
    """Free text with every telephone number in it masked; ids such as ``n1-1732394567.12`` stay."""
    return _NUMBER.sub(lambda found: mask(found[0]), text)


def _ms(seconds: float | None) -> Any:
    return None if seconds is None else round(seconds, 3)


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
