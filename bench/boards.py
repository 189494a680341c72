"""The browsers of bench/fanout.py, in a process of their own: many that only listen, and a few real ones that paint."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from tests.chromium import CHROMIUM, FLAGS

HANDS = '{"seat": '
"""How the naive loop begins a whole picture: what follows the seat needs no reading, a browser would share that work."""

# Runs in the page before its own scripts. A change is painted when its frame is on the screen: the task after the frame
# in which the page shows the seat in the state that was told. What is told before that counts from the first word.
RECORDER = """
window.__painted = [];
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
    if (!whole && !first) open.set(seat.id, { since: open.get(seat.id)?.since ?? seat.since, state: seat.state });
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
    """Milliseconds from the change until it was heard, and until it was painted."""

    boards: list[float] = field(default_factory=list)
    desks: list[float] = field(default_factory=list)
    pages: list[tuple[bool, Page]] = field(default_factory=list)

    async def told(self) -> str:
        painted: dict[bool, list[float]] = {True: [], False: []}
        for is_board, page in self.pages:
            painted[is_board] += await page.evaluate("window.__painted.splice(0)")
        line = json.dumps([self.boards, painted[True], self.desks, painted[False]])
        self.boards.clear()
        self.desks.clear()
        return line


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


async def main() -> None:
    """Open all pages; answer each line with what was measured since the line before."""
    async with opened(json.loads(sys.stdin.readline())) as took:
        print("ready", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(await took.told(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
