"""Chunks, the axes they share, and how far each run is compacted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; what is stored stays in frames until it is compacted."""
    op.create_table(
        "axis",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("axis_id", sa.Text(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "axis_id", name=op.f("pk_axis")),
    )
    op.create_table(
        "chunk",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("born", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("died", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("axis_id", sa.Text(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("coarse", sa.LargeBinary(), nullable=True),
        sa.Column("middle", sa.LargeBinary(), nullable=True),
        sa.Column("fine", sa.LargeBinary(), nullable=True),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "series_id", "first_step", "born", name=op.f("pk_chunk")),
    )
    op.create_index(op.f("ix_chunk_run_id_axis_id"), "chunk", ["run_id", "axis_id"], unique=False)
    op.create_table(
        "compaction",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("frame_bytes", sa.BigInteger(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_compaction")),
    )
