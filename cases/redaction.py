"""What of a text must not be public: found by rule, replaced by a word that says what stood there. Pure.

It proposes; a person decides. So it would rather find too much than too little, but not so much that nobody reads it:
numbers that are no secret (12345, sums, dates, bus lines), offices and shops stay.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cases import private_context, private_names, private_numbers, private_words


class Private(StrEnum):
    """Kinds of what is nobody's business."""

    PHONE = "phone"
    IDENTITY = "identity"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    EMAIL = "email"
    CHAT = "chat"
    NAME = "name"
    MINOR = "minor"
    HEALTH = "health"
    ROOM = "room"


STANDS_FOR = {
    Private.PHONE: "〔电话〕",
    Private.IDENTITY: "〔证件号〕",
    Private.BANK_CARD: "〔卡号〕",
    Private.PLATE: "〔车牌〕",
    Private.EMAIL: "〔邮箱〕",
    Private.CHAT: "〔账号〕",
    Private.NAME: "某",
    Private.MINOR: "〔班级〕",
    Private.HEALTH: "〔病情〕",
    Private.ROOM: "",
}


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A stretch of a text that is private."""

    start: int
    end: int
    kind: Private


Rule = Callable[[str], Iterator[tuple[int, int]]]
_RULES: tuple[tuple[Private, Rule], ...] = (
    (Private.IDENTITY, private_numbers.identities),
    (Private.BANK_CARD, private_numbers.bank_cards),
    (Private.PHONE, private_numbers.phones),
    (Private.EMAIL, private_numbers.emails),
    (Private.CHAT, private_numbers.chat_accounts),
    (Private.PLATE, private_numbers.plates),
    (Private.NAME, private_names.names),
    (Private.NAME, private_context.names),
    (Private.MINOR, private_words.school_classes),
    (Private.HEALTH, private_words.illnesses),
    (Private.ROOM, private_words.rooms),
)


def found(text: str) -> list[Found]:
    """Return what is private in a text, in its order; of two that overlap the one that was ruled on first stays."""
    plain = private_numbers.narrow(text)
    taken: list[Found] = []
    for kind, rule in _RULES:
        for start, end in rule(plain):
            if all(end <= other.start or other.end <= start for other in taken):
                taken.append(Found(start, end, kind))
    return sorted(taken)


def redacted(text: str) -> str:
    """Return the text as it is proposed for everybody's eyes."""
    places = found(text)
    edges = [(0, 0), *((one.start, one.end) for one in places), (len(text), len(text))]
    kept = [text[before[1] : after[0]] for before, after in pairwise(edges)]
    words = [STANDS_FOR[one.kind] for one in places]
    return "".join(piece for pair in zip(kept, [*words, ""], strict=True) for piece in pair)
