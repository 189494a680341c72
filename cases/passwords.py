"""What a password must be: long, not a common one, nothing that can be guessed from the person or the place."""

import re
from collections.abc import Iterable
from typing import Final

SHORTEST: Final = 10
LONGEST: Final = 256
SHORTEST_OWN: Final = 2
"""Shorter names are no help to whoever guesses."""
KINDS: Final = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"), re.compile("[^a-zA-Z0-9]"))
WALKS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv", "147258369",
)  # fmt: skip
"""Ways over the keyboard and through the alphabet."""
COMMON: Final = frozenset(
    """
    password passw0rd letmein welcome iloveyou monkey dragon sunshine princess football baseball master
    superman shadow trustno admin administrator root system manager guest default changeme changeit
    secret test tester login access server oracle mysql cisco huawei hikvision hello world windows
    computer internet network woaini aini5201314 wo1314 5201314 woaiwojia zhongguo beijing shanghai
    fuzhou haikou guangzhou shenzhen hotline rexian zhengfu gongwuyuan huanying nihao mima yonghu ceshi
    qwe123 abc123 a1b2c3 123qwe aa123456 1q2w3e4r zaq12wsx qazwsx asd123 zxc123 q1w2e3r4 p@ssw0rd
    p@ssword taobao baidu tencent weixin
    """.split()  # noqa: SIM905 - words are easier to read and to add to than a list of literals
)
_SWAPS: Final = str.maketrans("@4310$5!7", "aaeiossit")
_ENDS: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def problem(password: str, own: Iterable[str]) -> str | None:
    """Return what is wrong with a new password, as a word for it, or None.

    `own`: what stands about the person: login, name in letters, unit, city.
    """
    plain = password.lower()
    rules = {
        "short": len(password) < SHORTEST,
        "long": len(password) > LONGEST,
        "simple": len(set(plain)) < SHORTEST // 2 or _walks(plain[:LONGEST]),
        # Chinese is kind enough: there are thousands of characters.
        "kinds": password.isascii() and sum(bool(kind.search(password)) for kind in KINDS) < 2,
        "own": any(word in plain for word in map(str.lower, own) if len(word) >= SHORTEST_OWN),
        "common": not COMMON.isdisjoint({plain, _core(plain), _core(plain.translate(_SWAPS))}),
    }
    return next((name for name, broken in rules.items() if broken), None)


def _core(text: str) -> str:
    """Return what is left without the figures and marks that people put before and behind a word."""
    return _ENDS.sub("", text)


def _walks(text: str) -> bool:
    """Say whether more than half of it is a walk over the keyboard, in either direction."""
    longest = 0
    for way in (*WALKS, *(way[::-1] for way in WALKS)):
        for begin in range(len(text)):
            end = begin + longest + 1
            while end <= len(text) and text[begin:end] in way:
                longest, end = end - begin, end + 1
    return longest * 2 > len(text)
