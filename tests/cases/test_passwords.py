"""What a password must be."""

import pytest

from cases.passwords import problem

OWN = ("1001", "李燕", "liyan", "rxzx", "榕海市", "12345")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1-xyzw", "short"),
        ("x" * 300, "long"),
        ("aaaaaaaaaaA1", "simple"),
        ("qwertyuiop-1", "simple"),
        ("9876543210ab", "simple"),
        ("Abcdefghij1", "simple"),
        ("1qaz2wsx3edc", "simple"),
        ("lantianbaiyun", "kinds"),
        ("73920461582", "kinds"),
        ("LiYan-2026-ok", "own"),
        ("ludeng-12345-x", "own"),
        ("榕海市的路灯亮了a1", "own"),
        ("password2026!", "common"),
        ("P@ssw0rd2026", "common"),
        ("!!woaini2024", "common"),
        ("Administrator99", "common"),
    ],
)
def test_a_password_that_others_guess_is_refused_with_the_reason(password: str, why: str) -> None:
    assert problem(password, OWN) == why


@pytest.mark.parametrize(
    "password", ["路灯-鳌峰-晚上八点", "correct horse battery 7", "Kx9-mangrove-tide", "tN4q_vLw2-Zr"]
)
def test_a_long_one_that_says_nothing_about_its_owner_is_taken(password: str) -> None:
    assert problem(password, OWN) is None
