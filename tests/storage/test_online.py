"""F10-05, ★16 on both databases: what a citizen does about his case on our pages, by himself."""

from typing import Any

import pytest
from sqlalchemy import text

from cases.workflow import State
from storage import online, phone_service
from storage.engine import Store
from storage.errors import Invalid
from storage.online import Opened, VisitOver
from storage.phone_service import Judged, Urged
from storage.status import WrongCode
from tests.makers import RULES, later
from tests.storage import walks
from tests.storage.walks import kinds, view

AT = later(days=2)
MORE: dict[str, Any] = {"at": AT, "rules": RULES}


def opened(store: Store, no: str, *, source: str = "web", at: Any = AT) -> Opened:
    digits, code = view(store, no).digits, walks.code_for(store, no)
    found = store.write_now(
        lambda conn: online.open_visit(conn, digits, code, caller="web:x", source=source, at=at)
    )
    assert isinstance(found, Opened)
    return found


def judge(store: Store, ticket: str, solved: str, satisfied: str, **more: str) -> Judged:
    said: dict[str, Any] = {"reason": "", "comment": "", **more, **MORE}
    return store.write_now(
        lambda conn: online.evaluate(conn, ticket, solved=solved, satisfied=satisfied, **said)
    )


def test_f10_05_number_and_code_open_a_case_and_a_wrong_code_opens_nothing(store: Store) -> None:
    no = walks.handling(store)
    found = opened(store, no)
    assert found.status.no == no
    assert set(found.trail.reached) == {"received", "dispatched", "read"}
    wrong = f"{(int(walks.code_for(store, no)) + 1) % 1_000_000:06}"
    digits = view(store, no).digits
    refused = store.write_now(
        lambda conn: online.open_visit(conn, digits, wrong, caller="web:x", source="web", at=AT)
    )
    assert isinstance(refused, WrongCode)


def test_a_ticket_opens_one_case_for_a_quarter_of_an_hour_and_is_kept_as_a_hash(store: Store) -> None:
    found = opened(store, walks.handling(store))
    again = store.read_now(lambda conn: online.opened(conn, found.ticket, at=later(days=2, minutes=14)))
    assert again == found
    kept = store.read_now(
        lambda conn: conn.execute(text("SELECT ticket_hash FROM citizen_visit")).scalars().all()
    )
    assert found.ticket not in kept
    for ticket, at in (
        (found.ticket, later(days=2, minutes=15)),
        ("", AT),
        ("x" * 5_000, AT),
        ("\ud800", AT),
    ):
        with pytest.raises(VisitOver):
            store.read_now(lambda conn, ticket=ticket, at=at: online.opened(conn, ticket, at=at))  # type: ignore[misc]


def test_who_leaves_leaves_nothing_open(store: Store) -> None:
    found = opened(store, walks.handling(store), source="kiosk")
    store.write_now(lambda conn: online.leave(conn, found.ticket))
    with pytest.raises(VisitOver):
        store.read_now(lambda conn: online.opened(conn, found.ticket, at=AT))


def test_what_a_citizen_adds_reaches_the_case_and_a_reload_adds_nothing(store: Store) -> None:
    no = walks.handling(store)
    ticket = opened(store, no).ticket
    for _ in range(2):
        went = store.write_now(lambda conn: online.add_words(conn, ticket, "夜里又塌了一块", **MORE))
        assert went == no
    assert kinds(store, no).count("citizen.supplemented") == 1
    wanted = "SELECT words, channel FROM supplement"
    rows = store.read_now(lambda conn: conn.execute(text(wanted)).all())
    assert [tuple(row) for row in rows] == [("夜里又塌了一块", "web")]


def test_a_case_takes_five_supplements_a_day_from_the_pages(store: Store) -> None:
    ticket = opened(store, walks.handling(store)).ticket
    for n in range(5):
        store.write_now(lambda conn, n=n: online.add_words(conn, ticket, f"补充{n}", **MORE))  # type: ignore[misc]
    with pytest.raises(Invalid, match="12345"):
        store.write_now(lambda conn: online.add_words(conn, ticket, "补充5", **MORE))


def test_a_case_is_urged_once_a_day_whether_by_telephone_or_on_the_page(store: Store) -> None:
    no = walks.handling(store)
    ticket = opened(store, no).ticket
    urged = [store.write_now(lambda conn: online.urge(conn, ticket, **MORE)) for _ in range(2)]
    assert urged == [Urged.NOW, Urged.TODAY]
    by_phone = store.write_now(lambda conn: phone_service.urge(conn, no, call="hotline1-1.0", **MORE))
    assert by_phone is Urged.TODAY


def test_an_evaluation_on_the_page_closes_the_case_with_both_answers_as_they_were_given(store: Store) -> None:
    no = walks.in_feedback(store)
    ticket = opened(store, no, source="kiosk").ticket
    assert judge(store, ticket, "no", "不满意", reason="slow", comment="等了一周") is Judged.CLOSED
    kept = "SELECT solved, satisfied, reason, source, comment FROM callback_attempt"
    row = store.read_now(lambda conn: conn.execute(text(kept)).one())
    assert tuple(row) == ("no", "不满意", "slow", "kiosk", "等了一周")
    assert view(store, no).state is State.CLOSED
    assert judge(store, ticket, "full", "满意") is Judged.OVER


@pytest.mark.parametrize(("solved", "satisfied"), [("", "满意"), ("full", ""), ("", ""), ("yes", "好")])
def test_no_answer_is_ever_assumed(store: Store, solved: str, satisfied: str) -> None:
    no = walks.in_callback(store)
    ticket = opened(store, no).ticket
    with pytest.raises(Invalid):
        judge(store, ticket, solved, satisfied)
    assert view(store, no).state is State.CALLBACK


def test_a_citizen_withdraws_his_case_and_a_danger_goes_on_without_him(store: Store) -> None:
    calm, dangerous = walks.handling(store), walks.handling(store, urgency="紧急")
    for no in (calm, dangerous):
        ticket = opened(store, no).ticket
        went_on = store.write_now(lambda conn, ticket=ticket: online.withdraw(conn, ticket, **MORE))  # type: ignore[misc]
        assert view(store, no).state is State.WITHDRAWN
        assert (went_on is None) is (no == calm)
