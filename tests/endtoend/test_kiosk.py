"""K-02: who stands before a kiosk talks to an agent by a touch, without a number, and the kiosk forgets him."""

import re
import time
from datetime import UTC, datetime

from playwright.async_api import expect
from sqlalchemy import text

from cases.workflow import Role
from storage import kiosks
from storage.kiosks import KioskForm
from storage.people import Actor
from tests.endtoend.people import AGENT_HERTZ, Street
from tests.sip import eventually
from tests.town import Town

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")
TALK = "SELECT id, ended_at, end_reason, number FROM call WHERE seat = 's1008' ORDER BY offered_at DESC"


def a_kiosk(town: Town) -> str:
    """Enter a kiosk of this scenario's own, and return its token."""
    form = KioskForm(id=f"k-{time.time_ns()}", name="鳌峰社区一号", address="榕东区鳌峰社区服务站")
    store = town.store()
    try:
        return store.write_now(lambda conn: kiosks.add(conn, form, by=ADMIN, at=datetime.now(UTC)))
    finally:
        store.close()


def talks(town: Town) -> list[tuple[object, ...]]:
    store = town.store()
    try:
        return store.read_now(lambda conn: [tuple(row) for row in conn.execute(text(TALK))])
    finally:
        store.close()


async def test_k_02_a_touch_at_a_kiosk_leads_to_a_person_and_leaves_no_number(street: Street) -> None:
    before = {talk[0] for talk in talks(street.town)}
    kiosk, desk = await street.page(), await street.agent("1008")
    await kiosk.page.goto(f"{street.town.url}/kiosk")
    await kiosk.page.fill("#token", a_kiosk(street.town))
    await kiosk.page.get_by_role("button", name="登记").click()
    await kiosk.page.get_by_role("button", name="呼叫人工").click()
    await kiosk.page.wait_for_url("**/kiosk/call")
    await kiosk.page.goto(f"{street.town.url}/kiosk/call?debug=1")
    await kiosk.page.get_by_role("button", name="拨打 12345").click()
    await desk.shows("振铃", 30)
    await desk.answers()
    await kiosk.hears(AGENT_HERTZ)
    await desk.hears(AGENT_HERTZ)  # the browser's microphone is the same for both
    await kiosk.page.get_by_role("button", name="挂断").click()
    await desk.finishes("当场答复")

    def over() -> tuple[object, ...] | None:
        return next((talk for talk in talks(street.town) if talk[0] not in before and talk[1]), None)

    talk = await eventually(over, 20, "the talk is not over")
    assert talk is not None
    assert talk[2] == "caller_hung_up"
    assert talk[3] in {"", None, "anonymous"}
    await kiosk.page.get_by_role("link", name="返回首页").click()
    await expect(kiosk.page).to_have_url(re.compile(r"/kiosk$"))
