"""Reads a menu file: TOML, made into a book, or every problem named in words for the person who wrote it."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any, Final

from cases.calendar import OFFICE_HOURS
from ivr.menu import MAIN, Action, BadMenu, Book, Choice, Menu, Piece, Profile, Times
from ivr.menu_times import span
from routing.rules import Days, Hours

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PROMPT: Final = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)?")
_KEY: Final = re.compile(r"[0-9*]")
_PHRASE: Final = re.compile(r"[\u4e00-\u9fff]{1,12}")
_HOURS: Final = re.compile(r"(?:(work|rest)\s+)?(\d\d:\d\d)-(\d\d:\d\d)")

_BOOK: Final = frozenset(
    {"version", "profile", "languages", "accept", "confirm", "times", "everywhere", "menus"}
)
_MENU: Final = frozenset({"opening", "hint", "closing", "seconds", "choices"})
_TIMES: Final = frozenset({"hours", "office", "closed"})
_PIECES: Final = ("offer", "say")
_CHOICE: Final = frozenset(
    {
        *("action", "key", "phrases", "title", "confirm", "to", "when", "unless"),
        *("skill", "language", "priority", *_PIECES),
    }
)


def parse(text: str, folder: Path | None = None) -> Book:
    """Return the book of a file's text; recordings lie in the file's folder. Raise BadMenu naming every problem."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMenu(f"不是有效的 TOML (not valid TOML): {error}") from None
    return of_table(table, folder)


def of_table(table: Mapping[str, Any], folder: Path | None = None) -> Book:
    """Return the book that the tables of a file describe."""
    reader = _Reader(folder)
    book = reader.book(table)
    if reader.problems:
        raise BadMenu(*reader.problems)
    return book


