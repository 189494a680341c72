"""The knowledge base: articles, their versions, use and gaps.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "knowledge_article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_by", SHORT, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_article")),
    )
    _versions()
    op.create_table(
        "knowledge_gram",
        sa.Column("gram", SHORT, nullable=False),
        sa.Column("article", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "weight",
            sa.Integer(),
            nullable=False,
            comment="more for the title and the questions than for the answer",
        ),
        sa.ForeignKeyConstraint(
            ["article"], ["knowledge_article.id"], name=op.f("fk_knowledge_gram_article")
        ),
        sa.PrimaryKeyConstraint("gram", "article", name=op.f("pk_knowledge_gram")),
    )
    op.create_index("ix_knowledge_gram_of_article", "knowledge_gram", ["article"])
    _uses()
    _gaps()


def _versions() -> None:
    op.create_table(
        "knowledge_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("category", SHORT, nullable=False),
        sa.Column("owner", SHORT, nullable=False, comment="the unit that answers for the text"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False, comment="as citizens ask it, one in a line"),
        sa.Column("answer", sa.Text(), nullable=False, comment="for the agent"),
        sa.Column(
            "citizen_answer",
            sa.Text(),
            nullable=False,
            comment="as it may be read out and shown to everybody",
        ),
        sa.Column(
            "sources", sa.Text(), nullable=False, comment="law, notice or list it rests on, one in a line"
        ),
        sa.Column("keywords", sa.Text(), nullable=False, comment="blank between"),
        sa.Column(
            "public",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="stands in the guide for citizens",
        ),
        sa.Column("valid_until", sa.Date(), nullable=True, comment="last day; empty: until it is withdrawn"),
        sa.Column(
            "review_by",
            sa.Date(),
            nullable=False,
            comment="last day on which the owner has to look at it again",
        ),
        sa.Column("state", SHORT, nullable=False, comment="see cases.knowledge.KnowledgeState"),
        sa.Column("made_by", SHORT, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("checked_by", SHORT, nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("live_by", SHORT, nullable=True),
        sa.Column("live_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", SHORT, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "reminded",
            SHORT,
            server_default="",
            nullable=False,
            comment="the last reminder that its owner got",
        ),
        sa.ForeignKeyConstraint(
            ["article"], ["knowledge_article.id"], name=op.f("fk_knowledge_version_article")
        ),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_knowledge_version_category")),
        sa.ForeignKeyConstraint(["owner"], ["org_unit.id"], name=op.f("fk_knowledge_version_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_version")),
        sa.UniqueConstraint("article", "version", name=op.f("uq_knowledge_version_article_version")),
    )
    for name, where in {"live": "state = 'live'", "open": "state IN ('draft', 'checked')"}.items():
        op.create_index(
            f"ix_knowledge_version_{name}",
            "knowledge_version",
            ["article"],
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_knowledge_version_of_owner", "knowledge_version", ["owner", "state"])
    op.create_index("ix_knowledge_version_of_category", "knowledge_version", ["category", "state"])


def _uses() -> None:
    op.create_table(
        "knowledge_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("call", SHORT, nullable=False, comment="'' outside a call"),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["knowledge_article.id"], name=op.f("fk_knowledge_use_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_use")),
    )
    of_call = sa.text("call <> ''")
    op.create_index(
        "ix_knowledge_use_of_call",
        "knowledge_use",
        ["article", "call"],
        unique=True,
        sqlite_where=of_call,
        postgresql_where=of_call,
    )
    op.create_index("ix_knowledge_use_by_time", "knowledge_use", ["at"])


def _gaps() -> None:
    op.create_table(
        "knowledge_gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("call", SHORT, nullable=False, comment="'' outside a call"),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("state", SHORT, nullable=False, comment="open, asked, answered, dismissed"),
        sa.Column("unit", SHORT, nullable=True, comment="asked to write an article"),
        sa.Column("article", sa.Integer(), nullable=True, comment="that answers it now"),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", SHORT, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_knowledge_gap_unit")),
        sa.ForeignKeyConstraint(["article"], ["knowledge_article.id"], name=op.f("fk_knowledge_gap_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_gap")),
    )
    op.create_index("ix_knowledge_gap_of_state", "knowledge_gap", ["state", "at"])
    op.create_index("ix_knowledge_gap_by_time", "knowledge_gap", ["at"])


def downgrade() -> None:
    for table in ("gap", "use", "gram", "version", "article"):
        op.drop_table(f"knowledge_{table}")
