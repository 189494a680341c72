"""What a token of an identity provider must say before anybody is let in by it."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.sign_on import (
    LOGGED_OUT,
    Fault,
    Refused,
    Wanted,
    challenge_of,
    read_id_token,
    read_logout_token,
    safe_address,
)
from tests.makers import MORNING

WANTED = Wanted("https://id.example.gov.cn", "hotline", "preferred_username", "n" * 43)
NOW = int(MORNING.timestamp())
RIGHT: dict[str, Any] = {
    "iss": "https://id.example.gov.cn", "aud": "hotline", "sub": "u-1", "iat": NOW, "exp": NOW + 300,
    "nonce": "n" * 43, "preferred_username": "1001", "amr": ["pwd", "otp"], "acr": "2", "sid": "s-1",
}  # fmt: skip
LEFT: dict[str, Any] = {
    "iss": "https://id.example.gov.cn", "aud": "hotline", "sub": "u-1", "iat": NOW, "exp": NOW + 120,
    "sid": "s-1", "events": {LOGGED_OUT: {}},
}  # fmt: skip


def changed(right: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (right | changes).items() if value is not None}


def fault_of(changes: dict[str, Any], wanted: Wanted = WANTED) -> Fault:
    with pytest.raises(Refused) as refused:
        read_id_token(changed(RIGHT, changes), wanted, MORNING)
    return refused.value.fault


def test_a_right_token_tells_who_it_is_and_how_they_proved_it() -> None:
    told = read_id_token(RIGHT, WANTED, MORNING)
    assert (told.subject, told.login, told.session) == ("u-1", "1001", "s-1")
    assert told.ways == {"pwd", "otp", "2"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"aud": "another"}, Fault.AUDIENCE),
        ({"aud": []}, Fault.AUDIENCE),
        ({"aud": None}, Fault.AUDIENCE),
        ({"aud": {"hotline": 1}}, Fault.AUDIENCE),
        ({"aud": ["hotline", "another"]}, Fault.AUDIENCE),
        ({"azp": "another"}, Fault.AUDIENCE),
        ({"azp": ["hotline"]}, Fault.AUDIENCE),
        ({"aud": ["hotline", "another"], "azp": "another"}, Fault.AUDIENCE),
        ({"iss": "https://other.example"}, Fault.ISSUER),
        ({"iss": "https://id.example.gov.cn/"}, Fault.ISSUER),
        ({"iss": None}, Fault.ISSUER),
        ({"nonce": "x" * 43}, Fault.NONCE),
        ({"nonce": ""}, Fault.NONCE),
        ({"nonce": None}, Fault.NONCE),
        ({"nonce": 7}, Fault.NONCE),
        ({"exp": NOW - 60}, Fault.EXPIRED),
        ({"exp": None}, Fault.EXPIRED),
        ({"exp": True}, Fault.EXPIRED),
        ({"exp": str(NOW + 300)}, Fault.EXPIRED),
        ({"exp": math.nan}, Fault.EXPIRED),
        ({"exp": math.inf}, Fault.EXPIRED),
        ({"exp": 1e300}, Fault.EXPIRED),
        ({"exp": 10**400}, Fault.EXPIRED),
        ({"nbf": NOW + 61}, Fault.EXPIRED),
        ({"iat": NOW - 661}, Fault.ISSUED),
        ({"iat": NOW + 61}, Fault.ISSUED),
        ({"iat": None}, Fault.ISSUED),
        ({"sub": None}, Fault.SUBJECT),
        ({"sub": ""}, Fault.SUBJECT),
        ({"sub": 7}, Fault.SUBJECT),
        ({"sub": "x" * 256}, Fault.SUBJECT),
        ({"preferred_username": None}, Fault.CLAIM),
        ({"preferred_username": ["1001"]}, Fault.CLAIM),
        ({"preferred_username": "1001\n"}, Fault.CLAIM),
        ({"sid": 7}, Fault.FORM),
    ],
)
def test_a_claim_that_is_not_right_is_refused_by_name(changes: dict[str, Any], fault: Fault) -> None:
    assert fault_of(changes) is fault


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["hotline"]},
        {"aud": ["hotline", "account"], "azp": "hotline"},
        {"exp": NOW - 59},
        {"exp": NOW + 0.5},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"iat": NOW - 600},
        {"sid": None},
        {"amr": "pwd", "acr": None},
    ],
)
def test_clocks_may_differ_by_a_minute_and_a_token_may_be_for_others_too(changes: dict[str, Any]) -> None:
    assert read_id_token(changed(RIGHT, changes), WANTED, MORNING).login == "1001"


def test_without_a_nonce_of_ours_no_token_is_taken() -> None:
    assert fault_of({"nonce": ""}, Wanted(WANTED.issuer, WANTED.client, WANTED.claim)) is Fault.NONCE


def test_whoever_proved_it_too_long_ago_is_not_taken_where_the_city_asks_for_more() -> None:
    wanted = Wanted(WANTED.issuer, WANTED.client, WANTED.claim, WANTED.nonce, timedelta(minutes=15))
    for proved in (None, NOW - 15 * 60 - 61, True, "now"):
        assert fault_of({"auth_time": proved}, wanted) is Fault.LONG_AGO
    claims = RIGHT | {"auth_time": NOW - 15 * 60 - 59}
    assert read_id_token(claims, wanted, MORNING).login == "1001"


def test_ways_are_few_and_short_whatever_is_told() -> None:
    claims = RIGHT | {"amr": ["x" * 256, "\ud800", 7, *(f"way{n}" for n in range(100))]}
    ways = read_id_token(claims, WANTED, MORNING).ways
    assert len(ways) == 20
    assert all(way.startswith("way") for way in ways)


def test_an_address_that_the_provider_did_not_verify_is_no_name() -> None:
    wanted = Wanted(WANTED.issuer, WANTED.client, "email", WANTED.nonce)
    for verified in (None, False, "true", 1):
        assert fault_of({"email": "a@example.cn", "email_verified": verified}, wanted) is Fault.CLAIM
    claims = RIGHT | {"email": "a@example.cn", "email_verified": True}
    assert read_id_token(claims, wanted, MORNING).login == "a@example.cn"


ODD: tuple[Any, ...] = (
    None, True, False, "\ud800", 0, -1, 7.5, math.nan, -math.inf, 10**400, NOW, "", "x", "1001", "hotline", "\x00", "\u202e",
    "密" * 300, [], ["hotline"], [None], [["hotline"]], {}, {"hotline": "hotline"},
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(sorted({*RIGHT, "azp", "nbf"})), st.sampled_from(ODD), max_size=4))
def test_whatever_is_signed_is_either_the_person_or_refused(changes: dict[str, Any]) -> None:
    try:
        told = read_id_token(RIGHT | changes, WANTED, MORNING)
    except Refused:
        return
    assert (told.issuer, told.subject) == (RIGHT["iss"], (RIGHT | changes)["sub"])


def test_a_notice_of_leaving_names_a_session_or_a_person() -> None:
    told = read_logout_token(LEFT, WANTED, MORNING)
    assert (told.subject, told.session, told.issued_at) == ("u-1", "s-1", MORNING)
    assert read_logout_token(changed(LEFT, {"sid": None}), WANTED, MORNING).session == ""
    assert read_logout_token(changed(LEFT, {"sub": None}), WANTED, MORNING).subject == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"events": None},
        {"events": [LOGGED_OUT]},
        {"events": {"another": {}}},
        {"nonce": "x"},
        {"aud": "another"},
        {"iss": "https://other.example"},
        {"sid": None, "sub": None},
        {"iat": NOW - 3600},
        {"exp": NOW - 3600},
    ],
)
def test_a_notice_of_leaving_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        read_logout_token(changed(LEFT, changes), WANTED, MORNING)
    with pytest.raises(Refused):
        read_logout_token(RIGHT, WANTED, MORNING)
    with pytest.raises(Refused):
        read_id_token(LEFT | {"preferred_username": "1001"}, WANTED, MORNING)


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example.gov.cn/realms/city", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://[::1]:8080/x", True),
        ("http://id.example.gov.cn/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("https:///x", False),
        ("javascript:alert(1)", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_what_nobody_can_read_on_the_way_is_an_address_to_send_things_to(
    address: str, safe: bool
) -> None:
    assert safe_address(address) is safe
