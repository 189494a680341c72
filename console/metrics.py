"""The figures of this process for Prometheus, to administrators and to this machine itself.

A scrape asks the store nothing: what stands in it was counted beforehand, by the wall every few seconds and by
`sample` every half minute.
"""

import asyncio
import ipaddress
import logging
import time
from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from console.desks import DESKS
from console.guard import address_of
from console.health import FIGURES
from console.owed import OWED
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.view import line_figures, states
from console.wall import WALL
from routing.engine import Engine
from routing.live import Change
from storage import recordings
from storage.errors import StoreDown

log = logging.getLogger(__name__)

SAMPLE_SECONDS: Final = 30.0
BUCKETS: Final = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
WAIT: Final = "hotline_answer_wait_seconds"


class AnswerWaits:
    """How long callers had waited when a person answered, as a histogram of this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counts = [0] * (len(BUCKETS) + 1)
        self._sum = 0.0
        self._seen: set[str] = set()
        engine.watch(self._follow)

    def _follow(self, _: Change) -> None:
        talking = set[str]()
        for talk in self._engine.line.talks.values():
            if talk.answered_at is None or talk.reached_at is not None or talk.caller.ring_back:
                continue
            talking.add(talk.call)
            if talk.call not in self._seen:
                self._observe(max((talk.answered_at - talk.queued_at) / timedelta(seconds=1), 0.0))
        self._seen = talking

    def _observe(self, seconds: float) -> None:
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self._sum += seconds

    def lines(self) -> list[str]:
        """Return the histogram as Prometheus reads it: each bucket holds the smaller ones, too."""
        told = f"# HELP {WAIT} From asking for a person to a person's voice."
        lines, below = [told, f"# TYPE {WAIT} histogram"], 0
        for edge, count in zip((*(f"{edge:g}" for edge in BUCKETS), "+Inf"), self._counts, strict=True):
            below += count
            lines.append(f'{WAIT}_bucket{{le="{edge}"}} {below}')
        return [*lines, f"{WAIT}_sum {self._sum:g}", f"{WAIT}_count {below}"]


WAITS = web.AppKey("answer_waits", AnswerWaits)
SAMPLED = web.AppKey("sampled", dict[str, float])

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
    gauges = {
        ("hotline_ws_clients", 'kind="desk"'): float(request.app[DESKS].open),
        ("hotline_ws_clients", 'kind="wall"'): float(request.app[WALL].watching),
        **_line(parts.engine, parts.now()),
        **_day(request.app),
        **{(name, ""): value for name, value in request.app[SAMPLED].items()},
        **{(name, ""): value for name, value in parts.gauges().items()},
    }
    text = request.app[FIGURES].text(gauges, request.app[WAITS].lines())
    return web.Response(text=text, content_type="text/plain")


def _line(engine: Engine, at: datetime) -> dict[tuple[str, str], float]:
    figures = line_figures(engine)
    oldest = 0.0 if figures.longest_since is None else at.timestamp() - figures.longest_since / 1000
    gauges: dict[tuple[str, str], float] = {
        ("hotline_queue_waiting", ""): figures.waiting,
        ("hotline_queue_oldest_wait_seconds", ""): max(oldest, 0.0),
        ("hotline_asterisk_linked", ""): float(engine.line.linked),
        ("hotline_reconcile_fixed_total", ""): engine.repaired,
    }
    gauges |= {("hotline_agents", f'state="{state}"'): number for state, number in states(engine).items()}
    for source in engine.sources(at):
        node = f'node="{source.node}"'
        gauges["hotline_ami_connected", node] = float(source.linked)
        if source.age is not None:
            gauges["hotline_ami_event_lag_seconds", node] = source.age / timedelta(seconds=1)
    return gauges


def _day(app: web.Application) -> dict[tuple[str, str], float]:
    day, owed = app[WALL].day, app[OWED].counts
    gauges: dict[tuple[str, str], float] = {
        ("hotline_calls_today", ""): day.calls,
        ("hotline_abandoned_today", ""): day.abandoned,
    }
    if owed is not None:
        gauges["hotline_ring_backs_open", ""] = owed.open
        gauges["hotline_ring_backs_overdue", ""] = owed.overdue
        gauges["hotline_ring_backs_escalated", ""] = owed.escalated
    return gauges


async def sample(app: web.Application) -> None:
    """Ask the store a small bounded question now and then, until cancelled."""
    while True:
        began = time.monotonic()
        try:
            missing = await app[PARTS].store.read(recordings.missing)
        except StoreDown as error:
            log.warning("the store was not sampled: %s", error)
        else:
            app[SAMPLED]["hotline_recordings_missing"] = missing
            app[SAMPLED]["hotline_db_read_seconds"] = time.monotonic() - began
        await asyncio.sleep(SAMPLE_SECONDS)


def set_up(app: web.Application) -> None:
    app[WAITS], app[SAMPLED] = AnswerWaits(app[PARTS].engine), {}
