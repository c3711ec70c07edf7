"""Where a file of rows came from, when nobody uploaded it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("data_sources", sa.Column("origin", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("data_sources", "origin")
