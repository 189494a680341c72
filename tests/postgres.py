"""A PostgreSQL cluster of our own, thrown away after the tests."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

# A test cluster need not survive the machine; the crash tests use the file that a real store would use.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=120"


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    anywhere = shutil.which("initdb")
    return Path(anywhere).resolve().parent if anywhere else None


class Cluster:
    """Listens on a socket in its own folder only."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # PostgreSQL refuses to run as root, and its own user cannot enter pytest's private folder.
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user)
        self._count = 0

    def start(self) -> None:
        self._run(
            "initdb", "-A", "trust", "-U", "hotline", "-E", "UTF8", "--locale=C", "-N", "-D", self._data
        )
        self.start_again()

    def start_again(self) -> None:
        options = f"{FAST} -c listen_addresses='' -c unix_socket_directories={self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", self._data)

    def kill(self) -> None:
        """Let every process of it vanish, as in a power cut."""
        for process in self.processes():
            os.kill(process, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Return the numbers of the server's processes, the first one first."""
        first = int((Path(self._data) / "postmaster.pid").read_text(encoding="ascii").split()[0])
        found = subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True, check=False)
        return [first, *map(int, found.stdout.split())]

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self, template: str = "template0") -> str:
        """Make a database and return its name."""
        self._count += 1
        name = f"test{self._count}"
        self.command(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql://hotline@/{name}?host={self.folder}"

    def command(self, sql: str) -> None:
        engine = create_engine(
            self.url("postgres").replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.exec_driver_sql(sql)
        engine.dispose()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, name: str, *arguments: str) -> None:
        as_user = ["runuser", "-u", self._user, "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self._binaries / name), *arguments]
        # Output goes to a file: a pipe would stay open in the server, and we would wait for it for ever.
        with Path(f"{self.folder}.out").open("ab") as out:
            done = subprocess.run(command, stdout=out, stderr=out, cwd="/", check=False, timeout=60)
        text = Path(f"{self.folder}.out").read_text(errors="replace")
        Path(f"{self.folder}.out").unlink()
        if done.returncode:
            raise RuntimeError(f"{name}: {text}")
