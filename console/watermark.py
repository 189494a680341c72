"""A pale text over pages with citizens' data: who looks, and when, so that a photograph tells whose screen it was."""

from html import escape
from typing import Final

from aiohttp import web

from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED

WIDE, HIGH = 320, 200
DRAWN: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%"><defs>'
    '<pattern id="mark" width="{wide}" height="{high}" patternUnits="userSpaceOnUse" patternTransform="rotate(-24)">'
    '<text x="12" y="60" font-family="sans-serif" font-size="15" fill="#808080">{who}</text>'
    '<text x="12" y="82" font-family="sans-serif" font-size="13" fill="#808080">{at}</text></pattern></defs>'
    '<rect width="100%" height="100%" fill="url(#mark)"/></svg>'
)

routes = web.RouteTableDef()


@routes.get("/watermark.svg")
@needs(Permission.SIGNED_IN)
async def drawn(request: web.Request) -> web.Response:
    account, parts = request[SIGNED].account, request.app[PARTS]
    at = parts.now().astimezone(parts.settings.zone)
    who = escape(f"{account.login} {account.name}")
    text = DRAWN.format(wide=WIDE, high=HIGH, who=who, at=f"{at:%Y-%m-%d %H:%M}")
    return web.Response(text=text, content_type="image/svg+xml")
