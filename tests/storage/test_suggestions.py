"""What was suggested and taken, the models, and the cases that suggestions are made from, on both databases."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, update

from cases.workflow import Secrecy
from storage import cases, suggestion_rows, suggestions
from storage.engine import Store
from storage.intake import CASE
from storage.suggestions import MODEL, Shown
from tests.makers import AGENT, DISPATCHER, MORNING, RULES, a_form, later

DAY = date(2026, 11, 23)
LEARNED: dict[str, Any] = {"cases": 900, "examined": 100, "top1": 0.9, "top3": 0.97, "seconds": 3.5}


def filed(conn: Connection, key: str, **changes: Any) -> str:
    form = a_form(call=None, **changes)
    return cases.register(conn, form, key=key, by=AGENT, at=MORNING, rules=RULES).no


def took(conn: Connection, key: str, shown: Shown, units: tuple[str, ...] = (), **changes: Any) -> str:
    no = filed(conn, key, **changes)
    suggestions.record(conn, no, shown, units=units, by="1001", at=MORNING, rules=RULES)
    return no


def test_take_up_is_counted_by_day_and_the_final_matter_beside_it(store: Store) -> None:
    def work(conn: Connection) -> None:
        took(conn, "a" * 8, Shown(1, ("0105", "0106"), ("szgc",)), units=("szgc",))
        took(conn, "b" * 8, Shown(1, ("0106", "0105"), ("zjj",)), units=("szgc",))
        took(conn, "c" * 8, Shown(1, ("0106",), ("zjj",)))
        no = took(conn, "d" * 8, Shown(1, ("0105",), ()))
        took(conn, "e" * 8, Shown())
        cases.make_ready(conn, no, by=AGENT, at=later(minutes=5))
        cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=later(minutes=6), rules=RULES)

    store.write_now(work)
    (day,) = store.read_now(lambda conn: suggestions.taken_by_day(conn, DAY))
    assert (day.day, day.shown, day.first, day.among, day.held) == (DAY, 4, 2, 3, 2)
    assert (day.units_shown, day.unit_first, day.unit_among) == (2, 1, 1)
    assert store.read_now(lambda conn: suggestions.taken_by_day(conn, DAY + timedelta(days=1))) == []


def test_what_was_suggested_for_a_case_is_kept_once(store: Store) -> None:
    def work(conn: Connection) -> None:
        no = took(conn, "a" * 8, Shown(1, ("0105",), ()))
        suggestions.record(conn, no, Shown(1, ("0106",), ()), units=(), by="1001", at=MORNING, rules=RULES)

    store.write_now(work)
    (day,) = store.read_now(lambda conn: suggestions.taken_by_day(conn, DAY))
    assert (day.shown, day.first) == (1, 1)


def test_the_figures_of_models_stay_and_the_weights_only_of_the_newest(store: Store) -> None:
    for n in range(2):
        keep = partial(suggestions.keep_model, learned=LEARNED, data=bytes([n]), at=later(days=n))
        store.write_now(keep)
    kept = store.read_now(suggestions.models)
    assert [(each.version, each.top3) for each in kept] == [(2, 0.97), (1, 0.97)]
    assert store.read_now(lambda conn: suggestions.weights_of(conn, 2)) == b"\x01"
    assert store.read_now(lambda conn: suggestions.weights_of(conn, 1)) is None


def test_only_so_many_models_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "KEPT", 2)
    for n in range(4):
        store.write_now(partial(suggestions.keep_model, learned=LEARNED, data=b"x", at=later(days=n)))
    rows = store.read_now(lambda conn: conn.execute(MODEL.select()).all())
    assert sorted(row.version for row in rows) == [3, 4]


def test_cases_come_in_portions_and_confidential_or_void_ones_never(store: Store) -> None:
    def work(conn: Connection) -> list[str]:
        numbers = [filed(conn, f"case-number-{n}") for n in range(7)]
        conn.execute(update(CASE).where(CASE.c.no == numbers[2]).values(confidential=Secrecy.HIDE_CONTACT))
        conn.execute(update(CASE).where(CASE.c.no == numbers[3]).values(confidential=Secrecy.SECRET))
        conn.execute(update(CASE).where(CASE.c.no == numbers[4]).values(state="invalid"))
        return numbers

    numbers, seen, last = store.write_now(work), [], 0
    for _ in range(10):
        found, until = store.read_now(partial(suggestion_rows.after, last=last, most=2))
        seen += [each.no for each in found]
        if until <= last:
            break
        last = until
    assert seen == [numbers[n] for n in (0, 1, 5, 6)]
    assert store.read_now(lambda conn: suggestion_rows.newest_from(conn, 3)) == last - 3


def test_a_gap_in_the_numbers_of_the_cases_ends_nothing(store: Store) -> None:
    store.write_now(lambda conn: filed(conn, "the-first-case"))
    last = store.read_now(lambda conn: suggestion_rows.after(conn, 0, 5))[1]
    found, until = store.read_now(lambda conn: suggestion_rows.after(conn, last - 100, 5))
    assert (found, until) == ([], last - 1)
    found, until = store.read_now(lambda conn: suggestion_rows.after(conn, until, 5))
    assert (len(found), until) == (1, last)


def test_the_words_of_a_matter_are_its_name_its_keywords_and_what_people_say(store: Store) -> None:
    lamp = next(each for each in store.read_now(suggestion_rows.matters) if each.code == "0107")
    assert lamp.path == "城乡建设 › 路灯"
    assert {"路灯", "不亮", "灯杆"} <= set(lamp.words)


def test_the_place_is_learned_from_by_nothing(store: Store) -> None:
    store.write_now(lambda conn: filed(conn, "the-first-case"))
    (lesson,), _ = store.read_now(lambda conn: suggestion_rows.lessons(conn, 0, 10))
    assert lesson[0] == "0105"
    assert "东门路12号" not in lesson[1]
    assert lesson[2] == 1.0
