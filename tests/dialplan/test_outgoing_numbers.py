"""Which numbers we ring: the dialplan and Python have one list, and every outcome an extension."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases.ring_backs import dialled
from tests.dialplan.test_names import DIAL_STATUSES, contexts

OUTGOING = contexts()["hotline-outgoing"]
LEADS_OUT = {
    name.removeprefix("_").replace("X", r"\d"): "refused,1:" in where
    for name, where in re.findall(r"^exten = ([^,]+),1,(.+)$", OUTGOING, re.MULTILINE)
    if "hotline-dialout" in where
}


def leads_out(number: str, *, by_hand: bool) -> bool:
    """Tell whether the dialplan lets the number out. An exact extension goes before a pattern."""
    if number == "12345":
        return False
    fitting = [short for pattern, short in LEADS_OUT.items() if re.fullmatch(pattern, number, re.ASCII)]
    return any(by_hand or not short for short in fitting)


digits = st.text("0123456789", min_size=1, max_size=14)
likely = st.builds(
    "{}{}".format,
    st.sampled_from(
        ["1", "13", "19", "010", "02", "0591", "0898", "110", "12", "123", "400", "95", "00", "8"]
    ),
    st.text("0123456789", max_size=10),
)


@settings(max_examples=1500, deadline=None)
@given(digits | likely, st.booleans())
@example("12345", True)
@example("110", False)
@example("110", True)
def test_the_dialplan_lets_out_what_python_dials_and_nothing_else(number: str, by_hand: bool) -> None:
    assert leads_out(number, by_hand=by_hand) == (dialled(number, by_hand=by_hand) == number)


WAYS = {
    name.removeprefix("_").replace("X", r"\d"): where
    for name, where in re.findall(r"^exten = ([^,]+),1,(.+)$", contexts()["hotline-way"], re.MULTILINE)
    if "@carrier" in where
}


@settings(max_examples=1500, deadline=None)
@given(digits | likely)
@example("12345")
@example("110")
def test_whom_an_agent_may_ask_or_bring_in_is_whom_he_may_ring(number: str) -> None:
    way = number != "12345" and any(re.fullmatch(pattern, number, re.ASCII) for pattern in WAYS)
    assert way == (dialled(number, by_hand=True) == number)


@pytest.mark.parametrize(
    "number", ["4008001234", "95588", "16812345", "0014155550100", "10086", "12345", "9"]
)
def test_premium_foreign_and_our_own_numbers_are_never_dialled(number: str) -> None:
    assert not leads_out(number, by_hand=True)


def test_every_outcome_of_ringing_a_citizen_has_its_extension() -> None:
    text = contexts()["hotline-dialout"]
    assert set(re.findall(r"^exten = dial-([A-Z]+),1,", text, re.MULTILINE)) == DIAL_STATUSES
    assert "\nexten = i,1," in text
