"""Case numbers that can be spoken and keyed, and the query codes that go with them.

A number is shown as `RH261122-00178-1` and keyed as its twelve digits `261122001781`: day, serial of that day,
check digit. The serials of a day are shared out to the nodes in blocks, so no node asks another for a number.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

DIGITS = 12
CODE_DIGITS = 6
_LONGEST = 64  # nobody types more than this for a case number; the rest is not worth reading
_SEPARATORS = frozenset(" \t-_./·‐‑‒–—―−~")


class BadNumber(ValueError):
    """This cannot be a case number, or the check digit says that it was mistyped."""

    def __init__(self) -> None:
        super().__init__("诉求编号不对，请核对12位数字 (not a case number; check its 12 digits)")


class BadCode(ValueError):
    """This cannot be a query code."""

    def __init__(self) -> None:
        super().__init__("查询码应为6位数字 (a query code has 6 digits)")


class NumbersUsedUp(Exception):
    """The block of this node has no serial left today."""

    def __init__(self, block: "Block") -> None:
        super().__init__(
            f"本节点今日编号已用完（{block.first:05}–{block.last:05}） (no case numbers left today)",
        )


@dataclass(frozen=True, slots=True)
class Block:
    """The serials that one node may give out each day."""

    first: int
    last: int

    def next_after(self, newest: int | None) -> int:
        """Return the serial that follows the newest one of this block and day."""
        if newest is None or newest < self.first:
            return self.first
        if newest >= self.last:
            raise NumbersUsedUp(self)
        return newest + 1


WHOLE_DAY = Block(1, 99_999)
"""For a city with one node."""


def block_of(node: int) -> Block:
    """Return the block of node 0 to 9 of a city with several: 00001–09999, 10001–19999, …"""
    if not 0 <= node <= 9:
        raise ValueError(f"节点号应为0–9 (a node block is 0 to 9): {node}")
    return Block(node * 10_000 + 1, node * 10_000 + 9_999)


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The number of one case. `day` is the local day on which it was given out."""

    city: str
    day: date
    serial: int

    @property
    def digits(self) -> str:
        """What a caller keys."""
        body = self._body()
        return body + check_digit(body)

    @property
    def display(self) -> str:
        """What people read and write down."""
        digits = self.digits
        return f"{self.city}{digits[:6]}-{digits[6:11]}-{digits[11]}"

    def __str__(self) -> str:
        return self.display

    def _body(self) -> str:
        return f"{self.day:%y%m%d}{self.serial:05}"


def check_digit(body: str) -> str:
    """Return the ISO 7064 MOD 11,10 check digit: it catches every single wrong digit."""
    rest = 10
    for digit in body:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)


def parse(typed: str, city: str) -> CaseNumber:
    """Read what somebody typed or keyed; the city's letters may be left out. Raise BadNumber if it is no number."""
    plain = normalise(typed)
    digits = plain.removeprefix(city.upper())
    if len(digits) != DIGITS or not _ascii_digits(digits) or check_digit(digits[:-1]) != digits[-1]:
        raise BadNumber
    serial = int(digits[6:11])
    try:
        day = date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        raise BadNumber from None
    if not serial:
        raise BadNumber
    return CaseNumber(city.upper(), day, serial)


def normalise(typed: str) -> str:
    """Turn full-width digits and letters into plain ones, drop spaces and dashes, raise letters."""
    if len(typed) > _LONGEST:
        return ""
    wide = unicodedata.normalize("NFKC", typed)
    return "".join(sign for sign in wide if sign not in _SEPARATORS and not sign.isspace()).upper()


def new_code(below: Callable[[int], int]) -> str:
    """Make a query code; `below(n)` must be an unpredictable number from 0 to n-1 (`secrets.randbelow`)."""
    return f"{below(10**CODE_DIGITS):0{CODE_DIGITS}}"


def parse_code(typed: str) -> str:
    """Read a query code as typed or keyed, or raise BadCode."""
    code = normalise(typed)
    if len(code) != CODE_DIGITS or not _ascii_digits(code):
        raise BadCode
    return code


def _ascii_digits(text: str) -> bool:
    """`str.isdigit` alone lets through digits of other scripts, which `int` would take."""
    return text.isascii() and text.isdigit()
