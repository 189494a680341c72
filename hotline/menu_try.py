"""A caller at a terminal: what he would hear is printed, what he would press or say is typed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.call import Heard, How, HungUp
from ivr.menu import CONDITIONS, MAIN, WAITING, Action, Book, Profile
from ivr.menu_offer import Situation
from ivr.menu_run import Dialogue, Way
from ivr.prompts import words
from ivr.route import Route
from ivr.speech.phrases import FIXED
from ivr.wanted import Want
from routing import opening

Typed = Callable[[], str | None]
"""Returns the next line, None when the caller hangs up."""
Print = Callable[[str], None]

LIVE = "live/"
SURE, UNSURE = 90, 55

WHERE = {
    Route.LINE: "人工座席 a person",
    Route.STATUS: "查询进度 the state of a case",
    Route.CALLBACK: "预约回电 to be rung back",
    Route.MESSAGE: "留言 a message",
    Route.ENTERPRISE: "企业服务座席 an enterprise seat",
    Route.DIALECT: "方言座席 a dialect seat",
    Route.END: "结束 the end",
}


@dataclass(slots=True)
class TerminalCall:
    """An `ivr.call.Call` at a terminal. An empty line is silence; a `?` after words says that they are heard unsurely."""

    book: Book
    typed: Typed
    show: Print
    id: str = "try"
    caller: str = ""
    dialled: str = "12345"

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        del keys  # nobody types while it is said
        self.show(f"♪ {_text(sounds)}")
        return ""

    async def ask(self, sounds: Sequence[str], *, digits: int, seconds: float = 6.0) -> str:
        del seconds
        self.show(f"♪ {_text(sounds)}")
        return self._line().partition("#")[0][:digits]

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        del seconds, spare
        self.show(f"♪ {_text(sounds)}")
        said = self._line()
        if not said:
            return Heard(how=How.SILENCE)
        if said in keys:
            return Heard(how=How.KEY, key=said)
        if said.isdecimal() or said in {"*", "#"}:
            self.show("  (此键不在菜单中 no key of this menu)")
            return Heard(how=How.SILENCE)
        spoken = said.rstrip("?").rstrip("？").replace(" ", "")
        if spoken not in self._phrases(grammar):
            self.show("  (不在可识别的话中 none of the phrases)")
            return Heard(how=How.UNKNOWN)
        return Heard(how=How.SPEECH, words=spoken, score=SURE if spoken == said else UNSURE)

    async def record(self, kind: str, **detail: str | int) -> None:
        del kind, detail  # there is no record of a trial

    def _phrases(self, grammar: str) -> frozenset[str]:
        fixed = {phrase.replace(" ", "") for phrase in FIXED.get(grammar, {})}
        return frozenset(fixed | {*self.book.grammars().get(grammar, ())})

    def _line(self) -> str:
        line = self.typed()
        if line is None:
            raise HungUp
        return line.strip()


class TerminalVoice:
    """An `ivr.call.Voice` whose sounds are the words themselves."""

    async def say(self, text: str, *, slow: bool = False) -> list[str]:
        del slow
        return [f"{LIVE}{text}"]

    async def recorded(self, digest: str, load: Callable[[], Awaitable[bytes]]) -> list[str]:
        del digest
        await load()
        return [f"{LIVE}(录音 a recording)"]


async def play(book: Book, typed: Typed, show: Print, *, at: datetime, zone: ZoneInfo) -> Way | None:
    """Play the menus as a caller meets them; None if he hangs up. All that a city may have is offered."""
    call = TerminalCall(book, typed, show)

    async def want(want: Want) -> None:
        show(
            f"  (座席要求 wanted of a seat: {want.skill or want.language or f'优先级 priority {want.priority}'})"
        )

    first = book.profile is Profile.MENU_FIRST
    situation = Situation(
        at=at,
        calendar=opening.shipped(zone.key),
        speech=True,
        waiting=not first,
        holds=CONDITIONS,
        without=frozenset() if first else frozenset({Action.EVENT, Action.MESSAGE}),
    )
    menus = Dialogue(call, TerminalVoice(), book, situation, wanted=want)
    try:
        if not first:
            await call.say(["welcome"])
            return await menus.run(WAITING)
        chosen = await menus.notice(["welcome"], MAIN, again=["recording-notice"])
        return await menus.run(MAIN, chosen=chosen)
    except HungUp:
        return None


def _text(sounds: Sequence[str]) -> str:
    listed = {prompt.name: prompt.text for prompt in words.prompts()}
    return "".join(
        sound.removeprefix(LIVE) if sound.startswith(LIVE) else listed.get(words.full_name(sound), sound)
        for sound in sounds
    )
