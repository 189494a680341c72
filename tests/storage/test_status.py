"""Status by number and code: public facts only, one answer for all wrong ones, and a lock against guessing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.workflow import State
from storage import cases
from storage.engine import Store
from tests.makers import AGENT, DISPATCHER, MORNING, RULES, a_form, a_reply, later
from tests.storage import walks
from tests.storage.walks import registered

NOBODY = "261123999990"


def ask(
    store: Store, digits: str, code: str, *, caller: str = "13850123456", at: datetime = MORNING
) -> cases.Status | cases.WrongCode | cases.Locked:
    return store.write_now(lambda conn: cases.status_by_code(conn, digits, code, caller=caller, at=at))


def wrong(code: str) -> str:
    """A code that differs from the right one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def with_code(store: Store, no: str) -> tuple[str, str]:
    return walks.view(store, no).digits, walks.code_for(store, no)


def test_a_new_case_tells_what_was_filed_when(store: Store) -> None:
    case = registered(store)
    assert ask(store, case.digits, case.code, at=later(hours=1)) == cases.Status(
        digits=case.digits,
        filed_at=MORNING,
        title="道路井盖缺失",
        category="道路井盖",
        unit_name=None,
        reply_by=None,
        state=State.REGISTERED,
        public_reply=None,
        no=case.no,
        may_urge=True,
        may_add=True,
        may_judge=False,
        may_withdraw=True,
    )


def test_a_dispatched_case_tells_who_must_reply_by_when(store: Store) -> None:
    case = registered(store)
    store.write_now(
        lambda conn: cases.dispatch(conn, case.no, lead="szgc", by=DISPATCHER, at=MORNING, rules=RULES)
    )
    found = ask(store, case.digits, case.code)
    assert isinstance(found, cases.Status)
    assert found.unit_name == "市政中心"
    assert found.reply_by == datetime.fromisoformat("2026-11-26T23:59:59+08:00")


@pytest.mark.parametrize(
    ("walk", "reply"),
    [
        (walks.replied, None),
        (walks.in_final_review, None),
        (walks.in_feedback, a_reply().public_text),
        (walks.closed, a_reply().public_text),
    ],
)
def test_the_reply_is_told_only_after_the_final_review(store: Store, walk: Any, reply: str | None) -> None:
    found = ask(store, *with_code(store, walk(store)))
    assert isinstance(found, cases.Status)
    assert found.public_reply == reply


def test_no_name_number_or_internal_word_is_told(store: Store) -> None:
    found = ask(store, *with_code(store, walks.closed(store)))
    told = repr(found)
    assert isinstance(found, cases.Status)
    for secret in ("陈女士", "13850123456", a_form().content, a_reply().handled_text, "szgc02"):
        assert secret not in told


def test_a_wrong_code_and_a_wrong_number_are_the_same_answer(store: Store) -> None:
    case = registered(store)
    assert ask(store, case.digits, wrong(case.code)) == ask(store, NOBODY, "123456") == cases.WrongCode()


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_codes_lock_the_number_for_thirty_minutes(store: Store, *, exists: bool) -> None:
    case = registered(store)
    digits = case.digits if exists else NOBODY
    answers = [ask(store, digits, wrong(case.code), caller=f"139{n}") for n in range(6)]
    assert [type(one) for one in answers] == [cases.WrongCode] * 5 + [cases.Locked]
    assert answers[-1] == cases.Locked(MORNING + timedelta(minutes=30))


def test_while_locked_even_the_right_code_is_not_heard(store: Store) -> None:
    case = registered(store)
    for n in range(5):
        ask(store, case.digits, wrong(case.code), caller=f"139{n}")
    assert isinstance(ask(store, case.digits, case.code, at=later(minutes=29)), cases.Locked)
    assert isinstance(ask(store, case.digits, case.code, at=later(minutes=30)), cases.Status)


def test_the_right_code_clears_the_count(store: Store) -> None:
    case = registered(store)
    for _ in range(3):
        for n in range(4):
            assert isinstance(ask(store, case.digits, wrong(case.code), caller=f"139{n}"), cases.WrongCode)
        assert isinstance(ask(store, case.digits, case.code), cases.Status)


def test_wrong_codes_are_forgotten_after_a_day(store: Store) -> None:
    case = registered(store)
    for _ in range(4):
        ask(store, case.digits, wrong(case.code))
    for _ in range(4):
        assert isinstance(ask(store, case.digits, wrong(case.code), at=later(days=2)), cases.WrongCode)


def test_a_caller_who_guesses_at_many_cases_is_locked_for_an_hour(store: Store) -> None:
    case = registered(store)
    answers = [ask(store, f"2611230{n:05}", "123456", caller="139") for n in range(21)]
    assert [type(one) for one in answers] == [cases.WrongCode] * 20 + [cases.Locked]
    assert isinstance(ask(store, case.digits, case.code, caller="139"), cases.Locked)
    assert isinstance(ask(store, case.digits, case.code, caller="138"), cases.Status)
    assert isinstance(ask(store, case.digits, case.code, caller="139", at=later(hours=1)), cases.Status)


def test_callers_without_a_number_do_not_lock_each_other_out(store: Store) -> None:
    case = registered(store)
    for n in range(40):
        ask(store, f"2611230{n:05}", "123456", caller="")
    assert isinstance(ask(store, case.digits, case.code, caller=""), cases.Status)


def test_a_merged_case_tells_how_the_other_one_stands(store: Store) -> None:
    master, case = walks.in_feedback(store), registered(store, title="井盖没了")
    store.write_now(lambda conn: cases.merge(conn, case.no, master, by=AGENT, at=later(days=2), rules=RULES))
    found = ask(store, case.digits, case.code)
    assert isinstance(found, cases.Status)
    assert (found.digits, found.title, found.state) == (case.digits, "井盖没了", State.FEEDBACK)
    assert found.public_reply == a_reply().public_text


@pytest.mark.parametrize(
    "digits", ["", "1", "' OR 1=1 --", "一二三四五六七八九十一二", "9" * 500, "\x00", "\ud800"]
)
def test_odd_numbers_are_wrong_and_nothing_more(store: Store, digits: str) -> None:
    assert ask(store, digits, "123456") == cases.WrongCode()
    assert ask(store, "261123000013", digits) == cases.WrongCode()


def test_a_code_opens_only_with_the_key_it_was_made_with(sqlite_url: str) -> None:
    store = Store.open(sqlite_url, code_key=b"of this city")
    case = registered(store)
    assert isinstance(ask(store, case.digits, case.code), cases.Status)
    store.close()
    other = Store.open(sqlite_url, code_key=b"another key")
    assert ask(other, case.digits, case.code) == cases.WrongCode()
    other.close()


def test_a_code_that_was_kept_before_the_city_had_a_key_still_opens(sqlite_url: str) -> None:
    before = Store.open(sqlite_url)
    case = registered(before)
    before.close()
    after = Store.open(sqlite_url, code_key=b"of this city")
    assert isinstance(ask(after, case.digits, case.code), cases.Status)
    assert ask(after, case.digits, "000000" if case.code != "000000" else "000001") == cases.WrongCode()
    after.close()
