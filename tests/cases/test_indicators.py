"""Indicators, periods and scores by themselves."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cases.indicators import (
    DEFINITIONS,
    NOTHING,
    Axis,
    Figure,
    Form,
    Spread,
    Tally,
    differs,
    figure_of,
    narrowed,
    spread_of,
)
from cases.periods import Span, days, month_of, week_of
from cases.scores import DEFAULT, BadScheme, Scheme, ranked, score


def test_every_indicator_of_the_list_has_a_definition_of_its_own_code() -> None:
    numbers = {each.number for each in DEFINITIONS}
    wanted = {f"I-{n}" for n in range(1, 21)} - {"I-4"} | {"I-4a", "I-4b", "I-4c"}
    assert wanted <= numbers
    assert len({each.code for each in DEFINITIONS}) == len(DEFINITIONS)


def test_a_share_of_nothing_is_no_figure_and_a_count_of_nothing_is_nought() -> None:
    assert figure_of(Form.SHARE, Tally()).value is None
    assert figure_of(Form.COUNT, Tally()).value == 0


@given(some.lists(some.floats(0, 10_000), min_size=1, max_size=60))
def test_median_and_ninth_tenth_lie_where_they_should(values: list[float]) -> None:
    median = spread_of(Spread.MEDIAN, values).value or 0.0
    p90 = spread_of(Spread.P90, values).value
    assert 2 * sum(value <= median for value in values) >= len(values)
    assert 2 * sum(value >= median for value in values) >= len(values)
    assert p90 in values
    assert 10 * sum(value <= p90 for value in values) >= 9 * len(values)
    smaller = [value for value in values if value < p90]
    assert 10 * len(smaller) < 9 * len(values)
    assert spread_of(Spread.MEAN, values).value == pytest.approx(sum(values) / len(values))
    assert spread_of(Spread.MEAN, []) == NOTHING


def test_a_count_that_differs_in_the_denominator_only_differs() -> None:
    assert differs(Figure(0.5, 1, 2), Figure(0.5, 2, 4))
    assert not differs(Figure(0.5, 1, 2, pending=3), Figure(0.5, 1, 2))


def test_sh_05_a_subtree_adds_up_its_units_but_no_medians() -> None:
    city = {
        (Axis.ALL, ""): Figure(0.5, 50, 100),
        (Axis.UNIT, "a"): Figure(0.9, 9, 10),
        (Axis.UNIT, "b"): Figure(0.1, 1, 10),
        (Axis.UNIT, "c"): Figure(0.5, 40, 80),
        (Axis.INTENT, "咨询"): Figure(0.5, 50, 100),
    }
    own = narrowed(city, Form.SHARE, frozenset("ab"))
    assert own.keys() == {(Axis.ALL, ""), (Axis.UNIT, "a"), (Axis.UNIT, "b")}
    assert own[Axis.ALL, ""] == Figure(0.5, 10, 20)
    assert narrowed(city, Form.HOURS, frozenset("ab"))[Axis.ALL, ""] == NOTHING
    assert narrowed(city, Form.HOURS, frozenset("a"))[Axis.ALL, ""] == Figure(0.9, 9, 10)


def test_months_and_weeks_follow_each_other_without_a_gap() -> None:
    month, week = month_of(date(2024, 2, 29)), week_of(date(2026, 12, 31))
    assert (month.name, month.before.name, month.next.name) == ("2024-02", "2024-01", "2024-03")
    assert (week.name, week.next.first) == ("2026-W53", date(2027, 1, 4))
    for _ in range(500):
        assert month.before.after == month.first
        assert week.before.after == week.first
        assert month.before.next == month
        month, week = month.before, week.before
    free = days(date(2026, 1, 1), date(2026, 1, 10))
    assert (free.span, free.name, free.before.first) == (
        Span.FREE,
        "2026-01-01~2026-01-10",
        date(2025, 12, 22),
    )


def test_i_20_a_unit_without_contact_clocks_is_weighed_by_the_rest() -> None:
    parts = {
        "solved": Figure(0.8, 16, 20),
        "satisfied": Figure(0.9, 18, 20),
        "first_pass": Figure(1.0, 20, 20),
    }
    got = score("a", parts | {"contact": NOTHING}, DEFAULT)
    assert got.points == pytest.approx(100 * (40 * 0.8 + 40 * 0.9 + 10) / 90)


def test_i_20_ten_are_a_sample_and_nine_are_not() -> None:
    def of(number: int) -> dict[str, Figure]:
        return {"solved": Figure(1.0, number, number), "satisfied": Figure(1.0, number, number)}

    assert score("a", of(10), DEFAULT).points == 100.0
    nine = score("a", of(9), DEFAULT)
    assert (nine.points, nine.short_of) == (None, ("solved", "satisfied"))
    assert score("a", {}, DEFAULT).points is None


def test_i_20_equal_points_share_a_place_and_no_score_has_none() -> None:
    def of(unit: str, rate: float, number: int = 20) -> dict[str, Figure]:
        return {"solved": Figure(rate, rate * number, number)}

    scheme = Scheme({"solved": 1.0})
    scores = [
        score("a", of("a", 0.5), scheme),
        score("b", of("b", 0.9), scheme),
        score("c", of("c", 0.9), scheme),
    ]
    scores.append(score("d", of("d", 1.0, number=5), scheme))
    assert [(place, each.unit) for place, each in ranked(scores)] == [
        (1, "b"),
        (1, "c"),
        (3, "a"),
        (None, "d"),
    ]


def test_i_20_points_by_decision_never_lead_below_nought() -> None:
    low = {"solved": Figure(0.1, 2, 20)}
    assert score("a", low, Scheme({"solved": 1.0}), adjustment=-20).points == 0.0
    assert score("a", {"solved": Figure(1.0, 20, 20)}, Scheme({"solved": 1.0}), adjustment=3).points == 103.0


@pytest.mark.parametrize("weights", [{}, {"solved": 0.0}, {"solved": -1.0}, {"returned": 1.0}])
def test_i_20_weights_that_make_no_score_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(BadScheme):
        Scheme(weights)
