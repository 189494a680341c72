"""What `hotline due` prints, and what it says to questions it cannot answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.due import BadQuestion, due_line


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-02-13T10:00", 2, "2026-02-24T23:59:59+08:00"),
        ("2026-02-13", 10, "2026-03-05T23:59:59+08:00"),
        ("2026-02-13T18:00Z", 2, "2026-02-25T23:59:59+08:00"),  # two in the morning of the 14th in the city
        ("2026-12-21T10:00", 10, "2027-01-05T23:59:59+08:00"),
    ],
)
def test_the_line_is_the_last_second_of_the_due_day(start: str, days: int, due: str) -> None:
    assert due_line(start, days=days) == due


@pytest.mark.parametrize(
    ("clock", "intent", "due"),
    [("reply", "投诉", "2026-03-05"), ("read", "投诉", "2026-02-24"), ("reply", "咨询", "2026-03-05")],
)
def test_a_policy_gives_the_limit(clock: str, intent: str, due: str) -> None:
    line = due_line("2026-02-13T10:00", policy="fuzhou-2010", clock=clock, intent=intent)
    assert line == f"{due}T23:59:59+08:00"


def test_working_time_is_printed_to_the_second() -> None:
    assert due_line("2026-09-18T17:50", minutes=60) == "2026-09-20T09:20:00+08:00"
    assert due_line("2026-09-18T17:50", hours=1) == "2026-09-20T09:20:00+08:00"


def test_pauses_move_the_line() -> None:
    line = due_line("2026-02-13T10:00", days=10, pauses=[("2026-02-26T10:00", "2026-03-10T10:00")])
    assert line == "2026-03-18T23:59:59+08:00"
    line = due_line("2026-09-21T10:00", days=7, pauses=[("2026-09-28", "2026-10-09")])
    assert line == "2026-10-13T23:59:59+08:00"


def test_another_city_has_its_own_day() -> None:
    assert due_line("2026-02-13T23:30", days=2, zone="Asia/Urumqi") == "2026-02-24T23:59:59+06:00"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ({"frm": "yesterday", "days": 2}, "时间“yesterday”不对"),
        ({"frm": "", "days": 2}, "not a moment"),
        ({"frm": "2026-02-30", "days": 2}, "not a moment"),
        ({"frm": "0001-01-01", "days": 2}, "2004"),
        ({"frm": "2003-12-31", "policy": "haikou-2017"}, "2004"),
        ({"frm": "2036-12-30", "days": 9}, "2036"),
        ({"frm": "9999-12-31T23:59:59-12:00", "days": 2}, "not a moment"),
        ({"frm": "2026-02-13", "days": 0}, "时限不对"),
        ({"frm": "2026-02-13", "days": -2}, "时限不对"),
        ({"frm": "2026-02-13", "hours": 10**30}, "时限不对"),
        ({"frm": "2026-02-13"}, "give one limit"),
        ({"frm": "2026-02-13", "days": 2, "policy": "fuzhou-2010"}, "give one limit"),
        ({"frm": "2026-02-13", "policy": "fuzhou-1910"}, "fuzhou-2010"),
        ({"frm": "2026-02-13", "policy": "fuzhou-2010", "clock": "alarm"}, "read, reply"),
        ({"frm": "2026-02-13", "policy": "fuzhou-2010", "intent": "complaint"}, "咨询、求助"),
        ({"frm": "2026-02-13", "policy": "fuzhou-2010", "urgency": "now"}, "一般、紧急"),
        ({"frm": "2026-02-13", "policy": "gulou-2020", "clock": "read"}, "no such limit"),
        ({"frm": "2026-02-13", "days": 2, "zone": "Mars/Olympus"}, "no such time zone"),
        ({"frm": "2026-02-13", "days": 2, "zone": "../../etc/passwd"}, "no such time zone"),
        ({"frm": "2026-02-13", "days": 2, "pauses": [("2026-03-13", "2026-03-14")]}, "已经超期"),
        ({"frm": "2026-02-13", "days": 2, "pauses": [("2026-02-14", "2026-02-13")]}, "earlier"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(question: dict[str, Any], says: str) -> None:
    with pytest.raises(BadQuestion, match=says):
        due_line(**question)


@given(st.text(max_size=30), st.integers())
def test_any_text_and_number_is_answered_or_refused(start: str, days: int) -> None:
    try:
        line = due_line(start, days=days)
    except BadQuestion:
        return
    assert line.endswith("23:59:59+08:00")
