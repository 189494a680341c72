"""One Asterisk: finds it, starts and stops it. What it reads is written by `asterisk_files`."""

import logging
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from hotline.asterisk_files import AsteriskError, AsteriskSettings, render

__all__ = [
    "AsteriskError",
    "AsteriskSettings",
    "command",
    "find_binary",
    "find_modules",
    "render",
    "start",
    "stop",
    "version",
    "wait_ready",
]

log = logging.getLogger(__name__)

OLDEST = 20


def find_binary(state_dir: Path) -> Path | None:
    """Return the Asterisk that set-up unpacked, or the system's if it is new enough."""
    own = state_dir.resolve() / "asterisk" / "usr" / "sbin" / "asterisk"
    if own.exists():
        return own
    found = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None or version(Path(found)) < OLDEST:
        return None
    return Path(found)


def version(binary: Path) -> int:
    """Return the major version, 0 if the program does not tell."""
    told = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False, timeout=20).stdout
    number = re.search(r"Asterisk (\d+)", told)
    return int(number[1]) if number else 0


def find_modules(binary: Path) -> Path:
    """Return the folder of modules that belongs to this binary."""
    usr = binary.resolve().parents[1]
    for pattern in ("lib/*/asterisk/modules", "lib*/asterisk/modules"):
        for folder in sorted(usr.glob(pattern)):
            return folder
    raise AsteriskError(f"{binary}: 找不到它的模块目录 its modules are nowhere under {usr}")


def start(settings: AsteriskSettings) -> subprocess.Popen[bytes]:
    """Start Asterisk in the foreground of a session of its own; what it prints goes to log/asterisk.log."""
    with (settings.state_dir / "log" / "asterisk.log").open("ab") as output:
        return subprocess.Popen(
            [settings.binary, "-C", settings.conf, "-f", "-q"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=settings.state_dir,
            env={"PATH": os.defpath, "HOME": str(settings.state_dir.resolve()), "LANG": "C.UTF-8"},
            start_new_session=True,
            umask=0o027,
        )


def wait_ready(settings: AsteriskSettings, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Return when Asterisk has fully booted; raise AsteriskError if it ends or takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AsteriskError(
                f"Asterisk 启动后退出 ended with {process.returncode}: {_last_words(settings)}"
            )
        if "fully booted" in command(settings, "core waitfullybooted"):
            return
        time.sleep(0.05)
    raise AsteriskError(f"Asterisk 在 {seconds:.0f} 秒内未就绪 is not ready: {_last_words(settings)}")


def command(settings: AsteriskSettings, line: str, seconds: float = 15) -> str:
    """Run one command of Asterisk's command line; '' if nobody answers."""
    if not settings.socket.exists():
        return ""
    try:
        told = subprocess.run(
            [settings.binary, "-C", settings.conf, "-rx", line],
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return ""
    return told.stdout.decode("utf-8", "replace") if told.returncode == 0 else ""


def stop(settings: AsteriskSettings, process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    """Let running calls end for some seconds, then stop at once, then kill."""
    for line, patience in (("core stop gracefully", seconds), ("core stop now", 5)):
        if process.poll() is None:
            # The first one does not return before the last call has ended.
            command(settings, line, patience)
            if _ended(process, 1):
                return
    if process.poll() is None:
        log.warning("Asterisk (process %d) does not stop; killing it", process.pid)
        process.kill()
        process.wait()


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_words(settings: AsteriskSettings) -> str:
    """Return the last lines of the logs that say something is wrong."""
    said: list[str] = []
    for name in ("asterisk.log", "messages.log"):
        path = settings.state_dir / "log" / name
        if path.exists():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            said += [line for line in lines if "ERROR" in line or "WARNING" in line][-3:]
    return " / ".join(said) or str(settings.state_dir / "log" / "messages.log")
