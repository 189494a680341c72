"""Browser telephones: their SIP accounts live only in Asterisk's memory and only as long as somebody is using them.

A seat gets a fresh secret every time its desk opens, a citizen's page one for a single visit. They are pushed over ARI
and pushed again when Asterisk has restarted; nothing is written to a file and no secret stands in a page.
"""

import asyncio
import base64
import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import aiohttp

from console.tries import Tries

log = logging.getLogger(__name__)

EXPIRES: Final = 120
SECRET_BYTES: Final = 24
UNUSED: Final = timedelta(seconds=60)
"""A citizen's telephone that no socket uses is taken away after this; a socket blip is shorter."""
LONGEST_VISIT: Final = timedelta(hours=2)

_AOR: Final = {
    "max_contacts": "1",
    "remove_existing": "yes",
    "remove_unavailable": "yes",
    "default_expiration": str(EXPIRES),
    "minimum_expiration": "30",
    "maximum_expiration": "300",
    "qualify_frequency": "30",
}
_WEBRTC: Final = {
    "webrtc": "yes",
    "dtls_auto_generate_cert": "yes",
    "disallow": "all",
    # The trunk's A-law passes through untouched; opus is for seats at home.
    "allow": "alaw,opus",
    "direct_media": "no",
    "rtp_timeout": "25",
    "rtp_timeout_hold": "300",
    "device_state_busy_at": "1",
    # Calls are moved by the server, recorded and authorised, never by a page.
    "allow_transfer": "no",
    # Else a number that is only the beginning of one is answered by "go on dialling" instead of "not found".
    "allow_overlap": "no",
    "trust_id_inbound": "no",
    "language": "zh",
    "tone_zone": "cn",
    "allow_subscribe": "no",
    "aggregate_mwi": "no",
}


# A browser that loses its network tells nobody: the citizen hears nothing until this is over, then comes before all others.
_SEAT: Final = {"rtp_timeout": "10"}


class PhonesClosed(Exception):
    """No more citizen telephones may be opened now."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One SIP account, as pushed."""

    user: str
    secret: str = field(repr=False)
    context: str
    callerid: str


@dataclass(slots=True)
class Visit:
    """A citizen's page with a telephone in it."""

    phone: Phone
    opened_at: datetime
    used_at: datetime
    sockets: int = 0


class Phones:
    """All browser telephones of this process."""

    def __init__(self, *, ari_url: str, user: str, password: str, citizens: int = 20) -> None:
        self._ari = ari_url.rstrip("/") + "/asterisk/config/dynamic/res_pjsip"
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"}
        self._http: aiohttp.ClientSession | None = None
        self._seats: dict[str, Phone] = {}
        self._missing: set[str] = set()
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._visits: dict[str, Visit] = {}
        self._citizens = citizens
        self._tries = Tries(5, timedelta(minutes=1))

    async def open_seat(self, seat: str) -> tuple[Phone, bool]:
        """Give the seat a new secret; say whether Asterisk has it already (else it will, once it is back)."""
        phone = Phone(seat, secrets.token_urlsafe(SECRET_BYTES), "hotline-seats", f"<{seat}>")
        self._seats[seat] = phone
        async with self._turns[seat]:
            return phone, await self._push_seat(phone)

    async def close_seat(self, seat: str) -> None:
        """Take the seat's account out of Asterisk, unless it was opened again meanwhile: that one must stay whole."""
        phone = self._seats.get(seat)
        async with self._turns[seat]:
            if phone is not None and self._seats.get(seat) is phone:
                del self._seats[seat]
                self._missing.discard(seat)
                await self._remove(seat)

    async def push_missing(self) -> None:
        """Try again what Asterisk did not take: the page already holds the secret and registers by itself."""
        for seat in sorted(self._missing):
            async with self._turns[seat]:
                if seat in self._missing and (phone := self._seats.get(seat)) is not None:
                    await self._push_seat(phone)

    async def open_visit(self, number: str, *, address: str, at: datetime) -> tuple[str, Phone]:
        """Return a ticket for the SIP socket and an account that can dial nothing but the hotline.

        The number is what the citizen claims; as with any caller, it proves nothing.
        """
        if len(self._visits) >= self._citizens or not self._tries.take(address, at):
            raise PhonesClosed
        user = f"w{secrets.token_hex(8)}"
        phone = Phone(
            user, secrets.token_urlsafe(SECRET_BYTES), "hotline-webphone", f"<{number or 'anonymous'}>"
        )
        ticket = secrets.token_urlsafe(SECRET_BYTES)
        self._visits[ticket] = Visit(phone, at, at)
        if not await self._push(phone):
            del self._visits[ticket]
            raise PhonesClosed
        return ticket, phone

    def visit(self, ticket: str) -> Visit | None:
        """Return the visit this ticket was given for, if it is not over."""
        return self._visits.get(ticket)

    async def sweep(self, at: datetime) -> None:
        """Take away citizens' telephones that nobody uses any more, and push again what did not arrive."""
        await self.push_missing()
        for ticket, visit in list(self._visits.items()):
            unused = visit.sockets == 0 and at - visit.used_at > UNUSED
            if unused or at - visit.opened_at > LONGEST_VISIT:
                del self._visits[ticket]
                await self._remove(visit.phone.user)

    async def repush(self) -> None:
        """Give a restarted Asterisk every account again, with the secrets the pages already hold."""
        pushed = []
        for phone in list(self._seats.values()):
            async with self._turns[phone.user]:
                # Exchanged or taken away while this waited for its turn: not this one, then.
                if self._seats.get(phone.user) is phone:
                    pushed.append(await self._push_seat(phone))
        pushed += [await self._push(visit.phone) for visit in list(self._visits.values())]
        log.info("%d of %d browser telephones pushed to Asterisk", sum(pushed), len(pushed))

    async def close(self) -> None:
        """Take all accounts away and let go of the connection."""
        for user in [*self._seats, *(visit.phone.user for visit in self._visits.values())]:
            await self._remove(user)
        self._seats.clear()
        self._visits.clear()
        if self._http is not None:
            await self._http.close()

    async def _push_seat(self, phone: Phone) -> bool:
        pushed = await self._push(phone, _SEAT)
        (self._missing.discard if pushed else self._missing.add)(phone.user)
        return pushed

    async def _push(self, phone: Phone, own: Mapping[str, str] = MappingProxyType({})) -> bool:
        auth = {"auth_type": "digest", "username": phone.user, "password": phone.secret}
        endpoint = _WEBRTC | {
            "context": phone.context,
            "aors": phone.user,
            "auth": phone.user,
            "callerid": phone.callerid,
            **own,
        }
        # The endpoint last: from then on the account can be used, and it must be whole.
        steps = (("auth", auth), ("aor", _AOR), ("endpoint", endpoint))
        for kind, fields in steps:
            if not await self._request("PUT", f"{kind}/{phone.user}", fields):
                return False
        return True

    async def _remove(self, user: str) -> None:
        for kind in ("endpoint", "aor", "auth"):
            await self._request("DELETE", f"{kind}/{user}")

    async def _request(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> bool:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=3),
                connector=aiohttp.TCPConnector(limit=4),
            )
        body = {"fields": [{"attribute": name, "value": value} for name, value in (fields or {}).items()]}
        try:
            async with self._http.request(
                method, f"{self._ari}/{path}", json=body if fields else None
            ) as answer:
                if answer.status < 300 or (method == "DELETE" and answer.status == 404):
                    return True
                log.error("Asterisk refused %s %s: %d", method, path, answer.status)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            log.warning("%s %s did not reach Asterisk: %r", method, path, error)
        return False
