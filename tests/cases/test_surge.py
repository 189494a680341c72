"""F10-20: many citizens report one thing in one place."""

from datetime import timedelta

import pytest

from cases.surge import Report, area_of, surges
from tests.makers import MORNING


def reports(
    count: int, address: str = "台江区鳌峰街道1号", category: str = "0301", ago: float = 5
) -> list[Report]:
    at = MORNING - timedelta(minutes=ago)
    return [Report(f"RH{n}", category, address, at) for n in range(count)]


def test_eight_reports_of_one_matter_in_one_street_within_ten_minutes_are_a_surge() -> None:
    (surge,) = surges(reports(8), MORNING)
    assert (surge.category, surge.area, surge.count) == ("0301", "台江区鳌峰街道", 8)
    assert surges(reports(7), MORNING) == []


def test_what_is_older_than_ten_minutes_is_no_surge() -> None:
    assert surges(reports(50, ago=11), MORNING) == []


def test_another_matter_or_another_place_is_not_counted_along() -> None:
    assert surges([*reports(4), *reports(4, category="0105")], MORNING) == []
    assert surges([*reports(4), *reports(4, address="仓山区金山街道2号")], MORNING) == []


def test_what_is_usual_there_is_no_surge() -> None:
    usual = [one for n in range(143) for one in reports(3, ago=11 + 10 * n)]
    assert surges([*reports(10), *usual], MORNING) == []
    (surge,) = surges([*reports(13), *usual], MORNING)
    assert surge.usual == pytest.approx(3, abs=0.1)


def test_a_surge_that_fills_a_district_is_told_once_for_the_district() -> None:
    streets = ("鳌峰街道", "新港街道", "瀛洲街道")
    found = surges([one for name in streets for one in reports(9, f"台江区{name}1号")], MORNING)
    assert [(one.area, one.count) for one in found] == [("台江区", 27)]


def test_the_greatest_surge_comes_first() -> None:
    found = surges([*reports(9), *reports(20, category="0105")], MORNING)
    assert [one.count for one in found] == [20, 9]


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("榕海市台江区鳌峰街道鳌峰新村12号楼", "台江区鳌峰街道"),
        ("福建省榕海市榕东区东门路12号", "榕东区"),
        ("福清市龙田镇上一村", "福清市龙田镇"),
        ("台江区 鳌峰街道", "台江区鳌峰街道"),
        ("东门路", ""),
        ("", ""),
    ],
)
def test_an_area_is_read_from_an_address_as_people_write_it(address: str, area: str) -> None:
    assert area_of(address) == area
