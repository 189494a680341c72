"""Case numbers and query codes, keyed or said figure by figure.

Keys are certain. What was said is read back figure by figure before it is used, and a number whose check digit does not
fit is not even read back.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from cases.numbers import BadNumber, parse
from ivr import reading
from ivr.asking import ANY_KEY, PERSON, SURE, Question, ask
from ivr.call import Call, Heard, How
from ivr.speech.phrases import digits_of, intent_of

CASE_DIGITS, CODE_DIGITS = 12, 6
SECONDS = 6.0  # until the first figure
PIECES = 4  # in which a number is said: people pause where it is printed with a gap
SECONDS_BETWEEN = 2.5
RIGHT: Final = Question("yes_no", {"1": "yes", "2": "no", "0": PERSON})


class Unsaid(StrEnum):
    """Why there are no figures."""

    SILENT = "silent"
    UNCLEAR = "unclear"  # too few, or none, or not those that he meant
    PERSON = "person"


async def case_number(call: Call, sounds: Sequence[str]) -> str | Unsaid:
    """Return twelve figures whose check digit fits, or why there are none."""
    return await _figures(call, sounds, CASE_DIGITS, _is_case_number)


async def query_code(call: Call, sounds: Sequence[str]) -> str | Unsaid:
    """Return what was given as query code; whether it is right is not known here."""
    return await _figures(call, sounds, CODE_DIGITS, lambda said: len(said) == CODE_DIGITS)


async def _figures(
    call: Call, sounds: Sequence[str], wanted: int, fits: Callable[[str], bool]
) -> str | Unsaid:
    given, heard = "", Heard(how=How.SILENCE)
    for piece in range(PIECES):
        seconds = SECONDS_BETWEEN if piece else SECONDS
        heard = await call.hear([] if piece else sounds, f"digits:{wanted}", keys=ANY_KEY, seconds=seconds)
        if heard.how is How.KEY and (not given or len(heard.key) == wanted):
            return _keyed(heard.key, fits)
        more = heard.key if heard.how is How.KEY else _said(heard, wanted)
        given += more
        if not more or len(given) >= wanted:
            break
    if given and fits(given):
        return await _confirmed(call, given)
    if given or heard.how is How.UNKNOWN:
        return Unsaid.UNCLEAR
    return _unsaid(heard)


def _said(heard: Heard, wanted: int) -> str:
    """Return the figures that were said, '' if none or not surely. Fewer than are wanted lower the score by themselves."""
    said = digits_of(heard.words) if heard.how is How.SPEECH else ""
    return said if heard.score * wanted >= SURE * len(said) else ""


def _keyed(keys: str, fits: Callable[[str], bool]) -> str | Unsaid:
    """Take the keys as they are."""
    match keys:
        case "" | "#":
            return Unsaid.SILENT
        case "0":
            return Unsaid.PERSON
    return keys if fits(keys) else Unsaid.UNCLEAR


def _unsaid(heard: Heard) -> Unsaid:
    if heard.how is How.SILENCE:
        return Unsaid.SILENT
    return Unsaid.PERSON if intent_of("digits", heard.words) == PERSON else Unsaid.UNCLEAR


async def _confirmed(call: Call, given: str) -> str | Unsaid:
    words = reading.case_number(given) if len(given) == CASE_DIGITS else reading.digits(given)
    answer = await ask(call, ["you-said", *reading.sounds(words), "you-said-right"], RIGHT)
    match answer:
        case "yes":
            return given
        case "no":
            return Unsaid.UNCLEAR
        case "person":
            return Unsaid.PERSON
    return Unsaid.SILENT


def _is_case_number(said: str) -> bool:
    if not said.isdecimal():
        return False
    try:
        return parse(said, "").digits == said
    except BadNumber:
        return False
