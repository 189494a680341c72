"""The AMI link: live state and commands, never the record. What happens while it is down is read from a snapshot."""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from panoramisk import Manager
from panoramisk.actions import Action as SentAction

from agi_scripts.ami_lines import Action, AMIDown, Event, WholeMessages, checked, plain
from dialplan import variables
from routing.happens import happens

log = logging.getLogger(__name__)

# Events of our own among those of Asterisk, so that whoever reads them in order sees the gaps.
LINK_UP = "HotlineLinkUp"
LINK_DOWN = "HotlineLinkDown"
LINK_BEHIND = "HotlineLinkBehind"

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
PING_SECONDS = 2.0
HEARTBEAT_SECONDS = 5.0
BOOT_SECONDS = 60.0
# What Asterisk answers to everything from "restart gracefully" until its last call has ended.
CLOSING = "Asterisk is shutting down"
LONGEST_PAUSE = 5.0  # an Asterisk that is back serves its callers without our engine until it is linked again


class Refused(Exception):
    """Asterisk refused the action, in its words."""


@dataclass(frozen=True, slots=True)
class Response:
    """Asterisk's answer to one action."""

    ok: bool
    message: str
    headers: Event


@dataclass(slots=True)
class _List:
    """The events of one list action, until the one that completes it."""

    events: list[Event] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False


