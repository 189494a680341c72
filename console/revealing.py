"""Numbers are masked until somebody says why they need the whole of one; that leaves a line in the history."""

from typing import Final

from aiohttp import web

from console.forms import Text
from console.guard import address_of
from console.org_forms import sent_texts
from console.tries import network_of

REASONS: Final = ("call_back", "handle_case", "check_complaint", "legal")
FIELDS: Final = {"reason": Text(32, required=True, one_of=frozenset(REASONS))}


async def reason_of(request: web.Request) -> dict[str, str]:
    """Return what the history keeps of it: why, and from where."""
    sent = await sent_texts(request, FIELDS)
    return {"reason": sent["reason"], "from": network_of(address_of(request))}
