"""What several processes need beside the one: the nodes, who leads, and what a stand-by keeps ready."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from agi_scripts.ami import AMILink
from agi_scripts.events import Listener
from agi_scripts.nodes import Nodes, Station
from agi_scripts.server import LOOPBACK
from agi_scripts.switch import AsteriskSwitch
from agi_scripts.witness import Witness
from console.phones import Phones
from hotline.cluster import EVERYWHERE, parse_all, reached_at
from hotline.config import Config
from hotline.leadership_redis import RedisLeadership
from routing.engine import Before, Engine
from routing.leadership import Term
from routing.live import SeatState
from routing.reign import LEASE_SECONDS, Reign
from storage import seats
from storage.engine import Store
from storage.errors import StoreDown
from storage.line_days import last_talks

log = logging.getLogger(__name__)

Now = Callable[[], datetime]

MEMORY_SECONDS = 2.0
"""So old may a stand-by's knowledge of the seats be; it has no time to ask when it takes over."""


def nodes(config: Config, now: Now) -> Nodes:
    """Return the exchange: our own Asterisk first, then the others."""
    others = parse_all(config.nodes, here=config.node)
    places = [
        (config.node, reached_at(config.ami_host), config.ami_port),
        *((each.name, each.host, each.ami_port) for each in others),
    ]
    stations = []
    for name, host, port in places:
        link = AMILink(host=host, port=port, username="hotline", secret=config.ami_secret)
        # Alone, everything is ours, also what was there before the node got another name.
        witness = Witness()
        switch = AsteriskSwitch(link, now=now, node=name if others else "", witness=witness)
        stations.append(Station(name, link, switch, witness))
    return Nodes(stations, agi=f"agi://{config.agi_host}:{config.agi_port}")


def agi_peers(config: Config) -> frozenset[str]:
    """Return who may ask our scripts: our own Asterisk, and the other nodes' if their own process is dead."""
    return LOOPBACK | {node.host for node in parse_all(config.nodes, here=config.node)}


def agi_hosts(config: Config) -> list[str]:
    """Return where our scripts listen: our own Asterisk asks on loopback."""
    if config.agi_host == EVERYWHERE:
        return [EVERYWHERE]
    return [*dict.fromkeys(("127.0.0.1", config.agi_host))]


def reign(config: Config, exchange: Nodes, engine: Engine, now: Now) -> Reign | None:
    """Return what makes this engine lead or stand by; None if there is no other."""
    if not config.redis_url:
        return None
    names = sorted(exchange.stations)
    found = Reign(
        RedisLeadership(config.redis_url, who=config.node, seconds=LEASE_SECONDS),
        exchange,
        rank=names.index(config.node),
        nodes=len(names),
    )

    def changed(term: Term | None) -> None:
        if term is None:
            engine.stand_by(now())
        else:
            engine.lead(term, now())

    engine.stand_by(now())
    engine.lead_while(lambda: found.leads)
    found.on_change = changed
    return found


def listeners(
    config: Config, exchange: Nodes, engine: Engine, phones: Phones, now: Now
) -> tuple[Listener, ...]:
    """Return what hears each node, and is a witness of our own Asterisk's calls.

    That one is told about the browsers' telephones when it is there again.
    """

    async def home_is_up() -> None:
        await phones.repush()
        if not config.redis_url:
            await exchange.unfence()

    several = len(exchange.stations) > 1
    return tuple(
        Listener(
            station.link,
            station.switch,
            engine,
            now=now,
            after_up=home_is_up if station.name == exchange.home else None,
            node=station.name if several else "",
            witness=station.witness if station.name == exchange.home else None,
        )
        for station in exchange.stations.values()
    )


async def hear(listeners: Iterable[Listener]) -> None:
    """Listen to all nodes until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for each in listeners:
            tasks.create_task(each.run())


async def lead(reign: Reign | None) -> None:
    """Lead or stand by until cancelled; without another process there is nothing to agree on."""
    if reign is None:
        await asyncio.Event().wait()
    else:
        await reign.run()


async def remember_seats(store: Store, engine: Engine) -> None:
    """Keep what was last written of the seats, until cancelled: whoever takes over lets the desks go on from there."""
    while True:
        if not engine.leads:
            try:
                engine.remember(await store.read(seats_before))
                engine.learn(await store.read(last_talks))
            except StoreDown as down:
                log.warning("the seats of the engine that leads are not known: %s", down)
        await asyncio.sleep(MEMORY_SECONDS)


def seats_before(conn: Connection) -> list[Before]:
    """Return where the seats stood when the last process ended, or stand at another one, as it noted them."""
    known = {state.value for state in SeatState}
    return [
        Before(now.seat, now.agent, SeatState(now.state), now.reason, now.at)
        for now in seats.seat_states(conn)
        if now.state in known
    ]
