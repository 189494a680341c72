"""Judges a menu file before a caller meets it: dead ends, keys and phrases in conflict, words that nobody would hear."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from ivr import pinyin, sound, spoken
from ivr.menu import (
    CONDITIONS,
    ENGLISH,
    LONG_WAIT,
    MAIN,
    NEVER_ASKED,
    PERSON_KEY,
    WAITING,
    Action,
    Book,
    Choice,
    Menu,
    Piece,
    Profile,
)
from ivr.prompts import words
from ivr.prompts.check import recording_faults

Unknown = Callable[[Sequence[str]], Sequence[str]]
"""Returns what of the phrases the speech model in use does not know."""

QUEUE_KEYS: Final = {
    "0": Action.PERSON,
    "1": Action.STATUS,
    "2": Action.ENTERPRISE,
    "3": Action.DIALECT,
    "9": Action.CALLBACK,
}
"""What these keys do during the music, whatever the file says: the dialplan knows them, also without our process."""
NOT_WAITING: Final = frozenset({Action.MESSAGE, Action.EVENT})
SEATS: Final = frozenset({Action.PERSON, Action.ENTERPRISE, Action.DIALECT, Action.ENGLISH})
"""Named to those only for whom the line has such seats."""
SYLLABLES_A_SECOND: Final = 3.7
LONGEST_MENU, LONGEST_INFORMATION = 25.0, 60.0  # seconds
MOST_OFFERS: Final = 7

_SPOKEN_KEY = re.compile(r"(?:按(?:键)?|press )([0-9零一二三四五六七八九])(?![0-9小])")
_FIGURES = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or could be better, in words for whoever edits the file."""

    where: str
    what: str
    grave: bool = True

    def __str__(self) -> str:
        return f"{'错误 error' if self.grave else '提示 note'} · {self.where}: {self.what}"


def check(book: Book, unknown: Unknown | None = None) -> list[Finding]:
    """Return every finding, grave ones first. Without a model nothing is said of words it may not know."""
    found = [*_of_book(book)]
    for menu in book.menus.values():
        found += [*_ways_out(menu), *_conflicts(menu), *_length(menu), *_said(menu)]
        for choice in menu.choices:
            found += _of_choice(book, menu, choice)
    if unknown is not None:
        found += _unheard(book, unknown)
    return sorted(dict.fromkeys(found), key=lambda each: not each.grave)


def _of_book(book: Book) -> Iterator[Finding]:
    if book.accept < book.confirm:
        yield Finding("accept", "应不小于 confirm (must not be less than confirm)")
    led = {choice.to for menu in book.menus.values() for choice in menu.choices}
    begins = {WAITING, *([MAIN] if book.profile is Profile.MENU_FIRST else [])}
    for name in book.menus.keys() - led - begins:
        yield Finding(f"menus.{name}", "没有选择通向它 (no choice leads to it)", grave=False)
    if WAITING not in book.menus:
        yield Finding(
            "menus", f"没有 {WAITING}：排队时不提供选择 (nothing is offered while waiting)", grave=False
        )


def _ways_out(menu: Menu) -> Iterator[Finding]:
    where = f"menus.{menu.id}"
    if not menu.choices:
        yield Finding(where, "没有任何选择 (a dead end: there is nothing to choose)")
        return
    person = [one for one in menu.choices if one.action is Action.PERSON and one.key == PERSON_KEY]
    if menu.id != WAITING and not any(not one.when and not one.unless for one in person):
        yield Finding(where, "不能随时按 0 转人工 (no way to a person: key 0 must lead to one at any time)")
    if menu.id != WAITING and person and not any(one.offer for one in person):
        yield Finding(where, "没有说明按 0 转人工 (nobody is told that 0 leads to a person)", grave=False)
    for one in menu.choices:
        if one.key == PERSON_KEY and one.action is not Action.PERSON:
            yield Finding(f"{where}.{one.name}", "0 只能是人工 (key 0 is for a person)")


def _conflicts(menu: Menu) -> Iterator[Finding]:
    for one, other in combinations(menu.choices, 2):
        if _never_together(one, other):
            continue
        where = f"menus.{menu.id}.{one.name} · {other.name}"
        if one.key and one.key == other.key:
            yield Finding(where, f"同用 {one.key} 键 (the same key)")
        for phrase in sorted(set(one.phrases) & set(other.phrases)):
            yield Finding(where, f"同用一句话 (the same phrase): {phrase}")
        for phrase in one.phrases:
            alike = [each for each in other.phrases if each != phrase and _sound(each) == _sound(phrase)]
            for each in alike:
                yield Finding(where, f"听起来一样 (they sound alike): {phrase} · {each}", grave=False)


def _never_together(one: Choice, other: Choice) -> bool:
    return bool({*one.when} & {*other.unless} or {*other.when} & {*one.unless})


def _sound(phrase: str) -> str:
    """Without tones, as the synthetic model and a bad line hear it."""
    return re.sub(r"[1-5,. ]", "", pinyin.of(phrase))


def _length(menu: Menu) -> Iterator[Finding]:
    where = f"menus.{menu.id}"
    offers = [choice for choice in menu.choices if choice.offer and choice.action not in SEATS]
    said = [*menu.opening, *menu.hint, *(piece for choice in menu.choices for piece in choice.offer)]
    seconds = _seconds([*said, *menu.closing])
    if seconds > LONGEST_MENU:
        yield Finding(where, f"约 {seconds:.0f} 秒，太长 (about so many seconds, too long)", grave=False)
    if len(offers) > MOST_OFFERS:
        yield Finding(where, f"{len(offers)} 个选择，太多 (too many to be remembered)", grave=False)


