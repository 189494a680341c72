"""What kiosks kept while they were offline, the links they offer, and their guide.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "kiosk_case",
        sa.Column("case", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kiosk", SHORT, nullable=False),
        sa.Column("grid", SHORT, nullable=True, comment="网格 in which the kiosk stands, as it was then"),
        sa.Column("link", sa.Integer(), nullable=True, comment="the link slot whose failure it reports"),
        sa.Column(
            "kept_at",
            UtcDateTime(),
            nullable=True,
            comment="by the kiosk's clock: when it was typed while the network was away",
        ),
        sa.Column(
            "slip", SHORT, nullable=False, comment="暂存号 that the citizen was shown instead of a number"
        ),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_kiosk_case_case")),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.id"], name=op.f("fk_kiosk_case_kiosk")),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_kiosk_case")),
    )
    op.create_index("ix_kiosk_case_of", "kiosk_case", ["kiosk", "case"])
    op.create_table(
        "kiosk_state",
        sa.Column("kiosk", SHORT, nullable=False),
        sa.Column("grid", SHORT, nullable=True),
        sa.Column(
            "kept", sa.Integer(), nullable=False, comment="so many submissions wait on it for the network"
        ),
        sa.Column(
            "unreadable", sa.Integer(), nullable=False, comment="so many came that could not be opened"
        ),
        sa.ForeignKeyConstraint(["grid"], ["grid.code"], name=op.f("fk_kiosk_state_grid")),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.id"], name=op.f("fk_kiosk_state_kiosk")),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_kiosk_state")),
    )
    _links()
    _guide()


def _links() -> None:
    op.create_table(
        "kiosk_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kiosk", SHORT, nullable=True, comment="empty: on every kiosk"),
        sa.Column("slot", SHORT, nullable=False, comment="payment or partner"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column(
            "address", sa.Text(), nullable=False, comment="https://…; nothing but its origin is framed"
        ),
        sa.Column("category", SHORT, nullable=True, comment="matter of a case that says it failed"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_by", SHORT, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_kiosk_link_category")),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.id"], name=op.f("fk_kiosk_link_kiosk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk_link")),
    )
    op.create_index("ix_kiosk_link_of", "kiosk_link", ["kiosk", "position"])


def _guide() -> None:
    op.create_table(
        "guide_column",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_column")),
    )
    op.create_table(
        "guide_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("category", SHORT, nullable=True),
        sa.Column(
            "words", sa.Text(), nullable=False, comment="blank between; empty: all articles of the matter"
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_guide_class_category")),
        sa.ForeignKeyConstraint(["column"], ["guide_column.id"], name=op.f("fk_guide_class_column")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_class")),
    )
    op.create_index("ix_guide_class_of", "guide_class", ["column", "position"])


def downgrade() -> None:
    for table in ("guide_class", "guide_column", "kiosk_link", "kiosk_state", "kiosk_case"):
        op.drop_table(table)
