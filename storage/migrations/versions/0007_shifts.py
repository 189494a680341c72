"""Planned shifts, quotas of breaks, and who or what changed a seat's state.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ACTOR = "a login, or what in the machine did it; '' is not known"


def upgrade() -> None:
    op.create_table(
        "shift_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("planned_by", sa.String(length=64), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_shift_plan_login_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_plan")),
    )
    op.create_index("ix_shift_plan_by_time", "shift_plan", ["begins_at", "ends_at"])
    op.create_table(
        "break_quota",
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("once_minutes", sa.Integer(), nullable=True),
        sa.Column("day_minutes", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_break_quota")),
    )
    for table in ("seat_log", "seat_state"):
        op.add_column(
            table,
            sa.Column("actor", sa.String(length=64), nullable=False, server_default="", comment=_ACTOR),
        )


def downgrade() -> None:
    for table in ("seat_state", "seat_log"):
        op.drop_column(table, "actor")
    op.drop_table("break_quota")
    op.drop_index("ix_shift_plan_by_time", table_name="shift_plan")
    op.drop_table("shift_plan")
