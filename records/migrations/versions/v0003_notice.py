"""Version of the privacy notice that a caller asked to hear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("notice", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("call", "notice")
