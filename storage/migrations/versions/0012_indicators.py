"""Indicators, frozen at the end of a period.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDICES = (
    ("ix_clock_by_kind_and_due", "clock", ["kind", "due_at"]),
    ("ix_clock_by_kind_and_first_due", "clock", ["kind", "first_due_at"]),
    ("ix_case_file_by_closing", "case_file", ["closed_at"]),
    ("ix_assignment_by_sending", "assignment", ["sent_at"]),
    ("ix_reply_by_time", "reply", ["at"]),
    ("ix_review_by_time", "review", ["at"]),
    ("ix_callback_attempt_by_time", "callback_attempt", ["at"]),
    ("ix_return_request_by_decision", "return_request", ["decided_at"]),
)


def upgrade() -> None:
    op.create_table(
        "indicator_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=64), nullable=False, comment="month or week"),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("frozen_at", UtcDateTime(), nullable=False),
        sa.Column("recounted_at", UtcDateTime(), nullable=True, comment="when it was last counted again"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_period")),
        sa.UniqueConstraint("span", "begins_at", name=op.f("uq_indicator_period_span_begins_at")),
    )
    op.create_table(
        "indicator_value",
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column(
            "axis", sa.String(length=64), nullable=False, comment="all, unit, intent, party, urgency …"
        ),
        sa.Column("key", sa.String(length=64), nullable=False, comment="the unit, the intent …; '' for all"),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the definition it was counted by"),
        sa.Column("value", sa.Double(), nullable=True, comment="empty where nothing was due"),
        sa.Column("part", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period"], ["indicator_period.id"], name=op.f("fk_indicator_value_period_indicator_period")
        ),
        sa.PrimaryKeyConstraint("period", "code", "axis", "key", name=op.f("pk_indicator_value")),
    )
    op.create_index("ix_indicator_value_in_time", "indicator_value", ["code", "axis", "key", "period"])
    op.create_table(
        "indicator_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("axis", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("part", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period"], ["indicator_period.id"], name=op.f("fk_indicator_correction_period_indicator_period")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_correction")),
    )
    op.create_index("ix_indicator_correction_of", "indicator_correction", ["period", "code", "axis", "key"])
    op.create_table(
        "score_scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False, comment="JSON: indicator to weight"),
        sa.Column("least_sample", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_scheme")),
    )
    op.create_table(
        "score_adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("day", UtcDateTime(), nullable=False, comment="when it counts; any instant of the period"),
        sa.Column("points", sa.Double(), nullable=False, comment="below zero: taken off"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_score_adjustment_unit_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_adjustment")),
    )
    op.create_index("ix_score_adjustment_in_time", "score_adjustment", ["day", "unit"])
    for name, table, columns in _INDICES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDICES):
        op.drop_index(name, table_name=table)
    op.drop_index("ix_score_adjustment_in_time", table_name="score_adjustment")
    op.drop_table("score_adjustment")
    op.drop_table("score_scheme")
    op.drop_index("ix_indicator_correction_of", table_name="indicator_correction")
    op.drop_table("indicator_correction")
    op.drop_index("ix_indicator_value_in_time", table_name="indicator_value")
    op.drop_table("indicator_value")
    op.drop_table("indicator_period")
