"""Our process: puts the parts together and runs them side by side. If one fails, all end in order."""

import asyncio
import gc
import logging
import signal
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from agi_scripts.events import Listener
from agi_scripts.nodes import Nodes
from agi_scripts.parts import Parts as ScriptParts
from agi_scripts.picture import wish as read_wish
from agi_scripts.recordings import Recordings
from agi_scripts.records import Follower, Tail, files_of
from agi_scripts.server import AGIServer, scripts
from agi_scripts.spool import Spool
from console import app as console
from console.parts import Parts as ConsoleParts
from console.parts import Settings as ConsoleSettings
from console.phones import Phones
from hotline import certificates, leading, settings
from hotline.config import Config
from ivr.admission import Load
from ivr.voice import SpokenText
from routing.engine import Engine, LineSettings
from routing.line import Line
from routing.live import Seat
from routing.opening import line_closed
from routing.reign import Reign
from routing.ring_back_loop import RingBackLoop
from routing.rule_watch import watch_rules, who_knows
from storage import seats
from storage.engine import Store

log = logging.getLogger(__name__)

# An engine that has not moved for so long is hung; the heartbeat stops and the dialplan leads callers past us.
STALLED_SECONDS = 5.0


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, ready to run."""

    store: Store
    nodes: Nodes
    engine: Engine
    reign: Reign | None
    listeners: tuple[Listener, ...]
    phones: Phones
    agi: AGIServer
    pages: web.Application
    follower: Follower
    ring_backs: RingBackLoop
    spool: Spool
    recordings: Recordings


def serve(config: Config) -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    try:
        asyncio.run(_run(config))
    except OSError as error:
        log.error("无法启动 cannot start: %s", error)  # noqa: TRY400 - a port that is taken needs no traceback
        return 1
    return 0


async def _run(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    store = Store.open(config.database)
    try:
        service = build(config, store)
        service.engine.remember(await store.read(leading.seats_before))
        await service.agi.start(leading.agi_hosts(config), config.agi_port)
        pages = await _open_pages(config, service.pages)
        settle_memory()
        log.info("hotline %s serves %s", config.node, config.city)
        try:
            await _side_by_side(service, stop)
        finally:
            service.nodes.close()
            await service.agi.close()
            await service.phones.close()
            await pages.cleanup()
    finally:
        store.close()
    log.info("hotline %s ended", config.node)


def settle_memory() -> None:
    """Leave what is loaded by now out of the collector's rounds: it stays, and each round costs the requests of a moment."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def build(config: Config, store: Store) -> Service:
    """Put the parts together; nothing runs yet."""
    state, zone = config.state_dir, ZoneInfo(config.zone)
    nodes = leading.nodes(config, now)
    engine = Engine(
        Line(),
        nodes,
        _line_settings(config),
        now=now,
        record=partial(_note_seat, store),
        node=config.node,
        prefer=lambda caller: who_knows(store, engine, now)(caller),  # noqa: PLW0108 - it is not there yet
    )
    ari = f"http://127.0.0.1:{config.asterisk_http_port}/ari"
    phones = Phones(ari_url=ari, user="hotline", password=config.ari_secret)
    voice = SpokenText(state / "sounds" / "zh" / "live")
    limits = settings.limits(config)

    def load() -> Load:
        """Count who is on the line now; who is to be rung back is not, who is in a menu counts there."""
        callers = engine.line.callers.values()
        waiting = sum(bool(caller.channel) and not caller.aside for caller in callers)
        return Load(agi.active + waiting + len(engine.line.talks), waiting)

    agi = AGIServer(
        scripts(
            ScriptParts(
                store=store,
                voice=voice,
                zone=zone,
                now=now,
                load=load,
                limits=limits,
                ring_back_within=timedelta(minutes=config.ring_back_minutes),
                closed=lambda: line_closed(engine.rules, now()) is not None,
                estimate=lambda call, wish: engine.estimate(call, now(), wish),
            )
        ),
        peers=leading.agi_peers(config),
    )
    follower = Follower(store, [Tail(file) for file in files_of(config.node, state / "log")])
    parts = ConsoleParts(
        store=store,
        engine=engine,
        phones=phones,
        rules=settings.rules(config),
        settings=_console_settings(config, zone),
        now=now,
        gauges=lambda: {
            "hotline_agi_sessions": agi.active,
            "hotline_admission_over": float(bool(limits.over(load()))),
            "hotline_leads": float(engine.leads),
            "hotline_records_lag_seconds": follower.lag_seconds(),
        },
    )
    return Service(
        store=store,
        nodes=nodes,
        engine=engine,
        reign=leading.reign(config, nodes, engine, now),
        listeners=leading.listeners(config, nodes, engine, phones, now),
        phones=phones,
        agi=agi,
        pages=console.build(parts),
        follower=follower,
        ring_backs=RingBackLoop(
            store, engine, settings.quiet(config), node=config.node, now=now, read_wish=read_wish
        ),
        spool=Spool(store, state / "spool" / "messages", now),
        recordings=Recordings(store, (state / "recordings").resolve(), now),
    )


