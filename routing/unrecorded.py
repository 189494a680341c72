"""录音暂停: while a citizen dictates an identity number, nothing of it is recorded or written down.

The exchange is asked first and the agent told afterwards, so that nobody dictates before it is sure. A pause ends by
itself, and with the talk; a process that is started again finds it on the channel.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from routing.line import Line
from routing.live import Notice, SeatState, Talk, node_of
from routing.shift import Refused
from routing.switch import Snapshot, Switch, SwitchFailed
from routing.work import Effect

log = logging.getLogger(__name__)

LONGEST: Final = timedelta(seconds=60)
ASK_AGAIN: Final = timedelta(seconds=2)
REMEMBERED: Final = timedelta(minutes=15)
"""So long after a pause its words are still known: the speech service may be behind."""
PAUSED, RESUMED = "UNRECORDED", "RECORDED_AGAIN"


@dataclass(frozen=True, slots=True)
class Pause:
    """One stretch of a call that is not recorded; `until` at the latest."""

    seat: str
    began_at: datetime
    until: datetime
    ended_at: datetime | None = None
    asked_at: datetime | None = None
    """When the exchange was last told to go on recording."""


class Unrecorded:
    """The pauses of the calls that go on."""

    def __init__(self, line: Line, switch: Switch, later: Callable[[Effect, str], None]) -> None:
        self._line = line
        self._switch = switch
        self._later = later
        self._going: dict[str, Pause] = {}
        self._over: dict[str, list[Pause]] = {}

    def of(self, call: str) -> Pause | None:
        """Return the pause of this call that goes on."""
        return self._going.get(call)

    def covers(self, call: str, began: datetime, ended: datetime) -> bool:
        """Tell whether any of this time was not to be heard."""
        going = self._going.get(call)
        pauses = [*self._over.get(call, ()), *([going] if going else ())]
        return any(each.began_at < ended and (each.ended_at or ended) > began for each in pauses)

    async def begin(self, seat: str, at: datetime, *, by: str) -> Pause:
        """Stop recording the seat's talk. Raises Refused, with nothing paused as far as anybody can tell."""
        talk = self._talk_at(seat)
        if (going := self._going.get(talk.call)) is not None:
            return going
        pause = Pause(seat, at, at + LONGEST)
        try:
            await self._switch.mute_recording(talk.call, until=pause.until)
        except SwitchFailed as failed:
            log.warning("the recording of %s is not paused: %s", talk.call, failed)
            raise Refused("录音未能暂停，请勿让来电人报证件号码 (the recording is not paused)") from failed
        self._going[talk.call] = pause
        tell = partial(self._switch.fact, talk.call, PAUSED, at, seat=seat, by=by)
        self._later(tell, node_of(talk.call))
        log.info("the recording of %s is paused by %s", talk.call, by)
        return pause

    def end(self, seat: str, at: datetime) -> None:
        """Go on recording the seat's talk; one that is recorded stays so."""
        talk = self._line.talk_of(seat)
        if talk is not None and (pause := self._going.get(talk.call)) is not None:
            self._ask(talk.call, pause, at, why="agent")

    def tick(self, at: datetime) -> None:
        """End the pauses that have lasted long enough, and those whose talk is over."""
        for call, pause in [*self._going.items()]:
            if pause.asked_at is not None and at - pause.asked_at < ASK_AGAIN:
                continue
            if at >= pause.until:
                self._ask(call, pause, at, why="time")
            elif pause.asked_at is not None or not self._goes_on(call, pause):
                self._ask(call, pause, at, why="talk_ended")
        for call in [call for call, some in self._over.items() if self._forgotten(call, some, at)]:
            del self._over[call]

    def seen(self, snapshot: Snapshot) -> None:
        """Take over the pauses that another process has begun: nobody else ends them."""
        for talk in snapshot.talks:
            if talk.unrecorded_until is not None and talk.call not in self._going:
                log.warning("the recording of %s was paused before this process", talk.call)
                self._going[talk.call] = Pause(talk.seat, snapshot.at, talk.unrecorded_until)

    def _talk_at(self, seat: str) -> Talk:
        talk = self._line.talk_of(seat)
        if talk is None or talk.answered_at is None or talk.state is SeatState.RINGING:
            raise Refused("没有正在录音的通话 (there is no call that is recorded)")
        return talk

    def _goes_on(self, call: str, pause: Pause) -> bool:
        talk = self._line.talks.get(call)
        return talk is not None and talk.seat == pause.seat

    def _ask(self, call: str, pause: Pause, at: datetime, *, why: str) -> None:
        self._going[call] = replace(pause, asked_at=at)
        self._later(partial(self._resume, call, at, why), node_of(call))

    async def _resume(self, call: str, at: datetime, why: str) -> None:
        await self._switch.mute_recording(call, until=None)
        if (pause := self._going.pop(call, None)) is None:
            return
        self._over.setdefault(call, []).append(replace(pause, ended_at=at))
        await self._switch.fact(call, RESUMED, at, seat=pause.seat, why=why)
        self._line.notify(Notice(pause.seat, "info", f"recording.again_{why}"))
        log.info("%s is recorded again (%s)", call, why)

    def _forgotten(self, call: str, some: list[Pause], at: datetime) -> bool:
        return call not in self._line.talks and all(at - (one.ended_at or at) > REMEMBERED for one in some)
