"""Every dialogue a caller can be in, each begun the same way: a table for walks that must hold for all of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cases.calendar import WorkCalendar
from cases.nuisance import Grade
from ivr import callback, evaluation, outgoing, self_service, status, survey, welcome
from ivr.admission import Lane, Why
from ivr.menu import Profile
from ivr.menu_file import shipped
from ivr.menu_offer import Situation
from ivr.menu_run import Dialogue, Way
from ivr.route import Route
from ivr.waiting import waiting
from ivr.wanted import Want
from routing.estimate import Wait
from storage.numbers import OldHotline
from storage.reception import NOTHING, Known
from storage.status import Status
from tests.fakes import FakeCall, FakeVoice
from tests.ivr.case_fakes import CODE, DIGITS, HANDLED, NO, NOW, OPEN, REPLIED, ZONE, FakeDesk
from tests.ivr.menus import MONDAY
from tests.ivr.reception_desk import FakeTools, a_reception, a_restriction, an_event
from tests.ivr.test_outgoing import Kept

Run = Callable[[FakeCall], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Walk:
    """How a dialogue is begun, what a caller does in it who knows what he wants, and where it then ends."""

    run: Run
    happy: Sequence[str]
    ends: object
    unheard: object = Route.LINE
    """Where it ends for who says nothing, or nothing that is understood: with a person, unless nobody had to choose."""


async def _nothing(_want: Want) -> None:
    """Nobody needs to know."""


def _menu(call: FakeCall, profile: Profile, *, in_line: bool, speech: bool) -> Dialogue:
    situation = Situation(
        at=MONDAY,
        calendar=WorkCalendar(ZONE),
        speech=speech,
        waiting=in_line,
        holds=frozenset({"event", "long-wait"}),
    )
    return Dialogue(call, FakeVoice(), shipped(profile), situation, wanted=_nothing)


def _menus(profile: Profile, name: str, *, in_line: bool = False, speech: bool = True) -> Run:
    async def run(call: FakeCall) -> Route:
        way: Way = await _menu(call, profile, in_line=in_line, speech=speech).run(name)
        return way.route

    return run


def _received(
    lane: Lane, known: Known = NOTHING, *, menu: bool = False, why: Why = Why.NONE, broken: bool = False
) -> Run:
    async def run(call: FakeCall) -> Route:
        first = _menu(call, Profile.MENU_FIRST, in_line=False, speech=True) if menu else None
        desk = FakeTools(broken=broken)
        return await welcome.receive(
            call, desk, a_reception(lane, known, why=why), now=NOW, zone=ZONE, menu=first
        )

    return run


def _status(found: Status, *, listens: bool, in_line: bool, broken: bool = False) -> Run:
    async def run(call: FakeCall) -> Route:
        asked = status.Asked(now=NOW, zone=ZONE, waiting=in_line, listens=listens)
        desk = FakeDesk(found, broken=broken)
        return await status.tell_status(call, FakeVoice(mute=broken), desk, asked)

    return run


async def _pressed(call: FakeCall) -> Route:
    return (await _menu(call, Profile.DIRECT, in_line=True, speech=True).press("waiting", "4")).route


async def _waiting(call: FakeCall) -> Route:
    menu = _menu(call, Profile.DIRECT, in_line=True, speech=True)
    return (await waiting(call, Wait(150, 290, 4), menu)).route


async def _greeted(call: FakeCall) -> Route | None:
    return await self_service.greet(call, FakeDesk(), OPEN, now=NOW, zone=ZONE)


async def _evaluated(call: FakeCall) -> evaluation.Outcome:
    return await evaluation.evaluate(call, FakeDesk(REPLIED), NO)


async def _booked(call: FakeCall) -> Route:
    async def promise(*_promised: object) -> None:
        """Kept."""

    return await callback.book(call, promise, now=NOW, zone=ZONE)


async def _result(call: FakeCall) -> None:
    await outgoing.tell_result(call, FakeVoice(), DIGITS, REPLIED.public_reply or "", Kept())


async def _revisit(call: FakeCall) -> None:
    await outgoing.ask_citizen(call, DIGITS, Kept())


async def _alarm(call: FakeCall) -> None:
    await outgoing.alarm(call, FakeVoice(), DIGITS, "道路井盖缺失", "alarm", Kept())


async def _not_kept(call: FakeCall) -> evaluation.Outcome:
    return await evaluation.evaluate(call, FakeDesk(REPLIED, broken=True), NO)


MERGED: Final = Known(line=OldHotline(dialled="66665666", name="交通热线"))
EVENTS: Final = Known(events=(an_event(),))
BLOCKED: Final = Known(restriction=a_restriction(Grade.BLOCK))
LINE, END = Route.LINE, Route.END
KEPT, PERSON = evaluation.Outcome.KEPT, evaluation.Outcome.PERSON

DIALOGUES: Final[Mapping[str, Walk]] = {
    # Received
    "welcome": Walk(_received(Lane.ORDINARY), [], LINE),
    "welcome, status by key": Walk(_received(Lane.ORDINARY), ["1"], Route.STATUS),
    "welcome, an event": Walk(_received(Lane.ORDINARY, EVENTS), ["", "1"], END),
    "welcome, a merged hotline": Walk(_received(Lane.ORDINARY, MERGED), ["", "1"], Route.STATUS),
    "welcome, a merged hotline, mute": Walk(
        _received(Lane.ORDINARY, MERGED, broken=True), ["", "9"], Route.CALLBACK
    ),
    "welcome, an event, store away": Walk(_received(Lane.ORDINARY, EVENTS, broken=True), [], LINE),
    "welcome, elder": Walk(_received(Lane.ELDER), [], LINE),
    "welcome, warned": Walk(_received(Lane.WARNED), [], LINE),
    "welcome, blocked": Walk(_received(Lane.BLOCKED, BLOCKED), ["1"], Route.MESSAGE, Route.END),
    "welcome, too many call": Walk(_received(Lane.NOTED, why=Why.CALLS), ["0"], LINE, Route.END),
    "welcome, menu first": Walk(_received(Lane.ORDINARY, menu=True), ["", "查询进度"], Route.STATUS),
    "welcome, menu first, an event": Walk(_received(Lane.ORDINARY, EVENTS, menu=True), ["", "1"], END),
    # Menus
    "menu main, by words": Walk(_menus(Profile.MENU_FIRST, "main"), ["查询进度"], Route.STATUS),
    "menu main, by keys": Walk(_menus(Profile.MENU_FIRST, "main", speech=False), ["1"], Route.STATUS),
    "menu main, a message": Walk(_menus(Profile.MENU_FIRST, "main"), ["7"], Route.MESSAGE),
    "menu waiting": Walk(_menus(Profile.DIRECT, "waiting", in_line=True), ["查询进度"], Route.STATUS),
    "menu waiting, keys only": Walk(
        _menus(Profile.DIRECT, "waiting", in_line=True, speech=False), ["9"], Route.CALLBACK
    ),
    "a key in the music": Walk(_pressed, ["公积金", "0"], LINE),
    "place and wait": Walk(_waiting, ["9"], Route.CALLBACK),
    # A caller's own case
    "status, keyed": Walk(_status(HANDLED, listens=False, in_line=True), [DIGITS, CODE], LINE),
    "status, said": Walk(
        _status(HANDLED, listens=True, in_line=False),
        ["二六一一二二零零一七八幺", "是的", "四八三九二零", "对", "#"],
        END,
    ),
    "status, a reply": Walk(
        _status(REPLIED, listens=True, in_line=False), [DIGITS, CODE, "", "", "", "4", "#"], END
    ),
    "status, urged and added": Walk(
        _status(HANDLED, listens=True, in_line=False), [DIGITS, CODE, "催办", "补充情况", "#"], END
    ),
    "status, evaluated": Walk(
        _status(REPLIED, listens=True, in_line=True),
        [DIGITS, CODE, "", "", "", "3", "解决", "满意", "#"],
        LINE,
    ),
    "status, mute and store away": Walk(
        _status(REPLIED, listens=True, in_line=False, broken=True), [DIGITS, CODE, "5"], LINE
    ),
    "greeted with his case": Walk(_greeted, ["1"], LINE, None),
    "greeted, added by voice": Walk(_greeted, ["补充情况", "0"], LINE, None),
    "evaluation": Walk(_evaluated, ["解决", "满意"], KEPT, PERSON),
    "evaluation, not content": Walk(_evaluated, ["未解决", "不满意"], KEPT, PERSON),
    "evaluation, store away": Walk(_not_kept, ["解决", "满意"], PERSON, PERSON),
    # To be rung back, and after the call
    "callback": Walk(_booked, ["1"], END),
    "callback, another time": Walk(_booked, ["2", "3"], END),
    "callback, another number": Walk(_booked, ["4", "13911112222", "1"], END),
    "survey": Walk(survey.ask_score, ["1"], 1, None),
    # Whom we ring
    "result": Walk(_result, ["1", "", "", ""], None, None),
    "revisit": Walk(_revisit, ["1", "2", "3"], None, None),
    "duty alarm": Walk(_alarm, ["1"], None, None),
}
