"""Our process: runs its parts side by side. If one fails, all end in order."""

import asyncio
import gc
import logging
import signal
import ssl
from collections.abc import Coroutine

from aiohttp import web

from console import app as console
from hotline import certificates, descriptors, leading, memory, settings
from hotline.building import Service, build, now
from hotline.config import Config
from ivr.menu_voice import keep_spoken
from routing.rule_watch import watch_rules
from storage.errors import Unsealed
from storage.line_days import last_talks
from storage.resealing import try_key

log = logging.getLogger(__name__)

# An engine that has not moved for so long is hung; the heartbeat stops and the dialplan leads callers past us.
STALLED_SECONDS = 5.0


def serve(config: Config) -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    descriptors.take_all()
    try:
        asyncio.run(_run(config))
    except Unsealed as error:
        log.error("密钥不符 the wrong seal_secret: %s", error)  # noqa: TRY400 - a sentence says it all
        return 1
    except OSError as error:
        log.error("无法启动 cannot start: %s", error)  # noqa: TRY400 - a port that is taken needs no traceback
        return 1
    return 0


async def _run(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    descriptors.Reserve().watch(loop)
    store = settings.open_store(config, create=True)
    try:
        await store.read(try_key)
        service = build(config, store)
        service.engine.remember(await store.read(leading.seats_before))
        await service.case_rules.look(store, now())
        service.engine.learn(await store.read(last_talks))
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
                "rules of the cases": service.case_rules.watch(service.store, now),
                "engine": service.engine.run(),
                "pulse": alive.run(),
                "console": console.background(service.pages),
                "call records": service.follower.run(stop),
                "calls we owe": service.ring_backs.run(),
                "calls by ourselves": service.outgoing.run(),
                "clocks of the cases": service.sweeper.run(),
                "spool": service.spool.run(stop),
                "recordings": service.recordings.run(stop),
                "vanished calls": service.vanished.run(),
                "machine": service.machine.run(),
                "memory": memory.watch(service.follower.lag_seconds),
                "words of the menus": keep_spoken(service.scripts.voice, service.scripts.menus),
                **(service.hearing.tasks() if service.hearing else {}),
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
