"""Loads the invented city's knowledge: articles in force, some that wait for somebody, some that nobody has looked at."""

from datetime import date, datetime, timedelta
from importlib import resources

from sqlalchemy import Connection, select

from cases.workflow import Role
from storage import guide, knowledge, knowledge_use
from storage.guide import ClassForm
from storage.knowledge import ARTICLE, ArticleForm
from storage.people import Actor
from storage.units import UNIT

EDITOR = Actor("8002", Role.KNOWLEDGE_EDITOR, "rxzx")
AGENT = Actor("1001", Role.AGENT, "rxzx")
# Written so long ago, so that the first reviews are due when the city opens.
WRITTEN_BEFORE = timedelta(days=75)
# The last ones have not come into force: one waits to be checked, one to be put in force.
DRAFTS, CHECKED = 1, 1
GAPS = (
    "老旧小区加装电梯补贴怎么申请",
    "电动自行车充电桩能不能装到架空层",
    "外国人在本市办理居留许可去哪里",
    "宠物医院误诊找哪个部门",
    "夜市摊位怎么报名",
)


def load_knowledge(conn: Connection, at: datetime, today: date) -> int:
    """Load the articles unless there are any; return how many. Only those of units that there are."""
    if conn.execute(select(ARTICLE.c.id).limit(1)).first() is not None:
        return 0
    known = set(conn.execute(select(UNIT.c.id)).scalars())
    forms = [form for form in articles(today - WRITTEN_BEFORE) if form.owner in known]
    for place, form in enumerate(forms):
        left = len(forms) - place
        _bring(conn, form, at - WRITTEN_BEFORE, today - WRITTEN_BEFORE, left=left)
    for text in GAPS if forms else ():
        knowledge_use.missing(conn, text, by=AGENT, at=at)
    load_guide(conn, at)
    return len(forms)


def load_guide(conn: Connection, at: datetime) -> None:
    """Load the five columns and thirty-five classes that kiosks show, unless there are any."""
    if guide.columns(conn):
        return
    text = resources.files("storage").joinpath("demo", "guide.tsv").read_text("utf-8")
    made: dict[str, int] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        column, column_en, name, name_en, category, words = line.split("\t")
        if column not in made:
            made[column] = guide.add_column(conn, column, column_en, by=EDITOR, at=at)
        form = ClassForm(name=name, name_en=name_en, category=category, words=words)
        guide.add_class(conn, made[column], form, by=EDITOR, at=at)


def articles(today: date) -> list[ArticleForm]:
    """Return the articles as somebody of their unit would have filled them in on that day."""
    text = resources.files("storage").joinpath("demo", "knowledge.tsv").read_text("utf-8")
    return [_form(line.split("\t"), today) for line in text.splitlines() if not line.startswith("#")]


def _form(line: list[str], today: date) -> ArticleForm:
    category, owner, public, title, questions, keywords, answer, told, sources, review, valid = line
    return ArticleForm(
        category=category,
        owner=owner,
        title=title,
        questions=questions.replace("|", "\n"),
        keywords=keywords,
        answer=answer.replace("\\n", "\n"),
        citizen_answer=told.replace("\\n", "\n"),
        sources=sources.replace("|", "\n"),
        public=public == "1",
        review_by=today + timedelta(days=int(review)),
        valid_until=today + timedelta(days=int(valid)) if valid else None,
    )


def _bring(conn: Connection, form: ArticleForm, at: datetime, today: date, *, left: int) -> None:
    """The unit writes, the editor checks and puts in force; the last ones do not get so far."""
    of_unit = Actor(form.owner, Role.HANDLER, form.owner)
    number = knowledge.add(conn, form, by=of_unit, at=at, today=today)
    if left <= DRAFTS:
        return
    knowledge.check(conn, number, 1, by=EDITOR, at=at)
    if left > DRAFTS + CHECKED:
        knowledge.release(conn, number, 1, by=EDITOR, at=at, today=today)
