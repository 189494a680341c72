"""What the whole circuit keeps: requests of units, levels of review, supplements, recurrence.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
_OF_A_CASE = ("recurrence_of", "split_from", "follows")
_CASE_INDICES = ("ix_case_file_by_place", "ix_case_file_rework_asked")
_TABLES = (
    "callback_task",
    "rework",
    "supplement",
    "adjudication",
    "report",
    "long_term_note",
    "circuit_request",
    "unit_circuit",
)
_UNDECIDED = sa.text("granted IS NULL AND lapsed_at IS NULL")

_COMMENTS = {
    "case_file": {
        "confidential": "none; hide_contact: from the units; secret: named persons only",
        "origin": "citizen, grid, cadre, device, superior, linked, leader, system",
        "party": "person, enterprise, organisation",
        "excluded": "why it is out of the scores; it stays in the volume",
        "place_key": "the address as it is compared with others",
        "hard": "declared 疑难",
        "paused_for": "why: wait_citizen, …",
        "long_term_at": "挂账 since",
        "rework_asked_at": "the citizen says that it is not done; the centre has not decided",
        "recurrence_of": "the closed case of the same place and category",
        "split_from": "拆分: the case it was part of",
        "follows": "goes on with the danger of a case that was withdrawn",
    },
    "assignment": {
        "handler": "login of who handles it 承办人",
        "leader": "login of who answers for it 分管领导",
    },
    "reply": {
        "submitted_at": "when it left the unit; empty while its leader has not signed",
    },
    "return_request": {
        "decision": "uphold, move or share",
        "moved_to": "the unit that has it now, or that joins",
    },
    "feedback": {
        "round": "0, then the number of the rework",
    },
    "callback_attempt": {
        "solved": "full, part, no, or unanswered; empty where nobody was reached",
        "attitude": "of the unit: good, fair, poor; empty: not asked",
        "reason": "why not satisfied: slow, attitude, unsolved, policy …",
        "source": "phone, dtmf, sms, web, app or kiosk",
        "round": "0, then the number of the rework",
        "is_first": "the first evaluation of the case",
        "is_final": "the newest one",
    },
    "unit_circuit": {
        "leader_approves": "its leader signs every reply before it leaves the unit",
        "reviews_below": "it reviews replies of units below it before the centre does",
        "leader": "login of the responsible leader 分管领导 of new assignments",
    },
    "circuit_request": {
        "kind": "extension, pause, long_term, exclusion",
        "reason": "coded; empty for an extension",
        "words": "why, or the plan of a long-term case",
        "amount": "units of the clock, days of a pause or between reviews",
        "leader": "login of the unit's leader who asked or answers for it",
        "told": "what the citizen was told about it",
        "efficiency_by": "long-term only: signed by the efficiency office",
        "centre_by": "long-term only: signed by the centre",
        "granted": "empty while nobody has decided",
        "clock": "within which it must be decided",
        "lapsed_at": "the case went on before anybody decided",
        "ended_at": "long-term only: struck off 销账",
    },
    "long_term_note": {
        "kind": "review or end",
    },
    "report": {
        "words": "办理情况, internal",
        "resolution": "full, part, no, n/a",
        "passed": "empty while the unit above has not reviewed it",
        "findings": "coded faults, separated by spaces",
        "clock": "within which it must be reviewed",
    },
    "adjudication": {
        "members": "JSON: who sat, with their posts",
        "decision": "uphold, move or share",
        "unit": "whose it is, or who joins",
        "directory": "a row of the directory was made of it",
    },
    "supplement": {
        "case": "the case that is handled",
        "through": "the merged case under whose number it came",
        "kind": "fact or urge",
    },
    "rework": {
        "no": "1, 2, … within the case",
        "why": "unsolved, dissatisfied, new_fact, other",
        "assignment": "the new one",
    },
    "callback_task": {
        "round": "0, then the number of the rework",
        "owner": "who took it; never of a unit that handled the case",
        "next_at": "when the citizen asked to be called",
        "result": "reached, unreached, reworked, withdrawn",
    },
    "review": {
        "level": "unit 分管领导, upper 上级, centre 回复审核 or final 终审",
    },
}


def upgrade() -> None:
    _case_file()
    _assignment_and_work()
    _evaluation()
    _requests()
    _reports_and_rulings()
    _after_the_reply()
    _say_what_they_are()


def _case_file() -> None:
    secrecy = "CASE WHEN confidential THEN 'hide_contact' ELSE 'none' END"
    _retype("case_file", "confidential", "'none'", secrecy, length=32)
    for column in (
        _short("origin", "citizen"),
        _short("party", "person"),
        _short("excluded", ""),
        _short("place_key", ""),
        sa.Column("hard", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("paused_for", SHORT, nullable=True),
        sa.Column("long_term_at", UtcDateTime(), nullable=True),
        sa.Column("rework_asked_at", UtcDateTime(), nullable=True),
    ):
        op.add_column("case_file", column)
    for name in _OF_A_CASE:
        _add_key("case_file", name, "INTEGER", "case_file")
        linked = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_case_file_{name}", "case_file", [name], sqlite_where=linked, postgresql_where=linked
        )
    ended = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_case_file_by_place",
        "case_file",
        ["place_key", "category", "closed_at"],
        sqlite_where=ended,
        postgresql_where=ended,
    )
    waiting = sa.text("rework_asked_at IS NOT NULL")
    op.create_index(
        "ix_case_file_rework_asked",
        "case_file",
        ["rework_asked_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _assignment_and_work() -> None:
    for name in ("handler", "leader"):
        op.add_column("assignment", sa.Column(name, SHORT, nullable=True))
    op.add_column("feedback", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("reply", sa.Column("submitted_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE reply SET submitted_at = at")
    op.add_column("return_request", sa.Column("decision", SHORT, nullable=True))
    _add_key("return_request", "moved_to", "VARCHAR(64)", "org_unit")
    op.execute(
        "UPDATE return_request SET decision = CASE WHEN granted THEN 'move' ELSE 'uphold' END WHERE granted IS NOT NULL"
    )


def _evaluation() -> None:
    _retype("callback_attempt", "solved", None, "CASE WHEN solved THEN 'full' WHEN NOT solved THEN 'no' END")
    for column in (
        sa.Column("attitude", SHORT, nullable=True),
        sa.Column("reason", SHORT, nullable=True),
        _short("source", "phone"),
        sa.Column("round", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_first", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("callback_attempt", column)
    for flag, edge in (("is_first", "min"), ("is_final", "max")):
        op.execute(
            f"UPDATE callback_attempt SET {flag} = TRUE WHERE id IN (SELECT {edge}(id)"
            " FROM callback_attempt WHERE result = 'reached' GROUP BY \"case\")"
        )


def _requests() -> None:
    op.create_table(
        "unit_circuit",
        sa.Column("unit", SHORT, nullable=False),
        sa.Column("leader_approves", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reviews_below", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("leader", SHORT, nullable=True),
        sa.Column("set_by", SHORT, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.id"], name=op.f("fk_unit_circuit_unit")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_unit_circuit")),
    )
    op.create_table(
        "circuit_request",
        *_of("circuit_request", "case", "assignment", clock="clock"),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("reason", SHORT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("leader", SHORT, nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        *_signed("asked_"),
        sa.Column("efficiency_by", SHORT, nullable=True),
        sa.Column("centre_by", SHORT, nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("granted_amount", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        *_signed("decided_", nullable=True),
        sa.Column("lapsed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
    )
    op.create_index("ix_circuit_request_of_case", "circuit_request", ["case"])
    op.create_index(
        "uq_circuit_request_one_open",
        "circuit_request",
        ["case", "kind"],
        unique=True,
        sqlite_where=_UNDECIDED,
        postgresql_where=_UNDECIDED,
    )
    op.create_table(
        "long_term_note",
        *_of("long_term_note", request="circuit_request"),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_signed(),
    )
    op.create_index("ix_long_term_note_of_request", "long_term_note", ["request"])


def _reports_and_rulings() -> None:
    op.create_table(
        "report",
        *_of("report", "case", "assignment", clock="clock"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("resolution", SHORT, nullable=False),
        *_signed(),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False, server_default=""),
        sa.Column("comment", sa.Text(), nullable=True),
        *_signed("reviewed_", nullable=True),
        sa.UniqueConstraint("assignment", "version", name=op.f("uq_report_assignment_version")),
    )
    op.create_index("ix_report_of_case", "report", ["case"])
    op.create_table(
        "adjudication",
        *_of("adjudication", "case", request="return_request", unit="org_unit"),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("decision", SHORT, nullable=False),
        sa.Column("directory", sa.Boolean(), nullable=False),
        *_signed(),
        sa.UniqueConstraint("request", name=op.f("uq_adjudication_request")),
    )
    op.create_index("ix_adjudication_of_case", "adjudication", ["case"])


def _after_the_reply() -> None:
    op.create_table(
        "supplement",
        *_of("supplement", "case", through="case_file"),
        sa.Column("kind", SHORT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("channel", SHORT, nullable=False),
        sa.Column("call", SHORT, nullable=True),
        *_signed(),
    )
    op.create_index("ix_supplement_of_case", "supplement", ["case"])
    op.create_table(
        "rework",
        *_of("rework", "case", "assignment"),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("why", SHORT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_signed(),
        sa.UniqueConstraint("case", "no", name=op.f("uq_rework_case_no")),
    )
    op.create_table(
        "callback_task",
        *_of("callback_task", "case"),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("owner", SHORT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("result", SHORT, nullable=True),
        sa.UniqueConstraint("case", "round", name=op.f("uq_callback_task_case_round")),
    )
    to_do = sa.text("done_at IS NULL")
    op.create_index(
        "ix_callback_task_open",
        "callback_task",
        ["owner", "opened_at"],
        sqlite_where=to_do,
        postgresql_where=to_do,
    )


def _say_what_they_are() -> None:
    """Comments are PostgreSQL's alone."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in _COMMENTS.items():
        for column, comment in columns.items():
            text = comment.replace("'", "''")
            op.execute(f"COMMENT ON COLUMN {table}.\"{column}\" IS '{text}'")


