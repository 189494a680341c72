"""Search finds exactly what LIKE would find, and never through the border of a field."""

import random
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from storage import cases, search
from storage.engine import Store
from storage.intake import CASE
from tests.makers import AGENT, DISPATCHER, RULES, later
from tests.storage.walks import dispatched, registered

PLACES = [
    "东门路12号",
    "西湖街道古港小区3号楼",
    "江南大道",
    "河埂街道101号",
    "城南镇中心小学",
    "福新中路75号",
]
THINGS = ["井盖缺失", "路灯不亮", "垃圾堆放", "夜间施工噪声", "停水停电", "KTV油烟扰民", "电梯故障E-07"]
WISHES = ["请尽快处理。", "希望 市政中心 回复!", "(多次反映未果)", "夜间有人摔倒", "已停水2天"]


@pytest.fixture
def filled(store: Store) -> Store:
    dice = random.Random(12345)
    for _ in range(120):
        place, thing, wish = dice.choice(PLACES), dice.choice(THINGS), dice.choice(WISHES)
        registered(
            store, title=thing, content=f"{place},{thing}{dice.randint(1, 99)}天,{wish}", address=place
        )
    return store


def found(store: Store, words: str, **filters: Any) -> cases.Found:
    return store.read_now(lambda conn: cases.search(conn, cases.Filters(words=words, **filters)))


def fields(store: Store) -> dict[str, list[str]]:
    """What the oracle looks through: the letters of each field of each case."""
    numbers = store.read_now(lambda conn: conn.execute(select(CASE.c.no)).scalars().all())
    views = [store.read_now(partial(cases.case, no=no)) for no in numbers]
    return {one.no: [search.plain(text) for text in (one.title, one.content, one.address)] for one in views}


def test_search_equals_like_on_random_pieces_of_the_texts(filled: Store) -> None:
    dice = random.Random(54321)
    texts = fields(filled)
    pieces = set()
    for parts in texts.values():
        for _ in range(6):
            part = dice.choice(parts)
            start, length = dice.randrange(len(part)), dice.randint(1, 6)
            pieces.add(part[start : start + length])
    # Pieces that stand nowhere, with characters that do.
    pieces |= {piece[::-1] for piece in list(pieces)[:100]}
    differences = {}
    for piece in sorted(pieces):
        oracle = sum(any(piece in part for part in parts) for parts in texts.values())
        if found(filled, piece).total != oracle:
            differences[piece] = (found(filled, piece).total, oracle)
    assert len(pieces) > 300
    assert differences == {}


def test_common_words_find_the_same_cases_by_the_other_way(filled: Store) -> None:
    for words in ("井盖", "停水停电", "东门路 夜间", "路", "福新中路 井盖缺失", "没有这样的"):
        rare, common = (filled.read_now(partial(_ids, words=words, common=each)) for each in (False, True))
        assert rare == common


def _ids(conn: Connection, words: str, *, common: bool) -> set[int]:
    condition = search.condition(conn, words, common=common)
    assert condition is not None
    return set(conn.execute(select(CASE.c.id).where(condition)).scalars())


def test_a_case_is_found_in_its_own_commit(store: Store) -> None:
    no = registered(store, content="某处凉亭漏雨").no
    assert [row.no for row in found(store, "凉亭漏雨").rows] == [no]


def test_two_words_must_both_be_there(store: Store) -> None:
    registered(store, title="井盖缺失", content="东门路", address="东门路")
    no = registered(store, title="井盖缺失", content="西湖路", address="西湖路").no
    assert [row.no for row in found(store, "西湖 井盖").rows] == [no]


def test_punctuation_and_capitals_do_not_matter(store: Store) -> None:
    no = registered(store, content="电梯(E-07)故障").no
    assert [row.no for row in found(store, "e07").rows] == [no]


def test_nothing_is_found_across_the_border_of_two_fields(store: Store) -> None:
    registered(store, title="路灯甲", content="乙不亮", address="丙处")
    assert found(store, "甲乙").total == 0


