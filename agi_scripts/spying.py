"""Supervisors' telephones over AMI: they spy on a seat's leg by a channel of their own, and take citizens over."""

import logging

from agi_scripts.ami import AMILink
from agi_scripts.ami_lines import Action, AMIDown
from agi_scripts.nodes import Nodes
from agi_scripts.switch import NORMAL_CLEARING
from dialplan import variables
from routing.live import node_of
from routing.switch import SwitchFailed
from routing.watching import Mode

log = logging.getLogger(__name__)

CONTEXT = "hotline-watch"
TAKEN = "hotline-taken"
PICK_UP_MS = "8000"
"""The page picks up by itself, within a moment."""
GONE = "No such channel"
SHOWN = "12345"


class Spying:
    """`routing.watching.Exchange` over the nodes. A telephone is registered at the node whose page it is in.

    A call of another node is spied on there; the sound comes by the trunk between the nodes by which seats are rung.
    """

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    async def registered(self, telephone: str) -> bool:
        """Tell whether the telephone can be rung from our own node."""
        asked = {"Action": "Getvar", "Variable": f"PJSIP_DIAL_CONTACTS({telephone})"}
        return bool((await self._ask(self._home, asked)).get("Value", ""))

    async def spy(
        self, leg: str, *, telephone: str, watched: str, call: str, mode: Mode, term: int = 0
    ) -> None:
        """Ring the telephone, and have it hear the watched leg, at the node of the call: sound is spied on where it is."""
        away = self._away(call)
        headers = {"X-Call": call} | ({"X-Term": str(term)} if away else {})
        told = [f"PJSIP_HEADER(add,{name})={value}" for name, value in headers.items()]
        await self._ask(
            self._at(call),
            {
                "Action": "Originate",
                "Channel": f"PJSIP/{telephone}{away}",
                "ChannelId": leg,
                "Context": CONTEXT,
                "Exten": mode.value,
                "Priority": "1",
                "Timeout": PICK_UP_MS,
                # Who comes to the other node with a telephone's name is asked for its secret.
                "CallerID": f"<{SHOWN if away else telephone}>",
                "Variable": [*told, f"{variables.WATCHED}={watched}"],
            },
        )

    async def change(self, leg: str, *, watched: str, call: str, mode: Mode) -> None:
        """From now on the leg listens, whispers or speaks with both."""
        link = self._at(call)
        await self._ask(
            link, {"Action": "Setvar", "Channel": leg, "Variable": variables.WATCHED, "Value": watched}
        )
        where = {"Context": CONTEXT, "Exten": mode.value, "Priority": "1"}
        await self._ask(link, {"Action": "Redirect", "Channel": leg, **where})

    async def take_over(self, call: str, channel: str, *, telephone: str, term: int = 0) -> None:
        """Take the citizen from the seat, and have him rung through to the telephone."""
        order = f"{telephone}-{term}" if term else telephone
        if self._away(call):
            order = f"{telephone}-{term}-{self._nodes.home}"
        where = {"Context": TAKEN, "Exten": order, "Priority": "1"}
        await self._ask(self._at(call), {"Action": "Redirect", "Channel": channel, **where})

    async def hang_up(self, leg: str, *, call: str) -> None:
        """End a leg; one that is gone is no failure."""
        try:
            await self._ask(self._at(call), {"Action": "Hangup", "Channel": leg, "Cause": NORMAL_CLEARING})
        except SwitchFailed as failed:
            if GONE not in str(failed):
                raise

    @property
    def _home(self) -> AMILink:
        return self._nodes.stations[self._nodes.home].link

    def _away(self, call: str) -> str:
        """Return the way from the call's node to ours, where the telephone is; '' if it is the same node."""
        return "" if self._at(call) is self._home else f"@node-{self._nodes.home}"

    def _at(self, call: str) -> AMILink:
        station = self._nodes.stations.get(node_of(call))
        if station is None and len(self._nodes.stations) > 1:
            raise SwitchFailed(f"there is no node {node_of(call)}")
        return station.link if station is not None else self._home

    async def _ask(self, link: AMILink, action: Action) -> dict[str, str]:
        try:
            answer = await link.ask(action)
        except (AMIDown, TimeoutError, ValueError) as error:
            raise SwitchFailed(f"{action['Action']}: {error!r}") from error
        if not answer.ok:
            raise SwitchFailed(f"{action['Action']}: {answer.message}")
        return dict(answer.headers)
