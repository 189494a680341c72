"""Frozen figures: what was told of a month stays told; a later count stands beside it."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, update

from cases.indicators import Axis, Figure
from cases.periods import Span, month_of, week_of
from cases.workflow import Role, State
from storage import indicator_periods, indicators, unit_scores, units
from storage.engine import Store
from storage.errors import Invalid
from storage.frontline_models import PublicCopy
from storage.indicator_facts import Window
from storage.indicator_periods import Frozen
from storage.indicators import WHOLE
from storage.intake import CASE
from storage.people import Actor
from storage.types import table_of
from tests.makers import RULES
from tests.storage.golden_month import BEGINS, CITY, ENDS, FROZEN_AT, load

OCTOBER = month_of(date(2026, 10, 1))
CODES = ("published", "completion", "read", "satisfied", "hours_median", "answer_rate")
OFFICE = Actor("xn01", Role.SUPERVISOR, "xnb")


def counted(conn: Connection, at: datetime) -> Any:
    window = Window(begins=BEGINS, ends=ENDS, at=at)
    return indicators.measure(conn, CODES, window, calendar=RULES.calendar)


def a_frozen_october(store: Store) -> Frozen:
    store.write_now(load)
    found = store.read_now(partial(counted, at=FROZEN_AT))
    freeze = partial(indicator_periods.freeze, period=OCTOBER, found=found, zone=CITY, at=FROZEN_AT)
    assert store.write_now(freeze)
    assert not store.write_now(freeze)
    kept = store.read_now(partial(indicator_periods.frozen, period=OCTOBER, zone=CITY))
    assert kept is not None
    return kept


def recounted(store: Store, kept: Frozen, at: datetime) -> int:
    found = store.read_now(partial(counted, at=at))
    return store.write_now(partial(indicator_periods.correct, kept=kept, found=found, at=at))


def publish_the_held(conn: Connection) -> None:
    copy = table_of(PublicCopy)
    conn.execute(update(copy).where(copy.c.decision == "hold").values(decision="publish"))


def test_a_frozen_month_is_read_back_as_it_was_counted(store: Store) -> None:
    kept = a_frozen_october(store)
    found = store.read_now(partial(counted, at=FROZEN_AT))
    assert store.read_now(partial(indicator_periods.values, kept=kept)) == found
    assert recounted(store, kept, FROZEN_AT + timedelta(days=1)) == 0
    assert store.read_now(partial(indicator_periods.corrections, kept=kept)) == {}


def test_past_months_never_change_silently(store: Store) -> None:
    kept = a_frozen_october(store)
    store.write_now(publish_the_held)
    later = FROZEN_AT + timedelta(days=9)
    assert recounted(store, kept, later) > 0
    values = store.read_now(partial(indicator_periods.values, kept=kept))
    assert (values["published"][WHOLE].part, values["published"][WHOLE].whole) == (17, 40)
    beside = store.read_now(partial(indicator_periods.corrections, kept=kept))
    assert {code for code, _ in beside} == {"published"}
    corrected = beside["published", WHOLE]
    assert (corrected.figure.part, corrected.figure.whole, corrected.counted_at) == (
        21,
        40,
        later.astimezone(UTC),
    )
    # The same once more is no news.
    assert recounted(store, kept, later + timedelta(days=1)) == 0


def test_what_vanished_from_a_split_is_a_correction_too(store: Store) -> None:
    kept = a_frozen_october(store)
    store.write_now(
        lambda conn: conn.execute(update(CASE).where(CASE.c.intent == "建议").values(state=State.INVALID))
    )
    recounted(store, kept, FROZEN_AT + timedelta(days=9))
    beside = store.read_now(partial(indicator_periods.corrections, kept=kept))
    assert beside["completion", (Axis.INTENT, "建议")].figure == Figure(None, 0, 0, 4)


def test_f07_07_the_line_through_the_months_is_drawn_from_frozen_figures(store: Store) -> None:
    a_frozen_october(store)
    line = store.read_now(
        partial(indicator_periods.history, code="read", span=Span.MONTH, key=(Axis.UNIT, "szgc"), zone=CITY)
    )
    assert [(each.period.name, each.figure.whole, each.version) for each in line] == [("2026-10", 26, 1)]


def test_a_period_is_frozen_when_it_is_over_and_settled_months_first(store: Store) -> None:
    store.write_now(load)
    find = indicator_periods.to_freeze

    def next_at(at: datetime) -> str:
        period = store.read_now(partial(find, zone=CITY, at=at))
        return period.name if period else ""

    assert next_at(ENDS + timedelta(hours=2)) == "2026-09"
    assert next_at(ENDS + timedelta(hours=3)) == "2026-10"
    for _ in range(2):
        period = store.read_now(partial(find, zone=CITY, at=ENDS + timedelta(hours=3)))
        assert period is not None
        store.write_now(partial(indicator_periods.freeze, period=period, found={}, zone=CITY, at=ENDS))
    assert next_at(ENDS + timedelta(hours=3)) == week_of(date(2026, 10, 19)).name


def test_recent_periods_are_counted_again_once_a_day(store: Store) -> None:
    kept = a_frozen_october(store)
    find = partial(indicator_periods.to_recount, zone=CITY)
    assert store.read_now(partial(find, at=FROZEN_AT + timedelta(hours=23))) is None
    found = store.read_now(partial(find, at=FROZEN_AT + timedelta(hours=25)))
    assert found == kept
    recounted(store, kept, FROZEN_AT + timedelta(hours=25))
    assert store.read_now(partial(find, at=FROZEN_AT + timedelta(hours=26))) is None
    assert store.read_now(partial(find, at=FROZEN_AT + timedelta(days=101))) is None


def test_i_20_units_are_compared_with_their_own_kind_and_points_need_a_reason(store: Store) -> None:
    a_frozen_october(store)

    def score_them(conn: Connection) -> list[unit_scores.Group]:
        window = Window(begins=BEGINS, ends=ENDS, at=FROZEN_AT)
        scheme = unit_scores.scheme_at(conn, FROZEN_AT)
        found = indicators.measure(conn, scheme.weights, window, calendar=RULES.calendar)
        return unit_scores.sheet(
            found, scheme, units.units(conn), unit_scores.adjustments(conn, BEGINS, ENDS)
        )

    later = {"solved": 1.0, "satisfied": 1.0}
    with pytest.raises(Invalid):
        store.write_now(
            partial(
                unit_scores.set_scheme,
                weights=later,
                least_sample=2,
                valid_from=BEGINS,
                by=OFFICE,
                at=FROZEN_AT,
            )
        )
    early = BEGINS - timedelta(days=1)
    store.write_now(
        partial(
            unit_scores.set_scheme, weights=later, least_sample=10, valid_from=BEGINS, by=OFFICE, at=early
        )
    )
    give = partial(unit_scores.adjust, unit="cgj", points=-2.0, day=BEGINS, by=OFFICE, at=FROZEN_AT)
    with pytest.raises(Invalid):
        store.write_now(partial(give, reason=" "))
    store.write_now(partial(give, reason="通报批评一次"))
    groups = {group.kind: group for group in store.read_now(score_them)}
    # cgj: solved g 5, k 1, l 1, s 1, v 2 of those and h 3 = 10 of 13, and as many content
    ((place, cgj),) = groups["dept"].rows
    assert (place, cgj.unit) == (1, "cgj")
    assert cgj.points == pytest.approx(100 * 10 / 13 - 2)
    # dmjd: nobody there gave a mark
    assert "town" not in groups
    store.write_now(partial(unit_scores.withdraw, number=1, by=OFFICE, at=FROZEN_AT))
    ((_, again),) = {group.kind: group for group in store.read_now(score_them)}["dept"].rows
    assert again.points == pytest.approx(100 * 10 / 13)
