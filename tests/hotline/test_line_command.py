"""`hotline line`, run as an operator runs it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, insert

from cases.call_record import Channel, Direction, EndReason
from hotline.__main__ import main
from routing.day_figures import figures
from routing.recorded_day import recorded
from routing.rules import LineRules
from routing.simulate import PICK_UP_SECONDS, play
from storage.engine import Store, migrate
from storage.line_days import CALL, last_talks
from storage.seats import log_state

CITY = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # nine o'clock in the city


def hotline(folder: Path, *words: str) -> Result:
    environ = {"HOTLINE_STATE_DIR": str(folder), "HOTLINE_CONFIG": None}
    return CliRunner().invoke(main, ["line", *words], env=environ)


# Generated days


def test_two_sets_of_rules_are_compared_in_chinese_first(tmp_path: Path) -> None:
    rules = tmp_path / "b.json"
    rules.write_text('{"languages": [{"language": "minnan", "after": 60}]}', "utf-8")
    said = hotline(tmp_path, "simulate", "--profile", "haikou", "--against", str(rules), "--days", "2")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[0] == "haikou · 2 天 days · 60 班次 shifts"
    assert lines[1].split() == ["A", "B", "B", "−", "A"]
    assert any(line.startswith("15秒接通率 level (I-4b)") for line in lines)
    assert said.stderr == ""


def test_the_figures_can_be_read_by_a_program(tmp_path: Path) -> None:
    said = hotline(tmp_path, "simulate", "--profile", "haikou", "--days", "1", "--json")
    found = json.loads(said.stdout)
    assert found["day"] == "haikou"
    assert found["A"]["days"][0]["calls"] == pytest.approx(3_400, rel=0.05)
    assert found["A"]["mean"]["level"]["give_or_take"] is None
    assert "B" not in found


def test_one_day_says_that_it_proves_nothing(tmp_path: Path) -> None:
    said = hotline(tmp_path, "simulate", "--profile", "haikou", "--days", "1")
    assert "可能是偶然" in said.stdout


def test_wrong_rules_are_named_by_field(tmp_path: Path) -> None:
    rules = tmp_path / "b.json"
    rules.write_text('{"ageing_seconds": "soon"}', "utf-8")
    said = hotline(tmp_path, "simulate", "--profile", "haikou", "--rules", str(rules))
    assert said.exit_code == 1
    assert "ageing_seconds" in said.output


@pytest.mark.parametrize("words", [(), ("--profile", "haikou", "--recorded", "2026-11-20")])
def test_a_day_is_either_generated_or_recorded(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = hotline(tmp_path, "simulate", *words)
    assert said.exit_code == 2
    assert "--profile" in said.output


# Recorded days


def a_call(number: int, at: datetime, *, waited: float, talk: float = 0.0, **more: Any) -> dict[str, Any]:
    answered = at + timedelta(seconds=waited) if talk else None
    ended = at + timedelta(seconds=waited + talk)
    return {
        "id": f"hotline1-{at.timestamp():.0f}.{number}",
        "node": "hotline1",
        "number": f"138{number:08}",
        "dialled": "12345",
        "channel": Channel.PSTN,
        "offered_at": at - timedelta(seconds=4),
        "queued_at": at,
        "answered_at": answered,
        "ended_at": ended,
        "end_reason": EndReason.COMPLETED if talk else EndReason.ABANDONED_IN_LINE,
        "seat": "s1001" if talk else "",
        "wait_seconds": waited,
        "talk_seconds": talk,
        "hold_seconds": 0.0,
        "outcome": "",
        "case": "",
        "outcome_by": "",
        "keys": "",
        "fallback": False,
        "recording": "",
        "heard_until": ended,
        "segments": "",
        "direction": Direction.INCOMING,
        "line": "12345",
        "wrap_up_seconds": 20.0 if talk else 0.0,
        **more,
    }


def a_day_that_was(conn: Connection) -> None:
    """One seat from nine to ten with a break, three callers of whom one gave up, and a call of our own."""
    rows = [
        a_call(1, NINE + timedelta(minutes=5), waited=4, talk=60),
        a_call(2, NINE + timedelta(minutes=5, seconds=10), waited=90, talk=60, skill="enterprise"),
        a_call(3, NINE + timedelta(minutes=5, seconds=20), waited=30),
        a_call(4, NINE + timedelta(minutes=7), waited=0, talk=30, direction=Direction.OUTGOING),
    ]
    for row in rows:
        conn.execute(insert(CALL).values(**row))
    for minute, state in ((0, "ready"), (20, "break"), (30, "ready"), (40, "talking"), (60, "offline")):
        at = NINE + timedelta(minutes=minute)
        log_state(conn, seat="s1001", agent="1001", state=state, reason="", at=at)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    url = f"sqlite:///{tmp_path}/hotline.db"
    migrate(url)
    store = Store.open(url)
    store.write_now(a_day_that_was)
    return store


def test_a_day_that_was_has_its_callers_and_the_seats_as_they_were_staffed(store: Store) -> None:
    day = store.read_now(lambda conn: recorded(conn, NINE.astimezone(CITY).date(), CITY))
    store.close()
    nine = 9 * 3600.0
    assert [each.at for each in day.arrivals] == [nine + 300, nine + 310, nine + 320]
    first, second, third = day.arrivals
    assert (first.talk, first.wrap_up) == (60, 20)
    assert second.wish.skill == "enterprise"
    assert second.patience >= 90
    assert third.patience == 30
    assert (third.talk, third.wrap_up) == (60, 20)
    assert [(shift.begins, shift.ends) for shift in day.shifts] == [
        (nine, nine + 1200),
        (nine + 1800, nine + 3600),
    ]


def test_the_pace_of_the_last_answered_calls_is_on_record(store: Store) -> None:
    assert store.read_now(last_talks) == [(60.0, 20.0), (60.0, 20.0)]
    assert store.read_now(lambda conn: last_talks(conn, most=1)) == [(60.0, 20.0)]
    store.close()


def test_a_day_that_was_is_played_as_it_went(store: Store) -> None:
    day = store.read_now(lambda conn: recorded(conn, NINE.astimezone(CITY).date(), CITY))
    store.close()
    played = play(day, LineRules())
    waits = {fate.arrival.number: fate.waited for fate in played.fates}
    assert waits["13800000001"] == PICK_UP_SECONDS
    assert waits["13800000002"] == pytest.approx(60 + 20 + PICK_UP_SECONDS - 10 + PICK_UP_SECONDS)
    assert waits["13800000003"] == pytest.approx(30)
    assert figures(played).answered == 2


def test_a_recorded_day_is_simulated_from_the_command_line(store: Store, tmp_path: Path) -> None:
    store.close()
    said = hotline(tmp_path, "simulate", "--recorded", "2026-11-20")
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("2026-11-20 · 1 天 days · 2 班次 shifts")


def test_a_day_without_calls_is_named(store: Store, tmp_path: Path) -> None:
    store.close()
    said = hotline(tmp_path, "simulate", "--recorded", "2026-11-21")
    assert said.exit_code == 1
    assert "2026-11-21 没有来电" in said.output


# Staff


def test_a_city_needs_151_seats_for_ninety_percent_in_fifteen_seconds(tmp_path: Path) -> None:
    said = hotline(tmp_path, "staff", "--calls", "1644", "--handling", "300", "--json")
    (row,) = json.loads(said.stdout)
    assert (row["erlang"], row["seats"]) == (137.0, 151)


def test_the_seats_of_a_day_are_counted_by_the_hour(tmp_path: Path) -> None:
    said = hotline(tmp_path, "staff", "--profile", "haikou", "--level", "95")
    nine = next(line for line in said.stdout.splitlines() if line.startswith("09:00")).split()
    assert 22 <= int(nine[3]) <= 30


def test_callers_who_give_up_need_fewer_seats(tmp_path: Path) -> None:
    usual = ("staff", "--calls", "374", "--handling", "210", "--json")
    (patient,), (hasty,) = (
        json.loads(hotline(tmp_path, *usual, *more).stdout) for more in ((), ("--patience", "60"))
    )
    assert hasty["seats"] < patient["seats"]
    assert hotline(tmp_path, "staff", "--calls", "374").exit_code == 2
