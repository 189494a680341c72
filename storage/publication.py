"""公开: a version of a case for everybody's eyes. The original is never edited; two officers see what goes out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from cases import redaction, workflow
from cases.redaction import Private
from cases.workflow import Action, Refusal, Role, Secrecy
from storage import history, public_search
from storage.errors import Conflict, Invalid, Missing
from storage.forms import NEEDED, checked_text
from storage.frontline_models import PublicCopy
from storage.intake import TEXT
from storage.keeping import insert_into
from storage.models import TextKind
from storage.moves import CASE, Seen, change, decide, recorded, see
from storage.people import Actor
from storage.replies import handlers_of
from storage.steps import TooLate, kept_refusals, must_be, put
from storage.types import table_of

COPY = table_of(PublicCopy)

AREA = "publication"
OFFICERS = frozenset({Role.PUBLICATION_OFFICER})
PUBLISH, PART, HOLD, NEVER = "publish", "part", "hold", "never"
DECISIONS = (PUBLISH, PART, HOLD, NEVER)
SHOWN = (PUBLISH, PART)
REASONS = ("privacy", "secret", "reporter", "minor", "ongoing", "commercial", "withheld", "other")
LONGEST = {"title": 100, "content": 10_000, "reply": 4_000}

PROPOSED, IN_FORCE, REFUSED, REPLACED, TAKEN_DOWN = (
    "proposed",
    "in_force",
    "refused",
    "replaced",
    "taken_down",
)

_OF = select(COPY).where(COPY.c.case == bindparam("of"))


class FourEyes(Refusal):
    """Who made a public copy does not sign it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyForm:
    """What an officer proposes. `checked` says that what still looks private has been looked at."""

    decision: str
    reason: str = ""
    title: str = ""
    content: str = ""
    reply: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Suggested:
    """The texts as they came in, as the rules would publish them, and what the rules have hidden, by kind."""

    originals: dict[str, str]
    texts: dict[str, str]
    hidden: dict[Private, int]


def suggested(conn: Connection, no: str) -> Suggested:
    """Propose a public copy of a case by rule. What is secret is shown to nobody, so no officer reads it either."""
    seen = see(conn, no)
    if _secrecy(conn, seen) == Secrecy.SECRET:
        raise Missing(no)
    title: str = conn.execute(select(CASE.c.title).where(CASE.c.id == seen.id)).scalar_one()
    texts = select(TEXT.c.kind, TEXT.c.text).where(TEXT.c.case == seen.id).order_by(TEXT.c.version)
    kept = {row.kind: row.text for row in conn.execute(texts)}
    originals = {
        "title": title,
        "content": kept[TextKind.ORIGINAL],
        "reply": kept.get(TextKind.PUBLIC, ""),
    }
    found = Counter(one.kind for words in originals.values() for one in redaction.found(words))
    return Suggested(
        originals, {name: redaction.redacted(words) for name, words in originals.items()}, dict(found)
    )


@kept_refusals(AREA, "propose")
def propose(conn: Connection, no: str, form: CopyForm, *, by: Actor, at: datetime) -> int:
    """拟稿: propose what becomes of a case in public; another officer has to sign it. Return its version."""
    must_be(by, OFFICERS, "拟公开稿")
    seen = see(conn, no)
    workflow.move(seen.state, Action.PUBLISH)
    _check_eyes(conn, seen, by)
    texts = _checked(conn, seen, form)
    newest = select(func.coalesce(func.max(COPY.c.version), 0) + 1).where(COPY.c.case == seen.id)
    version: int = conn.execute(newest).scalar_one()
    row = {
        "case": seen.id,
        "version": version,
        "decision": form.decision,
        "reason": form.reason,
        "state": PROPOSED,
        "made_by": by.login,
        "made_at": at,
        "comment": "",
        "end_reason": "",
        **texts,
    }
    added = insert_into(conn.dialect.name, COPY).on_conflict_do_nothing().returning(COPY.c.id)
    if conn.execute(added, row).scalar() is None:
        raise Conflict("此件已有待批准的公开稿 (a copy waits for its signature already)")
    detail = {"version": version, "decision": form.decision, "reason": form.reason}
    history.append(conn, subject=no, kind="public.proposed", actor=by.login, detail=detail, at=at)
    return version


def sign(conn: Connection, no: str, version: int, *, by: Actor, at: datetime) -> None:
    """批准: by another officer than who made it. What was public before is replaced by it."""
    seen = see(conn, no)
    decision = conn.execute(
        _OF.with_only_columns(COPY.c.decision).where(COPY.c.version == version), {"of": seen.id}
    ).scalar()
    signing = _publish if decision in SHOWN else _hold
    signing(conn, no, version, by=by, at=at)


@recorded(Action.PUBLISH)
def _publish(conn: Connection, no: str, version: int, *, by: Actor, at: datetime) -> None:
    _sign(conn, no, version, Action.PUBLISH, "public.published", by=by, at=at)


@recorded(Action.HOLD_PUBLICATION)
def _hold(conn: Connection, no: str, version: int, *, by: Actor, at: datetime) -> None:
    _sign(conn, no, version, Action.HOLD_PUBLICATION, "public.held", by=by, at=at)


