"""The ladder of warnings, and the registers of supervision.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
TABLES = (
    "circular_item",
    "circular",
    "warning_item",
    "efficiency_warning",
    "finding",
    "accountable_person",
    "accountability",
    "exposure",
    "supervision_report",
    "supervision",
    "leader_instruction",
    "urge",
    "sweep_mark",
    "notice",
)


def upgrade() -> None:
    _ladder()
    _notices()
    _orders()
    _consequences()
    _findings()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_clock_to_act", table_name="clock")
    op.drop_column("clock", "acts_at")
    op.drop_column("clock", "step")


def _ladder() -> None:
    step = "how far up the ladder of warnings it has come"
    op.add_column("clock", sa.Column("step", SHORT, nullable=False, server_default="", comment=step))
    acts = "when the sweep looks at it again; empty: nothing follows"
    op.add_column("clock", sa.Column("acts_at", UtcDateTime(), nullable=True, comment=acts))
    # The sweep finds out by itself how far each clock has come.
    op.execute("UPDATE clock SET acts_at = started_at WHERE result = 'running'")
    there = sa.text("acts_at IS NOT NULL")
    columns = ["acts_at", "id"]
    op.create_index("ix_clock_to_act", "clock", columns, sqlite_where=there, postgresql_where=there)


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("unit", SHORT, nullable=True),
        sa.Column("role", SHORT, nullable=True),
        sa.Column("login", SHORT, nullable=True),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON: codes and numbers only"),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "tell_at", UtcDateTime(), nullable=False, comment="not before: office hours, unless it is urgent"
        ),
        sa.Column("read_by", SHORT, nullable=True, comment="who read it first; a unit reads it once"),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_notice_case")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_notice_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_of_person", "notice", ["login", "read_at"])
    op.create_index("ix_notice_of_role", "notice", ["role", "read_at"])
    op.create_index("ix_notice_of_unit", "notice", ["unit", "read_at"])
    op.create_table(
        "sweep_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("swept_at", UtcDateTime(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=True, comment="the time that was not believed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_mark")),
    )


def _orders() -> None:
    op.create_table(
        "urge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("unit", SHORT, nullable=True),
        sa.Column("clock", sa.Integer(), nullable=True),
        sa.Column("origin", SHORT, nullable=False, comment="citizen, centre or ladder"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_urge_case")),
        sa.ForeignKeyConstraint(["clock"], ["clock.id"], name=op.f("fk_urge_clock")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_urge_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urge")),
        sa.UniqueConstraint("no", name=op.f("uq_urge_no")),
    )
    op.create_index("ix_urge_of_case", "urge", ["case"])
    op.create_index("ix_urge_of_unit", "urge", ["unit", "id"])
    op.create_table(
        "leader_instruction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=False),
        sa.Column("leader", SHORT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "report", sa.Text(), nullable=False, comment="the special report it was written on; '' for a case"
        ),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True, comment="what the leader was told"),
        sa.Column("closed_by", SHORT, nullable=True, comment="the leader's office"),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_instruction")),
        sa.UniqueConstraint("no", name=op.f("uq_leader_instruction_no")),
    )
    op.create_table(
        "supervision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column(
            "leader", SHORT, nullable=False, comment="responsible leader addressed; '' for the unit itself"
        ),
        sa.Column("ground", SHORT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Integer(), nullable=True),
        sa.Column("clock", sa.Integer(), nullable=True),
        sa.Column(
            "by", SHORT, nullable=False, comment="'system' until the efficiency office has taken it over"
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("closed_by", SHORT, nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_supervision_case")),
        sa.ForeignKeyConstraint(["clock"], ["clock.id"], name=op.f("fk_supervision_clock")),
        sa.ForeignKeyConstraint(
            ["instruction"], ["leader_instruction.id"], name=op.f("fk_supervision_instruction")
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_supervision_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
        sa.UniqueConstraint("no", name=op.f("uq_supervision_no")),
    )
    op.create_index("ix_supervision_of_case", "supervision", ["case"])
    op.create_index("ix_supervision_of_clock", "supervision", ["clock"])
    op.create_index("ix_supervision_of_instruction", "supervision", ["instruction"])
    op.create_index("ix_supervision_of_unit", "supervision", ["unit", "id"])
    op.create_table(
        "supervision_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supervision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supervision"], ["supervision.id"], name=op.f("fk_supervision_report_supervision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_report")),
    )
    op.create_index("ix_supervision_report_of_order", "supervision_report", ["supervision"])


def _consequences() -> None:
    op.create_table(
        "exposure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("media", SHORT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_exposure_case")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_exposure_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure")),
        sa.UniqueConstraint("no", name=op.f("uq_exposure_no")),
    )
    op.create_index("ix_exposure_of_case", "exposure", ["case"])
    op.create_index("ix_exposure_of_unit", "exposure", ["unit"])
    op.create_table(
        "accountability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=True),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("ground", SHORT, nullable=False, comment="one of the six triggers, or other"),
        sa.Column("decided_by", SHORT, nullable=False, comment="the organ that decided"),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_accountability_case")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_accountability_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountability")),
        sa.UniqueConstraint("no", name=op.f("uq_accountability_no")),
    )
    op.create_index("ix_accountability_of_case", "accountability", ["case"])
    op.create_index("ix_accountability_of_unit", "accountability", ["unit"])
    op.create_table(
        "accountable_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("accountability", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("measure", SHORT, nullable=False),
        sa.ForeignKeyConstraint(
            ["accountability"], ["accountability.id"], name=op.f("fk_accountable_person_accountability")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountable_person")),
    )
    op.create_index("ix_accountable_person_of_matter", "accountable_person", ["accountability"])


def _findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trigger", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("clock", sa.Integer(), nullable=True, comment="the clock that ran out, if any"),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False, comment="a login; 'system' for what is found by itself"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("responded_by", SHORT, nullable=True),
        sa.Column("responded_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", SHORT, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_by", SHORT, nullable=True),
        sa.Column("appealed_at", UtcDateTime(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True, comment="why the appeal was granted or not"),
        sa.Column("ruled_by", SHORT, nullable=True),
        sa.Column("ruled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_finding_case")),
        sa.ForeignKeyConstraint(["clock"], ["clock.id"], name=op.f("fk_finding_clock")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_finding_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("clock", name=op.f("uq_finding_clock")),
    )
    op.create_index("ix_finding_of_case", "finding", ["case"])
    op.create_index("ix_finding_of_unit", "finding", ["unit", "at"])
    op.create_table(
        "efficiency_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=True, comment="given when it is issued"),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("period", SHORT, nullable=False, comment="2026Q4"),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True, comment="to whom it is addressed"),
        sa.Column("issued_by", SHORT, nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", SHORT, nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", SHORT, nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it was withdrawn"),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_efficiency_warning_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_efficiency_warning")),
        sa.UniqueConstraint("no", name=op.f("uq_efficiency_warning_no")),
    )
    op.create_index("ix_efficiency_warning_of_unit", "efficiency_warning", ["unit", "id"])
    op.create_index(
        "uq_efficiency_warning_one_draft",
        "efficiency_warning",
        ["unit", "period"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "warning_item",
        sa.Column("warning", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["finding"], ["finding.id"], name=op.f("fk_warning_item_finding")),
        sa.ForeignKeyConstraint(["warning"], ["efficiency_warning.id"], name=op.f("fk_warning_item_warning")),
        sa.PrimaryKeyConstraint("warning", "finding", name=op.f("pk_warning_item")),
    )
    op.create_index("ix_warning_item_of_finding", "warning_item", ["finding"])
    op.create_table(
        "circular",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", SHORT, nullable=True, comment="given when it is issued"),
        sa.Column("period", SHORT, nullable=False, comment="2026-11"),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("issued_by", SHORT, nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular")),
        sa.UniqueConstraint("no", name=op.f("uq_circular_no")),
        sa.UniqueConstraint("period", name=op.f("uq_circular_period")),
    )
    op.create_table(
        "circular_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("circular", sa.Integer(), nullable=True),
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=True),
        sa.Column("finding", sa.Integer(), nullable=True),
        sa.Column("reason", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_circular_item_case")),
        sa.ForeignKeyConstraint(["circular"], ["circular.id"], name=op.f("fk_circular_item_circular")),
        sa.ForeignKeyConstraint(["clock"], ["clock.id"], name=op.f("fk_circular_item_clock")),
        sa.ForeignKeyConstraint(["finding"], ["finding.id"], name=op.f("fk_circular_item_finding")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_circular_item_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular_item")),
        sa.UniqueConstraint("clock", name=op.f("uq_circular_item_clock")),
        sa.UniqueConstraint("finding", name=op.f("uq_circular_item_finding")),
    )
    op.create_index("ix_circular_item_of_circular", "circular_item", ["circular"])
    op.create_index(
        "ix_circular_item_waiting",
        "circular_item",
        ["at"],
        sqlite_where=sa.text("circular IS NULL"),
        postgresql_where=sa.text("circular IS NULL"),
    )
