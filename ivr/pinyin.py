"""Turns spoken Chinese into checked pinyin with tone digits, as the synthesiser wants it. Pure but for the dictionary.

pypinyin knows words, so most characters of several readings come out right; `prompts/readings.tsv` puts right what it
does not know, and the tones of 一 and 不 are changed as they are spoken. The third tone is left to the synthesiser.
"""

import re
from functools import cache
from importlib import resources

from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_tone3
from pypinyin.pinyin_dict import pinyin_dict

from ivr.spoken import PAUSE, STOP

SYLLABLE = re.compile(r"[a-z]+[1-5]")
MARKS = {PAUSE: ",", STOP: "."}
NUMERALS = "零一二三四五六七八九十百千万亿两"
# Letters as they are named in Mandarin.
LETTERS: dict[str, str] = {
    "A": "ei1",
    "B": "bi4",
    "C": "xi1",
    "D": "di4",
    "E": "yi4",
    "F": "ai2 fu5",
    "G": "ji4",
    "H": "ei1 qi5",
    "I": "ai4",
    "J": "zhei4",
    "K": "kei4",
    "L": "ai2 lou5",
    "M": "ai2 mu5",
    "N": "en1",
    "O": "ou1",
    "P": "pi1",
    "Q": "kiu1",
    "R": "a4",
    "S": "ai2 si5",
    "T": "ti4",
    "U": "you1",
    "V": "wei1",
    "W": "da2 bu5 liu5",
    "X": "ai4 ke5 si5",
    "Y": "wai1",
    "Z": "zei4",
}


@cache
def syllables() -> frozenset[str]:
    """Return every syllable of Mandarin, without its tone."""
    readings = {reading for all_readings in pinyin_dict.values() for reading in all_readings.split(",")}
    return frozenset(to_tone3(reading, neutral_tone_with_five=True).rstrip("12345") for reading in readings)


def of(words: str) -> str:
    """Return the pinyin of spoken words, e.g. 您好，重听 → `nin2 hao3, chong2 ting1`."""
    spoken: list[str] = []
    for part in _corrections_pattern().split(words):
        spoken += _corrections()[part].split() if part in _corrections() else _by_dictionary(part)
    return " ".join(spoken).replace(" ,", ",").replace(" .", ".")


def _by_dictionary(part: str) -> list[str]:
    spoken = []
    for piece in re.findall(rf"[\u3400-\u9fff]+|[A-Z{PAUSE}{STOP}]", part):
        if piece in MARKS:
            spoken.append(MARKS[piece])
        elif piece in LETTERS:
            spoken += LETTERS[piece].split()
        else:
            read = lazy_pinyin(piece, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
            spoken += [syllable for syllable in _with_sandhi(piece, read) if SYLLABLE.fullmatch(syllable)]
    return spoken


def _with_sandhi(characters: str, read: list[str]) -> list[str]:
    """Change the tones of 一 and 不 before what follows them."""
    if len(read) != len(characters):  # a rare character without a reading; nothing can be aligned
        return read
    return [_tone(characters, read, place) for place in range(len(read))]


def _tone(characters: str, read: list[str], place: int) -> str:
    character = characters[place]
    if character not in "一不":
        return read[place]
    following = read[place + 1][-1:] if place + 1 < len(read) else ""
    if character == "不":
        return "bu2" if following == "4" else "bu4"
    if not following or _is_figure(characters, place):
        return "yi1"
    return "yi2" if following == "4" else "yi4"


def _is_figure(characters: str, place: int) -> bool:
    """Tell whether this 一 is counted off or numbered (十一, 第一, 一月, 一号), where it keeps its own tone."""
    before, after = characters[place - 1 : place], characters[place + 1]
    return before in [*NUMERALS, *"第统唯期"] or after in "月日号楼零一二三四五六七八九十点"


@cache
def _corrections() -> dict[str, str]:
    lines = resources.files("ivr.prompts").joinpath("readings.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line and not line.startswith("#"))


@cache
def _corrections_pattern() -> re.Pattern[str]:
    longest_first = sorted(_corrections(), key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
