"""FL-01 to FL-10, the pure part: when a call is due, who came, what closing needs, how people are counted."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases import frontline
from cases.clocks import Clock
from cases.frontline import Arrival, Closing, Deed, Progress, Stage, bad_score, lacks, stage, tallies
from cases.policies import GULOU_2020, ClockKind
from cases.rules import rules_for

RULES = rules_for("RH", policy="gulou-2020")
NINE = datetime.fromisoformat("2026-09-21T09:00:00+08:00")


def due(kind: ClockKind, called_at: str) -> str:
    limit = GULOU_2020.limit(kind)
    assert limit is not None
    clock = Clock.start(datetime.fromisoformat(called_at), limit, RULES.calendar, RULES.hours)
    return clock.last_instant.astimezone(RULES.zone).isoformat()


def test_fl_03_a_call_at_ten_to_six_on_friday_is_answered_on_the_make_up_sunday() -> None:
    friday = "2026-09-18T17:50:00+08:00"
    assert due(ClockKind.FRONTLINE_ACCEPT, friday) == "2026-09-18T18:00:00+08:00"
    assert due(ClockKind.FRONTLINE_RESPOND, friday) == "2026-09-20T09:20:00+08:00"


def test_fl_03_accepting_runs_through_the_night_and_answering_does_not() -> None:
    night = "2026-11-24T02:00:00+08:00"
    assert due(ClockKind.FRONTLINE_ACCEPT, night) == "2026-11-24T02:10:00+08:00"
    assert due(ClockKind.FRONTLINE_RESPOND, night) == "2026-11-24T09:30:00+08:00"


@pytest.mark.parametrize(
    ("came", "looked", "seen"),
    [
        (0, 0, Arrival.ON_TIME),
        (-30, 0, Arrival.ON_TIME),
        (1, 5, Arrival.LATE),
        (None, -1, Arrival.COMING),
        (None, 0, Arrival.COMING),
        (None, 1, Arrival.LATE_COMING),
        (None, 30, Arrival.LATE_COMING),
        (None, 31, Arrival.ABSENT),
        (300, 400, Arrival.LATE),
    ],
)
def test_fl_04_who_comes_is_on_time_late_or_absent(came: int | None, looked: int, seen: Arrival) -> None:
    checked_in = None if came is None else NINE + timedelta(minutes=came)
    at = NINE + timedelta(minutes=looked)
    assert frontline.arrival(NINE, checked_in, at=at, closed_at=None) is seen


def test_fl_04_who_had_not_come_when_it_was_closed_was_absent() -> None:
    early = NINE + timedelta(minutes=5)
    assert frontline.arrival(NINE, None, at=early, closed_at=early) is Arrival.ABSENT


def closing(**changes: Any) -> Closing:
    fields: dict[str, Any] = {
        "findings": "管道老化",
        "root_cause": "建成二十年未更换",
        "measures": "本月更换",
        "recheck_on": date(2026, 10, 20),
    }
    return Closing(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"root_cause": ""}, ["root_cause"]),
        ({"measures": "", "findings": ""}, ["findings", "measures"]),
        ({"recheck_on": None}, ["recheck_on"]),
        ({"recheck_on": date(2026, 9, 21)}, ["recheck_on"]),
        ({"recheck_on": date(2026, 12, 21)}, ["recheck_on"]),
    ],
)
def test_fl_08_an_answer_closes_nothing_without_cause_measures_and_a_day_to_look_again(
    changes: dict[str, Any], missing: list[str]
) -> None:
    assert list(lacks(closing(**changes), date(2026, 9, 21))) == missing


def test_fl_06_a_low_score_needs_its_reason() -> None:
    assert list(bad_score(2, "")) == ["reason"]
    assert bad_score(2, "未带工具") == {}
    assert bad_score(3, "") == {}
    assert [list(bad_score(score, "x")) for score in (0, 6)] == [["score"], ["score"]]


def test_fl_06_a_judgement_is_disputed_within_two_working_days() -> None:
    friday = datetime.fromisoformat("2026-09-18T16:00:00+08:00")
    until = frontline.dispute_until(friday, RULES.calendar, RULES.hours).astimezone(RULES.zone)
    assert until.isoformat() == "2026-09-21T23:59:59+08:00"


@pytest.mark.parametrize(
    ("done", "at"),
    [
        ("", Stage.CALLED),
        ("accepted", Stage.REPORTING),
        ("accepted arrived", Stage.ON_SITE),
        ("arrived", Stage.ON_SITE),
        ("accepted arrived found", Stage.DISPOSING),
        ("accepted arrived found closed", Stage.CLOSED),
        ("accepted arrived found closed judged", Stage.JUDGED),
    ],
)
def test_the_stage_follows_from_what_has_been_done(done: str, at: Stage) -> None:
    names = ("accepted", "arrived", "found", "closed", "judged")
    assert stage(Progress(**{name: name in done.split() for name in names})) is at


def deed(**changes: Any) -> Deed:
    fields: dict[str, Any] = {
        "unit": "水务集团",
        "handler": "林工",
        "leader": "周副总",
        "accepted": True,
        "responded": True,
        "arrival": Arrival.ON_TIME,
        "score": 5,
    }
    return Deed(**fields | changes)


def test_fl_07_handler_and_responsible_leader_are_counted_each_by_name() -> None:
    counted = tallies(
        [
            deed(),
            deed(handler="王工", accepted=False, arrival=Arrival.LATE, score=2),
            deed(unit="住建局", handler="", leader="", accepted=None, arrival=Arrival.ABSENT, score=None),
        ]
    )
    assert [(one.name, one.actions) for one in counted["handler"]] == [("林工", 1), ("王工", 1)]
    (leader,) = counted["leader"]
    assert (leader.name, leader.actions, leader.accepted, leader.accepts) == ("周副总", 2, 1, 2)
    assert (leader.mean, leader.arrivals) == (3.5, {Arrival.ON_TIME: 1, Arrival.LATE: 1})
    assert [(one.unit, one.actions) for one in counted["unit"]] == [("住建局", 1), ("水务集团", 2)]
    assert counted["unit"][0].mean is None
