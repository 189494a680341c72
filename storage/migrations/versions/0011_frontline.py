"""Front-line action, urgent cases, public copies.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hourly", sa.Integer(), nullable=False, comment="alarms an hour that are taken from it"),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_device_category_category")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_table(
        "duty_rota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.String(length=64), nullable=False, comment="duty 值班员 or leader 值班领导"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True, comment="empty: until further notice"),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_duty_rota_unit_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_rota")),
    )
    op.create_index("ix_duty_rota_of_unit", "duty_rota", ["unit", "rank", "begins_at"])
    op.create_table(
        "case_follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column(
            "given_by",
            sa.String(length=64),
            nullable=False,
            comment="who handed it over, or the agent himself",
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_case_follow_case_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_follow")),
    )
    op.create_index(
        "ix_case_follow_of_agent",
        "case_follow",
        ["login"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_case_follow_one",
        "case_follow",
        ["case"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "device_alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column(
            "key", sa.String(length=64), nullable=False, comment="the device's own number of the alarm"
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_device_alarm_case_case_file")),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_alarm_device_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_alarm")),
        sa.UniqueConstraint("device", "key", name=op.f("uq_device_alarm_device_key")),
    )
    op.create_index("ix_device_alarm_lately", "device_alarm", ["device", "at"])
    op.create_table(
        "frontline_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False, comment="the street that calls"),
        sa.Column(
            "kind",
            sa.String(length=64),
            nullable=False,
            comment="pressing 急, hard 难, worrying 愁 or great 大",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False, comment="what the street has tried itself"),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("report_at", UtcDateTime(), nullable=False, comment="when the called report at the place"),
        sa.Column(
            "site_code",
            sa.String(length=64),
            nullable=False,
            comment="shown on the spot; who types it was there",
        ),
        sa.Column("called_by", sa.String(length=64), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=True, comment="what was found together on the spot"),
        sa.Column("found_by", sa.String(length=64), nullable=True),
        sa.Column("found_at", UtcDateTime(), nullable=True),
        sa.Column("root_cause", sa.Text(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("recheck_on", sa.Date(), nullable=True, comment="when the street looks again"),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("recheck_held", sa.Boolean(), nullable=True, comment="it has not come back"),
        sa.Column("recheck_note", sa.Text(), nullable=True),
        sa.Column("rechecked_by", sa.String(length=64), nullable=True),
        sa.Column("rechecked_at", UtcDateTime(), nullable=True),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="grows with each change; the loser of a race sees it",
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_frontline_call_unit_org_unit")),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_frontline_call_case_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontline_call")),
    )
    op.create_index("ix_frontline_call_by_time", "frontline_call", ["called_at"])
    op.create_index("ix_frontline_call_of_case", "frontline_call", ["case"])
    op.create_index("ix_frontline_call_of_unit", "frontline_call", ["unit", "id"])
    op.create_index(
        "ix_frontline_call_open",
        "frontline_call",
        ["id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_frontline_call_recheck", "frontline_call", ["recheck_on"])
    op.create_table(
        "public_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="1, 2, … within the case"),
        sa.Column("decision", sa.String(length=64), nullable=False, comment="publish, part, hold or never"),
        sa.Column(
            "reason", sa.String(length=64), nullable=False, comment="why not all of it; empty for publish"
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=64),
            nullable=False,
            comment="proposed, in_force, refused, replaced or taken_down",
        ),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False, comment="of who decided"),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False, comment="why it was taken down"),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_public_copy_case_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_copy")),
        sa.UniqueConstraint("case", "version", name=op.f("uq_public_copy_case_version")),
    )
    op.create_index("ix_public_copy_by_state", "public_copy", ["state", "id"])
    op.create_index(
        "uq_public_copy_in_force",
        "public_copy",
        ["case"],
        unique=True,
        sqlite_where=sa.text("state = 'in_force'"),
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.create_index(
        "uq_public_copy_proposed",
        "public_copy",
        ["case"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "frontline_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256"),
        sa.Column("media", sa.String(length=64), nullable=False, comment="image/jpeg or image/png"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call"], ["frontline_call.id"], name=op.f("fk_frontline_photo_call_frontline_call")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontline_photo")),
        sa.UniqueConstraint("call", "digest", name=op.f("uq_frontline_photo_call_digest")),
    )
    op.create_table(
        "urgent_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("contacted_by", sa.String(length=64), nullable=True),
        sa.Column("contacted_at", UtcDateTime(), nullable=True),
        sa.Column("arrived_by", sa.String(length=64), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=True),
        sa.Column("evidence", sa.String(length=64), nullable=True, comment="gps or seen"),
        sa.Column("where", sa.Text(), nullable=True),
        sa.Column("finish_note", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_how", sa.String(length=64), nullable=True, comment="done, replied or moved"),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_urgent_case_case_case_file")),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_urgent_case_unit_org_unit")),
        sa.ForeignKeyConstraint(
            ["assignment"], ["assignment.id"], name=op.f("fk_urgent_case_assignment_assignment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_case")),
        sa.UniqueConstraint("assignment", name=op.f("uq_urgent_case_assignment")),
    )
    op.create_index("ix_urgent_case_by_time", "urgent_case", ["opened_at"])
    op.create_index("ix_urgent_case_of_case", "urgent_case", ["case"])
    op.create_index(
        "ix_urgent_case_open",
        "urgent_case",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "duty_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.String(length=64),
            nullable=False,
            comment="alarm, not_there, or promise_1, promise_2, …",
        ),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.String(length=64), nullable=False, comment="duty or leader, as in duty_rota"),
        sa.Column("name", sa.Text(), nullable=False, comment="empty where the rota names nobody"),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_by", sa.String(length=64), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True, comment="reached, no_answer, wrong_number"),
        sa.Column("done_at", UtcDateTime(), nullable=True, comment="reached, or no longer needed"),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_duty_call_unit_org_unit")),
        sa.ForeignKeyConstraint(["urgent"], ["urgent_case.id"], name=op.f("fk_duty_call_urgent_urgent_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_call")),
        sa.UniqueConstraint("urgent", "purpose", name=op.f("uq_duty_call_urgent_purpose")),
    )
    op.create_index(
        "ix_duty_call_to_make",
        "duty_call",
        ["wanted_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "frontline_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("called_by", sa.String(length=64), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("joined_later", sa.Boolean(), nullable=False, comment="pulled in during the action"),
        sa.Column("report_at", UtcDateTime(), nullable=False),
        sa.Column("accept_clock", sa.Integer(), nullable=True),
        sa.Column("respond_clock", sa.Integer(), nullable=True),
        sa.Column("accepted_by", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("handler", sa.String(length=64), nullable=True, comment="who handles it, by name"),
        sa.Column(
            "leader", sa.String(length=64), nullable=True, comment="responsible leader 分管领导, by name"
        ),
        sa.Column("responded_by", sa.String(length=64), nullable=True),
        sa.Column("responded_at", UtcDateTime(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("checked_in_by", sa.String(length=64), nullable=True),
        sa.Column("checked_in_at", UtcDateTime(), nullable=True),
        sa.Column("evidence", sa.String(length=64), nullable=True, comment="code, gps or seen"),
        sa.Column("where", sa.Text(), nullable=True, comment="coordinates, or what was said of the place"),
        sa.ForeignKeyConstraint(
            ["accept_clock"], ["clock.id"], name=op.f("fk_frontline_target_accept_clock_clock")
        ),
        sa.ForeignKeyConstraint(
            ["call"], ["frontline_call.id"], name=op.f("fk_frontline_target_call_frontline_call")
        ),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_frontline_target_unit_org_unit")),
        sa.ForeignKeyConstraint(
            ["respond_clock"], ["clock.id"], name=op.f("fk_frontline_target_respond_clock_clock")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontline_target")),
        sa.UniqueConstraint("call", "unit", name=op.f("uq_frontline_target_call_unit")),
    )
    op.create_index("ix_frontline_target_of_unit", "frontline_target", ["unit", "call"])
    op.create_table(
        "urgent_promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False, comment="1, 2, … within the urgent case"),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["urgent"], ["urgent_case.id"], name=op.f("fk_urgent_promise_urgent_urgent_case")
        ),
        sa.ForeignKeyConstraint(["clock"], ["clock.id"], name=op.f("fk_urgent_promise_clock_clock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urgent_promise")),
        sa.UniqueConstraint("urgent", "no", name=op.f("uq_urgent_promise_urgent_no")),
    )
    op.create_table(
        "frontline_judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.String(length=64),
            nullable=False,
            comment="who judges: street (the work) or department (the call)",
        ),
        sa.Column("score", sa.Integer(), nullable=False, comment="1 to 5"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("dispute", sa.Text(), nullable=True),
        sa.Column("disputed_by", sa.String(length=64), nullable=True),
        sa.Column("disputed_at", UtcDateTime(), nullable=True),
        sa.Column("ruled_score", sa.Integer(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=True),
        sa.Column("ruled_by", sa.String(length=64), nullable=True),
        sa.Column("ruled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target"], ["frontline_target.id"], name=op.f("fk_frontline_judgement_target_frontline_target")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontline_judgement")),
        sa.UniqueConstraint("target", "side", name=op.f("uq_frontline_judgement_target_side")),
    )


def downgrade() -> None:
    op.drop_table("frontline_judgement")
    op.drop_table("urgent_promise")
    op.drop_table("frontline_target")
    op.drop_table("duty_call")
    op.drop_table("urgent_case")
    op.drop_table("frontline_photo")
    op.drop_table("public_copy")
    op.drop_table("frontline_call")
    op.drop_table("device_alarm")
    op.drop_table("case_follow")
    op.drop_table("duty_rota")
    op.drop_table("device")
