"""知识库 on both databases: what citizens are told was written by one and checked by another, and ends on its day."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.knowledge import NotYourArticle, OwnText, WrongState
from cases.workflow import Role
from storage import (
    history,
    indicators,
    knowledge,
    knowledge_figures,
    knowledge_lists,
    knowledge_sweep,
    knowledge_use,
    notices,
)
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.indicator_facts import Window
from storage.knowledge import ArticleForm
from storage.knowledge_lists import Version
from storage.knowledge_search import Wanted, find
from storage.people import Actor
from storage.steps import NotForYou
from tests.makers import AGENT, MORNING, RULES, later

TODAY = MORNING.date()
EDITOR = Actor("8002", Role.KNOWLEDGE_EDITOR, "rxzx")
SECOND = Actor("8012", Role.KNOWLEDGE_EDITOR, "rxzx")
WRITER = Actor("gjj", Role.HANDLER, "gjj")
OTHER_UNIT = Actor("ybj", Role.HANDLER, "ybj")
CHECKER = Actor("gjj-leader", Role.UNIT_LEADER, "gjj")


def form(**changes: Any) -> ArticleForm:
    fields: dict[str, Any] = {
        "category": "1305",
        "owner": "gjj",
        "title": "租房提取住房公积金",
        "questions": "租房子公积金怎么取",
        "answer": "先问是否有自有住房。",
        "citizen_answer": "登录网上大厅办理。",
        "sources": "《住房公积金管理条例》",
        "review_by": TODAY + timedelta(days=100),
        "public": True,
    }
    return ArticleForm(**fields | changes)


def add(store: Store, by: Actor = WRITER, **changes: Any) -> int:
    return store.write_now(lambda conn: knowledge.add(conn, form(**changes), by=by, at=MORNING, today=TODAY))


def write(store: Store, article: int, seen: int, by: Actor = WRITER, **changes: Any) -> int:
    return store.write_now(
        lambda conn: knowledge.write(
            conn, article, form(**changes), seen=seen, by=by, at=later(hours=1), today=TODAY
        )
    )


def check(store: Store, article: int, version: int = 1, by: Actor = CHECKER) -> None:
    store.write_now(lambda conn: knowledge.check(conn, article, version, by=by, at=later(hours=2)))


def release(store: Store, article: int, version: int = 1, by: Actor = EDITOR) -> None:
    store.write_now(
        lambda conn: knowledge.release(conn, article, version, by=by, at=later(hours=3), today=TODAY)
    )


def live(store: Store, **changes: Any) -> int:
    article = add(store, **changes)
    check(store, article)
    release(store, article)
    return article


def found(store: Store, words: str = "公积金", on: date = TODAY) -> list[str]:
    hits = store.read_now(lambda conn: find(conn, Wanted(words=words), today=on, most=9))
    return [hit.title for hit in hits]


def versions(store: Store, article: int) -> list[Version]:
    return store.read_now(lambda conn: knowledge_lists.versions(conn, article))


def pile(store: Store, name: str, by: Actor = EDITOR) -> list[int]:
    listed = store.read_now(lambda conn: knowledge_lists.pile(conn, name, by=by, today=TODAY))
    assert listed.total == len(listed.rows)
    return [one.article for one in listed.rows]


def sweep(store: Store, days: int) -> int:
    return store.write_now(
        lambda conn: knowledge_sweep.sweep(
            conn, today=TODAY + timedelta(days=days), at=later(days=days), rules=RULES
        )
    )


def told(store: Store, who: Actor, days: int = 400) -> list[str]:
    box = store.read_now(lambda conn: notices.inbox(conn, who, later(days=days)))
    return [one.kind.removeprefix("knowledge.") for one in reversed(box.rows)]


def test_nobody_hears_an_article_before_another_has_checked_it_and_an_editor_put_it_in_force(
    store: Store,
) -> None:
    article = add(store)
    with pytest.raises(OwnText):
        check(store, article, by=WRITER)
    with pytest.raises(WrongState):
        release(store, article)
    assert (found(store), pile(store, "draft")) == ([], [article])
    check(store, article)
    with pytest.raises(NotYourArticle):
        release(store, article, by=CHECKER)
    assert (found(store), pile(store, "checked")) == ([], [article])
    release(store, article)
    assert found(store) == ["租房提取住房公积金"]
    kinds = [fact.kind for fact in store.read_now(lambda conn: history.of(conn, f"knowledge:{article}"))]
    assert [kind for kind in kinds if kind != "refused"] == [
        "knowledge.drafted",
        "knowledge.checked",
        "knowledge.released",
    ]
    assert kinds.count("refused") == 3


def test_a_small_change_by_another_does_not_let_the_author_check_his_own_text(store: Store) -> None:
    article = add(store)
    write(store, article, 1, by=EDITOR, title="租房提取公积金")
    with pytest.raises(OwnText):
        check(store, article, 2, by=WRITER)
    check(store, article, 2, by=CHECKER)
    assert [one.state for one in versions(store, article)] == ["checked", "replaced"]


def test_the_old_text_stays_in_force_until_the_new_one_replaces_it_and_no_version_is_edited(
    store: Store,
) -> None:
    article = live(store)
    write(store, article, 1, title="租房、无房提取住房公积金")
    assert found(store) == ["租房提取住房公积金"]
    check(store, article, 2)
    release(store, article, 2)
    assert found(store) == ["租房、无房提取住房公积金"]
    assert [(one.title, one.state) for one in versions(store, article)] == [
        ("租房、无房提取住房公积金", "live"),
        ("租房提取住房公积金", "replaced"),
    ]


def test_of_two_who_write_on_the_same_version_the_second_is_told(store: Store) -> None:
    article = add(store)
    assert write(store, article, 1) == 2
    with pytest.raises(Conflict):
        write(store, article, 1, by=EDITOR)


@pytest.mark.parametrize("who", [OTHER_UNIT, AGENT])
def test_who_does_not_answer_for_it_neither_writes_nor_checks_nor_withdraws(store: Store, who: Actor) -> None:
    article = live(store)
    with pytest.raises(NotYourArticle):
        add(store, by=who)
    with pytest.raises(NotYourArticle):
        write(store, article, 1, by=who)
    with pytest.raises(NotYourArticle):
        store.write_now(lambda conn: knowledge.withdraw(conn, article, 1, "x", by=who, at=MORNING))
    with pytest.raises(NotYourArticle):
        write(store, article, 1, by=WRITER, owner="ybj")


def test_an_article_needs_a_source_a_review_within_a_year_and_words_for_citizens_if_it_is_public(
    store: Store,
) -> None:
    def wrong(**changes: Any) -> set[str]:
        with pytest.raises(Invalid) as refused:
            add(store, **changes)
        return set(refused.value.fields)

    assert wrong(sources=" ", title="") == {"sources", "title"}
    assert wrong(review_by=None) == wrong(review_by=TODAY) == {"review_by"}
    assert wrong(review_by=TODAY + timedelta(days=367)) == {"review_by"}
    assert wrong(valid_until=TODAY - timedelta(days=1)) == {"valid_until"}
    assert wrong(citizen_answer="") == {"citizen_answer"}
    assert wrong(category="13", owner="nobody", by=EDITOR) == {"category", "owner"}
    assert add(store, citizen_answer="", public=False)


def test_a_refused_draft_tells_its_writer_why_and_is_written_anew(store: Store) -> None:
    article = add(store)
    store.write_now(
        lambda conn: knowledge.refuse(conn, article, 1, "缺办理地点", by=EDITOR, at=later(hours=1))
    )
    assert versions(store, article)[0].end_reason == "缺办理地点"
    assert (pile(store, "refused"), told(store, WRITER)) == ([article], ["refused"])
    write(store, article, 1)
    assert pile(store, "refused") == []


def test_what_ends_is_ended_once_and_its_unit_and_the_editors_are_told(store: Store) -> None:
    article = live(store, valid_until=TODAY + timedelta(days=30))
    assert [sweep(store, days) for days in (1, 16, 16, 30, 31, 31)] == [0, 1, 0, 0, 1, 0]
    assert versions(store, article)[0].state == "expired"
    assert found(store) == []
    assert told(store, WRITER) == ["expires_soon", "expired"]
    assert told(store, EDITOR) == ["expired"]


def test_the_owner_is_reminded_before_the_review_and_the_editors_hear_when_it_was_missed(
    store: Store,
) -> None:
    live(store)
    assert [sweep(store, days) for days in (85, 86, 90, 100, 101, 102)] == [0, 1, 0, 0, 1, 0]
    assert told(store, WRITER) == ["review_soon", "overdue"]
    assert told(store, EDITOR) == ["overdue"]


def test_a_confirmed_text_goes_on_with_a_new_date_and_is_reminded_of_again(store: Store) -> None:
    article = live(store)
    sweep(store, 90)
    then = TODAY + timedelta(days=90)

    def confirm(version: int) -> None:
        review = then + timedelta(days=200)
        store.write_now(
            lambda conn: knowledge.confirm(
                conn, article, version, review, by=CHECKER, at=later(days=90), today=then
            )
        )

    confirm(1)
    newest, before = versions(store, article)
    assert (newest.title, newest.made_by, newest.live_by) == (before.title, before.made_by, "gjj-leader")
    assert (newest.state, before.state, before.review_by) == ("live", "replaced", TODAY + timedelta(days=100))
    assert [sweep(store, days) for days in (101, 280)] == [0, 1]
    with pytest.raises(WrongState):
        confirm(1)
    write(store, article, 2)
    with pytest.raises(Conflict):
        confirm(2)


def test_an_article_used_twice_in_one_call_counts_once_and_the_last_word_holds(store: Store) -> None:
    article = live(store)

    def use(call: str, *, helpful: bool = True) -> None:
        store.write_now(
            lambda conn: knowledge_use.used(conn, article, call=call, helpful=helpful, by=AGENT, at=MORNING)
        )

    for call in ("c1", "c1", "c2", "", ""):
        use(call)
    use("c2", helpful=False)
    (line,) = store.read_now(
        lambda conn: knowledge_figures.used_most(conn, begins=MORNING, ends=later(hours=1))
    )
    assert (line.used, line.unhelpful, line.unit_name) == (4, 1, "公积金中心")
    with pytest.raises(Missing):
        store.write_now(lambda conn: knowledge_use.used(conn, 999, by=AGENT, at=MORNING))


def test_i_19_hit_share_gap_share_and_overdue_reviews_are_counted_as_worked_out_on_paper(
    store: Store,
) -> None:
    article = live(store)
    live(store, owner="gjj", title="购房提取", review_by=TODAY + timedelta(days=2))

    def work(conn: Any) -> None:
        knowledge_use.used(conn, article, call="c1", by=AGENT, at=later(hours=4))
        knowledge_use.used(conn, article, call="c2", helpful=False, by=AGENT, at=later(hours=4))
        knowledge_use.missing(conn, "没有的", call="c2", by=AGENT, at=later(hours=4))
        knowledge_use.missing(conn, "没有的", call="c3", by=AGENT, at=later(hours=4))
        knowledge_use.used(conn, article, by=AGENT, at=later(hours=4))
        knowledge_use.missing(conn, "次日才问", by=AGENT, at=later(days=5))

    store.write_now(work)

    def figures(days: int) -> dict[str, tuple[float, float]]:
        found = store.read_now(
            lambda conn: knowledge_figures.shares(
                conn, begins=MORNING, ends=later(days=days), last_day=TODAY + timedelta(days=days)
            )
        )
        return {code: (figure.part, figure.whole) for code, figure in found.items()}

    # Four have looked: c1 and the one outside a call were helped; c2 and c3 found nothing.
    assert figures(1) == {"knowledge_hit": (2, 4), "knowledge_gap": (2, 4), "knowledge_overdue": (0, 2)}
    assert figures(3)["knowledge_overdue"] == (1, 2)
    window = Window(begins=MORNING, ends=later(days=3), at=later(days=9))
    codes = ("knowledge_hit", "knowledge_overdue")
    told = store.read_now(lambda conn: indicators.measure(conn, codes, window, calendar=RULES.calendar))
    assert {code: figure[indicators.WHOLE].value for code, figure in told.items()} == {
        "knowledge_hit": 0.5,
        "knowledge_overdue": 0.5,
    }
    # What is withdrawn later was in force then.
    store.write_now(lambda conn: knowledge.withdraw(conn, article, 1, "停", by=EDITOR, at=later(days=4)))
    assert figures(3)["knowledge_overdue"] == (1, 2)
    assert figures(6)["knowledge_overdue"] == (1, 1)


def test_a_gap_hides_who_asked_and_goes_to_the_unit_in_the_editors_words(store: Store) -> None:
    words = "我叫陈建国,电话13850123456,加装电梯补贴怎么申请"
    gap = store.write_now(lambda conn: knowledge_use.missing(conn, words, call="c1", by=AGENT, at=MORNING))
    (kept,) = store.read_now(lambda conn: knowledge_use.gaps(conn, "open")).rows
    assert "13850123456" not in kept.text
    assert "陈建国" not in kept.text

    def ask(by: Actor) -> None:
        store.write_now(
            lambda conn: knowledge_use.ask(conn, gap, "gjj", "请补充加装电梯提取", by=by, at=MORNING)
        )

    with pytest.raises(NotForYou):
        ask(AGENT)
    ask(EDITOR)
    (notice,) = store.read_now(lambda conn: notices.inbox(conn, WRITER, MORNING)).rows
    assert notice.detail == {"words": "请补充加装电梯提取"}
    article = live(store)
    store.write_now(lambda conn: knowledge_use.answer(conn, gap, article, by=EDITOR, at=MORNING))
    with pytest.raises(Conflict):
        store.write_now(lambda conn: knowledge_use.dismiss(conn, gap, "重复", by=EDITOR, at=MORNING))
    found = store.read_now(lambda conn: knowledge_use.gaps(conn, "answered"))
    assert (found.counts, found.rows[0].article) == ({"answered": 1}, article)


def test_a_unit_sees_the_piles_of_its_own_articles_only(store: Store) -> None:
    article = add(store)
    assert pile(store, "draft", WRITER) == pile(store, "draft", SECOND) == [article]
    assert pile(store, "draft", OTHER_UNIT) == []
    late = live(store, title="快到期", review_by=TODAY + timedelta(days=3))
    assert pile(store, "due", CHECKER) == [late]
