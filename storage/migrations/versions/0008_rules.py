"""Calendars, office hours and time limits as versioned data.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = "result IN ('running', 'paused')"
_FOLLOWS = "the version that was changed: of two people who change the same one, one is told"


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False, comment=_FOLLOWS),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "rest",
            sa.Text(),
            nullable=False,
            comment="days off: MM-DD and MM-DD~MM-DD, separated by spaces",
        ),
        sa.Column("work", sa.Text(), nullable=False, comment="Saturdays and Sundays that are worked 调休"),
        sa.Column("source", sa.Text(), nullable=False, comment="number of the notice"),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_year")),
        sa.UniqueConstraint("follows", name=op.f("uq_calendar_year_follows")),
    )
    op.create_table(
        "office_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False, comment="the class, as units name it"),
        sa.Column("follows", sa.Integer(), nullable=False, comment=_FOLLOWS),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "since",
            sa.String(length=64),
            nullable=False,
            comment="first day on which these hours are kept, YYYY-MM-DD",
        ),
        sa.Column(
            "rules",
            sa.Text(),
            nullable=False,
            comment="JSON: [[first MM-DD, last MM-DD, [[opens, closes], …]], …]",
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_hours")),
        sa.UniqueConstraint("name", "follows", name=op.f("uq_office_hours_name_follows")),
    )
    op.create_table(
        "office_hours_scope",
        sa.Column("scope", sa.String(length=64), nullable=False, comment="kind or unit"),
        sa.Column("subject", sa.String(length=64), nullable=False, comment="the kind, or the unit's code"),
        sa.Column("hours", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_office_hours_scope")),
    )
    _create_policies()
    op.create_index(
        "ix_clock_open",
        "clock",
        ["calendar_version", "id"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def _create_policies() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False, comment=_FOLLOWS),
        sa.Column("version", sa.String(length=64), nullable=False, comment="as clocks name it"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "rows",
            sa.Text(),
            nullable=False,
            comment="JSON, as cases.rule_text reads it; the first that fits holds",
        ),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True, comment="then what held before holds again"),
        sa.Column(
            "moves_clocks",
            sa.Boolean(),
            nullable=False,
            comment="running clocks follow it, by decision of who kept it",
        ),
        sa.Column("moved_at", UtcDateTime(), nullable=True, comment="when they did, once and for all"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("follows", name=op.f("uq_policy_version_follows")),
        sa.UniqueConstraint("version", name=op.f("uq_policy_version_version")),
    )
    op.create_index("ix_policy_version_in_force", "policy_version", ["valid_from", "id"])


def downgrade() -> None:
    op.drop_index("ix_clock_open", table_name="clock")
    op.drop_index("ix_policy_version_in_force", table_name="policy_version")
    for table in ("policy_version", "office_hours_scope", "office_hours", "calendar_year"):
        op.drop_table(table)