class AMILink(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One AMI connection, held by `run`.

    panoramisk's own reconnecting, replaying and dispatching are not used: `run` is the only one that connects, an
    action is sent once or fails with AMIDown, and events are put into `inbox` and nowhere else.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int,
        username: str,
        secret: str,
        silence: float = 6.0,
        inbox: int = 20_000,
        pause: float = 0.5,
    ) -> None:
        super().__init__(host=host, port=port, username=username, secret=secret)
        self.inbox: asyncio.Queue[Event] = asyncio.Queue(inbox)
        self.ready = asyncio.Event()
        self.epoch = ""
        self.trouble = "not connected yet"
        self._silence = silence
        self._first_pause = pause
        self._closing = asyncio.Event()
        self._booted = asyncio.Event()
        self._renewed = asyncio.Event()
        self._obeys = True
        self._lists: dict[str, _List] = {}
        self._serial = itertools.count(1)

    @property
    def age(self) -> float:
        """Seconds since Asterisk was last heard."""
        return time.monotonic() - self.protocol.heard_at if self.protocol else float("inf")

    async def run(self) -> None:
        """Hold the link until close(), with a growing pause between failures."""
        self.loop = asyncio.get_running_loop()
        keeping = asyncio.create_task(self._keep())
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({keeping, closing}, return_when=asyncio.FIRST_COMPLETED)
            if keeping.done():
                keeping.result()
        finally:
            keeping.cancel()
            closing.cancel()
            await asyncio.gather(keeping, closing, return_exceptions=True)

    def close(self) -> None:
        """Close for good, also in the middle of a pause or of connecting."""
        self._closing.set()
        super().close()

    async def ask(self, action: Action, timeout: float = ANSWER_SECONDS) -> Response:
        """Send one action once. TimeoutError and AMIDown with `sent` mean that nobody knows whether it was done."""
        headers = checked(action)
        if not self.authenticated or self.protocol.closed:
            raise AMIDown(f"no AMI link: {self.trouble}", sent=False)
        sent = SentAction(headers)
        protocol = self.protocol
        try:
            # Not wait_for, which swallows a cancellation that comes together with the answer (Python 3.11).
            async with asyncio.timeout(timeout):
                # as_list: panoramisk would wait for ever after QueueAdd, and after Originate until the call is over.
                answer = await self.send_action(sent, as_list=False)
        finally:
            protocol.responses.pop(sent.id, None)
        response = Response(ok=bool(answer.success), message=str(answer.message), headers=plain(answer))
        self._note(response)
        return response

    async def collect(self, action: Action, timeout: float = ANSWER_SECONDS) -> list[Event]:
        """Send a list action and return its events; panoramisk cannot tell its end from an error."""
        action_id = f"hotline-list-{next(self._serial)}"
        collected = self._lists[action_id] = _List()
        try:
            async with asyncio.timeout(timeout):
                response = await self.ask({**action, "ActionID": action_id}, timeout)
                if not response.ok:
                    raise Refused(response.message)
                await collected.done.wait()
        finally:
            del self._lists[action_id]
        if collected.broken:
            raise AMIDown("the AMI link broke in the middle of a list", sent=True)
        return collected.events

    async def beat(
        self, healthy: Callable[[], bool], names: Callable[[], Iterable[str]] = lambda: (variables.HEARTBEAT,)
    ) -> None:
        """Show the dialplan every few seconds that we live; it leads callers past us when we do not.

        `names` are the variables that say so: with several nodes not everybody speaks for the engine.
        """
        while True:
            await self.ready.wait()
            self._renewed.clear()
            if healthy():
                try:
                    for name in names():
                        await self._beat(name)
                except (AMIDown, TimeoutError) as error:
                    log.warning("no heartbeat: %r", error)
            else:
                log.error("the engine is not well, callers are led past it")
            # A new Asterisk knows of no heartbeat, and callers are coming: it is told at once.
            await happens(self._renewed, within=HEARTBEAT_SECONDS)

    async def _beat(self, name: str) -> None:
        answer = await self.ask({"Action": "Setvar", "Variable": name, "Value": str(int(time.time()))})
        if not answer.ok:
            log.error("Asterisk takes no heartbeat, callers are led past us: %s", answer.message)

    # What follows is called by panoramisk.

    def dispatch(self, event: Event) -> None:
        """Put an event where it is awaited; nothing is done about it here, so nothing here can cut the line."""
        headers = plain(event)
        asked = self._lists.get(headers.get("ActionID", ""))
        if asked is not None:
            if headers.get("EventList") != "Complete":
                asked.events.append(headers)
            else:
                asked.done.set()
            return
        if headers.get("Event") == "FullyBooted":
            self._booted.set()
        self._put(headers)

    def login(self, _future: asyncio.Future[object]) -> None:
        """Leave the answer to `_log_in`."""

    def ping(self) -> None:
        """Leave pings to `_watch`, which also looks at the answers."""

    def connect(self, *_: object, **__: object) -> None:
        """Refuse: only `run` connects."""
        raise NotImplementedError("AMILink is held by run()")

    # One connection.

    async def _keep(self) -> None:
        pause = self._first_pause
        while True:
            if await self._hold():
                pause = self._first_pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _hold(self) -> bool:
        """Connect, log in, stay until the link is lost; tell whether it was ever up."""
        opened = await self._open()
        if opened is None:
            return False
        self._booted.clear()
        self._obeys = True
        self.connection_made(opened)
        session = asyncio.create_task(self._session())
        lost = asyncio.create_task(self.protocol.lost.wait())
        try:
            await asyncio.wait({session, lost}, return_when=asyncio.FIRST_COMPLETED)
            return self.ready.is_set()
        finally:
            await self._let_go(session, lost)

    async def _open(self) -> asyncio.Future[object] | None:
        host, port = self.config["host"], self.config["port"]
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                pair = await self.loop.create_connection(lambda: WholeMessages(self), host, port)
        except (OSError, TimeoutError) as error:
            self._explain(f"nobody answers at {host}:{port}: {error!r}")
            return None
        opened: asyncio.Future[object] = self.loop.create_future()
        opened.set_result(pair)
        return opened

    async def _session(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await self.authenticated_future
        if not answer.success:
            self._explain(f"Asterisk refused user {self.config['username']} or its secret: {answer.message}")
            return
        self.authenticated = True
        async with asyncio.timeout(BOOT_SECONDS):
            await self._booted.wait()
        self.epoch = _epoch((await self.ask({"Action": "CoreStatus"})).headers)
        self._is_up()
        log.info("AMI link up, Asterisk runs since %s", self.epoch or "an unknown time")
        await self._watch()

    def _note(self, response: Response) -> None:
        """An Asterisk that waits for its last call to end goes on telling, and obeys nobody: it counts as down.

        Unless it is told to stay after all, which the answer to a ping shows.
        """
        if not response.ok and response.message.startswith(CLOSING):
            self._obeys = False
            if self.ready.is_set():
                self.ready.clear()
                self._explain("Asterisk ends with its last call and takes no orders until then")
                self._put({"Event": LINK_DOWN})
        elif response.ok and not self._obeys:
            self._is_up()

    def _is_up(self) -> None:
        self._obeys = True
        self.trouble = ""
        self._put({"Event": LINK_UP, "Epoch": self.epoch})
        self.ready.set()
        self._renewed.set()

    async def _watch(self) -> None:
        """Return when Asterisk has been silent for too long: a frozen peer keeps its connection open."""
        while self.age < self._silence:
            with suppress(TimeoutError):
                await self.ask({"Action": "Ping"}, timeout=PING_SECONDS)
                await asyncio.sleep(PING_SECONDS)
        log.error("Asterisk has been silent for %.0f s: AMI link cut", self.age)

    async def _let_go(self, session: asyncio.Task[None], lost: asyncio.Task[bool]) -> None:
        self.authenticated = False
        super().close()
        for task in (session, lost):
            task.cancel()
        ended, _ = await asyncio.gather(session, lost, return_exceptions=True)
        if isinstance(ended, Exception) and not isinstance(ended, (AMIDown, TimeoutError)):
            log.error("AMI session failed", exc_info=ended)
        for asked in self._lists.values():
            asked.broken = not asked.done.is_set()
            asked.done.set()
        if self.ready.is_set():
            self.ready.clear()
            self._put({"Event": LINK_DOWN})
            if not self._closing.is_set():
                self._explain("the link broke")

    def _put(self, event: Event) -> None:
        if self.inbox.full():
            # Events that nobody reads in time would only show the past; a snapshot shows the present.
            log.error("%d AMI events behind: dropped, the state is read anew", self.inbox.qsize())
            while not self.inbox.empty():
                self.inbox.get_nowait()
            self.inbox.put_nowait({"Event": LINK_BEHIND})
        self.inbox.put_nowait(event)

    def _explain(self, trouble: str) -> None:
        self.trouble = trouble
        log.error("AMI: %s", trouble)


def _epoch(core_status: Event) -> str:
    """Return when Asterisk started; '' when it does not know, as before its clock was set."""
    date = core_status.get("CoreStartupDate", "")
    return f"{date} {core_status.get('CoreStartupTime', '')}" if date >= "2000" else ""
