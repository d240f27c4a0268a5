"""Sums of neighbouring histograms, and how far they reach."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; histograms are added up as their runs are compacted."""
    op.create_table(
        "histogram_state",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "series_id", name=op.f("pk_histogram_state")),
    )
    op.create_table(
        "histogram_sum",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("width", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.Double(), nullable=False),
        sa.Column("buckets", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("nonfinite", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "series_id", "width", "first_step", name=op.f("pk_histogram_sum")),
    )
