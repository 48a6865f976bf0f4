"""Callbacks: calls of the line's own, whose place they keep, when they were promised, how often in vain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("callback", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("call", sa.Column("callback_of", sa.Text(), nullable=True))
    op.add_column("call", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("call", sa.Column("attempts", sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("attempts", "due_at", "callback_of", "callback"):
        op.drop_column("call", column)
