"""The first tables: calls, their journeys, offers, agent states, oddities, and how far the journal was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _call()
    _segment()
    _offer()
    _agent_state()
    _oddity()
    _progress()


def downgrade() -> None:
    for table in ("progress", "oddity", "agent_state", "offer", "segment", "call"):
        op.drop_table(table)


def _call() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("dnis", sa.Text(), nullable=True),
        sa.Column("ani", sa.Text(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("queued_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("left_queue", sa.Text(), nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("ring_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("hold_s", sa.Double(), nullable=True),
        sa.Column("wrap_up_s", sa.Double(), nullable=True),
        sa.Column("total_s", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("hung_up_by", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_agent_queued_at", "call", ["agent", "queued_at"])
    op.create_index("ix_call_ani_started_at", "call", ["ani", "started_at"])
    op.create_index("ix_call_dnis_started_at", "call", ["dnis", "started_at"])
    op.create_index("ix_call_queued_at", "call", ["queued_at"])
    op.create_index("ix_call_started_at", "call", ["started_at"])
    op.create_index("ix_call_topic_queued_at", "call", ["topic", "queued_at"])


def _segment() -> None:
    op.create_table(
        "segment",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("offer_id", sa.Text(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_segment_call_id"),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_segment"),
    )
    op.create_index("ix_segment_kind_name_started_at", "segment", ["kind", "name", "started_at"])
    op.create_index("ix_segment_started_at", "segment", ["started_at"])


def _offer() -> None:
    op.create_table(
        "offer",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("waited_s", sa.Double(), nullable=True),
        sa.Column("ring_s", sa.Double(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_offer_call_id"),
        sa.PrimaryKeyConstraint("call_id", "id", name="pk_offer"),
    )
    op.create_index("ix_offer_agent_made_at", "offer", ["agent", "made_at"])
    op.create_index("ix_offer_made_at", "offer", ["made_at"])


def _agent_state() -> None:
    op.create_table(
        "agent_state",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("agent", "seq", name="pk_agent_state"),
    )
    op.create_index("ix_agent_state_since", "agent_state", ["since"])
    op.create_index("ix_agent_state_until", "agent_state", ["until"])


def _oddity() -> None:
    op.create_table(
        "oddity",
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("journal", "seq", "number", name="pk_oddity"),
    )
    op.create_index("ix_oddity_at", "oddity", ["at"])


def _progress() -> None:
    op.create_table(
        "progress",
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("now", sa.Double(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("journal", name="pk_progress"),
    )
