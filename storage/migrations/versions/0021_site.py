"""The public site: views of published cases and the visits of kiosks.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from storage import public_search
from storage.types import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "citizen_visit",
        sa.Column("ticket_hash", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("source", SHORT, nullable=False, comment="web or kiosk"),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_citizen_visit_case")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_citizen_visit")),
    )
    op.create_index("ix_citizen_visit_until", "citizen_visit", ["until"])
    op.create_table(
        "public_view",
        sa.Column("case", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", SHORT, nullable=False, comment="YYMMDD in the city's zone"),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_public_view_case")),
        sa.PrimaryKeyConstraint("case", "day", name=op.f("pk_public_view")),
    )
    _kiosks()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE case_search_public"
            " (copy integer PRIMARY KEY REFERENCES public_copy (id), grams text[] NOT NULL, body text NOT NULL)"
        )
        op.execute("CREATE INDEX ix_case_search_public_grams ON case_search_public USING gin (grams)")
    else:
        op.execute("CREATE VIRTUAL TABLE case_search_public USING fts5(grams, content='', tokenize='ascii')")
    public_search.catch_up(op.get_bind())


def _kiosks() -> None:
    op.create_table(
        "kiosk",
        sa.Column("id", SHORT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "address",
            sa.Text(),
            nullable=False,
            comment="where it stands; what is filed there happened there",
        ),
        sa.Column("token_hash", SHORT, nullable=False),
        sa.Column("added_by", SHORT, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True, comment="locked from afar"),
        sa.Column("seen_at", UtcDateTime(), nullable=True, comment="its last sign of life"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kiosk_token_hash")),
    )
    op.create_table(
        "kiosk_day",
        sa.Column("kiosk", SHORT, nullable=False),
        sa.Column("day", SHORT, nullable=False, comment="YYMMDD in the city's zone"),
        sa.Column("what", SHORT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.id"], name=op.f("fk_kiosk_day_kiosk")),
        sa.PrimaryKeyConstraint("kiosk", "day", "what", name=op.f("pk_kiosk_day")),
    )


def downgrade() -> None:
    op.execute("DROP TABLE case_search_public")
    op.drop_table("kiosk_day")
    op.drop_table("kiosk")
    op.drop_table("public_view")
    op.drop_index("ix_citizen_visit_until", table_name="citizen_visit")
    op.drop_table("citizen_visit")
