"""One line of Asterisk's own files, understood: a channel event (CEL) or a line of queue_log."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Everything we put into Asterisk's files ourselves begins with this.
OURS = "HOTLINE_"
# Our own word for a call that Asterisk has no more and whose end it could not write down.
VANISHED = "HOTLINE_VANISHED"
QUEUE_LOG_FIELDS = 5
# A transfer names the channels it ties together; those began as calls of their own.
TRANSFERS = frozenset({"BLINDTRANSFER", "ATTENDEDTRANSFER"})
LONGEST_ID = 64  # what the store keeps of any id

_EVENT_TIME = re.compile(r"(\d{1,11})(?:\.(\d{1,6}))?")
_CALL_ID = re.compile(r"(?:[\w.-]+-)?\d+\.\d+")
_READABLE_NUMBER = re.compile(r"\+?\d{1,40}")
_RECORD_START = re.compile(r'\{"eventtype"')
_WHOLE_FIELD = re.compile(r'"(\w+)":("(?:[^"\\]|\\.)*")')


class Origin(StrEnum):
    """Who says so, and how exact the time is."""

    CHANNEL = "channel"  # CEL: microseconds
    LINE = "line"  # app_queue's own line in queue_log: whole seconds
    US = "us"  # our own fact, in either file: at least milliseconds


class BadLine(Exception):
    """The line cannot be understood; it is kept as it is and never stops the others."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one line says. Empty text stands for what the line does not say."""

    at: datetime
    kind: str
    call: str
    origin: Origin
    channel: str = ""  # unique id of the channel it is about
    name: str = ""  # the channel's name, e.g. PJSIP/s1001-00000001
    number: str = ""
    context: str = ""
    exten: str = ""
    app: str = ""
    app_data: str = ""
    seat: str = ""
    bridge: str = ""
    cause: int | None = None
    ended_by: str = ""  # Asterisk's hangupsource: the channel that asked for the end
    detail: tuple[tuple[str, str], ...] = ()
    witnessed: bool = False  # in no file of Asterisk's: our process has seen it happen

    def get(self, name: str) -> str:
        return dict(self.detail).get(name, "")

    @property
    def of_citizen(self) -> bool:
        """The citizen's channel gives the call its id."""
        return bool(self.call) and self.channel == self.call

    @property
    def ours(self) -> bool:
        return self.kind.startswith(OURS)

    @property
    def tied(self) -> frozenset[str]:
        """The calls that a transfer makes one; empty for every other line.

        Whom we have rung may come into the line, too: app_queue then writes of him under his own channel's name.
        """
        if self.kind == "HOTLINE_QUEUED" and not self.of_citizen:
            return frozenset({self.call, _call(self.channel)} - {""})
        if self.kind not in TRANSFERS:
            return frozenset()
        named = {_call(value) for name, value in self.detail if name.endswith("_uniqueid")}
        return frozenset({self.call, _call(self.channel), *named} - {""})


# A call's lines are read when they come and each time the call is derived again while it goes on.
@lru_cache(maxsize=8_192)
def read_cel(line: str) -> Fact:
    """Understand one JSON line of cel_custom, or as much as there is of it."""
    try:
        fields = {key: str(value) for key, value in _fields(line).items()}
        if "\\u" in line or not line.isascii():
            fields = {key: _storable(value) for key, value in fields.items()}
        return _channel_fact(fields)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise BadLine(type(error).__name__) from error


def records_in(line: str) -> list[tuple[int, str]]:
    """Return each record of a line and where it begins: one that was cut short may have the next one on its line."""
    starts = [match.start() for match in _RECORD_START.finditer(line)]
    if not starts or starts == [0]:
        return [(0, line)]
    edges = sorted({0, *starts, len(line)})
    return [(begin, line[begin:end]) for begin, end in pairwise(edges)]


def _fields(line: str) -> dict[str, Any]:
    """Read a record; of one that was cut, the fields that are whole. Asterisk cuts each at 1,023 bytes."""
    try:
        fields: dict[str, Any] = json.loads(line)
    except ValueError:
        return {key: json.loads(value) for key, value in _WHOLE_FIELD.findall(line)}
    return fields