def _sign(
    conn: Connection, no: str, version: int, action: Action, kind: str, *, by: Actor, at: datetime
) -> None:
    seen, state = decide(conn, no, action, by)
    row = _proposed(conn, seen, version, by)
    _check_eyes(conn, seen, by)
    change(conn, seen, state)
    ended = {"state": REPLACED, "ended_by": by.login, "ended_at": at}
    _hide(conn, seen)
    conn.execute(COPY.update().where(COPY.c.case == seen.id, COPY.c.state == IN_FORCE).values(ended))
    still = (COPY.c.id == row.id, COPY.c.state == PROPOSED)
    put(conn, COPY, *still, state=IN_FORCE, decided_by=by.login, decided_at=at)
    _show(conn, row.id)
    detail = {"version": version, "decision": row.decision, "reason": row.reason}
    history.append(conn, subject=no, kind=kind, actor=by.login, detail=detail, at=at)


@kept_refusals(AREA, "refuse")
def refuse(conn: Connection, no: str, version: int, comment: str, *, by: Actor, at: datetime) -> None:
    """退回: the copy is not good enough; the maker proposes another version."""
    must_be(by, OFFICERS, "退回公开稿")
    seen = see(conn, no)
    row = _proposed(conn, seen, version, by)
    told = checked_text("comment", comment, longest=500)
    still = (COPY.c.id == row.id, COPY.c.state == PROPOSED)
    put(conn, COPY, *still, state=REFUSED, comment=told, decided_by=by.login, decided_at=at)
    detail = {"version": version}
    history.append(conn, subject=no, kind="public.refused", actor=by.login, detail=detail, at=at)


@recorded(Action.TAKE_DOWN)
def take_down(conn: Connection, no: str, why: str, *, by: Actor, at: datetime) -> None:
    """撤下: at once and by one officer, because what should not be public harms with every minute."""
    seen, state = decide(conn, no, Action.TAKE_DOWN, by)
    told = checked_text("why", why, longest=500)
    shown = (COPY.c.case == seen.id, COPY.c.state == IN_FORCE, COPY.c.decision.in_(SHOWN))
    if conn.execute(select(COPY.c.id).where(*shown)).first() is None:
        raise TooLate("此件没有公开 (it is not public)")
    change(conn, seen, state)
    _hide(conn, seen)
    put(conn, COPY, *shown, state=TAKEN_DOWN, end_reason=told, ended_by=by.login, ended_at=at)
    history.append(conn, subject=no, kind="public.withdrawn", actor=by.login, detail={}, at=at)


def _show(conn: Connection, copy: int) -> None:
    row = conn.execute(select(COPY).where(COPY.c.id == copy, COPY.c.decision.in_(SHOWN))).one_or_none()
    if row is not None:
        public_search.add(conn, row.id, row.title, row.content, row.reply)


def _hide(conn: Connection, seen: Seen) -> None:
    """What is not shown any more is not found any more, in the same moment."""
    shown = (COPY.c.case == seen.id, COPY.c.state == IN_FORCE, COPY.c.decision.in_(SHOWN))
    public_search.drop(conn, conn.execute(select(COPY.c.id).where(*shown)).scalars())


def _proposed(conn: Connection, seen: Seen, version: int, by: Actor) -> "_Proposed":
    row = conn.execute(_OF.where(COPY.c.version == version), {"of": seen.id}).one_or_none()
    if row is None or row.state != PROPOSED:
        raise TooLate("此版本不在待批准状态 (this version does not wait for a signature)")
    if row.made_by == by.login:
        raise FourEyes("拟稿人不能批准或退回自己的公开稿 (who made it does not decide on it)")
    return _Proposed(row.id, row.decision, row.reason)


@dataclass(frozen=True, slots=True)
class _Proposed:
    id: int
    decision: str
    reason: str


def _check_eyes(conn: Connection, seen: Seen, by: Actor) -> None:
    workflow.check_four_eyes(Action.PUBLISH, by.login, handlers=handlers_of(conn, seen))


def _secrecy(conn: Connection, seen: Seen) -> str:
    return str(conn.execute(select(CASE.c.confidential).where(CASE.c.id == seen.id)).scalar_one())


def _checked(conn: Connection, seen: Seen, form: CopyForm) -> dict[str, str]:
    """Return the texts as they are kept, or raise Invalid."""
    wrong = {}
    if form.decision not in DECISIONS:
        wrong["decision"] = "请选择公开、部分公开、暂不公开或不公开 (choose one)"
    if form.decision != PUBLISH and form.reason not in REASONS:
        wrong["reason"] = "不全部公开须选择理由 (choose a reason for not showing all)"
    if form.decision in SHOWN and _secrecy(conn, seen) == Secrecy.SECRET:
        wrong["decision"] = "保密件不得公开 (a secret case is never shown)"
    if wrong:
        raise Invalid(wrong)
    if form.decision not in SHOWN:
        return dict.fromkeys(LONGEST, "")
    needed = LONGEST if form.decision == PUBLISH else ("title",)
    if missing := [name for name in needed if not getattr(form, name).strip()]:
        raise Invalid(dict.fromkeys(missing, NEEDED))
    texts = {
        name: checked_text(name, words, longest=longest) if (words := getattr(form, name).strip()) else ""
        for name, longest in LONGEST.items()
    }
    if (left := _still_private(texts.values())) and not form.checked:
        raise Invalid(
            {"checked": f"文本中仍有疑似个人信息：{'、'.join(left)} (this still looks private; look again)"}
        )
    return texts


def _still_private(texts: Iterable[str]) -> list[str]:
    return [words[one.start : one.end] for words in texts for one in redaction.found(words)]
