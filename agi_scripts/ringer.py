"""Has Asterisk ring somebody without a seat: `routing.outgoing_loop.Exchange` over the AMI link of our own node."""

import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from agi_scripts.ami import AMILink, Refused
from agi_scripts.ami_lines import Action, AMIDown
from agi_scripts.witness import Witness
from cases.ring_backs import dialled
from routing.outgoing_loop import NotBegun
from routing.switch import SwitchFailed

log = logging.getLogger(__name__)

RING_SECONDS = 45


@dataclass(frozen=True, slots=True)
class Ringer:
    """The citizen's own channel is the call: there is no other."""

    link: AMILink
    witness: Witness
    shown: str
    """The number that citizens see when we ring them."""

    async def ring(self, call: str, number: str, purpose: str) -> None:
        if not (digits := dialled(number, by_hand=True)):
            raise NotBegun("not a number that is dialled")
        said = urlencode({"number": digits, "purpose": purpose, "owed": "", "seat": "", "by": ""})
        self.witness.ordered(call, said)
        try:
            answer = await self.link.ask(self._order(call, digits, purpose, said))
        except AMIDown as down:
            raise (SwitchFailed if down.sent else NotBegun)(f"Originate: {down}") from down
        except TimeoutError as error:
            raise SwitchFailed("Originate: no answer") from error
        if not answer.ok:
            raise NotBegun(f"Originate: {answer.message}")

    def _order(self, call: str, digits: str, purpose: str, said: str) -> Action:
        return {
            "Action": "Originate",
            "Channel": f"PJSIP/{digits}@carrier",
            "ChannelId": call,
            "Context": "hotline-notice",
            "Exten": "s",
            "Priority": "1",
            "Timeout": str(RING_SECONDS * 1000),
            "CallerID": f"<{self.shown}>",
            "Async": "true",
            # AMI splits the header at commas, so each variable has its own, and a comma a backslash.
            "Variable": [
                "CHANNEL(hangup_handler_push)=hotline-notice-ends\\,s\\,1",
                f"GROUP(called)={digits}",  # no seat rings whom we ring
                f"__HOTLINE_CALL={call}",
                f"HOTLINE_SAID={said}",
                f"HOTLINE_PURPOSE={purpose}",
            ],
        }

    async def calls(self) -> frozenset[str]:
        try:
            rows = await self.link.collect({"Action": "CoreShowChannels"})
        except (AMIDown, TimeoutError, Refused) as error:
            raise SwitchFailed(f"CoreShowChannels: {error!r}") from error
        return frozenset(row.get("Linkedid", "") for row in rows)
