"""How long from Asterisk's event to the painted screen pop, over 50 calls in a real Chromium.

    scripts/isolated python -m bench.pop [--calls 50]

A whole hotline is started in a folder of its own. Telephones call 12345, an agent's desk in Chromium is ready, and each
caller hangs up when the desk has painted the pop. The clock starts at the time that Asterisk itself wrote on the event
by which it began to ring the seat (DialBegin); it stops after the frame in which the caller's number and history stood
on the page. Both clocks are this machine's.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from hotline.phone import Line
from tests.endtoend.people import Desk, chromium
from tests.sip import Telephone, telephone
from tests.town import Town

PHONES = 5
SEAT = "PJSIP/s1001-"

# Runs in the page before its own scripts. A frame is on the screen when the task after it runs.
RECORDER = """
window.__painted = [];
let shown = '';
const look = () => {
  // The number comes with the call's state, the facts beside it with the caller's history: the pop is both.
  const facts = document.querySelector('.ring-card .ring-facts');
  const text = facts ? document.getElementById('number').textContent : '';
  if (text === shown) return;
  shown = text;
  if (!text) return;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.__painted.push([text, performance.timeOrigin + performance.now()]);
    channel.port2.postMessage(0);
  });
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
"""


class Watcher:
    """Hears Asterisk's events beside our process, and keeps when it began to ring the seat for whom."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, float]] = []

    async def listen(self, port: int, secret: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(
            f"Action: Login\r\nUsername: hotline\r\nSecret: {secret}\r\nEvents: call\r\n\r\n".encode()
        )
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace").split("\r\n")
            event = dict(line.split(": ", 1) for line in lines if ": " in line)
            if event.get("Event") == "DialBegin" and event.get("DestChannel", "").startswith(SEAT):
                self.rung.append((event["CallerIDNum"], float(event["Timestamp"]) * 1000))


async def painted(desk: Desk) -> list[tuple[str, float]]:
    """Return what the page has painted since the last time, and forget it there."""
    pops = await desk.page.evaluate("window.__painted.splice(0)")
    return [(text.replace(" ", ""), at) for text, at in pops]


async def measure(desk: Desk, phones: dict[str, Telephone], watcher: Watcher, calls: int) -> list[float]:
    """Let the telephones call in turn until so many pops were painted; return the milliseconds of each."""
    took: list[float] = []
    for phone in phones.values():
        await phone.phone.dial("12345")
    async with asyncio.timeout(calls * 30):
        while len(took) < calls:
            for number, at in await painted(desk):
                began = [rung for who, rung in watcher.rung if who == number and rung <= at]
                if not began:
                    continue  # not one of ours
                took.append(at - began[-1])
                print(f"  {len(took):3}  {number}  {took[-1]:6.1f} ms", flush=True)
                await phones[number].hangs_up()
                await phones[number].phone.dial("12345")
            await asyncio.sleep(0.05)
    return took


@asynccontextmanager
async def people(town: Town, folder: Path) -> AsyncIterator[tuple[Desk, dict[str, Telephone]]]:
    """Sign an agent in and switch the telephones on."""
    async with chromium(folder) as browser, AsyncExitStack() as stack:
        context = await browser.new_context(
            permissions=["microphone"], viewport={"width": 1440, "height": 900}
        )
        await context.add_init_script(RECORDER)
        desk = Desk(await context.new_page(), town)
        await (await desk.sign_in("1001")).go_ready()
        phones = {}
        for place in range(PHONES):
            number = f"1385012345{place}"
            (folder / number).mkdir()
            line = Line(user=number, server=town.sip)
            phones[number] = await stack.enter_async_context(telephone(line, folder / number))
        yield desk, phones
        await context.close()


async def run(town: Town, folder: Path, calls: int) -> list[float]:
    watcher = Watcher()
    listening = asyncio.create_task(watcher.listen(town.config.ami_port, town.config.ami_secret))
    async with people(town, folder) as (desk, phones):
        took = await measure(desk, phones, watcher, calls)
    listening.cancel()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="hl-") as state, tempfile.TemporaryDirectory() as folder:
        # The seat rings until the caller hangs up; a seat that missed a call would sit out the next ones.
        town = Town(Path(state), {"HOTLINE_RING_SECONDS": "60"})
        town.prepare()
        town.start()
        try:
            took = asyncio.run(run(town, Path(folder), calls))
        finally:
            town.stop()
    cuts = statistics.quantiles(took, n=20)
    print(
        f"AMI event to painted pop, {len(took)} calls: p50 {cuts[9]:.1f} ms  p95 {cuts[18]:.1f} ms  worst {max(took):.1f} ms"
    )


if __name__ == "__main__":
    main()