def test_newest_first_a_page_at_a_time(store: Store) -> None:
    nos = [registered(store, content=f"同样的诉求{n}").no for n in range(45)]
    first = store.read_now(lambda conn: cases.search(conn, cases.Filters(words="同样"), 1))
    last = store.read_now(lambda conn: cases.search(conn, cases.Filters(words="同样"), 3))
    assert [row.no for row in first.rows] == nos[:-21:-1]
    assert [row.no for row in last.rows] == nos[4::-1]
    assert (first.total, first.pages, first.has_more, last.has_more) == (45, 3, True, False)


def test_a_case_number_and_a_telephone_number_are_found_as_such(store: Store) -> None:
    case = registered(store, contact_number="13911112222")
    registered(store)
    for typed in (case.no, case.digits, f" {case.digits[:6]} {case.digits[6:]} ", "13911112222"):
        assert [row.no for row in found(store, typed).rows] == [case.no]


def test_filters_narrow_the_list(store: Store) -> None:
    late = dispatched(store, intent="咨询")
    registered(store, at=later(days=1))
    assert [row.no for row in found(store, "", unit="szgc").rows] == [late]
    assert [row.no for row in found(store, "", intent="咨询").rows] == [late]
    assert [row.no for row in found(store, "", until=later(hours=1)).rows] == [late]
    assert [row.no for row in found(store, "", unit="szgc", late_at=later(days=20)).rows] == [late]
    assert found(store, "", late_at=later(days=20)).total == 2
    assert found(store, "", late_at=later(hours=1)).total == 0
    assert found(store, "井盖", intent="咨询", unit="szgc").total == 1


@pytest.mark.parametrize(
    "words",
    ['"', "'", "%", "_", "*", "AND", "OR NOT", "NEAR(", "井盖 OR 路灯", "\x00", "(", "😀", "^井", "-", "a:b"],
)
def test_odd_words_are_only_words(store: Store, words: str) -> None:
    registered(store)
    assert found(store, words).total in (0, 1)


@given(st.text(max_size=30))
def test_every_piece_of_a_text_is_a_phrase_of_its_pairs(text: str) -> None:
    letters = search.plain(text)
    tokens = search.pairs(letters)
    assert "".join(token[0] for token in tokens) == letters
    assert all(len(token) == 2 for token in tokens[:-1])


def test_h15_a_unit_that_assists_finds_the_case_as_its_lead_does(store: Store) -> None:
    no = registered(store).no
    store.write_now(
        lambda conn: cases.dispatch(
            conn, no, lead="szgc", assist=["swjt"], by=DISPATCHER, at=later(minutes=5), rules=RULES
        )
    )
    registered(store)
    for unit in ("szgc", "swjt"):
        assert [row.no for row in found(store, "", unit=unit).rows] == [no]
    assert found(store, "", unit="gdgs").total == 0


def test_a_telephone_number_finds_nobody_for_who_may_not_know_callers(store: Store) -> None:
    registered(store, contact_number="13911112222", content="没有号码")
    assert found(store, "13911112222").total == 1
    assert found(store, "13911112222", callers=False).total == 0


@pytest.mark.parametrize("words", ["停水", "停电", "噪声", "水2", "路灯"])
def test_h33_words_of_two_characters_are_found_wherever_they_stand(store: Store, words: str) -> None:
    """A word at the beginning, in the middle and at the end, and one that only looks like it."""
    texts = (f"{words}两天", f"小区{words}了", f"今日{words}", f"{words[0]}无{words[1]}")
    nos = [registered(store, title="甲", content=text, address="乙").no for text in texts]
    assert [row.no for row in found(store, words).rows] == nos[2::-1]


def test_what_was_added_later_is_found_too_together_with_the_first_text(store: Store) -> None:
    no = dispatched(store, title="井盖缺失", content="夜间有人摔倒", address="东门路12号")
    other = dispatched(store, title="路灯不亮", content="已报修三次", address="江南大道")
    for words in ("门口还有一根电线垂下来", "今天又下雨了"):
        add = partial(cases.supplement, text=words, by=AGENT, at=later(hours=1), rules=RULES)
        store.write_now(lambda conn, add=add: add(conn, no))  # type: ignore[misc]
    for words in ("电线垂下", "下雨", "井盖 电线", "电线 下雨 东门路", "摔倒"):
        assert [row.no for row in found(store, words).rows] == [no], words
    assert found(store, "垂下来今天").rows == []
    assert [row.no for row in found(store, "路灯").rows] == [other]