def read_queue_log(line: str) -> Fact:
    """Understand `epoch|call id|queue|interface|event|…`; our lines carry url-encoded detail with `at`."""
    fields = line.split("|", QUEUE_LOG_FIELDS)
    if len(fields) < QUEUE_LOG_FIELDS:
        raise BadLine("too few fields")
    second, call, _queue, interface, kind = fields[:QUEUE_LOG_FIELDS]
    rest = fields[QUEUE_LOG_FIELDS] if len(fields) > QUEUE_LOG_FIELDS else ""
    ours = kind.startswith(OURS)
    detail = _pairs(rest) if ours else tuple((str(n), text) for n, text in enumerate(rest.split("|"), 1))
    try:
        at = _at_of(dict(detail)) if ours else None
        at = at or _instant(second)
        kind = _identity(kind)
        call = _call(call)
    except (ValueError, OverflowError) as error:
        raise BadLine(type(error).__name__) from error
    return Fact(
        at=at,
        kind=kind,
        call=call,
        origin=Origin.US if ours else Origin.LINE,
        number=readable(dict(detail).get("2", "")) if kind == "ENTERQUEUE" else "",
        seat="" if interface == "NONE" else interface.removeprefix("PJSIP/"),
        detail=detail,
    )


def readable(number: str) -> str:
    """Return the number if it is one: digits, perhaps a leading plus; '' for withheld or unreadable."""
    number = number.strip()
    return number if number.isascii() and _READABLE_NUMBER.fullmatch(number) else ""


def _channel_fact(fields: dict[str, str]) -> Fact:
    kind = _identity(fields["eventtype"])
    extra = _extra(fields.get("eventextra", ""))
    detail = _pairs(str(extra.get("extra", ""))) if kind.startswith(OURS) else ()
    if kind in TRANSFERS:
        detail = tuple((_storable(name), _storable(str(value))) for name, value in extra.items())
    cause = extra.get("hangupcause")
    return Fact(
        at=_instant(fields["eventtime"]),
        kind=kind,
        call=_call(fields["linkedid"]),
        origin=Origin.US if kind.startswith(OURS) else Origin.CHANNEL,
        channel=_identity(fields["uniqueid"]),
        name=fields.get("channame", ""),
        number=readable(fields.get("num", "")),
        context=fields.get("context", ""),
        exten=fields.get("exten", ""),
        app=fields.get("appname", ""),
        app_data=fields.get("appdata", ""),
        bridge=str(extra.get("bridge_id", "")),
        cause=cause if isinstance(cause, int) else None,
        ended_by=str(extra.get("hangupsource", "")),
        detail=detail,
        witnessed="witnessed" in fields,
    )


def _extra(text: str) -> dict[str, Any]:
    if not text:
        return {}
    extra = json.loads(text)
    return extra if isinstance(extra, dict) else {}


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
    return tuple((_storable(name), _storable(value)) for name, value in pairs)


def _at_of(detail: dict[str, str]) -> datetime | None:
    at = detail.get("at", "")
    return EPOCH + timedelta(milliseconds=int(at)) if at.isascii() and at.isdigit() else None


def _instant(text: str) -> datetime:
    """Read seconds with up to six decimals, without the rounding of a float."""
    match = _EVENT_TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time")
    fraction = (match[2] or "").ljust(6, "0")
    return EPOCH + timedelta(seconds=int(match[1]), microseconds=int(fraction))


def _identity(text: str) -> str:
    if not text or len(text) > LONGEST_ID or not (text.isascii() and text.isprintable()):
        raise ValueError("not an id")
    return text


def _call(text: str) -> str:
    """Return the id if it is a call's; app_queue also writes NONE, MANAGER and the like."""
    return text if len(text) <= LONGEST_ID and text.isascii() and _CALL_ID.fullmatch(text) else ""


def _storable(text: str) -> str:
    """Replace what a database refuses: half a surrogate pair, the zero character."""
    if text.isascii() and text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "�")
