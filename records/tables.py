"""The reporting tables. They follow the journal and may be thrown away and filled again from it.

Instants are timezone-aware UTC (SQLite keeps them as UTC without a zone); durations are seconds, ``_s``.
States, outcomes and kinds are the words of ``calls`` as text: a report of an old year must not need an old enum.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both sides; a naive instant is refused (``ValueError``)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a zone: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names of keys and indexes are fixed, so that a later migration can find them on both databases."""

    metadata = MetaData(
        naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"},
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime(),
        float: Double(),
        str: Text(),
        dict[str, Any]: JSON(),
    }


class CallRow(Base):
    """One row per call: what came of it. What counts are its stays in queues (``Stay``).

    ``queued_at`` is the first queue entry. ``wait_s`` runs from there to the first agent's answer or to the way out;
    ``ring_s`` is the answering phone's part of it. ``left_queue`` is how it left the last queue unconnected.
    ``segments`` counts the rows of its journey so far. ``exact`` is false where the end of the conversation was found,
    not seen. ``stage`` is where the call stood when it ended. ``notice``: the version of the privacy notice that was
    asked for.
    ``confidential``: who called and what was pressed are not kept.

    ``callback``: the line's own call to a citizen (at their ``ani``), in the place of ``callback_of``, or promised
    by a supervisor, ``due_at`` a time; ``attempts`` were in vain. It counts apart: the citizen's own call was offered.
    """

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    dnis: Mapped[str | None]
    ani: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    language: Mapped[str | None]
    topic: Mapped[str | None]
    role: Mapped[str | None]
    queue: Mapped[str | None]
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    left_queue: Mapped[str | None]
    wait_s: Mapped[float | None]
    ring_s: Mapped[float | None]
    talk_s: Mapped[float | None]
    hold_s: Mapped[float | None]
    wrap_up_s: Mapped[float | None]
    total_s: Mapped[float | None]
    outcome: Mapped[str | None]
    hung_up_by: Mapped[str | None]
    stage: Mapped[str | None]
    agent: Mapped[str | None]
    offers: Mapped[int]
    segments: Mapped[int]
    exact: Mapped[bool]
    confidential: Mapped[bool]
    callback: Mapped[bool] = mapped_column(server_default=false())
    callback_of: Mapped[str | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int | None]
    notice: Mapped[str | None]

    # Every report asks for a span of time first; the other column then is in the index already.
    __table_args__ = (
        Index("ix_call_started_at", "started_at"),
        Index("ix_call_queued_at", "queued_at"),
        Index("ix_call_topic_queued_at", "topic", "queued_at"),
        Index("ix_call_agent_queued_at", "agent", "queued_at"),
        Index("ix_call_dnis_started_at", "dnis", "started_at"),
        Index("ix_call_ani_started_at", "ani", "started_at"),
    )


class Stay(Base):
    """One stay of a call in a queue, its ``number``-th: what reports count, as ``metrics.Stay`` says.

    ``offered_at``: first queue entry of the offering, the interval in which line, topic and agents count it;
    ``entered_at``: entry to this queue, where the queue counts it; ``place_at``: since when its place is counted from.
    ``topic`` and ``dnis`` are those of ``offered_at``, empty where there was none or the call is confidential.
    """

    __tablename__ = "stay"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str]
    topic: Mapped[str]
    dnis: Mapped[str]
    offering: Mapped[int]
    first: Mapped[bool]
    callback: Mapped[bool]
    offered_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    place_at: Mapped[datetime]
    served: Mapped[bool]
    outcome: Mapped[str | None]
    settled: Mapped[bool]
    wait_s: Mapped[float]
    line_wait_s: Mapped[float]
    offers: Mapped[int]
    rona: Mapped[int]
    lost_media: Mapped[int]
    ring_s: Mapped[float]
    talk_s: Mapped[float]
    hold_s: Mapped[float]
    wrap_up_s: Mapped[float]

    __table_args__ = (
        Index("ix_stay_offered_at", "offered_at"),
        Index("ix_stay_entered_at", "entered_at"),
    )


class StayAgent(Base):
    """What one agent had to do with one stay; it counts where the stay's offering does (``Stay.offered_at``)."""

    __tablename__ = "stay_agent"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent: Mapped[str] = mapped_column(primary_key=True)
    handled: Mapped[int]
    offers: Mapped[int]
    rona: Mapped[int]
    lost_media_agent: Mapped[int]
    ring_s: Mapped[float]
    talk_s: Mapped[float]
    hold_s: Mapped[float]
    wrap_up_s: Mapped[float]


class Segment(Base):
    """One leg of a call's journey, numbered by ``seq`` in order of beginning; ringing lies inside waiting, hold
    inside conversation.

    ``kind``: menu, waiting, ringing, conversation, hold, transfer, dialling (a callback's citizen is rung, inside
    waiting). ``name``: the menu's node, the queue, the number called. ``result``: the choice taken, how the offer
    ended, how the queue was left, who hung up. ``tries``: failed inputs of a menu.
    """

    __tablename__ = "segment"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    name: Mapped[str | None]
    agent: Mapped[str | None]
    offer_id: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    duration_s: Mapped[float | None]
    result: Mapped[str | None]
    detail: Mapped[str | None]
    tries: Mapped[int]

    __table_args__ = (
        Index("ix_segment_kind_name_started_at", "kind", "name", "started_at"),
        Index("ix_segment_started_at", "started_at"),
    )


class OfferRow(Base):
    """One attempt to give one call to one agent. ``reason`` is the whole fact ``OfferMade``: why this agent."""

    __tablename__ = "offer"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    queue: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    waited_s: Mapped[float | None]
    ring_s: Mapped[float | None]
    result: Mapped[str | None]
    detail: Mapped[str | None]
    reason: Mapped[dict[str, Any]]

    __table_args__ = (
        Index("ix_offer_agent_made_at", "agent", "made_at"),
        Index("ix_offer_made_at", "made_at"),
    )


class AgentSpell(Base):
    """An agent in one state from ``since`` to ``until`` (open: still in it). ``seq`` numbers the agent's spells."""

    __tablename__ = "agent_state"

    agent: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    reason: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    duration_s: Mapped[float | None]

    __table_args__ = (
        Index("ix_agent_state_since", "since"),
        Index("ix_agent_state_until", "until"),
    )


class Anomaly(Base):
    """An event that should not have been: late or doubled ones, differences with the switch, lost commands, lost steps.

    The key is the journal's step and a number inside it.
    """

    __tablename__ = "oddity"

    journal: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]

    __table_args__ = (Index("ix_oddity_at", "at"),)


class Progress(Base):
    """Place that each journal has reached in these tables; changed in their transaction, so a step counts once."""

    __tablename__ = "progress"

    journal: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    run: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    now: Mapped[float]
    updated_at: Mapped[datetime | None]
