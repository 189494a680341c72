"""The browsers of bench/fanout.py, in processes of their own: many that only listen, and a few real ones that paint.

What only listens stands for other machines, so it runs with the lowest priority: it must not take the processor from the
pages that paint. These and the console run as everything else.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from tests.chromium import CHROMIUM, FLAGS

LOWEST = 19
Where = tuple[str, str]
"""A page, and the cookie of whose it is."""
HANDS = '{"seat": '
"""How the naive loop begins a whole picture: what follows the seat needs no reading, a browser would share that work."""

# Runs in the page before its own scripts. A change is painted when its frame is on the screen: the task after the frame
# in which the page shows the seat in the state that was told. What is told before that counts from the first word.
RECORDER = """
window.__painted = [];
window.__heard = [];
const open = new Map();
const known = new Map();
let asked = false;
const shown = (id) => {
  const tile = document.querySelector(`[data-seat="${id}"]`);
  if (tile) return tile.className;
  const head = document.querySelector('header.top .state');
  return head ? head.className : '';
};
const look = () => {
  asked = false;
  for (const [id, told] of open) {
    if (!shown(id).includes(`is-${told.state}`)) continue;
    open.delete(id);
    window.__painted.push(Date.now() - told.since);
  }
  if (open.size) ask();
};
const frame = () => {
  const channel = new MessageChannel();
  channel.port1.onmessage = look;
  channel.port2.postMessage(0);
};
const ask = () => { if (!asked) { asked = true; requestAnimationFrame(frame); } };
const hear = ({ data }) => {
  if (typeof data !== 'string' || data[0] !== '{') return;
  const said = JSON.parse(data);
  const whole = said.t === 'wall';
  for (const seat of said.seats ?? (said.seat ? [said.seat] : [])) {
    if (!seat.id || known.get(seat.id) === seat.since) continue;
    const first = !known.has(seat.id);
    known.set(seat.id, seat.since);
    if (whole || first) continue;
    window.__heard.push(Date.now() - seat.since);
    open.set(seat.id, { since: open.get(seat.id)?.since ?? seat.since, state: seat.state });
  }
  if (open.size) ask();
};
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...how) {
    super(...how);
    if (String(how[0]).includes('/live/')) this.addEventListener('message', hear);
  }
};
"""


@dataclass
class Took:
    """Milliseconds from the change until it was heard, until a real page had it, and until it was painted."""

    boards: list[float] = field(default_factory=list)
    desks: list[float] = field(default_factory=list)
    pages: list[tuple[bool, Page]] = field(default_factory=list)

    async def told(self) -> str:
        """Return by name what was measured since it was asked last."""
        took = {"boards": self.boards[:], "desks": self.desks[:]}
        self.boards.clear()
        self.desks.clear()
        for is_board, page in self.pages:
            kind = "boards" if is_board else "desks"
            heard, painted = await page.evaluate("[window.__heard.splice(0), window.__painted.splice(0)]")
            took.setdefault(f"{kind}_reached", []).extend(heard)
            took.setdefault(f"{kind}_painted", []).extend(painted)
        return json.dumps(took)


def read(frame: str) -> dict[str, Any]:
    if frame.startswith(HANDS):
        return {"seat": json.JSONDecoder().raw_decode(frame, len(HANDS))[0]}
    return dict(json.loads(frame))


async def listen(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], took: list[float]
) -> None:
    """Hear one page's messages, and note how old each change is when it is here."""
    known: dict[str, int] = {}
    async with session.ws_connect(url, headers=headers, max_msg_size=0) as page:
        async for message in page:
            now, said = time.time() * 1000, read(message.data)
            for seat in [said["seat"]] if "seat" in said else said.get("seats", ()):
                since = seat.get("since") or 0
                if since > known.setdefault(seat["id"], since):
                    known[seat["id"]] = since
                    took.append(now - since)


async def paint(browser: Browser, origin: str, path: str, cookie: str) -> Page:
    """Open a page that notes what it paints. By the name for which a browser keeps secure cookies without TLS."""
    name, value = cookie.split("=", 1)
    context = await browser.new_context(
        viewport={"width": 1920, "height": 1080} if path == "/wall" else {"width": 1366, "height": 768},
        permissions=["microphone"],
        locale="zh-CN",
    )
    await context.add_cookies([{"name": name, "value": value, "url": origin.replace("http", "https", 1)}])
    await context.add_init_script(f"(() => {{{RECORDER}}})();")
    page = await context.new_page()
    await page.goto(origin + path)
    await page.wait_for_selector("[data-seat]" if path == "/wall" else "header.top .state")
    return page


@asynccontextmanager
async def opened(asked: dict[str, Any]) -> AsyncIterator[Took]:
    took, headers = Took(), {"Origin": asked["origin"]}
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as listening:
        if asked["real"]:
            playwright = await stack.enter_async_context(async_playwright())
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            stack.push_async_callback(browser.close)
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        )
        tasks = [
            listening.create_task(listen(session, asked["origin"] + path, headers | {"Cookie": cookie}, kept))
            for path, cookie in asked["simulated"]
            for kept in [took.boards if path == "/live/wall" else took.desks]
        ]
        took.pages += [
            (path == "/wall", await paint(browser, asked["origin"], path, cookie))
            for path, cookie in asked["real"]
        ]
        yield took
        for task in tasks:
            task.cancel()


def step_back() -> None:
    """Take the processor only when nobody else wants it; where sessions are given equal shares, this session, too."""
    os.nice(LOWEST)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(LOWEST))


@asynccontextmanager
async def browsers(
    origin: str, listening: Sequence[Where], painting: Sequence[Where]
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Start who only listens, with the lowest priority, and then the real pages."""
    started: list[asyncio.subprocess.Process] = []
    try:
        for simulated, real in ((listening, []), ([], painting)):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.boards",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=64 * 1024 * 1024,
                start_new_session=True,
            )  # fmt: skip
            started.append(child)
            assert child.stdin is not None
            assert child.stdout is not None
            asked = {"origin": origin.replace("127.0.0.1", "localhost"), "simulated": simulated, "real": real}
            child.stdin.write(json.dumps(asked).encode() + b"\n")
            async with asyncio.timeout(120):
                await child.stdout.readline()
        yield started
    finally:
        for child in started:
            assert child.stdin is not None
            child.stdin.close()
            await child.wait()


async def main() -> None:
    """Open all pages; answer each line with what was measured since the line before."""
    asked = json.loads(sys.stdin.readline())
    if asked["simulated"]:
        step_back()
    async with opened(asked) as took:
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(await took.told(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
