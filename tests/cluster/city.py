"""A city with two nodes: two Asterisks, two processes of ours, one PostgreSQL, one Redis, on loopback."""

import json
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from hotline import asterisk, demo
from hotline.settings import asterisk_settings
from tests.asterisk.harness import write_sounds
from tests.postgres import Cluster
from tests.redis_server import RedisServer
from tests.town import Town, eventually

ADDRESSES = {"hotline1": "127.0.0.2", "hotline2": "127.0.0.3"}
SHARED = {"RING_SECONDS": "6", "WRAP_UP_SECONDS": "1", "NO_ANSWER_BREAK_SECONDS": "1", "LINE_SECONDS": "5"}


class NodeTown(Town):
    """One node of the city."""

    @property
    def sip(self) -> str:
        return f"{self.config.sip_host}:{self.config.sip_port}"

    def readiness(self) -> dict[str, Any]:
        """Return what /readyz says; {} if nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                told: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            told = json.loads(refused.read())
        except OSError:
            return {}
        return told

    @property
    def leads(self) -> bool:
        return bool(self.readiness().get("ready"))

    def ready(self) -> bool:
        """A node that stands by is up, too."""
        told = self.readiness()
        return bool(told.get("ready")) or (told.get("role") == "stand_by" and not told["missing"])

    def signal_ours(self, number: int) -> None:
        assert self._ours is not None
        self._ours.send_signal(number)

    def signal_asterisk(self, number: int) -> None:
        assert self._pbx is not None
        self._pbx.send_signal(number)

    def wake(self) -> None:
        """Let whatever was frozen go on."""
        for process in (self._ours, self._pbx):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.wake()
        super().stop()

    @property
    def term(self) -> int:
        return int(self.cli("dialplan show globals").partition("HOTLINE_TERM=")[2].split("\n")[0] or 0)

    def cel(self) -> str:
        path = self.state / "log" / "cel-custom" / "cel.json"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def metric(self, name: str) -> float:
        rows = [row for row in self.metrics().splitlines() if row.startswith(f"{name} ")]
        return float(rows[0].split()[1]) if rows else -1.0


@dataclass
class City:
    """Both nodes, and what they share."""

    nodes: dict[str, NodeTown]
    redis: RedisServer

    @property
    def leader(self) -> NodeTown:
        """The node whose process leads now; fails if there is none, or two."""
        (one,) = [node for node in self.nodes.values() if node.leads]
        return one

    @property
    def stand_by(self) -> NodeTown:
        (one,) = [node for node in self.nodes.values() if not node.leads]
        return one

    def someone_leads(self) -> bool:
        return any(node.leads for node in self.nodes.values())

    def is_whole(self) -> bool:
        """Both processes are up, one leads, and both Asterisks obey it."""
        told = [node.readiness() for node in self.nodes.values()]
        if sorted(each.get("role", "") for each in told) != ["lead", "stand_by"]:
            return False
        one, two = (node.term for node in self.nodes.values())
        return not any(each["missing"] for each in told) and one == two > 0

    def heal(self) -> None:
        """Start whatever a test has ended, and wait until the city is as before."""
        self.redis.heal()
        for node in self.nodes.values():
            node.wake()
            for process, start in ((node._pbx, node.start_asterisk), (node._ours, node.start_ours)):
                if process is not None and process.poll() is not None:
                    start()
        eventually(self.is_whole, seconds=30, what="both nodes are up and one leads")

    def told(self) -> str:
        """Return the ends of all logs, for whoever reads of a failed test."""
        parts = []
        for name, node in self.nodes.items():
            parts += [f"--- {name}: {node.readiness()}", node.log()[-5000:]]
            parts += [node.cli("core show channels verbose"), node.cli("queue show hotline")]
            messages = node.state / "log" / "messages.log"
            parts.append(messages.read_text(errors="replace")[-3000:] if messages.exists() else "")
        return "\n".join(parts)


def seconds_until(question: Callable[[], bool], *, most: float, what: str) -> float:
    """Return how long it took until the answer was true."""
    began = time.monotonic()
    eventually(question, seconds=most, what=what)
    return time.monotonic() - began


@contextmanager
def city_of_two(folder: Path, database: str, cluster: Cluster) -> Iterator[City]:
    """Run the city for as long as the block lasts. The folder's path must be short."""
    assert cluster.folder.exists()
    redis = RedisServer(folder)
    redis.start()
    common = {"DATABASE_URL": database, "REDIS_URL": redis.url, "TRUNK": "127.0.0.1", **SHARED}
    nodes: dict[str, NodeTown] = {}
    for number, (name, address) in enumerate(ADDRESSES.items()):
        own = {"NODE": name, "NODE_BLOCK": str(number), "SIP_HOST": address, **common}
        settings = {f"HOTLINE_{key}": value for key, value in own.items()}
        nodes[name] = NodeTown(folder / str(number), settings)
    for name, node in nodes.items():
        others = [
            f"{other}={_place(nodes[other], address)}"
            for other, address in ADDRESSES.items()
            if other != name
        ]
        node.environ |= {"HOTLINE_NODES": ",".join(others)}
    city = City(nodes, redis)
    try:
        _prepare(*nodes.values())
        for node in nodes.values():
            node.start_asterisk()
        for node in nodes.values():
            settings_of = asterisk_settings(node.config)
            assert node._pbx is not None
            asterisk.wait_ready(settings_of, node._pbx)
            node.start_ours()
        eventually(city.is_whole, seconds=30, what="both nodes are up and one leads")
        yield city
    finally:
        for node in nodes.values():
            node.stop()
        redis.stop()


def _place(node: NodeTown, address: str) -> str:
    ami, sip = node.environ["HOTLINE_AMI_PORT"], node.environ["HOTLINE_SIP_PORT"]
    return f"127.0.0.1:{ami}/{address}:{sip}"


def _prepare(first: NodeTown, second: NodeTown) -> None:
    """Make the demo city once; the second machine gets the first one's secrets, as an operator would see to."""
    first.state.mkdir(parents=True)
    # All but the last step, which makes the voice: each prompt is a short tone here, and callers are in the line at once.
    for _ in islice(demo.prepare(first.config), 4):
        pass
    write_sounds(first.state / "sounds" / "zh")
    second.state.mkdir(parents=True)
    for name in ("secrets", "certs", "sounds"):
        shutil.copytree(first.state / name, second.state / name)
