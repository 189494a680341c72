"""Supervisors on the line: thresholds, and the help that one group gives another for a while.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "watch_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "follows",
            sa.Integer(),
            nullable=False,
            comment="the version that was changed: of two people who change the same one, one is told",
        ),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON, as routing.watch_rules reads it"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_rules")),
        sa.UniqueConstraint("follows", name=op.f("uq_watch_rules_follows")),
    )
    op.create_table(
        "line_help",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("skill", SHORT, nullable=False),
        sa.Column("helper", SHORT, nullable=False, comment="the group whose seats help"),
        sa.Column(
            "span", sa.Integer(), nullable=True, comment="that lets them take the callers of another group"
        ),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True, comment="taken back before its time"),
        sa.Column("ended_by", SHORT, nullable=True),
        sa.ForeignKeyConstraint(["span"], ["line_span.id"], name=op.f("fk_line_help_span")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_help")),
    )
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_line_help_going_on", "line_help", ["until"], sqlite_where=going_on, postgresql_where=going_on
    )
    op.create_table(
        "lent_skill",
        sa.Column("help", sa.Integer(), nullable=False),
        sa.Column("login", SHORT, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["help"], ["line_help.id"], name=op.f("fk_lent_skill_help")),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_lent_skill_login")),
        sa.PrimaryKeyConstraint("help", "login", name=op.f("pk_lent_skill")),
    )


def downgrade() -> None:
    op.drop_table("lent_skill")
    op.drop_index("ix_line_help_going_on", table_name="line_help")
    op.drop_table("line_help")
    op.drop_table("watch_rules")
