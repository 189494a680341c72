"""Starts Asterisk and the hotline, keeps both alive, and stops what it started: what `make run` does.

The two are separate processes on purpose: when ours dies, Asterisk goes on serving the callers by itself.
"""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline import asterisk
from hotline.cluster import stands_by
from hotline.config import Config
from hotline.settings import asterisk_settings

log = logging.getLogger(__name__)

HUNG_AFTER = 15.0  # seconds without an answer to /healthz before our process is killed and started again
STARTS_WITHIN = (
    60.0  # on a machine that is short of everything a start takes long; killed then it would never end
)
HOPELESS_AFTER = 3  # deaths before the first "ready"
FREEZE_LIMIT = 0.5  # seconds for one question
FROZEN_AFTER = (
    2.0  # seconds without any answer of the speech service: who speaks to it hears nothing meanwhile
)
LONGEST_PAUSE = 30.0  # seconds between restarts of something that keeps dying


class CannotStart(Exception):
    """Why the hotline did not start, and what to do about it."""


@dataclass(slots=True)
class Part:
    """One process that is kept alive."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    pause: float = 0.0
    next_start: float = 0.0
    started_at: float = 0.0
    deaths: int = 0

    def keep(self, now: float) -> None:
        """Start the process if it is not running; wait longer each time it dies soon after its start."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            lived = now - self.started_at
            self.pause = 0.5 if lived > 60 else min(max(self.pause * 2, 0.5), LONGEST_PAUSE)
            self.deaths += 1
            log.error(
                "%s ended with %s after %.0f s; starting it again in %.1f s",
                self.name,
                code,
                lived,
                self.pause,
            )
            self.next_start, self.process = now + self.pause, None
        if now >= self.next_start:
            self.process, self.started_at = self.start(), now

    def stop(self, seconds: float) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("%s did not end within %.0f s; killing it", self.name, seconds)
            self.process.kill()
            self.process.wait()


def run(config: Config, *, ready: Callable[[], None]) -> None:
    """Run until SIGINT or SIGTERM; call `ready` once, when both answer. Raises CannotStart."""
    with _only_one(config.state_dir):
        settings = asterisk_settings(config)
        _stop_leftovers(config.state_dir)
        _ports_free(config)
        asterisk.render(settings)
        pbx = Part("asterisk", lambda: asterisk.start(settings))
        ours = Part("hotline", lambda: _serve(config))
        others = [Part("speech", lambda: _hear(config))] if config.speech else []
        stopping = _until_signalled()
        try:
            _watch(config, [pbx, ours], others, ready, stopping)
        finally:
            for part in (*others, ours):
                part.stop(15)
            if pbx.process is not None:
                asterisk.stop(settings, pbx.process)
            _pid_file(config.state_dir, "hotline").unlink(missing_ok=True)


def _until_signalled() -> Callable[[], bool]:
    """Return a question: has somebody asked us to stop?"""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: asked.append(received))
    return lambda: bool(asked)


def _watch(
    config: Config,
    parts: list[Part],
    others: list[Part],
    ready: Callable[[], None],
    stopping: Callable[[], bool],
) -> None:
    """Keep all alive. Without `parts` there is no hotline; without the `others` it only can do less."""
    told, answered_at = False, time.monotonic()
    moved_at = answered_at
    while not stopping():
        now = time.monotonic()
        for part in (*parts, *others):
            part.keep(now)
        if not told:
            _not_hopeless(config, parts)
            if _answers(config, "/readyz"):
                ready()
                told = True
        if _answers(config, "/healthz"):
            answered_at = now
        elif told and _is_hung(parts[1], answered_at, now):
            # A process that hangs holds its callers; killing it sends them on to a person within milliseconds.
            _kill_hung(parts[1])
            answered_at = now
        if not others or not _is_frozen(config):
            moved_at = time.monotonic()
        elif time.monotonic() - moved_at > FROZEN_AFTER:
            # Asterisk would wait for it for ever, and with it whoever is asked something just now.
            _kill_group(others[0])
        time.sleep(0.2 if not told else 1.0)


def _not_hopeless(config: Config, parts: list[Part]) -> None:
    """Give up on something that has never run: trying for ever would only hide why."""
    for part in parts:
        if part.deaths >= HOPELESS_AFTER:
            logs = config.state_dir / "log"
            words = [
                line for name in (f"{part.name}.log", "messages.log") for line in _complaints(logs / name)
            ]
            told = "\n  ".join(words[-4:]) or str(logs)
            raise CannotStart(
                f"{part.name} 启动后立即退出 ends at once, {part.deaths} 次 times:\n  {told}\n"
                f"  请按上面的原因处理后重试 mend that and try again; 日志 logs: {logs}"
            )


def _complaints(path: Path) -> list[str]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if "ERROR" in line or "无法" in line][-4:]


def _is_hung(part: Part, answered_at: float, now: float) -> bool:
    """Tell whether it has been silent for too long; one that has only just been started has longer."""
    if answered_at > part.started_at:
        return now - answered_at > HUNG_AFTER
    return now - part.started_at > STARTS_WITHIN


