"""Stays in queues, which reports count, and what each agent had to do with them.

Of calls that are kept already the stays are made from their journeys. What an older line had added up for the call as a
whole (ring, talk, hold, wrap-up, its agent) goes to its first served stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _stay()
    _stay_agent()
    op.execute(_STAYS)
    op.execute(_SUMS)
    op.execute(_AGENTS)


def downgrade() -> None:
    op.drop_table("stay_agent")
    op.drop_table("stay")


def _stay() -> None:
    op.create_table(
        "stay",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("queue", "topic", "dnis")),
        sa.Column("offering", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("first", "callback")),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("offered_at", "entered_at", "place_at")),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("wait_s", "line_wait_s")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("offers", "rona", "lost_media")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("ring_s", "talk_s", "hold_s", "wrap_up_s")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_stay_call_id"),
        sa.PrimaryKeyConstraint("call_id", "number", name="pk_stay"),
    )
    op.create_index("ix_stay_offered_at", "stay", ["offered_at"])
    op.create_index("ix_stay_entered_at", "stay", ["entered_at"])


def _stay_agent() -> None:
    op.create_table(
        "stay_agent",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("handled", "offers", "rona", "lost_media_agent")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("ring_s", "talk_s", "hold_s", "wrap_up_s")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_stay_agent_call_id"),
        sa.PrimaryKeyConstraint("call_id", "number", "agent", name="pk_stay_agent"),
    )


_STAYS = """
INSERT INTO stay (call_id, number, queue, topic, dnis, offering, first, callback, offered_at, entered_at, place_at,
    served, outcome, settled, wait_s, line_wait_s, offers, rona, lost_media, ring_s, talk_s, hold_s, wrap_up_s)
WITH leg AS (
    SELECT call_id, seq, coalesce(name, '') AS queue, started_at, result, coalesce(duration_s, 0) AS wait_s,
        row_number() OVER (PARTITION BY call_id ORDER BY seq) AS number,
        lead(started_at) OVER (PARTITION BY call_id ORDER BY seq) AS until,
        1 + coalesce(sum(CASE WHEN result = 'connected' THEN 1 ELSE 0 END) OVER (
            PARTITION BY call_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS offering
    FROM segment WHERE kind = 'waiting'
), leg_of AS (
    SELECT leg.*, min(started_at) OVER offered AS offered_at, min(number) OVER offered AS opens,
        max(number) OVER offered AS closes, sum(wait_s) OVER offered AS line_wait_s
    FROM leg WINDOW offered AS (PARTITION BY call_id, offering)
)
SELECT l.call_id, l.number, l.queue, coalesce(c.topic, ''), coalesce(c.dnis, ''), l.offering, l.number = l.opens,
    c.callback AND l.offering = 1, l.offered_at, l.started_at, l.started_at, coalesce(l.result, '') = 'connected',
    CASE WHEN l.result <> 'connected' AND l.result <> '' THEN l.result END,
    l.number = l.closes AND (coalesce(l.result, '') = 'connected' OR c.ended_at IS NOT NULL), l.wait_s,
    CASE WHEN l.offering = 1 THEN coalesce(c.wait_s, l.wait_s) ELSE l.line_wait_s END,
    (SELECT count(*) FROM offer o WHERE o.call_id = l.call_id AND o.made_at >= l.started_at
        AND (l.until IS NULL OR o.made_at < l.until)),
    (SELECT count(*) FROM offer o WHERE o.call_id = l.call_id AND o.made_at >= l.started_at
        AND (l.until IS NULL OR o.made_at < l.until) AND o.result = 'no_answer'),
    (SELECT count(*) FROM segment t WHERE t.call_id = l.call_id AND t.kind = 'conversation'
        AND t.result = 'lost_media' AND t.started_at >= l.started_at AND (l.until IS NULL OR t.started_at < l.until)),
    0, 0, 0, 0
FROM leg_of l JOIN call c ON c.id = l.call_id
"""
_SUMS = """
UPDATE stay SET
    ring_s = coalesce((SELECT c.ring_s FROM call c WHERE c.id = stay.call_id), 0),
    talk_s = coalesce((SELECT c.talk_s FROM call c WHERE c.id = stay.call_id), 0),
    hold_s = coalesce((SELECT c.hold_s FROM call c WHERE c.id = stay.call_id), 0),
    wrap_up_s = coalesce((SELECT c.wrap_up_s FROM call c WHERE c.id = stay.call_id), 0)
WHERE served AND offering = 1
"""
_AGENTS = """
INSERT INTO stay_agent (call_id, number, agent, handled, offers, rona, lost_media_agent, ring_s, talk_s, hold_s,
    wrap_up_s)
SELECT call_id, 1, agent, sum(handled), sum(offers), sum(rona), sum(lost), sum(ring_s), sum(talk_s), sum(hold_s),
    sum(wrap_up_s)
FROM (
    SELECT id AS call_id, agent, 1 AS handled, 0 AS offers, 0 AS rona, 0 AS lost, coalesce(ring_s, 0) AS ring_s,
        coalesce(talk_s, 0) AS talk_s, coalesce(hold_s, 0) AS hold_s, coalesce(wrap_up_s, 0) AS wrap_up_s
    FROM call WHERE agent IS NOT NULL
    UNION ALL
    SELECT call_id, agent, 0, 1, CASE WHEN result = 'no_answer' THEN 1 ELSE 0 END, 0, 0, 0, 0, 0 FROM offer
    UNION ALL
    SELECT call_id, agent, 0, 0, 0, 1, 0, 0, 0, 0 FROM segment
    WHERE kind = 'conversation' AND result = 'lost_media' AND detail = 'agent' AND agent IS NOT NULL
) AS part
WHERE EXISTS (SELECT 1 FROM stay WHERE stay.call_id = part.call_id)
GROUP BY call_id, agent
"""
