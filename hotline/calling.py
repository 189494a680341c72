"""What rings people by itself: the queue of the store, the engine that leads, and our own node's way out."""

from collections.abc import Callable
from datetime import datetime

from agi_scripts.nodes import Nodes
from agi_scripts.ringer import Ringer
from hotline import settings
from hotline.config import Config
from routing.engine import Engine
from routing.outgoing_loop import OutgoingLoop
from storage.engine import Store


def outgoing(
    config: Config, store: Store, engine: Engine, nodes: Nodes, *, now: Callable[[], datetime]
) -> OutgoingLoop:
    """Return the task; it rings nobody until a supervisor has switched a kind of call on."""
    home = nodes.stations[nodes.home]
    ringer = Ringer(home.link, home.witness, config.shown_number)
    return OutgoingLoop(store, engine, settings.quiet(config), ringer, config.node, now)
