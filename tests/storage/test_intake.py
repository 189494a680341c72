"""A case comes in: once, whole, with a number and a code that only the citizen has."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from cases.numbers import NumbersUsedUp, parse
from cases.rules import rules_for
from cases.workflow import NotAllowed, Secrecy, State
from storage import cases, drafts, history
from storage.engine import Store
from storage.errors import Invalid
from storage.intake import CASE
from tests.makers import AGENT, DISPATCHER, HANDLER, MORNING, RULES, a_form, later
from tests.storage.walks import kinds, registered, view


def register(store: Store, key: str = "k", **changes: Any) -> cases.Registered:
    form = a_form(**changes)
    return store.write_now(
        lambda conn: cases.register(conn, form, key=key, by=AGENT, at=MORNING, rules=RULES)
    )


def count(store: Store) -> int:
    return len(store.read_now(lambda conn: conn.execute(select(CASE.c.id)).all()))


def test_the_first_case_of_the_day_has_number_one_and_a_right_check_digit(store: Store) -> None:
    first = register(store)
    assert first.no.startswith("RH261123-00001-")
    assert parse(first.digits, "RH").display == first.no
    assert len(first.code) == 6


def test_numbers_follow_each_other_and_start_anew_each_day(store: Store) -> None:
    serials = [registered(store, at=at).no[9:14] for at in (MORNING, MORNING, later(days=1), MORNING)]
    assert serials == ["00001", "00002", "00001", "00003"]


def test_the_day_is_the_citys_day(store: Store) -> None:
    late_evening_in_utc = MORNING.replace(hour=17)
    assert registered(store, at=late_evening_in_utc).no.startswith("RH261124-")


def test_each_node_gives_numbers_of_its_own_block(store: Store) -> None:
    numbers = [registered(store, rules=rules_for("RH", node=node)).no[9:14] for node in (0, 1, 1, 0)]
    assert numbers == ["00001", "10001", "10002", "00002"]


def test_a_node_that_has_used_its_numbers_up_says_so_and_keeps_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = rules_for("RH", node=0)
    object.__setattr__(tiny.node_block, "last", 1)
    put = partial(cases.register, form=a_form(), by=AGENT, at=MORNING, rules=tiny)
    store.write_now(lambda conn: put(conn, key="a"))
    with pytest.raises(NumbersUsedUp):
        store.write_now(lambda conn: put(conn, key="b"))
    assert count(store) == 1


def test_everything_that_was_filled_in_is_kept(store: Store) -> None:
    no = register(store, urgency="紧急", confidential=Secrecy.HIDE_CONTACT, unit="szgc").no
    kept = view(store, no)
    form = a_form()
    assert (kept.title, kept.content, kept.address) == (form.title, form.content, form.address)
    assert (kept.contact_name, kept.contact_number) == (form.contact_name, form.contact_number)
    assert (kept.urgency, kept.confidential, kept.wanted_unit) == ("紧急", Secrecy.HIDE_CONTACT, "szgc")
    assert (kept.state, kept.category_name, kept.call) == (State.REGISTERED, "道路井盖", form.call)
    assert kinds(store, no) == ["case.registered"]


def test_the_code_is_not_kept_in_the_clear(store: Store) -> None:
    code = register(store).code
    row = store.read_now(lambda conn: conn.execute(select(CASE)).one())
    assert code not in [str(value) for value in row]
    assert not row.code_hash.endswith(code)


def test_a_repeated_key_finds_the_same_case(store: Store) -> None:
    first, second = register(store, "same"), register(store, "same")
    assert (second.no, second.digits, second.again) == (first.no, first.digits, True)
    assert count(store) == 1


def test_after_a_repeat_only_the_newest_code_holds(store: Store) -> None:
    first, second = register(store, "same"), register(store, "same")
    ask = partial(cases.status_by_code, digits=first.digits, caller="138", at=later(hours=1))
    assert isinstance(store.write_now(lambda conn: ask(conn, code=second.code)), cases.Status)
    if first.code != second.code:
        assert isinstance(store.write_now(lambda conn: ask(conn, code=first.code)), cases.WrongCode)


async def test_the_same_key_at_the_same_moment_makes_one_case(store: Store) -> None:
    put = partial(cases.register, form=a_form(), key="same", by=AGENT, at=MORNING, rules=RULES)
    outcomes = await asyncio.gather(*(store.write(put) for _ in range(20)))
    assert len({one.no for one in outcomes}) == 1
    assert [one.again for one in outcomes].count(False) == 1
    assert count(store) == 1


async def test_many_at_once_all_get_numbers_of_their_own(store: Store) -> None:
    puts = [
        partial(cases.register, form=a_form(), key=f"k{n}", by=AGENT, at=MORNING, rules=RULES)
        for n in range(100)
    ]
    outcomes = await asyncio.gather(*(store.write(put) for put in puts))
    assert len({one.no for one in outcomes}) == 100
    assert store.read_now(history.verify) is None


def test_registering_drops_the_draft_of_the_call(store: Store) -> None:
    call = a_form().call or ""
    store.write_now(
        lambda conn: drafts.save_draft(conn, call=call, by="1001", fields={"title": "井"}, at=MORNING)
    )
    register(store)
    assert store.read_now(lambda conn: drafts.draft(conn, call)) is None


def test_a_draft_takes_whatever_a_browser_sends(store: Store) -> None:
    odd = {"title": "\x00\ud800'\"\r\n", "": "x" * 50_000}
    store.write_now(lambda conn: drafts.save_draft(conn, call="c", by="1", fields=odd, at=MORNING))
    assert store.read_now(lambda conn: drafts.draft(conn, "c")) == odd


def test_a_draft_is_kept_as_last_typed(store: Store) -> None:
    for title in ("井", "井盖"):
        store.write_now(
            lambda conn, t=title: drafts.save_draft(conn, call="c", by="1", fields={"title": t}, at=MORNING)  # type: ignore[misc]
        )
    assert store.read_now(lambda conn: drafts.draft(conn, "c")) == {"title": "井盖"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " \n"}, "title"),
        ({"content": ""}, "content"),
        ({"address": ""}, "address"),
        ({"category": ""}, "category"),
        ({"category": "9999"}, "category"),
        ({"intent": "闲聊"}, "intent"),
        ({"urgency": "随便"}, "urgency"),
        ({"unit": "nowhere"}, "unit"),
        ({"contact_number": ""}, "contact_number"),
        ({"contact_number": "138'; DROP"}, "contact_number"),
        ({"contact_number": "1" * 41}, "contact_number"),
        ({"contact_number": "陈女士"}, "contact_number"),
        ({"title": "长" * 101}, "title"),
        ({"content": "长" * 10_001}, "content"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(store: Store, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        register(store, **changes)
    assert field in refused.value.fields
    assert count(store) == 0


def test_an_anonymous_case_needs_no_number(store: Store) -> None:
    assert register(store, contact_number="", reply_way="无需回复").no


def test_control_characters_do_not_get_into_the_store(store: Store) -> None:
    kept = view(store, register(store, title="井盖\x00\x1b[2J缺\ud800失", content="一行\r\n两行\x07").no)
    assert (kept.title, kept.content) == ("井盖[2J缺失", "一行\n两行")


def test_numbers_are_kept_without_blanks_and_brackets(store: Store) -> None:
    assert view(store, register(store, contact_number="(0590) 8765 4321").no).contact_number == "059087654321"


def test_an_answer_on_the_call_ends_it_at_once(store: Store) -> None:
    put = partial(cases.answer_on_call, form=a_form(intent="咨询"), by=AGENT, at=MORNING, rules=RULES)
    no = store.write_now(lambda conn: put(conn, answer="带身份证到窗口办理。", key="k")).no
    kept = view(store, no)
    assert (kept.state, kept.public_reply, kept.closed_at) == (
        State.ANSWERED,
        "带身份证到窗口办理。",
        MORNING,
    )
    assert kept.clocks == []


def test_an_answer_without_words_is_refused(store: Store) -> None:
    with pytest.raises(Invalid) as refused:
        store.write_now(
            lambda conn: cases.answer_on_call(
                conn, a_form(), "  ", key="k", by=AGENT, at=MORNING, rules=RULES
            )
        )
    assert list(refused.value.fields) == ["answer"]


def test_registering_and_dispatching_at_once_is_both_or_neither(store: Store) -> None:
    put = partial(cases.dispatch_on_call, form=a_form(), by=AGENT, at=MORNING, rules=RULES)
    with pytest.raises(Invalid):
        store.write_now(lambda conn: put(conn, units=["nowhere"], key="a"))
    assert count(store) == 0
    first = store.write_now(lambda conn: put(conn, units=["szgc", "cgj"], key="b"))
    again = store.write_now(lambda conn: put(conn, units=["szgc", "cgj"], key="b"))
    assert again.no == first.no
    assert view(store, first.no).state is State.DISPATCHED
    assert kinds(store, first.no) == ["case.registered", "case.ready", "assignment.created"]


def test_a_handler_does_not_register_cases(store: Store) -> None:
    with pytest.raises(NotAllowed):
        store.write_now(
            lambda conn: cases.register(conn, a_form(), key="k", by=HANDLER, at=MORNING, rules=RULES)
        )


def test_the_cases_of_a_caller_come_newest_first(store: Store) -> None:
    nos = [registered(store, at=later(hours=n), title=f"第{n}件").no for n in range(4)]
    registered(store, contact_number="13900000000")
    found = store.read_now(lambda conn: cases.cases_of_caller(conn, "13850123456", 3))
    assert [one.no for one in found] == nos[:0:-1]
    assert store.read_now(lambda conn: cases.cases_of_caller(conn, "", 3)) == []


def test_a_secret_case_is_not_among_those_that_a_seat_sees_of_a_number(store: Store) -> None:
    registered(store, confidential=Secrecy.SECRET)
    shown = registered(store).no
    for every in (cases.cases_of_caller, cases.open_of_caller):
        seen = store.read_now(partial(every, number="13850123456", limit=9))
        assert [one.no for one in seen] == [shown]
    assert store.read_now(lambda conn: cases.counted_of_caller(conn, "13850123456")) == (1, 1)


def test_a_line_says_whether_it_is_overdue(store: Store) -> None:
    no = registered(store).no
    store.write_now(
        lambda conn: cases.dispatch(conn, no, lead="szgc", by=DISPATCHER, at=later(minutes=5), rules=RULES)
    )
    (line,) = store.read_now(lambda conn: cases.cases_of_caller(conn, "13850123456", 3))
    assert line.due_at is not None
    assert line.unit_name == "市政中心"
    assert not line.overdue(line.due_at + timedelta(milliseconds=900))
    assert line.overdue(line.due_at + timedelta(seconds=1))


def test_what_a_form_leaves_open_is_as_its_category_has_it(store: Store) -> None:
    """Urgency and secrecy are preset by the category; what somebody has decided stays."""
    said: list[tuple[dict[str, Any], tuple[str, Secrecy]]] = [
        ({"category": "0503", "urgency": ""}, ("紧急", Secrecy.NONE)),
        ({"category": "0503", "urgency": "一般"}, ("一般", Secrecy.NONE)),
        ({"category": "1604", "urgency": ""}, ("一般", Secrecy.HIDE_CONTACT)),
        ({"category": "1604", "confidential": Secrecy.NONE}, ("一般", Secrecy.NONE)),
    ]
    for form, kept in said:
        case = view(store, registered(store, **form).no)
        assert (case.urgency, case.confidential) == kept, form
