"""The lines AGI speaks: the one encoder of commands and the one reader of answers. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus

# Asterisk reads a command into 2,048 bytes and takes the rest for a second command.
LONGEST_COMMAND = 2000
LONGEST_NUMBER = 20
# Asterisk cuts each row of cel_custom at 1,023 bytes, and ids and names take their part of it.
LONGEST_VALUE = 480

# Its answer is one line, whatever brackets and quotes are in it.
RECOGNIZE = "SPEECH RECOGNIZE"

# Asterisk's word for "the caller is gone"; it answers no command.
HANGUP = "HANGUP"

_FLAT = dict.fromkeys((*range(32), 127), " ")
_ANSWER = re.compile(r"(?P<code>\d{3}) (?:result=(?P<result>[^ ]*))?(?P<rest>.*)", re.DOTALL)
_ENDPOS = re.compile(r" endpos=\d+$")
_LISTENED = re.compile(
    r"\((?P<why>speech|digit|timeout|hangup)\)(?: digit=(?P<key>.))?"
    r"(?:.* score0=(?P<score>-?\d+) text0=\"(?P<words>.*?)\" grammar0=(?P<grammar>\S*))?"
)


class AGIError(Exception):
    """Asterisk refused a command, or said something that is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `200 result=1 (value)`. A value is only ever a value, also when it reads `hangup`."""

    code: int
    result: str = ""
    value: str = ""

    @property
    def open(self) -> bool:
        """Whether the value goes on in the next line, because it holds a line break."""
        return self.value.startswith("(") and not self.value.endswith(")")

    @property
    def text(self) -> str:
        return self.value[1:-1] if self.value.startswith("(") else self.value


def quoted(value: str) -> str:
    """Quote one argument. A line break would start a second command, so control characters become blanks."""
    flat = value.translate(_FLAT).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{flat}"'


def command(verb: str, *arguments: str) -> bytes:
    line = " ".join([verb, *map(quoted, arguments)]).encode("utf-8", "replace")
    if not verb.replace(" ", "").isalpha() or len(line) > LONGEST_COMMAND:
        raise AGIError(f"{verb[:40]!r}: {len(line)} bytes are no AGI command")
    return line + b"\n"


def answer(line: str) -> Answer:
    found = _ANSWER.match(line)
    if found is None:
        raise AGIError(f"not an answer: {line[:80]!r}")
    rest = _ENDPOS.sub("", found["rest"]).strip(" ")
    return Answer(code=int(found["code"]), result=found["result"] or "", value=rest)


@dataclass(frozen=True, slots=True)
class Listened:
    """What SPEECH RECOGNIZE came back with. `speech` without a grammar: the speech service is gone."""

    why: str  # speech, digit, timeout, hangup; '' if it did not listen at all
    key: str = ""
    words: str = ""
    score: int = 0
    grammar: str = ""


def listened(answer: Answer) -> Listened:
    found = _LISTENED.match(answer.value)
    if found is None or answer.result != "1":
        return Listened("")
    return Listened(
        why=found["why"],
        key=found["key"] or "",
        words=found["words"] or "",
        score=min(max(int(found["score"] or 0), 0), 100),
        grammar=found["grammar"] or "",
    )


def fact(kind: str, detail: Mapping[str, str | int]) -> str:
    """Return what CELGenUserEvent takes: a name and one argument without commas or quotes."""
    pairs = "&".join(f"{quote_plus(name)}={_value(str(value))}" for name, value in detail.items())
    return f"HOTLINE_{kind.upper()},{pairs}"


def _value(text: str) -> str:
    encoded = quote_plus(text, safe="/")
    while len(encoded) > LONGEST_VALUE:
        text = text[: len(text) * 3 // 4]
        encoded = quote_plus(text, safe="/")
    return encoded


def number(presented: str) -> str:
    """Return the digits and leading `+` of a number as a carrier presented it; '' if it is withheld or no number."""
    digits = re.sub(r"[^0-9+]", "", presented)
    plain = digits[:1] + digits[1:].replace("+", "")
    return plain if len(plain) <= LONGEST_NUMBER else ""
