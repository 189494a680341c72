"""Booking to be rung back: in his turn, or at a time of his choice."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cases.ring_backs import dialled as dialled_number
from ivr.call import HungUp
from ivr.callback import book
from ivr.route import Route
from tests.fakes import FakeCall

CITY = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=CITY)
PLACE = {"since": "1795308607.250", "wish": "line=12345&language=fuzhou"}


class Bookings(list[str]):
    """Remembers the numbers somebody asked to be rung back on, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[datetime | None] = []

    async def promise(self, number: str, chosen: datetime | None) -> None:
        self.append(number)
        self.times.append(chosen)

    async def booked(self, call: FakeCall) -> Route:
        return await book(call, self.promise, now=NOW, zone=CITY, place=PLACE)


async def test_the_calling_number_is_read_back_and_the_place_is_kept() -> None:
    call, bookings = FakeCall(keys=["1"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert (bookings, bookings.times) == (["13812345678"], [None])
    assert call.facts == [("callback", {"number": "13812345678", "chosen": "", **PLACE})]
    assert call.steps[0] == [
        *("callback-offer", "digits/yao", "digits/3", "digits/8", "digits/pause"),
        *("digits/yao", "digits/2", "digits/3", "digits/4", "digits/pause"),
        *("digits/5", "digits/6", "digits/7", "digits/8", "callback-confirm"),
    ]
    assert call.heard[-1] == "callback-booked"


async def test_he_may_choose_in_how_many_hours_he_is_rung_today() -> None:
    call, bookings = FakeCall(keys=["2", "3"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert bookings.times == [datetime(2026, 11, 22, 18, 20, tzinfo=CITY)]
    chosen = int(datetime(2026, 11, 22, 18, 20, tzinfo=CITY).timestamp())
    assert call.facts[0][1]["chosen"] == str(chosen)
    assert call.steps[-1][0] == "callback-booked-at"
    assert call.steps[-1][-1] == "callback-then"


async def test_he_may_choose_tomorrow_morning() -> None:
    call, bookings = FakeCall(keys=["3"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert bookings.times == [datetime(2026, 11, 23, 9, tzinfo=CITY)]
    assert "digits/tomorrow" in call.steps[-1] or "digits/ri" in call.steps[-1]


@pytest.mark.parametrize("hours", [[], ["9", "9"], ["9"]])
async def test_whoever_does_not_say_when_is_rung_in_his_turn(hours: list[str]) -> None:
    call, bookings = FakeCall(keys=["2", *hours]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert bookings.times == [None]
    assert call.heard[-1] == "callback-booked"


@pytest.mark.parametrize("hours", [["0"], ["9", "0"]])
async def test_zero_leads_to_a_person_when_he_is_asked_for_the_hour_too(hours: list[str]) -> None:
    call, bookings = FakeCall(keys=["2", *hours]), Bookings()
    assert await bookings.booked(call) is Route.LINE
    assert bookings.times == []
    assert call.heard[-1] == "to-person"


async def test_another_number_is_keyed_read_back_and_booked() -> None:
    call, bookings = FakeCall(keys=["4", "059087551234#", "1"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert bookings == ["059087551234"]
    assert call.steps[1] == ["callback-need-number"]
    assert call.steps[2][:5] == ["callback-read-back", "digits/0", "digits/5", "digits/9", "digits/0"]


@pytest.mark.parametrize("caller", ["", "anonymous", "12345", "+14155550100", "4008001234"])
async def test_a_withheld_or_foreign_number_is_asked_for(caller: str) -> None:
    call, bookings = FakeCall(keys=["13900001111", "1"], caller=caller), Bookings()
    assert await bookings.booked(call) is Route.END
    assert call.steps[0] == ["callback-need-number"]
    assert bookings == ["13900001111"]


async def test_a_number_nobody_can_dial_is_asked_for_once_more() -> None:
    call, bookings = FakeCall(keys=["4", "123", "13900001111", "1"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert ["callback-bad-number"] in call.steps
    assert bookings == ["13900001111"]


async def test_two_numbers_nobody_can_dial_lead_to_a_person() -> None:
    call, bookings = FakeCall(keys=["4", "123", "95588"]), Bookings()
    assert await bookings.booked(call) is Route.LINE
    assert call.heard[-1] == "to-person"
    assert bookings == []


@pytest.mark.parametrize("keys", [[], ["0"], ["4"], ["4", "13900001111"], ["4", "13900001111", "0"]])
async def test_silence_and_the_person_key_lead_to_a_person(keys: list[str]) -> None:
    call, bookings = FakeCall(keys=keys), Bookings()
    assert await bookings.booked(call) is Route.LINE
    assert bookings == []


async def test_a_withheld_number_and_silence_lead_to_a_person() -> None:
    assert await Bookings().booked(FakeCall(caller="")) is Route.LINE


async def test_a_wrong_key_has_the_number_read_back_again() -> None:
    call, bookings = FakeCall(keys=["5", "1"]), Bookings()
    assert await bookings.booked(call) is Route.END
    assert call.steps[1] == ["press-retry"]
    assert call.steps[2] == call.steps[0]
    assert bookings == ["13812345678"]


async def test_wrong_keys_without_end_lead_to_a_person() -> None:
    call, bookings = FakeCall(keys=["5"] * 50), Bookings()
    assert await bookings.booked(call) is Route.LINE
    assert bookings == []


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_hanging_up_before_the_confirmation_books_nothing(step: int) -> None:
    call, bookings = FakeCall(keys=["4", "13900001111", "1"], hang_up_at=step), Bookings()
    with pytest.raises(HungUp):
        await bookings.booked(call)
    assert bookings == []
    assert call.facts == []


async def test_hanging_up_after_the_confirmation_keeps_the_booking() -> None:
    call, bookings = FakeCall(keys=["4", "13900001111", "1"], hang_up_at=4), Bookings()
    with pytest.raises(HungUp):
        await bookings.booked(call)
    assert bookings == ["13900001111"]
    assert [kind for kind, _ in call.facts] == ["callback"]


@pytest.mark.parametrize(
    ("presented", "dialled"),
    [
        ("13812345678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("013812345678", "13812345678"),
        ("+86059087551234", "059087551234"),
        ("+8659087551234", "059087551234"),
        ("+861065123456", "01065123456"),
        ("02087654321", "02087654321"),
        ("05908755123", "05908755123"),
        ("87551234", "87551234"),
        ("8755123", "8755123"),
        ("12812345678", ""),
        ("138123456789", ""),
        ("1381234567", ""),
        ("059007551234", ""),
        ("0190012345678", ""),
        ("110", ""),
        ("12345", ""),
        ("95588", ""),
        ("4008001234", ""),
        ("+14155550100", ""),
        ("+", ""),
        ("+86", ""),
        ("", ""),
        ("１３８１２３４５６７８", ""),
        ("13812345678\r\n", ""),
        ("1" * 40, ""),
    ],
)
def test_only_mobile_and_fixed_lines_of_the_country_are_rung_back(presented: str, dialled: str) -> None:
    assert dialled_number(presented) == dialled


def test_a_keyed_fixed_line_needs_its_area_code() -> None:
    assert dialled_number("87551234", may_be_local=False) == ""
    assert dialled_number("059087551234", may_be_local=False) == "059087551234"


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "12315", "12345", "95588", "13812345678"])
def test_short_numbers_of_government_are_dialled_by_hand_only(number: str) -> None:
    assert dialled_number(number, by_hand=True) == ("" if number in {"12345", "95588"} else number)
    assert dialled_number(number) == ("13812345678" if len(number) > 5 else "")