def _kill_hung(part: Part) -> None:
    if part.process is not None and part.process.poll() is None:
        log.error("%s does not answer: killing it", part.name)
        part.process.kill()
        part.process.wait()


def _is_frozen(config: Config) -> bool:
    """Tell whether the speech service takes our question and gives no answer. One that is not there is not frozen."""
    try:
        address = ("127.0.0.1", config.speech_port + 1)
        with socket.create_connection(address, timeout=FREEZE_LIMIT) as asked:
            asked.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            asked.recv(1)
    except TimeoutError:
        return True
    except OSError:
        pass
    return False


def _kill_group(part: Part) -> None:
    if part.process is not None and part.process.poll() is None:
        log.error("%s is frozen: killing it", part.name)
        os.killpg(part.process.pid, signal.SIGKILL)  # its workers as well: they hold the calls
        part.process.wait()


def _answers(config: Config, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{config.console_port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as refused:
        return stands_by(refused.read())
    except OSError:
        return False


def _serve(config: Config) -> subprocess.Popen[bytes]:
    return _command(config, "hotline", "serve")


def _hear(config: Config) -> subprocess.Popen[bytes]:
    return _command(config, "speech", "speech", "serve")


def _command(config: Config, name: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a command of ours; what it says goes into a log of that `name`."""
    folder = config.state_dir / "log"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hotline", *words],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
        )
    path = _pid_file(config.state_dir, "serve" if name == "hotline" else name)
    partial = path.with_suffix(".part")
    partial.write_text(str(process.pid), encoding="ascii")
    partial.replace(path)  # nobody reads half a number
    return process


def _pid_file(state: Path, name: str) -> Path:
    return state / "run" / f"{name}.pid"


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the state folder: two hotlines on one folder would write over each other."""
    path = _pid_file(state, "hotline")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CannotStart(
                f"热线已在运行（进程 {file.read().strip()}） it is running already\n"
                f"  请先停止它，或用 HOTLINE_STATE_DIR 另选状态目录 stop it first, or choose another state folder"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _stop_leftovers(state: Path) -> None:
    """Stop what an earlier run that was killed has left behind, and nothing else."""
    leftovers = [
        _pid_file(state, "serve"),
        _pid_file(state, "speech"),
        state / "run" / "asterisk" / "asterisk.pid",
    ]
    for path in leftovers:
        pid = _running(path, state)
        if pid is None:
            continue
        log.warning("stopping process %s, left by an earlier run (%s)", pid, path.name)
        os.kill(pid, signal.SIGTERM)
        if not _ends(pid):
            os.kill(pid, signal.SIGKILL)
            _ends(pid)
        path.unlink(missing_ok=True)


def _ends(pid: int, seconds: float = 5) -> bool:
    """Wait for the process itself, which holds its ports longer than its pid file."""
    until = time.monotonic() + seconds
    while (alive := _commanded(pid)) and time.monotonic() < until:
        time.sleep(0.1)
    return not alive


def _commanded(pid: int) -> bytes:
    """Return the command line of a process; of one that has ended there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _running(path: Path, state: Path) -> int | None:
    """Return the process a pid file names if it is alive and truly ours."""
    try:
        pid = int(path.read_text(encoding="ascii"))
        command = _commanded(pid).split(b"\0")
    except (OSError, ValueError):
        return None
    ours = str(state.resolve()).encode()
    is_serve = (
        command[-2:] == [b"serve", b""] and b"hotline" in command
    )  # a number may have gone to somebody else since
    return pid if is_serve or any(ours in word for word in command) else None


def _ports_free(config: Config) -> None:
    """Refuse to start beside something that holds one of our ports, and name it."""
    wanted = [
        ("console_port", socket.SOCK_STREAM, config.console_host, config.console_port),
        ("console_tls_port", socket.SOCK_STREAM, config.console_tls_host, config.console_tls_port),
        ("sip_port", socket.SOCK_DGRAM, config.sip_host, config.sip_port),
        ("ami_port", socket.SOCK_STREAM, config.ami_host, config.ami_port),
        ("asterisk_http_port", socket.SOCK_STREAM, "127.0.0.1", config.asterisk_http_port),
        ("agi_port", socket.SOCK_STREAM, "127.0.0.1", config.agi_port),
    ]
    if config.speech:
        wanted += [("speech_port", socket.SOCK_STREAM, "127.0.0.1", config.speech_port + n) for n in (0, 1)]
    taken = [
        f"{name} {host}:{port}" for name, kind, host, port in wanted if port and not _free(kind, host, port)
    ]
    if taken:
        names = " ".join(f"HOTLINE_{item.split()[0].upper()}=<端口>" for item in taken)
        raise CannotStart(
            f"端口已被占用 ports are taken: {', '.join(taken)}\n"
            f"  请停止占用者（ss -lntup 可查），或改用别的端口 stop the holder or choose others: {names} make run"
        )


def _free(kind: socket.SocketKind, host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
