"""A microphone that is pulled out: the seat is out of use with clear words, takes no calls, and is back by itself."""

import pytest
from playwright.sync_api import expect

from tests.browser import sample_live
from tests.browser.conftest import OpenPage
from tests.browser.sample_pages import SamplePages
from tests.browser.watching import told, until

pytestmark = pytest.mark.browser

# What the browser says when a headset is pulled out of the machine, and plugged in again.
HEADSET = """{ const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); let there = true; let track;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!there) throw new DOMException('no', 'NotFoundError');
    const stream = await real(wanted);
    [track] = stream.getAudioTracks();
    return stream; };
  window.pullOut = () => { there = false; track.stop(); track.dispatchEvent(new Event('ended')); };
  window.plugIn = () => { there = true; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }; }"""


def test_a_seat_whose_microphone_is_pulled_out_tells_the_server_and_is_back_when_it_is(
    open_page: OpenPage, server: SamplePages
) -> None:
    page = open_page()
    page.add_init_script(HEADSET)
    sample_live.ready(server, page)
    until(page, lambda: told(server, "phone") and told(server, "phone")[-1]["mic"])
    page.evaluate("pullOut()")
    until(page, lambda: not told(server, "phone")[-1]["mic"])
    server.push(sample_live.desk("disabled", reason="no_mic", ready_again=True))
    expect(page.get_by_text("没有找到麦克风").first).to_be_visible()
    expect(page.get_by_text("也不算未接")).to_be_visible()
    page.evaluate("plugIn()")
    until(page, lambda: told(server, "phone")[-1]["mic"])
    expect(page.get_by_text("麦克风已就绪")).to_be_visible()
