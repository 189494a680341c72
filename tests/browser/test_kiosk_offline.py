"""K-01 with a real Chromium, the real console and a cable that is pulled: nothing filed is lost, nothing is doubled."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from storage import kiosks
from storage.engine import Store
from tests.console.test_kiosk_pages import ADMIN, FORM
from tests.console.world import World, world_of

pytestmark = pytest.mark.browser

KEPT = """async () => { const {all} = await import('/static/js/kiosk-kept.js'); return JSON.stringify(await all()); }"""
NOTHING = """async () => { const {count} = await import('/static/js/kiosk-kept.js'); return await count() === 0; }"""
WORKS = """async () => { await navigator.serviceWorker.ready;
  return navigator.serviceWorker.controller !== null && await caches.match('/kiosk/offline') !== undefined; }"""


@pytest.fixture
def store_of_one(sqlite_url: str) -> Iterator[Store]:
    """What databases do with these cases is tested elsewhere on both of them."""
    store = Store.open(sqlite_url)
    yield store
    store.close()


class Cable:
    """Between browser and console: whole, pulled out, or so torn that the answer is lost on its way back."""

    def __init__(self, port: int) -> None:
        self.console = port
        self.port = 0
        self.whole = True
        self.tears_at = b""
        """A request that begins so arrives; its answer does not."""
        self._torn = False
        self._open: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    async def lay(self) -> asyncio.Server:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def pull(self) -> None:
        self.whole = False
        for end in [*self._open]:
            end.transport.abort()

    def mend(self) -> None:
        self.whole, self._torn, self.tears_at = True, False, b""

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.console)
        self._open |= {writer, back}
        ways = (self._pass(reader, back, there=True), self._pass(there, writer, there=False))
        with suppress(ConnectionError):
            await asyncio.gather(*ways)
        self._open -= {writer, back}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, there: bool) -> None:
        with suppress(ConnectionError):
            while piece := await source.read(65_536):
                if there and self.tears_at and piece.startswith(self.tears_at):
                    self._torn = True
                elif not there and self._torn:
                    self.pull()
                    return
                sink.write(piece)
                await sink.drain()
        sink.transport.abort()


@asynccontextmanager
async def at_a_kiosk(world: World, browser: Browser) -> AsyncIterator[tuple[Page, Cable]]:
    """A kiosk that is set up and has kept its page for the time without a network."""
    token = await world.store.write(lambda conn: kiosks.add(conn, FORM, by=ADMIN, at=world.clock()))
    cable = Cable(world.server.port or 0)
    server = await cable.lay()
    context = await browser.new_context(viewport={"width": 1080, "height": 1920}, locale="zh-CN")
    page = await context.new_page()
    try:
        await page.goto(f"http://localhost:{cable.port}/kiosk")
        await page.fill("#token", token)
        await page.get_by_role("button", name="登记").click()
        await expect(page.get_by_role("heading", name="您好，请选择")).to_be_visible()
        await page.wait_for_function(WORKS, timeout=20_000)
        yield page, cable
    finally:
        await context.close()
        cable.pull()
        server.close()


async def fill(page: Page, words: str) -> None:
    await page.locator("summary", has_text="城乡建设").click()
    await page.locator("label.pick", has_text="道路井盖").click()
    await page.fill("#words", words)
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("heading", name="已保存")).to_be_visible()


async def contents(world: World) -> list[str]:
    rows = 'SELECT case_text.text FROM kiosk_case JOIN case_text ON case_text."case" = kiosk_case."case"'
    return await world.store.read(lambda conn: [str(row[0]) for row in conn.execute(text(rows))])


async def filed(world: World, wanted: int) -> list[str]:
    """Wait until the store has so many."""
    found = await contents(world)
    for _ in range(400):
        if len(found) >= wanted:
            break
        await asyncio.sleep(0.05)
        found = await contents(world)
    return found


async def kept_by(page: Page) -> list[dict[str, Any]]:
    return list(json.loads(await page.evaluate(KEPT)))


async def test_k_01_without_a_network_a_kiosk_keeps_what_is_filed_sealed_and_sends_it_once_when_it_is_back(
    chromium_async: Browser, store_of_one: Store
) -> None:
    async with (
        world_of(store_of_one, seal=b"a key") as world,
        at_a_kiosk(world, chromium_async) as (page, cable),
    ):
        cable.pull()
        await page.goto(f"http://localhost:{cable.port}/kiosk/report")
        await expect(page.get_by_role("heading", name="网络中断")).to_be_visible()
        await fill(page, "井盖碎了,王小明摔伤")
        await page.goto(f"http://localhost:{cable.port}/kiosk/report")
        await fill(page, "第二件")
        slip = (await page.locator("[data-slip-number]").inner_text()).replace(" ", "")
        kept = await kept_by(page)
        assert len(kept) == 2
        # The next visitor finds nothing of it, neither on the page nor in what the browser keeps.
        assert "井盖" not in json.dumps(kept, ensure_ascii=False)
        assert await page.input_value("#words") == ""
        cable.mend()
        await page.evaluate("dispatchEvent(new Event('online'))")
        found = await filed(world, 2)
        assert "王小明摔伤" in "".join(found)
        assert f"暂存号 {slip}" in "".join(found)
        await page.wait_for_function(NOTHING, timeout=20_000)
        assert len(await contents(world)) == 2


async def test_k_01_when_only_the_answer_is_lost_the_case_is_filed_once_all_the_same(
    chromium_async: Browser, store_of_one: Store
) -> None:
    async with (
        world_of(store_of_one, seal=b"a key") as world,
        at_a_kiosk(world, chromium_async) as (page, cable),
    ):
        await page.goto(f"http://localhost:{cable.port}/kiosk/report?matter=0105")
        await page.fill("#words", "答复丢在路上")
        cable.tears_at = b"POST /kiosk/report"
        await page.get_by_role("button", name="提交").click()
        await expect(page.get_by_role("heading", name="已保存")).to_be_visible(timeout=30_000)
        assert len(await filed(world, 1)) == 1
        cable.mend()
        await page.evaluate("dispatchEvent(new Event('online'))")
        await page.wait_for_function(NOTHING, timeout=20_000)
        assert len(await contents(world)) == 1


async def test_k_01_a_locked_kiosk_forgets_its_page_for_the_time_without_a_network(
    chromium_async: Browser, store_of_one: Store
) -> None:
    async with (
        world_of(store_of_one, seal=b"a key") as world,
        at_a_kiosk(world, chromium_async) as (page, _),
    ):
        await world.store.write(lambda conn: kiosks.disable(conn, FORM.id, by=ADMIN, at=world.clock()))
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page.get_by_role("heading", name="本终端暂停服务")).to_be_visible(timeout=20_000)
        await page.wait_for_function("async () => (await caches.keys()).length === 0", timeout=20_000)
