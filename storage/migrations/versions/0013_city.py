"""Units, duties and categories with their validity and search words.

Revision ID: 0013
Revises: 0012
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def _text(name: str, comment: str | None = None, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default, comment=comment)


def _short(name: str, comment: str | None = None, default: str = "") -> sa.Column[str]:
    return sa.Column(name, SHORT, nullable=False, server_default=default, comment=comment)


def _flag(
    name: str, default: sa.sql.elements.ColumnElement[bool], comment: str | None = None
) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default, comment=comment)


def upgrade() -> None:
    _units()
    _categories()
    _directory()
    _new_tables()
    _indices()


def _indices() -> None:
    """For lists over a whole past: the cases of a busy unit, and the few parts that are open."""
    op.create_index("ix_assignment_cases_of_unit", "assignment", ["unit", "case"])
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_assignment_open", "assignment", ["stage", "unit"], sqlite_where=still, postgresql_where=still
    )


def _units() -> None:
    with op.batch_alter_table("org_unit") as table:
        table.add_column(
            sa.Column("started_at", UtcDateTime(), nullable=True, comment="empty: from the beginning")
        )
        table.add_column(sa.Column("successor", SHORT, nullable=True, comment="merged into this one"))
        table.add_column(_flag("in_ranking", sa.true(), "compared with others; external units are not"))
        table.add_column(
            _flag("catch_all", sa.false(), "兜底: takes what nobody in its area has the duty for")
        )
        table.add_column(
            _text("keywords", "abbreviations and duties by which it is looked for, blank between")
        )
        table.add_column(_short("duty_phone"))
        table.add_column(_short("night_phone"))
        table.create_foreign_key(op.f("fk_org_unit_successor"), "org_unit", ["successor"], ["id"])


def _categories() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column(
            "version", sa.Integer(), nullable=False, server_default="1", comment="see category_version"
        ),
        _text("intents", "those it fits, blank between; empty: all"),
        _text("keywords"),
        _short("urgency", default="一般"),
        _flag("confidential", sa.false()),
        _flag("public", sa.true(), "may be published unless somebody decides otherwise"),
        _short("list_item", "便民服务清单: number of the item on the city's list"),
        _short("gbt39666"),
        _short("petition"),
        _short("provincial"),
        sa.Column(
            "ended_at", UtcDateTime(), nullable=True, comment="no longer offered; old cases still name it"
        ),
    )
    for column in columns:
        op.add_column("category", column)


def _directory() -> None:
    with op.batch_alter_table("directory") as table:
        table.add_column(
            sa.Column(
                "area",
                SHORT,
                nullable=True,
                comment="district or town in which it holds; empty: the whole city",
            )
        )
        table.add_column(_text("keywords"))
        table.add_column(
            sa.Column("started_at", UtcDateTime(), nullable=True, comment="empty: from the beginning")
        )
        table.add_column(
            sa.Column(
                "ended_at", UtcDateTime(), nullable=True, comment="kept for the cases that were given by it"
            )
        )
        table.create_foreign_key(op.f("fk_directory_area"), "org_unit", ["area"], ["id"])
    op.create_index("ix_directory_of_unit", "directory", ["unit"])


def _new_tables() -> None:
    op.create_table(
        "unit_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True, comment="empty: it is so now"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", SHORT, nullable=False),
        sa.Column("parent", SHORT, nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("why", SHORT, nullable=False, comment="entered, changed, moved, merged, dissolved"),
        sa.Column("by", SHORT, nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_unit_version_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_version")),
    )
    op.create_index("ix_unit_version_of_unit", "unit_version", ["unit", "valid_from"])
    op.create_table(
        "category_version",
        sa.Column("category", SHORT, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True, comment="empty: it is so now"),
        sa.Column("parent", SHORT, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "attributes",
            sa.Text(),
            nullable=False,
            comment="JSON: intents, keywords, urgency, parallel codes …",
        ),
        sa.Column("by", SHORT, nullable=False),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_category_version_category")),
        sa.PrimaryKeyConstraint("category", "version", name=op.f("pk_category_version")),
    )
    op.create_table(
        "grid",
        sa.Column("code", SHORT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("town", SHORT, nullable=False),
        sa.Column("streets", sa.Text(), nullable=False, comment="streets and estates in it, blank between"),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["town"], ["org_unit.id"], name=op.f("fk_grid_town")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_grid")),
    )
    op.create_index("ix_grid_of_town", "grid", ["town"])
    op.create_table(
        "demo_run",
        sa.Column("profile", SHORT, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("size", SHORT, nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False, comment="wanted"),
        sa.Column("written", sa.Integer(), nullable=False, comment="cases written so far"),
        sa.Column(
            "through", SHORT, nullable=False, comment="the last whole day written, YYYY-MM-DD, or empty"
        ),
        sa.Column("first_case", sa.Integer(), nullable=False, comment="row id of the first case"),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("profile", name=op.f("pk_demo_run")),
    )


def downgrade() -> None:
    op.drop_index("ix_assignment_open", table_name="assignment")
    op.drop_index("ix_assignment_cases_of_unit", table_name="assignment")
    for name in ("demo_run", "grid", "category_version", "unit_version"):
        op.drop_table(name)
    op.drop_index("ix_directory_of_unit", table_name="directory")
    with op.batch_alter_table("directory") as table:
        table.drop_constraint(op.f("fk_directory_area"), type_="foreignkey")
        for name in ("area", "keywords", "started_at", "ended_at"):
            table.drop_column(name)
    with op.batch_alter_table("category") as table:
        for name in (
            "version", "intents", "keywords", "urgency", "confidential", "public", "list_item", "gbt39666",
            "petition", "provincial", "ended_at",
        ):  # fmt: skip
            table.drop_column(name)
    with op.batch_alter_table("org_unit") as table:
        table.drop_constraint(op.f("fk_org_unit_successor"), type_="foreignkey")
        for name in (
            "started_at", "successor", "in_ranking", "catch_all", "keywords", "duty_phone", "night_phone",
        ):  # fmt: skip
            table.drop_column(name)
