"""A Kamailio in front of the nodes, with the shipped configuration."""

import asyncio
import csv
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from tests.asterisk.harness import ROOT
from tests.faults.load import SCENARIO
from tests.town import free_port

SHIPPED = ROOT / "asterisk-conf" / "kamailio"
KAMAILIO = shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin:/usr/bin")


class Balancer:
    """One Kamailio on loopback; whoever calls it from 127.0.0.1 is the carrier."""

    def __init__(
        self, folder: Path, nodes: Sequence[str], *, carriers: Sequence[str], defines: Mapping[str, str]
    ) -> None:
        self.port = free_port()
        self.folder = folder
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
        self._write("dispatcher.list", [f"1 sip:{node}" for node in nodes])
        self._write("carriers.list", [f"1 {address} 32" for address in carriers])
        here = {"LISTEN": f"udp:127.0.0.1:{self.port}", "LISTS": f'"{folder}/"', **defines}
        self._write("local.cfg", [f"#!define {name} {value}" for name, value in here.items()])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(KAMAILIO), "-f", str(self.folder / "kamailio.cfg"), "-DD", "-E", "-m", "32", "-M", "4"]
        with (self.folder / "kamailio.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "-Y", str(self.folder), "-w", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def log(self) -> str:
        return (self.folder / "kamailio.log").read_text(encoding="utf-8", errors="replace")

    def _write(self, name: str, lines: Sequence[str]) -> None:
        (self.folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")


async def answers(address: str, *, source: str = "127.0.0.1", seconds: float = 1.0) -> str:
    """Ask with OPTIONS; return the first line of the answer, '' if there is none."""
    host, _, port = address.partition(":")
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[str] = loop.create_future()

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _address: object) -> None:
            if not heard.done():
                heard.set_result(data.decode().splitlines()[0])

    transport, _ = await loop.create_datagram_endpoint(
        Ear, local_addr=(source, 0), remote_addr=(host, int(port))
    )
    mine = transport.get_extra_info("sockname")[1]
    transport.sendto(
        f"OPTIONS sip:12345@{address} SIP/2.0\r\nVia: SIP/2.0/UDP {source}:{mine};branch=z9hG4bK{mine}\r\n"
        f"From: <sip:probe@{source}>;tag={mine}\r\nTo: <sip:12345@{address}>\r\nCall-ID: {mine}@{source}\r\n"
        f"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n".encode()
    )
    try:
        return await asyncio.wait_for(heard, seconds)
    except TimeoutError:
        return ""
    finally:
        transport.close()


@asynccontextmanager
async def balancer(
    folder: Path,
    nodes: Sequence[str],
    *,
    carriers: Sequence[str] = ("127.0.0.1",),
    defines: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Balancer]:
    """Run a Kamailio for as long as the block lasts."""
    kamailio = Balancer(folder, nodes, carriers=carriers, defines=defines)
    kamailio.start()
    try:
        for _ in range(30):
            if await answers(kamailio.address, seconds=0.5):
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError(f"Kamailio does not answer: {kamailio.log()}")
        yield kamailio
    finally:
        kamailio.stop()


def _write_citizens(folder: Path, count: int, seconds: int) -> None:
    folder.mkdir(parents=True)
    # Whoever is answered through a balancer speaks to the node by way of it.
    scenario = SCENARIO.format(name="citizens", patience=seconds * 1000, on_bye="", hold="")
    scenario = scenario.replace(" [next_url] SIP/2.0\n", " [next_url] SIP/2.0\n[routes]\n")
    (folder / "citizen.xml").write_text(scenario, encoding="utf-8")
    numbers = "".join(f"1385000{index:04d}\n" for index in range(count))
    (folder / "numbers.csv").write_text(f"SEQUENTIAL\n{numbers}", encoding="utf-8")


async def failed_calls(address: str, folder: Path, count: int, *, rate: int = 5, seconds: int = 2) -> int:
    """Let so many citizens call the address and stay for some seconds; return how many calls failed."""
    _write_citizens(folder, count, seconds)
    process = await asyncio.create_subprocess_exec(
        "sipp", address, "-sf", folder / "citizen.xml", "-inf", folder / "numbers.csv", "-i", "127.0.0.1",
        "-m", str(count), "-r", str(rate), "-timeout", "60s", "-nostdin", "-trace_stat", "-fd", "1",
        "-stf", folder / "stat.csv", "-recv_timeout", "20000", cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), 70)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    last = list(
        csv.DictReader((folder / "stat.csv").read_text(encoding="utf-8").splitlines(), delimiter=";")
    )[-1]
    assert int(last["TotalCallCreated"]) == count
    return int(last["FailedCall(C)"])