class _Reader:
    """One reading. It goes on after a problem, so that all of them are named at once."""

    def __init__(self, folder: Path | None) -> None:
        self.problems: list[str] = []
        self._folder = folder

    def book(self, table: Mapping[str, Any]) -> Book:
        self._known(table, _BOOK, "文件 file")
        profile = self._text(table, "profile", "文件 file") or Profile.DIRECT
        if profile not in set(Profile):
            self._wrong("profile", f"应为 direct 或 menu-first (one of these): {profile}")
            profile = Profile.DIRECT
        everywhere = self._choices(table.get("everywhere", {}), "everywhere")
        version = self._text(table, "version", "文件 file")
        if not 1 <= len(version) <= 32:
            self._wrong("version", "应为 1 至 32 个字符 (1 to 32 characters)")
        menus = {name: self._menu(name, menu, everywhere) for name, menu in self._tables(table, "menus")}
        if profile == Profile.MENU_FIRST and MAIN not in menus:
            self._wrong("menus", f"profile 为 menu-first 时须有 menus.{MAIN} (it needs this menu)")
        return Book(
            version=version,
            profile=Profile(profile),
            menus=menus,
            times={name: self._times(name, times) for name, times in self._tables(table, "times")},
            languages=self._texts(table, "languages", "文件 file") or ("zh",),
            accept=self._whole(table, "accept", "文件 file", 70),
            confirm=self._whole(table, "confirm", "文件 file", 45),
        )

    def _menu(self, name: str, table: Mapping[str, Any], everywhere: Sequence[Choice]) -> Menu:
        where = f"menus.{name}"
        self._known(table, _MENU, where)
        own = self._choices(table.get("choices", {}), f"{where}.choices")
        named = {choice.name for choice in own}
        seconds = table.get("seconds", 5)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= 15:
            self._wrong(f"{where}.seconds", "应为 1 至 15 (between 1 and 15)")
            seconds = 5
        return Menu(
            id=name,
            choices=(*own, *(choice for choice in everywhere if choice.name not in named)),
            opening=self._pieces(table, "opening", where),
            hint=self._pieces(table, "hint", where),
            closing=self._pieces(table, "closing", where),
            seconds=float(seconds),
        )

    def _choices(self, table: object, where: str) -> tuple[Choice, ...]:
        if not isinstance(table, dict):
            self._wrong(where, "应为表 (must be a table)")
            return ()
        return tuple(
            self._choice(name, choice, f"{where}.{name}")
            for name, choice in table.items()
            if self._named(name, choice, where)
        )

    def _choice(self, name: str, table: Mapping[str, Any], where: str) -> Choice:
        self._known(table, _CHOICE, where)
        action = self._text(table, "action", where)
        if action not in set(Action):
            self._wrong(f"{where}.action", f"应为其一 (one of): {', '.join(Action)}")
            action = Action.PERSON
        key = self._text(table, "key", where)
        if key and not _KEY.fullmatch(key):
            self._wrong(f"{where}.key", "应为一个数字或 * (one digit, or *)")
        phrases = self._texts(table, "phrases", where)
        for phrase in phrases:
            if not _PHRASE.fullmatch(phrase):
                self._wrong(f"{where}.phrases", f"应为 1 至 12 个汉字 (1 to 12 Chinese characters): {phrase}")
        return Choice(
            name=name,
            action=Action(action),
            key=key,
            phrases=phrases,
            title=self._text(table, "title", where),
            offer=self._pieces(table, "offer", where),
            say=self._pieces(table, "say", where),
            confirm=self._yes(table, "confirm", where),
            to=self._text(table, "to", where),
            skill=self._text(table, "skill", where),
            language=self._text(table, "language", where),
            priority=self._whole(table, "priority", where, 0, most=9),
            when=self._texts(table, "when", where),
            unless=self._texts(table, "unless", where),
        )

    def _times(self, name: str, table: Mapping[str, Any]) -> Times:
        where = f"times.{name}"
        self._known(table, _TIMES, where)
        office = self._text(table, "office", where)
        if office and office not in OFFICE_HOURS:
            self._wrong(f"{where}.office", f"应为其一 (one of): {', '.join(OFFICE_HOURS)}")
        closed = self._texts(table, "closed", where)
        for text in closed:
            try:
                span(text)
            except ValueError:
                self._wrong(f"{where}.closed", f"日期应写作 2026-12-31 或 2026-12-30~2027-01-02: {text}")
        hours = self._hours(self._texts(table, "hours", where), where)
        if not hours and not office:
            self._wrong(where, "没有 hours 也没有 office (neither hours nor office)")
        return Times(hours=hours, office=office, closed=closed)

    def _hours(self, texts: Sequence[str], where: str) -> tuple[Hours, ...]:
        found = []
        for text in texts:
            try:
                found.append(_stretch(text))
            except ValueError:
                self._wrong(
                    f"{where}.hours",
                    f"应写作 09:00-17:00、work 09:00-17:00 或 rest 09:00-17:00: {text}",
                )
        return tuple(found)

    def _pieces(self, table: Mapping[str, Any], key: str, where: str) -> tuple[Piece, ...]:
        given = table.get(key, [])
        items = given if isinstance(given, list) else [given]
        return tuple(self._piece(item, f"{where}.{key}") for item in items)

    def _piece(self, item: object, where: str) -> Piece:
        """A plain text is the id of a prompt if it can be one, else words to be spoken."""
        if isinstance(item, str) and item.strip():
            return Piece(prompt=item) if _PROMPT.fullmatch(item) else Piece(text=item.strip())
        if not isinstance(item, dict) or not item.get("recording"):
            self._wrong(
                where, "应为提示音名、文字或 {recording, text} (a prompt's id, words, or a recording)"
            )
            return Piece()
        self._known(item, frozenset({"recording", "text"}), where)
        return self._recording(self._text(item, "recording", where), self._text(item, "text", where), where)

    def _recording(self, name: str, text: str, where: str) -> Piece:
        if self._folder is None or Path(name).name != name:
            self._wrong(where, f"录音应与菜单文件在同一文件夹 (must lie beside the menu file): {name}")
            return Piece(text=text)
        path = self._folder.absolute() / name
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            self._wrong(where, f"录音无法读取 (the recording cannot be read): {name}: {error.strerror}")
            return Piece(text=text)
        return Piece(text=text, recording=str(path), digest=digest)

    # Values of one type

    def _tables(self, table: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
        found = table.get(key, {})
        if not isinstance(found, dict):
            self._wrong(key, "应为表 (must be a table)")
            return []
        return [(name, each) for name, each in found.items() if self._named(name, each, key)]

    def _named(self, name: str, table: object, where: str) -> bool:
        if not _NAME.fullmatch(name):
            self._wrong(
                f"{where}.{name}", "名称只用小写字母、数字和连字符 (lower-case letters, digits, hyphens)"
            )
        if not isinstance(table, dict):
            self._wrong(f"{where}.{name}", "应为表 (must be a table)")
        return isinstance(table, dict)

    def _known(self, table: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
        for key in sorted(table.keys() - keys):
            self._wrong(where, f"没有名为 {key} 的项 (there is no setting of this name)")

    def _text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        found = table.get(key, "")
        if not isinstance(found, str):
            self._wrong(f"{where}.{key}", "应为文字 (must be a text)")
            return ""
        return found.strip()

    def _texts(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        found = table.get(key, [])
        items = found if isinstance(found, list) else [found]
        if not all(isinstance(item, str) for item in items):
            self._wrong(f"{where}.{key}", "应为文字 (must be texts)")
            return ()
        return tuple(item.strip() for item in items)

    def _whole(self, table: Mapping[str, Any], key: str, where: str, default: int, *, most: int = 100) -> int:
        found = table.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
            self._wrong(f"{where}.{key}", f"应为 0 至 {most} 的整数 (a whole number)")
            return default
        return found

    def _yes(self, table: Mapping[str, Any], key: str, where: str) -> bool:
        found = table.get(key, False)
        if not isinstance(found, bool):
            self._wrong(f"{where}.{key}", "应为 true 或 false")
        return found is True

    def _wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")


def _stretch(text: str) -> Hours:
    """Read `work 09:00-17:00`; raise ValueError for anything else."""
    read = _HOURS.fullmatch(text)
    if read is None:
        raise ValueError(text)
    return Hours(time.fromisoformat(read[2]), time.fromisoformat(read[3]), Days(read[1] or Days.EVERY))
