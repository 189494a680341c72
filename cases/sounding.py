"""How written characters sound, for comparing only: a machine that listens writes 路登 for 路灯, and so do hasty hands.

Each character has one sound, without its tone, and sounds that the south of the country does not tell apart are one: zh and
z, n and l, h and f before u, ing and in. Whoever needs the right reading of a word takes ivr.pinyin.
"""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

from cases.likeness import letters

Numbers = NDArray[Any]
_FIRST: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "f"))
_LAST: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_SIGNS: Final = 0x110000
_SOUNDS_FROM: Final = 0xF0000
"""Nobody writes signs of private use."""


def sounds(signs: Numbers) -> Numbers:
    """Return the number of the sound of each sign; one that has none stands for itself."""
    return _table()[signs]


def as_heard(text: str) -> str:
    """Return the text with a sign for each sound, and nothing between."""
    return str(sounds(letters(text)).tobytes(), "utf-32-le")


@cache
def _table() -> Numbers:
    table, known = np.arange(_SIGNS, dtype=np.uint32), dict[str, int]()
    for sign, readings in pinyin_dict.items():
        sound = folded(to_normal(readings.partition(",")[0]))
        table[sign] = _SOUNDS_FROM + known.setdefault(sound, len(known))
    return table


def folded(syllable: str) -> str:
    """Return the syllable as those say it who do not tell it from its neighbours."""
    for first, instead in _FIRST:
        if syllable.startswith(first) and len(syllable) > len(first):
            syllable = instead + syllable[len(first) :]
            break
    for last, instead in _LAST:
        if syllable.endswith(last):
            return syllable[: -len(last)] + instead
    return syllable
