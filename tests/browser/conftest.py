"""One Chromium and one sample server for each module of page tests, and a page that forgives nothing.

Module scope on purpose: Playwright's blocking interface leaves its event loop marked as running in this thread, which
asynchronous tests of other modules would stumble over.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from storage.engine import Store
from tests.browser import sample_live
from tests.browser.sample_pages import SamplePages
from tests.chromium import CHROMIUM, FLAGS

OpenPage = Callable[..., Page]
AtDesk = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sample_server() -> Iterator[SamplePages]:
    server = SamplePages()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(sample_server: SamplePages) -> SamplePages:
    """The sample server, with nothing left of the test before."""
    sample_server.reset()
    return sample_server


@pytest.fixture
def open_page(chromium: Browser, server: SamplePages) -> Iterator[OpenPage]:
    """Makes pages; at the end of the test none of them may have complained about anything unexpected."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    server.reset()

    def make(width: int = 1366, height: int = 768, *, expected: str = "", **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            permissions=["microphone"],
            **{"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options},
        )
        contexts.append(context)
        page = context.new_page()

        def complain(text: str) -> None:
            if not expected or expected not in text:
                complaints.append(text)

        page.on(
            "console",
            lambda message: complain(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: complain(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def at_desk(open_page: OpenPage, server: SamplePages) -> AtDesk:
    """Opens the desk in one of its scenes; most of what an agent does is done in a talk."""

    def begin(
        scene: Callable[[SamplePages, Page], None] = sample_live.talking, *size: int, **options: Any
    ) -> Page:
        page = open_page(*size, **options)
        scene(server, page)
        return page

    return begin


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """A store for consoles that a browser meets: one database is enough, the pages are the same."""
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
async def chromium_async() -> AsyncIterator[AsyncBrowser]:
    """A Chromium for tests whose console runs in the same event loop."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()
