"""Codes of an authenticator."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from cases.totp import address, code_of, matching_step, step_of, typed

SECRET = b"12345678901234567890"


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_of(SECRET, step_of(at(seconds)), digits=8) == code
    assert code_of(SECRET, step_of(at(seconds))) == code[-6:]


@pytest.mark.parametrize(
    ("count", "code"), list(enumerate(["755224", "287082", "359152", "969429", "338314"]))
)
def test_the_codes_are_those_of_the_vectors_of_rfc_4226(count: int, code: str) -> None:
    assert code_of(SECRET, count) == code


def test_a_clock_may_be_half_a_minute_wrong_and_no_more() -> None:
    now, step = at(1_800_000_000), step_of(at(1_800_000_000))
    taken = [
        away
        for away in range(-3, 4)
        if matching_step(SECRET, code_of(SECRET, step + away), now, after=0) is not None
    ]
    assert taken == [-1, 0, 1]


def test_no_code_is_taken_twice_nor_one_older_than_the_newest() -> None:
    now, step = at(1_800_000_000), step_of(at(1_800_000_000))
    code = code_of(SECRET, step)
    assert matching_step(SECRET, code, now, after=step - 1) == step
    assert matching_step(SECRET, code, now, after=step) is None
    assert matching_step(SECRET, code_of(SECRET, step - 1), now, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "一二三四五六", "000 00"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert matching_step(SECRET, code, at(1_800_000_000), after=0) is None


def test_a_code_may_be_typed_as_it_is_shown_in_two_groups() -> None:
    now, step = at(1_800_000_000), step_of(at(1_800_000_000))
    code = code_of(SECRET, step)
    assert matching_step(SECRET, f"{code[:3]} {code[3:]}", now, after=0) == step


def test_the_picture_says_all_that_an_authenticator_asks() -> None:
    parts = urlsplit(address(SECRET, login="9002", issuer="榕海市12345"))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert asked["secret"] == typed(SECRET).replace(" ", "") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert (asked["issuer"], asked["digits"], asked["period"]) == ("榕海市12345", "6", "30")
