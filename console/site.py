"""Which kind of public page is asked for: that of the web, or that of a kiosk, which has an identity and no way out.

Every public page takes `frame` (the template around it) and `prefix` (what its links begin with) from here.
"""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from console.parts import PARTS
from storage import kiosks
from storage.kiosks import Kiosk

KIOSK: Final = "/kiosk"
COOKIE: Final = "__Host-kiosk"


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of a page, the beginning of its links, and how what is done there is called."""

    frame: str = "base.html"
    prefix: str = ""
    source: str = "web"
    kiosk: Kiosk | None = None

    def context(self) -> dict[str, Any]:
        return {"frame": self.frame, "prefix": self.prefix, "kiosk": self.kiosk}


async def site_of(request: web.Request) -> Site:
    """Return the kind of page; below /kiosk nobody gets any but a kiosk that we know."""
    if request.path != KIOSK and not request.path.startswith(f"{KIOSK}/"):
        return Site()
    kiosk = await known(request)
    if kiosk is None:
        raise web.HTTPSeeOther(KIOSK)
    return Site("_kiosk_base.html", KIOSK, "kiosk", kiosk)


async def known(request: web.Request) -> Kiosk | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    return await request.app[PARTS].store.read(lambda conn: kiosks.known(conn, token))


def unindexed(response: web.Response) -> web.Response:
    """Say that search engines shall not keep this page: it is a form, or about one person's case."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response
