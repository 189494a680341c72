"""The figures of this process for Prometheus, to administrators and to this machine itself."""

import ipaddress

from aiohttp import web

from console.desks import DESKS
from console.guard import address_of
from console.health import FIGURES
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.view import line_figures, states
from console.wall import WALL

routes = web.RouteTableDef()


def _may_read(request: web.Request) -> bool:
    signed = request.get(SIGNED)
    if signed is not None:
        return allowed(signed.account.role, Permission.FIGURES)
    try:
        return ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


@routes.get("/metrics")
@needs(Permission.PUBLIC)
async def metrics(request: web.Request) -> web.Response:
    """Return counters and what the line looks like now; no query, so a scrape costs nothing."""
    if not _may_read(request):
        raise web.HTTPForbidden
    parts = request.app[PARTS]
    engine = parts.engine
    gauges: dict[tuple[str, str], float] = {
        ("hotline_ws_clients", 'kind="desk"'): request.app[DESKS].open,
        ("hotline_ws_clients", 'kind="wall"'): request.app[WALL].watching,
        ("hotline_queue_waiting", ""): line_figures(engine).waiting,
        ("hotline_asterisk_linked", ""): float(engine.line.linked),
    }
    gauges |= {(name, ""): value for name, value in parts.gauges().items()}
    gauges |= {("hotline_agents", f'state="{state}"'): number for state, number in states(engine).items()}
    return web.Response(text=request.app[FIGURES].text(gauges), content_type="text/plain")
