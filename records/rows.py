"""The rows at hand: those that a batch of steps speaks about, and what becomes of them. Pure; knows no fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .spans import between
from .steps import Gap, Meta
from .tables import AgentSpell, Anomaly, Base, CallRow, OfferRow, Segment
from .told import TEXT_LIMIT


@dataclass(slots=True)
class Rows:
    """The rows at hand: those fetched for ``needs``, and what becomes of them. ``open`` spells only, one per agent."""

    meta: Meta
    calls: dict[str, CallRow] = field(default_factory=dict)
    segments: dict[str, list[Segment]] = field(default_factory=dict)
    offers: dict[tuple[str, str], OfferRow] = field(default_factory=dict)
    spells: dict[str, AgentSpell] = field(default_factory=dict)
    added: list[Base] = field(default_factory=list)
    erased: list[Segment] = field(default_factory=list)
    seq: int = 0
    anomalies: int = 0
    moved_s: float = 0.0
    """By how much the wall clock was set since the journal's ``now`` 0."""
    at: datetime = field(init=False)
    """The instant of the present step."""

    @property
    def anchor(self) -> float:
        """Give the wall time (epoch seconds) at ``now`` 0, with the moves of the clock so far."""
        return self.meta.anchor + self.moved_s

    def instant(self, now: float) -> datetime:
        """Wall time of an engine instant. Raises ``ValueError`` or ``OverflowError`` outside the calendar."""
        return datetime.fromtimestamp(self.anchor + now, UTC)

    def lost(self, gap: Gap) -> None:
        """Note steps that were lost as one anomaly, with the time they spanned."""
        span = f"{self.instant(gap.first).isoformat()} to {self.instant(gap.last).isoformat()}"
        why = f" ({gap.reason})" if gap.reason else ""
        self.odd(self.instant(gap.first), "journal_gap", self.meta.node, f"{gap.rows} steps lost, {span}{why}")

    def odd(self, at: datetime, kind: str, subject: str, detail: str) -> None:
        """Note an anomaly of the present step. Of a confidential call only that there was one."""
        call = self.calls.get(subject)
        detail = "" if call and call.confidential else detail[:TEXT_LIMIT]
        self.anomalies += 1
        self.added.append(
            Anomaly(
                journal=self.meta.journal,
                seq=self.seq,
                number=self.anomalies,
                at=at,
                kind=kind,
                subject=subject,
                detail=detail,
            )
        )

    def call(self, name: str, at: datetime) -> CallRow:
        """The call's row, begun here where its beginning was never read."""
        call = self.calls.get(name)
        if call is None:
            call = CallRow(
                id=name,
                node=self.meta.node,
                started_at=at,
                offers=0,
                segments=0,
                exact=True,
                confidential=False,
                callback=False,
            )
            self.calls[name] = call
            self.added.append(call)
        return call

    def begin(self, call: CallRow, at: datetime, kind: str, name: str | None, **more: Any) -> Segment:
        """The next segment of the call's journey."""
        call.segments += 1
        segment = Segment(call_id=call.id, seq=call.segments, kind=kind, name=name, started_at=at, tries=0, **more)
        self.segments.setdefault(call.id, []).append(segment)
        self.added.append(segment)
        return segment

    def running(self, call: CallRow, *kinds: str) -> list[Segment]:
        """The call's segments that are not over, of ``kinds`` where given."""
        found = self.segments.get(call.id, ())
        return [s for s in found if s.ended_at is None and (not kinds or s.kind in kinds)]

    def end(
        self, call: CallRow, at: datetime, kinds: tuple[str, ...], result: str, duration_s: float | None = None
    ) -> None:
        """End what runs of ``kinds``; a result given before (the choice in a menu) stays."""
        for segment in self.running(call, *kinds):
            segment.ended_at = at
            segment.duration_s = between(segment.started_at, at) if duration_s is None else duration_s
            segment.result = segment.result or result

    def erase(self, call: CallRow, kind: str) -> None:
        """Forget segments as if they had never been."""
        gone = [s for s in self.segments.get(call.id, ()) if s.kind == kind]
        new = {id(row) for row in self.added}
        self.erased += [s for s in gone if id(s) not in new]
        lost = {id(s) for s in gone}
        self.added = [row for row in self.added if id(row) not in lost]
        self.segments[call.id] = [s for s in self.segments.get(call.id, ()) if s.kind != kind]

    def next_spell(self, agent: str, state: str, reason: str, since: datetime) -> AgentSpell:
        """The agent's next state; the one before it is over."""
        last = self.spells.get(agent)
        if last is not None and last.until is None:
            since = max(since, last.since)
            self.close(last, since)
        spell = AgentSpell(agent=agent, seq=last.seq + 1 if last else 1, state=state, reason=reason, since=since)
        self.spells[agent] = spell
        self.added.append(spell)
        return spell

    @staticmethod
    def close(spell: AgentSpell, at: datetime) -> None:
        """The agent left that state."""
        spell.until, spell.duration_s = at, between(spell.since, at)