def _seconds(pieces: Iterable[Piece]) -> float:
    return sum(_syllables(piece) for piece in pieces) / SYLLABLES_A_SECOND


def _syllables(piece: Piece) -> int:
    if piece.prompt:
        listed = (one for one in words.prompts() if one.name == words.full_name(piece.prompt))
        return sum(len(one.syllables) for one in listed)
    return len(spoken.as_spoken(piece.text))


def _said(menu: Menu) -> Iterator[Finding]:
    where = f"menus.{menu.id}"
    for part in (menu.opening, menu.hint, menu.closing):
        for piece in part:
            yield from _speakable(piece, where)
    for choice in menu.choices:
        for piece in (*choice.offer, *choice.say):
            yield from _speakable(piece, f"{where}.{choice.name}")


def _speakable(piece: Piece, where: str) -> Iterator[Finding]:
    if piece.prompt and words.full_name(piece.prompt) not in words.names():
        yield Finding(where, f"没有这个提示音 (there is no such prompt): {piece.prompt}")
    if piece.text and not spoken.as_spoken(piece.text):
        yield Finding(where, f"读不出来 (cannot be spoken): {piece.text}")
    if piece.recording:
        try:
            faults = recording_faults(sound.read(Path(piece.recording)))
        except sound.BadSound as bad:
            faults = [str(bad)]
        for fault in faults:
            yield Finding(where, f"录音 {Path(piece.recording).name}: {fault}")


def _of_choice(book: Book, menu: Menu, choice: Choice) -> Iterator[Finding]:
    where = f"menus.{menu.id}.{choice.name}"
    yield from _leads(book, menu, choice)
    for name in {*choice.when, *choice.unless} - book.times.keys() - CONDITIONS:
        yield Finding(where, f"没有名为 {name} 的时间或条件 (there are no such times, and no such condition)")
    if {*choice.when} & {*choice.unless}:
        yield Finding(where, "从不提供 (never offered: it must hold and must not)")
    if not choice.key and not choice.phrases:
        yield Finding(where, "既无按键也无话语 (neither a key nor a phrase)")
    if not choice.key and choice.action not in NEVER_ASKED and not _by_key(book, choice):
        yield Finding(where, "只能说，不能按 (every menu must be complete with keys alone)")
    told = choice.offer or (menu.id == WAITING and choice.key in QUEUE_KEYS)
    if choice.key and choice.key != PERSON_KEY and not told:
        yield Finding(where, f"没有说明按 {choice.key} (nobody is told of the key)", grave=False)
    if choice.key and (said := _keys_said(choice)) and choice.key not in said:
        yield Finding(where, f"说的是按 {'、'.join(said)}，键是 {choice.key} (another key is told of)")
    if choice.phrases and not choice.title and choice.action not in NEVER_ASKED:
        yield Finding(where, "没有 title，听不准时无法询问 (nothing to ask when it is not sure)", grave=False)
    for phrase in choice.phrases:
        if len(phrase) == 1:
            yield Finding(where, f"一个字容易听错 (one character is easily misheard): {phrase}", grave=False)


def _leads(book: Book, menu: Menu, choice: Choice) -> Iterator[Finding]:
    where = f"menus.{menu.id}.{choice.name}"
    match choice.action:
        case Action.MENU if choice.to not in book.menus:
            yield Finding(where, f"没有菜单 {choice.to!r} (a dead end: there is no such menu)")
        case Action.SAY if not choice.say:
            yield Finding(where, "没有要说的内容 (a dead end: nothing is said)")
        case Action.SAY if (seconds := _seconds(choice.say)) > LONGEST_INFORMATION:
            yield Finding(where, f"约 {seconds:.0f} 秒，太长 (about so many seconds, too long)", grave=False)
        case Action.ENGLISH if ENGLISH not in book.languages:
            yield Finding(where, "languages 里没有 en (it is not among the languages)", grave=False)
    if menu.id != WAITING:
        if LONG_WAIT in choice.when:
            yield Finding(where, f"{LONG_WAIT} 只在 {WAITING} 菜单成立 (holds in that menu only)")
        return
    fixed = QUEUE_KEYS.get(choice.key)
    if fixed is not None and choice.action is not fixed:
        yield Finding(
            where, f"排队音乐中 {choice.key} 键固定为 {fixed} (during the music this key does that)"
        )
    if choice.action in NOT_WAITING:
        yield Finding(where, "排队时不能提供 (cannot be offered while waiting)", grave=False)


def _by_key(book: Book, choice: Choice) -> bool:
    """Tell whether a key of any menu does the same."""
    return any(
        one.key and (one.action, one.to, one.title) == (choice.action, choice.to, choice.title)
        for menu in book.menus.values()
        for one in menu.choices
    )


def _keys_said(choice: Choice) -> list[str]:
    listed = {prompt.name: prompt.text for prompt in words.prompts()}
    texts = [listed.get(words.full_name(one.prompt), "") if one.prompt else one.text for one in choice.offer]
    found = [key for text in texts for key in _SPOKEN_KEY.findall(text)]
    return [str(_FIGURES.index(key)) if key in _FIGURES else key for key in found]


def _unheard(book: Book, unknown: Unknown) -> Iterator[Finding]:
    for menu in book.menus.values():
        for choice in menu.choices:
            if missing := unknown(choice.phrases):
                text = "、".join(missing)
                what = f"语音模型不认识，说了也听不到 (unknown to the speech model, never heard): {text}"
                yield Finding(f"menus.{menu.id}.{choice.name}", what, grave=False)
