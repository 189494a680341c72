"""K-01, K-05 on both databases: kiosks have an identity, are locked from afar, and take cases of their community."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from cases.workflow import Role
from storage import kiosks
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.kiosks import Kiosk, KioskForm, Listed, Report
from storage.people import Actor
from storage.steps import NotForYou
from tests.makers import AGENT, MORNING, RULES, later
from tests.storage.walks import view

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")
ZONE = ZoneInfo("Asia/Shanghai")
FORM = KioskForm(id="aofeng-1", name="鳌峰社区一号", address="榕东区鳌峰社区服务站")
HERE = Kiosk(FORM.id, FORM.name, FORM.address)


def add(store: Store, form: KioskForm = FORM, by: Actor = ADMIN) -> str:
    return store.write_now(lambda conn: kiosks.add(conn, form, by=by, at=MORNING))


def known(store: Store, token: str) -> Kiosk | None:
    return store.read_now(lambda conn: kiosks.known(conn, token))


def listed(store: Store, **span: float) -> list[Listed]:
    return store.read_now(lambda conn: kiosks.kiosks(conn, at=later(**span), zone=ZONE))


def report(store: Store, sent: Report, key: str = "k1") -> Any:
    return store.write_now(lambda conn: kiosks.report(conn, HERE, sent, key=key, at=MORNING, rules=RULES))


def test_k_01_a_kiosk_is_known_by_its_token_until_it_is_locked(store: Store) -> None:
    token = add(store)
    assert known(store, token) == HERE
    assert [known(store, wrong) for wrong in ("", token[:-1], "\ud800")] == [None] * 3
    store.write_now(lambda conn: kiosks.disable(conn, FORM.id, by=ADMIN, at=MORNING))
    assert known(store, token) is None
    newer = store.write_now(lambda conn: kiosks.renew(conn, FORM.id, by=ADMIN, at=MORNING))
    assert (known(store, token), known(store, newer)) == (None, HERE)


def test_k_01_only_administrators_keep_kiosks_and_each_has_a_name_of_its_own(store: Store) -> None:
    add(store)
    with pytest.raises(Conflict):
        add(store)
    with pytest.raises(NotForYou):
        add(store, by=AGENT)
    with pytest.raises(Invalid):
        add(store, KioskForm(id="鳌峰", name="鳌峰", address="鳌峰"))
    with pytest.raises(Missing):
        store.write_now(lambda conn: kiosks.disable(conn, "nowhere", by=ADMIN, at=MORNING))


def test_k_01_silent_kiosks_stand_first_in_the_list(store: Store) -> None:
    for number in (1, 2, 3):
        add(store, KioskForm(id=f"k-{number}", name=f"{number}号", address="鳌峰社区"))
    for name in ("k-1", "k-3"):
        store.write_now(lambda conn, name=name: kiosks.alive(conn, name, at=MORNING))  # type: ignore[misc]
    assert [(one.id, one.silent(later(minutes=2))) for one in listed(store, minutes=2)] == [
        ("k-2", True),
        ("k-1", False),
        ("k-3", False),
    ]
    assert all(one.silent(later(minutes=4)) for one in listed(store, minutes=4))


def test_k_05_what_is_filed_at_a_kiosk_says_so_and_happened_in_its_community(store: Store) -> None:
    add(store)
    made = report(store, Report(category="0105", place="3号楼前"))
    case = view(store, made.no)
    assert (case.channel, case.address) == ("kiosk", "榕东区鳌峰社区服务站 3号楼前")
    assert case.reply_way == "无需回复"
    assert case.events[0].actor == "kiosk:aofeng-1"
    again = report(store, Report(category="0105", place="3号楼前"))
    assert (again.no, again.again) == (made.no, True)
    assert listed(store)[0].reports == 1


@pytest.mark.parametrize(
    "sent",
    [
        Report(category="01"),
        Report(category=""),
        Report(category="0105", number="abc"),
        Report(category="0105", words="字" * 10_001),
    ],
)
def test_k_05_a_case_needs_a_matter_and_what_is_filled_in_must_be_possible(
    store: Store, sent: Report
) -> None:
    add(store)
    with pytest.raises(Invalid):
        report(store, sent)


def test_uses_are_counted_by_day_and_by_nothing_else(store: Store) -> None:
    add(store)
    for days in (0, 0, 1):
        store.write_now(
            lambda conn, days=days: kiosks.used(conn, FORM.id, "visit", at=later(days=days), zone=ZONE)  # type: ignore[misc]
        )
    assert listed(store, days=1)[0].visits == 3
    assert listed(store, days=30)[0].visits == 0
    rows = store.read_now(lambda conn: conn.execute(text("SELECT * FROM kiosk_day")).keys())
    assert list(rows) == ["kiosk", "day", "what", "times"]