def _line_settings(config: Config) -> LineSettings:
    return LineSettings(
        ring_seconds=config.ring_seconds,
        wrap_up_seconds=config.wrap_up_seconds,
        extend_seconds=config.extend_seconds,
        no_answer_break_seconds=config.no_answer_break_seconds,
    )


def _console_settings(config: Config, zone: ZoneInfo) -> ConsoleSettings:
    return ConsoleSettings(
        city=config.city,
        zone=zone,
        origins=frozenset(config.origins if config.public_url else ()),
        asterisk_ws=f"ws://127.0.0.1:{config.asterisk_http_port}/ws",
        behind_proxy=config.behind_proxy,
    )


async def _note_seat(store: Store, seat: Seat) -> None:
    await store.write(
        lambda conn: seats.log_state(
            conn,
            seat=seat.id,
            agent=seat.agent,
            state=seat.state,
            reason=seat.reason,
            actor=seat.by,
            at=seat.since,
        ),
        retryable=True,
    )


async def _open_pages(config: Config, pages: web.Application) -> web.AppRunner:
    runner = web.AppRunner(pages, **console.RUNNER_ARGS)
    await runner.setup()
    await web.TCPSite(runner, config.console_host, config.console_port).start()
    if config.console_tls_port:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.ensure(config.state_dir / "certs", now()))
        await web.TCPSite(
            runner, config.console_tls_host, config.console_tls_port, ssl_context=context
        ).start()
    return runner


async def _side_by_side(service: Service, stop: asyncio.Event) -> None:
    """Run the parts until told to stop. A part that fails raises through and ends the others."""
    alive = _Pulse()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_named(name, work))
            for name, work in {
                "AMI links": service.nodes.run(),
                "heartbeat": service.nodes.beat(alive.is_felt, lambda: service.engine.leads),
                "events": leading.hear(service.listeners),
                "leadership": leading.lead(service.reign),
                "memory of the seats": leading.remember_seats(service.store, service.engine),
                "rules of the line": watch_rules(service.store, service.engine, now),
                "engine": service.engine.run(),
                "pulse": alive.run(),
                "console": console.background(service.pages),
                "call records": service.follower.run(stop),
                "calls we owe": service.ring_backs.run(),
                "spool": service.spool.run(stop),
                "recordings": service.recordings.run(stop),
            }.items()
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _named(name: str, work: Coroutine[object, object, None]) -> None:
    """Run one part. A part ends only when all do; its failure is logged under its name."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.exception("%s failed: the process ends and is started again", name)
        raise


class _Pulse:
    """Feels whether the event loop still turns: a loop that was stuck must not claim to be well."""

    def __init__(self) -> None:
        self._beat = 0.0

    async def run(self) -> None:
        while True:
            self._beat = asyncio.get_running_loop().time()
            await asyncio.sleep(1)

    def is_felt(self) -> bool:
        return asyncio.get_running_loop().time() - self._beat < STALLED_SECONDS
