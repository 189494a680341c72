"""F10-11 on both databases: what everybody may find and read, and that nothing else is found."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from cases.workflow import Role
from storage import public_search, public_site, publication
from storage.engine import Store
from storage.people import Actor
from storage.public_site import Found, Published
from storage.publication import CopyForm
from tests.makers import later
from tests.storage import walks

FIRST = Actor("pub1", Role.PUBLICATION_OFFICER, "rxzx")
SECOND = Actor("pub2", Role.PUBLICATION_OFFICER, "rxzx")
ZONE = ZoneInfo("Asia/Shanghai")
WORDS = "我叫陈建国,电话13850123456,东门路12号门前井盖缺失。"


def publish(store: Store, no: str, **changes: Any) -> None:
    fields = {"title": "道路井盖缺失", "content": "东门路门前井盖缺失。", "reply": "井盖已更换。"}
    form = CopyForm(**{"decision": "publish", **fields, **changes})
    at = later(days=3)
    version = store.write_now(lambda conn: publication.propose(conn, no, form, by=FIRST, at=at))
    store.write_now(lambda conn: publication.sign(conn, no, version, by=SECOND, at=at))


def find(store: Store, words: str = "", **more: Any) -> Found:
    return store.read_now(lambda conn: public_site.find(conn, words, **more))


def one(store: Store, no: str) -> Published | None:
    return store.read_now(lambda conn: public_site.published(conn, no))


def test_f10_11_a_published_case_is_found_and_shows_its_way_through_the_units(store: Store) -> None:
    no = walks.closed(store)
    assert one(store, no) is None
    assert find(store).rows == []
    publish(store, no)
    seen = one(store, no)
    assert seen is not None
    assert (seen.title, seen.content, seen.reply) == ("道路井盖缺失", "东门路门前井盖缺失。", "井盖已更换。")
    assert list(seen.trail.reached) == [
        "received",
        "dispatched",
        "read",
        "handled",
        "answered",
        "called_back",
    ]
    assert [sent.lead for sent in seen.trail.sent] == [True]
    assert seen.trail.sent[0].at == later(minutes=5)
    assert [row.no for row in find(store).rows] == [no]


@pytest.mark.parametrize("words", ["井盖", "井", "东门路 更换", ""])
def test_f10_11_words_of_the_public_text_find_it(store: Store, words: str) -> None:
    no = walks.closed(store, content=WORDS)
    publish(store, no)
    assert [row.no for row in find(store, words).rows] == [no]


@pytest.mark.parametrize("words", ["陈建国", "13850123456", "12号", "盖井", "'; DROP", "NEAR("])
def test_f10_11_what_only_the_original_says_finds_nothing(store: Store, words: str) -> None:
    publish(store, walks.closed(store, content=WORDS))
    assert find(store, words).rows == []


def test_f10_11_a_number_finds_a_published_case_and_no_other(store: Store) -> None:
    shown, hidden = walks.closed(store), walks.closed(store)
    publish(store, shown)
    assert [row.no for row in find(store, shown).rows] == [shown]
    assert find(store, hidden).rows == []
    assert one(store, hidden) is None


def test_f10_11_what_is_taken_down_is_found_no_more_and_its_words_leave_the_index(store: Store) -> None:
    no = walks.closed(store)
    publish(store, no)
    publish(store, no, title="井盖已修", content="路面塌陷。")
    assert [find(store, words).total for words in ("缺失", "塌陷")] == [0, 1]
    store.write_now(lambda conn: publication.take_down(conn, no, "误", by=FIRST, at=later(days=4)))
    assert (find(store, "塌陷").rows, one(store, no)) == ([], None)
    assert store.read_now(_indexed) == 0


def _indexed(conn: Any) -> int:
    postgres = "SELECT count(*) FROM case_search_public WHERE body LIKE '%塌陷%'"
    sqlite = """SELECT count(*) FROM case_search_public WHERE case_search_public MATCH '"塌陷"'"""
    wanted = postgres if conn.dialect.name == "postgresql" else sqlite
    return int(conn.execute(text(wanted)).scalar_one())


def test_a_class_of_matters_is_looked_through_alone(store: Store) -> None:
    publish(store, walks.closed(store))
    assert [find(store, matter=code).total for code in ("01", "0105", "02", "%")] == [1, 1, 0, 0]


def test_copies_written_in_bulk_are_made_findable_once(store: Store) -> None:
    no = walks.closed(store)
    publish(store, no)
    assert store.write_now(public_search.catch_up) == 0
    copies = "UPDATE public_copy SET state = 'in_force' WHERE state = 'proposed'"
    form = CopyForm(decision="publish", title="窨井盖", content="松动。", reply="已修。")
    other = walks.closed(store)
    store.write_now(lambda conn: publication.propose(conn, other, form, by=FIRST, at=later(days=3)))
    store.write_now(lambda conn: conn.execute(text(copies)))
    assert store.write_now(public_search.catch_up) == 1
    assert [row.no for row in find(store, "窨井").rows] == [other]


def test_views_are_added_up_without_a_word_about_who_looked(store: Store) -> None:
    no = walks.closed(store)
    publish(store, no)
    for days in (3, 3, 4):
        seen = {no: 2, "RH261122-99999-9": 5}
        at = later(days=days)
        store.write_now(lambda conn, at=at, seen=seen: public_site.add_views(conn, seen, at=at, zone=ZONE))  # type: ignore[misc]
    shown = one(store, no)
    assert shown is not None
    assert (shown.views, find(store).rows[0].views) == (6, 6)
    columns = store.read_now(lambda conn: conn.execute(text("SELECT * FROM public_view")).keys())
    assert list(columns) == ["case", "day", "views"]


def test_hot_matters_count_the_last_week_and_leave_confidential_cases_out(store: Store) -> None:
    walks.registered(store)
    walks.registered(store)
    walks.registered(store, category="0107", title="路灯不亮")
    walks.registered(store, category="0107", confidential="secret")
    hot = store.read_now(lambda conn: public_site.hot_matters(conn, at=later(days=1)))
    assert [(code, count) for code, _, count in hot] == [("0105", 2), ("0107", 1)]
    assert store.read_now(lambda conn: public_site.hot_matters(conn, at=later(days=9))) == []
