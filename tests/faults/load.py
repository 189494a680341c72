"""Citizens by the dozen: real SIP calls made by sipp, each with a number of its own, bounded in count and time."""

import asyncio
import csv
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.town import Town

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="{name}">
  <send retrans="500"><![CDATA[
INVITE sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
{hold}  <recv request="BYE" timeout="{patience}" ontimeout="leave"/>
  <send next="end"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
  <label id="leave"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 3 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"{on_bye}/>
  <label id="end"/>
</scenario>
"""

# Puts us on hold with nothing sent either way, as a switchboard does for somebody who is called to another telephone.
HOLD = """  <send retrans="500"><![CDATA[
INVITE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 2 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=inactive
]]></send>
  <recv response="100" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""


class Sound(StrEnum):
    """What comes from a caller's telephone."""

    ECHO = "echo"  # what he hears: it is alive
    NONE = "none"  # not one packet: a line that carries sound one way, or a machine
    HOLD = "hold"  # none either, and he has said so


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers of one kind."""

    name: str
    numbers: tuple[str, ...]
    rate: float
    """New calls a second."""
    patience_seconds: float
    """Whoever has not been hung up on by then hangs up."""
    sound: Sound = Sound.ECHO


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the callers met: a call that was refused, or broke without a word, failed."""

    placed: int
    failed: int
    log: str


def numbers(prefix: str, count: int) -> tuple[str, ...]:
    """Return so many mobile numbers that begin with the prefix, no two of them neighbours if it leaves room for that."""
    digits = 11 - len(prefix)
    return tuple(f"{prefix}{index * 10_007 % 10**digits:0{digits}d}" for index in range(count))


async def call_all(town: Town, crowd: Crowd, folder: Path, *, seconds: float = 100) -> Outcome:
    """Let everybody of the crowd call once; return when all have hung up, at the latest after `seconds`."""
    folder = folder / crowd.name
    folder.mkdir(parents=True)
    scenario = folder / "scenario.xml"
    scenario.write_text(
        SCENARIO.format(
            name=crowd.name,
            patience=int(crowd.patience_seconds * 1000),
            on_bye="",
            hold=HOLD if crowd.sound is Sound.HOLD else "",
        ),
        encoding="utf-8",
    )
    (folder / "numbers.csv").write_text("SEQUENTIAL\n" + "\n".join(crowd.numbers) + "\n", encoding="utf-8")
    sipp = shutil.which("sipp")
    assert sipp, "sipp is missing; `make test` installs it"
    host, _, _ = town.sip.partition(":")
    process = await asyncio.create_subprocess_exec(
        sipp, town.sip, "-sf", scenario, "-inf", folder / "numbers.csv", "-i", host,
        *(["-rtp_echo"] if crowd.sound is Sound.ECHO else []),
        "-m", str(len(crowd.numbers)), "-l", str(len(crowd.numbers)), "-r", "1", "-rp", str(int(1000 / crowd.rate)),
        "-timeout", f"{int(seconds)}s", "-nostdin", "-trace_stat", "-fd", "1", "-stf", folder / "stat.csv",
        "-trace_err", "-error_file", folder / "errors.log", "-recv_timeout", "60000",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), seconds + 15)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _outcome(folder)


def _outcome(folder: Path) -> Outcome:
    with (folder / "stat.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    errors = folder / "errors.log"
    return Outcome(
        placed=int(last["TotalCallCreated"]),
        failed=int(last["FailedCall(C)"]),
        log=errors.read_text(encoding="utf-8", errors="replace")[-2000:] if errors.exists() else "",
    )
