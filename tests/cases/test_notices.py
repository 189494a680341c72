"""Reading the notice of a year: what people paste, and what cannot be meant."""

import json
from contextlib import suppress
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import WorkCalendar, spans
from cases.china_days import OFFICIAL, Year
from cases.notices import BadNotice, applied, read

# The statutory days of 2027 and what a notice could make of them; the real one is not out.
REST = ["2027-01-01~2027-01-03", "2027-02-05~2027-02-11", "2027-04-03~2027-04-05", "2027-05-01~2027-05-05",
        "2027-06-09", "2027-09-15", "2027-10-01~2027-10-07"]  # fmt: skip
WORK = ["2027-01-30", "2027-02-20", "2027-04-25", "2027-05-08", "2027-09-26", "2027-10-09"]
NOTICE = {"year": 2027, "source": "国办发明电〔2026〕9号", "rest": REST, "work": WORK}


def as_json(**changes: object) -> str:
    return json.dumps(NOTICE | changes, ensure_ascii=False)


def as_csv() -> str:
    days = [(day, "休") for word in REST for day in _days(word)] + [
        (day, "班") for word in WORK for day in _days(word)
    ]
    return "日期,安排,名称\n" + "\n".join(f"{day},{kind},某节" for day, kind in days)


def _days(word: str) -> list[date]:
    first, _, last = word.partition("~")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [day + timedelta(days=n) for n in range((end - day).days + 1)]


def test_json_csv_and_the_common_list_of_days_say_the_same() -> None:
    days = [{"name": "某节", "date": f"{day}", "isOffDay": True} for word in REST for day in _days(word)]
    days += [{"name": "某节", "date": f"{day}", "isOffDay": False} for word in WORK for day in _days(word)]
    common = json.dumps({"year": 2027, "papers": ["…"], "days": days})
    first = read(as_json())
    assert (first.rest, first.work) == (read(as_csv()).rest, read(as_csv()).work)
    assert (first.rest, first.work) == (read(common).rest, read(common).work)
    assert (first.year, read(as_csv()).year, first.source) == (2027, 2027, "国办发明电〔2026〕9号")


def test_an_imported_year_is_official_and_counts_as_announced() -> None:
    changed = applied(read(as_json()), OFFICIAL)
    assert changed == {
        2027: Year(
            rest="01-01~01-03 02-05~02-11 04-03~04-05 05-01~05-05 06-09 09-15 10-01~10-07",
            work="01-30 02-20 04-25 05-08 09-26 10-09",
        )
    }
    calendar = WorkCalendar(ZoneInfo("Asia/Shanghai"), OFFICIAL | changed)
    assert calendar.is_working(date(2027, 1, 30))
    assert not calendar.is_working(date(2027, 2, 11))
    assert not calendar.is_provisional(date(2027, 6, 1))


def test_a_notice_may_name_the_last_days_of_the_year_before() -> None:
    notice = read(as_json(rest=["2026-12-31", *REST], work=["2026-12-27", *WORK]))
    changed = applied(notice, OFFICIAL)
    assert sorted(changed) == [2026, 2027]
    assert changed[2026].rest.endswith("10-01~10-07 12-31")
    assert changed[2026].work.endswith("10-10 12-27")


def test_a_year_that_is_known_already_changes_nothing() -> None:
    year = OFFICIAL[2026]
    rest, work = ([f"{day}" for day in spans(2026, words)] for words in year)
    assert applied(read(json.dumps({"year": 2026, "rest": rest, "work": work})), OFFICIAL) == {}


@pytest.mark.parametrize("number", sorted(OFFICIAL))
def test_each_official_year_survives_being_written_and_imported_again(number: int) -> None:
    rest, work = ([f"{day}" for day in spans(number, words)] for words in OFFICIAL[number])
    notice = read(json.dumps({"year": number, "rest": rest, "work": work}))
    again = applied(notice, {})[number]
    assert all(
        list(spans(number, one)) == list(spans(number, other))
        for one, other in zip(again, OFFICIAL[number], strict=True)
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (as_json(rest=[*REST, "2027-01-30"]), "both off and worked"),
        (as_json(work=[*WORK, "2027-03-03"]), "not a weekend"),
        (as_json(rest=REST[1:]), "statutory"),
        (as_json(rest=["2027-10-01~2027-10-03"]), "statutory"),
        (as_json(rest=[*REST, "2026-05-01"]), "not of this year"),
        (as_json(rest=["2027-01-01~2028-01-01"]), "not a span"),
        (as_json(rest=["2027-02-30"]), "not a date"),
        (as_json(rest=[7]), "must be a list"),
        (as_json(rest=[]), "cannot be right"),
        (as_json(year="2027"), "year is missing"),
        (as_json(year=True), "year is missing"),
        ('{"year": 2027, "days": [{"isOffDay": true}]}', "date is missing"),
        ("{", "not valid JSON"),
        ("[" * 5_000, "write `date,rest`"),
        ('{"year": ' + "[" * 100_000, "too long"),
        ("", "no day off"),
        ("2027-01-01", "line 1"),
        ("2027-01-01,休\n2027-01-02,maybe", "line 2"),
        ("9" * 50 + "-01-01,休", "not a date"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadNotice, match=why):
        applied(read(text), OFFICIAL)


def test_days_of_a_year_nobody_knows_are_refused() -> None:
    with pytest.raises(BadNotice, match="2028"):
        applied(read(as_json(rest=[*REST, "2028-01-01"])), OFFICIAL)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadNotice):
        assert read(text).rest
