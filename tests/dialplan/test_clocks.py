"""Whatever is compared with the clock is compared both ways: a clock may be set back, by an hour or by ten years."""

import re
from pathlib import Path

import pytest

DIALPLAN = sorted((Path(__file__).resolve().parents[2] / "dialplan").glob("*.conf"))
LINES = [
    pytest.param(line, id=f"{path.name}:{number}")
    for path in DIALPLAN
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    if "${EPOCH}" in line and "Set(HOTLINE_UNTIL=" not in line
]
EARLIER = re.compile(
    r"\$\{EPOCH\} (?:- 0(?P<since>\$\{.+?\}+) (?:<=|>) 15|<= (?P<until>\$\{HOTLINE_UNTIL\}))"
)
LATER = re.compile(r"0?(\$\{(?:GLOBAL\()?[A-Z_]+\)?\}) - \$\{EPOCH\} (?:<=|>) 1[05]")


def test_there_is_something_to_compare() -> None:
    assert len(LINES) >= 8


@pytest.mark.parametrize("line", LINES)
def test_a_time_of_the_future_is_no_more_believed_than_an_old_one(line: str) -> None:
    earlier = [found["since"] or found["until"] for found in EARLIER.finditer(line)]
    assert earlier
    assert earlier == LATER.findall(line)
