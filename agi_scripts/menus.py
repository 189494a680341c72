"""The voice menus on a channel: what of them makes a difference to this caller, and what he wants of a seat."""

from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from dialplan import variables
from ivr import wanted
from ivr.menu import ENGLISH, Action, Book
from ivr.menu_offer import Situation
from ivr.menu_run import Dialogue
from ivr.route import Route
from ivr.wanted import Want
from routing import opening

_SEATS = {Action.ENTERPRISE: Route.ENTERPRISE, Action.DIALECT: Route.DIALECT}


class Wishes:
    """What one caller needs of a seat, as it stands on his channel, and as the menus change it."""

    def __init__(self, call: AGISession, wish: str) -> None:
        self._call = call
        self.wish = wish
        self.changed = False

    async def want(self, want: Want) -> None:
        """Write it on the channel. Of who is in the line already our engine hears at once, in the words of the dialplan."""
        self.wish = wanted.merged(self.wish, want)
        self.changed = True
        await self._call.set(variables.WISH, self.wish)
        if since := await self._call.get(variables.SINCE):
            await self._call.set(variables.PLACE, f"line {since} {self.wish}")

    def route(self, route: Route) -> Route:
        """Return where the call goes, so that the record of the line has the wish, too."""
        return Route.WISHED if self.changed and route is Route.LINE else route


def dialogue(
    call: AGISession,
    parts: Parts,
    wishes: Wishes,
    book: Book,
    *,
    waiting: bool = False,
    holds: frozenset[str] = frozenset(),
    events: bool = False,
) -> Dialogue:
    """Return the menus in force for this call."""
    situation = Situation(
        at=parts.now(),
        calendar=parts.rules().calendar or opening.shipped(parts.zone.key),
        speech=parts.speech(),
        waiting=waiting,
        holds=holds,
        without=_without(parts, wishes.wish, waiting=waiting, events=events),
    )
    return Dialogue(call, parts.voice, book, situation, wanted=wishes.want)


def _without(parts: Parts, wish: str, *, waiting: bool, events: bool) -> frozenset[Action]:
    rules = parts.rules()
    seats = wanted.offered(wish, rules).values()
    gone = {action for action, route in _SEATS.items() if route not in seats}
    if not wanted.speaks(wish, ENGLISH, rules):
        gone.add(Action.ENGLISH)
    if not events:
        gone.add(Action.EVENT)
    if waiting:
        # A seat would take him in the middle of his message.
        gone.add(Action.MESSAGE)
    return frozenset(gone)
