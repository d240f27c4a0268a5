"""Tombstones of deleted runs, since when a run is archived, and an index for each order of the run list."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SORTS = (
    "created_at",
    "last_seen_at",
    "finished_at",
    "last_step",
    "overhead_fraction",
    "name",
    "project",
    "status",
    "group",
    "pinned",
)


def upgrade() -> None:
    """Create them. What is archived already counts as archived now: retention must not surprise anybody."""
    op.create_table(
        "deletion",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_deletion")),
    )
    op.add_column("run", sa.Column("archived_at", sa.Double(), nullable=True))
    op.execute(sa.text("UPDATE run SET archived_at = :now WHERE archived").bindparams(now=time.time()))
    for column in SORTS:
        op.create_index(op.f(f"ix_run_archived_{column}_id"), "run", ["archived", column, "id"])
    op.create_index(op.f("ix_tag_tag_run_id"), "tag", ["tag", "run_id"])
    op.drop_index(op.f("ix_tag_tag"), "tag")
