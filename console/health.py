"""For machines: is the process alive, can it serve, and its counters as Prometheus reads them."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import history
from storage.errors import StoreDown

STORE_SECONDS: Final = 2.0

HELP: Final = {
    "hotline_http_requests_total": "Requests answered, by class of status.",
    "hotline_login_failed_total": "Sign-ins refused.",
    "hotline_exports_total": "Figures taken away as a file.",
    "hotline_cases_created_total": "Cases registered at the desk, by action.",
    "hotline_cases_merged_total": "Callers' words added to an open case instead of a new one, by kind.",
    "hotline_case_moves_total": "Moves made on case pages.",
    "hotline_drafts_saved_total": "Drafts kept.",
    "hotline_status_asked_total": "Public status questions, by outcome.",
    "hotline_pops_total": "Screen pops sent.",
    "hotline_desk_commands_total": "Commands from desks, by kind.",
    "hotline_wall_orders_total": "Orders given from walls, by kind.",
    "hotline_desk_command_errors_total": "Commands that failed by our fault.",
    "hotline_webphones_total": "Citizens' web telephones opened.",
    "hotline_webphones_refused_total": "Citizens' web telephones refused.",
    "hotline_ws_dropped_total": "Browsers dropped because they did not read.",
    "hotline_ws_clients": "Browsers listening, by kind.",
    "hotline_queue_waiting": "Callers waiting.",
    "hotline_agents": "Seats by state.",
    "hotline_agi_sessions": "Callers in a menu now.",
    "hotline_admission_over": "1 while callers are told that their number is noted, because there are too many.",
    "hotline_leads": "1 if this process assigns seats, 0 if it stands by.",
    "hotline_records_lag_seconds": "How far the call records are behind Asterisk's files.",
    "hotline_asterisk_linked": "1 while Asterisk is connected.",
    "hotline_queue_oldest_wait_seconds": "For how long the first in the line has waited.",
    "hotline_calls_today": "Calls offered today in the city.",
    "hotline_abandoned_today": "Calls abandoned in the line today in the city.",
    "hotline_ami_connected": "1 while this node's Asterisk is connected.",
    "hotline_ami_event_lag_seconds": "How old the newest word of this node's Asterisk is.",
    "hotline_reconcile_fixed_total": "Times the live model was not what Asterisk said, and was repaired.",
    "hotline_ring_backs_open": "Callers who wait for our call.",
    "hotline_ring_backs_overdue": "Of these, past their time.",
    "hotline_ring_backs_escalated": "Of these, tried in vain as often as we do by ourselves.",
    "hotline_recordings_missing": "Talked calls whose recording was not found, 10000 at most.",
    "hotline_sweep_lag_seconds": "How long ago the clock that acts next was due; 0 while nothing is late.",
    "hotline_sweep_looked_at": "Clocks this process has acted on or looked at since its start.",
    "hotline_sweep_held": "1 while the machine's clock is not believed and no clock acts.",
    "hotline_db_read_seconds": "How long the store took for a small question.",
    "hotline_db_commit_seconds": "How long the store took to keep the newest lines of Asterisk's files.",
    "hotline_disks_low": "Folders whose disk is nearly full.",
    "hotline_disk_free_bytes": "Room that the fullest of these disks has left.",
}


class Figures:
    """Counters of this process. A name without a line in HELP is a mistake and raises."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str = "") -> None:
        """Count one; `label` is written `name="value"` and comes from a small closed set."""
        if name not in HELP:
            raise KeyError(name)
        self.counts[name, label] += 1

    def text(self, gauges: dict[tuple[str, str], float], more: Iterable[str] = ()) -> str:
        """Return everything as Prometheus reads it; `more` are lines of another shape, put behind."""
        values: dict[tuple[str, str], float] = {**self.counts, **gauges}
        lines: list[str] = []
        for name, told in HELP.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
            rows = sorted((label, value) for (of, label), value in values.items() if of == name)
            lines += [
                f"{name}{{{label}}} {value:g}" if label else f"{name} {value:g}" for label, value in rows
            ]
        return "\n".join([*lines, *more]) + "\n"


FIGURES = web.AppKey("figures", Figures)


@web.middleware
async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count answers by the class of their status."""
    code = "5xx"
    try:
        response = await handler(request)
        code = f"{response.status // 100}xx"
    except web.HTTPException as error:
        code = f"{error.status // 100}xx"
        raise
    finally:
        request.app[FIGURES].add("hotline_http_requests_total", f'code="{code}"')
    return response


routes = web.RouteTableDef()


@routes.get("/healthz")
@needs(Permission.PUBLIC)
async def healthz(_: web.Request) -> web.Response:
    """Say that the loop turns."""
    return web.Response(text="ok\n")


@routes.get("/readyz")
@needs(Permission.PUBLIC)
async def readyz(request: web.Request) -> web.Response:
    """Say whether calls and cases can be served now, and what is missing if not.

    A process that stands by is well and still not the one to send desks to: the balancer reads the status.
    """
    parts = request.app[PARTS]
    leads = parts.engine.leads
    missing: list[str] = []
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await parts.store.read(history.newest)
    except (StoreDown, TimeoutError):
        missing.append(say(request, "ready.store"))
    if not parts.engine.line.linked:
        missing.append(say(request, "ready.asterisk"))
    told = {"ready": leads and not missing, "role": "lead" if leads else "stand_by", "missing": missing}
    return web.json_response(told, status=200 if told["ready"] else 503)