def _short(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, SHORT, nullable=False, server_default=default)


_KEYS = {"case": "case_file", "assignment": "assignment"}
_MAY_BE_EMPTY = {"through", "unit", "clock"}


def _of(table: str, *names: str, **keys: str) -> list[sa.schema.SchemaItem]:
    """Give the key of a table, and its columns that point at other tables."""
    items: list[sa.schema.SchemaItem] = [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
    for name, target in ({name: _KEYS[name] for name in names} | keys).items():
        kind: sa.types.TypeEngine[str] | sa.types.TypeEngine[int]
        kind = SHORT if target == "org_unit" else sa.Integer()
        items.append(sa.Column(name, kind, nullable=name in _MAY_BE_EMPTY))
        items.append(sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}")))
    return items


def _signed(prefix: str = "", *, nullable: bool = False) -> list[sa.Column[str]]:
    return [
        sa.Column(f"{prefix}by", SHORT, nullable=nullable),
        sa.Column(f"{prefix}at", UtcDateTime(), nullable=nullable),
    ]


def _retype(table: str, column: str, default: str | None, value: str, *, length: int = 64) -> None:
    """Put words where there was yes or no; neither database needs the table written anew for it."""
    new = f"{column}_new"
    server_default = sa.text(default) if default else None
    kind = sa.String(length=length)
    op.add_column(table, sa.Column(new, kind, nullable=default is None, server_default=server_default))
    op.execute(f"UPDATE {table} SET {new} = {value}")
    op.drop_column(table, column)
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {column}")


def _add_key(table: str, column: str, kind: str, target: str) -> None:
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {kind}"
        f" CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("COMMENT ON COLUMN review.level IS 'centre 回复审核 or final 终审'")
    for name in _TABLES:
        op.drop_table(name)
    for column in ("is_final", "is_first", "round", "source", "reason", "attitude"):
        op.drop_column("callback_attempt", column)
    _back_to_flag("callback_attempt", "solved", "solved = 'full'", nullable=True)
    with op.batch_alter_table("return_request") as table:
        table.drop_column("moved_to")
        table.drop_column("decision")
    op.drop_column("reply", "submitted_at")
    op.drop_column("feedback", "round")
    for column in ("leader", "handler"):
        op.drop_column("assignment", column)
    for index in (*_CASE_INDICES, *(f"ix_case_file_{name}" for name in _OF_A_CASE)):
        op.drop_index(index, table_name="case_file")
    with op.batch_alter_table("case_file") as table:
        for column in _OF_A_CASE:
            table.drop_column(column)
    for column in (
        "rework_asked_at",
        "long_term_at",
        "paused_for",
        "hard",
        "place_key",
        "excluded",
        "party",
        "origin",
    ):
        op.drop_column("case_file", column)
    _back_to_flag("case_file", "confidential", "confidential <> 'none'", nullable=False)


def _back_to_flag(table: str, column: str, value: str, *, nullable: bool) -> None:
    old = f"{column}_old"
    default = None if nullable else sa.false()
    op.add_column(table, sa.Column(old, sa.Boolean(), nullable=nullable, server_default=default))
    op.execute(f"UPDATE {table} SET {old} = ({value})")
    op.drop_column(table, column)
    op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {column}")
