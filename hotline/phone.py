"""A telephone of our own: baresip, driven over its control port. It makes real SIP calls with real sound."""

import asyncio
import contextlib
import json
import shutil
import socket
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/usr/lib64/baresip/modules")
RATE = 8000
BETWEEN_KEYS = 0.25  # Asterisk wants a key to last 80 ms; people are slower than that
START_SECONDS = 10.0
START_TRIES = 3
START_PAUSE = 0.3


class PhoneError(Exception):
    """Why this telephone cannot be used, in words for the person who wants to call."""


class Hook(StrEnum):
    """Where a telephone stands."""

    IDLE = "idle"
    CALLING = "calling"
    RINGING = "ringing"  # somebody rings us
    UP = "up"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Who this telephone is, and where its calls go."""

    user: str
    server: str = "127.0.0.1:5060"
    secret: str = ""  # with one it registers, as a seat does
    port: int = 0  # where it is rung without having registered, as behind a carrier

    @property
    def host(self) -> tuple[str, int]:
        host, _, port = self.server.partition(":")
        return host, int(port or 5060)


class Phone:
    """Speaks to one running baresip. Everything it hears goes into a file that can be read while the call lasts."""

    def __init__(self, line: Line, folder: Path, voice: Path | None) -> None:
        self.line = line
        self.folder = folder
        self.hook = Hook.IDLE
        self.registered: bool | None = None
        self.reason = ""  # why the last call ended, in the other side's words
        self._voice = voice
        self._changed = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None

    @property
    def heard(self) -> Path | None:
        """The newest file of received sound."""
        return max(self.folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime_ns, default=None)

    def samples(self) -> bytes:
        """Return all that was heard so far in the last call: 8 kHz, mono, 16 bit."""
        heard = self.heard
        # The header is finished at hang-up only, and a live call is of interest, too.
        return heard.read_bytes()[44:] if heard else b""

    async def dial(self, number: str) -> None:
        await self._turn(Hook.CALLING)
        host, port = self.line.host
        await self._do("dial", f"sip:{number}@{host}:{port}")

    async def answer(self) -> None:
        await self._do("accept")

    async def hang_up(self) -> None:
        """End the call, or refuse the one that rings."""
        await self._do("hangup")

    async def press(self, keys: str) -> None:
        for key in keys:
            await self._do("sndcode", key)
            await asyncio.sleep(BETWEEN_KEYS)

    async def until(self, *wanted: Hook, seconds: float = 10) -> Hook:
        """Wait until the telephone stands where it should; raise TimeoutError if it does not get there."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.hook in wanted)
        return self.hook

    async def until_registered(self, seconds: float = 10) -> bool:
        """Wait for the switchboard's answer to our registration."""
        async with asyncio.timeout(seconds):
            # The event may have come before we could listen, so we ask.
            while self.registered is None:
                await self._do("reginfo")
                await asyncio.sleep(0.05)
        return self.registered

    async def start(self) -> None:
        if shutil.which("baresip") is None:
            raise PhoneError("没有 baresip，请先安装 please install it first: apt-get install baresip-core")
        reader = await self._start_once()
        for _ in range(START_TRIES - 1):
            if reader is not None:
                break
            # A port that was free a moment ago has been taken, or the one who had it is about to go.
            await asyncio.sleep(START_PAUSE)
            reader = await self._start_once()
        if reader is None:
            said = (self.folder / "baresip.log").read_text("utf-8", "replace").strip()
            raise PhoneError(f"baresip 没有启动 did not start: {said[-300:]}")
        self._tasks.append(asyncio.create_task(self._listen(reader)))

    async def _start_once(self) -> asyncio.StreamReader | None:
        control = _free_port()
        _write_configuration(self.line, self.folder, self._voice, control)
        with (self.folder / "baresip.log").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                "baresip",
                "-4",
                "-f",
                self.folder,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return await self._connect(self._process, control)

    async def stop(self) -> None:
        """Hang up and end the process; nothing of it stays."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(PhoneError):
                await self._do("quit")
            try:
                await asyncio.wait_for(self._process.wait(), 2)
            except TimeoutError:
                self.kill()
                await self._process.wait()
        for task in self._tasks:
            task.cancel()
        if self._writer is not None:
            self._writer.close()

    def kill(self) -> None:
        """Take the power away, as a crashed browser does: nobody says goodbye."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _connect(
        self, process: asyncio.subprocess.Process, control: int
    ) -> asyncio.StreamReader | None:
        """Return the way to a telephone that has started; None if it has ended, or says nothing for too long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + START_SECONDS
        while loop.time() < until and process.returncode is None:
            try:
                reader, self._writer = await asyncio.open_connection("127.0.0.1", control)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            return reader
        self.kill()
        await process.wait()
        return None

    async def _do(self, command: str, argument: str = "") -> None:
        if self._writer is None or self._writer.is_closing():
            raise PhoneError("电话已关机 the telephone is off")
        message = json.dumps({"command": command, "params": argument}).encode()
        self._writer.write(b"%d:%s," % (len(message), message))
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Follow what baresip reports, as netstrings of JSON, until it ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads(await reader.readexactly(length))
                await reader.readexactly(1)
                await self._note(message)

    async def _note(self, message: dict[str, object]) -> None:
        match message.get("type"):
            case "CALL_INCOMING":
                await self._turn(Hook.RINGING)
            case "CALL_ESTABLISHED":
                await self._turn(Hook.UP)
            case "CALL_CLOSED":
                self.reason = str(message.get("param", ""))
                await self._turn(Hook.CLOSED)
        told = str(message.get("data", ""))
        if "User Agents" in told and ("OK" in told or "ERR" in told):
            self.registered = "OK" in told

    async def _turn(self, hook: Hook) -> None:
        async with self._changed:
            self.hook = hook
            self._changed.notify_all()


@asynccontextmanager
async def phone(line: Line, folder: Path, voice: Path | None = None) -> AsyncIterator[Phone]:
    """Switch a telephone on for as long as the block lasts.

    `voice` is a wav of 8 kHz, mono, 16 bit; without it the telephone sends five minutes of silence.
    """
    one = Phone(line, folder, voice)
    try:
        await one.start()
        yield one
    finally:
        await one.stop()


def write_silence(path: Path, seconds: float) -> None:
    """Write a voice that says nothing: a telephone that sends no sound at all is hung up on."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(2 * int(RATE * seconds)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _own_address(server: tuple[str, int]) -> str:
    """Return the address this machine speaks to the server from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(server)
        address: str = probe.getsockname()[0]
        return address


def _write_configuration(line: Line, folder: Path, voice: Path | None, control: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    modules = next((path for path in MODULES if Path(path).is_dir()), MODULES[0])
    address = _own_address(line.host)
    if voice is None:
        voice = folder / "silence.wav"
        write_silence(voice, 300)
    settings = {
        "sip_listen": f"{address}:{line.port}",
        "net_interface": address,
        "rtp_ports": "30000-45000",
        "call_local_timeout": "120",
        "audio_source": f"aufile,{voice}",
        "audio_player": "aubridge,sink",
        "audio_alert": "aubridge,alert",
        "ausrc_srate": RATE,
        "auplay_srate": RATE,
        "ausrc_channels": 1,
        "auplay_channels": 1,
        "snd_path": ".",  # where it runs: baresip cuts a sound file's path off at 128 bytes
        "ctrl_tcp_listen": f"127.0.0.1:{control}",
        "module_path": modules,
    }
    lines = [f"{name} {value}" for name, value in settings.items()]
    lines += [f"module {name}.so" for name in ("g711", "aufile", "aubridge", "sndfile")]
    lines += ["module_tmp account.so", "module_app menu.so", "module_app ctrl_tcp.so", ""]
    (folder / "config").write_text("\n".join(lines), encoding="utf-8")
    register = f";auth_user={line.user};auth_pass={line.secret};regint=60" if line.secret else ";regint=0"
    account = f"<sip:{line.user}@{line.server}>;audio_codecs=PCMA/8000/1;answermode=manual{register}\n"
    (folder / "accounts").write_text(account, encoding="utf-8")
    (folder / "contacts").touch()
