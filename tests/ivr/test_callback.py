"""Booking to be rung back."""

import pytest

from ivr.call import HungUp
from ivr.callback import book, ring_back_number
from ivr.route import Route
from tests.fakes import FakeCall


class Bookings(list[str]):
    """Remembers the numbers somebody asked to be rung back on."""

    async def ask_ring_back(self, number: str) -> None:
        self.append(number)


async def test_the_calling_number_is_read_back_and_booked() -> None:
    call, bookings = FakeCall(keys=["1"]), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.END
    assert bookings == ["13812345678"]
    assert call.facts == [("callback", {"number": "13812345678"})]
    assert call.steps[0] == [
        *("callback-offer", "digits/yao", "digits/3", "digits/8", "digits/pause"),
        *("digits/yao", "digits/2", "digits/3", "digits/4", "digits/pause"),
        *("digits/5", "digits/6", "digits/7", "digits/8", "callback-confirm"),
    ]
    assert call.heard[-1] == "callback-booked"


async def test_another_number_is_keyed_read_back_and_booked() -> None:
    call, bookings = FakeCall(keys=["2", "059087551234#", "1"]), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.END
    assert bookings == ["059087551234"]
    assert call.steps[1] == ["callback-need-number"]
    assert call.steps[2][:5] == ["callback-read-back", "digits/0", "digits/5", "digits/9", "digits/0"]


@pytest.mark.parametrize("caller", ["", "anonymous", "12345", "+14155550100", "4008001234"])
async def test_a_withheld_or_foreign_number_is_asked_for(caller: str) -> None:
    call, bookings = FakeCall(keys=["13900001111", "1"], caller=caller), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.END
    assert call.steps[0] == ["callback-need-number"]
    assert bookings == ["13900001111"]


async def test_a_number_nobody_can_dial_is_asked_for_once_more() -> None:
    call, bookings = FakeCall(keys=["2", "123", "13900001111", "1"]), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.END
    assert ["callback-bad-number"] in call.steps
    assert bookings == ["13900001111"]


async def test_two_numbers_nobody_can_dial_lead_to_a_person() -> None:
    call, bookings = FakeCall(keys=["2", "123", "95588"]), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.LINE
    assert call.heard[-1] == "to-person"
    assert bookings == []


@pytest.mark.parametrize("keys", [[], ["0"], ["2"], ["2", "13900001111"], ["2", "13900001111", "0"]])
async def test_silence_and_the_person_key_lead_to_a_person(keys: list[str]) -> None:
    call, bookings = FakeCall(keys=keys), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.LINE
    assert bookings == []


async def test_a_withheld_number_and_silence_lead_to_a_person() -> None:
    assert await book(FakeCall(caller=""), Bookings().ask_ring_back) is Route.LINE


async def test_a_wrong_key_has_the_number_read_back_again() -> None:
    call, bookings = FakeCall(keys=["5", "1"]), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.END
    assert call.steps[1] == ["press-retry"]
    assert call.steps[2] == call.steps[0]
    assert bookings == ["13812345678"]


async def test_wrong_keys_without_end_lead_to_a_person() -> None:
    call, bookings = FakeCall(keys=["5"] * 50), Bookings()
    assert await book(call, bookings.ask_ring_back) is Route.LINE
    assert bookings == []


@pytest.mark.parametrize("step", [1, 2, 3])
async def test_hanging_up_before_the_confirmation_books_nothing(step: int) -> None:
    call, bookings = FakeCall(keys=["2", "13900001111", "1"], hang_up_at=step), Bookings()
    with pytest.raises(HungUp):
        await book(call, bookings.ask_ring_back)
    assert bookings == []
    assert call.facts == []


async def test_hanging_up_after_the_confirmation_keeps_the_booking() -> None:
    call, bookings = FakeCall(keys=["2", "13900001111", "1"], hang_up_at=4), Bookings()
    with pytest.raises(HungUp):
        await book(call, bookings.ask_ring_back)
    assert bookings == ["13900001111"]
    assert call.facts == [("callback", {"number": "13900001111"})]


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
    assert ring_back_number(presented, may_be_local=True) == dialled


def test_a_keyed_fixed_line_needs_its_area_code() -> None:
    assert ring_back_number("87551234") == ""
    assert ring_back_number("059087551234") == "059087551234"
